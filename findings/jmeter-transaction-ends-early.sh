#!/usr/bin/env bash
# JMeter 2.13 (Debian 12): the row of a Transaction Controller in the CSV result.
#
# Guess: the row of a transaction spans its requests: timeStamp is the first one's start, and timeStamp + elapsed
# the end of the last one, as timeStamp + elapsed is the end in every other row.
# Seen: without "Include duration of timer" (the box a new controller leaves empty) elapsed is the sum of the requests,
# while timeStamp is the moment the controller was entered, before the first think time. With a think time of 300 ms
# and two requests of 100 ms the row ends before its first request has begun.
# Why it matters: who counts what is in flight from these rows (Little's law, the number of users inside, overlap
# with a pause of the server) gets a journey at the wrong time and much too short; the end of a test taken from the
# latest timeStamp + elapsed is too early where only transactions are kept.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -q -o APT::Sandbox::User= jmeter=2.13-5 jmeter-java=2.13-5 libxstream-java=1.4.20-1+deb12u1 \
    libxpp3-java=1.1.4c-3 libexcalibur-logkit-java=2.0-12 libavalon-framework-java=4.2.0-10 liboro-java=2.0.8a-14 \
    libcommons-collections3-java=3.2.2-2 libcommons-lang3-java=3.12.0-2+deb12u1 libcommons-io-java=2.11.0-2 \
    librhino-java=1.7.14-2.1 libcommons-jexl2-java=2.1.1-6 >/dev/null
for package in *.deb; do dpkg -x "$package" .; done
classes=$(find usr -name '*.jar' | tr '\n' ':')

cat > Plan.java <<'JAVA'
import org.apache.jmeter.config.*; import org.apache.jmeter.control.*; import org.apache.jmeter.engine.*;
import org.apache.jmeter.protocol.java.sampler.*; import org.apache.jmeter.reporters.*;
import org.apache.jmeter.testelement.*; import org.apache.jmeter.threads.ThreadGroup; import org.apache.jmeter.timers.*;
import org.apache.jmeter.util.*; import org.apache.jorphan.collections.*;

public class Plan {
  static JavaSampler request(String name) {
    Arguments sleep = new Arguments();
    sleep.addArgument("Sleep_Time", "100");
    sleep.addArgument("Sleep_Mask", "0x0");
    JavaSampler sampler = new JavaSampler();
    sampler.setName(name);
    sampler.setClassname("org.apache.jmeter.protocol.java.test.JavaTest");
    sampler.setArguments(sleep);
    return sampler;
  }
  public static void main(String[] arguments) throws Exception {
    JMeterUtils.setJMeterHome("usr/share/jmeter");
    JMeterUtils.loadJMeterProperties("usr/share/jmeter/bin/jmeter.properties");
    JMeterUtils.setLocale(java.util.Locale.ENGLISH);
    LoopController once = new LoopController();
    once.setLoops(1);
    ThreadGroup users = new ThreadGroup();
    users.setNumThreads(1);
    users.setRampUp(0);
    users.setSamplerController(once);
    TransactionController journey = new TransactionController();
    journey.setName("journey");
    journey.setIncludeTimers(false);
    ConstantTimer think = new ConstantTimer();
    think.setDelay("300");
    ResultCollector result = new ResultCollector();
    result.setFilename("result.csv");
    ListedHashTree tree = new ListedHashTree();
    HashTree plan = tree.add(new TestPlan("plan"));
    HashTree inside = plan.add(users).add(journey);
    inside.add(think);
    inside.add(request("first"));
    inside.add(request("second"));
    plan.add(result);
    StandardJMeterEngine engine = new StandardJMeterEngine();
    engine.configure(tree);
    engine.run();
    System.exit(0);
  }
}
JAVA
java -cp "$classes" Plan.java >log 2>&1
end=$(awk -F, '$3 == "journey" { printf "%.0f", $1 + $2 }' result.csv)
first=$(awk -F, '$3 == "first" { print $1 }' result.csv)
last=$(awk -F, '$3 == "second" { printf "%.0f", $1 + $2 }' result.csv)
echo "its row ends $((first - end)) ms before the first request begins, $((last - end)) ms before the last one ends"
[ $((first - end)) -gt 0 ] && [ $((last - end)) -gt 400 ] || { echo "changed" >&2; exit 1; }
