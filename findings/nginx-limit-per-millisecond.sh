#!/usr/bin/env bash
# nginx 1.22.1 (Debian 12) as a gateway that throttles: limit_req with a high rate.
#
# Guess: limit_req with a rate of 1,000,000 a second lets 50 requests through that come within some milliseconds, as
# the limit is thousands of times what is offered.
# Seen: most of the 50 get 503. Without burst= nginx's clock of whole milliseconds decides: a second request within the
# same millisecond is refused whatever the rate says. So any rate above 1,000 a second acts as at most one request
# per millisecond and key, and a Poisson stream of 500 a second loses about 100 a second to it.
# Why it matters: throttling at a gateway modelled as a token bucket or by its mean rate refuses nothing here; measured
# 503s at a fraction of the limit look like a saturated backend. (burst=1 nodelay lets two pass, and so on.)
set -euo pipefail
work=$(mktemp -d)
nginx=
trap 'kill $nginx 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= nginx=1.22.1-9+deb12u7 >/dev/null
dpkg -x nginx_*.deb .

mkdir html
echo ok > html/index.html
cat > nginx.conf <<CONF
daemon off; master_process off; pid pid; error_log error;
events { }
http {
  access_log off; client_body_temp_path t1; proxy_temp_path t2;
  fastcgi_temp_path t3; uwsgi_temp_path t4; scgi_temp_path t5;
  limit_req_zone \$server_name zone=all:1m rate=1000000r/s;
  server { listen unix:$work/socket; root $work/html; server_name gateway; limit_req zone=all; }
}
CONF
usr/sbin/nginx -p "$work/" -c nginx.conf -e error &
nginx=$!
until curl -s -o /dev/null --unix-socket socket http://gateway/warm; do sleep 0.1; done

cat > client.py <<'PY'
import socket

connections = [socket.socket(socket.AF_UNIX) for _ in range(50)]
for connection in connections:
    connection.connect("socket")
for connection in connections:
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
statuses = [connection.recv(4096).split()[1] for connection in connections]
print(statuses.count(b"200"), statuses.count(b"503"))
PY
read -r passed refused < <(python3 client.py)
echo "50 requests at once under a limit of 1000000 a second: $passed passed, $refused refused (guess: 50 and 0)"
[ "$refused" -gt 10 ] && [ $((passed + refused)) = 50 ] || { echo "changed" >&2; exit 1; }
