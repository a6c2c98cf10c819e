#!/bin/sh
# Everything that has to hold, on a machine with nothing installed (Debian 12 or later):
#   sh tests/run.sh             what every change has to pass
#   sh tests/run.sh --all       that, other processors, the benchmarks, and whether the tests notice what breaks
#   sh tests/run.sh gcc asan    only these stages
#   sh tests/run.sh --list      what there is
#   FUZZ_RUNS=100000000 FUZZ_SEED=0 sh tests/run.sh fuzz    for a night: as many inputs for each reader, others each time
# A stage goes on after a failure in another. The last line is "N passed, N failed"; the exit status is 0 when N is 0.
set -u
cd "$(dirname "$0")/.." || exit 1
. cmake/packages.sh

stages='gcc asan tsan refuse headers layers consumers examples'
more_stages='headers_alone asan_rest sse2 sse4 avx2 aarch64 mutants fuzz instructions benchmarks'
describe() {
  case $1 in
    gcc) echo 'unit tests, g++ for this processor' ;;
    sse2) echo 'unit tests but the gradients of every op, clang++ for any x86-64' ;;
    sse4) echo 'unit tests but the gradients of every op, clang++ for x86-64-v2 (SSE4.2)' ;;
    avx2) echo 'unit tests but the gradients of every op, clang++ for x86-64-v3 (AVX2, FMA)' ;;
    aarch64) echo 'unit tests but the gradients of every op, g++ for 64-bit ARM (NEON), run by an emulator' ;;
    mutants) echo 'the library without one of its checks at a time: the tests must fail' ;;
    asan) echo 'unit tests but of kernels and the gradients of every op, clang++, address and undefined-behaviour sanitizers' ;;
    asan_rest) echo 'kernels and the gradients of every op with those sanitizers' ;;
    tsan) echo 'unit tests that use threads, clang++ with thread sanitizer' ;;
    refuse) echo 'programs that must not compile, g++ and clang++' ;;
    headers) echo 'all headers in two units, mixed units, the line that an error names, g++ and clang++' ;;
    headers_alone) echo 'each header in a unit of its own, g++' ;;
    layers) echo 'the order of the folders' ;;
    consumers) echo 'projects that use tenon: find_package, add_subdirectory, FetchContent' ;;
    examples) echo 'the examples build and run' ;;
    fuzz) echo 'random files and random sequences of calls, clang++ with address and undefined-behaviour sanitizers' ;;
    instructions) echo 'instructions of a check, a tape op, a fused loop and a step, against those recorded, g++ and clang++' ;;
    benchmarks) echo 'the benchmarks build, g++ and clang++, and their hand-written peers are right' ;;
    *) return 1 ;;
  esac
}

chosen=
for word in "$@"; do
  case $word in
    --all) chosen="$chosen $stages $more_stages" ;;
    --list) for s in $stages $more_stages; do printf '%-13s %s\n' "$s" "$(describe "$s")"; done; exit 0 ;;
    *) describe "$word" >/dev/null || { echo "tests/run.sh: no stage '$word'; there are: $stages $more_stages" >&2; exit 2; }
       chosen="$chosen $word" ;;
  esac
done
chosen=${chosen:-$stages}

need_packages g++ clang llvm cmake ninja-build libomp-dev libclang-rt-dev libxsimd-dev libeigen3-dev catch2 libcli11-dev \
  zlib1g-dev libbenchmark-dev || exit 1

export LC_ALL=C CTEST_OUTPUT_ON_FAILURE=1
export OMP_WAIT_POLICY=passive # several test programs share the cores
jobs=$(nproc)
passed=0 failed=0 table= wrong=

# configure <folder> <initial cache> [options...]
configure() {
  folder=$1 cache=$2
  shift 2
  cmake -C "cmake/$cache.cmake" -S . -B "build/$folder" -G Ninja -DTENON_BUILD_BENCHMARKS=OFF "$@" \
    >"build/$folder.configure.log" 2>&1 && return
  cat "build/$folder.configure.log"
  count_failure
}
# What takes longest here is compiling, so only the tests that calculate for long are optimised, and in the stage sse2 those
# of loops and tapes; -O1 inlines and warns in half the time of -O2, with which benchmarks and examples/run.sh build.
configure_unit() {
  configure "$@" "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG" "-DTENON_TEST_OPTIMISED=base;kernel;simd" \
    -DTENON_BUILD_EXAMPLES=OFF
}
configure_gcc() { configure_unit gcc release -DCMAKE_CXX_COMPILER=g++; }
configure_examples() {
  configure examples release -DCMAKE_CXX_COMPILER=g++ "-DCMAKE_CXX_FLAGS_RELEASE=-O1 -DNDEBUG"
}
# The gradients of every op are checked for this processor only: by g++, and by clang++ in the stage asan_rest.
no_gradients=-DTENON_TEST_LEFT_OUT=/op_gradients_
configure_clang() {
  configure clang clang "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG" "$no_gradients" -DTENON_BUILD_EXAMPLES=OFF \
    "-DTENON_TEST_OPTIMISED=autodiff;base;kernel;optim;simd;tensor"
}
configure_sse4() { configure_unit sse4 clang -DCMAKE_CXX_FLAGS=-march=x86-64-v2 "$no_gradients"; }
configure_avx2() { configure_unit avx2 clang -DCMAKE_CXX_FLAGS=-march=x86-64-v3 "$no_gradients"; }
configure_aarch64() {
  need_packages g++-aarch64-linux-gnu qemu-user || { count_failure; return; }
  configure_unit aarch64 aarch64 "$no_gradients"
}
configure_mutants() {
  configure mutants release -DCMAKE_CXX_COMPILER=g++ "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG" -DTENON_TEST_MUTANTS=ON \
    -DTENON_BUILD_EXAMPLES=OFF
}

