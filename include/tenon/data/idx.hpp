// Data sets from IDX files, as MNIST and its relatives come.
#pragma once

#include "tenon/data/sample_shape.hpp"
#include "tenon/io/idx.hpp"

namespace tenon::inline TENON_ABI::data {

/// Images (samples along the first axis) and their labels: `from_idx<784>(read_idx("images"), read_idx("labels"))` is a
/// Dataset of Tensor<float, dyn, 784>; from_idx<28, 28>, from_idx<1, 28, 28> hold the same numbers in other shapes, and
/// without extents a sample is one row of run-time length. Values are multiplied by `scale`; without one bytes become
/// [0, 1] (1/255) and other types stay.
/// Throws ShapeError when the counts or a sample's size do not fit, ValueError for labels that are no class numbers below
/// `classes` (0: as many as the labels need).
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
  const std::vector<float> values = images.values<float>();
  auto x = detail::new_rows<float>(images.shape[0], sample, at).init_with([&](Index i) {
    return values[static_cast<std::size_t>(i)] * factor;
  });
  const std::vector<std::int32_t> numbers = labels.values<std::int32_t>();
  auto y = Uninit<std::int32_t, dyn>(Shape<dyn>(labels.shape[0]), at).init_with([&](Index i) {
    return numbers[static_cast<std::size_t>(i)];
  });
  using Set = Dataset<decltype(x)>;
  return classes > 0 ? Set(std::move(x), std::move(y), classes, at) : Set(std::move(x), std::move(y), at);
}

}  // namespace tenon::inline TENON_ABI::data
