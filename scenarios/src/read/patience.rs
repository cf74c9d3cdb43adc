//! Whether what may wait on a full node is answered before its clients give up.

use sim::deployment::{Arrivals, Flow};
use sim::network::Network;
use sim::time::SimDuration;

use crate::document::toml_key;
use crate::problems::Advice;
use crate::read::deployment::PlacedDeployment;
use crate::read::limits;
use crate::read::section::Context;

/// Advises on each cluster whose workers and queue, at what a node can do, take longer than the clients of a
/// flow wait: once it is full, it works for clients that have left, and goes on so as long as they return.
pub(crate) fn check(
    context: Context<'_>,
    placed: &PlacedDeployment,
    network: &Network,
    flows: &[Flow],
    window: SimDuration,
) {
    let leaves_work = |flow: &Flow| flow.timeout.is_some() && !flow.timeout_cancels;
    if !flows.iter().any(leaves_work) {
        return;
    }
    let rates = rates(flows, window);
    for (index, cluster) in placed.deployment.clusters.iter().enumerate() {
        let Some(capacity) = capacity(network, index, &rates) else { continue };
        let through = flows.iter().enumerate().filter(|(flow, _)| {
            leaves_work(&flows[*flow]) && network.share_through(*flow, index) > 0.0
        });
        let timeouts = through.filter_map(|(_, flow)| Some((flow.timeout?, flow)));
        let Some((timeout, flow)) = timeouts.min_by_key(|(timeout, _)| *timeout) else { continue };
        let answered = capacity * timeout.as_seconds();
        let (workers, queue) = (cluster.profile.workers, cluster.profile.queue);
        let places = f64::from(workers) + queue.map_or(f64::INFINITY, f64::from);
        if places <= answered {
            continue;
        }
        let place = placed.clusters.get(index).copied().unwrap_or(placed.place);
        let full = match queue {
            None => "lets any number wait for its".to_owned(),
            Some(queue) => format!(
                "takes {} to answer a queue of {queue} and",
                SimDuration::from_seconds((10.0 * places / capacity).round() / 10.0)
            ),
        };
        let whom = format!("`{}` of `{}`", cluster.name, placed.deployment.name);
        let what = format!(
            "{whom} {full} {workers} workers, and `{}` waits no longer than {timeout}: a full node goes on for \
             clients that have left",
            flow.name
        );
        let help = help(&cluster.profile.name, workers, answered);
        let about = cluster.profile.name.clone();
        context.log.advise(Advice { about, whom, reserve: answered, place, what, help });
    }
}

/// The rate of each flow, of closed ones about, requests per second.
fn rates(flows: &[Flow], window: SimDuration) -> Vec<f64> {
    let about = |flow: &Flow| match flow.arrivals {
        Arrivals::OfUsers { flow: users, share } => share * limits::arrivals(&flows[users], 1.0),
        _ => flow.arrivals.mean_rate(window).unwrap_or_else(|| limits::arrivals(flow, 1.0)),
    };
    flows.iter().map(about).collect()
}

/// Requests that a node of a cluster answers in a second when it is busy all the time; none where they cost
/// it nothing.
fn capacity(network: &Network, cluster: usize, rates: &[f64]) -> Option<f64> {
    let shares =
        rates.iter().enumerate().map(|(flow, rate)| rate * network.share_through(flow, cluster));
    let answered: f64 = shares.sum();
    let load = network.offered_load(cluster, rates) + network.stopped_load(cluster, rates);
    (answered > 0.0 && load > 0.0).then(|| network.clusters[cluster].cores * answered / load)
}

/// What would be right where so many are answered within the timeout.
fn help(profile: &str, workers: u32, answered: f64) -> String {
    // Down to two digits: no more is known of a capacity.
    let digits = 10_f64.powf((answered.max(1.0).log10().floor() - 1.0).max(0.0));
    let most = (answered / digits).floor() * digits;
    let queue = most - f64::from(workers);
    if queue >= 1.0 {
        format!("write profile.{}.queue = {queue} or less", toml_key(profile))
    } else {
        let workers = most.clamp(1.0, f64::from(workers));
        format!("write profile.{}.workers = {workers} or less, and queue = 0", toml_key(profile))
    }
}
