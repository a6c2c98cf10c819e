// Convolution by filters of one tap, one pixel apart: matrix products of what lies in memory, with nothing copied.
#pragma once

#include "tenon/kernel/conv_pack.hpp"
#include "tenon/kernel/gemm.hpp"

namespace tenon::inline TENON_ABI::kernel {

/// Whether output pixel (p, q) meets nothing but pixel (p, q) of images with `height` rows.
constexpr bool is_pointwise(const ConvWindow& w, Index height, Index width) {
  return w.taps_size() == 1 && w.stride[0] == 1 && w.stride[1] == 1 && w.first[0] == 0 && w.first[1] == 0 &&
         w.outputs[0] == height && w.outputs[1] == width;
}
/// Whether the rows of each plane follow one another without gaps.
template <class T> constexpr bool has_dense_planes(const Span<T, 4>& s) {
  return s.stride[3] == 1 && s.stride[2] == s.extent[3];
}

/// y (outputs, height, width) = or += w (outputs, channels) x (channels, height, width), dense planes.
template <class T> struct PointTiles {
  static constexpr Index lanes = simd::Batch<T>::size;
  Index outputs, channels, height, width;

  /// Rows at a time: so many columns that gemm takes them whole, and tells of whole rows.
  Index rows() const {
    const Index most = width > 0 ? BlockShape<T>::most_columns / width : 1;
    return most < 1 ? 1 : smaller(most, height);
  }
  /// Time for a row of pixels, in multiply-adds of vectors.
  Index cost() const {
    return outputs * (channels * 21 / 20 + 3) * ((height * width + lanes - 1) / lanes) / (height > 0 ? height : 1);
  }
  Index scratch_bytes() const { return gemm_scratch_bytes<T>(outputs, rows() * width, channels); }

  /// Planes of x and y `x_plane` and `y_plane` apart; done is told of rows of y, of which the first has number `row`.
  void run(Matrix<const T> w, const T* x, Index x_plane, T* y, Index y_plane, bool add, std::byte* scratch, Index row,
           const BlockDone& done) const {
    const Index most = rows();
    for (Index p = 0; p < height; p += most) {
      const Index n = smaller(most, height - p), columns = n * width;
      Index told = 0;
      const auto tell = [&](Index first, Index count) {
        told += count;
        if (n == height) return done(row + first * height, 0, count * height, width);
        for (Index o = first; o < first + count; ++o) done(row + o * height + p, 0, n, width);
      };
      const Matrix<T> to{y + p * width, {outputs, columns}, {y_plane, 1}};
      const T* from = channels > 0 ? x + p * width : x;  // which may be null then
      gemm<T>(w, {from, {channels, columns}, {x_plane, 1}}, to, add ? Write::add : Write::store, scratch,
              [&](Index i, Index, Index count, Index finished) {
                if (finished == columns) tell(i, count);
              });
      if (told == 0) tell(0, outputs);  // gemm told of pieces of rows
    }
  }
};

}  // namespace tenon::inline TENON_ABI::kernel
