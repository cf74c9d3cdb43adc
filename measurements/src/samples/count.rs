//! The second look over JMeter results: the samples of each test that count, by label.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sim::measurement::{Failures, Load, Measurement, Observed, ThinkTimes};
use sim::time::SimDuration;

use super::plan::Planned;
use super::survey::Survey;
use super::transactions::hash;
use crate::error::{Problem, Trouble, shown};
use crate::options::Options;
use crate::sample::{Item, Sample, Samples};
use crate::tally::{Moments, Operations, Tally};

/// Above this share of failed samples, what a node does with those is too much of what it does.
const MOST_FAILED: f64 = 0.05;

/// So many ways to fail are told apart.
const MOST_FAILURES: usize = 200;

/// So many threads are followed.
const MOST_THREADS: usize = 200_000;

/// Above this share of samples that began before the one before was answered, names of threads do not
/// tell threads.
const MOST_OVERTAKEN: f64 = 0.01;

/// Below this share of its users, on average over the window, a test has no number of users.
const LEAST_USERS: f64 = 0.9;

/// Above this share, the number is right as it is.
const ENOUGH_USERS: f64 = 0.98;

/// Where a test was read from.
pub(crate) struct Origin {
    /// The file, with lines where it has several tests; or the files.
    pub(crate) name: String,
    /// It is one file and nothing else is in it.
    pub(crate) is_whole: bool,
}

/// What counts of one test.
#[derive(Default)]
pub(crate) struct Count {
    operations: Operations,
    threads: BTreeMap<String, Running>,
    /// How long threads waited before their next sample, ms.
    pauses: Moments,
    overtaken: u64,
    last_ends: HashMap<u64, i64>,
    failures: BTreeMap<(String, String), u64>,
    counted: u64,
    failed: u64,
    /// Of ramp-up, ramp-down and warm-up.
    left_out: u64,
    /// Cut with standstills.
    waited: u64,
    sums: u64,
    sum_labels: BTreeSet<String>,
}

/// How many threads of one load generator ran on average.
#[derive(Default)]
struct Running {
    last: Option<i64>,
    area: f64,
    time: f64,
}

/// Counts the samples of one file into the tests that its stretches belong to.
pub(crate) fn count(
    samples: &mut dyn Samples,
    (result, survey): (usize, &Survey),
    tests: &[Planned],
    of_stretch: &[Option<usize>],
    counts: &mut [Count],
) -> Result<(), Trouble> {
    let mut stretch = 0;
    while let Some((line, item)) = samples.advance()? {
        // The first look told of those that cannot be read.
        let Item::Sample(sample) = item else { continue };
        let ended =
            |stretch: usize| survey.stretches.get(stretch).is_some_and(|s| s.lines.1 < line);
        while ended(stretch) {
            stretch += 1;
        }
        let Some(test) = of_stretch.get(stretch).copied().flatten() else { continue };
        // No file has a million stretches.
        let place = (result * 1_000_000 + stretch) as u64;
        let is_sum = sample.is_transaction || survey.sums.contains(sample.label);
        counts[test]
            .take(&sample, is_sum, &tests[test], (line, place))
            .map_err(|problem| problem.at(line))?;
    }
    Ok(())
}

impl Count {
    fn take(
        &mut self,
        sample: &Sample,
        is_sum: bool,
        test: &Planned,
        (line, stretch): (u64, u64),
    ) -> Result<(), Problem> {
        if is_sum {
            self.sums += 1;
            if !self.sum_labels.contains(sample.label) {
                self.sum_labels.insert(sample.label.to_owned());
            }
            return Ok(());
        }
        let pause = self.pause(sample, stretch);
        if !test.counts(sample.start, sample.end) {
            self.left_out += 1;
            return Ok(());
        }
        self.run(sample, stretch);
        let tally = self.operations.of(sample.label)?;
        tally.judged += 1;
        self.counted += 1;
        if !sample.success {
            tally.failed += 1;
            tally.failures.record(sample.elapsed_us as f64 / 1e3);
            self.fail(sample);
            return Ok(());
        }
        tally.count(sample.end, line);
        if test.stood_still(sample.start, sample.end) {
            self.waited += 1;
            return Ok(());
        }
        tally.times.record(sample.elapsed_us);
        if let Some(sent) = sample.sent {
            tally.bytes.record(sent as f64);
        }
        if let Some(pause) =
            pause.filter(|pause| !test.stood_still(sample.start - pause, sample.start))
        {
            self.overtaken += u64::from(pause < 0);
            self.pauses.record(pause.max(0) as f64);
        }
        Ok(())
    }

