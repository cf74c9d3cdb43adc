#!/usr/bin/env bash
# Does a task as `apimsim sweep --task FILE` does, but is killed half-way the first time that the file CHOSEN is to be
# done. For test.sh.
set -u
task=$1
if [ "$(basename "$task")" = "$CHOSEN" ] && mkdir "$MARK" 2>/dev/null; then
    "$APIMSIM" sweep --task "$task" &
    worker=$!
    sleep 0.5
    kill -KILL $worker || exit 99
    wait $worker
    [ -e "${task%.task}.bin" ] && touch "$MARK/too-late"
    exit 137
fi
exec "$APIMSIM" sweep --task "$task"
