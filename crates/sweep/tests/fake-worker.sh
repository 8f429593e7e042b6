#!/bin/sh
# Keeps the worker's contract without training anything. A cell takes some steps of 50 ms each,
# saves its step on SIGTERM and exits 75, resumes from there, and leaves a proof at the end.
# What else it does stands in files that a test writes below the cache directory:
#   steps            number of steps (default 2)
#   behave-<id>, behave-all, behave-prepare     "fail" or "hollow" (ends well, leaves no proof)
# Every event is appended to `calls` there.
command=$1; shift
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
if [ "$command" = prepare ]; then
    echo "prepare" >>"$cache/calls"
    test "$(cat "$cache/behave-prepare" 2>/dev/null)" = fail && { echo "no faces" >&2; exit 2; }
    exit 0
fi
id=$(basename "$dir")
steps=$(cat "$cache/steps" 2>/dev/null || echo 2)
step=$(cat "$dir/step" 2>/dev/null || echo 0)
state() {
    printf '{"state":"%s","phase":"train","step":%s,"steps":%s,"rate":20,"eta_s":1,"pid":%s,"host":"here","attempt":"a","updated":0,"error":%s}' \
        "$1" "$step" "$steps" $$ "$2" >"$dir/state.tmp" && mv "$dir/state.tmp" "$dir/state.json"
}
echo "start $id $step threads $RAYON_NUM_THREADS" >>"$cache/calls"
echo "working on $id" >&2
stop=no
trap 'stop=yes' TERM
state running null
behave=$(cat "$cache/behave-$id" 2>/dev/null || cat "$cache/behave-all" 2>/dev/null)
while [ "$step" -lt "$steps" ]; do
    sleep 0.05
    step=$((step + 1))
    echo "$step" >"$dir/step"
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
        state failed '"error: the loss was sad"'
        exit 1 ;;
    hollow) exit 0 ;;
esac
mkdir -p "$dir/eval"
echo image >"$dir/eval/images.csv"
hash=$(grep -o "\"hash\": *\"$id[0-9a-f]*\"" "$dir/../../plan.json" | grep -o "$id[0-9a-f]*")
printf '{"config_hash":"%s","attempt":"a","files":[{"path":"eval/images.csv","bytes":6,"blake3":"%s"}]}' \
    "$hash" 4053988039bf5409306d431c93d076892ee26db99f6a1aeaa262e140e333a0bc >"$dir/done.json"
state done null
