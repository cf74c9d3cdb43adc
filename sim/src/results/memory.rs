//! Whether a node would hold what was in flight on it. The simulation goes on where a real node would have
//! died, so its figures must not be believed there.

use super::overload::Overloaded;
use super::sample::Sample;
use crate::deployment::{Bursts, Cluster, Deployment, Generations};

/// What each cluster held that its nodes could not have held, in words: more than their heap where profiles
/// state a heap and buffers, or ever more in a queue without an end.
pub(super) fn shortages(
    deployment: &Deployment,
    sample: &Sample<'_>,
    situation: usize,
    overloaded: &[Overloaded],
) -> Vec<String> {
    let clusters = deployment.clusters.iter().enumerate();
    let shortages = clusters.filter_map(|(index, cluster)| {
        let is_overloaded = overloaded.iter().any(|overloaded| overloaded.cluster == index);
        shortage(cluster, sample.cluster(situation, index).peak_in_flight(), is_overloaded)
    });
    shortages.collect()
}

fn shortage(cluster: &Cluster, in_flight: u32, is_overloaded: bool) -> Option<String> {
    let profile = &cluster.profile;
    let is_endless = profile.queue.is_none() && is_overloaded && in_flight > profile.workers;
    let buffers = buffers(cluster, in_flight);
    let why = match &buffers {
        Some(buffers) => buffers.clone(),
        None if is_endless => format!(
            "any number may wait for its {} workers, where a real node ends at its memory, its \
             connections or the patience of its clients",
            profile.workers
        ),
        None => return None,
    };
    let cure = match profile.queue {
        None => format!("no `queue` is stated in profile `{}`: state one", profile.name),
        Some(queue) => format!("let fewer than {queue} wait (`queue`)"),
    };
    Some(format!(
        "cluster `{}`: up to {in_flight} requests were in flight on a node; {why}: what it carries is not \
         to be relied on; {cure}",
        cluster.name
    ))
}

/// Each request in flight keeps an I/O buffer at least: wso2-synapse, `transports/core/nhttp`, package
/// `passthru`, reads what arrives into a `Pipe` of one buffer (`io_buffer_size`). None where they fit.
fn buffers(cluster: &Cluster, in_flight: u32) -> Option<String> {
    let Bursts::Reactor { buffer_kib } = cluster.profile.bursts else { return None };
    let gc = cluster.profile.gc?;
    let Generations { heap_mib, resident_mib, .. } = *gc.heap()?;
    let held_mib = f64::from(in_flight) * buffer_kib / 1024.0;
    let free_mib = heap_mib - resident_mib;
    (held_mib > free_mib).then(|| {
        format!(
            "their buffers alone take {held_mib:.0} MiB where {free_mib:.0} MiB of the heap are free, so \
             that it would have run out of memory"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{AllocationBudget, GarbageCollection, Profile};
    use crate::time::SimDuration;

    fn gateway(bursts: Bursts) -> Cluster {
        let heap = Generations { resident_mib: 248.0, ..Generations::of(2048.0) };
        let budget = AllocationBudget::Young(heap);
        let gc = GarbageCollection {
            budget,
            pause: SimDuration::from_ms(20.0),
            cv: 0.0,
            per_in_flight: SimDuration::ZERO,
            full: None,
            threads: None,
        };
        Cluster {
            nodes: 2,
            ..Cluster::plain(
                "gateway",
                &[],
                Profile { bursts, gc: Some(gc), ..Profile::plain("gateway", 2.0) },
            )
        }
    }

    #[test]
    fn a_node_runs_out_of_memory_where_its_buffers_do_not_fit_into_the_heap() {
        let reactor = gateway(Bursts::Reactor { buffer_kib: 16.0 });
        // 1800 MiB hold 115 200 buffers of 16 KiB.
        assert_eq!(shortage(&reactor, 115_200, false), None);
        let note = shortage(&reactor, 128_000, false).expect("2000 MiB are too much");
        for word in ["`gateway`", "128000 requests", "2000 MiB", "1800 MiB", "`queue`"] {
            assert!(note.contains(word), "{word}: {note}");
        }
    }

    #[test]
    fn nothing_is_said_where_no_heap_or_buffer_is_stated() {
        assert_eq!(shortage(&gateway(Bursts::Equal(4)), u32::MAX, false), None);
        let mut without = gateway(Bursts::Reactor { buffer_kib: 16.0 });
        without.profile.gc = None;
        assert_eq!(shortage(&without, u32::MAX, false), None);
    }

    #[test]
    fn a_queue_without_an_end_is_named_where_it_only_grows_and_the_key_that_bounds_it() {
        let mut node = gateway(Bursts::Equal(4));
        node.profile.workers = 400;
        let note = shortage(&node, 5000, true).expect("nothing bounds it");
        for word in ["`gateway`", "5000 requests", "its 400 workers", "no `queue` is stated"] {
            assert!(note.contains(word), "{word}: {note}");
        }
        // None waits for a worker, the backlog will be made up for, or it has an end.
        assert_eq!(shortage(&node, 400, true), None);
        assert_eq!(shortage(&node, 5000, false), None);
        node.profile.queue = Some(10_000);
        assert_eq!(shortage(&node, 5000, true), None);
    }
}
