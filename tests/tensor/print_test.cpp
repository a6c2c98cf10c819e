#include "tenon/tensor/print.hpp"

#include <limits>
#include <sstream>

#include "tenon/autodiff/step.hpp"
#include "tenon/op/add.hpp"
#include "tenon/op/divide.hpp"
#include "tenon/op/multiply.hpp"
#include "tenon/tensor/from_vector.hpp"
#include "tenon/tensor/make_range.hpp"
#include "tenon/tensor/rearrange.hpp"
#include "tests/catch.hpp"

// The expected texts were printed by NumPy 1.24.

namespace tn = tenon;
using tn::dyn;
using tn::Index;

namespace {
const double not_a_number = NAN, infinity = HUGE_VAL, third = 1.0 / 3;
template <class T, class... X> std::string text(X... x) {
  return tn::to_string(tn::Tensor<T, static_cast<Index>(sizeof...(X))>{static_cast<T>(x)...});
}
}  // namespace

TEST_CASE("print: columns are aligned at the point", "[tensor][print]") {
  const tn::Tensor<float, 2, 3> a = {{1, 2.5, -3}, {100, 0.125, third}};
  CHECK(tn::to_string(a) == R"([[  1.           2.5         -3.        ]
 [100.           0.125        0.33333334]])");
  CHECK(text<float>(third, 2 * third) == R"([0.33333334 0.6666667 ])");
  CHECK(text<double>(0.1, third, 1e-4) == R"([1.00000000e-01 3.33333333e-01 1.00000000e-04])");
  CHECK(text<float>(-0.0, 0.0) == R"([-0.  0.])");
  CHECK(text<double>(1.0, 1000.0) == R"([   1. 1000.])");
}
TEST_CASE("print: exponents when numbers are large, small or far apart", "[tensor][print]") {
  CHECK(text<float>(1e-5, 1, 1e5) == R"([1.e-05 1.e+00 1.e+05])");
  CHECK(text<double>(1e-5, 1, 1e5) == R"([1.e-05 1.e+00 1.e+05])");
  CHECK(text<double>(123456.789, 0.001953125) == R"([1.23456789e+05 1.95312500e-03])");
  CHECK(text<double>(1e100, 1) == R"([1.e+100 1.e+000])");
  CHECK(text<double>(99999999., 1e8 - 1) == R"([99999999. 99999999.])");
  CHECK(tn::to_string(tn::Tensor<double, 1>{1e8}) == R"([1.e+08])");
  CHECK(text<double>(0.0001, 0.1) == R"([0.0001 0.1   ])");
  CHECK(text<double>(1.0, 1000.5) == R"([1.0000e+00 1.0005e+03])");
}
TEST_CASE("print: NaN and infinities are right-aligned", "[tensor][print]") {
  CHECK(text<float>(1, not_a_number, -infinity, infinity) == R"([  1.  nan -inf  inf])");
  CHECK(text<double>(not_a_number, not_a_number) == R"([nan nan])");
  CHECK(text<double>(1e10, not_a_number, -infinity, 1e-300) == R"([1.e+010     nan    -inf 1.e-300])");
}
TEST_CASE("print: integers, bool and 16-bit numbers", "[tensor][print]") {
  CHECK(text<std::int64_t>(1, -20, 300) == R"([  1 -20 300])");
  CHECK(text<std::uint8_t>(1, 200, 30) == R"([  1 200  30])");
  const tn::Tensor<bool, 2, 2> b = {{true, false}, {false, false}};
  CHECK(tn::to_string(b) == R"([[ True False]
 [False False]])");
  const std::vector<tn::float16> halves{tn::float16(0.1f), tn::float16(1.f / 3)};
  const std::vector<tn::bfloat16> brains{tn::bfloat16(0.1f), tn::bfloat16(1.f / 3)};
  CHECK(tn::to_string(tn::from_vector(halves)) == R"([0.1    0.3333])");
  CHECK(tn::to_string(tn::from_vector(brains)) == "[0.1   0.334]");  // what names a bfloat16 among its neighbours
}
TEST_CASE("print: planes are separated by lines", "[tensor][print]") {
  CHECK(tn::to_string(tn::reshape(tn::arange(24), {2, 3, 4})) == R"([[[ 0  1  2  3]
  [ 4  5  6  7]
  [ 8  9 10 11]]

 [[12 13 14 15]
  [16 17 18 19]
  [20 21 22 23]]])");
  CHECK(tn::to_string(tn::reshape(tn::arange(24), {2, 3, 2, 2})) == R"([[[[ 0  1]
   [ 2  3]]

  [[ 4  5]
   [ 6  7]]

  [[ 8  9]
   [10 11]]]


 [[[12 13]
   [14 15]]

  [[16 17]
   [18 19]]

  [[20 21]
   [22 23]]]])");
}
TEST_CASE("print: rows break before column 75", "[tensor][print]") {
  CHECK(tn::to_string(tn::arange<float, 30>() / 8) ==
        R"([0.    0.125 0.25  0.375 0.5   0.625 0.75  0.875 1.    1.125 1.25  1.375
 1.5   1.625 1.75  1.875 2.    2.125 2.25  2.375 2.5   2.625 2.75  2.875
 3.    3.125 3.25  3.375 3.5   3.625])");
}
TEST_CASE("print: more than 1000 elements show 3 at each edge", "[tensor][print]") {
  CHECK(tn::to_string(tn::arange(1001)) == R"([   0    1    2 ...  998  999 1000])");
  CHECK(tn::to_string(tn::reshape(tn::arange<float, 1200>() / 4, {40, 30})) ==
        R"([[0.0000e+00 2.5000e-01 5.0000e-01 ... 6.7500e+00 7.0000e+00 7.2500e+00]
 [7.5000e+00 7.7500e+00 8.0000e+00 ... 1.4250e+01 1.4500e+01 1.4750e+01]
 [1.5000e+01 1.5250e+01 1.5500e+01 ... 2.1750e+01 2.2000e+01 2.2250e+01]
 ...
 [2.7750e+02 2.7775e+02 2.7800e+02 ... 2.8425e+02 2.8450e+02 2.8475e+02]
 [2.8500e+02 2.8525e+02 2.8550e+02 ... 2.9175e+02 2.9200e+02 2.9225e+02]
 [2.9250e+02 2.9275e+02 2.9300e+02 ... 2.9925e+02 2.9950e+02 2.9975e+02]])");
  CHECK(tn::to_string(tn::reshape(tn::arange(10 * 11 * 12), {10, 11, 12})) == R"([[[   0    1    2 ...    9   10   11]
  [  12   13   14 ...   21   22   23]
  [  24   25   26 ...   33   34   35]
  ...
  [  96   97   98 ...  105  106  107]
  [ 108  109  110 ...  117  118  119]
  [ 120  121  122 ...  129  130  131]]

 [[ 132  133  134 ...  141  142  143]
  [ 144  145  146 ...  153  154  155]
  [ 156  157  158 ...  165  166  167]
  ...
  [ 228  229  230 ...  237  238  239]
  [ 240  241  242 ...  249  250  251]
  [ 252  253  254 ...  261  262  263]]

 [[ 264  265  266 ...  273  274  275]
  [ 276  277  278 ...  285  286  287]
  [ 288  289  290 ...  297  298  299]
  ...
  [ 360  361  362 ...  369  370  371]
  [ 372  373  374 ...  381  382  383]
  [ 384  385  386 ...  393  394  395]]

 ...

 [[ 924  925  926 ...  933  934  935]
  [ 936  937  938 ...  945  946  947]
  [ 948  949  950 ...  957  958  959]
  ...
  [1020 1021 1022 ... 1029 1030 1031]
  [1032 1033 1034 ... 1041 1042 1043]
  [1044 1045 1046 ... 1053 1054 1055]]

 [[1056 1057 1058 ... 1065 1066 1067]
  [1068 1069 1070 ... 1077 1078 1079]
  [1080 1081 1082 ... 1089 1090 1091]
  ...
  [1152 1153 1154 ... 1161 1162 1163]
  [1164 1165 1166 ... 1173 1174 1175]
  [1176 1177 1178 ... 1185 1186 1187]]

 [[1188 1189 1190 ... 1197 1198 1199]
  [1200 1201 1202 ... 1209 1210 1211]
  [1212 1213 1214 ... 1221 1222 1223]
  ...
  [1284 1285 1286 ... 1293 1294 1295]
  [1296 1297 1298 ... 1305 1306 1307]
  [1308 1309 1310 ... 1317 1318 1319]]])");
  CHECK(tn::to_string(tn::arange(1000)).find("...") == std::string::npos);
}
TEST_CASE("print: a single number looks as in Python, an empty tensor is []", "[tensor][print]") {
  CHECK(tn::to_string(tn::Tensor<float>(0.1)) == R"(0.1)");
  CHECK(tn::to_string(tn::Tensor<double>(1e-5)) == R"(1e-05)");
  CHECK(tn::to_string(tn::Tensor<double>(1e16)) == R"(1e+16)");
  CHECK(tn::to_string(tn::Tensor<double>(100)) == R"(100.0)");
  CHECK(tn::to_string(tn::Tensor<bool>(true)) == R"(True)");
  CHECK(tn::to_string(tn::Tensor<std::int64_t>(-7)) == R"(-7)");
  CHECK(tn::to_string(tn::Tensor<double>(not_a_number)) == "nan");
  CHECK(tn::to_string(tn::Tensor<float, dyn, dyn>({0, 3})) == R"([])");
  CHECK(tn::to_string(tn::Tensor<float, dyn, dyn>({3, 0})) == "[]");
}
TEST_CASE("print: views, expressions, values and parameters, and into streams", "[tensor][print]") {
  const tn::Tensor<std::int32_t, 2, 3> a = {{1, 2, 3}, {4, 5, 6}};
  CHECK(tn::to_string(a(tn::all, tn::range(2, tn::Range::open, -1))) == "[[3 2 1]\n [6 5 4]]");
  CHECK(tn::to_string(tn::transpose(a)) == "[[1 4]\n [2 5]\n [3 6]]");
  CHECK(tn::to_string(a + 1) == "[[2 3 4]\n [5 6 7]]");
  tn::Parameter<float, 2> p(tn::Tensor<float, 2>{1, 2});
  tn::Arena arena;
  tn::Step step(arena, p);
  const tn::Value v = 2 * p;
  CHECK(tn::to_string(p) == "[1. 2.]");
  std::ostringstream stream;
  stream << v << " and " << a(0) << " and " << p * 0.5;
  CHECK(stream.str() == "[2. 4.] and [1 2 3] and [0.5 1. ]");
}
TEST_CASE("print: a stale view is refused", "[tensor][print]") {
  std::optional<tn::View<float, 2>> view;
  {
    const tn::Tensor<float, 2> gone = {1, 2};
    view = gone.view();
  }
  CHECK_THROWS_AS(tn::to_string(*view), tn::OwnershipError);
}
TEST_CASE("print: a shape", "[tensor][print]") {
  std::ostringstream out;
  out << tn::Tensor<float, tn::dyn, 3>({2, 3}).shape() << ' ' << tn::Shape<>();
  CHECK(out.str() == "(2, 3) ()");
}
