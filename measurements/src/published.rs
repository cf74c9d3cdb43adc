//! What WSO2 has published of its own products, in families whose members differ in nothing that
//! matters for the time they take. `published/README.md` says how it was measured.

use sim::deployment::FlowKind;
use sim::measurement::Measurement;

use crate::options::Options;
use crate::{read_from, tidy};

/// Published measurements of products that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// A name for messages and options.
    pub name: &'static str,
    /// What was measured, in a line.
    pub description: &'static str,
    /// The profile that is shipped of it.
    pub profile: &'static str,
    /// What was asked of the node.
    pub kind: FlowKind,
    /// Every row, not yet sifted.
    pub rows: Vec<Measurement>,
}

struct Shipped {
    name: &'static str,
    description: &'static str,
    kind: FlowKind,
    file: &'static str,
    text: &'static str,
    /// The versions that belong to it, by their beginning.
    versions: &'static [&'static str],
    /// The product, where the file has others too.
    product: Option<&'static str>,
    /// The profile that is shipped of it, where that has another name.
    profile: Option<&'static str>,
}

const NETWORK_BOUND: &str = "bound by the network, not by the node";
const STOOD_STILL: &str = "stood still for most of the time";

const APIM: &str = include_str!("../published/apim.csv");
const MI: &str = include_str!("../published/mi.csv");