    /// How long the thread did nothing before, ms.
    fn pause(&mut self, sample: &Sample, stretch: u64) -> Option<i64> {
        let thread = hash(sample.thread?) ^ stretch.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if self.last_ends.len() >= MOST_THREADS && !self.last_ends.contains_key(&thread) {
            return None;
        }
        self.last_ends.insert(thread, sample.end).map(|before| sample.start - before)
    }

    fn run(&mut self, sample: &Sample, stretch: u64) {
        let Some(threads) = sample.threads else { return };
        let key = format!("{stretch} {}", sample.generator);
        let running = self.threads.entry(key).or_default();
        if let Some(last) = running.last {
            let time = (sample.end - last).max(0) as f64;
            running.area += time * f64::from(threads);
            running.time += time;
        }
        running.last = Some(running.last.map_or(sample.end, |last| last.max(sample.end)));
    }

    fn fail(&mut self, sample: &Sample) {
        self.failed += 1;
        let way = (shown(sample.code), shown(sample.message));
        if self.failures.len() < MOST_FAILURES || self.failures.contains_key(&way) {
            *self.failures.entry(way).or_default() += 1;
        }
    }

    /// The measurements of a test, one per label, with what is to be said of it.
    pub(crate) fn measurements(
        &self,
        test: &Planned,
        origin: &Origin,
        options: &Options,
    ) -> (Vec<Measurement>, Vec<String>) {
        let name = &origin.name;
        let mut notes = Vec::new();
        if self.sums > 0 {
            let labels: Vec<&str> = self.sum_labels.iter().map(String::as_str).collect();
            notes.push(format!(
                "{name}: {} rows of Transaction Controllers are left out, since they are sums of other \
                 rows: {}",
                self.sums,
                crate::error::listed(labels.into_iter())
            ));
        }
        notes.extend(self.left_out_note(name, test));
        let share = self.failed as f64 / (self.counted as f64).max(1.0);
        notes.extend(self.failure_note(name, share));
        let (users, doubt) = self.users(test, options);
        if let Some((users, of)) = users.zip(test.users).filter(|(users, of)| users != of) {
            notes.push(format!("{name}: {users} of {of} users ran on average"));
        }
        let most = options.most_failed.unwrap_or(MOST_FAILED);
        let too_many = (share > most).then(|| {
            format!(
                "{:.1} % of its samples failed, more than {} % (`--most-failed` sets the share)",
                share * 100.0,
                most * 100.0
            )
        });
        let flag = test.flag.clone().or(too_many).or(doubt);
        let measurement = |(label, tally): (&str, &Tally)| {
            let mut found = self.measurement(test, origin, options, label, tally);
            if let Some(users) = users {
                found.load = Load::Closed { users };
            }
            Measurement { flag: flag.clone(), ..found }
        };
        let answered = self.operations.iter().filter(|(_, tally)| tally.times.count() > 0);
        let measurements: Vec<Measurement> = answered.map(measurement).collect();
        if let Some(flag) = flag.filter(|_| measurements.is_empty()) {
            notes.push(format!("{name} is set aside: {flag}"));
        }
        (measurements, notes)
    }

