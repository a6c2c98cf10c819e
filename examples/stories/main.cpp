// Tells a story by a small trained transformer of the Llama kind, from two files in llama2.c's format, which are not part
// of this repository: stories260K.bin and tok512.bin, or larger ones (https://github.com/karpathy/llama2.c).
//   sh examples/run.sh stories stories260K.bin tok512.bin --prompt 'One day, Lily met'
// TEST: --help
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>

#include "llama.hpp"
#include "tenon/base/random.hpp"
#include "tenon/train/progress.hpp"
#include "tokenizer.hpp"

namespace {

struct Options {
  std::string model, tokenizer, prompt;
  long steps = 200;
  double temperature = 0;
  std::uint64_t seed = 42;
};

/// One token in proportion to exp(logit / temperature); the likeliest when that is 0.
std::int32_t choose(const std::vector<float>& logits, double temperature, tenon::Rng& rng) {
  const auto most = std::max_element(logits.begin(), logits.end());
  if (temperature == 0) return static_cast<std::int32_t>(most - logits.begin());
  std::vector<double> sums;
  for (const float x : logits)
    sums.push_back((sums.empty() ? 0 : sums.back()) + std::exp(static_cast<double>(x - *most) / temperature));
  const auto at = std::upper_bound(sums.begin(), sums.end() - 1, rng.uniform<double>() * sums.back());
  return static_cast<std::int32_t>(at - sums.begin());
}

void tell(const Options& options) {
  const Llama model(options.model);
  const Tokenizer tokenizer(options.tokenizer, model.sizes().vocabulary);
  auto tokens = tokenizer.encode(options.prompt);
  for (std::size_t i = 1; i < tokens.size(); ++i)
    std::fputs(tokenizer.decode(tokens[i - 1], tokens[i]).c_str(), stdout);
  tenon::Arena arena;
  tenon::Rng rng(options.seed);
  const double begin = tenon::train::monotonic_seconds();
  long said = 0;
  while (said < options.steps && static_cast<std::int32_t>(tokens.size()) < model.sizes().longest) {
    const std::int32_t token = choose(model.next(tokens, arena), options.temperature, rng);
    if (token == Tokenizer::start || token == Tokenizer::end) break;
    std::fputs(tokenizer.decode(tokens.back(), token).c_str(), stdout);
    std::fflush(stdout);
    tokens.push_back(token);
    ++said;
  }
  std::printf("\n\n%ld tokens, %.0f a second\n", said,
              static_cast<double>(said) / (tenon::train::monotonic_seconds() - begin));
}

}  // namespace

int main(int argc, char** argv) {
  Options o;
  CLI::App app("Tells a story by a small trained transformer.");
  app.name("example_stories");
  app.add_option("model", o.model, "Weights, as llama2.c writes them")->required()->type_name("FILE");
  app.add_option("tokenizer", o.tokenizer, "Its tokens")->required()->type_name("FILE");
  app.add_option("--prompt", o.prompt, "How the story begins")->type_name("TEXT");
  app.add_option("--steps", o.steps, "Tokens at most")->check(CLI::Range(1L, 1000000L))->capture_default_str();
  app.add_option("--temperature", o.temperature, "0: always the likeliest token")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  app.add_option("--seed", o.seed, "The same seed tells the same story")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  try {
    tell(o);
  } catch (const std::exception& error) {
    std::fflush(stdout);
    std::fprintf(stderr, "example_stories: %s\n", error.what());
    return 1;
  }
  return 0;
}
