// Counts what the program asks operator new for, and refuses it when told. Replaces the global one: exactly one file of a test program includes
// it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace tenon_test {
/// Calls of operator new since the program began, all threads together.
inline std::atomic<long> new_calls{0};
/// n > 0: the n-th call from now on finds no memory; then 0, or -1: nor do all later ones.
inline std::atomic<long> fail_new_at{0};
inline std::atomic<bool> fail_new_once{true};
inline bool refuse_new() noexcept {
  const long left = fail_new_at.load(std::memory_order_relaxed);
  if (left > 0) fail_new_at.store(left > 1 ? left - 1 : fail_new_once ? 0 : -1, std::memory_order_relaxed);
  return left == 1 || left < 0;
}

inline void* counted_or_null(std::size_t bytes, std::size_t alignment) noexcept {
  new_calls.fetch_add(1, std::memory_order_relaxed);
  if (refuse_new()) return nullptr;
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
