#!/bin/sh
# Keeps the worker's contract without training anything. A cell takes some steps of 50 ms each,
# saves its step on SIGTERM and exits 75, resumes from there, and leaves a proof at the end.
# What else it does stands in files that a test writes below the cache directory:
#   steps            number of steps (default 2)
#   peak             MiB that it claims to need
#   warn             warn while data are made ready
#   claim            take the cell's lock and leave a note, as the real one always does
#   behave-<id>, behave-all, behave-prepare
#       fail, diverge    end with that error
#       hollow           end well, leave no proof
#       mute             fail without writing down why
#       stubborn         do not stop on SIGTERM
#       crash N          be killed in the first N attempts
#       infrastructure N blame the infrastructure in the first N attempts
#   With "crash N", `prepare` too is killed the first N times.
# What it says that it is made of stands in FAKE_CODE, which judge it finds in FAKE_JUDGE, and whose
# images it judges in FAKE_PART; without FAKE_CODE it records nothing of the kind. It makes a cell again
# that `again.json` asks for.
# Every event is appended to `calls` there.
command=$1; shift
if [ "$command" = build ]; then
    printf '{"program":"fake","code":{"training":"%s","judges":"%s","judging":"%s"}}' \
        "$FAKE_CODE" same same
    exit 0
fi
while [ $# -gt 0 ]; do
    case $1 in
        --config) config=$2 ;;
        --dir) dir=$2 ;;
        --cache) cache=$2 ;;
    esac
    shift 2
done
test -f "$config" || exit 2
mkdir -p "$cache"
# One attempt more, counted in a file; true as long as there were at most so many.
within() {
    count=$(($(cat "$2" 2>/dev/null || echo 0) + 1))
    echo "$count" >"$2"
    test "$count" -le "$1"
}
if [ "$command" = prepare ]; then
    echo "prepare" >>"$cache/calls"
    test -e "$cache/warn" && echo "2026-01-01T00:00:00Z  WARN 2 images are left out" >&2
    case $(cat "$cache/behave-prepare" 2>/dev/null) in
        fail) echo "no faces" >&2; exit 2 ;;
        "crash "*) within "$(cut -d' ' -f2 "$cache/behave-prepare")" "$cache/prepared" && kill -9 $$ ;;
    esac
    exit 0
fi
id=$(basename "$dir")
mkdir -p "$dir/checkpoints"
steps=$(cat "$cache/steps" 2>/dev/null || echo 2)
step=$(cat "$dir/checkpoints/step" 2>/dev/null || echo 0)
peak=$(cat "$cache/peak" 2>/dev/null || echo 0)
state() {
    printf '{"state":"%s","phase":"train","step":%s,"steps":%s,"rate":20,"eta_s":1,"pid":%s,"host":"here","attempt":"a","updated":0,"error":%s,"error_kind":%s,"peak_mib":%s}' \
        "$1" "$step" "$steps" $$ "$2" "${3:-null}" "$peak" >"$dir/state.json.tmp-1" && mv "$dir/state.json.tmp-1" "$dir/state.json"
}
if [ -e "$cache/claim" ]; then
    exec 9>>"$dir/lock"
    flock -n 9 || exit 1
    printf '{"number":1,"attempt":"a","host":"%s","pid":%s,"started":%s}' \
        "$(cat /proc/sys/kernel/hostname)" $$ "$(date +%s)" >"$dir/owner.json"
fi
again=$(cat "$dir/again.json" 2>/dev/null)
case $again in
    *training*) rm -f "$dir/done.json" "$dir/again.json"; step=0 ;;
    *judgement*) echo "judge $id" >>"$cache/calls" ;;
esac
threads="$RAYON_NUM_THREADS $OMP_NUM_THREADS $MKL_NUM_THREADS $OPENBLAS_NUM_THREADS"
echo "start $id $step threads $threads" >>"$cache/calls"
echo "working on $id" >&2
stop=no
trap 'stop=yes' TERM
behave=$(cat "$cache/behave-$id" 2>/dev/null || cat "$cache/behave-all" 2>/dev/null)
test "$behave" = mute && exit 1
state running null
while [ "$step" -lt "$steps" ]; do
    sleep 0.05 9>&-
    step=$((step + 1))
    echo "$step" >"$dir/checkpoints/step"
    state running null
    if [ $stop = yes ] && [ "$behave" != stubborn ]; then
        state interrupted null
        echo "end $id interrupted" >>"$cache/calls"
        exit 75
    fi
done
echo "end $id" >>"$cache/calls"
case $behave in
    fail)
        echo "the loss was sad" >&2
        state failed '"error: the loss was sad"' '"failure"'
        exit 1 ;;
    diverge)
        state diverged '"error: diverged at step 2: a loss is not finite"' '"failure"'
        exit 1 ;;
    "crash "*) within "${behave#crash }" "$dir/checkpoints/attempts" && kill -9 $$ ;;
    "infrastructure "*)
        if within "${behave#infrastructure }" "$dir/checkpoints/attempts"; then
            state failed '"error: the disk is full"' '"infrastructure"'
            exit 1
        fi ;;
    hollow) exit 0 ;;
esac
mkdir -p "$dir/eval"
printf '{"step":1,"g_loss":1.5}\n{"step":2,"g_loss":1.25}\n' >"$dir/metrics.jsonl"
printf 'image,direction,success\na.png,add,1\nb.png,remove,0\n' >"$dir/eval/images.csv"
printf '{"attribute":"eyeglasses","judge":{"accuracy":0.97,"n":2}}\n' >"$dir/eval/summary.json"
plan=$(tr -d ' \n' <"$dir/../../plan.json")
hash=$(echo "$plan" | grep -o "\"hash\":\"$id[0-9a-f]*" | grep -o "$id.*")
keys=$(echo "$plan" | grep -o "\"hash\":\"$hash\",\"judgement\":\"[0-9a-f]*" | grep -o '[0-9a-f]*$')
made=
test -z "$FAKE_CODE" || made=$(printf '"made": {"training": ["%s"], "commits": ["%s"], "judged": {
    "judging": "same", "judges_code": "same", "commit": "%s", "keys": "%s", "quality": "q",
    "part": "%s", "judges": [{"name": "classifier", "weights": "%s"}]}},' \
    "$FAKE_CODE" "of $FAKE_CODE" "of $FAKE_CODE" "$keys" "$FAKE_PART" "$FAKE_JUDGE")
# Sizes and BLAKE3 of the three texts above.
cat >"$dir/done.json" <<END
{"config_hash": "$hash", "attempt": "a", $made "files": [
  {"path": "metrics.jsonl", "bytes": 49,
   "blake3": "a9bb6e722e645f14df2eb709462341de025f72af7913b894c10e3e061f7c756c"},
  {"path": "eval/images.csv", "bytes": 51,
   "blake3": "fe6d65885e685e943630f507e755db2b4b53cc77811345c376020ed5b33dcf6c"},
  {"path": "eval/summary.json", "bytes": 59,
   "blake3": "55dcb94fef64b3ebea477c782c879d0c1dcc9885e95157785cbdae8f6bca95dd"}
]}
END
rm -f "$dir/again.json"
state done null
