// Inputs that every contender of a case receives: the same numbers for the same seed, whatever the machine.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace bench {

/// `n` numbers in [low, high), from a splitmix64 sequence (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014).
template <class T> std::vector<T> uniform(long n, std::uint64_t seed, double low, double high) {
  std::vector<T> x(static_cast<std::size_t>(n));
  std::uint64_t state = seed * 0x9e3779b97f4a7c15u;
  for (T& element : x) {
    std::uint64_t z = (state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    element = static_cast<T>(low + (high - low) * static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53);
  }
  return x;
}

/// Elements of a matrix in the order of its storage.
template <class Values, class Matrix> void append(Values& values, const Matrix& m) {
  for (long i = 0; i < m.size(); ++i) values.push_back(static_cast<typename Values::value_type>(m.data()[i]));
}

/// Weights in +-sqrt(1 / fan_in), biases likewise, layer by layer: the same for every net with the same sizes.
template <class Net> void fill_parameters(Net& net, std::uint64_t seed) {
  net.parameters([&seed](auto& weight, auto& bias) {
    const double bound = std::sqrt(1.0 / static_cast<double>(weight.rows()));
    for (auto fill : {false, true}) {
      auto* data = fill ? bias.data() : weight.data();
      const auto values = uniform<double>(fill ? bias.size() : weight.size(), seed++, -bound, bound);
      for (std::size_t i = 0; i < values.size(); ++i)
        data[i] = static_cast<std::remove_reference_t<decltype(data[i])>>(values[i]);
    }
  });
}

}  // namespace bench
