//! Bursts of work, and those that follow one another at once on one node.

use super::{Depth, Need, Network, Step, Variate};

/// A burst of a request on a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Burst {
    /// The step that it belongs to, and its number there.
    pub(crate) step: u16,
    pub(crate) part: u8,
    pub(crate) depth: Depth,
    pub(crate) law: Variate,
    pub(crate) need: Need,
    pub(crate) on_worker: bool,
    /// Whether the request keeps its worker after it.
    pub(crate) keeps: bool,
    /// What it has allocated when it is complete.
    pub(crate) allocates: f64,
    /// What it is of the whole work of its kind for a request.
    pub(crate) share: f32,
    is_last: bool,
}

/// Bursts of one kind that follow one another at once on one node, as one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stint {
    /// The number of the first in its step.
    pub(crate) first: u8,
    pub(crate) last: Burst,
    /// How much of its mean work needs a worker, in parts of [`Stint::ALL`].
    pub(crate) on_workers: u16,
    /// What all of them allocate, and are of the work of their kind.
    pub(crate) allocates: f64,
    pub(crate) share: f32,
}

/// The stints of all routes, each from the first burst of a step on, worked out beforehand.
#[derive(Debug)]
pub(crate) struct Stints {
    /// By step.
    of_step: Vec<Option<Known>>,
    /// The bursts of all of them: the number in its step, and the law.
    parts: Vec<(u8, Variate)>,
}

/// A stint, where its bursts stand, and the burst that follows it at once on the same node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) stint: Stint,
    first: u32,
    end: u32,
    pub(crate) follower: Option<Burst>,
}

impl Stints {
    /// The stint from a burst on, if that is the first of its step.
    #[inline]
    pub(crate) fn from(&self, step: u16, part: u8) -> Option<&Known> {
        let known = self.of_step[usize::from(step)].as_ref();
        known.filter(|known| known.stint.first == part)
    }

    /// Its bursts: the number of each in its step, and the law.
    #[inline]
    pub(crate) fn parts(&self, known: &Known) -> &[(u8, Variate)] {
        &self.parts[known.first as usize..known.end as usize]
    }
}

impl Stint {
    /// All of its work needs a worker.
    pub(crate) const ALL: u16 = 1 << 15;

    /// A burst alone.
    #[inline]
    pub(crate) fn of(burst: Burst) -> Self {
        Self {
            first: burst.part,
            last: burst,
            on_workers: if burst.on_worker { Self::ALL } else { 0 },
            allocates: burst.allocates,
            share: burst.share,
        }
    }
}

impl Network {
    /// The burst of this number of a step; none if the step is no work.
    #[inline]
    pub(crate) fn burst(&self, step: u16, part: u8) -> Option<Burst> {
        let Step::Work { depth, burst, end, need, on_worker, keeps, allocates, share, .. } =
            self.steps[usize::from(step)]
        else {
            return None;
        };
        let is_last = part + 1 >= end;
        let keeps = keeps && is_last;
        Some(Burst {
            step,
            part,
            depth,
            law: burst,
            need,
            on_worker,
            keeps,
            allocates,
            share,
            is_last,
        })
    }

    /// The last burst of a step; none if the step is no work.
    pub(crate) fn last_burst(&self, step: u16) -> Option<Burst> {
        match self.steps.get(usize::from(step)) {
            Some(Step::Work { end, .. }) => self.burst(step, end - 1),
            _ => None,
        }
    }

    /// The burst that follows another at once on the same node, if one does.
    #[inline]
    pub(crate) fn follower(&self, burst: Burst) -> Option<Burst> {
        if !burst.is_last {
            return self.burst(burst.step, burst.part + 1);
        }
        match self.steps[usize::from(burst.step) + 1] {
            Step::Work { depth, first, .. } if depth == burst.depth => {
                self.burst(burst.step + 1, first)
            }
            _ => None,
        }
    }

    /// The burst that follows another in its stint: of the same kind, and with nothing between them that
    /// others may notice.
    #[inline]
    pub(crate) fn next_in_stint(&self, burst: Burst) -> Option<Burst> {
        self.follower(burst).filter(|next| next.need == burst.need && !burst.keeps)
    }

    /// The bursts of a stint from one of them on.
    #[inline]
    pub(crate) fn bursts(&self, first: Burst) -> impl Iterator<Item = Burst> {
        std::iter::successors(Some(first), |burst| self.next_in_stint(*burst))
    }

    /// The stint from a burst on.
    pub(crate) fn stint(&self, first: Burst) -> Stint {
        let (mut all, mut on_workers) = (0.0, 0.0);
        let mut stint = Stint { allocates: 0.0, share: 0.0, ..Stint::of(first) };
        for burst in self.bursts(first) {
            stint.last = burst;
            stint.allocates += burst.allocates;
            stint.share += burst.share;
            all += burst.law.mean_nanos;
            on_workers += if burst.on_worker { burst.law.mean_nanos } else { 0.0 };
        }
        if all > 0.0 {
            stint.on_workers = (on_workers / all * f64::from(Stint::ALL)).ceil() as u16;
        }
        stint
    }

    /// The stints from the first burst of each step on.
    pub(crate) fn stints(&self) -> Stints {
        let mut stints = Stints { of_step: Vec::new(), parts: Vec::new() };
        for (step, work) in self.steps.iter().enumerate() {
            let first = match work {
                Step::Work { first, .. } => self.burst(step as u16, *first),
                _ => None,
            };
            let known = first.map(|burst| {
                let first = stints.parts.len() as u32;
                stints.parts.extend(self.bursts(burst).map(|burst| (burst.part, burst.law)));
                let (stint, end) = (self.stint(burst), stints.parts.len() as u32);
                Known { stint, first, end, follower: self.follower(stint.last) }
            });
            stints.of_step.push(known);
        }
        stints
    }
}
