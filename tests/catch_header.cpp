// The unit that owns the precompiled Catch2 header, which all test programs share.
#include "tests/catch.hpp"
