#include "tenon/train/early_stop.hpp"

#include <limits>

#include "tests/catch.hpp"

using namespace tenon;
using train::Better;
using train::EarlyStop;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("early stop: after `patience` epochs without a better one", "[train][early_stop]") {
  EarlyStop stop(2);
  CHECK_FALSE(stop.add(1.0));
  CHECK(stop.improved());
  CHECK_FALSE(stop.add(1.5));
  CHECK_FALSE(stop.improved());
  CHECK_FALSE(stop.add(0.9));  // counts anew
  CHECK_FALSE(stop.add(0.9));  // equal is not better
  CHECK(stop.add(0.95));
  CHECK(stop.best() == 0.9);
  CHECK(stop.best_epoch() == 3);
}

TEST_CASE("early stop: higher may be better, small gains may not count, NaN never does", "[train][early_stop]") {
  EarlyStop accuracy(1, Better::higher, 0.01);
  CHECK_FALSE(accuracy.add(-5));
  CHECK_FALSE(accuracy.add(0.5));
  CHECK(accuracy.add(0.505));
  CHECK(accuracy.best() == 0.5);

  EarlyStop broken(2);
  CHECK_FALSE(broken.add(not_a_number));
  CHECK_FALSE(broken.improved());
  CHECK(broken.add(not_a_number));
  CHECK(broken.best_epoch() == 0);
  EarlyStop late(3);
  late.add(not_a_number);
  CHECK_FALSE(late.add(5));
  CHECK(late.improved());
  CHECK_FALSE(late.add(not_a_number));
  CHECK(late.best() == 5);

  CHECK_THROWS_AS(EarlyStop(0), ValueError);
  CHECK_THROWS_AS(EarlyStop(1, Better::lower, not_a_number), ValueError);
}
