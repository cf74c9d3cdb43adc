//! Whether the heap of a node would hold what was in flight on it. The simulation goes on where a real
//! node would have died, so its figures must not be believed there.

use super::sample::Sample;
use crate::deployment::{AllocationBudget, Bursts, Cluster, Deployment};

/// What each cluster needed more memory for than its nodes have, in words; for those alone whose
/// profiles state a heap and buffers.
pub(super) fn shortages(
    deployment: &Deployment,
    sample: &Sample<'_>,
    situation: usize,
) -> Vec<String> {
    let clusters = deployment.clusters.iter().enumerate();
    let shortages = clusters.filter_map(|(index, cluster)| {
        shortage(cluster, sample.cluster(situation, index).peak_in_flight())
    });
    shortages.collect()
}

/// Each request in flight keeps an I/O buffer at least: wso2-synapse, `transports/core/nhttp`, package
/// `passthru`, reads what arrives into a `Pipe` of one buffer (`io_buffer_size`).
fn shortage(cluster: &Cluster, in_flight: u32) -> Option<String> {
    let Bursts::Reactor { buffer_kib } = cluster.profile.bursts else { return None };
    let AllocationBudget::Young { heap_mib, resident_mib, .. } = cluster.profile.gc?.budget else {
        return None;
    };
    let held_mib = f64::from(in_flight) * buffer_kib / 1024.0;
    let free_mib = heap_mib - resident_mib;
    (held_mib > free_mib).then(|| {
        format!(
            "cluster `{}`: up to {in_flight} requests were in flight on a node; their buffers alone \
             take {held_mib:.0} MiB where {free_mib:.0} MiB of the heap are free, so the node would \
             have run out of memory: what it carries is not to be relied on; bound what waits with \
             `queue`",
            cluster.name
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::{Balancing, GarbageCollection, HealthCheck, Policy, Profile};
    use crate::time::SimDuration;

    fn gateway(bursts: Bursts) -> Cluster {
        let budget = AllocationBudget::Young {
            heap_mib: 2048.0,
            resident_mib: 248.0,
            share: 0.6,
            background_mib: 0.0,
        };
        let gc = GarbageCollection {
            budget,
            pause: SimDuration::from_ms(20.0),
            cv: 0.0,
            per_in_flight: SimDuration::ZERO,
            per_live_mib: SimDuration::ZERO,
            full: None,
            threads: None,
        };
        Cluster {
            name: "gateway".to_owned(),
            roles: Vec::new(),
            tenant: None,
            nodes: 2,
            zones: 1,
            restart: None,
            profile: Profile { bursts, gc: Some(gc), ..Profile::plain("gateway", 2.0) },
            balancing: Balancing::plain(Policy::RoundRobin, HealthCheck::Perfect),
        }
    }

    #[test]
    fn a_node_runs_out_of_memory_where_its_buffers_do_not_fit_into_the_heap() {
        let reactor = gateway(Bursts::Reactor { buffer_kib: 16.0 });
        // 1800 MiB hold 115 200 buffers of 16 KiB.
        assert_eq!(shortage(&reactor, 115_200), None);
        let note = shortage(&reactor, 128_000).expect("2000 MiB are too much");
        for word in ["`gateway`", "128000 requests", "2000 MiB", "1800 MiB", "`queue`"] {
            assert!(note.contains(word), "{word}: {note}");
        }
    }

    #[test]
    fn nothing_is_said_where_no_heap_or_buffer_is_stated() {
        assert_eq!(shortage(&gateway(Bursts::Equal(4)), u32::MAX), None);
        let mut without = gateway(Bursts::Reactor { buffer_kib: 16.0 });
        without.profile.gc = None;
        assert_eq!(shortage(&without, u32::MAX), None);
    }
}
