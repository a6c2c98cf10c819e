#include "tenon/io/svg.hpp"

#include "tests/catch.hpp"
#include "tests/io/text_helpers.hpp"

using namespace tenon;
using namespace tenon::io;
using io_test::contains;
using io_test::message_of;
using SvgAxis = svg::svg_detail::Axis;
using SvgRange = svg::svg_detail::Range;

namespace {
constexpr double no_number = std::numeric_limits<double>::quiet_NaN(),
                 infinite = std::numeric_limits<double>::infinity();
using Numbers = std::vector<double>;

bool near(double a, double b, double tolerance) { return std::abs(a - b) <= tolerance; }

/// Empty when the text is well-formed (elements nested and closed, attributes quoted, no stray < or &), else why not.
std::string malformed(std::string_view s) {
  std::vector<std::string> open;
  std::size_t i = 0;
  while (i < s.size()) {
    if (s[i] == '&') {
      bool known = false;
      for (std::string_view e : {"&amp;", "&lt;", "&gt;", "&quot;"}) known = known || s.substr(i).starts_with(e);
      if (!known) return "a stray &";
    }
    if (s[i] != '<') {
      if (open.empty() && s[i] != '\n') return "text outside";
      ++i;
      continue;
    }
    const std::size_t end = s.find('>', i);
    if (end == std::string_view::npos) return "an open tag";
    std::string_view tag = s.substr(i + 1, end - i - 1);
    i = end + 1;
    if (tag.starts_with('/')) {
      if (open.empty() || open.back() != tag.substr(1)) return "closes " + std::string(tag);
      open.pop_back();
      continue;
    }
    if (tag.find('<') != std::string_view::npos) return "a stray <";
    const bool closed = tag.ends_with('/');
    int quotes = 0;
    for (char c : tag) quotes += c == '"';
    if (quotes % 2) return "an open quote in " + std::string(tag);
    if (!closed) open.emplace_back(tag.substr(0, tag.find(' ')));
  }
  return open.empty() ? "" : "never closes " + open.back();
}
int occurrences(std::string_view text, std::string_view part) {
  int n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++n;
  return n;
}
std::vector<std::string> labels(const std::vector<svg::svg_detail::Tick>& ticks) {
  std::vector<std::string> out;
  for (const auto& t : ticks) out.push_back(t.label);
  return out;
}
std::vector<std::string> linear(double lo, double hi, int most) {
  return labels(svg::svg_detail::linear_ticks({lo, hi}, most));
}
std::vector<std::string> logarithmic(double lo, double hi, int most) {
  return labels(svg::svg_detail::log_ticks({lo, hi}, most));
}
using Labels = std::vector<std::string>;

/// The numbers of attribute `name` of every element `element`.
Numbers attributes(const std::string& picture, const std::string& element, const std::string& name) {
  Numbers out;
  for (std::size_t at = picture.find("<" + element + " "); at != std::string::npos;
       at = picture.find("<" + element + " ", at + 1)) {
    const std::size_t value = picture.find(" " + name + "=\"", at);
    out.push_back(std::stod(picture.substr(value + name.size() + 3)));
  }
  return out;
}
}  // namespace

TEST_CASE("svg: ticks are multiples of 1, 2 or 5 times a power of ten", "[io][svg]") {
  CHECK(linear(0, 1, 5) == Labels{"0.0", "0.2", "0.4", "0.6", "0.8", "1.0"});
  CHECK(linear(0, 10, 5) == Labels{"0", "2", "4", "6", "8", "10"});
  CHECK(linear(-3, 7, 4) == Labels{"0", "5"});
  CHECK(linear(0.811, 0.889, 8) == Labels{"0.82", "0.83", "0.84", "0.85", "0.86", "0.87", "0.88"});
  CHECK(linear(0, 60000, 6) == Labels{"0", "10000", "20000", "30000", "40000", "50000", "60000"});
  CHECK(linear(0, 3e9, 3) == Labels{"0", "1e9", "2e9", "3e9"});
  CHECK(linear(0, 3e-8, 3) == Labels{"0", "1e-8", "2e-8", "3e-8"});
  CHECK(linear(-1, 1, 4) == Labels{"-1.0", "-0.5", "0.0", "0.5", "1.0"});
  for (double lo : {-7.3, 0.0, 1e-5, 123.0, 1e12}) {
    for (double length : {1e-3, 0.7, 1.0, 3.3, 99.0, 1e7}) {
      for (int most = 2; most < 12; ++most) {
        const auto ticks = svg::svg_detail::linear_ticks({lo, lo + length}, most);
        CAPTURE(lo, length, most);
        REQUIRE(static_cast<int>(ticks.size()) <= most + 1);
        REQUIRE(static_cast<int>(ticks.size()) >= most / 3);
        for (const auto& t : ticks) REQUIRE((t.value >= lo - 1e-6 * length && t.value <= lo + length * (1 + 1e-6)));
      }
    }
  }
}

