//! How a node fails at random, kind by kind.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::network::{Failure, RandomFailure};
use crate::time::SimDuration;

/// Kinds of failures, each with how often it comes and how long it lasts; none: it does not come.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failures {
    /// The process dies.
    pub crash: Option<Times>,
    /// The machine is gone.
    pub vanish: Option<Times>,
    /// It accepts and does not answer.
    pub hang: Option<Times>,
    /// It answers with errors.
    pub fail_fast: Option<FailFastTimes>,
    /// It is slow.
    pub slow: Option<SlowTimes>,
    /// Nodes of other clusters do not reach it.
    pub cut_off: Option<Times>,
}

/// How often a failure comes, and how long it lasts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Times {
    /// Mean time between two (exponential).
    pub mtbf: SimDuration,
    /// Mean length (exponential); where the process ends, until it is started again.
    pub mttr: SimDuration,
}

/// The same of a node that answers with errors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FailFastTimes {
    /// How often, and how long.
    pub times: Times,
    /// After how long it answers.
    pub delay: SimDuration,
}

/// The same of a node that is slow.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SlowTimes {
    /// How often, and how long.
    pub times: Times,
    /// How many times its demands are as large.
    pub factor: f64,
}

/// Nothing is stated yet.
const UNSTATED: Times = Times { mtbf: SimDuration::ZERO, mttr: SimDuration::ZERO };

impl Failures {
    /// Each kind that comes.
    pub(crate) fn all(&self) -> Vec<RandomFailure> {
        let random = |kind, times: Times| {
            let Times { mtbf, mttr } = times;
            RandomFailure { kind, mtbf, mttr }
        };
        let kinds = [
            self.crash.map(|times| random(Failure::Crash, times)),
            self.vanish.map(|times| random(Failure::Vanish, times)),
            self.hang.map(|times| random(Failure::Hang, times)),
            self.fail_fast.map(|fast| random(Failure::FailFast { delay: fast.delay }, fast.times)),
            self.slow.map(|slow| random(Failure::Slow { factor: slow.factor }, slow.times)),
            self.cut_off.map(|times| random(Failure::CutOff, times)),
        ];
        kinds.into_iter().flatten().collect()
    }
}

const TIMES: Unit = Unit::Table("{ mtbf = \"90 d\", mttr = \"5 min\" }");

impl Keyed for Failures {
    const NAME: &'static str = "Failures";
    const DOC: &'static str = "How a node fails at random, kind by kind.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "crash",
            "Its process dies: connections are refused, and what it has is lost. In place of `mtbf` and \
             `mttr`.",
            TIMES,
            |failures| Slot::Table(&mut failures.crash),
        )
        .or_none("as `mtbf` and `mttr` say"),
        Row::<Self>::new(
            "vanish",
            "The machine or its network is gone: connecting to it times out.",
            TIMES,
            |failures| Slot::Table(&mut failures.vanish),
        )
        .or_none("never"),
        Row::<Self>::new(
            "hang",
            "It accepts requests and does not answer; what it has stays, and goes on when the node does.",
            TIMES,
            |failures| Slot::Table(&mut failures.hang),
        )
        .or_none("never"),
        Row::<Self>::new(
            "fail-fast",
            "It answers new requests with an error.",
            Unit::Table("{ mtbf = \"90 d\", mttr = \"5 min\", delay = \"1 ms\" }"),
            |failures| Slot::Table(&mut failures.fail_fast),
        )
        .or_none("never"),
        Row::<Self>::new(
            "slow",
            "Bursts that begin in that time have `factor` times their demand.",
            Unit::Table("{ mtbf = \"90 d\", mttr = \"5 min\", factor = 5 }"),
            |failures| Slot::Table(&mut failures.slow),
        )
        .or_none("never"),
        Row::<Self>::new(
            "cut-off",
            "Nodes of other clusters cannot connect to it.",
            TIMES,
            |failures| Slot::Table(&mut failures.cut_off),
        )
        .or_none("never"),
    ];

    fn unstated() -> Self {
        Self::default()
    }
}

/// How often a failure comes.
const fn mtbf<T>(place: fn(&mut T) -> Slot<'_>) -> Row<T> {
    Row::new("mtbf", "Mean time between two.", Unit::Duration, place)
        .above_zero()
        .needed("\"90 d\"")
}

/// How long it lasts.
const fn mttr<T>(place: fn(&mut T) -> Slot<'_>) -> Row<T> {
    Row::new("mttr", "Mean length of one.", Unit::Duration, place).above_zero().needed("\"5 min\"")
}

impl Keyed for Times {
    const NAME: &'static str = "FailureTimes";
    const DOC: &'static str = "How often a failure comes, and how long it lasts.";
    const ROWS: &'static [Row<Self>] = &[
        mtbf(|times| Slot::Duration(&mut times.mtbf)),
        mttr(|times| Slot::Duration(&mut times.mttr)),
    ];

    fn unstated() -> Self {
        UNSTATED
    }
}

impl Keyed for FailFastTimes {
    const NAME: &'static str = "FailFastTimes";
    const DOC: &'static str = "How often a node answers with errors, how long, and how fast.";
    const ROWS: &'static [Row<Self>] = &[
        mtbf(|fast| Slot::Duration(&mut fast.times.mtbf)),
        mttr(|fast| Slot::Duration(&mut fast.times.mttr)),
        Row::<Self>::new(
            "delay",
            "After how long an error is the answer.",
            Unit::Duration,
            |fast| Slot::Duration(&mut fast.delay),
        ),
    ];

    fn unstated() -> Self {
        Self { times: UNSTATED, delay: SimDuration::from_ms(1.0) }
    }
}

impl Keyed for SlowTimes {
    const NAME: &'static str = "SlowTimes";
    const DOC: &'static str = "How often a node is slow, how long, and how slow.";
    const ROWS: &'static [Row<Self>] = &[
        mtbf(|slow| Slot::Duration(&mut slow.times.mtbf)),
        mttr(|slow| Slot::Duration(&mut slow.times.mttr)),
        Row::<Self>::new(
            "factor",
            "How many times demands are as large.",
            Unit::Number { least: 1.0, most: 1e4 },
            |slow| Slot::Number(&mut slow.factor),
        )
        .needed("5"),
    ];

    fn unstated() -> Self {
        Self { times: UNSTATED, factor: 1.0 }
    }
}
