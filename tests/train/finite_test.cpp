#include "tenon/train/finite.hpp"

#include <limits>

#include "tenon/op/log.hpp"
#include "tenon/op/sum.hpp"
#include "tests/catch.hpp"

using namespace tenon;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
}  // namespace

TEST_CASE("finite: a loss that is NaN or infinite stops, with the step's number", "[train][finite]") {
  Arena arena;
  Step step(arena);
  CHECK_NOTHROW(train::require_finite(1e30, 7, step));
  const auto message = [&](double loss) -> std::string {
    try {
      train::require_finite(loss, 7, step);
    } catch (const train::DivergedError& e) {
      return e.what();
    }
    return "nothing was thrown";
  };
  CHECK(contains(message(not_a_number), "the loss of step 7 is NaN"));
  CHECK(contains(message(not_a_number), "finite_test.cpp:"));
  CHECK(contains(message(HUGE_VAL), "the loss of step 7 is infinite"));
  CHECK(contains(message(-HUGE_VAL), "is -infinite"));
}

TEST_CASE("finite: the first op that made a NaN is named", "[train][finite]") {
  Arena arena;
  const Tensor<float, 2> x = {1.f, -1.f};
  Step step(arena);
  Value h = log(step.variable(x));
  auto loss = sum(h);
  try {
    train::require_finite(loss.item(), 3, step);
    FAIL("nothing was thrown");
  } catch (const train::DivergedError& e) {
    if (checks > 1) CHECK(contains(e.what(), "the first NaN came from tenon::log"));
    else CHECK(contains(e.what(), "-DTENON_CHECKS=2 names the op"));
  }
}
