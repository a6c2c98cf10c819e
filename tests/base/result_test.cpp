#include "tenon/base/result.hpp"

#include <string>

#include "tests/catch.hpp"

using tenon::FileError;
using tenon::Result;

TEST_CASE("result: holds a value, reached like a pointer's", "[base][result]") {
  Result<std::string> r = std::string("text");
  REQUIRE(r);
  *r += "s";
  CHECK(r->size() == 5);
  const Result<std::string>& read_only = r;
  CHECK((*read_only == "texts" && read_only->back() == 's' && read_only.value().front() == 't'));
  const std::string taken = std::move(r).value();
  CHECK(taken == "texts");
}

TEST_CASE("result: holds an error, which asking for the value throws", "[base][result]") {
  const Result<int> r = FileError({}, "x.csv: cannot be opened", "check the path");
  REQUIRE(!r);
  CHECK(std::string(r.error().what()) == "x.csv: cannot be opened; fix: check the path");
  CHECK_THROWS_AS(r.value(), FileError);
  CHECK_THROWS_AS(*r, FileError);
}
