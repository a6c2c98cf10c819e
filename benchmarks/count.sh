#!/bin/sh
# Counts instructions with valgrind's callgrind: exact, the same on every run, undisturbed by other programs.
#   sh benchmarks/count.sh                    every program of benchmarks/instructions
#   sh benchmarks/count.sh fused_chain ...    these programs
#   sh benchmarks/count.sh --json FILE        write the figures as well
#   sh benchmarks/count.sh --gate             compare with instructions/counts.txt: more than 5 % above it is a failure, and
#                                             so are checks that cost more than their goal; other goals are for one compiler
#   sh benchmarks/count.sh --record           put this compiler's figures into instructions/counts.txt
# For each variant of a program: instructions of one repetition = slope between two numbers of repetitions. A program
# named *_checks is also counted as built with TENON_CHECKS=0. For variants that promise to ask for no memory, likewise:
# allocations on the heap, by memcheck, and system calls that map memory, by valgrind's trace.
# counts.txt holds figures by compiler and version; those of a compiler that is not in it are printed and not judged.
# Exit status: 0 every goal met (with --gate: nothing above what is recorded, checks within their goals), 2 if not, 1
# failure.
# BUILD_DIR (build/benchmarks) and CXX may be set. The programs are built for AVX2 where the machine is x86-64: valgrind
# knows no AVX-512.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")
build=${BUILD_DIR:-$root/build/benchmarks}

json=
programs=
gate=false record=false
counts=$here/instructions/counts.txt
while [ $# -gt 0 ]; do
  case $1 in
    --json) json=$2; shift ;;
    --gate) gate=true ;;
    --record) record=true ;;
    -h | --help) sed -n '2,16s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "count.sh: unknown option $1" >&2; exit 64 ;;
    *) programs="$programs $1" ;;
  esac
  shift
done

. "$here/build.sh"

if [ -z "$programs" ]; then
  for source in "$here"/instructions/*.cpp; do programs="$programs $(basename -- "$source" .cpp)"; done
fi
targets=
for program in $programs; do
  if [ ! -f "$here/instructions/$program.cpp" ]; then echo "count.sh: no instructions/$program.cpp" >&2; exit 64; fi
  targets="$targets count_$program"
  case $program in *_checks) targets="$targets count_${program}_0" ;; esac
done
configure valgrind
# shellcheck disable=SC2086  # a list of words
compile $targets

figures=$(mktemp)
trap 'rm -f "$figures" "$figures.log"' EXIT

# under_valgrind OPTIONS... BINARY VARIANT N: leaves what valgrind said in $figures.log.
under_valgrind() {
  OMP_NUM_THREADS=1 valgrind "$@" >"$figures.log" 2>&1 || {
    cat "$figures.log" >&2
    echo "count.sh: valgrind $* failed" >&2
    return 1
  }
}
# These take BINARY VARIANT N and print a count.
instructions() {
  under_valgrind --tool=callgrind --toggle-collect='*::counted_repetitions*' --callgrind-out-file=/dev/null "$@" || return 1
  sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$figures.log"
}
allocations() {
  under_valgrind --tool=memcheck --undef-value-errors=no --leak-check=no "$@" || return 1
  sed -n 's/.*total heap usage: \([0-9,]*\) allocs.*/\1/p' "$figures.log" | tr -d ,
}
system_calls() {
  under_valgrind --tool=none --trace-syscalls=yes "$@" || return 1
  grep -c -E '^SYSCALL.*sys_(mmap|munmap|mremap|brk|madvise|mprotect)' "$figures.log"
}

# count_variants PROGRAM BINARY SUFFIX: appends "figure program variant[SUFFIX] instructions" to the figures, and with no
# suffix what the program says of memory, and its goals.
count_variants() {
  "$2" --list >"$figures.list"
  range=$(sed -n 's/^n //p' "$figures.list")
  low=${range% *} high=${range#* }
  for variant in $(sed -n 's/^variant //p' "$figures.list"); do
    slope "$1" "$2" "$variant" instructions "$3"
  done
  if [ -z "$3" ]; then
    for variant in $(sed -n 's/^memory //p' "$figures.list"); do
      slope "$1" "$2" "$variant" allocations @allocations
      slope "$1" "$2" "$variant" system_calls @system_calls
    done
    sed -n "s|^goal |goal $1 |p" "$figures.list" >>"$figures"
  fi
  rm -f "$figures.list"
}
# slope PROGRAM BINARY VARIANT COUNTER SUFFIX
slope() {
  first=$("$4" "$2" "$3" "$low")
  second=$("$4" "$2" "$3" "$high")
  awk -v p="$1" -v v="$3$5" -v a="$first" -v b="$second" -v n="$((high - low))" \
    'BEGIN { printf "figure %s %s %.2f\n", p, v, (b - a) / n }' >>"$figures"
}

for program in $programs; do
  echo "counting $program ..." >&2
  count_variants "$program" "$build/count_$program" ""
  case $program in *_checks) count_variants "$program" "$build/count_${program}_0" "@unchecked" ;; esac