# compile <folder> <target>: on after an error, so that one broken file does not hide what the others do.
compile() {
  cmake --build "build/$1" --target "$2" --parallel "$jobs" -- -k 0 && return
  count_failure
}

count_failure() {
  failed=$((failed + 1))
  return 1
}

# run <folder> <label> [options of ctest]: runs the ctests that bear the label and adds them to the count.
run() {
  build=$1 label=$2
  shift 2
  log=build/$build.$label.log
  $no_aslr ctest --test-dir "build/$build" -L "^$label\$" -j "$jobs" --no-tests=error "$@" 2>&1 | tee "$log"
  numbers=$(sed -n 's/.*tests passed, \([0-9]*\) tests* failed out of \([0-9]*\).*/\1 \2/p' "$log")
  if [ -z "$numbers" ]; then
    count_failure
  else
    failed=$((failed + ${numbers% *}))
    passed=$((passed + ${numbers#* } - ${numbers% *}))
  fi
}
no_aslr=

# Old thread sanitizers refuse to start where the kernel randomises addresses more than they know.
tsan_needs_fixed_addresses() {
  echo 'int main() {}' >build/tsan_probe.cpp
  clang++ -fsanitize=thread build/tsan_probe.cpp -o build/tsan_probe && ! build/tsan_probe 2>/dev/null
}

stage_gcc() { configure_gcc && { compile gcc unit_tests; run gcc unit; }; }
stage_sse2() { configure_clang && { compile clang unit_tests; run clang unit; }; }
stage_sse4() { configure_sse4 && { compile sse4 unit_tests; run sse4 unit; }; }
stage_avx2() { configure_avx2 && { compile avx2 unit_tests; run avx2 unit; }; }
stage_aarch64() { configure_aarch64 && { compile aarch64 unit_tests; run aarch64 unit; }; }
stage_mutants() { configure_mutants && { compile mutants mutants; run mutants mutants; }; }
stage_asan() {
  configure asan asan-ubsan '-DTENON_TEST_LEFT_OUT=^kernel/|/op_gradients_' && { compile asan unit_tests; run asan unit; }
}
stage_asan_rest() {
  configure asan asan-ubsan -DTENON_TEST_LEFT_OUT= && { compile asan unit_tests; run asan unit -R '^kernel\.|\.op_gradients_'; }
}
stage_tsan() {
  configure tsan tsan || return
  compile tsan unit_tests
  tsan_needs_fixed_addresses && no_aslr="setarch $(uname -m) -R"
  run tsan unit
  no_aslr=
}
stage_refuse() {
  configure_gcc && run gcc must_not_compile
  configure_clang && run clang must_not_compile
}
stage_headers() {
  configure_gcc && run gcc headers -E '^headers.alone$'
  configure_clang && run clang headers -E '^headers.alone$'
}
stage_headers_alone() { configure_gcc && run gcc headers -R '^headers.alone$'; }
stage_layers() { configure_gcc && run gcc layers; }
stage_consumers() { configure_gcc && run gcc consumers; }
stage_benchmarks() {
  for compiler in g++ clang++; do
    # Not optimised: nothing is timed here, and the warnings come all the same.
    configure "benchmarks-$compiler" release -DCMAKE_CXX_COMPILER="$compiler" "-DCMAKE_CXX_FLAGS=-Werror" \
      "-DCMAKE_CXX_FLAGS_RELEASE=-O0 -DNDEBUG" -DTENON_BUILD_BENCHMARKS=ON -DTENON_BUILD_TESTS=OFF \
      -DTENON_BUILD_EXAMPLES=OFF || continue
    compile "benchmarks-$compiler" all || continue
    if "build/benchmarks-$compiler/tenon_peers_check"; then passed=$((passed + 1)); else count_failure; fi
  done
}
stage_fuzz() {
  configure fuzz clang -DTENON_TEST_FUZZ=ON "-DTENON_FUZZ_RUNS=${FUZZ_RUNS:-1000000}" \
    "-DTENON_FUZZ_SEED=${FUZZ_SEED:-1}" -DTENON_BUILD_EXAMPLES=OFF &&
    { compile fuzz fuzzers; run fuzz fuzz; }
}
stage_instructions() {
  need_packages valgrind || { count_failure; return; }
  count() { BUILD_DIR=$PWD/build/count-$1 CXX=$1 sh benchmarks/count.sh --gate; }
  count clang++ >build/count-clang++.log 2>&1 & # beside the other: valgrind uses one core
  other=$!
  if count g++; then passed=$((passed + 1)); else count_failure; fi
  if wait $other; then passed=$((passed + 1)); else count_failure; fi
  cat build/count-clang++.log
}
stage_examples() { configure_examples && { compile examples examples; run examples examples; }; }

mkdir -p build
begin=$(date +%s)
for stage in $chosen; do
  printf '\n==== %s: %s\n' "$stage" "$(describe "$stage")"
  start=$(date +%s) passed_before=$passed failed_before=$failed
  "stage_$stage"
  row=$(printf '%-13s %6d s %6d passed %6d failed' "$stage" $(($(date +%s) - start)) \
    $((passed - passed_before)) $((failed - failed_before)))
  table="$table$row
"
  [ $failed = $failed_before ] || wrong="$wrong $stage"
done

printf '\n%s%-13s %6d s\n\n' "$table" all $(($(date +%s) - begin))
if [ -z "$wrong" ]; then echo 'VERDICT: everything holds'; else echo "VERDICT: FAILED in$wrong"; fi
echo "$passed passed, $failed failed"
[ $failed = 0 ]