TEST_CASE("svg: logarithmic ticks are powers of ten", "[io][svg]") {
  CHECK(logarithmic(1e-7, 1e-1, 8) == Labels{"1e-7", "1e-6", "1e-5", "1e-4", "0.001", "0.01", "0.1"});
  CHECK(logarithmic(16, 1024, 8) == Labels{"20", "50", "100", "200", "500", "1000"});
  CHECK(logarithmic(1e-40, 1e20, 8) == Labels{"1e-40", "1e-32", "1e-24", "1e-16", "1e-8", "1", "1e8", "1e16"});
  CHECK(logarithmic(2.1, 4.4, 4) == Labels{"3", "4"});  // no power of ten within: as a linear axis
  CHECK(logarithmic(1e5, 1e7, 5) == Labels{"100000", "1e6", "1e7"});
}

TEST_CASE("svg: an axis maps its ends to its ends, and the middle between", "[io][svg]") {
  const SvgAxis linear_axis{{2, 6}, false, 100, 300};
  CHECK(near(linear_axis(2), 100, 1e-9));
  CHECK(near(linear_axis(3), 150, 1e-9));
  CHECK(near(linear_axis(6), 300, 1e-9));
  const SvgAxis log_axis{{1, 10000}, true, 400, 0};  // upwards
  CHECK(near(log_axis(1), 400, 1e-9));
  CHECK(near(log_axis(100), 200, 1e-9));
  CHECK(near(log_axis(10000), 0, 1e-9));
}

TEST_CASE("svg: ranges have room, and constants and nothing at all too", "[io][svg]") {
  using svg::svg_detail::padded;
  for (bool log : {false, true}) {
    for (SvgRange r : {SvgRange{1, 9}, SvgRange{5, 5}, SvgRange{1e-99, 1e-99}, SvgRange{9e99, 9e99}, SvgRange{},
                       SvgRange{1e-99, 9e99}}) {
      for (bool tight : {false, true}) {
        const SvgRange p = padded(r, log, tight);
        CHECK(p.lo < p.hi);
        if (!r.empty()) CHECK((p.lo <= r.lo && p.hi >= r.hi));
        const auto ticks = SvgAxis{p, log, 0, 1, 0}.ticks(6);
        CAPTURE(log, tight, p.lo, p.hi);
        CHECK(!ticks.empty());
        CHECK(ticks.size() < 25);
      }
    }
  }
  CHECK(padded({0.1, 2.5}, false, false).lo == 0);
  CHECK(padded({-2.5, -0.1}, false, false).hi == 0);
  CHECK(padded({0, 0}, false, false).lo == -0.5);
}

TEST_CASE("svg: points of a line stand where the ticks say", "[io][svg]") {
  const svg::LineChart chart{.series = {{"", Numbers{0, 5, 10}, Numbers{0, 50, 100}}}};
  const std::string picture = chart.to_svg();
  CHECK(malformed(picture) == "");
  const Numbers x = attributes(picture, "circle", "cx"), y = attributes(picture, "circle", "cy");
  REQUIRE(x.size() == 3);
  CHECK(near(x[1], (x[0] + x[2]) / 2, 0.02));
  CHECK(near(y[1], (y[0] + y[2]) / 2, 0.02));
  CHECK(near(x[2], chart.width - 26, 1e-9));
  CHECK(y[0] > y[2]);  // up is less
  // The tick label "50" stands 4 pixels below the height of the point with y = 50 ("5" of the x axis at its x).
  const auto label_of = [&](const std::string& text, const std::string& name) {
    const std::size_t at = picture.rfind("<text", picture.find(">" + text + "</text>"));
    return std::stod(picture.substr(picture.find(" " + name + "=\"", at) + name.size() + 3));
  };
  CHECK(near(label_of("80", "y") - 4, y[0] + 0.8 * (y[2] - y[0]), 0.03));
  CHECK(near(label_of("5", "x"), x[1], 0.03));
  CHECK(occurrences(picture, "<polyline") == 1);
}

TEST_CASE("svg: what cannot be drawn leaves a gap", "[io][svg]") {
  Numbers y(60, 1.0);
  y[10] = no_number, y[12] = infinite, y[30] = -infinite, y[31] = 1e105;
  for (std::size_t i = 0; i < 60; ++i) y[i] += static_cast<double>(i % 3);
  const std::string gaps = svg::LineChart{.series = {{"a", y}}}.to_svg();
  CHECK(occurrences(gaps, "<polyline") == 3);  // 0-9, 13-29, 32-59
  CHECK(occurrences(gaps, "<circle") == 1);    // 11 alone
  CHECK_FALSE(contains(gaps, "nan"));
  CHECK_FALSE(contains(gaps, "inf"));
  const std::string log =
      svg::LineChart{.series = {{"a", Numbers{1, 10, 0, 100, -5, 1000, 100}}}, .log_y = true}.to_svg();
  CHECK(occurrences(log, "<polyline") == 2);
  CHECK(occurrences(log, "<circle") == 5);
  for (bool with_series : {false, true}) {
    svg::LineChart none{.title = "t"};
    if (with_series) none.series = {{"a", Numbers{no_number, no_number}}};
    CHECK(contains(none.to_svg(), ">no data</text>"));
    CHECK(malformed(none.to_svg()) == "");
  }
}

