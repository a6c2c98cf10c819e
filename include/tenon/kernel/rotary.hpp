// Rotary position embedding: pairs of elements turned by an angle that grows with the position.
#pragma once

#include <cmath>

#include "tenon/base/dual.hpp"
#include "tenon/shape/span.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// How rows of `columns` elements, row r at position start + r mod time, are turned: they are heads of `dim` elements
/// (even), the first `heads` of which turn; the rest of a row stays.
struct Rotary {
  Index time, columns, dim, heads;
  bool halves;  ///< pair i is elements i and i + dim / 2 of a head; else 2 i and 2 i + 1

  Index table_size() const { return time * dim; }
};

/// table[t][i] = cos, table[t][dim / 2 + i] = sin of the angle (start + t) base^(-2 i / dim).
template <class T> void rotary_table(const Rotary& r, double base, Index start, T* table) noexcept {
  const Index half = r.dim / 2;
  for (Index i = 0; i < half; ++i) {
    const double speed = std::pow(base, -2 * static_cast<double>(i) / static_cast<double>(r.dim));
    for (Index t = 0; t < r.time; ++t) {
      const double angle = static_cast<double>(start + t) * speed;
      table[t * r.dim + i] = static_cast<T>(std::cos(angle));
      table[t * r.dim + half + i] = static_cast<T>(std::sin(angle));
    }
  }
}

/// Rows first .. last of y (+)= x turned; backwards: by minus the angle. Add is a constant, so that the loops are plain.
template <bool Add, class T, class Real>
void rotate_rows(const Rotary& r, const Real* table, bool backwards, const T* x, T* y, Index first,
                 Index last) noexcept {
  const Index half = r.dim / 2, step = r.halves ? 1 : 2, other = r.halves ? half : 1;
  const Real sign = backwards ? Real(-1) : Real(1);
  const auto put = [](T& to, T value) { to = Add ? to + value : value; };
  for (Index row = first; row < last; ++row) {
    const Real *cosine = table + row % r.time * r.dim, *sine = cosine + half;
    const T* from = x + row * r.columns;
    T* to = y + row * r.columns;
    for (Index h = 0; h < r.heads; ++h, from += r.dim, to += r.dim)
      for (Index i = 0; i < half; ++i) {
        const T a = from[i * step], b = from[i * step + other], c(cosine[i]), s(sign * sine[i]);
        put(to[i * step], a * c - b * s);
        put(to[i * step + other], a * s + b * c);
      }
    for (Index i = 0; i < r.columns - r.heads * r.dim; ++i) put(to[i], from[i]);
  }
}

}  // namespace tenon::inline TENON_ABI::kernel
