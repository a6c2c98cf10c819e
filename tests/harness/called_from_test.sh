#!/bin/sh
# An error at a call that cannot note its place prints a command; run, that one tells the place.
#   sh called_from_test.sh <compiler> <include folder> <program of mistakes> <folder to work in>
# Each "// mistake" of the program has to be the first line that its command names. With and without optimisation, for a
# program at any address, one at a fixed address, and a shared library whose tenon the linker merges with that of the
# program that calls it, in folders whose names mean something to a shell.
set -eu
cxx=$1 include=$2 source=$3 work=$4
export LC_ALL=C
work="$work/it's; here"
mkdir -p "$work/in clude"
cd "$work"
ln -sfn "$include/tenon" "in clude/tenon"
cat >main.cpp <<'END'
#include "tenon/op/add.hpp"
#include "tenon/op/concatenate.hpp"
#include "tenon/tensor/make.hpp"
void mistakes(tenon::Index);
int main(int count, char**) {
  const tenon::Tensor<float, tenon::dyn, tenon::dyn> a({count, 3}), b({count, 3});
  const tenon::Tensor sum = concatenate(tenon::axis<0>, a + b, b, a);
  mistakes(static_cast<tenon::Index>(sum(0, 0)) + count + 1);
}
END
# clang's tool may stand beside the compiler only.
tool=$("$cxx" -print-prog-name=llvm-addr2line)
case $tool in
  */*) PATH=$PATH:$(dirname "$tool") ;;
esac

faults=0 found=0
look_up() {
  "$1" >"$1.said" || { echo "$1 ends with status $?" >&2; faults=$((faults + 1)); }
  sed -n 's/^  called from: //p' "$1.said" >"$1.commands"
  grep -n '// mistake' "$source" | cut -d: -f1 >"$1.lines"
  [ "$(wc -l <"$1.commands")" = "$(wc -l <"$1.lines")" ] || { echo "$1: commands are missing:" >&2; cat "$1.said" >&2; faults=$((faults + 1)); }
  while IFS= read -r command && IFS= read -r line <&3; do
    sh -c "$command" >"$1.calls" || true
    if sed -n 1p "$1.calls" | grep -q "${source##*/}:$line\( \|$\)"; then
      found=$((found + 1))
    else
      { echo "$1: line $line of ${source##*/} is not the first in what is printed by: $command"; cat "$1.calls"; } >&2
      faults=$((faults + 1))
    fi
  done <"$1.commands" 3<"$1.lines"
}
for level in 0 2; do
  "$cxx" -std=c++20 -g "-O$level" -fPIC "-Iin clude" -c "$source" -o "mistakes$level.o"
  "$cxx" -std=c++20 -g "-O$level" -fPIC "-Iin clude" -c main.cpp -o "main$level.o"
  "$cxx" -pie "main$level.o" "mistakes$level.o" -pthread -o "./pie$level"
  "$cxx" -no-pie "main$level.o" "mistakes$level.o" -pthread -o "./fixed$level"
  "$cxx" -shared "mistakes$level.o" -pthread -o "./libmistakes$level.so"
  "$cxx" "main$level.o" "$PWD/libmistakes$level.so" -o "./shared$level"
  for program in pie fixed shared; do look_up "./$program$level"; done
done
echo "$found places found, $faults faults"
[ $faults = 0 ] && [ $found -gt 0 ]
