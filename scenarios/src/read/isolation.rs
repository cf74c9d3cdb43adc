//! `[isolation]`: how well tenants are kept apart.

use sim::deployment::{Arrivals, Flow};
use sim::scenario::Isolation;

use crate::document::Item;
use crate::quantity::shown;
use crate::read::arrivals::MOST_USERS;
use crate::read::names::suggestion;
use crate::read::section::{Context, Section};

/// The keys of `[isolation]`.
pub(crate) const KEYS: &[&str] = &["noisy", "factor"];

/// No tenant comes more often than so many times as often.
const MOST: f64 = 1000.0;

/// What is asked; `flows` are all that could be read.
pub(crate) fn read(context: Context<'_>, item: &Item, flows: &[Flow]) -> Option<Isolation> {
    let section = Section::open(context, item, KEYS)?;
    let noisy = section.need("noisy", "\"acme\", the tenant that comes more often");
    let factor = section.get("factor").map(|item| context.number(item, 1.0, MOST));
    let noisy = noisy.and_then(|item| tenant(context, item, flows))?;
    let sharing = flows.iter().find(|flow| match flow.arrivals {
        Arrivals::OfUsers { flow: owner, .. } => flows[owner].tenant != flow.tenant,
        _ => false,
    });
    if let Some(flow) = sharing {
        let what = format!("the users of `{}` are another tenant's", shown(&flow.name));
        let help =
            "who is alone or noisy is a tenant with all its users; give both flows one tenant";
        context.log.problem(item.place, what, help);
    }
    let factor = factor.unwrap_or(Some(Isolation::FACTOR))?;
    let are_many = |flow: &&Flow| match flow.arrivals {
        Arrivals::Closed { users, .. } => {
            flow.tenant == noisy && f64::from(users) * factor > MOST_USERS as f64
        }
        _ => false,
    };
    if let Some(flow) = flows.iter().find(are_many) {
        let what = format!("`{}` would have too many users", shown(&flow.name));
        context.log.problem(item.place, what, format!("there are at most {MOST_USERS}"));
    }
    Some(Isolation { noisy, factor })
}

/// The tenant that is noisy, which is not the only one.
fn tenant(context: Context<'_>, item: &Item, flows: &[Flow]) -> Option<String> {
    let name = context.name(item)?;
    let mut tenants: Vec<&str> = flows.iter().map(|flow| flow.tenant.as_str()).collect();
    tenants.sort_unstable();
    tenants.dedup();
    if !tenants.contains(&name.as_str()) {
        let what = format!("no flow is of tenant `{}`", shown(&name));
        context.log.problem(item.place, what, suggestion(&name, &tenants));
        return None;
    }
    if tenants.len() == 1 {
        let help = "give flows a `tenant` of their own, or leave [isolation] out";
        context.log.problem(item.place, "there is no other tenant to disturb", help);
        return None;
    }
    Some(name)
}
