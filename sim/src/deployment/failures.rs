//! How a node fails at random, kind by kind.

use super::keys::{Keyed, Row, Slot, Unit};
use crate::network::{Failure, Network, RandomFailure};
use crate::random::Shape;
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

/// What fails at random, with consequences for all of a deployment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SharedFailures {
    /// Each zone, by itself and with all its nodes as one.
    pub zone: Option<Failures>,
    /// The database that is behind all clusters.
    pub database: Option<Failures>,
    /// So many nodes at once, at least 1, are repaired that have crashed or whose machine is gone, first come, first
    /// served; none: all.
    pub repairers: Option<u32>,
}

/// How often a failure comes, and how long it lasts.
#[derive(Clone, Debug, PartialEq)]
pub struct Times {
    /// Mean time between two: from the end of one to the beginning of the next.
    pub mtbf: SimDuration,
    /// Mean length; where the process ends, until it is started again.
    pub mttr: SimDuration,
    /// The law of the time between two, divided by its mean.
    pub law: Shape,
    /// The law of the length, divided by its mean.
    pub mttr_law: Shape,
}

/// The same of a node that answers with errors.
#[derive(Clone, Debug, PartialEq)]
pub struct FailFastTimes {
    /// How often, and how long.
    pub times: Times,
    /// After how long it answers.
    pub delay: SimDuration,
}

/// The same of a node that is slow.
#[derive(Clone, Debug, PartialEq)]
pub struct SlowTimes {
    /// How often, and how long.
    pub times: Times,
    /// How many times its demands are as large.
    pub factor: f64,
}

/// How long a managed database takes to fail over to its standby: typically 60 to 120 s (Amazon RDS User
/// Guide, "Failover process for Amazon RDS", Multi-AZ), of which this is the middle.
pub const FAIL_OVER: SimDuration = SimDuration(90_000_000_000);
/// With this cv, 19 of 20 fail-overs take 60 to 120 s.
const FAIL_OVER_CV: f64 = 1.0 / 6.0;

/// Nothing is stated yet.
const UNSTATED: Times = Times::exponential(SimDuration::ZERO, SimDuration::ZERO);

impl Times {
    /// Times between failures and lengths of these means, both exponential.
    pub const fn exponential(mtbf: SimDuration, mttr: SimDuration) -> Self {
        Self { mtbf, mttr, law: Shape::Exponential, mttr_law: Shape::Exponential }
    }

    /// Failures of a kind at these times, as a network knows them.
    pub(crate) fn compile(&self, network: &mut Network, kind: Failure) -> RandomFailure {
        RandomFailure {
            kind,
            between: network.scaled(&self.law, self.mtbf.as_nanos()),
            lasts: network.scaled(&self.mttr_law, self.mttr.as_nanos()),
        }
    }
}

impl Failures {
    /// Each kind that comes, as a network knows it.
    pub(crate) fn compile(failures: Option<&Self>, network: &mut Network) -> Vec<RandomFailure> {
        let all = failures.map_or_else(Vec::new, Self::all);
        all.into_iter().map(|(kind, times)| times.compile(network, kind)).collect()
    }

    /// The same of a database: lengths that nobody has stated are those of a fail-over.
    #[must_use]
    pub fn fail_over(mut self) -> Self {
        for times in self.times().into_iter().filter(|times| times.mttr == SimDuration::ZERO) {
            times.mttr = FAIL_OVER;
            times.mttr_law = Shape::Lognormal { cv: FAIL_OVER_CV };
        }
        self
    }

    fn times(&mut self) -> Vec<&mut Times> {
        let fail_fast = self.fail_fast.as_mut().map(|fast| &mut fast.times);
        let slow = self.slow.as_mut().map(|slow| &mut slow.times);
        let Self { crash, vanish, hang, cut_off, .. } = self;
        let others = [crash, vanish, hang, cut_off].into_iter().map(Option::as_mut);
        others.chain([fail_fast, slow]).flatten().collect()
    }

    /// Gives a kind that comes other times.
    pub(crate) fn set(&mut self, kind: Failure, times: &Times) {
        let place = match kind {
            Failure::Crash => self.crash.as_mut(),
            Failure::Vanish => self.vanish.as_mut(),
            Failure::Hang => self.hang.as_mut(),
            Failure::FailFast { .. } => self.fail_fast.as_mut().map(|fast| &mut fast.times),
            Failure::Slow { .. } => self.slow.as_mut().map(|slow| &mut slow.times),
            Failure::CutOff => self.cut_off.as_mut(),
        };
        if let Some(place) = place {
            place.clone_from(times);
        }
    }

    /// Whether a kind comes.
    pub(crate) fn has(&self, kind: Failure) -> bool {
        self.all().iter().any(|(other, _)| other.place() == kind.place())
    }

