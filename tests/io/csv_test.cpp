#include "tenon/io/csv.hpp"

#include <clocale>
#include <cmath>

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using io::CsvOptions;
using io::parse_csv;
using io_test::contains;
using io_test::message_of;

namespace {
template <class T = float> std::string error_of(std::string_view text, CsvOptions options = {}) {
  return message_of([&] { parse_csv<T>(text, "x.csv", options); });
}
}  // namespace

TEST_CASE("csv: rows, columns and values", "[io][csv]") {
  const auto table = parse_csv<double>("1,2.5,-3\n4e2,+5,.5\n");
  CHECK(table.rows == 2);
  CHECK(table.columns == 3);
  CHECK(table.header.empty());
  CHECK(table.values == std::vector<double>{1, 2.5, -3, 400, 5, 0.5});
}

TEST_CASE("csv: line ends, blanks, quotes, byte order mark do not matter", "[io][csv]") {
  const std::vector<float> want = {1, 2, 3, 4};
  for (std::string_view text : {"1,2\n3,4", "1,2\n3,4\n", "1,2\r\n3,4\r\n", "1,2\r\n3,4", "1,2\n3,4\n\n\r\n  \n",
                                " 1 ,\t2\n3 , 4 \n", "\"1\",2\n3,\"4\"", "\"1\" , \"2\"\r\n3,\" 4\"\r\n",
                                "\xEF\xBB\xBF"
                                "1,2\n3,4\n"}) {
    CAPTURE(text);
    if (contains(text, "\" 4\"")) {
      CHECK(contains(error_of(text), "x.csv:2:2: ' 4' is not a number"));  // quotes keep blanks
      continue;
    }
    const auto table = parse_csv<float>(text);
    CHECK(table.rows == 2);
    CHECK(table.values == want);
  }
}

TEST_CASE("csv: header, with quoted names", "[io][csv]") {
  const auto table =
      parse_csv<std::int32_t>("id,\"a, \"\"b\"\"\",\"two\nlines\"\n1,2,3\n4,5,6\n", "x.csv", {.header = true});
  CHECK(table.header == std::vector<std::string>{"id", "a, \"b\"", "two\nlines"});
  CHECK(table.rows == 2);
  CHECK(table.values == std::vector<std::int32_t>{1, 2, 3, 4, 5, 6});
  CHECK(contains(error_of("a,\"b\nc\"\n1,x\n", {.header = true}), "x.csv:3:2: 'x' is not a number"));
  const auto empty = parse_csv<float>("a,b\n", "x.csv", {.header = true});
  CHECK(empty.rows == 0);
  CHECK(empty.columns == 2);
}

TEST_CASE("csv: other separators", "[io][csv]") {
  CHECK(parse_csv<float>("1;2\n3;4", "", {.separator = ';'}).columns == 2);
  CHECK(parse_csv<float>("1\t 2\n3\t4\n", "", {.separator = '\t'}).values == std::vector<float>{1, 2, 3, 4});
  CHECK(parse_csv<float>("1 2\n3 4\n", "", {.separator = ' '}).values == std::vector<float>{1, 2, 3, 4});
  CHECK(contains(error_of("1\t\t3", {.separator = '\t'}), "x.csv:1:2: the field is empty"));
  CHECK_THROWS_AS(parse_csv<float>("1", "", {.separator = '"'}), ValueError);
  CHECK_THROWS_AS(parse_csv<float>("1", "", {.separator = '\n'}), ValueError);
}

