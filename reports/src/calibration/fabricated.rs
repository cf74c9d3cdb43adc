//! Fabricated calibrations for the tests: ordinary, small and hostile.

use sim::calibration::{Calibration, Configured, Errors, Fitted, Outcome};
use sim::deployment::Profile;
use sim::measurement::{BackendTimes, Load, Measurement};
use sim::time::SimDuration;

const PROBABILITIES: [f64; 6] = [0.75, 0.9, 0.95, 0.98, 0.99, 0.999];

/// Every fabricated calibration with its name.
pub(crate) fn every() -> Vec<(&'static str, Calibration)> {
    vec![
        ("gateway", gateway()),
        ("log", log()),
        ("capacities", capacities()),
        ("hostile", hostile()),
        ("nothing", nothing()),
    ]
}

/// Nine tests, three of them held back; parameters known well, badly, and only in combination.
pub(crate) fn gateway() -> Calibration {
    let tests: Vec<Measurement> = [("passthrough", 0.6), ("transformation", 1.9)]
        .into_iter()
        .flat_map(|(operation, ms)| {
            [(50, 0.05), (200, 1.0), (500, 10.0), (1000, 100.0)]
                .map(|(users, kib)| test(operation, users, kib, ms + 0.02 * kib))
        })
        .collect();
    let held = [1, 4, 7].map(|index| beside(&tests[index], index as f64 + 1.5, 0.12));
    let parameters = vec![
        parameter("demand.passthrough.mean", "ms", (0.574_31, 0.612), 0.012, &[]),
        parameter("demand.passthrough.per_kib", "ms", (0.021_77, 0.019), 0.008, &[]),
        parameter("demand.passthrough.cv", "", (0.83, 1.0), 0.41, &[]),
        parameter("gc.pause", "ms", (31.4, 30.0), 0.22, &["gc.cv", "stalls.pause"]),
        parameter("gc.cv", "", (0.552, 0.55), 0.9, &["gc.pause"]),
        parameter("stalls.every", "ms", (1_812.0, 1_800.0), 0.061, &[]),
        parameter("stalls.pause", "ms", (34.0, 34.0), 0.15, &["gc.pause"]),
    ];
    let seen = tests.iter().enumerate().map(|(index, test)| beside(test, index as f64, 0.08));
    Calibration {
        profile: Profile::plain("gateway", 2.0),
        parameters,
        tests: seen.collect(),
        held_back: held.to_vec(),
        pauses_left_out: false,
    }
}

/// Two operations of a log, at rates: nothing is known of sizes, heaps or backends.
pub(crate) fn log() -> Calibration {
    let of = |operation: &str, rate: f64, ms: f64| {
        let quantiles =
            [0.5_f64, 0.95, 0.99].map(|p| (p, 1e-3 * ms * (1.0 - 4.0 * (1.0 - p).ln())));
        let mut test = test(operation, 1, 1.0, ms);
        test.load = Load::Open { rate };
        test.quantiles = quantiles.to_vec();
        (test.size_kib, test.backend, test.cores, test.heap_gib) = (None, None, None, None);
        (test.gc_share, test.throughput) = (None, Some(rate));
        test
    };
    let tests = [of("orders", 120.0, 3.0), of("catalogue of everything", 0.25, 140.0)];
    let seen = tests.iter().enumerate().map(|(index, test)| beside(test, index as f64, 0.04));
    let parameters = vec![parameter("demand.orders.mean", "ms", (2.91, 3.0), 0.03, &[])];
    Calibration { parameters, tests: seen.collect(), held_back: Vec::new(), ..gateway() }
}

/// Two capacities: only their throughput is stated.
pub(crate) fn capacities() -> Calibration {
    let mut tests = vec![test("http", 20, 0.06, 0.1), test("kafka", 1, 0.06, 0.02)];
    for test in &mut tests {
        (test.mean, test.gc_share, test.quantiles) = (None, None, Vec::new());
    }
    let seen = tests.iter().enumerate().map(|(index, test)| beside(test, index as f64, 0.06));
    Calibration { pauses_left_out: true, tests: seen.collect(), held_back: Vec::new(), ..gateway() }
}

