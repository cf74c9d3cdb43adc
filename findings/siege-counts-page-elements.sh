#!/usr/bin/env bash
# siege 4.0.7 (Debian 12), a load generator: what a transaction is.
#
# Guess: `siege -c 1 -r 10 URL` asks for the URL ten times and reports ten transactions, as ab and wrk would.
# Seen: with the configuration that the package installs, siege reads each HTML answer, also asks for its style sheets,
# scripts and images, and counts every one as a transaction: here 50. Redirects that are followed count, too.
# Why it matters: transaction_rate and response_time are an average over the page and its small files, so the rate is
# several times that of the pages and the mean time far below that of a page. The same command against an API
# that answers in JSON has ten transactions; the two are not comparable, and nothing in the result tells them apart.
set -euo pipefail
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= siege=4.0.7-1+b1 >/dev/null
dpkg -x siege_*.deb .

cat > server.py <<'PY'
import http.server

PAGE = b"""<html><link rel="stylesheet" href="/a.css"><script src="/b.js"></script>
<img src="/c.png"><img src="/d.png"></html>"""

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "application/json")
        self.end_headers()
        self.wfile.write(PAGE if self.path == "/page" else b"{}")
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py > port 2>/dev/null &
server=$!
until [ -s port ]; do sleep 0.1; done

transactions() {
    HOME=$work usr/bin/siege -R etc/siege/siegerc -b -c 1 -r 10 "http://127.0.0.1:$(cat port)$1" 2>/dev/null |
        sed -n 's/.*"transactions":[^0-9]*\([0-9]*\).*/\1/p'
}
page=$(transactions /page)
json=$(transactions /api)
echo "transactions of ten rounds: $page for a page with four elements, $json for an API (guess: 10 and 10)"
[ "$page" = 50 ] && [ "$json" = 10 ] || { echo "changed" >&2; exit 1; }