const FAMILIES: [Shipped; 11] = [
    Shipped {
        name: "apim-3.1-4.1",
        description: "API Manager 3.1 to 4.1, all-in-one node, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "apim.csv",
        text: APIM,
        versions: &["3.1.", "3.2.", "4.0.", "4.1."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "apim-4.2-4.5",
        description: "API Manager 4.2 to 4.5, all-in-one node, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "apim.csv",
        text: APIM,
        versions: &["4.2.", "4.3.", "4.4.", "4.5."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "apim-4.6-4.7",
        description: "API Manager 4.7, probably 4.6 too, all-in-one node, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "apim_4.7.csv",
        text: include_str!("../published/apim_4.7.csv"),
        versions: &["4.6.", "4.7."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "apim-4.7-ai",
        description: "API Manager 4.7 before language models, all-in-one node, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "apim_ai.csv",
        text: include_str!("../published/apim_ai.csv"),
        versions: &["4.7."],
        product: None,
        profile: Some("apim-4.6-4.7"),
    },
    Shipped {
        name: "mi-4.0-4.1",
        description: "Micro Integrator 4.0 and 4.1, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "mi.csv",
        text: MI,
        versions: &["4.0.", "4.1."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "mi-4.3",
        description: "Micro Integrator 4.3, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "mi.csv",
        text: MI,
        versions: &["4.3."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "mi-4.5",
        description: "Micro Integrator 4.5, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "mi.csv",
        text: MI,
        versions: &["4.5."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "ei-6",
        description: "Enterprise Integrator 6, 2 vCPU, heap 2 GB",
        kind: FlowKind::Api,
        file: "ei.csv",
        text: include_str!("../published/ei.csv"),
        versions: &["6."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "is-7",
        description: "Identity Server 7.0, single requests only, 4 vCPU, behind one nginx",
        kind: FlowKind::Token,
        file: "is_single_node.csv",
        text: include_str!("../published/is_single_node.csv"),
        versions: &["7."],
        product: None,
        profile: None,
    },
    Shipped {
        name: "integrator-1",
        description: "WSO2 Integrator (Ballerina), one replica of 0.1 to 1 vCPU",
        kind: FlowKind::Api,
        file: "integrator_single_replica.csv",
        text: include_str!("../published/integrator_single_replica.csv"),
        versions: &[],
        product: None,
        profile: None,
    },
    Shipped {
        name: "si-4",
        description: "Streaming Integrator 4, one node of 2 or 4 vCPU: events per second only",
        kind: FlowKind::Stream,
        file: "si.csv",
        text: include_str!("../published/si.csv"),
        versions: &[],
        product: Some("WSO2 Streaming Integrator"),
        profile: None,
    },
];

/// The families, each with every row that belongs to it.
pub fn published() -> Vec<Family> {
    FAMILIES.iter().map(Shipped::family).collect()
}

/// Load tests of Identity Server 7.1, alone and in clusters of two nodes that share a database behind a
/// load balancer. No family of their own: they say what a second node is worth, not what a request costs.
pub fn published_clusters() -> Vec<Measurement> {
    let (text, file) = (include_str!("../published/is_clusters.csv"), "is_clusters.csv");
    let reading = read_from(text.as_bytes(), file, &Options::default());
    // A test reads it.
    reading.map(|reading| reading.measurements).unwrap_or_default()
}

impl Shipped {
    fn family(&self) -> Family {
        let reading = read_from(self.text.as_bytes(), self.file, &Options::default());
        let mut rows = reading.expect("a shipped file, read by a test").measurements;
        rows.retain(|row| self.has(row));
        for row in rows.iter_mut().filter(|row| self.is_bound_by_network(row)) {
            row.flag = Some(NETWORK_BOUND.to_owned());
        }
        for row in rows.iter_mut().filter(|row| self.stood_still(row)) {
            row.flag = Some(STOOD_STILL.to_owned());
        }
        let Self { name, description, kind, .. } = *self;
        Family { name, description, profile: self.profile.unwrap_or(name), kind, rows }
    }

    /// At 1 MiB a replica does 14 to 18 requests a second whatever its CPU, which is idle for the most
    /// part of it.
    fn is_bound_by_network(&self, row: &Measurement) -> bool {
        self.name == "integrator-1" && row.size_kib.is_some_and(|size| size >= 1024.0)
    }

    /// In the only test of the API of 4.3, three of four requests take 23 ms, one of a hundred 5 s, and a
    /// twentieth of what the proxy does is done.
    fn stood_still(&self, row: &Measurement) -> bool {
        let three_quarters =
            row.quantiles.iter().find(|(p, _)| *p == 0.75).map(|(_, value)| *value);
        let is_far = row.mean.zip(three_quarters).is_some_and(|(mean, value)| mean > 10.0 * value);
        self.name == "mi-4.3" && is_far
    }

    fn has(&self, row: &Measurement) -> bool {
        let version = row.version.as_deref().unwrap_or_default();
        let is_flow = row.flag.as_ref().is_some_and(|flag| flag.contains(tidy::FLOW));
        (self.versions.is_empty() || self.versions.iter().any(|start| version.starts_with(start)))
            && self.product.is_none_or(|product| row.product.as_deref() == Some(product))
            && !is_flow
    }
}

#[cfg(test)]
mod tests {
    use sim::measurement::{Load, repeats, sift};

    use super::*;

    #[test]
    fn every_family_has_its_rows() {
        let counts: Vec<(&str, usize)> =
            published().iter().map(|family| (family.name, family.rows.len())).collect();
        let expected = [
            ("apim-3.1-4.1", 127),
            ("apim-4.2-4.5", 168),
            ("apim-4.6-4.7", 48),
            ("apim-4.7-ai", 20),
            ("mi-4.0-4.1", 96),
            ("mi-4.3", 16),
            ("mi-4.5", 22),
            ("ei-6", 45),
            ("is-7", 20),
            ("integrator-1", 24),
            ("si-4", 9),
        ];
        assert_eq!(counts, expected);
    }

    #[test]
    fn clusters_are_of_one_and_two_nodes() {
        let rows = published_clusters();
        let of = |nodes| rows.iter().filter(|row| row.nodes == Some(nodes)).count();
        assert_eq!((rows.len(), of(1), of(2)), (100, 50, 50));
        assert!(rows.iter().all(|row| row.throughput.is_some() && row.cores.is_some()));
    }

    #[test]
    fn identity_servers_issue_tokens_and_streaming_integrators_take_events() {
        let kind = |name: &str| {
            published().into_iter().find(|family| family.name == name).map(|family| family.kind)
        };
        assert_eq!(kind("apim-4.2-4.5"), Some(FlowKind::Api));
        assert_eq!(kind("is-7"), Some(FlowKind::Token));
        assert_eq!(kind("si-4"), Some(FlowKind::Stream));
    }

    #[test]
    fn every_row_is_kept_or_set_aside_with_its_reason() {
        let mut aside = Vec::new();
        for family in published() {
            let all = family.rows.len();
            let sifted = sift(family.rows);
            assert_eq!(sifted.kept.len() + sifted.set_aside.len(), all);
            aside.push((family.name, sifted.set_aside.len()));
        }
        aside.retain(|(_, count)| *count > 0);
        // Client and backend alone; the API, which stood still; idle with 500 users and 100 KiB; client
        // credentials, flagged; 1 MiB, bound by the network.
        assert_eq!(
            aside,
            [("apim-4.7-ai", 4), ("mi-4.3", 1), ("ei-6", 2), ("is-7", 5), ("integrator-1", 8)]
        );
    }

    /// Of tests with so many users and KiB, the median over the runs of a family.
    fn median(name: &str, users: u32, kib: f64, figure: fn(&Measurement) -> Option<f64>) -> f64 {
        let family = published().into_iter().find(|family| family.name == name).expect("shipped");
        let found = repeats(&family.rows).into_iter().map(|each| each.median).find(|row| {
            let alike = row.load == Load::Closed { users } && row.size_kib == Some(kib);
            alike && row.operation == "passthrough" && row.backend_seconds() == 0.0
        });
        found.as_ref().and_then(figure).expect("stated")
    }

    #[test]
    fn newer_gateways_are_faster_and_have_a_longer_tail_but_for_large_messages() {
        let p99 = |row: &Measurement| {
            row.quantiles.iter().find(|(p, _)| *p == 0.99).map(|(_, value)| *value)
        };
        let ratio = |users, kib, figure: fn(&Measurement) -> Option<f64>| {
            median("apim-4.6-4.7", users, kib, figure) / median("apim-4.2-4.5", users, kib, figure)
        };
        let near = |found: f64, expected: f64| (found - expected).abs() < 0.005;
        // Worked out by hand from the two tables.
        assert!(near(ratio(100, 1.0, |row| row.throughput), 1.086));
        assert!(near(ratio(100, 1.0, p99), 126.5 / 86.0));
        assert!(near(ratio(500, 1.0, p99), 797.0 / 325.0));
        assert!(near(ratio(500, 100.0, p99), 797.0 / 995.0));
    }

    #[test]
    fn answers_of_language_models_are_larger_than_what_they_are_asked() {
        let family = published().into_iter().find(|family| family.name == "apim-4.7-ai");
        let family = family.expect("shipped");
        assert_eq!(family.profile, "apim-4.6-4.7");
        let rows = sift(family.rows).kept;
        assert!(rows.iter().all(|row| row.answer_kib >= row.size_kib));
        // 2 cores that are busy with so many a second, in ms of one: the sizes of both count.
        let of = |asked: f64, answered: f64| {
            let alike = |row: &&Measurement| {
                row.operation == "ai"
                    && (row.size_kib, row.answer_kib) == (Some(asked), Some(answered))
            };
            2000.0 / rows.iter().find(alike).and_then(|row| row.throughput).expect("measured")
        };
        for (asked, answered, expected) in
            [(1.0, 10.0, 1.63), (1.0, 100.0, 7.97), (10.0, 10.0, 2.16), (10.0, 100.0, 11.28)]
        {
            assert!((of(asked, answered) - expected).abs() < 0.01);
        }
    }

    #[test]
    fn medians_of_repeats_are_those_that_the_gateway_s_profile_was_made_from() {
        let family = published().into_iter().find(|family| family.name == "apim-4.2-4.5");
        let found = repeats(&family.expect("shipped").rows);
        let like = |median: &Measurement| {
            median.operation == "passthrough"
                && median.load == Load::Closed { users: 100 }
                && median.size_kib == Some(1.0)
        };
        let passthrough = found.iter().find(|each| like(&each.median)).expect("measured");
        assert_eq!(passthrough.repeats, 14);
        assert_eq!(passthrough.median.throughput.map(f64::round), Some(3356.0));
        assert!((passthrough.median.gc_share.expect("stated") - 0.0138).abs() < 1e-4);
    }
}