TEST_CASE("csv: every element type reads its values", "[io][csv]") {
  CHECK(parse_csv<std::uint8_t>("0,255").values == std::vector<std::uint8_t>{0, 255});
  CHECK(parse_csv<std::int64_t>("-9223372036854775808,9223372036854775807").values[1] ==
        std::numeric_limits<std::int64_t>::max());
  CHECK(parse_csv<bool>("0,1").values == std::vector<bool>{false, true});
  CHECK(parse_csv<bfloat16>("1.5").values[0] == 1.5f);
  CHECK(parse_csv<float16>("65504,-2").values[0] == 65504.0f);
  const auto special = parse_csv<float>("nan,inf,-inf,1e-50,-1e-400,1e-42").values;
  CHECK(std::isnan(special[0]));
  CHECK(special[1] == INFINITY);
  CHECK(special[2] == -INFINITY);
  CHECK(special[3] == 0);
  CHECK(special[4] == 0);
  CHECK(special[5] == 1e-42f);
  CHECK(parse_csv<double>("0.1").values[0] == 0.1);
  CHECK(std::isinf(static_cast<float>(parse_csv<float16>("inf").values[0])));
}

TEST_CASE("csv: what is no number", "[io][csv]") {
  CHECK(error_of("1,2\n3,abc\n") == "x.csv:2:2: 'abc' is not a number; fix: correct the field");
  CHECK(contains(error_of("a,b\n1,2\n"), "x.csv:1:1: 'a' is not a number; fix: if the first line holds the names"));
  CHECK(contains(error_of("1,2\n3,\n"), "x.csv:2:2: the field is empty"));
  CHECK(contains(error_of("1,2\n\n3,4\n"), "x.csv:2:1: the field is empty"));
  CHECK(contains(error_of("1,2\n3,4x\n"), "'4x' is not a number"));
  CHECK(contains(error_of("1;2\n"),
                 "'1;2' is not a number; fix: if the first line holds the names of the columns, set "
                 ".header = true; else check the separator"));
  for (std::string_view bad : {"+-1", "--1", "0x10", "1,5e", "1 2", "+", "-", ".", "1e", "NA", "1_000"}) {
    CAPTURE(bad);
    CHECK(contains(error_of("7,7\n" + std::string(bad) + ",1\n"), "is not a number"));
  }
  CHECK(contains(error_of<std::int32_t>("1\n2.0\n"),
                 "x.csv:2:1: '2.0' is not an integer; fix: correct the field or read"));
  CHECK(contains(error_of("1\n" + std::string(1000, 'y')), "'yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy...' is not"));
  CHECK(contains(error_of("1\na\x01\x1b[31mb\n"), "'a??[31mb' is not"));
  CHECK(contains(error_of(std::string_view("1\n2\0003\n", 6)), "'2?3' is not"));
}

TEST_CASE("csv: too small for any type is a zero with its sign, however it is written", "[io][csv]") {
  const std::string zeros(6000, '0');
  for (const std::string& text : {std::string("1e-5000"), "0." + zeros + "1", "123" + zeros + "e-12000",
                                  std::string("9e-99999999999999999999999"), "0.0" + zeros + "1e+10"}) {
    CAPTURE(text.substr(0, 10), text.size());
    const auto x = parse_csv<double>(text + ",-" + text).values;
    CHECK((x[0] == 0 && !std::signbit(x[0])));
    CHECK((x[1] == 0 && std::signbit(x[1])));
  }
  for (const std::string& text : {std::string("1e5000"), "1" + zeros, "1" + zeros + "e-10", "0." + zeros + "1e12000",
                                  std::string("1e99999999999999999999999")}) {
    CAPTURE(text.substr(0, 10), text.size());
    CHECK(contains(error_of<double>(text), "out of range for float64"));
    CHECK(contains(error_of<float>("-" + text), "out of range for float32"));
  }
}

