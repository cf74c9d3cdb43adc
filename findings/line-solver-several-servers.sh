#!/usr/bin/env bash
# line-solver 3.0.8.0 (PyPI; the LINE toolbox for queueing networks): stations with several servers.
#
# Guess: SolverMVA and SolverNC are two exact methods for product-form networks, and stations of c exponential servers
# (FCFS) belong to these, so both give the textbook value by default, open or closed.
# Seen: each is exact in one kind and far off in the other. Open, M/M/8 at 80 % load, mean service 1: the response time
# is 1.286; MVA says so, NC says 5.0, that of a single server at 80 %. Closed, 60 users who think for 10, 8 servers:
# it is 1.063; NC says so, MVA 1.67. Neither warns; the log line alone says "approximate" or the method's name.
# Why it matters: who checks one solver in one kind of network and then uses it in the other sizes a cluster of 8 by
# a response time up to four times too long, while the utilisation is right and so raises no suspicion.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export OPENBLAS_NUM_THREADS=1
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check --no-deps line-solver==3.0.8.0 numpy==2.4.6 scipy==1.17.1 \
    pandas==2.3.3 python-dateutil==2.9.0.post0 pytz==2025.2 tzdata==2025.2 six==1.17.0

cat > solve.py <<'PY'
import line_solver as line

def open_network():
    model = line.Network("open")
    source, sink = line.Source(model, "source"), line.Sink(model, "sink")
    queue = line.Queue(model, "queue", line.SchedStrategy.FCFS)
    requests = line.OpenClass(model, "requests")
    source.setArrival(requests, line.Exp(6.4))
    return model, queue, requests, line.Network.serialRouting(source, queue, sink)

def closed_network():
    model = line.Network("closed")
    think, queue = line.Delay(model, "think"), line.Queue(model, "queue", line.SchedStrategy.FCFS)
    users = line.ClosedClass(model, "users", 60, think, 0)
    think.setService(users, line.Exp(0.1))
    return model, queue, users, line.Network.serialRouting(think, queue)

seen = []
for network in (open_network, closed_network):
    for solver in (line.SolverMVA, line.SolverNC):
        model, queue, visitors, routing = network()
        queue.setNumberOfServers(8)
        queue.setService(visitors, line.Exp(1))
        model.link(routing)
        table = solver(model).getAvgTable()
        seen.append(f"{float(table[table['Station'] == 'queue']['RespT'].iloc[0]):.2f}")
print("seen", *seen)
PY

seen=$(venv/bin/python solve.py 2>&1 | sed -n 's/^seen //p')
echo "response time, open by MVA and NC, closed by MVA and NC: $seen (exact: 1.29 1.29 1.06 1.06)"
[ "$seen" = "1.29 5.00 1.67 1.06" ] || { echo "changed" >&2; exit 1; }
