#!/usr/bin/env bash
# t-digest of times in whole milliseconds: tdigest 0.5.2.2 (PyPI) and tdigest 0.1.3 (npm).
#
# Guess: of 1,000 answers of which 990 took 2 ms and 10 took 1,000 ms, a t-digest says 2 ms for the median and for
# p90. With two distinct values there is nothing to compress, and the structure is known for being close.
# Seen: both say a p90 of 810 ms and a median of 12 ms; the Python one even has a p1 of minus 966 ms.
# Equal values become one centroid, and both libraries interpolate linearly from the middle of that centroid to the
# next one, so half of the answers of 2 ms are smeared up to 1,000 ms.
# Why it matters: gateways that answer most requests (cached or throttled) in the same whole millisecond are just the
# case; a sizing by such a p90 is wrong by a factor of 400, while the mean and the maximum look right.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check tdigest==0.5.2.2
npm install --silent --no-audit --no-fund --prefix "$work" tdigest@0.1.3 >/dev/null

cat > digest.py <<'PY'
from tdigest import TDigest

digest = TDigest()
digest.batch_update([2] * 990 + [1000] * 10)
print(*(round(digest.percentile(p)) for p in (1, 50, 90)))
PY
cat > digest.js <<'JS'
const { TDigest } = require('tdigest');
const digest = new TDigest();
for (let i = 0; i < 1000; i++) digest.push(i < 990 ? 2 : 1000);
digest.compress();
console.log([0.01, 0.5, 0.9].map((q) => Math.round(digest.percentile(q))).join(' '));
JS

python=$(venv/bin/python digest.py)
node=$(node digest.js)
echo "p1 p50 p90 of 990 x 2 ms and 10 x 1000 ms: Python '$python', npm '$node' (true: 2 2 2)"
[ "$python" = "-966 12 810" ] && [ "$node" = "2 12 810" ] || { echo "changed" >&2; exit 1; }
