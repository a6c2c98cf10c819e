// The unit that owns the precompiled tests/catch.hpp, which all test programs share.
#include "tests/catch.hpp"
