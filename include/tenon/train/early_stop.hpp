// When to give up hoping for a better model.
#pragma once

#include <cmath>

#include "tenon/base/error.hpp"

namespace tenon::inline TENON_ABI::train {

/// Which of two measures is the better one.
enum class Better { lower, higher };

/// Says when a measure (a validation loss) has not improved for `patience` epochs:
/// `if (early.add(validation_loss)) break;` NaN is never an improvement.
class EarlyStop {
 public:
  /// An improvement is by more than `least`. Throws ValueError unless patience >= 1 and least >= 0.
  explicit EarlyStop(Index patience, Better better = Better::lower, double least = 0, Loc at = Loc::current())
      : patience_(patience), better_(better), least_(least) {
    if (patience < 1 || !(least >= 0))
      throw ValueError(
          at, "tenon::train::EarlyStop: patience " + std::to_string(patience) + ", least " + std::to_string(least),
          "patience is at least 1 and the least improvement not negative");
  }
  /// The measure of one more epoch; true when it is time to stop.
  bool add(double measure) {
    ++count_;
    const double gain = better_ == Better::lower ? best_ - measure : measure - best_;
    improved_ = best_count_ == 0 ? !std::isnan(measure) : gain > least_;
    if (improved_) {
      best_ = measure;
      best_count_ = count_;
    }
    return count_ - best_count_ >= patience_;
  }
  /// Whether the last add was the best so far: the time to save the model.
  bool improved() const { return improved_; }
  /// The best measure and the epoch, counted from 1, that had it. Pre: one was added that is not NaN (else epoch 0).
  double best() const { return best_; }
  Index best_epoch() const { return best_count_; }

 private:
  Index patience_;
  Better better_;
  double least_, best_ = 0;
  Index count_ = 0, best_count_ = 0;
  bool improved_ = false;
};

}  // namespace tenon::inline TENON_ABI::train
