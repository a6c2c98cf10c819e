#!/bin/sh
# What the misuses of tests/ownership/README.md come to in Eigen and xtensor, and in tenon:
#   sh tests/ownership/peers.sh            prints the table, as README.md shows it
# Each program in peers/ is built by g++ twice: -O2 -DNDEBUG, as it is shipped, and under AddressSanitizer and
# UndefinedBehaviorSanitizer; what both come to is recorded. Needs libeigen3-dev and libxtensor-dev.
set -u
cd "$(dirname "$0")" || exit 1
. ../../cmake/packages.sh
need_packages g++ libeigen3-dev libxtensor-dev || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# outcome <source> <options...>: builds and runs it; says what happened in a few words.
outcome() {
  source=$1
  shift
  flags=$(sed -n 's/.*Flags: //p' "$source")
  # Eigen's headers make g++ warn; the question here is what the program does.
  # shellcheck disable=SC2086
  if ! g++ -std=c++20 -w -isystem /usr/include/eigen3 -pthread $flags "$@" "$source" -o "$work/program" \
    2>"$work/said"; then
    echo 'refused by the compiler'
    return
  fi
  "$work/program" >"$work/out" 2>"$work/said"
  status=$?
  if grep -q 'AddressSanitizer: requested allocation size\|allocation-size-too-big' "$work/said"; then
    echo 'sanitizer: allocation too big'
  elif grep -q 'ERROR: AddressSanitizer' "$work/said"; then
    echo "sanitizer: $(sed -n 's/.*ERROR: AddressSanitizer: \([a-z-]*\).*/\1/p' "$work/said" | head -n 1)"
  elif grep -q 'runtime error:' "$work/said"; then
    echo "sanitizer: $(sed -n 's/.*runtime error: \([a-z -]*[a-z]\).*/\1/p' "$work/said" | head -n 1)"
  elif grep -q 'Assertion' "$work/said"; then
    echo 'assertion'
  elif [ $status -ge 128 ]; then
    echo crash
  else
    cat "$work/out"
  fi
}
# both <source>: as shipped, and what a sanitizer says beyond that.
both() {
  [ -f "$1" ] || { echo -; return; }
  shipped=$(outcome "$1" -O2 -DNDEBUG)
  [ "$shipped" = 'refused by the compiler' ] && { echo "$shipped"; return; }
  watched=$(outcome "$1" -O1 -g -DNDEBUG -fsanitize=address,undefined -fno-sanitize-recover=all)
  if [ "$watched" = "$shipped" ]; then echo "$shipped"; else echo "$shipped; $watched"; fi
}

echo '| row | misuse | tenon | Eigen | xtensor |'
echo '|---|---|---|---|---|'
for name in $(ls peers/*.cpp | sed 's/.*\(eigen\|xtensor\)_//' | sort -u); do
  row=$(echo "$name" | sed 's/^0*\([0-9]*\)_.*/\1/')
  line=$(grep "^| $row |" README.md)
  misuse=$(echo "$line" | cut -d'|' -f3)
  tenon=$(echo "$line" | cut -d'|' -f4,5 | sed 's/|/:/; s/  */ /g; s/ :/:/')
  echo "| $row |$misuse|$tenon| $(both "peers/eigen_$name") | $(both "peers/xtensor_$name") |"
done
