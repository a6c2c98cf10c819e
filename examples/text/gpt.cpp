#include "training.hpp"

void learn_gpt(const Text& text, const Options& options) {
  learn<Gpt>("transformer of 4 blocks with 4 heads, 128 features", text, options);
}
