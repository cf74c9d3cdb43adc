//! What stops a node from within: collections of its heap and what comes of them, and stalls.

use super::marks::{Mark, reached};
use super::parts::{BACKGROUND_STEP, Change, Stop};
use super::{Control, Engine};
use crate::cause::Cause;

impl Engine<'_> {
    /// A burst that is complete has allocated so many requests or MiB; when the budget is used up, the
    /// node stops for a collection.
    #[inline]
    pub(super) fn allocate(&mut self, node: usize, amount: f64) {
        if self.nodes[node].heap().allocate(amount) {
            self.collect(node);
        }
    }

    /// The node allocates what it does in a step, and goes on so.
    pub(super) fn allocate_for_itself(&mut self, node: usize) {
        if self.machines[node].condition().answers() {
            let step = self.nodes[node].heap().background();
            reached(Mark::AllocatesForItself);
            self.allocate(node, step);
            self.refresh(node);
        }
        self.control.schedule(self.now + BACKGROUND_STEP.0, Control::Background { node });
    }

    #[cold]
    fn collect(&mut self, node: usize) {
        let machine = &self.machines[node];
        let station = &self.network.clusters[machine.cluster()];
        let (in_flight, process) = (machine.in_flight().level(), machine.start());
        reached(Mark::Collects);
        let heap = self.nodes[node].heap();
        let collection = heap.collect(self.now, self.network, station, in_flight);
        let marks_until = heap.marks_until();
        self.nodes[node].stop(self.now, collection.nanos, Stop::Collection);
        if collection.changes_cores {
            self.share_with_marking(node);
            if let Some(until) = marks_until {
                reached(Mark::MarksBeside);
                self.control.schedule(until, Control::Marked { node });
            }
        }
        if collection.is_fatal {
            let at = self.now + collection.nanos as u64;
            self.control.schedule(at, Control::OutOfMemory { node, process });
        }
    }

    /// Marking takes cores from the requests, or gives them back.
    fn share_with_marking(&mut self, node: usize) {
        let station = &self.network.clusters[self.machines[node].cluster()];
        let cores = self.nodes[node].heap().cores_beside_marking(station.cores);
        self.nodes[node].has_cores(self.now, cores);
    }

    /// Marking may be over.
    pub(super) fn marked(&mut self, node: usize) {
        match self.nodes[node].heap().marks_until() {
            Some(until) if until > self.now => {
                self.control.schedule(until, Control::Marked { node });
            }
            Some(_) => {
                let station = &self.network.clusters[self.machines[node].cluster()];
                let nanos = self.nodes[node].heap().end_marking(self.network, station);
                self.share_with_marking(node);
                self.nodes[node].stop(self.now, nanos, Stop::Collection);
                self.refresh(node);
            }
            None => {}
        }
    }

    /// A process has run out of memory: it ends, and is started again by itself.
    pub(super) fn runs_out_of_memory(&mut self, node: usize, process: u64) {
        let machine = &self.machines[node];
        if machine.start() != process {
            return;
        }
        reached(Mark::OutOfMemory);
        let station = &self.network.clusters[machine.cluster()];
        let restart = station.gc.and_then(|gc| gc.heap().map(|heap| heap.restart.0)).unwrap_or(0);
        self.change_by(node, Change::Crash, Cause::OutOfMemory);
        self.control.schedule(self.now + restart, Control::StartAgain { node });
    }

    /// A new process has an empty heap.
    pub(super) fn renew_heap(&mut self, node: usize) {
        let station = &self.network.clusters[self.machines[node].cluster()];
        self.nodes[node].heap().renew(station.cores);
        self.nodes[node].has_cores(self.now, station.cores);
        self.refresh(node);
    }

    /// The node has done so much work that it stalls.
    #[cold]
    pub(super) fn stall(&mut self, node: usize) {
        let station = &self.network.clusters[self.machines[node].cluster()];
        reached(Mark::Stalls);
        let nanos = self.nodes[node].stalls().stall(self.network, station);
        self.nodes[node].heap().delay_marking(nanos);
        self.nodes[node].stop(self.now, nanos, Stop::Stall);
    }
}
