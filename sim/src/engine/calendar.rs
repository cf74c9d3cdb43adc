//! What happens next: a list of events for each kind of them.

mod control;
mod lanes;
mod queue;
mod tournament;

pub(super) use control::{Control, ControlList};
pub(crate) use lanes::Lanes;
pub(super) use queue::{MonotoneQueue, Timed};
pub(super) use tournament::{LATEST, MOST_COMPETITORS, Tournament};