    /// How a zone fails where nobody knows better: once in two years, for two hours. Judged: no vendor publishes a
    /// rate, and hours without a zone are in the news about every one to three years for a region.
    pub fn usual_of_zone() -> Self {
        let vanish = Times::exponential(of_days(730), of_minutes(120));
        Self { vanish: Some(vanish), ..Self::default() }
    }

    /// How a managed database fails: it fails over twice a year. How long that takes is published, see [`FAIL_OVER`];
    /// how often is judged.
    pub fn usual_of_database() -> Self {
        let crash = Times::exponential(of_days(182), SimDuration::ZERO);
        Self { crash: Some(crash), ..Self::default() }.fail_over()
    }

    /// How a backend fails: it answers with errors for half an hour, so often that it is available 99.95 % of the
    /// time, as Amazon promises of what it hosts (AWS Amplify Console Service Level Agreement, May 2022). That it is
    /// errors, and for how long, is judged.
    pub fn usual_of_backend() -> Self {
        let times = Times::exponential(of_days(42), of_minutes(30));
        let fail_fast = FailFastTimes { times, ..FailFastTimes::unstated() };
        Self { fail_fast: Some(fail_fast), ..Self::default() }
    }

    /// Each kind that comes, with its times.
    pub(crate) fn all(&self) -> Vec<(Failure, &Times)> {
        let fail_fast = self.fail_fast.as_ref();
        let slow = self.slow.as_ref();
        let kinds = [
            self.crash.as_ref().map(|times| (Failure::Crash, times)),
            self.vanish.as_ref().map(|times| (Failure::Vanish, times)),
            self.hang.as_ref().map(|times| (Failure::Hang, times)),
            fail_fast.map(|fast| (Failure::FailFast { delay: fast.delay }, &fast.times)),
            slow.map(|slow| (Failure::Slow { factor: slow.factor }, &slow.times)),
            self.cut_off.as_ref().map(|times| (Failure::CutOff, times)),
        ];
        kinds.into_iter().flatten().collect()
    }
}

const fn of_days(days: u64) -> SimDuration {
    of_minutes(24 * 60 * days)
}

const fn of_minutes(minutes: u64) -> SimDuration {
    SimDuration(minutes * 60_000_000_000)
}

const TIMES: Unit = Unit::Table("{ mtbf = \"90 d\", mttr = \"5 min\" }");

impl Keyed for Failures {
    const NAME: &'static str = "Failures";
    const DOC: &'static str = "How something fails at random, kind by kind. A backend or a database that crashes \
                               answers with errors at once; one that vanishes or is cut off hangs.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "crash",
            "Its process dies: connections are refused, and what it has is lost. Of a node, in place of \
             `mtbf` and `mttr`.",
            TIMES,
            |failures| Slot::Table(&mut failures.crash),
        )
        .or_none("never, or as `mtbf` and `mttr` of a profile say"),
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
    let doc = "Mean length of one; it must be stated of all but a database.";
    Row::new("mttr", doc, Unit::Duration, place).above_zero().spelt()
}

/// Its law.
const fn law<T>(place: fn(&mut T) -> Slot<'_>) -> Row<T> {
    Row::new("law", "Law of the time between two, any but `empirical`.", Unit::Shape, place)
}

/// Its law.
const fn mttr_law<T>(place: fn(&mut T) -> Slot<'_>) -> Row<T> {
    Row::new("mttr_law", "Law of the length of one, any but `empirical`.", Unit::Shape, place)
}

/// How widely a law varies.
const fn cv<T>(name: &'static str, doc: &'static str, law: &'static str) -> Row<T> {
    Row::new(name, doc, Unit::Number { least: 0.0, most: 100.0 }, |_| Slot::Idle).with(law)
}

/// The keys of the cv of either law.
const fn cv_between<T>() -> Row<T> {
    let doc = "Coefficient of variation of the time between two, where `law` does not fix it.";
    cv("cv", doc, "law")
}

const fn cv_of_length<T>() -> Row<T> {
    let doc = "Coefficient of variation of the length of one, where `mttr_law` does not fix it.";
    cv("mttr_cv", doc, "mttr_law")
}

impl Keyed for Times {
    const NAME: &'static str = "FailureTimes";
    const DOC: &'static str = "How often a failure comes, and how long it lasts.";
    const ROWS: &'static [Row<Self>] = &[
        mtbf(|times| Slot::Duration(&mut times.mtbf)),
        mttr(|times| Slot::Duration(&mut times.mttr)),
        law(|times| Slot::Shape(&mut times.law)),
        cv_between(),
        mttr_law(|times| Slot::Shape(&mut times.mttr_law)),
        cv_of_length(),
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
        law(|fast| Slot::Shape(&mut fast.times.law)),
        cv_between(),
        mttr_law(|fast| Slot::Shape(&mut fast.times.mttr_law)),
        cv_of_length(),
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
        law(|slow| Slot::Shape(&mut slow.times.law)),
        cv_between(),
        mttr_law(|slow| Slot::Shape(&mut slow.times.mttr_law)),
        cv_of_length(),
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
