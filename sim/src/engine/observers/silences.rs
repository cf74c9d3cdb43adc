//! How long no request of any flow is answered.

use crate::cause::Cause;
use crate::stats::Silences;

const MILLISECOND: u64 = 1_000_000;

/// The silences between answers, on a clock of whole milliseconds from the start of the window.
#[derive(Debug, Default)]
pub(super) struct AnswerGaps(Silences);

impl AnswerGaps {
    pub(super) fn ended(&mut self, now: u64, window_start: u64, failed: Option<Cause>) {
        if failed.is_none() {
            self.0.answered((now - window_start) / MILLISECOND);
        }
    }

    pub(super) fn into_inner(self) -> Silences {
        self.0
    }
}
