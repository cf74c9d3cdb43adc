//! Load tests: what was asked of a node, or of several behind a balancer, at once.

use std::collections::BTreeMap;

use super::{Load, Measurement, Observed};

/// The operations of one load test: one closed loop of users who go from one to another, or streams of
/// requests that met on the same nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadTest {
    /// At least one; users, cores and nodes of each are those of the whole test.
    pub operations: Vec<Measurement>,
}

/// Puts together what was measured at once ([`Measurement::test`]); in the order of the first
/// operation of each test, operations by name.
pub fn load_tests(measurements: &[Measurement]) -> Vec<LoadTest> {
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut tests: Vec<LoadTest> = Vec::new();
    for measurement in measurements {
        let place =
            measurement.test.as_deref().map(|name| *places.entry(name).or_insert(tests.len()));
        match place.filter(|place| *place < tests.len()) {
            Some(place) => tests[place].operations.push(measurement.clone()),
            None => tests.push(LoadTest { operations: vec![measurement.clone()] }),
        }
    }
    for test in &mut tests {
        test.operations.sort_by(|a, b| a.operation.cmp(&b.operation));
    }
    tests
}

impl LoadTest {
    /// Users at once, where requests come from users.
    pub fn users(&self) -> Option<u32> {
        match self.operations[0].load {
            Load::Closed { users } => Some(users),
            Load::Open { .. } => None,
        }
    }

    /// Requests per second of all operations, failed ones included; none where one does not state it.
    pub fn throughput(&self) -> Option<f64> {
        let failed: f64 =
            self.operations.iter().filter_map(|each| each.failures).map(|all| all.rate).sum();
        let answered: Option<f64> = self.operations.iter().map(|each| each.throughput).sum();
        Some(answered? + failed)
    }

    /// Requests on their way on average, by Little's law over the sum of operations: Σ X R (Little,
    /// Operations Research 9, 1961); none where one states no mean.
    pub fn in_flight(&self) -> Option<f64> {
        let of = |each: &Measurement| {
            let failed = each.failures.map_or(0.0, |all| all.rate * all.mean);
            Some(each.throughput? * each.mean? + failed)
        };
        self.operations.iter().map(of).sum()
    }

    /// Mean time that a user waits before a request, seconds: Z = N / X - R, the interactive response
    /// time law (Lazowska et al., Quantitative System Performance, 1984, 3.4). Negative where more are on
    /// their way than there are users; none without users or figures.
    pub fn think_seconds(&self) -> Option<f64> {
        let users = f64::from(self.users()?);
        Some((users - self.in_flight()?) / self.throughput()?)
    }
}

/// So far may the requests on their way be above the users, relative to them; and where think times are
/// known, they and the users who think together from the users, either way. In WSO2's published rows it
/// is within 1 %.
pub const MOST_OFF_LITTLE: f64 = 0.05;

/// So much of the users' time, at least, is think time: what is less, as of a load generator between two
/// samples, cannot be told from users who had not started or had ended.
pub const LEAST_THINKING: f64 = MOST_OFF_LITTLE;

impl LoadTest {
    /// Whether everything is known that users were busy with: Little's law can be asked.
    pub fn is_whole(&self) -> bool {
        self.operations.iter().all(|row| {
            row.observed == Observed::RoundTrip
                && (row.test.is_some() || row.shares_node_with.is_empty())
        })
    }

    /// Whether users wait before requests: for more than [`LEAST_THINKING`] of their time.
    pub fn thinks(&self) -> bool {
        if !self.is_whole() {
            return false;
        }
        let shares = self.users().zip(self.in_flight());
        shares.is_some_and(|(users, busy)| 1.0 - busy / f64::from(users) > LEAST_THINKING)
    }

    /// Mean time, seconds, that passes between an answer and the next request that will be answered: think
    /// time, and failed requests with theirs. None where nothing passes.
    pub fn pause_seconds(&self) -> Option<f64> {
        let answered: Option<f64> = self.operations.iter().map(|each| each.throughput).sum();
        let answered = answered.filter(|rate| *rate > 0.0)?;
        let failed = || self.operations.iter().filter_map(|each| each.failures);
        let (failing, busy_failing): (f64, f64) =
            failed().fold((0.0, 0.0), |sum, all| (sum.0 + all.rate, sum.1 + all.rate * all.mean));
        let shown = self.operations.iter().find_map(|each| each.think);
        let think = shown.map(|think| think.mean.as_seconds()).or(self.think_seconds())?;
        Some(think * (answered + failing) / answered + busy_failing / answered)
            .filter(|pause| *pause > 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Failures;
    use super::super::fabricated::measurement;
    use super::*;

    fn of(test: Option<&str>, operation: &str) -> Measurement {
        Measurement {
            test: test.map(str::to_owned),
            operation: operation.to_owned(),
            ..measurement()
        }
    }

    #[test]
    fn what_was_measured_at_once_is_one_test() {
        let rows = [of(Some("b"), "write"), of(None, "x"), of(Some("b"), "read"), of(None, "x")];
        let names: Vec<Vec<String>> = load_tests(&rows)
            .into_iter()
            .map(|test| test.operations.into_iter().map(|each| each.operation).collect())
            .collect();
        assert_eq!(names, [vec!["read", "write"], vec!["x"], vec!["x"]]);
    }

    /// 10 users; 6 /s of 40 ms, 3 /s of 60 ms and 1 /s that fail after 100 ms: 0.52 in flight, so that
    /// each of the ten requests a second has 0.948 s of thinking before it.
    #[test]
    fn think_time_is_what_little_s_law_leaves_of_the_users() {
        let row = |operation, throughput, mean| Measurement {
            load: Load::Closed { users: 10 },
            throughput: Some(throughput),
            mean: Some(mean),
            ..of(Some("one"), operation)
        };
        let failures = Some(Failures { requests: 12, rate: 1.0, mean: 0.1 });
        let read = Measurement { failures, ..row("read", 6.0, 0.04) };
        let tests = load_tests(&[read, row("write", 3.0, 0.06)]);
        assert_eq!(tests[0].throughput(), Some(10.0));
        assert!((tests[0].in_flight().expect("stated") - 0.52).abs() < 1e-12);
        assert!((tests[0].think_seconds().expect("stated") - 0.948).abs() < 1e-12);
        // 9 /s are answered with 0.42 of the users; the others' time is a pause of 9.58 / 9 s before each.
        assert!((tests[0].pause_seconds().expect("stated") - 9.58 / 9.0).abs() < 1e-12);
        assert!(tests[0].thinks() && !load_tests(&[measurement()])[0].thinks());
        let silent = Measurement { mean: None, ..row("read", 6.0, 0.04) };
        assert_eq!(load_tests(&[silent])[0].think_seconds(), None);
    }
}
