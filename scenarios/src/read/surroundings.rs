//! What a deployment is read against: the profiles, and the tenants of the flows.

use std::collections::BTreeSet;

use crate::document::Place;
use crate::quantity::shown;
use crate::read::names::suggestion;
use crate::read::profiles::Profiles;
use crate::read::section::Context;

/// What reading a deployment needs besides its own table.
pub(crate) struct Surroundings<'a> {
    /// All profiles.
    pub(crate) profiles: &'a Profiles<'a>,
    /// The tenants of the flows.
    pub(crate) tenants: &'a BTreeSet<String>,
}

impl Surroundings<'_> {
    /// Whether a flow has that tenant; notes where none has.
    pub(crate) fn knows(&self, context: Context<'_>, place: Place, tenant: &str) -> bool {
        let known: Vec<_> = self.tenants.iter().map(String::as_str).collect();
        // Where no flow could be read, there is nothing to compare with.
        if known.is_empty() || known.contains(&tenant) {
            return true;
        }
        let what = format!("no flow has the tenant `{}`", shown(tenant));
        context.log.problem(place, what, suggestion(tenant, &known));
        false
    }
}
