// Data sets from IDX files, as MNIST and its relatives come.
#pragma once

#include "tenon/data/sample_shape.hpp"
#include "tenon/io/idx.hpp"

namespace tenon::inline TENON_ABI::data {
namespace detail {
/// f of each value of a file, read in place: a copy as large as the file is not made.
template <class T, class S, class F> auto idx_rows(const io::IdxData& file, const S& sample, Loc at, F f) {
  return io::with_idx_type(file.type, [&]<class From>() {
    return new_rows<T>(file.shape[0], sample, at).init_with([&](Index i) {
      From v;
      std::memcpy(&v, file.bytes.data() + static_cast<std::size_t>(i) * sizeof(From), sizeof(From));
      return f(v);
    });
  });
}
}  // namespace detail

/// Images (samples along the first axis) and their labels: `from_idx<784>(read_idx("images"), read_idx("labels"))` is a
/// Dataset of Tensor<float, dyn, 784>; from_idx<28, 28>, from_idx<1, 28, 28> hold the same numbers in other shapes, and
/// without extents a sample is one row of run-time length. Values are multiplied by `scale`; without one bytes become
/// [0, 1] (1/255) and other types stay.
/// Throws ShapeError when the counts or a sample's size do not fit, ValueError for labels that are no class numbers
/// below `classes` (0: as many as the labels need).
template <Index... E>
auto from_idx(const io::IdxData& images, const io::IdxData& labels, Index classes = 0,
              std::optional<float> scale = std::nullopt, Loc at = Loc::current()) {
  using S = typename detail::SampleShape<E...>::type;
  constexpr std::string_view who = "tenon::data::from_idx";
  if (images.shape.empty() || labels.shape.size() != 1)
    throw ShapeError(at,
                     std::string(who) + ": images of shape " + detail::shown(images.shape) + " and labels of shape " +
                         detail::shown(labels.shape),
                     "images are (n, height, width) and labels (n,); check that the files are not exchanged");
  const S sample = detail::fit_sample<S>(std::span(images.shape).subspan(1), who, at);
  const float factor = scale.value_or(images.type == io::IdxType::uint8 ? 1.f / 255 : 1.f);
  auto x = detail::idx_rows<float>(images, sample, at, [factor](auto v) { return static_cast<float>(v) * factor; });
  auto y = detail::idx_rows<std::int32_t>(labels, Shape<>{}, at, [&](auto v) {
    if constexpr (std::is_floating_point_v<decltype(v)>)
      if (!(v >= 0 && v < 1 << 24) || v != static_cast<decltype(v)>(static_cast<std::int32_t>(v)))
        throw ValueError(at, std::string(who) + ": a label is " + std::to_string(v),
                         "a label is a whole number from 0 on; check that the files are not exchanged");
    return static_cast<std::int32_t>(v);
  });
  using Set = Dataset<decltype(x)>;
  return classes > 0 ? Set(std::move(x), std::move(y), classes, at) : Set(std::move(x), std::move(y), at);
}

}  // namespace tenon::inline TENON_ABI::data