done

compiler=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$build/CMakeCache.txt")
known=$(basename -- "$compiler")-$("$compiler" -dumpfullversion 2>/dev/null || "$compiler" -dumpversion)
if $record; then
  touch "$counts"
  awk -v compiler="$known" 'NR == FNR { if ($1 == "figure") { new[$2, $3] = 1; line[++n] = compiler " " $2 " " $3 " " $4 } ; next }
    !($1 == compiler && ($2, $3) in new)
    END { for (i = 1; i <= n; ++i) print line[i] }' "$figures" "$counts" | sort >"$figures.counts"
  mv "$figures.counts" "$counts"
fi
grown=0
if $gate; then
  awk -v compiler="$known" '
    NR == FNR { if ($1 == compiler) recorded[$2, $3] = $4; next }
    $1 == "figure" && ($2, $3) in recorded {
      ++judged
      if ($4 > 1.05 * recorded[$2, $3] + 0.5) {  # half an instruction: the slope of small numbers is not exact
        printf "GREW    %s %s: %.1f, recorded %.1f\n", $2, $3, $4, recorded[$2, $3]
        ++grown
      }
    }
    END {
      printf "Gate: %d figures of %s within 5 %% of those recorded, %d above.\n", judged - grown, compiler, grown
      if (!judged) print "No figures of this compiler are recorded, so none was judged."
      exit grown ? 1 : 0
    }' "$counts" "$figures" || grown=2
fi

status=0
awk -v json="$json" -v gate="$gate" '
  function spoken(variant) {
    sub(/@unchecked$/, " (TENON_CHECKS=0)", variant)
    sub(/@.*/, "", variant)
    return variant
  }
  function unit(variant) {
    if (variant ~ /@allocations$/) return "heap allocations"
    return variant ~ /@system_calls$/ ? "system calls for memory" : "instructions"
  }
  BEGIN { printf "%-22s %-32s %14s\n", "program", "variant", "a repetition" }
  $1 == "figure" {
    slope[$2, $3] = $4
    printf "%-22s %-32s %14.1f %s\n", $2, spoken($3), $4, unit($3)
    key = unit($3)
    gsub(/ /, "_", key)
    rows = rows (rows ? ",\n  " : "") "{\"program\": \"" $2 "\", \"variant\": \"" spoken($3) "\", \"" key "\": " $4 "}"
  }
  $1 == "goal" { goals[++count] = $0 }
  END {
    for (i = 1; i <= count; ++i) {
      split(goals[i], g, " ")
      against = g[6] == "unchecked" ? g[3] "@unchecked" : g[6]
      if (!((g[2], g[3]) in slope) || (against != "-" && !((g[2], against) in slope))) {
        printf "goal names an unknown variant: %s\n", goals[i]; bad = 1; continue
      }
      value = slope[g[2], g[3]]
      if (g[4] == "ratio") value /= slope[g[2], against]
      if (g[4] == "difference") value -= slope[g[2], against]
      met = value <= g[5] + (g[4] == "ratio" ? 0 : 0.05)  # the slope of whole instructions is exact to a few hundredths
      if (!met && (gate != "true" || g[6] == "unchecked")) ++missed
      kind = g[4] == "count" ? unit(g[3]) : g[4]
      text = sprintf("%s %s: %s %s%.4g, at most %g", g[2], spoken(g[3]), kind, against == "-" ? "" : "to " spoken(against) " ", value, g[5])
      printf "%s  %s\n", met ? "met   " : "MISSED", text
      verdicts = verdicts (verdicts ? ",\n  " : "") "{\"goal\": \"" text "\", \"met\": " (met ? "true" : "false") "}"
    }
    printf "Verdict: %d of %d goals met.\n", count - missed, count
    if (json != "") printf "{\"format\": \"tenon instructions 1\", \"figures\": [\n  %s],\n \"goals\": [\n  %s]}\n", rows, verdicts > json
    exit bad ? 1 : missed ? 2 : 0
  }' "$figures" || status=$?
if $gate && [ "$status" -eq 0 ]; then status=$grown; fi
exit "$status"
