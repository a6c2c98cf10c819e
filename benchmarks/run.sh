#!/bin/sh
# Measures this machine and tenon on it, against the peers that are installed, and says which goals are met.
#   sh benchmarks/run.sh --everything          all that the README quotes, at most 40 minutes: installs every peer, checks
#                                              the hand-written ones, then kernels and ops with g++ by 1 and 2 threads and
#                                              with clang++, training steps beside LibTorch by 1 and 2 threads and their
#                                              memory, instruction counts, what the compiler pays; with --quick at most 10
#   sh benchmarks/run.sh                       kernels, ops and steps with the peers that are there; some minutes
#   sh benchmarks/run.sh --quick               a first look: ratios to 10 % instead of 3 %
#   sh benchmarks/run.sh --filter 'gemm'       cases whose "group / name" matches the expression
#   sh benchmarks/run.sh --list                names of all cases
#   sh benchmarks/run.sh --check               first check the peers written by hand, then measure
#   sh benchmarks/run.sh --peers               first install the peers Debian has: OpenBLAS, BLIS, oneDNN, xtensor
#   sh benchmarks/run.sh --torch               training steps side by side with LibTorch (installs it: 530 MB)
#   sh benchmarks/run.sh --memory              the memory of a training step, and LibTorch's
# Other options go to the program: --threads N, --runs N, --rounds N, --minutes N, --strict, --limits (the machine alone),
# and those of Google Benchmark.
# Results: the table; in build/benchmarks results.json and .csv, the goals as Markdown in results.md, one SVG for each group.
# --everything: build/benchmarks/everything/summary.md, and there the same files and the printed tables of each part.
# BUILD_DIR (build/benchmarks) and CXX may be set. Exit status: 0 measured, 1 something is wrong, 2 with --strict when a
# goal is missed.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
build=${BUILD_DIR:-$root/build/benchmarks}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE  # a shell's tuning of one peer would make that peer slow, or fast, for no reason

. "$here/build.sh"

check=false list=false everything=false quick=false peers="" program=tenon_bench results=results
blas_peers='libopenblas-dev libblis-dev libdnnl-dev libxtensor-dev'
words=$#
while [ "$words" -gt 0 ]; do  # takes out our own options and keeps the rest in order
  case $1 in
    --everything) everything=true ;;
    --check) check=true ;;
    --peers) peers=$blas_peers ;;
    --torch) peers=libtorch-dev program=tenon_bench_torch results=torch ;;
    --memory) peers=libtorch-dev program=tenon_memory_torch ;;
    --quick) quick=true; set -- "$@" "$1" ;;
    --list) list=true; set -- "$@" "$1" ;;
    -h | --help) sed -n '2,20s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
  words=$((words - 1))
done
first=$([ "$(id -u)" -eq 0 ] && echo -20 || echo 0)

# LibTorch loads OpenBLAS at its start, which takes an old kernel on processors it does not know.
good_blas_kernel() {
  if grep -qs avx512f /proc/cpuinfo; then export OPENBLAS_CORETYPE=SkylakeX
  elif grep -qs avx2 /proc/cpuinfo; then export OPENBLAS_CORETYPE=Haswell; fi
}
set_threads() { export OMP_NUM_THREADS="$1" OPENBLAS_NUM_THREADS="$1" BLIS_NUM_THREADS="$1" MKL_NUM_THREADS="$1"; }

if ! $everything; then
  # shellcheck disable=SC2086  # a list of words
  configure $peers
  if $check; then compile $program tenon_peers_check; else compile $program; fi
  if $check; then "$build/tenon_peers_check"; fi
  if $list; then exec "$build/$program" "$@"; fi
  threads=1 previous=""
  for word in "$@"; do
    if [ "$previous" = --threads ]; then threads=$word; fi
    previous=$word
  done
  set_threads "$threads"
  if [ $program != tenon_bench ]; then good_blas_kernel; fi
  if [ $program = tenon_memory_torch ]; then exec "$build/$program"; fi
  exec nice -n "$first" "$build/$program" --json "$build/$results.json" --csv "$build/$results.csv" \
    --summary "$build/$results.md" --charts "$build" "$@"
fi

