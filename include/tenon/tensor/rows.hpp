// Walking rows: takes a generated loop, which wants rows that lie in memory without gaps, over operands of any strides.
// Not a template on graph, shape or strides: one copy in a program.
#pragma once

#include <cstdint>
#include <cstring>

#include "tenon/shape/layout.hpp"
#include "tenon/shape/span.hpp"
#include "tenon/simd/parallel.hpp"

namespace tenon::inline TENON_ABI::rows {

/// A generated loop over one row: n elements, the addresses of the row's first elements, and how adjoints are written.
using RowLoop = void (*)(Index n, void* const* p, const void* modes);

inline constexpr int max_streams = 224;

/// One array that a loop runs over.
struct Stream {
  std::byte* data = nullptr;  ///< null: passed on as null
  Index item = 0;             ///< bytes an element
  bool splat = false;         ///< the loop reads (or sums) one element a row
  bool writes = false;        ///< the loop stores a result here
  /// For an adjoint: adds n elements of `from` to a strided row. The loop's `modes` entry says store or add.
  void (*add)(std::byte* to, Index stride, const std::byte* from, Index n) = nullptr;
  int mode = -1;  ///< index into `modes`, or -1
  std::array<Index, max_rank> stride{};
  bool keeps_row = false;  ///< the loop adds to what is here: its row must stay the last dimension
};

/// Extents and strides with units dropped and adjacent dimensions merged where every stream allows it.
struct Walk {
  int rank = 0;
  std::array<Index, max_rank> extent{};
};

namespace detail {
template <class T> void copy_items(std::byte* to, Index to_stride, const std::byte* from, Index from_stride, Index n) {
  for (Index i = 0; i < n; ++i)
    std::memcpy(to + i * to_stride * static_cast<Index>(sizeof(T)),
                from + i * from_stride * static_cast<Index>(sizeof(T)), sizeof(T));
}
struct Item16 {
  std::byte b[16];
};
}  // namespace detail

/// n elements of `item` bytes from one strided row to another; strides in elements.
inline void copy_strided(std::byte* to, Index to_stride, const std::byte* from, Index from_stride, Index n,
                         Index item) {
  switch (item) {
    case 1:
      return detail::copy_items<std::uint8_t>(to, to_stride, from, from_stride, n);
    case 2:
      return detail::copy_items<std::uint16_t>(to, to_stride, from, from_stride, n);
    case 4:
      return detail::copy_items<std::uint32_t>(to, to_stride, from, from_stride, n);
    case 8:
      return detail::copy_items<std::uint64_t>(to, to_stride, from, from_stride, n);
    case 16:
      return detail::copy_items<detail::Item16>(to, to_stride, from, from_stride, n);
    default:
      for (Index i = 0; i < n; ++i)
        std::memcpy(to + i * to_stride * item, from + i * from_stride * item, static_cast<std::size_t>(item));
  }
}

/// Adds n elements without gaps to a strided row of T. A stride of 0 sums them.
template <class T> void add_strided(std::byte* to, Index stride, const std::byte* from, Index n) {
  T* t = reinterpret_cast<T*>(to);
  const T* f = reinterpret_cast<const T*>(from);
  for (Index i = 0; i < n; ++i) t[i * stride] = t[i * stride] + f[i];
}
/// total += part, n elements; `lost` is what rounding has taken from total so far (Kahan, CACM 8, 1965).
template <class T> void add_compensated(std::byte* total, std::byte* lost, const std::byte* part, Index n) {
  if constexpr (std::is_integral_v<T>) {  // nothing is lost
    add_strided<T>(total, 1, part, n);
  } else {
    T* t = reinterpret_cast<T*>(total);
    T* l = reinterpret_cast<T*>(lost);
    const T* p = reinterpret_cast<const T*>(part);
    for (Index i = 0; i < n; ++i) {
      const T y = p[i] - l[i], sum = t[i] + y;
      l[i] = (sum - t[i]) - y;
      t[i] = sum;
    }
  }
}

/// Drops extents of 1 and merges neighbours. A splat stream's row stays a row: a dimension joins the inner one only when
/// the stream repeats along both.
inline Walk simplify(int rank, const Index* extent, Stream* s, int count) {
  Walk w;
  bool splat_moves = false;  // the innermost unit may not be dropped when a splat stream would then run along the row
  for (int k = 0; k < count; ++k) {
    splat_moves = splat_moves || s[k].keeps_row;
    if (s[k].splat)
      for (int d = 0; d < rank; ++d) splat_moves = splat_moves || s[k].stride[static_cast<std::size_t>(d)] != 0;
  }
  for (int d = 0; d < rank; ++d) {
    if (extent[d] == 1 && (d + 1 < rank || !splat_moves)) continue;
    const auto to = static_cast<std::size_t>(w.rank), from = static_cast<std::size_t>(d);
    bool merges = w.rank > 0;
    // The row's own dimension joins one along which a splat stream moves never: there 1 * stride would look like a merge.
    for (int k = 0; k < count && merges; ++k)
      merges = s[k].stride[to - 1] == s[k].stride[from] * extent[d] &&
               !(s[k].splat && d + 1 == rank && s[k].stride[to - 1] != 0);
    if (merges) {
      w.extent[to - 1] *= extent[d];
      for (int k = 0; k < count; ++k) s[k].stride[to - 1] = s[k].stride[from];
    } else {
      w.extent[to] = extent[d];
      for (int k = 0; k < count; ++k) s[k].stride[to] = s[k].stride[from];
      ++w.rank;
    }
  }
  if (w.rank == 0) {  // a single element
    w.rank = 1;
    w.extent[0] = 1;
    for (int k = 0; k < count; ++k) s[k].stride[0] = 0;
  }
  return w;
}

/// Whether a row of n elements of s along dimension `inner` has gaps, or repeats an element that the loop wants anew.
inline bool is_awkward(const Stream& s, std::size_t inner, Index n) {
  return s.data != nullptr && !s.splat && n > 1 && s.stride[inner] != 1;
}

/// Calls a loop on rows; operands whose rows have gaps (or repeat) pass through a small buffer.
class RowCaller {
 public:
  /// `inner`: the dimension that rows run along. modes: one Write an operand, or null.
  RowCaller(RowLoop loop, const Stream* s, int count, std::size_t inner, Index row, const void* modes, int mode_count)
      : loop_(loop), streams_(s), count_(count), inner_(inner), modes_(modes) {
    Index bytes = 0;
    for (int k = 0; k < count; ++k)
      if (awkward(s[k], row)) bytes += s[k].item;
    chunk_ = bytes == 0 ? row : (buffer_bytes / bytes) & ~Index{7};
    if (chunk_ == 0 && bytes != 0) chunk_ = 1;
    if (bytes != 0 && modes != nullptr) adopt_modes(row, mode_count);
    row_ = row;
    any_awkward_ = bytes != 0;
  }
  RowCaller(const RowCaller&) = delete;
  RowCaller& operator=(const RowCaller&) = delete;

