#!/usr/bin/env bash
# nginx 1.22.1 (Debian 12) as a caching gateway: proxy_cache_lock.
#
# Guess: with proxy_cache_lock on, 20 clients that ask for the same uncached answer at once wait for the first one's
# request to the backend, which takes 100 ms, and all have it after just over 100 ms.
# Seen: the first client has it after 100 ms, the 19 others only after 500 ms. Those that wait are not woken; each looks
# again every 500 ms, counted from its own arrival.
# Why it matters: the lock protects the backend and makes each expiry of a hot entry cost its clients half a second,
# whatever the backend's time. A model in which waiting clients leave with the first one puts p99 five times too low;
# a measured step at exactly 0.5 s is this timer, not the backend.
set -euo pipefail
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= nginx=1.22.1-9+deb12u7 >/dev/null
dpkg -x nginx_*.deb .

cat > backend.py <<'PY'
import http.server, time

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.1)
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
python3 backend.py > port 2>/dev/null &
pids+=($!)
until [ -s port ]; do sleep 0.1; done
cat > nginx.conf <<CONF
daemon off; master_process off; pid pid; error_log error;
events { }
http {
  access_log off; client_body_temp_path t1; proxy_temp_path t2;
  fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  proxy_cache_path cache keys_zone=zone:1m;
  server { listen unix:$work/socket;
    proxy_cache zone; proxy_cache_valid 200 1m; proxy_cache_lock on;
    location / { proxy_pass http://127.0.0.1:$(cat port); } }
}
CONF
usr/sbin/nginx -p "$work/" -c nginx.conf -e error &
pids+=($!)
until curl -s -o /dev/null --unix-socket socket http://gateway/warm; do sleep 0.1; done

cat > clients.py <<'PY'
import select, socket, time

clients = [socket.socket(socket.AF_UNIX) for _ in range(20)]
for client in clients:
    client.connect("socket")
begin = time.monotonic()
for client in clients:
    client.sendall(b"GET /hot HTTP/1.0\r\n\r\n")
times = []
while clients:
    for client in select.select(clients, [], [])[0]:
        times.append(time.monotonic() - begin)
        clients.remove(client)
print(*(round(times[i], 3) for i in (0, 1, -1)))
PY
read -r first second last < <(python3 clients.py)
echo "20 clients, backend 0.1 s: the first answer after $first s, the second after $second s, the last after $last s"
awk -v a="$first" -v b="$second" 'BEGIN { exit !(a < 0.4 && b >= 0.49) }' || { echo "changed" >&2; exit 1; }
