#!/usr/bin/env bash
# HAProxy 2.6.12 (Debian 12) as a gateway that throttles: http_req_rate(T) of a stick table.
#
# Guess: the counter is a window of the last T: 40 requests at once count 40 for T = 4 s and 0 afterwards.
# Seen: the counter keeps two numbers, of this period and of the last, and fades the last one out linearly. At 1.25 T it
# still says about 30, at 1.5 T about 20, and only at 2 T nothing.
# Why it matters: a limit of "20 in 4 s" that a burst has overrun refuses for up to twice as long as the window, and a
# stream just above the limit is let through in other shares than with the sliding or fixed window of a model. A test
# whose phases follow each other after T has the end of the first in the second.
set -euo pipefail
work=$(mktemp -d)
haproxy=
trap 'kill $haproxy 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= haproxy=2.6.12-1+deb12u3 liblua5.3-0=5.3.6-2 \
    libopentracing-c-wrapper0=1.1.3-3+b1 libopentracing1=1.6.0-4 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH=$work/usr/lib/$(uname -m)-linux-gnu

cat > haproxy.cfg <<CFG
global
    stats socket $work/admin
defaults
    mode http
    timeout client 30s
    timeout connect 1s
    timeout server 1s
frontend gateway
    bind unix@$work/socket
    stick-table type string len 8 size 100 expire 1m store http_req_rate(4s)
    http-request track-sc0 str(all)
    http-request return status 200
CFG
usr/sbin/haproxy -db -f haproxy.cfg 2>/dev/null &
haproxy=$!
until [ -S admin ] && [ -S socket ]; do sleep 0.1; done

cat > client.py <<'PY'
import re, socket, time

def ask(path, text):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(text)
        return b"".join(iter(lambda: connection.recv(65536), b"")).decode()

begin = time.monotonic()
for _ in range(40):
    ask("socket", b"GET / HTTP/1.0\r\n\r\n")
for share in (0.5, 1.25, 1.5, 2.1):
    time.sleep(max(0, begin + 4 * share - time.monotonic()))
    print(re.search(r"http_req_rate\(4000\)=(\d+)", ask("admin", b"show table gateway\n")).group(1), end=" ")
PY
read -r half quarter_more half_more twice < <(python3 client.py; echo)
echo "40 requests at 0 s count $half after 2 s, $quarter_more after 5 s, $half_more after 6 s, $twice after 8.4 s (guess: 40 0 0 0)"
[ "$half" = 40 ] && [ "$quarter_more" -ge 20 ] && [ "$half_more" -ge 10 ] && [ "$twice" = 0 ] ||
    { echo "changed" >&2; exit 1; }
