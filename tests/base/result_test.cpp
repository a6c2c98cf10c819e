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

TEST_CASE("error: place, problem and fix, one by one and as a line", "[base][result]") {
  const tenon::ValueError told({"a.cpp", 12}, "f: x is 3; y", "give 2"), plain({}, "f: no", "do"), bare({}, "f", "");
  CHECK(std::string(told.what()) == "a.cpp:12: f: x is 3; y; fix: give 2");
  CHECK((told.where().line == 12 && told.problem() == "f: x is 3; y" && told.fix() == "give 2"));
  CHECK((!plain.where().known() && plain.problem() == "f: no" && plain.fix() == "do"));
  CHECK((bare.problem() == "f" && bare.fix().empty()));
}
