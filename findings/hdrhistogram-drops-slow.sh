#!/usr/bin/env bash
# hdrhistogram 0.10.8 (PyPI), the Python port of HdrHistogram: values above the trackable maximum.
#
# Guess: recording a value above the highest trackable one raises, as the Java original throws and the Rust crate
# returns an error that must be used.
# Seen: record_value returns False and forgets the value. Count, maximum, mean and every percentile are then those of
# the quick requests only, and nothing in the histogram says how many were left out.
# Why it matters: a histogram up to 10 s loses just the requests that timed out after 30 s. The test with the worst
# tail reports the best one.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check hdrhistogram==0.10.8

cat > record.py <<'PY'
from hdrh.histogram import HdrHistogram

histogram = HdrHistogram(1, 10_000, 3)
for milliseconds in [100] * 80 + [30_000] * 20:
    histogram.record_value(milliseconds)
p99 = histogram.get_value_at_percentile(99)
print(histogram.total_count, p99, histogram.get_max_value(), histogram.get_mean_value())
PY

seen=$(venv/bin/python record.py)
echo "count p99 max mean of 80 x 100 ms and 20 x 30000 ms: $seen (true: 100 30000 30000 6080)"
[ "$seen" = "80 100 100 100.0" ] || { echo "changed" >&2; exit 1; }
