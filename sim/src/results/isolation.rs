//! How well tenants are kept apart.

use crate::quantity::{Estimates, Quantity};
use crate::results::Difference;

/// What the flows of every tenant get alone, together with the others, and while one tenant is noisy.
#[derive(Clone, Debug)]
pub struct IsolationResult {
    /// The tenant that is noisy.
    pub noisy: String,
    /// How many times as often its requests come then.
    pub factor: f64,
    /// Every flow through every deployment, in the order of the scenario.
    pub flows: Vec<IsolatedFlow>,
}

/// A flow through a deployment.
#[derive(Clone, Debug)]
pub struct IsolatedFlow {
    /// The deployment.
    pub deployment: String,
    /// The flow.
    pub flow: String,
    /// Its tenant.
    pub tenant: String,
    /// What was found of each of [`Self::SHOWN`], in each of [`Company::ALL`].
    pub found: [Estimates; 3],
    /// What the noise changes in it: p99 and share of errors with the noisy tenant less those together, of
    /// which `baseline` is the word. None of the flows of the noisy tenant, whose own load is another then.
    pub harm: Vec<Difference>,
}

/// Whose requests come beside those of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Company {
    /// Only those of its own tenant.
    Alone,
    /// Those of all tenants.
    Together,
    /// Those of all tenants, and those of one of them more often.
    Noisy,
}

impl Company {
    /// Every company with its name, in the order in which they are shown.
    pub const ALL: [(Self, &'static str); 3] =
        [(Self::Alone, "alone"), (Self::Together, "together"), (Self::Noisy, "noisy")];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(company, _)| *company == self).map_or("", |(_, name)| name)
    }
}

impl IsolatedFlow {
    /// What is shown of a flow in each company.
    pub const SHOWN: [Quantity; 6] = [
        Quantity::Offered,
        Quantity::Throughput,
        Quantity::ErrorRate,
        Quantity::Availability,
        Quantity::MEAN,
        Quantity::P99,
    ];

    /// What was found in a company.
    pub fn of(&self, company: Company) -> &Estimates {
        &self.found[company as usize]
    }
}
