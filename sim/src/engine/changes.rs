//! Changes of nodes, what they do to requests, and what balancers learn of them.

use super::marks::{Mark, reached};
use super::moments::Event;
use super::parts::{Change, Condition, Finding};
use super::request::Request;
use super::{Control, Engine};
use crate::cause::Cause;
use crate::network::Station;

impl Engine<'_> {
    pub(super) fn on_control(&mut self) {
        let Some(event) = self.control.pop() else { return };
        match event {
            Control::WindowStart => self.start_window(),
            Control::SeriesPart => self.end_series_part(),
            Control::Act { operator, node } => self.act(operator, node),
            Control::Started { node, start } => {
                if self.starts_in_vain(node, start) {
                    return;
                }
                if let Some(condition) = self.machines[node].started(self.now, start) {
                    self.tell(node, condition);
                    self.look_anew(node);
                } else {
                    reached(Mark::StartInterrupted);
                }
            }
            Control::Probed { node, is_good, changes } => {
                if self.health[node].changes() == changes {
                    reached(Mark::ProbesFindOut);
                    self.believe(node, is_good);
                } else {
                    reached(Mark::ProbesTooLate);
                }
            }
            Control::AnotherChance { balancer, member } => {
                if self.balancers[balancer].looked_at(member, self.now).is_none() {
                    reached(Mark::AnotherChance);
                    self.call_all(balancer);
                }
            }
            Control::LeavesQueue { balancer, number } => self.leave_queue(balancer, number),
            Control::Background { node } => self.allocate_for_itself(node),
            Control::Marked { node } => self.marked(node),
            Control::OutOfMemory { node, process } => self.runs_out_of_memory(node, process),
            Control::StartAgain { node } => self.change(node, Change::Start),
        }
    }

    /// Everyone who is concerned knows which nodes are absent or stand by at the start.
    pub(super) fn begin_without_absent(&mut self) {
        for node in 0..self.machines.len() {
            let condition = self.machines[node].condition();
            if matches!(condition, Condition::Absent | Condition::Standby) {
                self.tell(node, condition);
                self.believe(node, false);
            }
        }
    }

    /// Counts what is observed from here on.
    fn start_window(&mut self) {
        self.observers.start_window(self.now, &mut self.nodes, &self.machines);
        self.machines.iter_mut().for_each(|machine| machine.start_window(self.now));
    }

    fn end_series_part(&mut self) {
        let ended = self.observers.end_part(self.now) as u64;
        // The last part ends with the replication.
        let next = self.end / u64::from(self.run.asked.series) * (ended + 1);
        let next = next.min(self.end - 1).max(self.now + 1);
        self.control.schedule(next, Control::SeriesPart);
    }

    /// Schedules when each operator acts next on a node.
    pub(super) fn schedule_operators(&mut self, node: usize) {
        (0..self.operators.len()).for_each(|operator| self.schedule_operator(operator, node));
    }

    fn schedule_operator(&mut self, operator: usize, node: usize) {
        let next = self.operators[operator].next(node);
        if next < self.end {
            self.control.schedule(next, Control::Act { operator, node });
        }
    }

    /// An operator has changed its mind about other nodes.
    pub(super) fn wake(&mut self, operator: usize) {
        for node in self.operators[operator].woken() {
            self.schedule_operator(operator, node);
        }
    }

    /// An operator acts, unless it has changed its mind since it said so.
    fn act(&mut self, operator: usize, node: usize) {
        if self.operators[operator].next(node) != self.now {
            return;
        }
        if let Some(work) = self.operators[operator].asks_for(node) {
            let takes = self.answers_probe_after(node, work);
            self.operators[operator].hears(node, takes);
        }
        let change = self.operators[operator].act(node, self.now);
        for again in self.operators[operator].done_again() {
            self.observers.done_again(&again);
        }
        self.schedule_operator(operator, node);
        self.wake(operator);
        if let Some(change) = change {
            let origin = self.operators[operator].origin();
            self.observers.happened(self.now, node, Event::Change(change, origin));
            self.change(node, change);
        }
    }

    /// How long the answer of a node to a probe would take that comes now, nanoseconds.
    fn answers_probe_after(&mut self, node: usize, work: f64) -> f64 {
        let (stopped, sharing) = self.nodes[node].stopped_and_shared(self.now);
        let crowding = self.nodes[node].heap().crowding();
        stopped + self.machines[node].answers_probe_after(work, crowding, sharing)
    }

    /// Changes a node, with all that follows for its requests.
    fn change(&mut self, node: usize, change: Change) {
        self.change_by(node, change, Cause::Reset);
    }

    /// The same; what is lost is lost for this cause.
    pub(super) fn change_by(&mut self, node: usize, change: Change, cause: Cause) {
        if change == Change::Admit {
            return self.admit(node);
        }
        let machine = &mut self.machines[node];
        let before = machine.condition();
        let condition = machine.change(self.now, change);
        let is_new = change == Change::Replace && before.answers();
        if is_new || condition == Some(Condition::Starting) {
            self.token_caches[node].begin_anew(self.now);
            self.endpoints.begin_anew(node);
        }
        if is_new || condition.is_some_and(|condition| !condition.is_of_a_process()) {
            self.meters.iter_mut().for_each(|meter| meter.begin_anew(node, self.now));
        }
        if is_new {
            self.renew_heap(node);
            for operator in 0..self.operators.len() {
                self.operators[operator].is_replaced(node, self.now);
                self.wake(operator);
            }
        }
        let Some(condition) = condition else { return };
        self.tell(node, condition);
        match condition {
            Condition::Starting => {
                if before == Condition::Vanished {
                    // Nobody at the machine that is back knows of what it had.
                    self.lose(node, Cause::Reset);
                }
                self.start_up(node);
            }
            Condition::Hung | Condition::Vanished => {
                let is_hung = condition == Condition::Hung;
                reached(if is_hung { Mark::Hangs } else { Mark::Vanishes });
                self.nodes[node].hang(self.now);
                self.refresh(node);
            }
            Condition::FailsFast | Condition::Fetching => {}
            Condition::Draining => {
                reached(Mark::Drains);
                self.believe(node, false);
            }
            Condition::Absent | Condition::Standby | Condition::Down => self.lose(node, cause),
            Condition::Up => {
                reached(Mark::GoesOn);
                self.nodes[node].resume(self.now);
                self.refresh(node);
                if before == Condition::Draining {
                    self.believe(node, true);
                }
            }
        }
    }

    /// Tells everyone who is concerned that a node is in another condition.
    fn tell(&mut self, node: usize, condition: Condition) {
        for operator in 0..self.operators.len() {
            let before = self.operators[operator].next(node);
            self.operators[operator].learn(node, self.now, condition);
            if self.operators[operator].next(node) != before {
                self.schedule_operator(operator, node);
            }
            self.wake(operator);
        }
        self.observers.happened(self.now, node, Event::Enters(condition));
        let finding = self.health[node].sees(self.now, condition);
        self.find(node, finding);
    }

    /// The start-up probe of a node has succeeded.
    fn admit(&mut self, node: usize) {
        reached(Mark::Admits);
        let finding = self.health[node].admits(self.now, self.machines[node].condition());
        self.find(node, finding);
    }

    /// Probes find out about a node.
    fn find(&mut self, node: usize, finding: Finding) {
        match finding {
            Finding::AtOnce => self.believe(node, self.health[node].is_good()),
            Finding::At(known) => {
                let (changes, is_good) = (self.health[node].changes(), self.health[node].is_good());
                self.control.schedule(known, Control::Probed { node, is_good, changes });
            }
            Finding::Never => {}
        }
    }

    fn start_up(&mut self, node: usize) {
        let machine = &self.machines[node];
        let station = &self.network.clusters[machine.cluster()];
        reached(Mark::StartsUp);
        let ready = self.now.saturating_add(machine.start_up(self.network, station));
        self.control.schedule(ready, Control::Started { node, start: machine.start() });
    }

    /// Whether a process that would have started by now ends, as the database that it needs is out; it is started
    /// again.
    fn starts_in_vain(&mut self, node: usize, start: u64) -> bool {
        let machine = &self.machines[node];
        let station = &self.network.clusters[machine.cluster()];
        let is_in_vain = machine.is_starting(start)
            && station.starts_with_database
            && self.suppliers.is_database_out(self.now);
        if is_in_vain {
            reached(Mark::StartsInVain);
            let takes = machine.start_up(self.network, station);
            let ready = self.now.saturating_add(Station::STARTS_AGAIN_AFTER.0 + takes);
            self.control.schedule(ready, Control::Started { node, start });
        }
        is_in_vain
    }

    /// A process has ended: every request that occupies the node is lost, wherever it is.
    fn lose(&mut self, node: usize, cause: Cause) {
        let station = &self.network.clusters[self.machines[node].cluster()];
        reached(Mark::Dies);
        let mut lost = self.nodes[node].end(self.now, station);
        if !lost.is_empty() {
            reached(Mark::LosesOnNode);
        }
        for elsewhere in (0..self.nodes.len()).filter(|other| *other != node) {
            let before = lost.len();
            self.nodes[elsewhere].lose(self.now, node as u16, &mut lost);
            if lost.len() > before {
                reached(Mark::LosesElsewhere);
                self.refresh(elsewhere);
            }
        }
        let occupies = |request: &Request| request.occupies(node as u16).is_some();
        let here = lost.len();
        self.lanes.take_all(occupies, &mut lost);
        (0..self.lanes.count()).for_each(|lane| {
            self.tournament.set(self.first_lane + lane, self.lanes.next(lane));
        });
        self.queue.take_all(occupies, &mut lost);
        for queue in &mut self.queues {
            lost.extend(queue.iter().map(|(_, request)| *request).filter(occupies));
            queue.retain(|(_, request)| !occupies(request));
        }
        if lost.len() > here {
            reached(Mark::LosesOnTheWay);
        }
        for request in lost.iter_mut().filter(|request| request.is(Request::CLIPPED)) {
            request.flags &= !Request::CLIPPED;
            request.deadline = request.time;
        }
        // In order of arrival; the copies of an event by the node that they go to.
        lost.sort_by_key(|request| (request.name(), request.nodes));
        for request in lost {
            match request.occupies(node as u16) {
                Some(depth) => self.attempt_failed(request, depth, cause),
                None => self.fail(request, cause),
            }
        }
        self.refresh(node);
    }

    /// A health check has changed its mind about a node: all balancers of its cluster know.
    fn believe(&mut self, node: usize, up: bool) {
        let (cluster, member) = self.machines[node].place();
        self.observers.happened(self.now, node, Event::Believed(up));
        for which in self.network.balancers_of(cluster) {
            self.balancers[which].believe(member, up);
            self.call_all(which);
        }
    }

    /// Balancers that learn from their own attempts alone are told of a process that is started: what drained
    /// before it was stopped is sent requests again.
    fn look_anew(&mut self, node: usize) {
        let (cluster, member) = self.machines[node].place();
        for which in self.network.balancers_of(cluster) {
            self.balancers[which].started(member, self.now);
            self.call_all(which);
        }
    }

    /// Whoever waits in a balancer goes on, while there is room. Those who have tried the nodes with room
    /// already go on waiting.
    fn call_all(&mut self, which: usize) {
        for _ in 0..self.queues[which].len() {
            self.call_next(which);
            while let Some(mut request) = self.ready.pop() {
                self.goes_on(&mut request);
            }
        }
    }
}
