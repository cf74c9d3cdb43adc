//! Users who send the requests of several flows.

use sim::deployment::Arrivals;

use crate::quantity::shown;
use crate::read::routes::{PlacedFlow, pointed};
use crate::read::section::Context;

/// Notes flows of users whom nobody has, and those that leave the users' own flow no request; whether there
/// are none.
pub(crate) fn check(context: Context<'_>, flows: &[PlacedFlow<'_>]) -> bool {
    let mut taken = vec![0.0; flows.len()];
    let mut is_right = true;
    for placed in flows {
        let Arrivals::OfUsers { flow: owner, share } = placed.flow.arrivals else { continue };
        taken[owner] += share;
        let name = shown(&flows[owner].flow.name);
        let what = match flows[owner].flow.arrivals {
            Arrivals::Closed { .. } if taken[owner] < 1.0 => continue,
            Arrivals::Closed { .. } => format!("`{name}` has no request left for itself"),
            _ => format!("`{name}` has no users"),
        };
        let help = "the flow that has the users is `closed`, and the shares of the others add up to less \
                    than 100 %";
        context.log.problem(pointed(placed, &["arrivals"]), what, help);
        is_right = false;
    }
    is_right
}
