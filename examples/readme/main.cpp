// Runs every snippet of README.md.
#include "readme.hpp"

int main() {
  tensors();
  expressions();
  mistakes();
  training();
  checkpoints();
  functions();
  return first_program();
}
