//! `[profile.NAME]`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Duration, Law, Price};

/// The behaviour of a kind of node. With the name of a shipped profile every key is optional and
/// overrides that one's; with `from` it overrides another's; else `cores` and `demand` are needed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// The profile that this one starts from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// CPU cores; a container may have a fraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.01, max = 1024.0))]
    pub cores: Option<f64>,
    /// Worker threads; 400 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub workers: Option<u32>,
    /// How many requests may wait for a worker; `none`, as where nothing is stated: any number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub queue: Option<OrNone<u32>>,
    /// Number of bursts that the demand of a request is cut into; 1 where nothing is stated. With
    /// `reactor` a dispatcher reads, a worker mediates and a dispatcher writes, each way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bursts: Option<Bursts>,
    /// I/O buffer of a dispatcher; 16 KiB where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub buffer: Option<super::Size>,
    /// How bursts share the cores; `ps` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discipline: Option<Discipline>,
    /// Network delay to the node, each way; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<Law>,
    /// CPU demand of each operation.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub demand: BTreeMap<String, Demand>,
    /// Standard error of the demands together, where they were fitted to measurements; reports say what
    /// it leaves open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand_error: Option<super::Share>,
    /// The heap of the JVM, where `gc` says what part of it is young.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heap: Option<super::Memory>,
    /// Stop-the-world garbage collection; `none`, as where nothing is stated: no pauses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gc: Option<OrNone<GarbageCollection>>,
    /// Stops that come with work and that no garbage collection log shows; `none`, as where nothing
    /// is stated: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stalls: Option<OrNone<Stalls>>,
    /// Memory of messages in flight on a node, and of what is retained for those that a worker has
    /// begun with, at which its demands have doubled; `none`, as where nothing is stated: they do not grow.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crowding: Option<OrNone<super::Memory>>,
    /// Mean up time between crashes; `none`, as where nothing is stated: no crashes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtbf: Option<OrNone<Duration>>,
    /// Mean time from a crash until the node is started again; 2 min where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mttr: Option<Duration>,
    /// Time from the start of the process until it answers; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_up: Option<Law>,
    /// What a freshly started JVM costs more; `none`, as where nothing is stated: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cold_start: Option<OrNone<ColdStart>>,
    /// The database behind requests for tokens and portal pages, which the nodes of a cluster share:
    /// the delay of its answer, or a table; `none`, as where nothing is stated: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<OrNone<DelayOrDatabase>>,
    /// Work that a request for a token brings to each other node of its cluster, in multiples of its
    /// own demand; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub replication: Option<f64>,
    /// Price of a node; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
}

/// A database, or the delay of one whose connections are the usual ones.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum DelayOrDatabase {
    /// The database.
    Database(Database),
    /// The delay of its answer.
    Delay(Law),
}

/// A database that the nodes of a cluster share.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// How long it takes to answer all calls of a request, once it serves them.
    pub delay: Law,
    /// Connections of a node: so many of its calls are under way at once, the others wait; 50 where
    /// nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub pool: Option<u32>,
    /// How many calls of all nodes of the cluster it serves at once; `none`, as where nothing is
    /// stated: all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_once: Option<OrNone<u32>>,
}

/// How the demand of a request is cut into bursts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Bursts {
    /// So many equal bursts, each on a worker.
    Equal(#[schemars(range(min = 1, max = 64))] u8),
    /// Bursts on dispatchers and on workers.
    Kind(BurstKind),
}

/// The one other way to cut a demand into bursts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BurstKind {
    /// A dispatcher reads, a worker mediates, a dispatcher writes.
    Reactor,
}

/// A value, or the text `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OrNone<T> {
    /// Turned off.
    Off(Off),
    /// The value.
    On(T),
}

/// The text `none`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Off {
    /// Turned off.
    None,
}

/// How bursts share the cores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Discipline {
    /// Processor sharing.
    Ps,
    /// First come, first served.
    Fcfs,
}

/// CPU demand of one operation: a bare duration is constant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Demand {
    /// Always this much.
    Constant(Duration),
    /// A mean that grows with the message, and a law.
    Table(DemandTable),
}

/// CPU demand of one operation, in core-time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DemandTable {
    /// Mean for an empty message; may be left out where an inherited demand states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mean: Option<Duration>,
    /// Added per KiB of message; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_kib: Option<Duration>,
    /// Law of one burst, any but `empirical`; `constant` where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<super::LawName>,
    /// Coefficient of variation of one burst, where the law does not fix it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub cv: Option<f64>,
    /// Share of `mean` that runs on workers under `reactor`; all where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_workers: Option<super::Share>,
    /// Share of `per_kib` that runs on workers; all where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_kib_on_workers: Option<super::Share>,
    /// What a request allocates, where `gc` says what part of the heap is young; 300 KiB where nothing
    /// is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocates: Option<super::Memory>,
    /// Added per KiB of message; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocates_per_kib: Option<super::Memory>,
    /// What of it is alive while the request is in flight; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retains: Option<super::Memory>,
    /// Added per KiB of message; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retains_per_kib: Option<super::Memory>,
}

/// Stop-the-world garbage collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GarbageCollection {
    /// A pause after so many requests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0))]
    pub requests_per_pause: Option<f64>,
    /// In place of `requests_per_pause`: a pause when this share of what is free of the heap has been
    /// allocated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub young: Option<super::Share>,
    /// What of the heap is always alive; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident: Option<super::Memory>,
    /// What is allocated each second without any request; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub background: Option<super::Memory>,
    /// Mean pause of an idle node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Duration>,
    /// Coefficient of variation of a pause; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub cv: Option<f64>,
    /// Added to the mean pause for each request in flight; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_in_flight: Option<Duration>,
    /// Added to the mean pause for each MiB that the requests in flight retain; 0 where nothing is
    /// stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_live_mib: Option<Duration>,
    /// Threads of the collector when the pauses were measured: with more cores it has more, and they
    /// are shorter; where nothing is stated they do not change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 1024.0))]
    pub threads: Option<f64>,
    /// Collections of the whole heap; `none`, as where nothing is stated: there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub full: Option<OrNone<FullCollection>>,
}

/// Collections of the whole heap, each in place of an ordinary pause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FullCollection {
    /// One of so many pauses is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0))]
    pub every: Option<f64>,
    /// Its mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Duration>,
    /// Its coefficient of variation; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub cv: Option<f64>,
}

/// Stops that come with work and that no garbage collection log shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stalls {
    /// One after so much work, core-time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Duration>,
    /// Its mean.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pause: Option<Duration>,
    /// Its coefficient of variation; 0 where nothing is stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub cv: Option<f64>,
}

/// Demands of a freshly started JVM are multiplied by `1 + (factor - 1) exp(-age / decay)`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ColdStart {
    /// Multiplier of the first demand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub factor: Option<f64>,
    /// Time in which the excess falls to 1/e.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decay: Option<Duration>,
}
