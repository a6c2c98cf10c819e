#include "training.hpp"

void learn_lstm(const Text& text, const Options& options) {
  learn<Lstm>("two layers of 256 cells of long short-term memory", text, options);
}
