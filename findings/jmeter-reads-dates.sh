#!/usr/bin/env bash
# JMeter 2.13 (Debian 12): dates with slashes in the timeStamp column of a result that it reads again.
#
# Guess: a date that is not in the order that JMeter writes (2023/11/04 10:00:00.000) is an error; or JMeter tells
# day and month apart by the number of digits of the year.
# Seen: patterns are tried in turn, leniently about the number of digits. 04/11/2023 is silently 11 April (the month
# first), and 11/04/23 is silently 23 April of the year 11: the pattern for dates with a year of two digits
# (MM/dd/yy) is never reached, because the one with the year in front (yyyy/MM/dd) takes them first.
# Why it matters: spreadsheets write dates in such forms when a result is edited in between. The file loads, so rates
# and ramps computed from it look sane within a day; a test across a midnight, or joined to server metrics, is off
# by months or by two thousand years.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= jmeter=2.13-5 libxstream-java=1.4.20-1+deb12u1 libxpp3-java=1.1.4c-3 \
    libexcalibur-logkit-java=2.0-12 libavalon-framework-java=4.2.0-10 libcommons-collections3-java=3.2.2-2 \
    liboro-java=2.0.8a-14 libcommons-lang3-java=3.12.0-2+deb12u1 libcommons-io-java=2.11.0-2 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
classes=$(find usr -name '*.jar' | tr '\n' ':')

cat > Read.java <<'JAVA'
import org.apache.jmeter.reporters.ResultCollector;
import org.apache.jmeter.samplers.SampleResult;
import org.apache.jmeter.save.CSVSaveService;
import org.apache.jmeter.util.JMeterUtils;
import org.apache.jmeter.visualizers.Visualizer;

public class Read {
  public static void main(String[] files) throws Exception {
    JMeterUtils.setJMeterHome("usr/share/jmeter");
    JMeterUtils.loadJMeterProperties("usr/share/jmeter/bin/jmeter.properties");
    for (String file : files)
      CSVSaveService.processSamples(file, new Visualizer() {
        public boolean isStats() { return false; }
        public void add(SampleResult sample) {
          System.out.println("read " + new java.text.SimpleDateFormat("yyyy-MM-dd").format(sample.getTimeStamp()));
        }
      }, new ResultCollector());
    System.exit(0);
  }
}
JAVA
number=0
for date in 2023/11/04 04/11/2023 11/04/23; do
    number=$((number + 1))
    printf 'timeStamp,elapsed,label,success\n%s 10:00:00,5,order,true\n' "$date" > "$number.csv"
done

seen=$(java -cp "$classes" Read.java 1.csv 2.csv 3.csv 2>log | sed -n 's/^read //p' | tr '\n' ' ')
echo "2023/11/04, 04/11/2023 and 11/04/23 are read as $seen"
[ "$seen" = "2023-11-04 2023-04-11 0011-04-23 " ] || { echo "changed" >&2; exit 1; }
