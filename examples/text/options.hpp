// What the program was told on its command line.
#pragma once

#include <cstdint>
#include <string>

struct Options {
  std::string model = "gpt";       ///< or "lstm"
  std::string text;                ///< a file; empty: Moby-Dick, in the repository
  std::string out = ".";           ///< folder for the curves
  std::string checkpoint, resume;  ///< files to save to, and to go on from; empty: none
  long steps = 3000, batch_size = 16, every = 250;
  double learning_rate = 2e-3;
  std::uint64_t seed = 42;
  int threads = 0;      ///< 0: as many as there are
  long generate = 600;  ///< characters at the end
  std::string prompt = "The whale";
  double temperature = 0.8;
  long top_k = 0;  ///< choose among the k likeliest characters only; 0: among all
};

/// Prints help and ends the program for --help; prints one line and ends it with status 1 for what cannot be
/// understood.
Options parse_options(int argc, char** argv);
