// The convolutional networks: --model lenet and --model cnn.
#pragma once

#include "images.hpp"
#include "options.hpp"

/// Trains the one that the options name, and reports.
void run_convolution(const Images<784>& data, const Options& options, tenon::Rng& rng);