# ---- everything -----------------------------------------------------------------------------------------------------
if [ $# -gt 1 ] || { [ $# -eq 1 ] && ! $quick; }; then
  echo "run.sh: --everything takes --quick and nothing else" >&2
  exit 64
fi
export CXX=g++
out=$build/everything
rm -rf "$out"
mkdir -p "$out"
cores=$(getconf _NPROCESSORS_ONLN 2>/dev/null || echo 1)
# Minutes for the parts: all cases by one thread, the others; building takes the rest.
if $quick; then long=3 short=1; else long=14 short=3; fi

# part NAME TITLE: begins a table of the summary. rows FILE: its rows.
part() {
  echo "== $2 ==" >&2
  printf '\n### %s\n\n| what | goal | met | least reached | missed |\n|---|---|---|---|---|\n' "$2" >"$out/$1.head"
}
rows() {
  if [ -s "$2" ]; then cat "$out/$1.head" "$2" >>"$out/tables.md"; fi
}
# measure NAME TITLE PROGRAM THREADS MINUTES OPTIONS...: one execution of a program, in a table of its own.
measure() (
  name=$1 title=$2 run=$3 threads=$4 minutes=$5
  shift 5
  part "$name" "$title"
  set_threads "$threads"
  case $run in *_torch) good_blas_kernel ;; esac
  if [ -n "${blas_threads:-}" ]; then export OPENBLAS_NUM_THREADS="$blas_threads"; fi
  mkdir -p "$out/$name"
  if $quick; then set -- --quick "$@"; fi
  nice -n "$first" "$run" --threads "$threads" --minutes "$minutes" --json "$out/$name.json" --csv "$out/$name.csv" \
    --summary "$out/$name.md" --charts "$out/$name" "$@" >"$out/$name.txt" 2>&1 || echo "$name" >>"$out/failed"
  cat "$out/$name.txt"
  rows "$name" "$out/$name.md"
)
# said NAME TITLE COMMAND...: a script that prints "met  text" and "MISSED  text" for its goals.
said() {
  name=$1
  part "$1" "$2"
  shift 2
  "$@" >"$out/$name.txt" 2>&1 || [ $? -eq 2 ] || echo "$name" >>"$out/failed"
  cat "$out/$name.txt"
  sed -n -e 's/^met  *\(.*\)$/| \1 | | met | | |/p' -e 's/^MISSED  *\(.*\)$/| \1 | | missed | | |/p' "$out/$name.txt" >"$out/$name.md"
  rows "$name" "$out/$name.md"
}

# shellcheck disable=SC2086  # a list of words
configure $blas_peers libtorch-dev clang libomp-dev valgrind time
compile tenon_bench tenon_peers_check
"$build/tenon_peers_check" >"$out/peers_check.txt" || { cat "$out/peers_check.txt"; exit 1; }
measure kernels-g++ "Kernels, ops and steps, g++, 1 thread" "$build/tenon_bench" 1 "$long"
if [ "$cores" -gt 1 ]; then
  # The peers' idle threads spin: one library at a time would be fairer to them, so these ratios carry more noise.
  measure kernels-g++-2 "Kernels, g++, 2 threads" "$build/tenon_bench" 2 "$short" --runs 3 \
    --filter '^(gemm|conv|softmax|layer norm|cross-entropy|Adam|fused)'
fi
if (
  build=$build-clang CXX=clang++
  configure clang libomp-dev
  compile tenon_bench
); then
  measure kernels-clang++ "Kernels and chains, clang++, 1 thread" "$build-clang/tenon_bench" 1 "$short" --runs 3 \
    --filter '^(gemm|conv|softmax|layer norm|fused)'
else
  echo "kernels-clang++ (does not build)" >>"$out/failed"
fi
compile tenon_bench_torch
measure steps-1 "Training steps beside LibTorch, 1 thread" "$build/tenon_bench_torch" 1 "$short"
if [ "$cores" -gt 1 ]; then
  # LibTorch has two pools of threads that disturb each other: these are its two best settings, which of them depends
  # on the model.
  export OMP_WAIT_POLICY=passive
  measure steps-2-passive "Training steps, 2 threads, OMP_WAIT_POLICY=passive" "$build/tenon_bench_torch" 2 "$short"
  unset OMP_WAIT_POLICY
  blas_threads=1
  measure steps-2-blas-1 "Training steps, 2 threads, OPENBLAS_NUM_THREADS=1" "$build/tenon_bench_torch" 2 "$short"
  blas_threads=
fi
if cmake --build "$build" --target help 2>/dev/null | grep -q tenon_memory_torch; then
  compile tenon_memory_torch
  said memory "Memory of a training step" "$build/tenon_memory_torch"
fi
said counts "Instructions and requests for memory" sh "$here/count.sh" --json "$out/counts.json"
if $quick; then said compile "What the include costs the compiler" sh "$here/compile.sh" --include --runs 1
else said compile "What the compiler pays" sh "$here/compile.sh" --runs 2; fi

{
  echo '# tenon: what was measured'
  echo
  sed -n '1p' "$out/kernels-g++.txt"
  echo
  date -u '+%d %B %Y'
  echo
  echo 'A goal is met from 97 % on. "least reached" is the share of the goal in the worst case; what missed it, with that share.'
  cat "$out/tables.md"
  if [ -s "$out/failed" ]; then printf '\nWent wrong: %s\n' "$(tr '\n' ' ' <"$out/failed")"; fi
} >"$out/summary.md"
rm -f "$out"/*.head "$out/tables.md"
echo
cat "$out/summary.md"
echo "Written: $out" >&2
if [ -s "$out/failed" ]; then exit 1; fi
