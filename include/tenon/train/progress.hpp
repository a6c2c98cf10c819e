// The line that shows how a training goes.
#pragma once

#include <time.h>

#include <cmath>
#include <optional>

#include "tenon/base/error.hpp"
#include "tenon/train/progress_line.hpp"
#include "tenon/train/terminal.hpp"

namespace tenon::inline TENON_ABI::train {

/// Seconds of a clock that only goes forward.
inline double monotonic_seconds() {
  struct ::timespec t;
  ::clock_gettime(CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct ProgressOptions {
  std::FILE* out = stdout;
  std::optional<Terminal> terminal = {};  ///< instead of what `out` is found to be
  double redraw = 0.1;                    ///< seconds between two drawings of the line
  double plain_every = 30;                ///< seconds between two lines within an epoch, where nothing can be redrawn
  double (*now)() = &monotonic_seconds;
  Index epochs_done = 0;  ///< by an earlier run that this one goes on from
};

/// Shows epoch, loss, accuracy, speed and time left: on a terminal as one line with a bar that is redrawn, and a line
/// that stays for each finished epoch; elsewhere as plain lines. Allocates nothing.
/// `Progress progress(epochs, set.size());  for each epoch: progress.begin_epoch();
///  for each step: progress.add(loss, n, correct);  then progress.end_epoch();`
class Progress {
 public:
  /// Throws ValueError unless epochs >= 1 and samples >= 0.
  Progress(Index epochs, Index samples_per_epoch, ProgressOptions options = {}, Loc at = Loc::current())
      : options_(options),
        terminal_(options.terminal ? *options.terminal : Terminal::of(options.out)),
        epochs_(epochs),
        samples_(samples_per_epoch),
        epoch_(options.epochs_done),
        start_(options.now()),
        epoch_start_(start_) {
    if (epochs < 1 || samples_per_epoch < 0)
      throw ValueError(at,
                       "tenon::train::Progress: " + std::to_string(epochs) + " epochs of " +
                           std::to_string(samples_per_epoch) + " samples",
                       "give at least one epoch, and no negative number of samples");
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// What is printed next begins on a line of its own.
  ~Progress() { finish_line(); }

  /// Starts the epoch's means and its clock.
  void begin_epoch() {
    ++epoch_;
    seen_ = correct_ = 0;
    rated_ = false;
    loss_sum_ = 0;
    epoch_start_ = drawn_ = options_.now();
    if (terminal_.interactive) draw();
  }
  /// One step: its mean loss over `samples` samples and, for a classifier, how many of them were right.
  void add(double loss, Index samples) {
    loss_sum_ += loss * static_cast<double>(samples);
    seen_ += samples;
    const double now = options_.now();
    if (now - drawn_ < (terminal_.interactive ? options_.redraw : options_.plain_every)) return;
    drawn_ = now;
    draw();
  }
  void add(double loss, Index samples, Index correct) {
    correct_ += correct;
    rated_ = true;
    add(loss, samples);
  }
  /// The line that stays. `note` is the caller's: "test 89.1 %".
  void end_epoch(std::string_view note = {}) {
    const double seconds = options_.now() - epoch_start_;
    add_epoch();
    add_means();
    if (!note.empty()) line_.add(1, "%.*s", static_cast<int>(note.size()), note.data());
    add_rate(seconds);
    if (seconds < 0.9995) line_.add(2, "%.0f ms", 1e3 * seconds);
    else line_.add(2, "%.1f s", seconds);
    show(-1, true);
  }
  /// Ends a line that is being redrawn, before something else is printed.
  void finish_line() {
    if (!open_) return;
    std::fputc('\n', options_.out);
    std::fflush(options_.out);
    open_ = false;
  }

  /// Means over the samples of this epoch so far; NaN before the first.
  double loss() const { return loss_sum_ / static_cast<double>(seen_); }
  double accuracy() const { return static_cast<double>(correct_) / static_cast<double>(seen_); }
  /// Samples a second in this epoch so far.
  double rate() const { return rate_of(options_.now() - epoch_start_); }

 private:
  void draw() {
    const double now = options_.now();
    const double part = samples_ > 0 ? std::fmin(static_cast<double>(seen_) / static_cast<double>(samples_), 1) : 1;
    add_epoch();
    line_.add(4, "%3.0f %%", std::floor(100 * part));
    if (seen_ > 0) {
      add_means();
      add_rate(now - epoch_start_);
      const Index before = options_.epochs_done;
      const double done = (static_cast<double>(epoch_ - 1 - before) + part) / static_cast<double>(epochs_ - before);
      if (done > 0) add_time_left((now - start_) * (1 - done) / done);
    }
    show(terminal_.interactive ? part : -1, false);
  }
  void show(double part, bool stays) {
    if (terminal_.interactive && !options_.terminal) terminal_.columns = Terminal::columns_of(options_.out);
    // The last column stays free: a character there would wrap on some terminals.
    const int columns = terminal_.interactive ? terminal_.columns - 1 : detail::ProgressLine::most_columns;
    const char* text = line_.lay_out(columns, part, terminal_.unicode);
    stays = stays || !terminal_.interactive;
    std::fprintf(options_.out, "%s%s%s%s", terminal_.interactive ? "\r" : "", text,
                 terminal_.interactive ? "\033[K" : "", stays ? "\n" : "");
    std::fflush(options_.out);
    open_ = !stays;
  }
  void add_epoch() {
    int digits = 1;
    for (Index n = epochs_; n > 9; n /= 10) ++digits;
    line_.add(0, "epoch %*td/%td", digits, epoch_, epochs_);
  }
  void add_means() {
    line_.add(0, "loss %.4f", loss());
    if (rated_) line_.add(1, "accuracy %5.1f %%", 100 * accuracy());
  }
  double rate_of(double seconds) const { return seconds > 0 ? static_cast<double>(seen_) / seconds : 0; }
  void add_rate(double seconds) {
    const double rate = rate_of(seconds);
    if (rate < 9999.5) line_.add(3, "%4.0f samples/s", rate);
    else if (rate < 999.5e3) line_.add(3, "%3.0fk samples/s", rate / 1e3);
    else line_.add(3, "%3.1fM samples/s", rate / 1e6);
  }
  void add_time_left(double seconds) {
    const auto s = static_cast<long long>(std::fmin(seconds + 0.5, 3.6e9));
    if (s < 3600) line_.add(2, "%lld:%02lld left", s / 60, s % 60);
    else line_.add(2, "%lld:%02lld:%02lld left", s / 3600, s / 60 % 60, s % 60);
  }

  ProgressOptions options_;
  Terminal terminal_;
  detail::ProgressLine line_;
  Index epochs_, samples_, epoch_, seen_ = 0, correct_ = 0;
  double loss_sum_ = 0, start_, epoch_start_, drawn_ = 0;
  bool rated_ = false, open_ = false;
};

}  // namespace tenon::inline TENON_ABI::train
