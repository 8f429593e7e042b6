#!/usr/bin/env bash
# Starts a Slurm of two nodes with two fake GPUs each on this machine, for tests: up.sh DIR PORT.
# Everything lies in DIR; `authentication` is none, so only loopback may reach it. Run as root, with
# slurmctld, slurmd and slurm-client installed. down.sh DIR stops it.
# SLURM_TEST_CONF: further lines of slurm.conf.
set -euo pipefail
dir=$(realpath -m "$1")
port=$2
host=$(hostname -s)
mkdir -p "$dir"/{state,spool/n1,spool/n2,log,dev}
# A fake GPU has to be a character device; regular files are refused.
for gpu in 0 1; do
    [ -e "$dir/dev/nvidia$gpu" ] || mknod "$dir/dev/nvidia$gpu" c 1 3
done
cat >"$dir/gres.conf" <<END
NodeName=n[1-2] Name=gpu File=$dir/dev/nvidia[0-1]
END
# cgroup plugins are off: where a container lacks them, jobs never run and are recorded as COMPLETED.
cat >"$dir/slurm.conf" <<END
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/none
CredType=cred/none
AuthInfo=cred_expire=5
SlurmctldPort=$port
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmdSpoolDir=$dir/spool/%n
StateSaveLocation=$dir/state
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd-%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_min_interval=100000,sched_interval=1,bf_interval=1,batch_sched_delay=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
ReturnToService=2
SlurmdTimeout=5
SlurmctldTimeout=10
KillWait=10
MinJobAge=3600
GresTypes=gpu
DefMemPerCPU=100
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=2 RealMemory=2000 Gres=gpu:2
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=2 RealMemory=2000 Gres=gpu:2
PartitionName=normal Nodes=n[1-2] Default=YES LLN=YES MaxTime=INFINITE PriorityTier=1 PreemptMode=REQUEUE
PartitionName=graceful Nodes=n[1-2] MaxTime=INFINITE PriorityTier=1 PreemptMode=REQUEUE GraceTime=30
PartitionName=high Nodes=n[1-2] MaxTime=INFINITE PriorityTier=10 PreemptMode=OFF
${SLURM_TEST_CONF:-}
END
export SLURM_CONF=$dir/slurm.conf
slurmctld
slurmd -N n1
slurmd -N n2
for _ in $(seq 100); do
    [ "$(sinfo -h -p normal -t idle -o %D 2>/dev/null)" = 2 ] && exit 0
    sleep 0.1
done
echo "the nodes did not come up" >&2
tail -n 20 "$dir"/log/*.log >&2
exit 1
