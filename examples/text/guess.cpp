#include "guess.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

std::int32_t Guess::operator()(const float* logits, tenon::Rng& rng) const {
  const float* likeliest = std::max_element(logits, logits + alphabet);
  if (temperature == 0) return static_cast<std::int32_t>(likeliest - logits);
  float least = -HUGE_VALF;
  if (top_k > 0 && top_k < alphabet) {
    std::vector<float> sorted(logits, logits + alphabet);
    std::nth_element(sorted.begin(), sorted.begin() + (top_k - 1), sorted.end(), std::greater<>());
    least = sorted[static_cast<std::size_t>(top_k - 1)];
  }
  std::vector<double> sums;
  double sum = 0;
  for (const float* p = logits; p != logits + alphabet; ++p) {
    if (*p >= least) sum += std::exp(static_cast<double>(*p - *likeliest) / temperature);
    sums.push_back(sum);
  }
  const double drawn = rng.uniform<double>() * sum;
  const auto at = std::upper_bound(sums.begin(), sums.end() - 1, drawn);
  return static_cast<std::int32_t>(at - sums.begin());
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}
