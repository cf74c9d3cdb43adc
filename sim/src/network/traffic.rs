//! What flows bring to the clusters at given rates, by mean values alone.

use super::{DEPTHS, Need, Network, Pool, Step};

impl Network {
    /// Demand that the flows bring to a cluster, in cores, from the mean rates of open flows in
    /// requests per second: `rates` has one entry per flow.
    pub fn offered_load(&self, cluster: usize, rates: &[f64]) -> f64 {
        self.visits(cluster, rates).map(|(rate, seconds)| rate * seconds).sum()
    }

    /// Cores of a cluster that its pauses and stalls keep from work, while nothing waits.
    pub fn stopped_load(&self, cluster: usize, rates: &[f64]) -> f64 {
        let station = &self.clusters[cluster];
        let visits = self.walk(cluster, rates);
        let allocates: f64 = visits.map(|(rate, _, allocates)| rate * allocates).sum();
        let pauses = station.gc.map_or(0.0, |gc| {
            let per_second =
                (allocates + gc.budget.background_mib()) / gc.budget.calm(station.cores);
            let full = gc.full.map_or(0.0, |full| 1.0 / full.every);
            let full_pause = station.full_pause.mean_nanos * 1e-9;
            per_second * ((1.0 - full) * gc.pause.as_seconds() + full * full_pause)
        });
        let work = self.offered_load(cluster, rates);
        let stalls = station
            .stalls
            .map_or(0.0, |stalls| work / stalls.every.as_seconds() * stalls.pause.as_seconds());
        (pauses + stalls) * station.cores
    }

    /// Share of a flow's requests that go through a cluster before they are answered.
    pub fn share_through(&self, flow: usize, cluster: usize) -> f64 {
        let entries = self.route(self.flows[flow].first_step).filter(
            |(_, step)| matches!(step, Step::Enter { cluster: to, .. } if usize::from(*to) == cluster),
        );
        entries.map(|(share, _)| share).fold(0.0, f64::max)
    }

    /// How many nodes of a cluster an event of a flow is sent to, of which the sender may be one: all others or, where
    /// each counts a part, one.
    pub(crate) fn copies(&self, flow: usize, cluster: usize, counts: bool, own: bool) -> usize {
        let limit = self.flows[flow].throttle.and_then(|throttle| throttle.limit);
        let told = match limit.and_then(|limit| limit.sync) {
            Some(_) if counts => 1,
            _ => self.clusters[cluster].nodes,
        };
        told - usize::from(own)
    }

    /// The steps of a route up to its end, each with the share of requests that takes it.
    pub(crate) fn route(&self, first_step: u16) -> impl Iterator<Item = (f64, &Step)> {
        let (mut share, mut until) = (1.0, 0);
        let steps = self.steps[usize::from(first_step)..].iter().zip(usize::from(first_step)..);
        let route = steps.take_while(|(step, _)| !matches!(step, Step::Answer | Step::Discard));
        route.map(move |(step, index)| {
            if index >= until {
                share = 1.0;
            }
            if let Some((taken, to)) = step.skips() {
                (share, until) = (taken, usize::from(to));
            }
            (share, step)
        })
    }

    fn visits(&self, cluster: usize, rates: &[f64]) -> impl Iterator<Item = (f64, f64)> {
        self.walk(cluster, rates).map(|(rate, seconds, _)| (rate, seconds))
    }

    /// Calls to the database of a cluster that the flows keep under way at once, on average (Little's
    /// law), while none waits.
    pub fn database_calls(&self, cluster: usize, rates: &[f64]) -> f64 {
        let under_way = self.passed(rates).into_iter().map(|passed| match passed.step {
            Step::Delay { delay, need: Need::DATABASE } if passed.database_of == Some(cluster) => {
                passed.rate * delay.mean_nanos * 1e-9
            }
            _ => 0.0,
        });
        under_way.sum()
    }

    /// Work that the flows bring to a cluster: rate, mean seconds, and what it allocates.
    fn walk(&self, cluster: usize, rates: &[f64]) -> impl Iterator<Item = (f64, f64, f64)> {
        self.passed(rates).into_iter().filter_map(move |passed| match passed.step {
            Step::Work { depth, burst, first, end, allocates, .. }
                if passed.at[depth] == Some(cluster) =>
            {
                let bursts = f64::from(end - first);
                Some((passed.rate, burst.mean_nanos * 1e-9 * bursts, allocates * bursts))
            }
            Step::Publish { cluster: to, first_step, counts } if usize::from(to) == cluster => {
                let own = passed.at[0] == Some(cluster);
                let copies = self.copies(passed.flow, cluster, counts, own) as f64;
                let seconds = mean_work(&self.steps[usize::from(first_step)..]);
                Some((passed.rate * copies, seconds, 0.0))
            }
            _ => None,
        })
    }

    /// The steps that the requests of all flows pass, at rates in requests per second.
    fn passed(&self, rates: &[f64]) -> Vec<Passed> {
        let mut all = Vec::new();
        for (flow, (source, rate)) in self.flows.iter().zip(rates).enumerate() {
            let (mut at, mut database_of) = ([None; DEPTHS], None);
            for (share, step) in self.route(source.first_step) {
                match *step {
                    Step::Enter { cluster, depth, .. } => at[depth] = Some(usize::from(cluster)),
                    Step::Connect { depth, pool: Pool::Database } => database_of = at[depth],
                    _ => {}
                }
                all.push(Passed { step: *step, rate: rate * share, at, database_of, flow });
            }
        }
        all
    }
}

/// A step that requests of a flow pass.
struct Passed {
    step: Step,
    /// Requests per second that pass it.
    rate: f64,
    /// The clusters, by depth.
    at: [Option<usize>; DEPTHS],
    /// The cluster whose database is called.
    database_of: Option<usize>,
    flow: usize,
}

/// Mean work of the first step that is work, in seconds.
fn mean_work(route: &[Step]) -> f64 {
    let work = route.iter().find_map(|step| match step {
        Step::Work { burst, .. } => Some(burst.mean_nanos * 1e-9),
        _ => None,
    });
    work.unwrap_or(0.0)
}
