#!/usr/bin/env bash
# wrk 4.1.0 (Debian 12), a load generator: coordinated omission.
#
# Guess: wrk suffers from coordinated omission (wrk2 was made to cure it): it reports the times as measured, so that
# one answer of 1 s among 600 of 10 ms moves the average to 12 ms and leaves p99 at 10 ms.
# Seen: wrk 4.1.0 corrects by itself, always and without saying so: it takes the mean interval between a connection's
# requests for the intended one, and for every time above twice that adds invented samples, each an interval below the
# last. The average is above 60 ms and p99 above 900 ms. No option switches it off, and the number of requests does not
# include the invented ones.
# Why it matters: wrk is a closed loop, so average times throughput must be the number of connections (Little's law);
# here it is five times that. A model fitted to such an average gets a station several times too slow, and who
# corrects these figures once more corrects twice.
set -euo pipefail
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= wrk=4.1.0-3+b2 \
    libluajit-5.1-2=2.1.0~beta3+git20220320+dfsg-4.1+deb12u1 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$work/usr/lib/$(uname -m)-linux-gnu

cat > server.py <<'PY'
import http.server, itertools, time

count = itertools.count(1)

class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    def do_GET(self):
        time.sleep(1 if next(count) == 50 else 0.01)
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

cat > done.lua <<'LUA'
done = function(summary, latency)
  io.write(string.format("seen %d %.0f %.0f %.1f\n", summary.requests, latency.mean / 1e3, latency:percentile(99) / 1e3,
    latency.mean / 1e6 * summary.requests / (summary.duration / 1e6)))
end
LUA
usr/bin/wrk -t1 -c1 -d8s -s done.lua "http://127.0.0.1:$(cat port)/" > summary
read -r _ requests mean p99 connections < <(grep '^seen' summary)
echo "one of $requests answers took 1 s: mean $mean ms, p99 $p99 ms, mean x rate $connections (guess: 12, 11, 1.0)"
awk -v p="$p99" -v c="$connections" 'BEGIN { exit !(p > 300 && c > 2) }' || { echo "changed" >&2; exit 1; }