TEST_CASE("svg: texts are escaped, in UTF-8 or replaced", "[io][svg]") {
  const std::string hostile = "a<b>&\"c'\x01\x7f\xff\xc3\xa9\xe2\x82\xac\xed\xa0\x80\xc0\x80";
  const svg::LineChart lines{
      .title = hostile, .x_label = hostile, .y_label = hostile, .series = {{hostile, Numbers{1, 2}}}};
  CHECK(malformed(lines.to_svg()) == "");
  CHECK(occurrences(lines.to_svg(), "a&lt;b&gt;&amp;&quot;c'???\xc3\xa9\xe2\x82\xac?????") == 5);
  const svg::BarChart bars{
      .title = hostile, .y_label = hostile, .categories = {hostile}, .bars = {{hostile, Numbers{1}}}};
  CHECK(malformed(bars.to_svg()) == "");
  CHECK(occurrences(bars.to_svg(), "a&lt;b&gt;&amp;&quot;c'???\xc3\xa9\xe2\x82\xac?????") == 5);
  CHECK(svg::svg_detail::escaped("\xf0\x9f\x98\x80\xf4\x90\x80\x80") == "\xf0\x9f\x98\x80????");
  CHECK(svg::svg_detail::escaped("\xe2\x82") == "??");
}

TEST_CASE("svg: the legend shows every named series", "[io][svg]") {
  std::vector<svg::Series> many;
  for (int i = 0; i < 12; ++i) many.push_back({"series number " + std::to_string(i), Numbers{1.0 * i, 2}});
  const std::string picture = svg::LineChart{.series = many}.to_svg();
  CHECK(malformed(picture) == "");
  for (int i = 0; i < 12; ++i) CHECK(contains(picture, ">series number " + std::to_string(i) + "</text>"));
  CHECK(contains(picture, "stroke-dasharray"));  // more series than colours
  for (double x : attributes(picture, "text", "x")) CHECK((x > 0 && x < 800));
  CHECK(occurrences(svg::LineChart{.series = {{"", Numbers{1, 2}}}}.to_svg(), "font-size=\"12.5\"") == 0);
}

TEST_CASE("svg: heights of bars are in the ratio of their values", "[io][svg]") {
  const svg::BarChart chart{.categories = {"p", "q"}, .bars = {{"a", Numbers{10, -5}}, {"b", std::vector<int>{5, 0}}}};
  const std::string picture = chart.to_svg();
  CHECK(malformed(picture) == "");
  const Numbers h = attributes(picture, "rect", "height"), y = attributes(picture, "rect", "y");
  REQUIRE(h.size() == 1 + 2 + 4);  // background, legend, bars by category
  const double one = h[3] / 10;
  CHECK(near(h[4], 5 * one, 0.02));
  CHECK(near(h[5], 5 * one, 0.02));
  CHECK(h[6] == 0);
  CHECK(near(y[3] + h[3], y[5], 0.02));  // one stands on the zero line, one hangs from it
  for (const char* label : {"10", "-5", "5", "0"}) CHECK(contains(picture, std::string(">") + label + "</text>"));
}

TEST_CASE("svg: bars that cannot be drawn are written, long labels are turned into the picture", "[io][svg]") {
  const std::string odd =
      svg::BarChart{.categories = {"p", "q"}, .bars = {{"a", Numbers{no_number, infinite}}}}.to_svg();
  CHECK(malformed(odd) == "");
  CHECK(contains(odd, ">nan</text>"));
  CHECK(contains(odd, ">inf</text>"));
  CHECK(malformed(svg::BarChart{}.to_svg()) == "");
  std::vector<std::string> names(8, "a name that is rather long");
  const std::string turned = svg::BarChart{.categories = names, .bars = {{"a", Numbers(8, 1.0)}}}.to_svg();
  CHECK(occurrences(turned, "rotate(-35") == 8);
  CHECK(malformed(turned) == "");
}

TEST_CASE("svg: lengths that differ are refused", "[io][svg]") {
  CHECK(contains(message_of([] { svg::Series("loss", Numbers(3), Numbers(4)); }),
                 "\"loss\" has 3 x values and 4 y values"));
  CHECK(contains(message_of([] {
                   svg::BarChart{.categories = {"p"}, .bars = {{"a", Numbers(2)}}}.to_svg();
                 }),
                 "\"a\" has 2 values for 1 categories"));
}

TEST_CASE("svg: charts are written to files", "[io][svg]") {
  const io_test::Folder folder;
  const svg::LineChart chart{.series = {{"a", std::vector<float>{1, 2}}}};
  chart.write(folder / "a.svg");
  CHECK(read_text(folder / "a.svg") == chart.to_svg());
  CHECK_FALSE(chart.try_write(folder / "none/a.svg"));
  CHECK_THROWS_AS(svg::BarChart{}.write(folder / "none/a.svg"), FileError);
}
