#!/bin/sh
# What the misuses of tests/ownership/README.md come to in Eigen and xtensor, and in tenon:
#   sh tests/ownership/peers.sh            prints the table, as README.md shows it
#   sh tests/ownership/peers.sh 5 10       only these rows
# Each program in peers/ is built by g++ twice: -O2 -DNDEBUG, as it is shipped, and under AddressSanitizer and
# UndefinedBehaviorSanitizer; what both come to is recorded. Needs libeigen3-dev and libxtensor-dev.
set -u
cd "$(dirname "$0")" || exit 1
. ../../cmake/packages.sh
need_packages g++ libeigen3-dev libxtensor-dev || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Either library is compiled once for either setting, into a header that all its programs begin with.
shipped='-O2 -DNDEBUG'
watched='-O1 -DNDEBUG -fsanitize=address,undefined -fno-sanitize-recover=all'
compile='g++ -std=c++20 -w -isystem /usr/include/eigen3 -pthread' # -w: the question is what the program does
mkdir "$work/shipped" "$work/watched"
for setting in shipped watched; do
  [ $setting = shipped ] && options=$shipped || options=$watched
  echo '#include <Eigen/Dense>' >"$work/$setting/eigen.hpp"
  for header in xadapt xarray xbroadcast xbuilder xmath xtensor xvectorize xview; do
    echo "#include <xtensor/$header.hpp>"
  done >"$work/$setting/xtensor.hpp"
  for library in eigen xtensor; do $compile $options -x c++-header "$work/$setting/$library.hpp" || exit 1; done
done

# outcome <shipped|watched> <source> <options...>: builds and runs it; says what happened in a few words.
outcome() {
  setting=$1 source=$2
  shift 2
  library=$(basename "$source" | sed 's/_.*//')
  if ! $compile -include "$work/$setting/$library.hpp" "$@" $(sed -n 's/.*Flags: //p' "$source") "$source" \
    -o "$work/program" 2>"$work/said"; then
    echo 'refused by the compiler'
    return
  fi
  timeout 60 "$work/program" >"$work/out" 2>"$work/said"
  status=$?
  if grep -q 'ERROR: AddressSanitizer' "$work/said"; then
    echo "sanitizer: $(sed -n 's/.*ERROR: AddressSanitizer: \([a-z-]*\).*/\1/p' "$work/said" | head -n 1)"
  elif grep -q 'runtime error:' "$work/said"; then
    echo "sanitizer: $(sed -n 's/.*runtime error: \([a-z -]*[a-z]\).*/\1/p' "$work/said" | head -n 1)"
  elif grep -q 'Assertion' "$work/said"; then
    echo assertion
  elif [ $status -ge 124 ]; then
    echo crash
  else
    cat "$work/out"
  fi
}
# both <source>: as shipped; and what the sanitizers say, where that is something else.
both() {
  [ -f "$1" ] || { echo -; return; }
  one=$(outcome shipped "$1" $shipped)
  [ "$one" = 'refused by the compiler' ] && { echo "$one"; return; }
  two=$(outcome watched "$1" $watched)
  case $two in
    "$one") echo "$one" ;;
    *) echo "$one; $two" ;;
  esac
}

echo '| row | misuse | tenon | Eigen | xtensor |'
echo '|---|---|---|---|---|'
for name in $(ls peers/*.cpp | sed 's/.*\(eigen\|xtensor\)_//' | sort -u); do
  row=$(echo "$name" | sed 's/^0*\([0-9]*\)_.*/\1/')
  if [ $# -gt 0 ]; then
    case " $* " in *" $row "*) ;; *) continue ;; esac
  fi
  line=$(grep "^| $row |" README.md | head -n 1)
  misuse=$(echo "$line" | cut -d'|' -f3)
  tenon=$(echo "$line" | cut -d'|' -f4,5 | sed 's/|/:/; s/  */ /g; s/ :/:/')
  echo "| $row |$misuse|$tenon| $(both "peers/eigen_$name") | $(both "peers/xtensor_$name") |"
done
