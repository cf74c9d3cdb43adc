//! A parameter, and what the data leave open of it.

/// A parameter after the fit.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// As a scenario file writes it.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: &'static str,
    /// Its value.
    pub value: f64,
    /// Its value before.
    pub start: f64,
    /// Standard error, as a share of the value: what the data leave open of it.
    pub uncertainty: f64,
    /// Other parameters that the data cannot tell apart from this one.
    pub tied_to: Vec<String>,
}
