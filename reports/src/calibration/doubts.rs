//! Short times that come out far off: what varies elsewhere has been taken for the node's.

use sim::calibration::Configured;
use sim::measurement::{BackendTimes, Load};
use sim::quantity::Quantity;
use sim::time::SimDuration;

use crate::figure;
use crate::grid::wrap;
use crate::number::{self, Unit};

/// Quantiles up to the median are of ordinary requests, which no pause delays.
const ORDINARY: f64 = 0.5;
/// They are far off if by more than this, as a share of what was measured …
const FAR_OFF: f64 = 0.25;
/// … and by more than this, seconds: times are measured in whole milliseconds.
const NOTICED: f64 = 0.002;

/// One sentence for each test of which an ordinary quantile is far off; nothing where none is.
pub(super) fn text(tests: &[Configured], width: usize) -> String {
    let sentences = tests.iter().filter_map(sentence);
    let lines: Vec<String> = sentences.map(|sentence| wrap(&sentence, "  ", width)).collect();
    lines.join("\n")
}

fn sentence(test: &Configured) -> Option<String> {
    let stated = test.measured.quantiles.iter().map(|(probability, _)| *probability);
    let off = stated.take_while(|probability| *probability <= ORDINARY).find_map(|probability| {
        let figure = Quantity::quantile(probability);
        let (measured, simulated) =
            (figure::measured(figure, test)?, figure::simulated(figure, test)?);
        let is_far = figure::error(figure, &test.errors)?.abs() > FAR_OFF;
        (is_far && (simulated - measured).abs() > NOTICED).then_some((figure, measured, simulated))
    });
    let (figure, measured, simulated) = off?;
    let ms = |seconds: f64| number::plain(seconds * 1e3, Unit::One);
    let load = match test.measured.load {
        Load::Closed { users } => format!("{users} users"),
        Load::Open { rate } => format!("{} /s", number::exact(rate, 2)),
    };
    let backend = test.measured.backend.filter(|backend| backend.mean > SimDuration::ZERO);
    let median = test.measured.quantiles.iter().find(|(probability, _)| *probability >= ORDINARY);
    let advice = match backend {
        Some(backend) if median.is_some_and(|(_, time)| *time < median_of(&backend)) => {
            "does it call this backend at all? its median is shorter than that of what is stated; state \
             that of each operation"
        }
        Some(backend) if backend.cv == 0.0 => {
            "does its backend always take as long? state how much it varies, or leave it out to have it \
             fitted"
        }
        _ => "something varies that is not in the profile",
    };
    Some(format!(
        "{} of `{}` with {load} comes out at {} ms, measured {} ms: {advice}",
        figure.words(),
        test.measured.operation,
        ms(simulated),
        ms(measured)
    ))
}

/// Of a lognormal law, seconds.
fn median_of(backend: &BackendTimes) -> f64 {
    backend.mean.as_seconds() / (1.0 + backend.cv * backend.cv).sqrt()
}

#[cfg(test)]
mod tests {
    use super::super::fabricated;
    use super::*;

    fn test(measured: f64, simulated: f64, cv: f64) -> Configured {
        let mut test = fabricated::gateway().tests.swap_remove(0);
        test.measured.quantiles = vec![(0.1, measured), (0.99, 0.5)];
        test.simulated.quantiles = vec![simulated, 5.0];
        test.errors.quantiles = vec![(0.1, simulated / measured - 1.0), (0.99, 9.0)];
        let mean = SimDuration::from_ms(30.0);
        test.measured.backend = Some(BackendTimes { mean, cv });
        test
    }

    #[test]
    fn short_times_that_are_far_off_are_said() {
        let said = text(&[test(0.018, 0.0305, 0.0), test(0.018, 0.01, 0.5)], 200);
        assert_eq!(
            said,
            "p10 of `passthrough` with 50 users comes out at 30.5 ms, measured 18 ms: does its backend \
             always take as long? state how much it varies, or leave it out to have it fitted\n\
             p10 of `passthrough` with 50 users comes out at 10 ms, measured 18 ms: something varies \
             that is not in the profile"
        );
    }

    #[test]
    fn an_operation_quicker_than_its_backend_is_asked_whether_it_calls_it() {
        let mut quick = test(0.001, 0.0149, 0.5);
        // A lognormal law of 30 ms with a cv of 0.5 has a median of 26.83 ms.
        quick.measured.quantiles.insert(1, (0.5, 0.0268));
        quick.simulated.quantiles.insert(1, 0.03);
        quick.errors.quantiles.insert(1, (0.5, 0.0));
        let asked = "does it call this backend at all?";
        assert!(text(std::slice::from_ref(&quick), 200).contains(asked));
        quick.measured.quantiles[1].1 = 0.0269;
        assert!(!text(&[quick], 200).contains(asked));
    }

    #[test]
    fn what_is_near_or_within_two_milliseconds_or_a_tail_is_not() {
        assert_eq!(text(&[test(0.018, 0.022, 0.0), test(0.002, 0.0035, 0.0)], 200), "");
    }
}
