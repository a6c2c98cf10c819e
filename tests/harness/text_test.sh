#!/bin/sh
# sh text_test.sh <the program example_text>: what the text example promises.
#   Both networks learn: after a few steps they need fewer bits than they begin with. The same seed writes the same text.
#   Stopped and resumed from its checkpoint it ends with the same bits. It writes both curves. Ctrl-C ends it with a report. Bad options and bad files end it with status 1 and one line.
set -u
program=$1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir out
faults=0 refused=0
fault() {
  echo "text: $*" >&2
  faults=$((faults + 1))
}
has() { grep -q -- "$1" "$2" || fault "no '$1' in: $(cat "$2")"; }

# ---- a text with a rule: it is soon known
i=0
while [ $i -lt 800 ]; do
  echo "the sea is wide, the sea is deep, the whale is white"
  i=$((i + 1))
done >sea
for model in gpt lstm; do
  case $model in
    gpt) settings='--batch-size 8' most=1 ;;
    lstm) settings='--batch-size 4 --learning-rate 1e-2' most=2 ;; # of 3.7 bits for any of 13 characters
  esac
  run() { "$program" --model $model --text sea --steps 60 --every 30 $settings --generate 60 --temperature 0 --prompt 'the sea' --out out; }
  run >good || fault "$model ends with status $?"
  bits=$(sed -n 's/^test  *\([0-9]*\)\.[0-9]* bits.*/\1/p' good)
  [ "${bits:-9}" -le $most ] || fault "$model needs more than $bits bits: $(cat good)"
  [ "$(grep -c '^epoch.*held out' good)" = 2 ] || fault "not one line a round: $(cat good)"
  [ "$(wc -l <out/curves.csv)" = 3 ] || fault "curves.csv has not a line for each round"
  has '^<svg .*' out/curves.svg
  has '^the sea' good
  run | tail -n 2 >again
  tail -n 2 good | cmp -s - again || fault "the same seed writes another text"
done

# ---- Ctrl-C
"$program" --text sea --steps 1000000 --every 5 --batch-size 2 --out out >stopped &
pid=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
  grep -qs '^epoch' stopped && break
  sleep 0.5
done
kill -INT $pid
wait $pid || fault "Ctrl-C ends it with status $?"
has '^stopped after the current step' stopped
has '^test ' stopped
has '^curves ' stopped

# ---- stopped and resumed: the file saved at the end has the bytes of the one of a run that was never stopped
learn() { "$program" --text sea --model lstm --steps 40 --every 6 --batch-size 2 --generate 0 --out out "$@"; }
learn --checkpoint whole >/dev/null || fault "--checkpoint ends with status $?"
"$program" --text sea --model lstm --steps 40 --every 6 --batch-size 2 --out out --checkpoint parts >stopped &
pid=$!
while ! grep -qs '^epoch.*saved' stopped && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -INT $pid
wait $pid || fault "Ctrl-C with --checkpoint ends with status $?"
cmp -s whole parts && fault "the run was not stopped before its end"
learn --checkpoint parts --resume parts >resumed || fault "--resume ends with status $?"
has '^resumed  parts after [1-9][0-9]* steps' resumed
cmp -s whole parts || fault "a resumed run ends with other bits"

# ---- what it refuses: refuses <words on stderr> <arguments...>
refuses() {
  words=$1
  shift
  refused=$((refused + 1))
  "$program" "$@" --out out >said 2>error
  status=$?
  [ $status = 1 ] || fault "'$*' ends with status $status"
  [ "$(wc -l <error)" = 1 ] || fault "'$*' says: $(cat error)"
  grep -qF -- "$words" error || fault "'$*' says '$(cat error)', not '$words'"
}
echo short >short
refuses 'not expected: --nope' --nope
refuses 'rnn not in {gpt,lstm}' --model rnn
refuses "--steps: '0' is not a whole number from 1" --steps 0
refuses "--temperature: '-1' is not a number from 0" --temperature=-1
refuses "--top-k: 'x' is not a whole number from 0" --top-k x
refuses 'File does not exist: nowhere' --text nowhere
refuses 'short: 6 characters are too few to learn from' --text short
refuses 'is NaN; fix: lower the learning rate' --text sea --batch-size 1 --learning-rate 1e30

refuses 'File does not exist: nowhere' --resume nowhere
refuses "whole: tensor 'net.characters.weight' is F32 (128, 64) in the file but F32 (128, 128)" --text sea --resume whole
sed 's/sea/bay/' sea >bay
refuses "whole: 'characters': that training was on another text" --text bay --model lstm --resume whole

[ $faults = 0 ] && echo "example_text: both networks learn, $refused bad inputs refused"
[ $faults = 0 ]
