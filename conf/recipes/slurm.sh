#!/bin/bash
#SBATCH --job-name=a2c
#SBATCH --nodes=4
#SBATCH --ntasks-per-node=1
#SBATCH --cpus-per-task=16
#SBATCH --gpus-per-task=4
#SBATCH --time=24:00:00
#SBATCH --signal=B:INT@120
#SBATCH --requeue
# A campaign on the nodes of one Slurm job:
#   sbatch slurm.sh system=tio2 preset=paper lake.path=$SCRATCH/lake
# Two minutes before the time is up, what is in flight is finished; submitted again, or requeued,
# the same command resumes. Activate your environment below. See README.md beside this file.
set -euo pipefail

# source "$HOME/a2c/bin/activate"

port=${RAY_PORT:-6379}
nodes=($(scontrol show hostnames "$SLURM_JOB_NODELIST"))
head=${nodes[0]}
export RAY_USAGE_STATS_ENABLED=0
# Only those who have the token, in ~/.ray, may use the cluster.
export RAY_AUTH_MODE=token
ray get-auth-token --generate >/dev/null

start_ray() { # on node $1, with further options of `ray start`
    local node=$1
    shift
    srun --nodes=1 --ntasks=1 --nodelist="$node" --overlap ray start "$@" --block \
        --num-cpus="${SLURM_CPUS_PER_TASK:-1}" --num-gpus="${SLURM_GPUS_PER_TASK:-0}" &
    started+=($!)
}

stop() { # the head last: the others take their leave of it
    for ((k = ${#started[@]} - 1; k >= 0; k--)); do
        kill "${started[k]}" 2>/dev/null || true
        wait "${started[k]}" 2>/dev/null || true
    done
}

started=()
trap stop EXIT
start_ray "$head" --head --node-ip-address="$head" --port="$port"
until ray health-check --address "$head:$port" >/dev/null 2>&1; do
    kill -0 "${started[0]}" || exit 1 # Ray has said why
    sleep 1
done
for node in "${nodes[@]:1}"; do
    start_ray "$node" --address="$head:$port"
done

a2c run cluster.address="$head:$port" "$@" &
campaign=$!
trap 'kill -INT $campaign 2>/dev/null || true' INT TERM
status=0
wait $campaign || status=$?
while kill -0 $campaign 2>/dev/null; do # a signal ends `wait` before the campaign has ended
    status=0
    wait $campaign || status=$?
done
exit $status
