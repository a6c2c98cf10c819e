// Elementwise math on lanes, found by argument-dependent lookup: `using std::exp; y = exp(x);` runs on a number and on
// a Batch of them. Every lane is computed from its own argument alone. Accuracy is stated in ulp, the largest error
// that tests/simd/math_test.cpp and longer sweeps met, with and without fma, against long double.
#pragma once

#include "tenon/simd/math_basic.hpp"
#include "tenon/simd/math_erf.hpp"
#include "tenon/simd/math_exp.hpp"
#include "tenon/simd/math_log.hpp"
#include "tenon/simd/math_pow.hpp"
#include "tenon/simd/math_tanh.hpp"
#include "tenon/simd/math_trig.hpp"
