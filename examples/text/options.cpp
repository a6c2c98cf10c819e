#include "options.hpp"

#include <CLI/CLI.hpp>
#include <charconv>
#include <limits>

namespace {

/// Refuses what is no number from low to high, in words: CLI's own check lets NaN and the negative of an unsigned pass.
template <class T> auto between(T low, T high, std::string words) {
  return [low, high, words](const std::string& text) -> std::string {
    T x{};
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, x);
    if (error == std::errc() && rest == end && x >= low && x <= high) return "";
    return "'" + text + "' is not " + words;
  };
}

void add_training(CLI::App& app, Options& o) {
  const auto count = between(1L, 1'000'000L, "a whole number from 1 to 1000000");
  app.add_option("--model", o.model, "gpt: a transformer of 4 blocks\nlstm: two layers of long short-term memory")
      ->check(CLI::IsMember({"gpt", "lstm"}).description(""))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--text", o.text, "A text to learn, UTF-8, may be packed by gzip, instead of Moby-Dick")
      ->check(CLI::ExistingFile.description(""))
      ->type_name("FILE");
  app.add_option("--steps", o.steps, "Training steps")->check(count)->type_name("N")->capture_default_str();
  app.add_option("--batch-size", o.batch_size, "Pieces of 128 characters in one training step")
      ->check(count)
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--every", o.every, "Steps from one look at the held-out text to the next")
      ->check(count)
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--learning-rate", o.learning_rate, "Of Adam after 100 steps; then falls to a tenth along a cosine")
      ->check(between(0.0, std::numeric_limits<double>::max(), "a finite number from 0 on"))
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--seed", o.seed, "The same seed gives the same network")
      ->check(between(std::uint64_t{0}, ~std::uint64_t{0}, "a whole number from 0 to 18446744073709551615"))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--threads", o.threads, "0: one for each processor")
      ->check(between(0, 4096, "a whole number from 0 to 4096"))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--out", o.out, "Folder to write curves.csv and curves.svg to")
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR")
      ->capture_default_str()
      ->take_last();
  app.add_option("--checkpoint", o.checkpoint,
                 "Save all of the training here after each round of --every steps, and at Ctrl-C")
      ->type_name("FILE");
  app.add_option("--resume", o.resume, "Go on from what --checkpoint saved; the other options should be as before")
      ->check(CLI::ExistingFile.description(""))
      ->type_name("FILE");
}
void add_generation(CLI::App& app, Options& o) {
  app.add_option("--generate", o.generate, "Characters to write at the end")
      ->check(between(0L, 1'000'000L, "a whole number from 0 to 1000000"))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--prompt", o.prompt, "What they go on from")->type_name("TEXT")->capture_default_str();
  app.add_option("--temperature", o.temperature, "Below 1 bolder guesses are rarer; 0: always the likeliest character")
      ->check(between(0.0, 100.0, "a number from 0 to 100"))
      ->type_name("X")
      ->capture_default_str();
  app.add_option("--top-k", o.top_k, "Choose among this many likeliest characters; 0: among all")
      ->check(between(0L, 1000L, "a whole number from 0 to 1000"))
      ->type_name("N")
      ->capture_default_str();
}

}  // namespace

Options parse_options(int argc, char** argv) {
  Options o;
  CLI::App app("Learns to write a text character by character, and shows how well it guesses and what it writes.");
  app.name("example_text");
  add_training(app, o);
  add_generation(app, o);
  app.footer("Ctrl-C stops after the current step and reports; a second Ctrl-C ends the program at once.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::exit(app.exit(help));
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "example_text: %s; see --help\n", error.what());
    std::exit(1);
  }
  return o;
}
