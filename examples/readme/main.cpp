// Runs every snippet of README.md.
#include "readme.hpp"

int main() {
  tensors();
  expressions();
  mistakes();
  training();
  checkpoints();
  threads();
  functions();
  return first_program();
}
