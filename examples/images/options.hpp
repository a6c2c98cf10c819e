// What the program was told on its command line.
#pragma once

#include <cstdint>
#include <string>

struct Options {
  std::string dataset = "digits";  ///< or "fashion"
  std::string model = "mlp";       ///< or "lenet", "cnn"
  std::string data;                ///< folder with the files; empty: the usual one
  std::string out = ".";           ///< folder for the curves
  std::string checkpoint, resume;  ///< files to save to, and to go on from; empty: none
  long epochs = 0, batch_size = 64;
  double learning_rate = 2e-3;
  std::uint64_t seed = 42;
  int threads = 0;  ///< 0: as many as there are

  bool fashion() const { return dataset == "fashion"; }
};

/// Prints help and ends the program for --help; prints one line and ends it with status 1 for what cannot be
/// understood.
Options parse_options(int argc, char** argv);
