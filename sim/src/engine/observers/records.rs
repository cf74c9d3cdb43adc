//! Every request that begins and ends in the window.

use super::super::observations::RequestRecord;
use super::super::request::Request;
use crate::cause::Cause;
use crate::time::SimDuration;

/// The requests that have ended.
#[derive(Debug, Default)]
pub(super) struct Records(Vec<RequestRecord>);

impl Records {
    pub(super) fn ended(
        &mut self,
        now: u64,
        window_start: u64,
        request: &Request,
        failed: Option<Cause>,
    ) {
        if let Some(began) = request.arrived.checked_sub(window_start) {
            self.0.push(RequestRecord {
                began: SimDuration(began),
                ended: SimDuration(now - window_start),
                number: request.number,
                flow: request.flow,
                failed,
            });
        }
    }

    pub(super) fn into_vec(self) -> Vec<RequestRecord> {
        self.0
    }
}
