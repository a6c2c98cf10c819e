#!/bin/sh
# Measures what tenon costs the compiler: processor seconds and peak memory, with GNU time.
#   sh benchmarks/compile.sh             the include of everything against Eigen, and each example
#   sh benchmarks/compile.sh --include   the include alone
#   sh benchmarks/compile.sh --runs N    rounds (5): both includes take turns, the figures are medians
# Processor seconds, not the clock's: other programs on the machine count little. For an example also the seconds on the
# clock of a build by two jobs: what a user waits for, and what the goal is about. Built as the README's figures are: for
# this machine, -O2 (options.cpp -O0, as examples/CMakeLists.txt has it), no debug information; CXX (g++) may be set.
# Exit status: 0 every goal met, 2 a goal missed, 1 something does not compile.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")

runs=5 examples=true
while [ $# -gt 0 ]; do
  case $1 in
    --include) examples=false ;;
    --runs) runs=$2; shift ;;
    -h | --help) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 0 ;;
    *) echo "compile.sh: unknown option $1" >&2; exit 64 ;;
  esac
  shift
done

. "$root/cmake/packages.sh"
need_packages g++ libxsimd-dev libeigen3-dev libcli11-dev zlib1g-dev time >&2 || exit 1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
flags='-std=c++20 -O2 -DNDEBUG -march=native -fopenmp'

cat >"$folder/tenon.cpp" <<'END'
#include <tenon/tenon.hpp>
int main() {}
END
cat >"$folder/eigen.cpp" <<'END'
#include <Eigen/Dense>
Eigen::MatrixXf product(const Eigen::MatrixXf& a, const Eigen::MatrixXf& b) { return a * b; }
int main() {}
END

# cost SOURCE: compiles it; appends "seconds kilobytes" to the file of its name.
cost() {
  level=
  if [ "$(basename -- "$1")" = options.cpp ]; then level=-O0; fi
  # shellcheck disable=SC2086  # a list of words
  command time -f '%U %S %M' -o "$folder/time" "${CXX:-g++}" $flags $level -I"$root/include" -isystem /usr/include/eigen3 \
    -c "$1" -o "$folder/object.o" >"$folder/log" 2>&1 || {
    cat "$folder/log" >&2
    echo "compile.sh: $1 does not compile" >&2
    exit 1
  }
  awk '{ printf "%.2f %d\n", $1 + $2, $3 }' "$folder/time" >>"$folder/$(basename -- "$1" .cpp).cost"
}
# median COLUMN NAME
median() {
  cut -d ' ' -f "$1" "$folder/$2.cost" | sort -n | awk '{ v[NR] = $1 } END { print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2 }'
}
# goal TEXT VALUE BOUND
missed=0
goal() {
  if awk -v x="$2" -v bound="$3" 'BEGIN { exit !(x <= bound) }'; then
    echo "met     $1: $2, at most $3"
  else
    echo "MISSED  $1: $2, at most $3"
    missed=$((missed + 1))
  fi
}

"${CXX:-g++}" --version | sed -n '1p'
echo "flags: $flags"
round=0
while [ "$round" -lt "$runs" ]; do
  cost "$folder/tenon.cpp"
  cost "$folder/eigen.cpp"
  round=$((round + 1))
done
ours=$(median 1 tenon) memory=$(($(median 2 tenon | cut -d . -f 1) / 1024))
theirs=$(median 1 eigen)
printf '%-44s %8s %8s\n' '' seconds MB
printf '%-44s %8.2f %8d\n' '#include <tenon/tenon.hpp>' "$ours" "$memory"
printf '%-44s %8.2f %8d\n' '#include <Eigen/Dense>, one product' "$theirs" "$(($(median 2 eigen | cut -d . -f 1) / 1024))"

if $examples; then
  for main in "$root"/examples/*/main.cpp; do
    name=$(basename -- "$(dirname -- "$main")")
    rm -f "$folder"/*.cost
    for source in "$root/examples/$name"/*.cpp; do cost "$source"; done
    begin=$(date +%s%N)
    printf '%s\n' "$root/examples/$name"/*.cpp | CXX="${CXX:-g++}" flags=$flags root=$root folder=$folder xargs -P 2 -n 1 sh -c '
      level=
      if [ "$(basename -- "$1")" = options.cpp ]; then level=-O0; fi
      $CXX $flags $level -I"$root/include" -isystem /usr/include/eigen3 -c "$1" -o "$folder/$(basename -- "$1").o"' sh
    clock=$(awk -v ns=$(($(date +%s%N) - begin)) 'BEGIN { printf "%.1f", ns / 1e9 }')
    total=$(cat "$folder"/*.cost | awk '{ s += $1 } END { printf "%.1f", s }')
    most=$(cat "$folder"/*.cost | awk '$2 > m { m = $2 } END { print int(m / 1024) }')
    printf '%-44s %8.2f %8d\n' "examples/$name/main.cpp" "$(cut -d ' ' -f 1 "$folder/main.cost")" "$(($(cut -d ' ' -f 2 "$folder/main.cost") / 1024))"
    printf '%-44s %8.2f %8d\n' "examples/$name, all files" "$total" "$most"
    printf '%-44s %8.1f\n' "examples/$name, on the clock by two jobs" "$clock"
    if [ "$name" = images ]; then images=$clock images_memory=$most; fi
  done
fi

goal 'include of tenon, times that of Eigen' "$(awk -v a="$ours" -v b="$theirs" 'BEGIN { printf "%.3f", a / b }')" 0.65
goal 'include of tenon, MB' "$memory" 700
if $examples; then
  goal 'examples/images, seconds on the clock' "$images" 25
  goal 'examples/images, MB' "$images_memory" 1200
fi
if [ "$missed" -gt 0 ]; then exit 2; fi