  /// One row that starts at `at[k]` for stream k.
  void operator()(std::byte* const* at, Index n) {
    if (!any_awkward_) {
      for (int k = 0; k < count_; ++k) p_[k] = at[k];
      loop_(n, p_, modes_);
      return;
    }
    for (Index first = 0; first < n; first += chunk_) piece(at, first, n - first < chunk_ ? n - first : chunk_);
  }

 private:
  static constexpr Index buffer_bytes = 16384;

  bool awkward(const Stream& s, Index row) const { return is_awkward(s, inner_, row); }
  // Adjoints that pass through the buffer are stored there by the loop and added to memory here.
  void adopt_modes(Index row, int mode_count) {
    for (int m = 0; m < mode_count; ++m) own_modes_[m] = static_cast<const Write*>(modes_)[m];
    for (int k = 0; k < count_; ++k)
      if (streams_[k].mode >= 0 && awkward(streams_[k], row)) own_modes_[streams_[k].mode] = Write::store;
    loop_modes_ = own_modes_;
  }
  void piece(std::byte* const* at, Index first, Index n) {
    Index used = 0;
    for (int k = 0; k < count_; ++k) {
      const Stream& s = streams_[k];
      const Index stride = s.stride[inner_];
      if (!awkward(s, row_)) {
        p_[k] = at[k] == nullptr || s.splat ? at[k] : at[k] + first * s.item;
        continue;
      }
      std::byte* b = buffer_ + used;
      used += n * s.item;
      p_[k] = b;
      if (!s.writes) copy_strided(b, 1, at[k] + first * stride * s.item, stride, n, s.item);
    }
    loop_(n, p_, loop_modes_ ? loop_modes_ : modes_);
    for (int k = count_; k-- > 0;) {  // as modes are handed out: of two that share an adjoint, the last stores
      const Stream& s = streams_[k];
      if (!s.writes || !awkward(s, row_)) continue;
      const Index stride = s.stride[inner_];
      std::byte* to = at[k] + first * stride * s.item;
      const bool adds = s.mode >= 0 && static_cast<const Write*>(modes_)[s.mode] == Write::add;
      if (adds) s.add(to, stride, static_cast<const std::byte*>(p_[k]), n);
      else copy_strided(to, stride, static_cast<const std::byte*>(p_[k]), 1, n, s.item);
    }
  }

