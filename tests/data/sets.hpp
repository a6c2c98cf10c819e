// Small data sets for the tests, and a count of heap allocations.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/data/dataset.hpp"

namespace data_test {

/// Calls of operator new in this program so far (dataset_test.cpp replaces it).
tenon::Index allocations();

/// Sample i is {i, i + 0.5}, its label i % 7.
inline tenon::data::Dataset<tenon::Tensor<float, tenon::dyn, 2>> numbered(tenon::Index n) {
  tenon::Tensor<float, tenon::dyn, 2> x({n, 2});
  tenon::data::Labels y({n});
  for (tenon::Index i = 0; i < n; ++i) {
    x.mut()(i, 0) = static_cast<float>(i);
    x.mut()(i, 1) = static_cast<float>(i) + 0.5f;
    y.mut()(i) = static_cast<std::int32_t>(i % 7);
  }
  return {std::move(x), std::move(y)};
}

template <class F> std::string message_of(F f) {
  try {
    f();
  } catch (const tenon::Error& e) {
    return e.what();
  }
  return "nothing was thrown";
}
inline bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

}  // namespace data_test
