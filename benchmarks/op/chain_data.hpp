// What the contenders of a chain share: inputs, results, and how they agree.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "benchmarks/harness/case.hpp"
#include "benchmarks/peers/inputs.hpp"
#include "tenon/tenon.hpp"
#include "tenon/tensor/from_vector.hpp"

namespace bench::chain {

using tenon::Index;
using Array = tenon::Tensor<float, tenon::dyn>;

/// The inputs, shared by the contenders of a case: tensors, so that every contender's arrays start at a cache line.
struct Inputs {
  explicit Inputs(Index size, double range = 2) : n(size) {
    for (std::uint64_t i = 0; i < 3; ++i)
      arrays.push_back(tenon::from_vector(bench::uniform<float>(n, i + 1, -range, range)));
  }
  Index n;
  std::vector<Array> arrays;
  /// f of the first Count arrays.
  template <int Count, class F> decltype(auto) pass_to(F&& f) const {
    if constexpr (Count == 1) return f(arrays[0]);
    else if constexpr (Count == 2) return f(arrays[0], arrays[1]);
    else return f(arrays[0], arrays[1], arrays[2]);
  }
};

using Given = std::shared_ptr<const Inputs>;

/// What contenders must agree on: the sum for each element, then arrays.
inline void append_sum(std::vector<double>& all, float sum, Index n) {
  all.push_back(static_cast<double>(sum) / static_cast<double>(n));
}
template <class X> void append_all(std::vector<double>& all, const X& array) {
  all.insert(all.end(), array.begin(), array.end());
}

/// tenon's formula(arrays...) written into an existing tensor.
template <int Count, class F> void add_array(bench::Contest& contest, const Given& given, F formula) {
  const auto y = std::make_shared<Array>(Array({given->n}));
  contest.subject([given, y, formula] { *y = given->template pass_to<Count>(formula); },
                  [y] {
                    std::vector<double> all{0.0};  // no sum
                    append_all(all, *y);
                    return all;
                  });
}

// ---- peers ----------------------------------------------------------------------------------------------------------

/// One peer's view of a case: the inputs x(i), and results y(i) of its own.
struct Data {
  explicit Data(Given given) : n(given->n), inputs(std::move(given)) {}
  Index n;
  Given inputs;
  float sum = 0;
  std::optional<Array> results[3];
  float* address[3] = {};
  const float* x(int i) const { return inputs->arrays[static_cast<std::size_t>(i)].begin_unchecked(); }
  float* y(int i) {
    if (!address[i]) address[i] = results[i].emplace(Array({n})).mut().data();
    return address[i];
  }
};

inline constexpr int not_compared = -1;  // a peer that does other work, for a ratio between the two

/// body(data) returns the sum, or 0 when the chain ends in an array; sum and `compared` results must agree.
template <class Body>
void add_peer(bench::Contest& contest, const char* name, const Given& inputs, int compared, Body body) {
  const auto data = std::make_shared<Data>(inputs);
  bench::Output output = [data, compared] {
    std::vector<double> all;
    append_sum(all, data->sum, data->n);
    for (int i = 0; i < compared; ++i) append_all(all, *data->results[i]);
    return all;
  };
  contest.peer(
      name, [data, body] { return data->sum = body(*data); }, compared == not_compared ? bench::Output() : output);
}

}  // namespace bench::chain
