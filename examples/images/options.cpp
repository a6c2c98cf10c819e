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

}  // namespace

Options parse_options(int argc, char** argv) {
  Options o;
  CLI::App app(
      "Trains a small network on images of hand-written digits or of clothes, then shows what it has learned.");
  app.name("example_images");
  const auto count = between(1L, 1'000'000L, "a whole number from 1 to 1000000");
  app.add_option("dataset", o.dataset,
                 "digits: 1797 images of 8 x 8 pixels, part of this repository\n"
                 "fashion: Fashion-MNIST, 70000 images of 28 x 28 pixels")
      ->check(CLI::IsMember({"digits", "fashion"}).description(""))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--model", o.model,
                 "mlp: dense layers\n"
                 "lenet: LeNet-5, for fashion\n"
                 "cnn: 32 and 64 channels of 3 x 3, for fashion")
      ->check(CLI::IsMember({"mlp", "lenet", "cnn"}).description(""))
      ->type_name("NAME")
      ->capture_default_str();
  app.add_option("--epochs", o.epochs,
                 "How often each training image is seen [30 for digits; for fashion 10, lenet 15, cnn 3]")
      ->check(count)
      ->type_name("N");
  app.add_option("--batch-size", o.batch_size, "Images in one training step")
      ->check(count)
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--learning-rate", o.learning_rate, "Of Adam at the start; falls to 0 along a cosine")
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
  app.add_option("--data", o.data, "Folder with the files, instead of the usual one")
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR");
  app.add_option("--out", o.out, "Folder to write curves.csv and curves.svg to")
      ->check(CLI::ExistingDirectory.description(""))
      ->type_name("DIR")
      ->capture_default_str()
      ->take_last();
  app.add_option("--checkpoint", o.checkpoint, "Save all of the training here after each epoch, and at Ctrl-C")
      ->type_name("FILE");
  app.add_option("--resume", o.resume, "Go on from what --checkpoint saved; the other options should be as before")
      ->check(CLI::ExistingFile.description(""))
      ->type_name("FILE");
  app.footer("Ctrl-C stops after the current step and reports; a second Ctrl-C ends the program at once.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp& help) {
    std::exit(app.exit(help));
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "example_images: %s; see --help\n", error.what());
    std::exit(1);
  }
  if (o.model != "mlp" && !o.fashion()) {
    std::fprintf(stderr, "example_images: --model %s wants images of 28 x 28 pixels: fashion; see --help\n",
                 o.model.c_str());
    std::exit(1);
  }
  if (o.epochs == 0) o.epochs = !o.fashion() ? 30 : o.model == "lenet" ? 15 : o.model == "cnn" ? 3 : 10;
  return o;
}
