#!/usr/bin/env bash
# A sweep done by GNU parallel over ssh, and by a Slurm job array on two nodes, each with a worker killed half-way, has
# the bytes of one that a single process did.
#
# test.sh APIMSIM    the program; as root, with parallel, rsync, openssh-server, slurmctld, slurmd, slurm-client, munge
set -euo pipefail
here=$(dirname "$(realpath "$0")")
APIMSIM=$(realpath "$1")
export APIMSIM CHOSEN=point-0005.task
work=$(mktemp -d)
# What daemons of other users have to reach.
chmod 755 "$work"
end() {
    cat "$work"/*.pid "$work"/slurm/*.pid 2>/dev/null | xargs -r kill 2>/dev/null || true
    # Munge ends last, and its folder with it.
    sleep 1
    rm -rf "$work"
}
trap end EXIT
cd "$work"

sweep=("$APIMSIM" sweep low-traffic --over 'traffic=20 /s..200 /s:5' --set run.replications=2
    --set 'run.window=2 h')
"${sweep[@]}" --out whole

merged() {
    [ -d "$MARK" ] || { echo "$1: no worker was killed" >&2; exit 1; }
    [ ! -e "$MARK/too-late" ] || { echo "$1: the worker was done before it was killed" >&2; exit 1; }
    "$APIMSIM" sweep --merge "$1" >/dev/null
    cmp "$1/sweep.csv" whole/sweep.csv
    cmp "$1/sweep.png" whole/sweep.png
    echo "$1: the bytes of one machine, with a worker killed half-way"
}

# GNU parallel over ssh, as if the other machine had no folder in common: files are sent and fetched.
ssh-keygen -q -t ed25519 -N '' -f host
ssh-keygen -q -t ed25519 -N '' -f user
mkdir -p /run/sshd
/usr/sbin/sshd -p 2222 -h "$work/host" -o "AuthorizedKeysFile=$work/user.pub" -o StrictModes=no \
    -o PermitRootLogin=yes -o ListenAddress=127.0.0.1 -o "PidFile=$work/sshd.pid"
"${sweep[@]}" --tasks parallel
export MARK=$work/killed-parallel
parallel --will-cite --ssh "ssh -p 2222 -i $work/user -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -q" \
    --sshlogin 1/127.0.0.1 --workdir ... --retries 3 --env APIMSIM --env CHOSEN --env MARK \
    --transferfile '{}' --return '{.}.bin' --cleanup "$here/killed-once.sh" '{}' :::: parallel/tasks.txt
merged parallel

# Slurm, where all nodes see one folder.
"$here/slurm-alone.sh" "$work/slurm"
export SLURM_CONF=$work/slurm/slurm.conf
"${sweep[@]}" --tasks array
export MARK=$work/killed-slurm
program=$APIMSIM
# The first time, the job of the chosen task dies with its worker.
cat > job.sh <<JOB
#!/usr/bin/env bash
exec "$here/killed-once.sh" "\$(sed -n "\${SLURM_ARRAY_TASK_ID}p" array/tasks.txt)"
JOB
count=$(wc -l < array/tasks.txt)
sbatch --quiet --wait --array="1-$count" --output=slurm-%a.out job.sh && { echo "no job failed" >&2; exit 1; }
# And then the same again, by the script that users have.
APIMSIM=$program sbatch --quiet --wait --array="1-$count" --output=slurm-%a.out "$here/slurm-array.sh" array/tasks.txt
merged array
