// Row 44: a size whose bytes overflow.
#include <Eigen/Dense>

#include "outcome.hpp"

int main() {
  return peers::refused_at_run_time([] {
    const Eigen::Index n = Eigen::Index{1} << 32;
    Eigen::MatrixXd a(n, n);
    return peers::right(a.size() == 0 || a.data() == nullptr);
  });
}
