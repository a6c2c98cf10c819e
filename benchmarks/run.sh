#!/bin/sh
# Measures this machine and tenon on it, against the peers that are installed, and says which goals are met.
#   sh benchmarks/run.sh                       everything; some minutes
#   sh benchmarks/run.sh --quick               a first look: ratios to 10 % instead of 3 %
#   sh benchmarks/run.sh --filter 'gemm'       cases whose "group / name" matches the expression
#   sh benchmarks/run.sh --list                names of all cases
#   sh benchmarks/run.sh --check               first check the peers written by hand, then measure
#   sh benchmarks/run.sh --peers               first install the peers Debian has: OpenBLAS, BLIS, oneDNN, xtensor
#   sh benchmarks/run.sh --torch               training steps side by side with LibTorch (installs it: 530 MB)
#   sh benchmarks/run.sh --memory              the memory of a training step, and LibTorch's
# Other options go to the program: --threads N, --runs N, --rounds N, --strict, --limits (the machine alone), and those of
# Google Benchmark.
# Results: the table; build/benchmarks/results.json; one SVG for each group in the same folder.
# BUILD_DIR (build/benchmarks) and CXX may be set. Exit status: 0 measured, 1 something is wrong, 2 with --strict when a
# goal is missed.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
build=${BUILD_DIR:-$root/build/benchmarks}
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE  # a shell's tuning of one peer would make that peer slow, or fast, for no reason

. "$here/build.sh"

check=false list=false peers= program=tenon_bench results=results
words=$#
while [ "$words" -gt 0 ]; do  # takes out our own options and keeps the rest in order
  case $1 in
    --check) check=true ;;
    --peers) peers='libopenblas-dev libblis-dev libdnnl-dev libxtensor-dev' ;;
    --torch) peers=libtorch-dev program=tenon_bench_torch results=torch ;;
    --list) list=true; set -- "$@" "$1" ;;
    --memory) peers=libtorch-dev program=tenon_memory_torch ;;
    -h | --help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) set -- "$@" "$1" ;;
  esac
  shift
  words=$((words - 1))
done

# shellcheck disable=SC2086  # a list of words
configure $peers
if $check; then compile $program tenon_peers_check; else compile $program; fi
if $check; then "$build/tenon_peers_check"; fi
if $list; then exec "$build/$program" "$@"; fi

threads=1
for word in "$@"; do
  if [ "${previous:-}" = --threads ]; then threads=$word; fi
  previous=$word
done
export OMP_NUM_THREADS="$threads" OPENBLAS_NUM_THREADS="$threads" BLIS_NUM_THREADS="$threads" MKL_NUM_THREADS="$threads"
if [ $program = tenon_bench_torch ]; then  # LibTorch loads OpenBLAS at its start, which takes an old kernel on processors it does not know
  if grep -qs avx512f /proc/cpuinfo; then export OPENBLAS_CORETYPE=SkylakeX
  elif grep -qs avx2 /proc/cpuinfo; then export OPENBLAS_CORETYPE=Haswell; fi
fi
if [ $program = tenon_memory_torch ]; then exec "$build/$program"; fi
exec nice -n "$([ "$(id -u)" -eq 0 ] && echo -20 || echo 0)" \
  "$build/$program" --json "$build/$results.json" --charts "$build" "$@"
