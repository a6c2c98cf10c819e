// Every TENON_ macro and every compiler test stands here.
#pragma once

#include <cstddef>

#if defined(__FAST_MATH__)
#error "tenon: -ffast-math drops NaN, infinities and the order of sums, which tenon promises to keep; remove the flag"
#endif
#if !defined(__GNUC__) && !defined(__clang__)
#error "tenon: needs g++ 12 or clang 14, or a later version of either"
#endif

/// How much is checked at run time: 0 shapes and positions only (misuse of a handle is undefined; for measuring), 1
/// also ownership, once per operand and operation (default), 2 also NaN in fresh memory and a scan of each result of a
/// step that names the first op that made a NaN.
#ifndef TENON_CHECKS
#define TENON_CHECKS 1
#endif
#if TENON_CHECKS < 0 || TENON_CHECKS > 2
#error "tenon: TENON_CHECKS is 0, 1 or 2"
#endif

#if defined(__AVX512BW__) && defined(__AVX512DQ__)
#define TENON_ISA avx512
#elif defined(__AVX2__) && defined(__FMA__)
#define TENON_ISA avx2
#elif defined(__AVX__)
#define TENON_ISA avx
#elif defined(__SSE4_2__)
#define TENON_ISA sse42
#elif defined(__SSE2__)
#define TENON_ISA sse2
#elif defined(__ARM_NEON)
#define TENON_ISA neon
#else
#define TENON_ISA scalar
#endif
#if defined(_OPENMP)
#define TENON_THREADS omp
#else
#define TENON_THREADS serial
#endif

// Code built with another check level, instruction set or threading gets other symbols: an inline namespace keeps the
// linker from merging functions that differ. Every header opens `namespace tenon::inline TENON_ABI`.
#define TENON_JOIN_NAMES_(level, isa, threads) level_##level##_##isa##_##threads
#define TENON_EXPAND_NAMES_(level, isa, threads) TENON_JOIN_NAMES_(level, isa, threads)
#define TENON_ABI TENON_EXPAND_NAMES_(TENON_CHECKS, TENON_ISA, TENON_THREADS)
#define TENON_STRING_(x) #x
#define TENON_STRING(x) TENON_STRING_(x)

#if defined(__SANITIZE_ADDRESS__)
#define TENON_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TENON_ASAN 1
#endif
#endif
#ifndef TENON_ASAN
#define TENON_ASAN 0
#endif

// A build that does not optimise, or that checks addresses, is for stepping through and for finding faults: a call stays a
// call there, which also takes the compiler a third of the time.
#if defined(__OPTIMIZE__) && !TENON_ASAN
#define TENON_INLINES 1
#define TENON_ALWAYS_INLINE [[gnu::always_inline]] inline
#define TENON_INLINE_LAMBDA __attribute__((always_inline))
#else
#define TENON_INLINES 0
#define TENON_ALWAYS_INLINE inline
#define TENON_INLINE_LAMBDA
#endif
#define TENON_COLD [[gnu::cold, gnu::noinline]]

#if defined(__clang__)
#define TENON_LIFETIMEBOUND [[clang::lifetimebound]]
// With -Wconsumed clang refuses the methods of an owner that was moved from. Not among -Wall: in a loop it takes a name
// that was passed by reference for one that may be gone.
#define TENON_CONSUMABLE [[clang::consumable(unconsumed)]]
#define TENON_BORN_OWNER [[clang::return_typestate(unconsumed)]]
#define TENON_OWNER_AGAIN [[clang::set_typestate(unconsumed)]]
#define TENON_OWNER_ONLY [[clang::callable_when("unconsumed", "unknown")]]
#else
#define TENON_LIFETIMEBOUND
#define TENON_CONSUMABLE
#define TENON_BORN_OWNER
#define TENON_OWNER_AGAIN
#define TENON_OWNER_ONLY
#endif

// Whether a program can say which calls led to a line of it, and what then finds the line. (The addr2line of binutils 2.40
// does not see most of what clang inlined.)
#if __has_include(<features.h>)
#include <features.h>
#endif
#if defined(__GLIBC__) && defined(__GLIBC_PREREQ) && __has_include(<unwind.h>)
#if __GLIBC_PREREQ(2, 35)
#define TENON_CALLS_KNOWN 1
#endif
#endif
#ifndef TENON_CALLS_KNOWN
#define TENON_CALLS_KNOWN 0
#endif
#if defined(__clang__)
#define TENON_ADDR2LINE "llvm-addr2line"
#else
#define TENON_ADDR2LINE "addr2line"
#endif

namespace tenon::inline TENON_ABI {
/// Sizes, strides and indices: signed, as in std::mdspan's discussions and NumPy, so that differences are right.
using Index = std::ptrdiff_t;

inline constexpr int checks = TENON_CHECKS;
inline constexpr bool inlines = TENON_INLINES;

/// x, which passes through a general register. A handle that has just been made word by word is copied word by word: one
/// wide load of two words would wait until both stores have left the store buffer, some 15 cycles.
template <class Word> TENON_ALWAYS_INLINE Word in_register(Word x) {
  static_assert(sizeof(Word) == sizeof(void*));
  asm("" : "+r"(x));
  return x;
}
}  // namespace tenon::inline TENON_ABI
