#!/usr/bin/env bash
# queueing-tool 1.2.5 (PyPI), a simulator of queueing networks: what max_agents does.
#
# Guess: QueueNetwork's max_agents (1,000 unless said) bounds how many agents are inside at one time: while the network
# is full arrivals are turned away or wait, and as agents leave there are arrivals again.
# Seen: once the network has been full, there is never an arrival again. An overloaded M/M/1 (10 arrivals and 5
# departures a second) runs full after 190 s, drains, and the simulation of 2,000 s silently ends before 400 s with
# 1,900 of 20,000 arrivals, an empty queue and a clock that says infinity.
# Why it matters: an overload that should show a queue growing without end shows a queue that empties, so that a
# deployment far too small seems to recover. With max_agents large enough the same model is right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OPENBLAS_NUM_THREADS=1
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check queueing-tool==1.2.5 numpy==1.26.4 networkx==3.2.1

cat > overload.py <<'PY'
import sys
import numpy
import queueing_tool

graph = queueing_tool.adjacency2graph({0: [1], 1: [2]}, edge_type={0: {1: 1}, 1: {2: 0}}, adjust=1)
numpy.random.seed(1)
network = queueing_tool.QueueNetwork(
    graph,
    q_classes={0: queueing_tool.NullQueue, 1: queueing_tool.QueueServer},
    q_args={1: {"num_servers": 1,
                "arrival_f": lambda t: t + numpy.random.exponential(0.1),
                "service_f": lambda t: t + numpy.random.exponential(0.2)}},
    seed=1, **({"max_agents": int(sys.argv[1])} if sys.argv[1:] else {}))
network.initialize(edges=(0, 1))
network.simulate(t=2000)
station = network.edge2queue[0]
print(station.num_arrivals[0], station.num_system, round(station.current_time))
PY

limited=($(venv/bin/python overload.py))
unlimited=($(venv/bin/python overload.py 100000))
echo "arrivals, number left, time of the last event: ${limited[*]} by default, ${unlimited[*]} with a large max_agents"
[ "${limited[0]}" -lt 2500 ] && [ "${limited[1]}" -eq 0 ] && [ "${limited[2]}" -lt 500 ] &&
    [ "${unlimited[0]}" -gt 19000 ] && [ "${unlimited[1]}" -gt 9000 ] || { echo "changed" >&2; exit 1; }
