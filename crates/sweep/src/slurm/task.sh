# One task of an array: a line of the list, one worker, and what to do when it was interrupted.
# Slurm signals the whole job. This shell has to outlive that, to decide about a requeue. The traps
# are commands: children would inherit an ignored signal.
terminated=no
trap 'terminated=yes' TERM
trap ':' INT USR1
task=${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}
restart=${SLURM_RESTART_COUNT:-0}

field() { scontrol show job -o "$task" | tr ' ' '\n' | sed -n "s/^$1=//p" | head -n 1; }

# [DAYS-]HOURS:MINUTES:SECONDS as seconds; nothing for another text.
seconds() {
    local days=0 time=$1
    if [[ $time == *-* ]]; then days=${time%%-*} time=${time#*-}; fi
    if [[ $time =~ ^([0-9]+):([0-9]+):([0-9]+)$ ]]; then
        echo $((days * 86400 + 10#${BASH_REMATCH[1]} * 3600 + 10#${BASH_REMATCH[2]} * 60 + 10#${BASH_REMATCH[3]}))
    fi
}

# Whether an interrupted task has to be requeued from here. A task that was cancelled must not be,
# although Slurm would do it; one that is preempted may be in the queue again already. Slurm shows
# both as COMPLETING, so what tells them apart is the number of restarts and the time that it ran.
has_to_requeue() {
    local now limit ran
    now=$(field Restarts)
    [ "${now:-0}" -gt "$restart" ] && { say "is in the queue again already"; return 1; }
    [ $terminated = yes ] || return 0
    [ "$(field JobState)" = RUNNING ] && return 0
    # Preempted where preemption cancels.
    [[ $(field PreemptTime) == [0-9]* ]] && return 0
    limit=$(seconds "$(field TimeLimit)") ran=$(seconds "$(field RunTime)")
    [ -n "$limit" ] && [ -n "$ran" ] && [ "$ran" -ge "$limit" ] && return 0
    say "was cancelled"
    return 1
}

# The step of training that the cell has reached.
step_now() {
    local step
    step=$(sed -n 's/.*"step": *\([0-9]*\).*/\1/p' "$progress_of" 2>/dev/null | head -n 1)
    echo "${step:-0}"
}

# Counts requeues in a row without a further step; fails after too many of them.
makes_progress() {
    local step before count
    step=$(step_now)
    read -r before count <"$requeues"
    if [ "$step" -gt "$before" ]; then count=0; else count=$((count + 1)); fi
    echo "$step $count" >"$requeues"
    [ "$count" -le "$max_requeues" ] && return 0
    say "made no further step in $count requeues; raise the profile's time or max_requeues"
    return 1
}

say() { echo "=== $(date -u +%Y-%m-%dT%H:%M:%SZ) task $task $*"; }

# Runs the worker with the arguments given, its output appended to a log.
run_worker() {
    local log=$1 attempt
    shift
    [ -e "$requeues" ] || echo "$(step_now) 0" >"$requeues"
    attempt=$(grep -c '^=== attempt ' "$log" 2>/dev/null)
    echo "=== attempt $((${attempt:-0} + 1)), started $(date +%s) (unix seconds): $*" >>"$log"
    say "on ${SLURMD_NODENAME:-?}, restart $restart: $*"
    # Straight into the log: with srun's own --output, what a worker says passes through Slurm's process
    # above it, and a worker that outlives that one could say nothing any more.
    srun --nodes=1 --ntasks=1 --cpus-per-task="$cpus" --mpi=none --input=none \
        sh -c 'log=$1; shift; exec "$@" >>"$log" 2>&1' sh "$log" "$@"
    code=$?
    say "the worker ended with exit code $code"
    # 75 asks for another attempt, and so does 74: the machine failed while data and judges were made ready.
    # A worker that a signal to the whole job has killed does too.
    if [ $code != 75 ] && [ $code != 74 ] && { [ $code -lt 128 ] || [ $terminated = no ]; }; then exit $code; fi
    has_to_requeue || exit $code
    makes_progress || exit 1
    # A controller that restarts takes a moment.
    for _ in 1 2 3 4 5 6; do
        if scontrol requeue "$task"; then
            say "is requeued"
            exit $code
        fi
        sleep 5
    done
    say "cannot be requeued; run the sweep again"
    exit $code
}
