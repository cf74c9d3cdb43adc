#!/usr/bin/env bash
# One task of a job array: sbatch --array=1-$(wc -l < cut/tasks.txt) tasks/slurm-array.sh cut/tasks.txt
#
# Slurm starts a job whose node died again by itself (--requeue). What is missing after that is done by the same sbatch
# again: tasks that are done end at once.
#SBATCH --requeue
#SBATCH --job-name=apimsim
set -uo pipefail
task=$(sed -n "${SLURM_ARRAY_TASK_ID}p" "$1")
for _ in 1 2 3; do
    "${APIMSIM:-apimsim}" sweep --task "$task"
    status=$?
    # 0 is done; 2 is bad input, of which trying again makes no better.
    case $status in 0 | 2) break ;; esac
done
exit $status
