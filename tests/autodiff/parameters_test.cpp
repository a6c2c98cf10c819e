// for_each_parameter and its kin: every parameter of a module is found, once, under its name.
#include "tenon/autodiff/parameters.hpp"

#include <array>
#include <string>
#include <vector>

#include "tests/catch.hpp"

namespace tn = tenon;
using tn::Index;

namespace {

template <Index In, Index Out> struct Dense {
  tn::Parameter<float, In, Out> weight;
  tn::Parameter<float, Out> bias;
};
enum class Mode { fast, slow };
struct Norm {
  tn::Parameter<float, 3> scale;
  tn::Tensor<float, 3> running_mean;  // state, but not learnt
  float momentum = 0.1f;
};
struct Net {
  Dense<2, 3> hidden;
  std::array<Dense<3, 3>, 2> pair;
  std::vector<Norm> norms;
  std::string name = "net";
  int calls = 0;
  Mode mode = Mode::slow;
  bool flag = false;
  tn::Rng rng{1};
  std::vector<std::vector<tn::Parameter<double, 1>>> deep;
  Dense<3, 1> output;
};
class Guarded {
 public:
  explicit Guarded(int n) : count_(n) {}
  void members(auto&& visit) {
    visit("gain", gain_);
    visit("inner", inner_);
    visit("count", count_);
  }
  void members(auto&& visit) const {
    visit("gain", gain_);
    visit("inner", inner_);
    visit("count", count_);
  }

 private:
  tn::Parameter<float, 2> gain_;
  Dense<1, 1> inner_;
  int count_;
};
Net net() {
  Net n;
  n.norms.resize(2);
  n.deep.resize(2);
  n.deep[1].resize(3);
  return n;
}
std::vector<std::string> names(auto& module) {
  std::vector<std::string> all;
  tn::for_each_parameter(module, [&](const tn::Path& path, auto&) { all.push_back(path.str()); });
  return all;
}

}  // namespace

TEST_CASE("parameters: structs, arrays and vectors are entered in order, the rest is left alone",
          "[autodiff][parameters]") {
  Net n = net();
  CHECK(names(n) == std::vector<std::string>{"hidden.weight", "hidden.bias", "pair.0.weight", "pair.0.bias",
                                             "pair.1.weight", "pair.1.bias", "norms.0.scale", "norms.1.scale",
                                             "deep.1.0", "deep.1.1", "deep.1.2", "output.weight", "output.bias"});
  const Net& fixed = n;
  CHECK(names(fixed).size() == 13);
  CHECK(tn::parameter_count(n) == 6 + 3 + 2 * (9 + 3) + 2 * 3 + 3 + 3 + 1);
}
TEST_CASE("parameters: a checkpoint holds the tensors too", "[autodiff][parameters]") {
  Net n = net();
  std::vector<std::string> all;
  tn::for_each_state(n, [&](const tn::Path& path, auto&) { all.push_back(path.str()); });
  CHECK(all.size() == 15);
  CHECK(all[7] == "norms.0.running_mean");
}
TEST_CASE("parameters: a class says its members itself", "[autodiff][parameters]") {
  Guarded g(3);
  CHECK(names(g) == std::vector<std::string>{"gain", "inner.weight", "inner.bias"});
  const Guarded& fixed = g;
  CHECK(names(fixed).size() == 3);
  struct Holder {
    std::vector<Guarded> parts;
  } h;
  h.parts.emplace_back(1);
  h.parts.emplace_back(2);
  CHECK(names(h)[3] == "parts.1.gain");
}
TEST_CASE("parameters: one parameter, or a sequence, is a module as well", "[autodiff][parameters]") {
  tn::Parameter<float, 2> w;
  CHECK(names(w) == std::vector<std::string>{""});
  std::vector<Dense<1, 1>> layers(2);
  CHECK(names(layers) == std::vector<std::string>{"0.weight", "0.bias", "1.weight", "1.bias"});
  struct Empty {
  } nothing;
  CHECK(names(nothing).empty());
}
TEST_CASE("parameters: visitors may write", "[autodiff][parameters]") {
  Net n = net();
  float next = 0;
  tn::for_each_parameter(n, [&](const tn::Path&, auto& p) { p.mut() = static_cast<double>(++next); });
  CHECK(n.hidden.weight(1, 2) == 1);
  CHECK(n.output.bias(0) == 13);
}
