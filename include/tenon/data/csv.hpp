// Data sets from tables of numbers.
#pragma once

#include "tenon/data/sample_shape.hpp"
#include "tenon/io/csv.hpp"

namespace tenon::inline TENON_ABI::data {

/// A table with one sample a row and its class number in one column, counted from the end when negative:
/// `from_csv<64>(io::read_csv<float>("digits.csv"), -1)` is a Dataset of Tensor<float, dyn, 64>; from_csv<8, 8> holds
/// the same numbers in another shape, and without extents a sample is one row of run-time length. Features (not labels)
/// are multiplied by `scale`. Throws ShapeError when the columns do not fit or there is no such column, ValueError for
/// a label that is no whole number or no class below `classes` (0: as many as the labels need).
template <Index... E, std::floating_point T>
auto from_csv(const io::CsvTable<T>& table, Index label_column, Index classes = 0, T scale = 1,
              Loc at = Loc::current()) {
  using S = typename detail::SampleShape<E...>::type;
  constexpr std::string_view who = "tenon::data::from_csv";
  const Index column = label_column < 0 ? label_column + table.columns : label_column;
  if (column < 0 || column >= table.columns)
    throw ShapeError(at,
                     std::string(who) + ": label column " + std::to_string(label_column) + " of a table with " +
                         std::to_string(table.columns) + " columns",
                     "columns count from 0; give one of the table");
  const Index features = table.columns - 1;
  const S sample = detail::fit_sample<S>(std::span(&features, 1), who, at);
  const T* values = table.values.data();
  auto x = detail::new_rows<T>(table.rows, sample, at).init_with([&](Index i) {
    const Index row = i / features, j = i % features;
    return values[row * table.columns + j + (j >= column)] * scale;
  });
  auto y = Uninit<std::int32_t, dyn>(Shape<dyn>(table.rows), at).init_with([&](Index row) {
    const T v = values[row * table.columns + column];
    if (!(v >= 0 && v < T(1 << 24)) || v != static_cast<T>(static_cast<std::int32_t>(v)))
      throw ValueError(at,
                       std::string(who) + ": the label of sample " + std::to_string(row) + " is " +
                           std::to_string(static_cast<double>(v)),
                       "a label is a whole number from 0 on; check the label column");
    return static_cast<std::int32_t>(v);
  });
  using Set = Dataset<decltype(x)>;
  return classes > 0 ? Set(std::move(x), std::move(y), classes, at) : Set(std::move(x), std::move(y), at);
}

}  // namespace tenon::inline TENON_ABI::data
