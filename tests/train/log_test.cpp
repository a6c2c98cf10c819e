#include "tenon/train/log.hpp"

#include <limits>

#include "tenon/io/csv.hpp"
#include "tests/catch.hpp"

using namespace tenon;

namespace {
constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
}  // namespace

TEST_CASE("log: what is written comes back exactly", "[train][log]") {
  train::Log log({"epoch", "loss", "a, \"quoted\" name"});
  CHECK(log.to_csv() == "epoch,loss,\"a, \"\"quoted\"\" name\"\n");
  log.add({1, 0.1, 1e-300});
  log.add({2, 1.0 / 3, not_a_number});
  CHECK(log.rows() == 2);
  CHECK(log["loss"] == std::vector<double>{0.1, 1.0 / 3});
  CHECK_THROWS_AS(log["accuracy"], ValueError);
  CHECK_THROWS_AS(log.add({1, 2}), ValueError);
  CHECK(log.rows() == 2);
  const auto table = io::parse_csv<double>(log.to_csv(), "log", {.header = true});
  CHECK(table.header == log.columns());
  CHECK(table.rows == 2);
  CHECK(table.values[1] == 0.1);
  CHECK(table.values[2] == 1e-300);
  CHECK(table.values[4] == 1.0 / 3);
  CHECK(table.values[5] != table.values[5]);
  CHECK_FALSE(log.try_write("/nonexistent/curves.csv"));
}
