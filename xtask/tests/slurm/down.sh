#!/usr/bin/env bash
# Cancels what still runs on the Slurm that up.sh DIR started, then stops its daemons: down.sh DIR.
dir=$(realpath -m "$1")
export SLURM_CONF=$dir/slurm.conf
timeout 10 scancel --quiet --me 2>/dev/null
for _ in $(seq 60); do
    [ -z "$(timeout 5 squeue -h 2>/dev/null)" ] && break
    sleep 0.2
done
for pid in "$dir"/slurmd-*.pid "$dir"/slurmctld.pid; do
    [ -f "$pid" ] && kill "$(cat "$pid")" 2>/dev/null
done
for _ in $(seq 50); do
    ls "$dir"/slurm*.pid >/dev/null 2>&1 || exit 0
    sleep 0.1
done
exit 0
