#include "tenon/nn/init.hpp"

#include "tenon/autodiff/step.hpp"
#include "tenon/nn/linear.hpp"
#include "tests/catch.hpp"
#include "tests/error_of.hpp"

namespace {

namespace tn = tenon;
namespace nn = tenon::nn;
using tn::dyn;
using tn::Index;

struct Moments {
  double mean, deviation, low, high;
};
template <class P> Moments moments(const P& p) {
  Moments m{0, 0, HUGE_VAL, -HUGE_VAL};
  for (const auto x : p.value().to_vector()) {
    const double v = static_cast<double>(x);
    m.mean += v / static_cast<double>(p.size());
    m.low = v < m.low ? v : m.low;
    m.high = v > m.high ? v : m.high;
  }
  for (const auto x : p.value().to_vector())
    m.deviation +=
        (static_cast<double>(x) - m.mean) * (static_cast<double>(x) - m.mean) / static_cast<double>(p.size());
  m.deviation = std::sqrt(m.deviation);
  return m;
}
/// Uniform on (-b, b): bounded by b, and as spread as that.
template <class P> void check_uniform(const P& p, double b) {
  const Moments m = moments(p);
  CHECK(m.low >= -b);
  CHECK(m.high <= b);
  CHECK(m.low < -0.99 * b);
  CHECK(m.high > 0.99 * b);
  CHECK(m.mean == Approx(0).margin(0.02 * b));
  CHECK(m.deviation == Approx(b / std::sqrt(3.0)).epsilon(0.02));
}
template <class P> void check_normal(const P& p, double mean, double deviation) {
  const Moments m = moments(p);
  CHECK(m.mean == Approx(mean).margin(0.03 * deviation));
  CHECK(m.deviation == Approx(deviation).epsilon(0.03));
  CHECK(m.high > mean + 3 * deviation);
}

struct Scaled {  // draws its own first values, and those of what stands in it
  tn::Parameter<float, 4> gain;
  nn::Linear<4, 4> inner;
  void initialize(tn::Rng& rng) {
    nn::constant(gain, 2);
    nn::init(inner, rng);
  }
};
struct Net {
  nn::Linear<6, 4> first;
  std::array<nn::Linear<4, 4>, 2> middle;
  std::vector<nn::Linear<dyn, dyn>> last;
  Scaled scaled;
  tn::Parameter<float, 3> free;
  int width = 4;
  tn::Rng own{7};
};
Net make_net(tn::Rng& rng) {
  Net net;
  net.last.emplace_back(4, 5);
  nn::init(net, rng);
  return net;
}
/// The parameter at a path.
template <class M> std::vector<float> at(M& net, const std::string& path) {
  std::vector<float> values;
  tn::for_each_parameter(net, [&](const tn::Path& p, auto& w) {
    if (p.str() == path) values = w.value().to_vector();
  });
  REQUIRE(!values.empty());
  return values;
}
struct OneMore {
  nn::Linear<3, 3> before;
  nn::Linear<6, 4> first;
};
struct Sized {
  nn::Linear<dyn, dyn> layer;
  explicit Sized(Index hidden) : layer(3, hidden) {}
  void members(auto&& visit) { visit("layer", layer); }
};

}  // namespace

TEST_CASE("initialisers: each follows its formula", "[nn][init]") {
  tn::Rng rng(1);
  tn::Parameter<float, 300, 100> w;
  nn::uniform(w, rng, -0.5, 0.5);
  check_uniform(w, 0.5);
  nn::normal(w, rng, 2, 0.1);
  check_normal(w, 2, 0.1);
  nn::kaiming_uniform(w, rng);
  check_uniform(w, std::sqrt(6.0 / 300));
  nn::kaiming_uniform(w, rng, 1);
  check_uniform(w, std::sqrt(3.0 / 300));
  nn::kaiming_normal(w, rng);
  check_normal(w, 0, std::sqrt(2.0 / 300));
  nn::xavier_uniform(w, rng);
  check_uniform(w, std::sqrt(6.0 / 400));
  nn::xavier_normal(w, rng, 3);
  check_normal(w, 0, 3 * std::sqrt(2.0 / 400));
  nn::constant(w, 0.25);
  CHECK(w.value().to_vector() == std::vector<float>(30000, 0.25f));
  nn::zeros(w);
  CHECK(w.value().to_vector() == std::vector<float>(30000, 0.f));
}
TEST_CASE("initialisers: take a parameter of any rank and a fan, double as well as float", "[nn][init]") {
  tn::Rng rng(2);
  tn::Parameter<double, dyn, 8, 3, 3> filters(tn::Tensor<double, dyn, 8, 3, 3>({200, 8, 3, 3}));
  nn::kaiming_uniform(filters, rng, nn::Fan{72, 1800});
  check_uniform(filters, std::sqrt(6.0 / 72));
  nn::xavier_normal(filters, rng, nn::Fan{72, 1800});
  check_normal(filters, 0, std::sqrt(2.0 / 1872));
}
TEST_CASE("initialisers: are refused while a Step learns the parameter", "[nn][init]") {
  nn::Linear<3, 2> layer;
  tn::Rng rng(3);
  tn::Arena arena;
  tn::Step step(arena, layer);
  CHECK_THROWS_AS(nn::zeros(layer.weight), tn::OwnershipError);
  CHECK_THROWS_AS(nn::init(layer, rng), tn::OwnershipError);
}

TEST_CASE("init: Linear draws as PyTorch's nn.Linear", "[nn][init]") {
  tn::Rng rng(4);
  const auto layer = nn::init<nn::Linear<100, 200>>(rng);
  check_uniform(layer.weight, 0.1);
  const auto wide = nn::init<nn::Linear<dyn, dyn, double>>(rng, 25, 20000);
  check_uniform(wide.bias, 0.2);
}
TEST_CASE("init: reaches every module and leaves a bare parameter alone", "[nn][init]") {
  tn::Rng rng(5);
  auto net = make_net(rng);
  for (const char* path :
       {"first.weight", "first.bias", "middle.0.weight", "middle.1.bias", "last.0.weight", "scaled.inner.weight"}) {
    INFO(path);
    const auto values = at(net, path);
    CHECK(values != std::vector<float>(values.size(), 0.f));
  }
  CHECK(at(net, "scaled.gain") == std::vector<float>(4, 2.f));
  CHECK(at(net, "free") == std::vector<float>(3, 0.f));
  CHECK(net.own == tn::Rng(7));
  CHECK(at(net, "middle.0.weight") != at(net, "middle.1.weight"));
}
TEST_CASE("init: one seed gives one net, the next draw another", "[nn][init]") {
  tn::Rng a(6), b(6);
  auto one = make_net(a), same = make_net(b), other = make_net(a);
  for (const char* path : {"first.weight", "middle.1.bias", "last.0.weight", "scaled.inner.weight"}) {
    CHECK(at(one, path) == at(same, path));
    CHECK(at(one, path) != at(other, path));
  }
  CHECK(a.state().position == 2);
}
TEST_CASE("init: another layer changes no other layer's values", "[nn][init]") {
  tn::Rng a(8), b(8);
  auto net = make_net(a);
  auto more = nn::init<OneMore>(b);
  CHECK(at(net, "first.weight") == at(more, "first.weight"));
}
TEST_CASE("init: passes sizes to the constructor", "[nn][init]") {
  tn::Rng rng(9);
  const auto net = nn::init<Sized>(rng, 12);
  CHECK(net.layer.weight.shape()[1] == 12);
  CHECK(net.layer.weight(0, 0) != 0);
}
