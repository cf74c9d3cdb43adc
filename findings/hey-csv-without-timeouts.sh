#!/usr/bin/env bash
# hey 0.1.4 (Debian 12), a load generator: which requests its CSV holds.
#
# Guess: `hey -n 100 -c 10 -t 1 -o csv` writes 100 lines, those that timed out with a status of 0 and about one second,
# since every line has a column for the status.
# Seen: a request that timed out has no line. With a server that is stuck for every tenth request the CSV shows 90
# answers of a few milliseconds, all with status 200.
# Why it matters: read as a load-test result the file has no errors and a p99 of the lucky ones; the worse the system is
# overloaded, the better it looks. Only counting lines against -n shows that something is missing.
set -euo pipefail
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= hey=0.1.4-2+b4 >/dev/null
dpkg -x hey_*.deb .

cat > server.py <<'PY'
import http.server, itertools, time

count = itertools.count(1)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        if next(count) % 10 == 0:
            time.sleep(4)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py > port 2>/dev/null &
server=$!
until [ -s port ]; do sleep 0.1; done

usr/bin/hey -n 100 -c 10 -t 1 -o csv "http://127.0.0.1:$(cat port)/" > result.csv
lines=$(($(wc -l < result.csv) - 1))
slow=$(awk -F, 'NR > 1 && ($1 > 1 || $7 != 200)' result.csv | wc -l)
echo "100 requests of which 10 are stuck: the CSV has $lines, of which $slow slow or failed (guess: 100 and 10)"
[ "$lines" = 90 ] && [ "$slow" = 0 ] || { echo "changed" >&2; exit 1; }
