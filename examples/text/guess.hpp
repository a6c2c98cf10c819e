// Which character comes next, from a network's logits.
#pragma once

#include <cstdint>
#include <string>

#include "tenon/base/random.hpp"

struct Guess {
  double temperature;
  long top_k;             ///< 0: all
  tenon::Index alphabet;  ///< logits 0 .. alphabet - 1 are characters that can be written

  /// Draws one character, in proportion to exp(logit / temperature) among the top_k likeliest.
  std::int32_t operator()(const float* logits, tenon::Rng& rng) const;
};

/// Line breaks become spaces.
std::string one_line(std::string text);
