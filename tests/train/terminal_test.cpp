#include "tenon/train/terminal.hpp"

#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace tenon;
using train::Terminal;

TEST_CASE("terminal: a stream that is none is plain", "[train][terminal]") {
  std::FILE* f = std::tmpfile();
  REQUIRE(f != nullptr);
  const auto t = Terminal::of(f);
  CHECK_FALSE(t.interactive);
  CHECK_FALSE(t.colors);
  CHECK(t.columns == 80);
  std::fclose(f);
}

TEST_CASE("terminal: block characters need a UTF-8 locale", "[train][terminal]") {
  std::FILE* f = std::tmpfile();
  REQUIRE(f != nullptr);
  const auto unicode_with = [&](const char* lc_all, const char* type, const char* lang) {
    ::setenv("LC_ALL", lc_all, 1);
    ::setenv("LC_CTYPE", type, 1);
    ::setenv("LANG", lang, 1);
    return Terminal::of(f).unicode;
  };
  std::vector<std::string> before;
  for (const char* v : {"LC_ALL", "LC_CTYPE", "LANG"}) before.emplace_back(std::getenv(v) ? std::getenv(v) : "");
  CHECK(unicode_with("", "", "en_US.UTF-8"));
  CHECK(unicode_with("", "de_DE.utf8", "C"));
  CHECK(unicode_with("C.UTF-8", "", "C"));
  CHECK_FALSE(unicode_with("C", "", "en_US.UTF-8"));
  CHECK_FALSE(unicode_with("", "", ""));
  CHECK_FALSE(unicode_with("", "", "de_DE@euro"));
  ::setenv("LC_ALL", before[0].c_str(), 1);
  ::setenv("LC_CTYPE", before[1].c_str(), 1);
  ::setenv("LANG", before[2].c_str(), 1);
  std::fclose(f);
}
