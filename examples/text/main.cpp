// Learns to write Moby-Dick, or another text, character by character: a small transformer (default) or an LSTM.
//   sh examples/run.sh text            sh examples/run.sh text --model lstm            sh examples/run.sh text --help
// TEST: --steps 20 --every 10 --batch-size 4 --generate 40 --seed 1 --out .
// TEST: --model lstm --steps 20 --every 10 --batch-size 4 --generate 40 --top-k 5 --out .
// TEST: --help
#include <cstdio>
#include <exception>

#include "learn.hpp"
#include "tenon/simd/build_info.hpp"

#if defined(_OPENMP)
#include <omp.h>
#endif

namespace {

void set_threads([[maybe_unused]] int threads) {
#if defined(_OPENMP)
  if (threads > 0) omp_set_num_threads(threads);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = parse_options(argc, argv);
  try {
    set_threads(options.threads);
    std::printf("tenon    %s\n", tenon::to_string(tenon::build_info()).c_str());
    const Text text = load_text(options.text);
    std::printf("text     %s: %zu characters to learn, %zu held out, an alphabet of %zu\n", text.title.c_str(),
                text.train.size(), text.held_out.size(), text.alphabet.characters.size() - 1);
    if (options.model == "lstm") learn_lstm(text, options);
    else learn_gpt(text, options);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "example_text: %s\n", error.what());
    return 1;
  }
  return 0;
}
