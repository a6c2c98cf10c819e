#!/bin/sh
# sh images_test.sh <repository> <the program example_images>: what the main example promises.
#   It reaches 95 % on the digits held out, its last step asks the heap for nothing, it writes both curves, and where its
#   output is no terminal it prints plain lines. The same seed gives the same network. Ctrl-C ends it with a report.
#   Stopped by Ctrl-C or killed, and resumed from its checkpoint, it ends with the same bits.
#   Each bad option and each bad file ends it with status 1 and one line that says where and what.
set -u
repository=$1
program=$2
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
mkdir out
faults=0 refused=0
fault() {
  echo "images: $*" >&2
  faults=$((faults + 1))
}
has() { grep -q -- "$1" "$2" || fault "no '$1' in: $(cat "$2")"; }

# ---- a good run
"$program" digits --epochs 30 --seed 3 --out out >good || fault "ends with status $?"
right=$(sed -n 's/^test  *\([0-9]*\)\.[0-9]* % of 359 images right.*/\1/p' good)
[ "${right:-0}" -ge 95 ] || fault "$right % of the digits are right, not 95 %"
[ "$(grep -c '^epoch' good)" = 30 ] || fault "not one line an epoch: $(cat good)"
has 'heap allocations in the last step: 0$' good
has '^precision ' good
if tr -d '\n\040-\176\200-\377' <good | grep -q .; then fault "control characters where there is no terminal"; fi
[ "$(wc -l <out/curves.csv)" = 31 ] || fault "curves.csv has not a line for each epoch"
has '^<svg .*' out/curves.svg
steady() { sed '/^epoch/s/ *[0-9.]*[kM]* samples.*//' "$1"; }
"$program" digits --epochs 30 --seed 3 --out out | steady - >again
steady good | cmp -s - again || fault "the same seed gives another network"

# ---- Ctrl-C
"$program" digits --epochs 1000000 --out out >stopped &
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
"$program" digits --epochs 400 --seed 5 --out out --checkpoint whole >/dev/null || fault "--checkpoint ends with status $?"
"$program" digits --epochs 400 --seed 5 --out out --checkpoint parts >stopped &
pid=$!
while ! grep -qs '^epoch.*saved' stopped && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -INT $pid
wait $pid || fault "Ctrl-C with --checkpoint ends with status $?"
cmp -s whole parts && fault "the run was not stopped before its end"
"$program" digits --epochs 400 --seed 5 --out out --checkpoint parts --resume parts >resumed &
pid=$!
while ! grep -qs '^epoch.*saved' resumed && kill -0 $pid 2>/dev/null; do sleep 0.05; done
kill -KILL $pid
wait $pid 2>/dev/null
has '^resumed  parts after [1-9][0-9]* epochs' resumed
"$program" digits --epochs 400 --seed 5 --out out --checkpoint parts --resume parts >resumed || fault "--resume ends with status $?"
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
refuses 'not expected: --nope' --nope
refuses 'letters not in {digits,fashion}' letters
refuses 'not in {mlp,lenet,cnn}' fashion --model vgg
refuses '--model cnn wants images of 28 x 28 pixels' digits --model cnn
refuses "--epochs: 'x' is not a whole number from 1" digits --epochs x
refuses "--epochs: '0' is not a whole number from 1" digits --epochs 0
refuses "--epochs: '1.5' is not a whole number" digits --epochs 1.5
refuses "--batch-size: '-1' is not a whole number from 1" digits --batch-size=-1
refuses "--learning-rate: 'nan' is not a finite number from 0" digits --learning-rate nan
refuses "--learning-rate: 'inf' is not a finite number from 0" digits --learning-rate inf
refuses "--seed: '-1' is not a whole number from 0" digits --seed=-1
refuses "--seed: '99999999999999999999' is not a whole number" digits --seed 99999999999999999999
refuses "--threads: '-1' is not a whole number from 0" digits --threads=-1
refuses 'Directory does not exist: nowhere' digits --data nowhere
refuses 'out/digits.csv.gz: cannot be opened: No such file' digits --data out
refuses 'File does not exist: nowhere' digits --resume nowhere
refuses 'good: not a safetensors file' digits --resume good
refuses "whole: 'seed': that training had --seed 5" digits --resume whole
refuses "whole: 'batches': " digits --seed 5 --batch-size 32 --resume whole
refuses 'no/whole: cannot be created: No such file' digits --epochs 1 --checkpoint no/whole
refuses 'the loss of step 1 is NaN; fix: lower the learning rate' digits --learning-rate 1e30

