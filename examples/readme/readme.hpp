// Every C++ snippet of README.md stands between `// README` and `// END` in one of these files and runs; what the
// README shows as printed is printed here. tests/harness/readme_test.sh compares both.
#pragma once

int first_program();
void tensors();
void expressions();
void mistakes();
void training();
void checkpoints();
void threads();
void functions();
