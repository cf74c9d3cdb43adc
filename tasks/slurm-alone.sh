#!/usr/bin/env bash
# Starts Slurm on this machine alone, with two nodes that are both this machine, to try job arrays.
#
# start.sh DIR    everything it needs and writes is in DIR; as root
# Afterwards: export SLURM_CONF=DIR/slurm.conf. Ends with: kill $(cat DIR/*.pid)
set -euo pipefail
dir=$(realpath -m "$1")
host=$(hostname -s)
mkdir -p "$dir"/{state,munge,one,two}
chmod 755 "$dir"
# Munge wants its own user, and folders that nobody else can write to.
dd if=/dev/urandom of="$dir/munge/key" bs=1024 count=1 status=none
chmod 600 "$dir/munge/key"
chown -R munge: "$dir/munge"
runuser -u munge -- munged --socket="$dir/munge/socket" --key-file="$dir/munge/key" \
    --pid-file="$dir/munge/munged.pid" --log-file="$dir/munge/log" --seed-file="$dir/munge/seed"
cp "$dir/munge/munged.pid" "$dir/munged.pid"
cat > "$dir/slurm.conf" <<CONF
ClusterName=apimsim
SlurmctldHost=$host(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$dir/munge/socket
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/%n
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd-%n.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/linear
ReturnToService=2
MailProg=/bin/true
SlurmctldPort=16817
NodeName=one NodeHostname=$host NodeAddr=127.0.0.1 Port=16818 CPUs=1 State=UNKNOWN
NodeName=two NodeHostname=$host NodeAddr=127.0.0.1 Port=16819 CPUs=1 State=UNKNOWN
PartitionName=all Nodes=one,two Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF="$dir/slurm.conf"
slurmctld -f "$SLURM_CONF"
slurmd -f "$SLURM_CONF" -N one
slurmd -f "$SLURM_CONF" -N two
