#!/usr/bin/env bash
# salabim 26.0.9 (PyPI), a discrete-event simulator: replications in a loop.
#
# Guess: a loop that makes a new Environment for each replication draws new random numbers each time, as with Python's
# random module beneath it (and with simpy), so that the spread over the replications gives a confidence interval.
# Seen: every Environment() seeds the global generator with one fixed number again. All replications are equal to the
# last digit, and random.seed() called by the program before has no effect.
# Why it matters: the interval over the replications has width zero, which looks like a perfect precision; a sizing
# rests on one single run. (Environment(random_seed="*") or a number of one's own gives what was meant.)
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check salabim==26.0.9 greenlet==3.5.6

cat > replications.py <<'PY'
import random
import salabim

waits = []
for replication in range(5):
    random.seed(replication)
    environment = salabim.Environment()
    waits.append(sum(salabim.Exponential(10).sample() for _ in range(100)) / 100)
print(len(set(waits)))
PY

seen=$(venv/bin/python replications.py)
echo "distinct results of 5 replications with 5 seeds of Python's generator: $seen"
[ "$seen" = 1 ] || { echo "changed" >&2; exit 1; }