  RowLoop loop_;
  const Stream* streams_;
  int count_;
  std::size_t inner_;
  Index row_ = 0, chunk_ = 0;
  bool any_awkward_ = false;
  const void* modes_;
  const Write* loop_modes_ = nullptr;
  Write own_modes_[max_streams];
  void* p_[max_streams];
  alignas(64) std::byte buffer_[buffer_bytes];
};

/// Calls f(addresses) for each index of the outer dimensions [0, rank - inner_dims), moving every stream's address along.
template <class F> void for_each_outer(const Walk& w, int outer, const Stream* s, int count, F f) {
  std::byte* at[max_streams];
  for (int k = 0; k < count; ++k) at[k] = s[k].data;
  std::array<Index, max_rank> i{};
  for (;;) {
    f(at);
    int d = outer - 1;
    for (; d >= 0; --d) {
      const auto u = static_cast<std::size_t>(d);
      const bool carry = ++i[u] == w.extent[u];
      for (int k = 0; k < count; ++k)
        if (at[k] != nullptr) at[k] += (carry ? -(w.extent[u] - 1) : 1) * s[k].stride[u] * s[k].item;
      if (!carry) break;
      i[u] = 0;
    }
    if (d < 0) return;
  }
}

/// Runs `loop` over rows of n elements that need no buffer. `outer`: dimensions around the rows, at least 1.
inline void run_direct(RowLoop loop, const Walk& w, int outer, const Stream* s, int count, Index n, const void* modes) {
  const auto last = static_cast<std::size_t>(outer - 1);
  Index step[max_streams];
  for (int k = 0; k < count; ++k) step[k] = s[k].data == nullptr ? 0 : s[k].stride[last] * s[k].item;
  for_each_outer(w, outer - 1, s, count, [&](std::byte* const* first) {
    void* at[max_streams];
    for (int k = 0; k < count; ++k) at[k] = first[k];
    for (Index row = 0;;) {
      loop(n, at, modes);
      if (++row == w.extent[last]) return;
      for (int k = 0; k < count; ++k)
        if (step[k] != 0) at[k] = static_cast<std::byte*>(at[k]) + step[k];
    }
  });
}
/// Runs `loop` over all rows of an array of these extents. Changes the streams' strides. Pre: count <= max_streams, strides in elements.
[[gnu::noinline]] inline void run(RowLoop loop, int rank, const Index* extent, Stream* s, int count, const void* modes,
                                  int mode_count) {
  for (int d = 0; d < rank; ++d)
    if (extent[d] == 0) return;
  const Walk w = simplify(rank, extent, s, count);
  const int outer = w.rank - 1;
  const Index n = w.extent[static_cast<std::size_t>(outer)];
  bool direct = outer > 0;
  for (int k = 0; k < count; ++k) direct = direct && !is_awkward(s[k], static_cast<std::size_t>(outer), n);
  if (direct) return run_direct(loop, w, outer, s, count, n, modes);
  RowCaller call(loop, s, count, static_cast<std::size_t>(outer), n, modes, mode_count);
  for_each_outer(w, outer, s, count, [&](std::byte* const* at) { call(at, n); });
}

/// The first dimension that may be cut between threads, since what is written along it lies apart; -1: none.
inline int dimension_to_cut(int rank, const Index* extent, const Stream* s, int count) {
  for (int d = 0; d < rank; ++d) {
    bool apart = extent[d] > 1;
    for (int k = 0; k < count; ++k)
      apart = apart && (!s[k].writes || s[k].data == nullptr || s[k].stride[static_cast<std::size_t>(d)] != 0);
    if (apart) return d;
  }
  return -1;
}
/// Moves streams to index `first` of dimension d.
inline void advance(Stream* s, int count, int d, Index first) {
  for (int k = 0; k < count; ++k)
    if (s[k].data != nullptr) s[k].data += first * s[k].stride[static_cast<std::size_t>(d)] * s[k].item;
}
/// run(), on several threads when there are more than `grain` elements. Pre: an element that two streams write, or one
/// writes and one reads, is met in one iteration only.
[[gnu::noinline]] inline void run_in_parts(RowLoop loop, int rank, const Index* extent, Stream* s, int count,
                                           const void* modes, int mode_count, Index grain) {
  Index n = 1;
  for (int d = 0; d < rank; ++d) n *= extent[d];
  const int cut = n > grain && simd::thread_count() > 1 ? dimension_to_cut(rank, extent, s, count) : -1;
  if (cut < 0) return run(loop, rank, extent, s, count, modes, mode_count);
  const Index lines = grain / 2 * extent[cut] / n + 1;  // half a grain, so that the parts come out even
  simd::parallel_for(extent[cut], cut + 1 < rank ? lines : (lines + 63) / 64 * 64, [&](Index first, Index last) {
    Stream part[max_streams];  // a walk changes the strides it is given
    for (int k = 0; k < count; ++k) part[k] = s[k];
    advance(part, count, cut, first);
    std::array<Index, max_rank> extents{};
    for (int d = 0; d < rank; ++d) extents[static_cast<std::size_t>(d)] = extent[d];
    extents[static_cast<std::size_t>(cut)] = last - first;
    run(loop, rank, extents.data(), part, count, modes, mode_count);
  });
}

}  // namespace tenon::inline TENON_ABI::rows
