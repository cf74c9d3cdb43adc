//! Marks: branches that are seldom taken note that they were, so that those who try many networks can
//! say what they have tried. Without the feature `marks` they are nothing.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! marks {
    ($($mark:ident: $meaning:literal,)+) => {
        /// A branch that is seldom taken.
        #[derive(Clone, Copy, Debug)]
        #[repr(usize)]
        pub(crate) enum Mark {
            $(#[doc = $meaning] $mark,)+
        }

        /// What each mark means, in their order.
        const MEANINGS: &[&str] = &[$($meaning,)+];
    };
}

marks! {
    Rejected: "a full queue rejects a request",
    TimesOutOnTheWay: "a client gives up while its request is on the way",
    TimesOutInLane: "a client gives up before a delay of constant length ends",
    TimesOutOnNode: "a client gives up while its request is on a node",
    TimesOutInService: "a client gives up while a core works for its request",
    TimesOutInLine: "a client gives up in a line of known ends before it is served",
    FreesServerEarly: "a client gives up in a line of known ends while it is served",
    Retries: "an attempt follows another",
    Refused: "a node refuses a request",
    PassedOn: "a request that was refused is passed on",
    NobodyUp: "a balancer believes no node up",
    WaitsForConnection: "a request waits for a connection",
    WaitsForDatabase: "a request waits for the database",
    KeepsWorker: "a worker that waits with its request goes on with it",
    Collects: "a node collects",
    CollectsAll: "a node collects its whole heap",
    AllocatesForItself: "a node allocates without requests",
    Stalls: "a node stalls",
    Dies: "a process ends",
    LosesOnNode: "a request is lost with its node",
    LosesElsewhere: "a request on another node is lost",
    LosesOnTheWay: "a request on the way is lost",
    StartsUp: "a process starts up",
    StartInterrupted: "a start comes to nothing",
    Hangs: "a node hangs",
    Drains: "a node drains",
    GoesOn: "a node that hung or drained goes on",
    ProbesFindOut: "probes find out that a node has changed",
    ProbesTooLate: "a node has changed again before probes found out",
    TakenOut: "a passive check takes a node out",
    AnotherChance: "a passive check gives a node another chance",
    ManyInService: "more are in service on a node than its sorted list holds",
    QueueSpills: "the bottom of the queue gives requests back",
}

static REACHED: [AtomicU64; MEANINGS.len()] = [const { AtomicU64::new(0) }; MEANINGS.len()];

/// A branch is taken.
#[inline]
pub(crate) fn reached(mark: Mark) {
    if cfg!(feature = "marks") {
        REACHED[mark as usize].fetch_add(1, Ordering::Relaxed);
    }
}

/// How often each branch has been taken since the start of the process, with what it means.
pub fn marks() -> Vec<(&'static str, u64)> {
    let counts = REACHED.iter().map(|count| count.load(Ordering::Relaxed));
    MEANINGS.iter().copied().zip(counts).collect()
}
