#!/bin/sh
# Every message of the library stands word for word in a test: sh messages_test.sh <root of tenon>
# The texts of a message stand where it is made: the string literals inside XError(...), and inside the calls that make
# one (fail, wrong, x_clash, refuse_x). All texts of one call have to stand in one literal of a test, as the line that is
# thrown; where a call chooses between texts (?:), each in one. So a message that nobody has seen cannot come in.
set -eu
export LC_ALL=C
texts=$(mktemp)
trap 'rm -f "$texts"' EXIT

# texts_of <calls|all> <files>: of each call that makes an error a line "place <tab> literal <tab> literal ...", with a '?'
# in front when it chooses; or all literals, one a line. Literals that follow each other are one, as for the compiler.
cat >"$texts" <<'AWK'
function end_literal() {
  if (!pending) return
  pending = 0
  if (want == "all") print literal
  else if (opened) said = said "\t" literal
  literal = ""
}
# Of the code s from i on, how far pattern reaches.
function reach(s, i, pattern) { return match(substr(s, i, 4000), pattern) ? RLENGTH : 0 }
function read_line(s,    i, n, c, length_of_word) {
  n = length(s)
  for (i = 1; i <= n; ++i) {
    c = substr(s, i, 1)
    if (c == " ") continue
    if (c == "/" && substr(s, i + 1, 1) == "/") return
    if (c == "\"") {
      length_of_word = reach(s, i + 1, "^([^\"\\\\]|\\\\.)*")
      literal = literal substr(s, i + 1, length_of_word)
      pending = 1
      i += length_of_word + 1
      continue
    }
    end_literal()
    length_of_word = reach(s, i, "^[A-Za-z0-9_'][A-Za-z0-9_']*")  # a ' within: 1'000
    if (c == "'") i += reach(s, i + 1, "^(\\\\.|[^\\\\'])[^']*") + 1
    else if (length_of_word) {
      word = substr(s, i, length_of_word)
      i += length_of_word - 1
      continue
    } else if (c == "(") open_call()
    else if (c == ")") close_call()
    else if (c == "?") chooses = "?"
    word = ""
  }
}
function open_call() {
  ++depth
  if (opened || word !~ /^([A-Z][a-z]+Error|fail|failed|wrong|[a-z0-9_]*clash|refuse[a-z0-9_]*)$/) return
  opened = depth
  at = FILENAME ":" FNR
  said = chooses = ""
}
function close_call() {
  if (depth-- != opened) return
  if (said != "") print chooses at said
  opened = 0
}
FNR == 1 { depth = opened = pending = 0; word = "" }
{ gsub(/\t/, " "); read_line($0) }
AWK
texts_of() {
  want=$1
  shift
  awk -v want="$want" -f "$texts" "$@"
}

# shellcheck disable=SC2046  # no name of a source has a blank
{
  texts_of all $(find "$1/tests" -name '*.cpp') | awk 'length > 7 { print "said\t" $0 }'
  texts_of calls $(find "$1/include" -name '*.hpp') | sed "s|$1/||"
} | awk -F '\t' '
  # Blanks and punctuation around a piece say nothing.
  function core(s) { gsub(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/, "", s); return s }
  function stands_together(    g, i) {
    for (g = 1; g <= lines; ++g) {
      for (i = 2; i <= NF && (length(core($i)) < 3 || index(line_of[g], core($i))); ++i) {}
      if (i > NF) return 1
    }
    return 0
  }
  function stands_somewhere(piece,    g) {
    for (g = 1; g <= lines; ++g) if (index(line_of[g], piece)) return 1
    return 0
  }
  $1 == "said" { line_of[++lines] = $2; next }
  {
    ++calls
    if ($1 !~ /^\?/ && !stands_together()) {
      print $1 ": no test says all of " substr($0, index($0, "\t") + 1)
      ++missing
    }
    if ($1 ~ /^\?/) for (i = 2; i <= NF; ++i) if (length(core($i)) >= 3 && !stands_somewhere(core($i))) {
      print substr($1, 2) ": no test says \"" $i "\""
      ++missing
    }
  }
  END {
    printf "%d texts of %d calls are in no literal of a test\n", missing, calls
    exit missing || calls < 150 ? 1 : 0
  }'
