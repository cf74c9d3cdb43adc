//! Marks: branches that are seldom taken note that they were, so that those who try many networks can
//! say what they have tried. Without the feature `marks` they are nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// A branch that is seldom taken.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(usize)]
pub(crate) enum Mark {
    Rejected,
    TimesOutOnTheWay,
    TimesOutInLane,
    TimesOutOnNode,
    TimesOutInService,
    TimesOutInLine,
    FreesServerEarly,
    AnswersNobody,
    Retries,
    Refused,
    PassedOn,
    NobodyUp,
    WaitsForConnection,
    WaitsForDatabase,
    KeepsWorker,
    MissesToken,
    CacheIsFull,
    SweepsCache,
    EvictsFromCache,
    RenewsToken,
    Throttles,
    AsksToAdmit,
    SeesOthers,
    TellsNobody,
    Elects,
    TakesOver,
    StandsBy,
    Fetches,
    FetchesInVain,
    HasNothing,
    FetchesLot,
    ForgetsLot,
    Collects,
    CollectsAll,
    MarksBeside,
    OutOfMemory,
    OutgrowsContainer,
    AllocatesForItself,
    Stalls,
    Dies,
    LosesOnNode,
    LosesElsewhere,
    LosesOnTheWay,
    StartsUp,
    StartInterrupted,
    StartsInVain,
    WorksCold,
    Hangs,
    Drains,
    GoesOn,
    ProbesFindOut,
    ProbesTooLate,
    TakenOut,
    AnotherChance,
    Vanishes,
    FailsFast,
    Connects,
    ConnectsLate,
    ConnectTimeout,
    ReadTimeout,
    TriesAgain,
    Redispatched,
    OutOfConnections,
    WaitsForRoom,
    LeavesQueue,
    QueueOfBalancerFull,
    MissesSupplier,
    BackendTimeout,
    Suspended,
    Admits,
    Kills,
    KillsLate,
    SplitsStints,
    ManyInService,
    QueueSpills,
}

impl Mark {
    /// Every mark with what it means.
    const ALL: [(Self, &'static str); 75] = [
        (Self::Rejected, "a full queue rejects a request"),
        (Self::TimesOutOnTheWay, "a client gives up while its request is on the way"),
        (Self::TimesOutInLane, "a client gives up before a delay of constant length ends"),
        (Self::TimesOutOnNode, "a client gives up while its request is on a node"),
        (Self::TimesOutInService, "a client gives up while a core works for its request"),
        (Self::TimesOutInLine, "a client gives up in a line of known ends before it is served"),
        (Self::FreesServerEarly, "a client gives up in a line of known ends while it is served"),
        (Self::AnswersNobody, "a request is answered whose client has left"),
        (Self::Retries, "an attempt follows another"),
        (Self::Refused, "a node refuses a request"),
        (Self::PassedOn, "a request that was refused is passed on"),
        (Self::NobodyUp, "a balancer believes no node up"),
        (Self::WaitsForConnection, "a request waits for a connection"),
        (Self::WaitsForDatabase, "a request waits for the database"),
        (Self::KeepsWorker, "a worker that waits with its request goes on with it"),
        (Self::MissesToken, "the cache of a node does not hold a token"),
        (Self::CacheIsFull, "a cache takes no more tokens in"),
        (Self::SweepsCache, "a cache is swept"),
        (Self::EvictsFromCache, "a sweep evicts a token that is not old"),
        (Self::RenewsToken, "the owner of a token gets another"),
        (Self::Throttles, "a node admits no more requests of a flow"),
        (Self::AsksToAdmit, "a node asks whether it may admit a request"),
        (Self::SeesOthers, "one that counts sees what others have counted"),
        (Self::TellsNobody, "a node that counts has no room for one request more"),
        (Self::Elects, "a node that stands by leads from now on"),
        (Self::TakesOver, "a node that stood by serves"),
        (Self::StandsBy, "a node that is back finds another leading"),
        (Self::Fetches, "a process has fetched what it serves"),
        (Self::FetchesInVain, "a process finds nobody to fetch from"),
        (Self::HasNothing, "a process answers that it has not fetched what it is asked for"),
        (Self::FetchesLot, "a process has fetched what it was asked for"),
        (Self::ForgetsLot, "a process has forgotten what nobody asked for"),
        (Self::Collects, "a node collects"),
        (Self::CollectsAll, "a node collects its whole heap"),
        (Self::MarksBeside, "a node marks its heap beside the requests"),
        (Self::OutOfMemory, "a process runs out of memory"),
        (Self::OutgrowsContainer, "a process needs more memory than its container has"),
        (Self::AllocatesForItself, "a node allocates without requests"),
        (Self::Stalls, "a node stalls"),
        (Self::Dies, "a process ends"),
        (Self::LosesOnNode, "a request is lost with its node"),
        (Self::LosesElsewhere, "a request on another node is lost"),
        (Self::LosesOnTheWay, "a request on the way is lost"),
        (Self::StartsUp, "a process starts up"),
        (Self::StartInterrupted, "a start comes to nothing"),
        (Self::StartsInVain, "a process that starts does not find its database"),
        (Self::WorksCold, "a node that has been started is warmer by a burst"),
        (Self::Hangs, "a node hangs"),
        (Self::Drains, "a node drains"),
        (Self::GoesOn, "a node that hung or drained goes on"),
        (Self::ProbesFindOut, "probes find out that a node has changed"),
        (Self::ProbesTooLate, "a node has changed again before probes found out"),
        (Self::TakenOut, "a passive check takes a node out"),
        (Self::AnotherChance, "a passive check gives a node another chance"),
        (Self::Vanishes, "a machine vanishes"),
        (Self::FailsFast, "a node answers with an error"),
        (Self::Connects, "a request waits for a machine that does not react"),
        (Self::ConnectsLate, "a connection comes about after a while"),
        (Self::ConnectTimeout, "a balancer gives up waiting for a connection"),
        (Self::ReadTimeout, "a balancer gives up waiting for an answer"),
        (Self::TriesAgain, "a balancer tries the same node again"),
        (Self::Redispatched, "a balancer tries another node instead of the same again"),
        (Self::OutOfConnections, "a balancer has no connection left"),
        (Self::WaitsForRoom, "a request waits in a balancer for a node with room"),
        (Self::LeavesQueue, "a request has waited there for too long"),
        (Self::QueueOfBalancerFull, "too many wait there already"),
        (Self::MissesSupplier, "a backend or database is out or slow"),
        (Self::BackendTimeout, "a node gives up waiting for a backend"),
        (Self::Suspended, "a node does not call a backend that has just failed"),
        (Self::Admits, "a start-up probe succeeds"),
        (Self::Kills, "probes end a process"),
        (Self::KillsLate, "a probe is not answered in time by a process that works"),
        (Self::SplitsStints, "bursts in service as one are split, as workers become scarce"),
        (Self::ManyInService, "more are in service on a node than its sorted list holds"),
        (Self::QueueSpills, "the bottom of the queue gives requests back"),
    ];
}

static REACHED: [AtomicU64; Mark::ALL.len()] = [const { AtomicU64::new(0) }; Mark::ALL.len()];

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
    Mark::ALL.iter().map(|(_, meaning)| *meaning).zip(counts).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_stands_at_its_number() {
        for (place, (mark, _)) in Mark::ALL.iter().enumerate() {
            assert_eq!(*mark as usize, place, "{mark:?}");
        }
    }
}
