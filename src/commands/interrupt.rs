//! Ctrl-C: the first ends the work with what is complete, the second at once.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::output::note;

/// Set by Ctrl-C.
pub(super) static STOP: AtomicBool = AtomicBool::new(false);

/// Status of a process that was told twice to stop.
const INTERRUPTED: i32 = 130;

/// The first interrupt ends the run with what is complete, the second at once.
pub(super) fn stop_on_interrupt() {
    let handled = ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(INTERRUPTED);
        }
    });
    if let Err(error) = handled {
        note(&format!("Ctrl-C will end the run without results: {error}"));
    }
}
