#!/usr/bin/env bash
# bzt 1.17.2 (PyPI; Taurus), which reads JMeter results: the throughput column of its final statistics.
#
# Guess: in a CSV with concurrency, average and percentiles, throughput is requests per second, as in JMeter.
# Seen: it is the number of samples of the whole test, with no column for the duration beside it. A test of 100 s at
# 10 requests a second has a throughput of 1000.
# Why it matters: entered as a rate the offered load is too high by as many times as the test had seconds, and two tests
# of different length seem to differ in capacity.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check bzt==1.17.2

{
    echo 'timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,grpThreads,allThreads,Latency,Connect'
    for i in $(seq 1000); do
        echo "$((1699092000000 + 100 * i)),40,order,200,OK,g 1-1,true,100,1,1,40,1"
    done
} > result.jtl
cat > read.yml <<'YML'
settings: {check-updates: false, artifacts-dir: artifacts}
execution: [{executor: external-results-loader, data-file: result.jtl, results-timeout: 2s}]
reporting: [{module: final-stats, dump-csv: final.csv}]
modules: {console: {disable: true}}
YML
HOME=$work venv/bin/bzt read.yml > log 2>&1

seen=$(venv/bin/python -c 'import csv; print(next(csv.DictReader(open("final.csv")))["throughput"])')
echo "throughput of 1000 requests in 100 s: $seen (guess: 10)"
[ "$seen" = 1000 ] || { echo "changed" >&2; exit 1; }
