// Ctrl-C as a question that a training loop asks between two steps.
#pragma once

#include <signal.h>

#include <atomic>

#include "tenon/base/config.hpp"

namespace tenon::inline TENON_ABI::train {

/// While one lives, the first SIGINT (Ctrl-C) is only noted; a second one ends the program as usual:
/// `Interrupt interrupt; for (...) { if (interrupt.requested()) break; ... }`
/// For the main thread; what SIGINT did before comes back at the end. Reads and writes that it hits go on.
class Interrupt {
 public:
  Interrupt() {
    seen() = false;
    struct ::sigaction action = {};
    action.sa_handler = [](int) { seen() = true; };
    sigemptyset(&action.sa_mask);
    action.sa_flags = static_cast<int>(SA_RESETHAND) | SA_RESTART;  // RESETHAND: the next one takes the default, death
    ::sigaction(SIGINT, &action, &before_);
  }
  ~Interrupt() { ::sigaction(SIGINT, &before_, nullptr); }
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  /// Whether SIGINT has come since this was made.
  bool requested() const { return seen(); }

 private:
  // A signal has no object: its note must be global.
  static std::atomic<bool>& seen() {
    static constinit std::atomic<bool> flag{false};
    static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may not wait for a lock");
    return flag;
  }
  struct ::sigaction before_;
};

}  // namespace tenon::inline TENON_ABI::train
