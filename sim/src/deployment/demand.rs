//! The CPU demand of an operation.

use super::Message;
use super::keys::{Keyed, Memory, Row, Slot, Unit};
use crate::random::Shape;
use crate::time::SimDuration;

/// CPU demand of one operation, in core-time: the law of a whole request has mean
/// `mean + per_kib × size`. Each of its bursts is drawn on its own with the shape's cv, so that the
/// cv of a whole in `n` equal bursts is cv / √n.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// Mean for an empty message.
    pub mean: SimDuration,
    /// Added per KiB of message.
    pub per_kib: SimDuration,
    /// How far the size of a message is that of its answer, where that of the request is another, 0..=1.
    pub of_answer: f64,
    /// Shape of the law of one burst.
    pub shape: Shape,
    /// Coefficient of variation that the part of `mean` in a burst has more than the whole: handling
    /// a call may vary much and copying its bytes little.
    pub mean_cv: f64,
    /// Share of `mean` that runs on workers where dispatchers do the rest, 0..=1.
    pub on_workers: f64,
    /// Share of `per_kib` that runs on workers, 0..=1.
    pub per_kib_on_workers: f64,
    /// What a request allocates on the heap until it is answered, KiB.
    pub allocates: PerSize,
    /// What of it is alive as long as the request is in flight, KiB.
    pub retains: PerSize,
}

/// A quantity that grows with the size of the message.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerSize {
    /// For an empty message.
    pub base: f64,
    /// Added per KiB of message.
    pub per_kib: f64,
}

impl PerSize {
    /// For a message of `size_kib`.
    pub fn at(self, size_kib: f64) -> f64 {
        self.base + self.per_kib * size_kib
    }
}

impl Demand {
    /// The request and its answer count alike where nothing is stated: a gateway reads and writes both.
    pub const OF_ANSWER: f64 = 0.5;

    /// The size of a message, as far as this demand is concerned, KiB.
    pub fn size_kib(&self, message: Message) -> f64 {
        message.weighed(self.of_answer)
    }

    /// A demand of one mean and shape, whatever the size, all on workers, that allocates nothing.
    pub fn plain(mean: SimDuration, shape: Shape) -> Self {
        Self {
            mean,
            per_kib: SimDuration::ZERO,
            of_answer: Self::OF_ANSWER,
            shape,
            mean_cv: 0.0,
            on_workers: 1.0,
            per_kib_on_workers: 1.0,
            allocates: PerSize::default(),
            retains: PerSize::default(),
        }
    }

    /// Mean demand of a request of `size_kib`, in seconds of one core.
    pub fn mean_seconds(&self, size_kib: f64) -> f64 {
        self.mean.as_seconds() + self.per_kib.as_seconds() * size_kib
    }

    /// The part of the mean demand of a request of `size_kib` that runs on workers, in seconds.
    pub fn worker_seconds(&self, size_kib: f64) -> f64 {
        self.mean.as_seconds() * self.on_workers
            + self.per_kib.as_seconds() * self.per_kib_on_workers * size_kib
    }
}

/// What a request allocates where nothing is stated: about what a call of the gateway does.
const ALLOCATES_KIB: f64 = 300.0;

impl Keyed for Demand {
    const NAME: &'static str = "DemandTable";
    const DOC: &'static str = "CPU demand of one operation, in core-time.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "mean",
            "Mean for an empty message; may be left out where an inherited demand states it.",
            Unit::Duration,
            |demand| Slot::Duration(&mut demand.mean),
        )
        .needed("\"0.5 ms\"")
        .fitted(1e-4, 1e5, |_, _| true),
        Row::<Self>::new("per_kib", "Added per KiB of message.", Unit::Duration, |demand| {
            Slot::Duration(&mut demand.per_kib)
        })
        .fitted(1e-6, 1e4, |shown, _| shown.sizes),
        Row::<Self>::new(
            "of_answer",
            "How far the size of a message is that of its answer, where that of the request is another.",
            Unit::Share,
            |demand| Slot::Number(&mut demand.of_answer),
        )
        .fitted(0.02, 0.98, |shown, _| shown.answers),
        Row::<Self>::new("law", "Law of one burst, any but `empirical`.", Unit::Shape, |demand| {
            Slot::Shape(&mut demand.shape)
        })
        .spelt(),
        Row::<Self>::new(
            "cv",
            "Coefficient of variation of one burst, where the law does not fix it.",
            Unit::Number { least: 0.0, most: 100.0 },
            |demand| match &mut demand.shape {
                Shape::Gamma { cv } | Shape::Lognormal { cv } => Slot::Number(cv),
                _ => Slot::Idle,
            },
        )
        .with("law")
        .fitted(0.05, 10.0, |shown, _| shown.tails),
        Row::<Self>::new(
            "mean_cv",
            "Coefficient of variation that the part of `mean` in a burst has beside `cv`, which is that of \
             the whole.",
            Unit::Number { least: 0.0, most: 100.0 },
            |demand| Slot::Number(&mut demand.mean_cv),
        )
        .fitted(0.02, 10.0, |shown, cv| shown.tails && shown.sizes && cv > 0.0),
        Row::<Self>::new(
            "on_workers",
            "Share of `mean` that runs on workers under `reactor`.",
            Unit::Share,
            |demand| Slot::Number(&mut demand.on_workers),
        )
        .fitted(0.02, 0.98, |shown, _| shown.crowd)
        .in_common(),
        Row::<Self>::new(
            "per_kib_on_workers",
            "Share of `per_kib` that runs on workers.",
            Unit::Share,
            |demand| Slot::Number(&mut demand.per_kib_on_workers),
        ),
        Row::<Self>::new(
            "allocates",
            "What a request allocates, where `gc` says what part of the heap is young.",
            Unit::Memory(Memory::Kib),
            |demand| Slot::Number(&mut demand.allocates.base),
        )
        .spelt()
        .fitted(0.1, 1e6, |shown, _| shown.bytes)
        .of_pauses(),
        Row::<Self>::new(
            "allocates_per_kib",
            "Added per KiB of message.",
            Unit::Memory(Memory::Kib),
            |demand| Slot::Number(&mut demand.allocates.per_kib),
        )
        .fitted(0.1, 1e5, |shown, _| shown.bytes && shown.sizes && shown.large),
        Row::<Self>::new(
            "retains",
            "What of it is alive while the request is in flight.",
            Unit::Memory(Memory::Kib),
            |demand| Slot::Number(&mut demand.retains.base),
        )
        .fitted(0.01, 1e5, |shown, _| shown.bytes && shown.many_users)
        .of_pauses()
        .in_common(),
        Row::<Self>::new(
            "retains_per_kib",
            "Added per KiB of message.",
            Unit::Memory(Memory::Kib),
            |demand| Slot::Number(&mut demand.retains.per_kib),
        )
        .fitted(0.01, 1e4, |shown, _| shown.bytes && shown.sizes && shown.large),
    ];
    const BARE: Option<&'static str> = Some("mean");

    fn unstated() -> Self {
        let allocates = PerSize { base: ALLOCATES_KIB, per_kib: 0.0 };
        Self { allocates, ..Self::plain(SimDuration::ZERO, Shape::Constant) }
    }
}
