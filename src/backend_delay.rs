//! `--backend-delay`: how long a backend takes, of all operations or of one.

use sim::measurement::BackendTimes;

/// What was typed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BackendDelay {
    /// The operation whose backend it is; none for all that are not named.
    pub(crate) operation: Option<String>,
    /// How long it takes.
    pub(crate) times: BackendTimes,
}

/// Largest cv: what it would mean beyond is no delay.
const MOST_CV: f64 = 10.0;

const HELP: &str = "write it like \"30 ms\", \"30 ms cv 0.5\" or \"GET /orders=30 ms cv 0.5\"";

/// Reads `30 ms`, `30 ms cv 0.5`, `GET /orders=30 ms cv 0.5`. A name may hold `=`; what stands after the
/// last is the delay.
pub(crate) fn parse(text: &str) -> Result<BackendDelay, String> {
    let (operation, delay) = match text.rsplit_once('=') {
        Some((name, delay)) if !name.trim().is_empty() => (Some(name.trim().to_owned()), delay),
        Some(_) => return Err(format!("no operation is named before `=`; {HELP}")),
        None => (None, text),
    };
    let (mean, cv) = match delay.split_once("cv") {
        Some((mean, cv)) => (mean, parse_cv(cv.trim())?),
        None => (delay, 0.0),
    };
    let mean = scenarios::duration(mean.trim()).map_err(|error| format!("{error}; {HELP}"))?;
    Ok(BackendDelay { operation, times: BackendTimes { mean, cv } })
}

fn parse_cv(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(cv) if (0.0..=MOST_CV).contains(&cv) => Ok(cv),
        _ => Err(format!("`{text}` is no cv, a number from 0 to {MOST_CV}; {HELP}")),
    }
}

#[cfg(test)]
mod tests {
    use sim::time::SimDuration;

    use super::*;

    #[test]
    fn a_delay_has_a_mean_may_vary_and_may_be_of_one_operation() {
        let of = |operation: Option<&str>, ms, cv| {
            let times = BackendTimes { mean: SimDuration::from_ms(ms), cv };
            Ok(BackendDelay { operation: operation.map(str::to_owned), times })
        };
        assert_eq!(parse("0 ms"), of(None, 0.0, 0.0));
        assert_eq!(parse("30 ms cv 0.5"), of(None, 30.0, 0.5));
        assert_eq!(parse("GET /health=0 ms"), of(Some("GET /health"), 0.0, 0.0));
        assert_eq!(parse("GET /a?b=c = 1.5 s cv 2"), of(Some("GET /a?b=c"), 1500.0, 2.0));
    }

    #[test]
    fn what_is_no_delay_is_refused_with_what_would_be_one() {
        for (text, said) in [
            ("30", "30"),
            ("=30 ms", "no operation is named"),
            ("30 ms cv", "`` is no cv"),
            ("30 ms cv -1", "`-1` is no cv"),
            ("GET /orders=", "GET /orders=30 ms cv 0.5"),
        ] {
            let error = parse(text).expect_err(text);
            assert!(error.contains(said) && error.contains(HELP), "{text}: {error}");
        }
    }
}