/// Names and numbers that break what is careless.
pub(crate) fn hostile() -> Calibration {
    let mut calibration = gateway();
    let names = ["=HYPERLINK(\"http://x\")", "", "東京-шлюз-ß😀, \"quoted\"\nsecond line"];
    for (test, name) in calibration.tests.iter_mut().zip(names) {
        test.measured.operation = name.to_owned();
        test.measured.gc_share = Some(0.0);
        test.simulated.quantiles[0] = -0.003;
        test.simulated.quantiles[5] = f64::INFINITY;
        test.errors = errors(&test.measured, &test.simulated);
    }
    calibration.tests[3].measured.operation = "a-very-long-name-of-an-operation ".repeat(5);
    calibration.tests[4].measured.quantiles[2].1 = 1e300;
    calibration.profile.name = "Ünïcode 東京 ".repeat(20);
    calibration.parameters[0].uncertainty = f64::NAN;
    calibration.parameters[1].value = 1e300;
    calibration.parameters[2].name = "demand.东京.cv".repeat(9);
    calibration
}

/// Nothing at all.
fn nothing() -> Calibration {
    Calibration {
        pauses_left_out: false,
        profile: Profile::plain("", 1.0),
        parameters: Vec::new(),
        tests: Vec::new(),
        held_back: Vec::new(),
    }
}

fn parameter(
    name: &str,
    unit: &'static str,
    (value, start): (f64, f64),
    uncertainty: f64,
    tied_to: &[&str],
) -> Fitted {
    let tied_to = tied_to.iter().map(|&name| name.to_owned()).collect();
    Fitted { name: name.to_owned(), unit, value, start, uncertainty, tied_to }
}

/// A saturated node of two cores on which a request takes so many milliseconds.
fn test(operation: &str, users: u32, size_kib: f64, ms: f64) -> Measurement {
    let throughput = 2000.0 / ms;
    let mean = f64::from(users) / throughput;
    let tail = |p: f64| (p, mean * (1.0 - 0.35 * (1.0 - p).ln()));
    Measurement {
        product: Some("WSO2 API Manager".to_owned()),
        version: Some("4.5.0".to_owned()),
        size_kib: Some(size_kib),
        backend: Some(BackendTimes { mean: SimDuration::ZERO, cv: 0.0 }),
        cores: Some(2.0),
        heap_gib: Some(2.0),
        throughput: Some(throughput),
        mean: Some(mean),
        quantiles: PROBABILITIES.map(tail).to_vec(),
        gc_share: Some(0.0138),
        ..Measurement::of("tests.csv:2", operation, Load::Closed { users })
    }
}

/// A test with a simulation that is off by at most `most`.
fn beside(measured: &Measurement, phase: f64, most: f64) -> Configured {
    let off = |place: f64| 1.0 + most * (phase * 2.3 + place * 1.7).sin();
    let quantiles = measured.quantiles.iter().enumerate();
    let simulated = Outcome {
        throughput: measured.throughput.unwrap_or(1.0) * (1.0 + (off(0.0) - 1.0) / 4.0),
        mean: measured.mean.unwrap_or(1.0) * (1.0 + (off(1.0) - 1.0) / 4.0),
        quantiles: quantiles.map(|(i, (_, value))| value * off(i as f64 + 2.0)).collect(),
        gc_share: measured.gc_share.unwrap_or(0.0) * (1.0 + (off(9.0) - 1.0) * 3.0),
        silences: None,
    };
    let errors = errors(measured, &simulated);
    Configured { measured: measured.clone(), simulated, errors }
}

fn errors(measured: &Measurement, simulated: &Outcome) -> Errors {
    let off = |measured: f64, simulated: f64| simulated / measured - 1.0;
    let quantiles = measured.quantiles.iter().zip(&simulated.quantiles);
    Errors {
        throughput: measured.throughput.map(|value| off(value, simulated.throughput)),
        mean: measured.mean.map(|value| off(value, simulated.mean)),
        quantiles: quantiles.map(|((p, value), found)| (*p, off(*value, *found))).collect(),
        gc_share: measured.gc_share.map(|value| off(value, simulated.gc_share)),
    }
}