    fn measurement(
        &self,
        test: &Planned,
        origin: &Origin,
        options: &Options,
        label: &str,
        tally: &Tally,
    ) -> Measurement {
        let beside = self.operations.beside(label);
        let together = self.operations.together(label);
        let whole = together.labels.len() == self.operations.len();
        let seconds =
            if whole { test.seconds() } else { test.seconds_of(together.first, together.last) };
        // Where the window is not set, the first sample opens it.
        let opened =
            if whole && !test.by_start { 1.0 } else { 1.0 - 1.0 / together.counted as f64 };
        let is_known = seconds > 0.0 && !test.is_shorter_than_its_clock();
        let rate = |count: u64| is_known.then(|| count as f64 * opened / seconds);
        let (first, last) = if whole { test.window } else { (together.first, together.last) };
        let is_first = together.most == label;
        Measurement {
            origin: origin.of(tally),
            source: None,
            product: None,
            version: None,
            operation: label.to_owned(),
            observed: Observed::RoundTrip,
            // Those that failed were asked for, too.
            load: Load::Open { rate: rate(tally.counted() + tally.failed).unwrap_or(0.0) },
            size_kib: options.size_kib.or(tally.size_kib()),
            answer_kib: None,
            backend: None,
            cores: None,
            heap_gib: None,
            nodes: None,
            requests: Some(tally.times.count()),
            throughput: rate(tally.counted()),
            mean: tally.times.mean(),
            sd: tally.times.deviation(),
            quantiles: tally.times.quantiles(),
            max: tally.times.max(),
            bounds: Vec::new(),
            gc_share: None,
            cpu_idle: None,
            silences: if is_first { test.silences(first, last) } else { None },
            error_fraction: Some(0.0),
            failures: failures(tally, rate(tally.failed)),
            think: if test.users.is_some() { self.think(test) } else { None },
            test: (!beside.is_empty()).then(|| format!("{}: {}", origin.name, together.most)),
            shares_node_with: beside,
            flag: None,
        }
    }

    /// How long users thought, where threads tell.
    fn think(&self, test: &Planned) -> Option<ThinkTimes> {
        let overtaken = self.overtaken as f64 / (self.pauses.count() as f64).max(1.0);
        if test.step_ms > 1 || overtaken > MOST_OVERTAKEN {
            return None;
        }
        let mean = self.pauses.mean()?;
        let cv = if mean > 0.0 { self.pauses.deviation()? / mean } else { 0.0 };
        Some(ThinkTimes { mean: SimDuration::from_ms(mean), cv })
    }

    /// Users at once, and what is wrong with that number.
    fn users(&self, test: &Planned, options: &Options) -> (Option<u32>, Option<String>) {
        let Some(all) = test.users else { return (None, None) };
        let average = |running: &Running| {
            if running.time > 0.0 { running.area / running.time } else { f64::NAN }
        };
        let mean: f64 = self.threads.values().map(average).sum();
        let share = mean / f64::from(all);
        let is_stated = options.users.is_some() || self.threads.is_empty();
        if is_stated || test.flag.is_some() || share.is_nan() || share > ENOUGH_USERS {
            return (test.users, None);
        }
        let doubt = (share < LEAST_USERS).then(|| {
            format!(
                "users came and went: {mean:.1} of {all} ran on average between the first and the last \
                 time that all did"
            )
        });
        (Some(mean.round() as u32), doubt)
    }

    fn left_out_note(&self, origin: &str, test: &Planned) -> Option<String> {
        let waited = self.waited;
        let waited = (!test.standstills.is_empty())
            .then(|| format!("{waited} samples that waited for a standstill"));
        let ramps = (self.left_out > 0)
            .then(|| format!("{} samples of ramp-up, ramp-down and warm-up", self.left_out));
        let parts: Vec<String> = ramps.into_iter().chain(waited).collect();
        (!parts.is_empty()).then(|| format!("{origin}: {} are left out", parts.join(" and ")))
    }

    fn failure_note(&self, origin: &str, share: f64) -> Option<String> {
        let ((code, message), count) = self.failures.iter().max_by_key(|(_, count)| **count)?;
        let way: Vec<String> =
            [code, message].iter().filter(|w| !w.is_empty()).map(|w| format!("`{w}`")).collect();
        let most = if way.is_empty() {
            String::new()
        } else {
            format!(", most often with {} ({count} times)", way.join(" "))
        };
        Some(format!(
            "{origin}: {} of {} samples failed ({:.2} %) and are left out{most}",
            self.failed,
            self.counted,
            share * 100.0
        ))
    }

    /// How many samples were no part of any window.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    pub(crate) fn failed(&self) -> u64 {
        self.failed
    }

    pub(crate) fn sum_labels(&self) -> &BTreeSet<String> {
        &self.sum_labels
    }
}

impl Origin {
    fn of(&self, tally: &Tally) -> String {
        let lines = tally.lines();
        if self.is_whole {
            return format!("{}:{}-{}", self.name, lines.start(), lines.end());
        }
        self.name.clone()
    }
}

fn failures(tally: &Tally, rate: Option<f64>) -> Option<Failures> {
    let mean = tally.failures.mean()? / 1000.0;
    Some(Failures { requests: tally.failed, rate: rate?, mean })
}
