// The unit that owns the precompiled headers, which all test programs share.
#include "tests/catch.hpp"