csv() { # csv <words> <sed script for the digits>
  rm -rf data && mkdir data
  gzip -dc "$repository/examples/images/data/digits.csv.gz" | sed "$2" >data/digits.csv
  refuses "$1" digits --data data
}
csv 'data/digits.csv:5: this line has 64 fields, line 1 has 65' '5s/,[^,]*$//'
csv "data/digits.csv:7:1: 'abc' is not a number" '7s/^[^,]*/abc/'
csv 'data/digits.csv:9:65: the field is empty' '9s/,[^,]*$/,/'
csv 'sample 8 has label 12 of 10 classes' '9s/,[^,]*$/,12/'
csv 'the label of sample 8 is -1' '9s/,[^,]*$/,-1/'
csv 'the label of sample 8 is 1.5' '9s/,[^,]*$/,1.5/'
csv 'data/digits.csv: pixel 0 of sample 8 is no brightness' '9s/^[^,]*/nan/'
csv 'data/digits.csv: pixel 0 of sample 8 is no brightness' '9s/^[^,]*/17/'
csv 'an image has 63 pixels, not 64' 's/^[^,]*,//'
csv 'data/digits.csv: the file is empty' d
csv 'data: too few images' 2q
rm -rf data && mkdir data
head -c 20000 "$repository/examples/images/data/digits.csv.gz" >data/digits.csv.gz
refuses 'data/digits.csv.gz: the gzip data is cut short' digits --data data

idx() { # idx <words>, after a change of one of 24 + 4 black images or their labels
  refuses "$1" fashion --data data
  rm -rf data && mkdir data
  for set in train:24:030 t10k:4:004; do
    n=${set#*:}
    { printf "\\000\\000\\010\\003\\000\\000\\000\\${n#*:}\\000\\000\\000\\034\\000\\000\\000\\034"; head -c $((${n%:*} * 784)) /dev/zero; } \
      >"data/${set%%:*}-images-idx3-ubyte"
    { printf "\\000\\000\\010\\001\\000\\000\\000\\${n#*:}"; head -c "${n%:*}" /dev/zero; } >"data/${set%%:*}-labels-idx1-ubyte"
  done
}
idx 'data/train-images-idx3-ubyte.gz: cannot be opened: No such file'
"$program" fashion --epochs 1 --data data --out out >said || fault "28 black images are refused"
printf x >>data/train-images-idx3-ubyte
idx 'data/train-images-idx3-ubyte: shape (24, 28, 28) needs 18816 bytes of values, the file has 18817'
head -c 12 /dev/zero >data/train-images-idx3-ubyte
idx 'data/train-images-idx3-ubyte: unknown IDX type code 0x00'
printf '\001\000\010\003' >data/train-images-idx3-ubyte
idx 'data/train-images-idx3-ubyte: not an IDX file'
printf '\000\000\010\003\000' >data/train-images-idx3-ubyte
idx 'data/train-images-idx3-ubyte: the file ends within its header'
printf '\000\000\010\003\377\377\377\377\377\377\377\377\377\377\377\377' >data/train-images-idx3-ubyte
idx 'data/train-images-idx3-ubyte: the size of shape (4294967295, 4294967295, 4294967295) overflows'
printf '\000\000\010\001\000\000\000\003abc' >data/train-labels-idx1-ubyte
idx 'data/train-*: '
printf '\000\000\010\001\000\000\000\004\000\011\012\000' >data/t10k-labels-idx1-ubyte
idx 'sample 2 has label 10 of 10 classes'

[ $faults = 0 ] && echo "example_images: $right % right, $refused bad inputs refused"
[ $faults = 0 ]
