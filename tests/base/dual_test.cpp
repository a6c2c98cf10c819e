// Dual numbers against derivatives worked out by hand.
#include "tenon/base/dual.hpp"

#include "tests/catch.hpp"

using tenon::Dual;

TEST_CASE("dual: arithmetic follows the rules of derivatives", "[base][dual]") {
  const Dual<double> x(3, 1), c(2);  // a variable and a constant
  CHECK(((x + c).tangent == 1 && (x - c).tangent == 1 && (c - x).tangent == -1 && (-x).tangent == -1));
  CHECK(((x * x).value == 9 && (x * x).tangent == 6));
  CHECK(((c / x).value == 2.0 / 3 && (c / x).tangent == Approx(-2.0 / 9)));
  Dual<double> y = x;
  y += x;
  y *= 2.0;
  y -= c;
  CHECK((y.value == 10 && y.tangent == 4));
}

TEST_CASE("dual: of duals, the second derivative", "[base][dual]") {
  using D2 = Dual<Dual<double>>;
  const D2 x(Dual<double>(3, 1), Dual<double>(1, 0));
  const D2 cube = x * x * x;
  CHECK((cube.value.value == 27 && cube.value.tangent == 27 && cube.tangent.value == 27 && cube.tangent.tangent == 18));
  CHECK(Dual<float>(Dual<double>(0.5, 0.25)).tangent == 0.25f);
}

TEST_CASE("dual: comparisons and select look at the value alone", "[base][dual]") {
  const Dual<double> a(1, 5), b(2, -5);
  CHECK((a < b && a <= b && b > a && b >= a && a != b && a == Dual<double>(1, 7)));
  CHECK((select(a < b, a, b).tangent == 5 && select(a > b, a, b).tangent == -5));
  CHECK((tenon::both(true, false) == false && tenon::either(true, false) == true));
}
