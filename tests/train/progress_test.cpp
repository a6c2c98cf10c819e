#include "tenon/train/progress.hpp"

#include <cmath>
#include <string>
#include <vector>

#include "tests/catch.hpp"

using namespace tenon;
using train::Progress;
using train::Terminal;

namespace {

double fake_now = 0;
double fake_clock() { return fake_now; }

/// A stream in memory.
class Screen {
 public:
  Screen() : file_(open_memstream(&text_, &size_)) {}
  Screen(const Screen&) = delete;
  ~Screen() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return {text_, size_};
  }
  /// What a terminal would show of the last line that was drawn.
  std::string last() {
    const std::string all = text();
    const auto begin = all.rfind('\r'), end = all.find("\033[K", begin);
    return all.substr(begin + 1, end - begin - 1);
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_;
};

train::ProgressOptions fake(Screen& s, Terminal t) {
  fake_now = 100;
  return {.out = s.file(), .terminal = t, .now = &fake_clock};
}
constexpr Terminal wide{.interactive = true, .columns = 100};

/// Columns of UTF-8 text whose characters are all one wide.
int columns(const std::string& s) {
  int n = 0;
  for (char c : s) n += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return n;
}
}  // namespace

TEST_CASE("progress: one line is redrawn, ten times a second at most", "[train][progress]") {
  Screen screen;
  {
    Progress p(10, 1000, fake(screen, wide));
    p.begin_epoch();
    for (int i = 0; i < 100; ++i) {
      fake_now += 0.01;
      p.add(0.5, 10);
    }
  }
  const auto text = screen.text();
  const auto drawn = std::count(text.begin(), text.end(), '\r');
  CHECK(drawn >= 10);
  CHECK(drawn <= 12);
  CHECK(std::count(text.begin(), text.end(), '\n') == 1);  // when the line was left behind
  CHECK(text.back() == '\n');
}

TEST_CASE("progress: shows epoch, bar, means, speed and time left", "[train][progress]") {
  Screen screen;
  Progress p(10, 1000, fake(screen, wide));
  p.begin_epoch();
  p.add(1, 100, 50);
  fake_now += 2;
  p.add(0.5, 300, 270);
  // 400 of 1000 samples in 2 s, an epoch of 10: 4 % of all took 2 s, 96 % will take 48. Means: (100 + 150) / 400, 320 /
  // 400.
  CHECK(screen.last() ==
        "epoch  1/10  [########...........]   40 %  loss 0.6250  accuracy  80.0 %   200 samples/s  0:48 left");
  p.end_epoch("test 81 %");
  CHECK(screen.last() == "epoch  1/10  loss 0.6250  accuracy  80.0 %  test 81 %   200 samples/s  2.0 s");
  CHECK(screen.text().back() == '\n');
  CHECK(p.loss() == 0.625);
  CHECK(p.accuracy() == 0.8);
  CHECK(p.rate() == 200);
}

TEST_CASE("progress: a model without classes has no accuracy", "[train][progress]") {
  Screen screen;
  Progress p(1, 10, fake(screen, wide));
  p.begin_epoch();
  fake_now += 1;
  p.add(0.25, 10);
  p.end_epoch();
  CHECK(screen.last() == "epoch 1/1  loss 0.2500    10 samples/s  1.0 s");
}

TEST_CASE("progress: means and speed begin anew with each epoch", "[train][progress]") {
  Screen screen;
  Progress p(2, 100, fake(screen, wide));
  p.begin_epoch();
  CHECK(std::isnan(p.loss()));
  p.add(100, 100, 0);
  p.end_epoch();
  fake_now += 50;  // spent on something else
  p.begin_epoch();
  fake_now += 1;
  p.add(1, 50, 50);
  CHECK(screen.last().find("epoch 2/2") == 0);
  CHECK(screen.last().find("loss 1.0000  accuracy 100.0 %    50 samples/s  0:17 left") != std::string::npos);
}

TEST_CASE("progress: a resumed training counts epochs from its beginning and time from now", "[train][progress]") {
  Screen screen;
  auto options = fake(screen, wide);
  options.epochs_done = 6;
  Progress p(10, 1000, options);
  p.begin_epoch();
  fake_now += 10;
  p.add(0.5, 500);  // an eighth of what is left
  CHECK(screen.last().find("epoch  7/10") != std::string::npos);
  CHECK(screen.last().find("1:10 left") != std::string::npos);
}

