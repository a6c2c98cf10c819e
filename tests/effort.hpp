// How much of what a test repeats it repeats.
#pragma once

namespace tests {

/// Whether an instruction costs ten or more, as under sanitizers and emulators: cmake/asan-ubsan.cmake and others say so.
#if defined(TENON_TEST_SLOW)
inline constexpr bool slow = true;
#else
inline constexpr bool slow = false;
#endif

/// `all`, or `some` where each costs that much. What a test shows must not depend on the choice, only how often.
template <class T> constexpr T effort(T all, T some) { return slow ? some : all; }

/// Whether an emulator runs the program, as cmake/aarch64.cmake says. qemu-user 7.2 stops with an assertion of its own when
/// the forked child of a program with threads starts one.
#if defined(TENON_TEST_EMULATED)
inline constexpr bool emulated = true;
#else
inline constexpr bool emulated = false;
#endif

}  // namespace tests
