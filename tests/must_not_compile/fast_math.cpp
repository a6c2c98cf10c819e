// -ffast-math would drop the NaN that the checks look for and the order of sums.
// EXPECT: -ffast-math drops NaN
// ALONE: what counts is defined before the include
#ifdef TENON_BAD
#define __FAST_MATH__ 1
#endif
#include "tenon/base/config.hpp"
