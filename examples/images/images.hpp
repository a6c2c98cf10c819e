// The images that the program learns from.
#pragma once

#include <string>
#include <vector>

#include "tenon/data/dataset.hpp"

/// Pixels have mean 0 and deviation 1 over the training images; pixel * deviation + mean is in [0, 1], 1 is white.
/// The number of pixels is one of run time, so that one program, compiled once, learns from every set.
struct Images {
  using Set = tenon::data::Dataset<tenon::Tensor<float, tenon::dyn, tenon::dyn>>;
  using Part = tenon::data::Subset<tenon::Tensor<float, tenon::dyn, tenon::dyn>, tenon::data::Labels>;
  std::string title;
  std::vector<std::string> classes;
  float mean, deviation;
  std::vector<Set> sets;  ///< what the parts borrow from
  Part train, validation, test;
};

/// The digits of this repository, or of another folder: a fifth is held out for the test, a tenth for validation.
Images load_digits(const std::string& folder, tenon::Rng& rng);
/// Fashion-MNIST: its own 10000 test images; 5000 of the 60000 others for validation. Files may be packed by gzip or
/// not.
Images load_fashion(const std::string& folder, tenon::Rng& rng);
