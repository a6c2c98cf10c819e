#!/bin/sh
# Installs what is missing, builds one example in Release for this machine, and runs it:
#   sh examples/run.sh [name] [the example's own options...]
#   sh examples/run.sh                     digits: hand-written digits, in the repository
#   sh examples/run.sh fashion             Fashion-MNIST, from Debian's dataset-fashion-mnist
#   sh examples/run.sh text                Moby-Dick, character by character; --model lstm, or another --text FILE
#   sh examples/run.sh workers --threads 3 the digits by several threads: the same weights, bit by bit, for any number
#   sh examples/run.sh digits --help       what it can be told
#   sh examples/run.sh <folder>            any other examples/<folder>/
# What it makes, training curves included, is in build/example/.
set -u
cd "$(dirname "$0")/.." || exit 1
. cmake/packages.sh

name=digits
case ${1-} in
  '' | -*) ;;
  *) name=$1; shift ;;
esac
build=build/example
packages='g++ cmake ninja-build libxsimd-dev libcli11-dev zlib1g-dev'
case $name in
  digits) folder=images; set -- digits --out $build "$@" ;; # of two --out the last one counts
  fashion) folder=images; set -- fashion --out $build "$@"; packages="$packages dataset-fashion-mnist" ;;
  text) folder=text; set -- --out $build "$@" ;;
  *) folder=$name; packages="$packages libeigen3-dev" ;;
esac
if ! [ -f "examples/$folder/main.cpp" ]; then
  echo "examples/run.sh: no example is called '$name'; there are: digits fashion" \
    "$(for f in examples/*/main.cpp; do f=${f%/main.cpp}; [ "${f#*/}" = images ] || printf '%s ' "${f#*/}"; done)" >&2
  exit 2
fi

need_packages $packages || exit 1

log=$build/build.log
mkdir -p $build
printf 'building %s ... ' "$name"
start=$(date +%s)
measure=
[ -x /usr/bin/time ] && measure="/usr/bin/time -o $build/memory -f %M"
if ! { cmake -C cmake/release.cmake -S . -B $build -G Ninja -DCMAKE_CXX_COMPILER=g++ -DTENON_BUILD_TESTS=OFF \
         -DTENON_BUILD_BENCHMARKS=OFF -DTENON_EXAMPLES="$folder" &&
       $measure cmake --build $build --target "example_$folder"; } >$log 2>&1; then
  echo failed
  cat $log
  echo "VERDICT: FAILED, $name does not build"
  exit 1
fi
if grep -q 'no work to do' $log; then
  printf 'nothing has changed'
else
  printf '%s s' $(($(date +%s) - start))
  [ -z "$measure" ] || printf ', the compiler took %s MB at most' $(($(tail -n 1 $build/memory) / 1024))
fi
printf '\n\n'

# Ctrl-C is for the program, which stops after its batch and reports; this script waits for it.
trap : INT
$build/examples/"example_$folder" "$@"
status=$?
echo
if [ $status = 0 ]; then
  echo "VERDICT: ok, $name ran to its end"
else
  echo "VERDICT: FAILED, $name ended with status $status"
fi
exit $status
