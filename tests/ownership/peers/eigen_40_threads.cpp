// Row 40: a tensor written on two threads.
#include <Eigen/Dense>
#include <atomic>
#include <thread>

#include "outcome.hpp"

int main() {
  Eigen::VectorXd a = Eigen::VectorXd::Zero(8);
  auto count = [&] {
    for (int k = 0; k < 30000000; ++k) a(0) = a(0) + 1, std::atomic_signal_fence(std::memory_order_seq_cst);
  };
  std::thread other(count);
  count();
  other.join();
  return peers::right(a(0) == 60000000);
}