TEST_CASE("progress: fits every width, the less important fields go first", "[train][progress]") {
  for (const bool unicode : {false, true}) {
    for (int width = 1; width < 300; ++width) {
      CAPTURE(unicode, width);
      Screen screen;
      Progress p(10, 1000, fake(screen, {.interactive = true, .unicode = unicode, .columns = width}));
      p.begin_epoch();
      fake_now += 2;
      p.add(0.625, 400, 320);
      const auto line = screen.last();
      CHECK(columns(line) <= width - 1);
      const auto has = [&](std::string_view part) { return line.find(part) != std::string::npos; };
      if (width > 34) CHECK(has("loss 0.6250"));
      if (has("samples/s")) CHECK(has("left"));
      if (has("left")) CHECK(has("accuracy"));
      if (width >= 80) CHECK(has("samples/s"));
      CHECK(has("%") == (has("40 %") || has("80.0 %")));
    }
  }
}

TEST_CASE("progress: the bar is full at the end and grows without falling back", "[train][progress]") {
  int before = -1;
  for (Index seen = 0; seen <= 240; ++seen) {
    Screen screen;
    Progress p(1, 240, fake(screen, {.interactive = true, .unicode = true, .columns = 200}));
    p.begin_epoch();
    fake_now += 1;
    p.add(1, seen);
    const auto line = screen.last();
    int eighths = 0, cells = 0;
    for (std::size_t i = 0; i + 2 < line.size(); ++i) {
      if (line[i] == '\xE2' && line[i + 1] == '\x96') {
        const int code = static_cast<unsigned char>(line[i + 2]);
        REQUIRE(code >= 0x88);
        REQUIRE(code <= 0x8F);
        eighths += 0x90 - code;
        ++cells;
      }
      if (line[i] == '\xC2') ++cells;
    }
    CHECK(cells == 30);
    CHECK(eighths >= before);
    CHECK(eighths == seen);
    before = eighths;
  }
}

TEST_CASE("progress: without a terminal there are plain lines only", "[train][progress]") {
  Screen screen;
  Progress p(2, 1000, fake(screen, {}));
  for (int epoch = 0; epoch < 2; ++epoch) {
    p.begin_epoch();
    for (int i = 0; i < 10; ++i) {
      fake_now += 7;
      p.add(0.5, 100, 50);
    }
    p.end_epoch();
  }
  CHECK(screen.text() ==
        "epoch 1/2   50 %  loss 0.5000  accuracy  50.0 %    14 samples/s  1:45 left\n"
        "epoch 1/2  100 %  loss 0.5000  accuracy  50.0 %    14 samples/s  1:10 left\n"
        "epoch 1/2  loss 0.5000  accuracy  50.0 %    14 samples/s  70.0 s\n"
        "epoch 2/2   50 %  loss 0.5000  accuracy  50.0 %    14 samples/s  0:35 left\n"
        "epoch 2/2  100 %  loss 0.5000  accuracy  50.0 %    14 samples/s  0:00 left\n"
        "epoch 2/2  loss 0.5000  accuracy  50.0 %    14 samples/s  70.0 s\n");
}

TEST_CASE("progress: large and small speeds and long times are readable", "[train][progress]") {
  const auto line_at = [](Index samples, double seconds) {
    Screen screen;
    Progress p(2, samples, fake(screen, {.interactive = true, .columns = 200}));
    p.begin_epoch();
    fake_now += seconds;
    p.add(1, samples);
    return screen.last();
  };
  const auto has = [](const std::string& s, std::string_view part) { return s.find(part) != std::string::npos; };
  CHECK(has(line_at(41234, 1), " 41k samples/s  0:01 left"));
  CHECK(has(line_at(2500000, 1), "2.5M samples/s"));
  CHECK(has(line_at(9999, 1), "9999 samples/s"));
  {
    Screen screen;
    Progress p(1, 10, fake(screen, wide));
    p.begin_epoch();
    fake_now += 0.123;
    p.end_epoch();
    CHECK(has(screen.last(), "  123 ms"));
  }
  CHECK(has(line_at(1, 4000), "   0 samples/s  1:06:40 left"));
}

TEST_CASE("progress: nothing to count is refused", "[train][progress]") {
  CHECK_THROWS_AS(Progress(0, 10), ValueError);
  CHECK_THROWS_AS(Progress(1, -1), ValueError);
}
