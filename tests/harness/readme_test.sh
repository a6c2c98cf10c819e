#!/bin/sh
# sh readme_test.sh <repository> <the program example_readme>: README.md says nothing that is not so.
#   each C++ block is a region between `// README` and `// END` in examples/readme/*.cpp or tests/must_not_compile/readme_*.cpp,
#     word for word but for indentation, and each region is a block;
#   each text block is what the program prints, or what a readme_*.cpp there expects of clang;
#   the rows of the table "Edges" are the cases of tests/op/edge_table_test.cpp, in order.
set -u
cd "$1" || exit 1
program=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
faults=0
fault() {
  echo "readme: $*" >&2
  faults=$((faults + 1))
}

# blocks <language>: each block of README.md as one line, its lines joined by \001, without the indentation they share.
join='
function flush_block(  i, least, n) {
  least = 99
  for (i = 1; i <= count; ++i) { match(line[i], /^ */); if (line[i] != "" && RLENGTH < least) least = RLENGTH }
  for (i = 1; i <= count; ++i) printf "%s%s", substr(line[i], least + 1), (i < count ? "\001" : "\n")
  count = 0
}'
blocks() {
  awk -v want="\`\`\`$1" "$join"'
    inside && /^```/ { flush_block(); inside = 0; next }
    inside { sub(/ +$/, ""); line[++count] = $0; next }
    $0 == want { inside = 1 }' README.md
}
regions() {
  awk "$join"'
    /^ *\/\/ END$/ { flush_block(); inside = 0; next }
    inside { sub(/ +$/, ""); line[++count] = $0; next }
    /^ *\/\/ README$/ { inside = 1 }' "$@"
}

blocks cpp | sort >"$work/blocks"
regions examples/readme/*.cpp tests/must_not_compile/readme_*.cpp | sort >"$work/regions"
[ -s "$work/blocks" ] || fault "no C++ blocks in README.md"
comm -23 "$work/blocks" "$work/regions" | tr '\001' '\n' >"$work/only"
[ ! -s "$work/only" ] || fault "these C++ blocks of README.md are in no source file: $(cat "$work/only")"
comm -13 "$work/blocks" "$work/regions" | tr '\001' '\n' >"$work/only"
[ ! -s "$work/only" ] || fault "these regions are not in README.md: $(cat "$work/only")"

# What is printed, without folders, line numbers and addresses.
places() {
  sed 's|[^ ]*/\([a-z_]*\.cpp\):[0-9]*:|\1:|; s|^\([a-z_]*\.cpp\):[0-9]*:|\1:|
    s|( *\([a-z]* at\) [^ )]*/\([a-z_]*\.cpp\):[0-9]*)|(\1 \2)|g; s|(\([a-z]* at\) \([a-z_]*\.cpp\):[0-9]*)|(\1 \2)|g
    s|^\( *called from: [a-z-]*addr2line\) .*|\1|'
}
"$program" >"$work/raw" || fault "$program ends with status $?"
places <"$work/raw" | tr '\n' '\001' >"$work/said"
blocks text >"$work/texts"
[ -s "$work/texts" ] || fault "no text blocks in README.md"
while IFS= read -r text; do
  case $text in
    error:*) continue ;;
  esac
  wanted=$(printf '%s' "$text" | tr '\001' '\n' | places | tr '\n' '\001')
  if ! grep -qF -- "$wanted" "$work/said"; then fault "not printed: $(printf '%s' "$wanted" | tr '\001' '\n')"; fi
done <"$work/texts"
for claim in tests/must_not_compile/readme_*.cpp; do
  sed -n 's|^// EXPECT\(-CLANG\)\{0,1\}: ||p' "$claim" >"$work/expected"
  while IFS= read -r regex; do
    grep -q -- "$regex" README.md || fault "$claim expects '$regex', which README.md does not show"
  done <"$work/expected"
done

awk -F ' *[|] *' '/^## / { inside = $0 == "## Edges" } inside && /^\|/ && ++row > 2 { print $2 ": " $3 }' README.md |
  tr -d '`' >"$work/rows"
tr '\n' ' ' <tests/op/edge_table_test.cpp | grep -o 'TEST_CASE("edge table: [^"]*"' |
  sed 's/TEST_CASE("edge table: \(.*\)"/\1/' >"$work/cases"
[ -s "$work/rows" ] || fault "no table of edges in README.md"
diff "$work/rows" "$work/cases" || fault "the table of edges (<) and the cases of edge_table_test.cpp (>) differ"

[ $faults = 0 ] && echo "README.md: $(wc -l <"$work/blocks") C++ blocks, $(wc -l <"$work/texts") texts, $(wc -l <"$work/rows") edges"
[ $faults = 0 ]
