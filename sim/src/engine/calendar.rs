//! What happens next: three lists of events, one for each kind of them.

mod control;
mod queue;
mod tournament;

pub(super) use control::{Control, ControlList};
pub(super) use queue::MonotoneQueue;
pub(super) use tournament::{LATEST, MOST_STATIONS, Tournament};