TEST_CASE("csv: what does not fit its type", "[io][csv]") {
  CHECK(contains(error_of<std::uint8_t>("1,256"), "x.csv:1:2: '256' is out of range for uint8; fix: "));
  CHECK(contains(error_of<std::uint8_t>("-1"), "'-1' is out of range for uint8"));
  CHECK(contains(error_of<bool>("2"), "'2' is out of range for bool"));
  CHECK(contains(error_of<std::int32_t>("2147483648"), "out of range for int32"));
  CHECK(contains(error_of<std::int64_t>("9223372036854775808"), "out of range for int64"));
  CHECK(contains(error_of<float>("1e39"), "out of range for float32"));
  CHECK(contains(error_of<float>("-1e5000"), "out of range for float32"));
  CHECK(contains(error_of<double>("1e400"), "out of range for float64"));
  CHECK(contains(error_of<float16>("1e5"), "out of range for float16"));
}

TEST_CASE("csv: ragged lines name both counts", "[io][csv]") {
  CHECK(contains(error_of("1,2,3\n4,5\n"), "x.csv:2: this line has 2 fields, line 1 has 3; fix: "));
  CHECK(contains(error_of("1\n4,x,6\n"), "x.csv:2: this line has 3 fields, line 1 has 1"));
  CHECK(contains(error_of("a,b\n1\n", {.header = true}), "x.csv:2: this line has 1 field, line 1 has 2"));
}

TEST_CASE("csv: open and misplaced quotes", "[io][csv]") {
  CHECK(contains(error_of("1,2\n3,\"4\n5,6\n"), "x.csv:2:2: the quote that opens this field is never closed"));
  CHECK(contains(error_of("1,\"2\"3\n"), "x.csv:1:2: text follows the closing quote"));
  CHECK(contains(error_of("1,\"\"\n"), "x.csv:1:2: the field is empty"));
  CHECK(contains(error_of("1,2\"\n"), "'2\"' is not a number"));
}

TEST_CASE("csv: files without a table", "[io][csv]") {
  for (std::string_view text : {"", "\n", "\r\n\r\n", "\xEF\xBB\xBF", " \n"}) {
    CHECK(contains(error_of(text), "x.csv: the file is empty"));
  }
  CHECK(contains(error_of(std::string_view("\xFF\xFE"
                                           "1\0",
                                           4)),
                 "UTF-16"));
}

TEST_CASE("csv: from a file, and the twin that does not throw", "[io][csv]") {
  const io_test::Folder folder;
  io::write_text(folder / "t.csv", "a;b\n1;2\n");
  const auto table = io::read_csv<float>(folder / "t.csv", {.header = true, .separator = ';'});
  CHECK(table.values == std::vector<float>{1, 2});
  const auto bad = io::try_read_csv<float>(folder / "t.csv");
  REQUIRE_FALSE(bad);
  CHECK(contains(bad.error().what(), folder / "t.csv:1:1: 'a;b' is not a number"));
  const auto missing = io::try_read_csv<float>(folder / "none.csv");
  REQUIRE_FALSE(missing);
  CHECK(contains(missing.error().what(), "No such file"));
  CHECK_THROWS_AS(io::read_csv<float>(folder / "t.csv"), FileError);
}

TEST_CASE("csv: the decimal point does not follow the locale", "[io][csv]") {
  const std::string before = std::setlocale(LC_ALL, nullptr);
  for (const char* name : {"de_DE.UTF-8", "fr_FR.UTF-8", "C"}) {
    if (std::setlocale(LC_ALL, name) == nullptr) continue;
    CHECK(parse_csv<double>("1.5,1e-320").values[0] == 1.5);
  }
  std::setlocale(LC_ALL, before.c_str());
}

TEST_CASE("csv: every cut of a table is a table or an error, never worse", "[io][csv]") {
  const std::string text = "a,\"b \"\"c\"\"\"\r\n1.5,-2e3\r\n\"3\",nan\r\n";
  for (std::size_t n = 0; n <= text.size(); ++n) {
    for (bool header : {false, true}) {
      const auto result = io::try_parse_csv<double>(text.substr(0, n), "x.csv", {.header = header});
      if (result)
        CHECK(result.value().rows * result.value().columns == static_cast<Index>(result.value().values.size()));
      else CHECK(contains(result.error().what(), "x.csv:"));
    }
  }
}
