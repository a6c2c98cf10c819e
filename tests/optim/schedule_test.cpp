#include "tenon/optim/schedule.hpp"

#include "tests/catch.hpp"

namespace optim = tenon::optim;

TEST_CASE("Constant: one rate", "[optim][schedule]") {
  constexpr optim::Constant rate{0.3};
  CHECK(rate(0) == 0.3);
  CHECK(rate(1000000) == 0.3);
}
TEST_CASE("StepDecay: falls by its factor every so many steps", "[optim][schedule]") {
  const optim::StepDecay rate{.learning_rate = 0.8, .every = 10, .factor = 0.5};
  CHECK(rate(0) == Approx(0.8));
  CHECK(rate(9) == Approx(0.8));
  CHECK(rate(10) == Approx(0.4));
  CHECK(rate(35) == Approx(0.1));
}
TEST_CASE("Cosine: rises along a line, falls along a cosine, stays at its final rate", "[optim][schedule]") {
  const optim::Cosine rate{.learning_rate = 1, .steps = 110, .warm_up = 10, .final_rate = 0.2};
  CHECK(rate(0) == Approx(0.1));
  CHECK(rate(4) == Approx(0.5));
  CHECK(rate(9) == Approx(1));
  CHECK(rate(10) == Approx(1));
  CHECK(rate(35) == Approx(0.2 + 0.8 * (1 + std::sqrt(0.5)) / 2));  // a quarter of the way: cos(pi / 4)
  CHECK(rate(60) == Approx(0.6));
  CHECK(rate(110) == Approx(0.2));
  CHECK(rate(5000) == Approx(0.2));
  for (tenon::Index s = 10; s < 110; ++s) CHECK(rate(s + 1) < rate(s));
}
TEST_CASE("Cosine: needs no warm-up, and may be all warm-up", "[optim][schedule]") {
  const optim::Cosine rate{.learning_rate = 2, .steps = 4};
  CHECK(rate(0) == 2);
  CHECK(rate(2) == Approx(1));
  CHECK(rate(4) == 0);
  const optim::Cosine rising{.learning_rate = 1, .steps = 5, .warm_up = 5, .final_rate = 0.5};
  CHECK(rising(4) == 1);
  CHECK(rising(5) == 0.5);
}
