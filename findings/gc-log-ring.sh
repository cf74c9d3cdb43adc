#!/usr/bin/env bash
# OpenJDK 17 (the java on the path): the order of the files of a rotated garbage-collection log.
#
# Guess: as with logrotate and log4j the number tells the age: gc.log is the newest, gc.log.0 was before it, and the
# highest number is the oldest (or, as the name counts up, the other way round).
# Seen: the numbers are a ring. gc.log is moved to the next number, and after filecount files to 0 again, so that the
# oldest file is anywhere; only the times inside tell. Rotation is on without being asked for (5 files of 20 MB).
# Why it matters: a reader that joins the files by number gets the collections in an order that jumps back in time:
# intervals between pauses become negative or huge, and pauses and allocation per second are wrong.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
java -version 2>&1 | grep -q 'version "17\.' || { echo "needs Java 17" >&2; exit 1; }

cat > Allocate.java <<'JAVA'
public class Allocate {
  static Object kept;
  public static void main(String[] arguments) {
    for (int i = 0; i < 32_000; i++) kept = new byte[100_000];
  }
}
JAVA
java -XX:+UseSerialGC -Xmx16m -Xlog:gc:file=gc.log:uptime:filecount=4,filesize=8K Allocate.java

order=
for number in 0 1 2 3; do
    order+="$(sed -n 's/.*GC(\([0-9]*\)).*/\1/p' gc.log.$number | head -1) "
done
echo "the first collection in gc.log.0 to gc.log.3: $order"
read -r -a first <<< "$order"
rising=1
falling=1
for i in 1 2 3; do
    [ "${first[i]}" -gt "${first[i - 1]}" ] || rising=0
    [ "${first[i]}" -lt "${first[i - 1]}" ] || falling=0
done
[ $rising = 0 ] && [ $falling = 0 ] || { echo "changed" >&2; exit 1; }
