// Counts what the program asks operator new for. Replaces the global one: exactly one file of a test program includes
// it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace tenon_test {
/// Calls of operator new since the program began, all threads together.
inline std::atomic<long> new_calls{0};

inline void* counted_or_null(std::size_t bytes, std::size_t alignment) noexcept {
  new_calls.fetch_add(1, std::memory_order_relaxed);
  void* p = nullptr;
  return posix_memalign(&p, alignment < sizeof(void*) ? sizeof(void*) : alignment, bytes == 0 ? 1 : bytes) == 0
             ? p
             : nullptr;
}
inline void* counted(std::size_t bytes, std::size_t alignment) {
  void* p = counted_or_null(bytes, alignment);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}
}  // namespace tenon_test

void* operator new(std::size_t n) { return tenon_test::counted(n, alignof(std::max_align_t)); }
void* operator new[](std::size_t n) { return tenon_test::counted(n, alignof(std::max_align_t)); }
void* operator new(std::size_t n, std::align_val_t a) { return tenon_test::counted(n, static_cast<std::size_t>(a)); }
void* operator new[](std::size_t n, std::align_val_t a) { return tenon_test::counted(n, static_cast<std::size_t>(a)); }
// The forms that return null, too: sanitizers bring their own otherwise, and would see it freed by free().
void* operator new(std::size_t n, const std::nothrow_t&) noexcept {
  return tenon_test::counted_or_null(n, alignof(std::max_align_t));
}
void* operator new[](std::size_t n, const std::nothrow_t&) noexcept {
  return tenon_test::counted_or_null(n, alignof(std::max_align_t));
}
void* operator new(std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return tenon_test::counted_or_null(n, static_cast<std::size_t>(a));
}
void* operator new[](std::size_t n, std::align_val_t a, const std::nothrow_t&) noexcept {
  return tenon_test::counted_or_null(n, static_cast<std::size_t>(a));
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete[](void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t) noexcept { std::free(p); }
void operator delete(void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::align_val_t) noexcept { std::free(p); }
void operator delete(void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
void operator delete[](void* p, std::size_t, std::align_val_t) noexcept { std::free(p); }
