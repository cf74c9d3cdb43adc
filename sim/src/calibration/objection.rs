//! What speaks against relying on a fitted profile.

use std::fmt;

use super::{Calibration, DETERMINED};

/// A throughput that comes out further off than this, as a share, is none that a node of the profile has:
/// repeats of WSO2's own tests scatter by 6 %.
pub const MOST_OFF: f64 = 0.1;

/// A reason not to rely on a fitted profile.
#[derive(Clone, Debug, PartialEq)]
pub enum Objection {
    /// The throughput of a test that it was fitted to is more than [`MOST_OFF`] off.
    Throughput {
        /// Where the test comes from.
        origin: String,
        /// Its operation.
        operation: String,
        /// Simulated ÷ measured - 1.
        error: f64,
    },
    /// The measurements leave open more than [`DETERMINED`] of every demand.
    Undetermined {
        /// The demands that were fitted.
        demands: Vec<String>,
        /// What they cannot be told apart from.
        tied_to: Vec<String>,
    },
}

impl Calibration {
    /// Everything that speaks against relying on the profile; nothing where nothing does.
    pub fn objections(&self) -> Vec<Objection> {
        let off = self.tests.iter().filter_map(|test| {
            let error =
                test.errors.throughput.filter(|error| error.is_nan() || error.abs() > MOST_OFF)?;
            let (origin, operation) = (&test.measured.origin, &test.measured.operation);
            Some(Objection::Throughput {
                origin: origin.clone(),
                operation: operation.clone(),
                error,
            })
        });
        let mut found: Vec<Objection> = off.collect();
        let demands = || {
            let is_demand = |name: &str| {
                let key = name.rsplit('.').next();
                name.starts_with("demand.") && matches!(key, Some("mean" | "per_kib"))
            };
            self.parameters.iter().filter(move |parameter| is_demand(&parameter.name))
        };
        if !demands().any(|demand| demand.uncertainty <= DETERMINED) {
            let mut tied_to: Vec<String> =
                demands().flat_map(|demand| demand.tied_to.iter().cloned()).collect();
            tied_to.sort();
            tied_to.dedup();
            let demands = demands().map(|demand| demand.name.clone()).collect();
            found.push(Objection::Undetermined { demands, tied_to });
        }
        found
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throughput { origin, operation, error } => write!(
                formatter,
                "{origin} (`{operation}`): the throughput comes out {:+.0} % off, more than {} %",
                error * 100.0,
                MOST_OFF * 100.0
            ),
            Self::Undetermined { demands, tied_to } => {
                let listed = |names: &[String]| {
                    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                    names.join(", ")
                };
                write!(
                    formatter,
                    "no demand is determined: the measurements leave open more than {} % of {}",
                    DETERMINED * 100.0,
                    if demands.is_empty() { "all".to_owned() } else { listed(demands) }
                )?;
                if tied_to.is_empty() {
                    return Ok(());
                }
                write!(formatter, ", which they cannot tell from {}", listed(tied_to))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Configured, Errors, Fitted, Outcome};
    use super::*;
    use crate::deployment::Profile;
    use crate::measurement::fabricated::measurement;

    fn fitted(name: &str, uncertainty: f64, tied_to: &[&str]) -> Fitted {
        let tied_to = tied_to.iter().map(|&name| name.to_owned()).collect();
        Fitted { name: name.to_owned(), unit: "ms", value: 1.0, start: 1.0, uncertainty, tied_to }
    }

    fn calibration(errors: &[f64], parameters: Vec<Fitted>) -> Calibration {
        let simulated = Outcome {
            throughput: 1.0,
            mean: 1.0,
            quantiles: Vec::new(),
            gc_share: 0.0,
            silences: None,
        };
        let test = |error: &f64| Configured {
            measured: measurement(),
            simulated: simulated.clone(),
            errors: Errors {
                throughput: Some(*error),
                mean: None,
                quantiles: Vec::new(),
                gc_share: None,
            },
        };
        Calibration {
            profile: Profile::plain("node", 2.0),
            parameters,
            tests: errors.iter().map(test).collect(),
            held_back: Vec::new(),
            pauses_left_out: false,
        }
    }

    #[test]
    fn a_throughput_more_than_a_tenth_off_either_way_speaks_against_a_profile() {
        let known = || vec![fitted("demand.x.mean", 0.02, &[])];
        assert_eq!(calibration(&[0.09, -0.1], known()).objections(), []);
        let found = calibration(&[0.02, 0.11, -0.12, f64::NAN], known()).objections();
        let said: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(
            said[0],
            "test.csv:2 (`passthrough`): the throughput comes out +11 % off, more than 10 %"
        );
        assert!(said[1].contains("-12 % off") && said.len() == 3, "{said:?}");
    }

    #[test]
    fn a_profile_of_which_no_demand_is_determined_is_none() {
        let one = fitted("demand.x.mean", 0.2, &[]);
        let open = || fitted("demand.y.mean", 0.4, &["hop"]);
        let other = || fitted("demand.z.per_kib", f64::NAN, &["hop", "gc.pause"]);
        let hop = || fitted("hop", 0.01, &["demand.y.mean"]);
        assert_eq!(calibration(&[0.0], vec![one, open(), hop()]).objections(), []);
        let found = calibration(&[0.0], vec![open(), other(), hop()]).objections();
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].to_string(),
            "no demand is determined: the measurements leave open more than 30 % of `demand.y.mean`, \
             `demand.z.per_kib`, which they cannot tell from `gc.pause`, `hop`"
        );
        assert_eq!(calibration(&[0.0], Vec::new()).objections().len(), 1);
    }
}
