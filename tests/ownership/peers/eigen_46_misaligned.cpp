// Row 46: memory that is not aligned as the type claims.
#include <Eigen/Dense>
#include <vector>

#include "outcome.hpp"

int main() {
  alignas(64) float memory[40] = {};
  Eigen::Map<Eigen::VectorXf, Eigen::Aligned64> v(memory + 1, 32);
  v.setConstant(1);
  return peers::right(memory[32] == 1);
}
