#!/usr/bin/env bash
# parse-jtl 1.1.0 (npm), a reader of JMeter results: which rows it counts as errors.
#
# Guess: a row with success=false is an error: that column is what JMeter's own reports count.
# Seen: an error is a row whose responseCode is a number of 400 or more. Rows of requests that timed out or were refused
# (JMeter writes "Non HTTP response code: ..." there) and rows that failed an assertion with a 200 are no errors.
# Of ten requests of which four timed out and two answered with the wrong text, none is an error.
# Why it matters: the error rate of an overloaded system, where requests time out instead of being answered, is 0 %, and
# the throughput of successes computed with it is too high by just the requests that were lost.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --prefix "$work" parse-jtl@1.1.0 >/dev/null

{
    echo 'timeStamp,elapsed,label,responseCode,responseMessage,threadName,success,bytes,sentBytes,allThreads,URL,Latency'
    stamp=1699092000000
    row() { echo "$((stamp += 1000)),$1,1-1,$2,9,99,1,http://gateway/,50"; }
    for _ in 1 2 3 4; do
        row '9000,order,Non HTTP response code: java.net.SocketTimeoutException,Read timed out' false
    done
    for _ in 1 2; do row '50,order,200,OK' false; done
    for _ in 1 2 3 4; do row '50,order,200,OK' true; done
} > result.jtl

seen=$(node -p 'const all = require("parse-jtl").parse("result.jtl").total_requests; `${all.samples} ${all.errors}`')
echo "samples and errors with four timeouts and two failed assertions: $seen (guess: 10 6)"
[ "$seen" = "10 0" ] || { echo "changed" >&2; exit 1; }
