#!/usr/bin/env bash
# locust-plugins 5.0.3 with locust 2.47.0 (PyPI): the responseCode column that its JmeterListener writes.
#
# Guess: the HTTP status of the answer, as in JMeter: 429 for a throttled request, 503 for an overloaded server.
# Seen: the status of answers below 400, and 0 for all others. The listener asks whether there is a response by its
# truth value, and a response of Python's requests library is false when its status is 400 or more.
# Why it matters: requests that the gateway throttled (429), that failed (500, 503) and that never got an answer cannot
# be told apart by the column that is there for it; a test with throttling looks like one with lost connections.
# Only the text in failureMessage still has the status.
set -euo pipefail
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check locust-plugins==5.0.3 locust==2.47.0

cat > server.py <<'PY'
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(int(self.path[1:]))
        self.end_headers()
    def log_message(self, *_):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
server.serve_forever()
PY
python3 server.py > port 2>/dev/null &
server=$!
until [ -s port ]; do sleep 0.1; done
cat > locustfile.py <<'PY'
from locust import HttpUser, constant, events, task
from locust_plugins.listeners.jmeter import JmeterListener

@events.init.add_listener
def listen(environment, **_):
    JmeterListener(environment, results_filename="result.csv")

class Client(HttpUser):
    wait_time = constant(10)
    @task
    def orders(self):
        for status in (200, 429, 503):
            self.client.get(f"/{status}")
PY
venv/bin/locust --headless -u 1 -t 5s --host "http://127.0.0.1:$(cat port)" > log 2>&1 || true

seen=$(awk -F, 'NR > 1 && NF > 3 { print $3 "=" $4 }' result.csv | tr '\n' ' ')
echo "status and responseCode: $seen(guess: /200=200 /429=429 /503=503)"
[ "$seen" = "/200=200 /429=0 /503=0 " ] || { echo "changed" >&2; exit 1; }
