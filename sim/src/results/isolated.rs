//! How well tenants are kept apart, from what was seen of each alone, of all together, and of all while one
//! is noisy.

use super::differences::{compared, distinguish};
use super::sample::Sample;
use super::{Company, Difference, Distinction, IsolatedFlow, IsolationResult};
use crate::quantity::Quantity;
use crate::scenario::Scenario;
use crate::study::{Design, Kind};

/// What every flow of every deployment gets; none where it is not asked for.
pub(super) fn isolation(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
) -> Option<IsolationResult> {
    let asked = scenario.isolation.as_ref()?;
    let deployments = 0..scenario.deployments.len();
    let all = deployments
        .flat_map(|deployment| (0..scenario.flows.len()).map(move |flow| (deployment, flow)));
    let one = |(deployment, flow)| isolated(scenario, design, sample, deployment, flow);
    let mut flows: Vec<IsolatedFlow> = all.filter_map(one).collect();
    // Of all that is said at once, little shall be said by chance.
    let mut harm: Vec<Difference> =
        flows.iter_mut().flat_map(|flow| std::mem::take(&mut flow.harm)).collect();
    distinguish(&mut harm, scenario.run.confidence, sample.replications());
    for difference in harm {
        let is_its = |flow: &&mut IsolatedFlow| {
            (&flow.deployment, &flow.flow) == (&difference.deployment, &difference.flow)
        };
        if let Some(flow) = flows.iter_mut().find(is_its) {
            flow.harm.push(difference);
        }
    }
    Some(IsolationResult { noisy: asked.noisy.clone(), factor: asked.factor, flows })
}

fn isolated(
    scenario: &Scenario,
    design: &Design,
    sample: &Sample<'_>,
    deployment: usize,
    index: usize,
) -> Option<IsolatedFlow> {
    let flow = &scenario.flows[index];
    let own = scenario.tenants().iter().position(|tenant| *tenant == flow.tenant)?;
    let situation = |kind: Kind| {
        let mut situations = design.situations.iter();
        situations.position(|one| one.deployment == deployment && one.kind == kind)
    };
    let [alone, together, noisy] =
        [situation(Kind::Alone(own))?, situation(Kind::Whole)?, situation(Kind::Noisy)?]
            .map(|situation| sample.flow(situation, index));
    let is_noisy = scenario.isolation.as_ref().is_some_and(|asked| asked.noisy == flow.tenant);
    let harm = if is_noisy {
        Vec::new()
    } else {
        let goals = scenario.goals_of(index);
        compared(scenario, &goals, sample.window_seconds(), &noisy, &together)
    };
    let name = &scenario.deployments[deployment].name;
    let harm = harm.into_iter().filter(|(quantity, ..)| *quantity != Quantity::Throughput);
    Some(IsolatedFlow {
        deployment: name.clone(),
        flow: flow.name.clone(),
        tenant: flow.tenant.clone(),
        found: [alone, together, noisy].map(|seen| {
            IsolatedFlow::SHOWN.map(|of| (of, of.of_flow(&seen))).into_iter().collect()
        }),
        harm: harm
            .map(|(quantity, difference, least)| Difference {
                deployment: name.clone(),
                baseline: Company::Together.name().to_owned(),
                flow: flow.name.clone(),
                tenant: flow.tenant.clone(),
                quantity,
                difference,
                least,
                p_value: 1.0,
                distinction: Distinction::Unknown,
            })
            .collect(),
    })
}
