// Counts what the program asks of the heap, to show that a training step asks for nothing.
#pragma once

#include <cstddef>

/// Calls of operator new, all kinds, since the program began.
std::ptrdiff_t heap_allocations();
