#!/usr/bin/env bash
# locust-plugins 5.0.3 with locust 2.47.0 (PyPI): the result that its JmeterListener writes for JMeter's reports.
#
# Guess: as in every result of JMeter with this header, timeStamp is the moment a request began.
# Seen: it is the moment the request ended, cut to whole seconds of local time. A request of 2.5 s that begins when the
# test begins has a timeStamp 2 to 3 s later. There is no column that tells the two kinds of result apart.
# Why it matters: a reader that takes timeStamp as the beginning and timeStamp + elapsed as the end shifts every request
# by its own duration: slow ones are laid over the requests that came after them, the number in flight is right
# only on average, and a stall of the server seems to begin when it was over.
set -euo pipefail
work=$(mktemp -d)
server=
trap 'kill $server 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check locust-plugins==5.0.3 locust==2.47.0

cat > server.py <<'PY'
import http.server, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        with open("arrivals", "a") as log:
            print(time.time(), file=log)
        time.sleep(2.5)
        self.send_response(200)
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
from locust import HttpUser, events, task
from locust_plugins.listeners.jmeter import JmeterListener

@events.init.add_listener
def listen(environment, **_):
    JmeterListener(environment, results_filename="result.csv")

class Client(HttpUser):
    @task
    def order(self):
        self.client.get("/order")
PY
venv/bin/locust --headless -u 1 -t 6s --host "http://127.0.0.1:$(cat port)" > log 2>&1 || true

IFS=, read -r stamp elapsed _ < <(sed -n 2p result.csv)
began=$(cut -d. -f1 < <(head -1 arrivals))
late=$(($(date -d "$stamp" +%s) - began))
echo "a request of $elapsed ms has a timeStamp ($stamp) $late s after it began (guess: 0)"
[ "$late" -ge 2 ] && [ "$elapsed" -ge 2500 ] || { echo "changed" >&2; exit 1; }
