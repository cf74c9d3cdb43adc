//! A node: bursts share its cores, others wait for a worker, and everything stops for garbage
//! collection. It knows work, not routes; it says what begins and what is next, and the engine acts.
//!
//! Processor sharing keeps a virtual time that runs at the rate of one burst: min(1, cores / n) with
//! n in service. A burst is complete when virtual time has run for its work, so that only the order
//! of the finish times matters and only one departure is pending, whatever is in service. With no
//! more in service than cores the rate is 1: first come, first served.

use std::collections::VecDeque;

use super::expiry::{Expiring, Expiry};
use super::request::Request;
use super::service::{Burst, ServiceList};

/// A node.
#[derive(Debug)]
pub(super) struct Node {
    cores: f64,
    /// One over the number of cores.
    per_core: f64,
    in_service_limit: u32,
    waiting_limit: u32,
    slots: Vec<Slot>,
    free: Vec<u32>,
    service: ServiceList,
    waiting: VecDeque<u32>,
    /// Requests that wait for a connection to the key manager, and how many are free.
    connection_waiting: VecDeque<u32>,
    connections: u32,
    expiry: Expiry,
    in_service: u32,
    /// Those in service that hold a worker.
    working: u32,
    waiting_count: u32,
    virtual_time: f64,
    /// What the requests in flight keep alive, bytes.
    live: u64,
    /// Until when virtual time has been advanced; in the future during a stop.
    updated_at: u64,
    /// Ends of the stops that are not over, in order.
    stops: VecDeque<(u64, Stop)>,
    /// Until when busy workers have been counted.
    counted_at: u64,
    /// When the first burst is complete, if nothing changes before.
    departure: u64,
    stalls: StallClock,
    usage: NodeUsage,
}

/// When a node stalls: after so much work has been done, whoever brought it.
#[derive(Clone, Copy, Debug)]
pub(super) struct StallClock {
    /// Work from one stall to the next, core-nanoseconds; infinite where there are none.
    pub(super) every: f64,
    /// The next stall begins when the node has done so much since the start of the replication.
    pub(super) next: f64,
    /// When that is, if nothing changes before.
    pub(super) due: u64,
}

impl StallClock {
    /// A node that has done `since` of the work that leads to its first stall.
    pub(super) fn new(every: f64, since: f64) -> Self {
        Self { every, next: every - since, due: u64::MAX }
    }

    /// A node that never stalls.
    pub(super) const NEVER: Self =
        Self { every: f64::INFINITY, next: f64::INFINITY, due: u64::MAX };
}

/// A burst that a request brings.
#[derive(Clone, Copy, Debug)]
pub(super) struct Work {
    /// Work of one core, nanoseconds.
    pub(super) nanos: f64,
    /// Whether it needs a worker.
    pub(super) on_worker: bool,
    /// What the request begins to keep alive with its first burst on a worker, bytes; whole, and small
    /// enough for the record.
    pub(super) retains: f32,
    /// The flag that it does; none where that has begun.
    pub(super) retaining: u8,
}

/// What a node has done since the start of the replication.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct NodeUsage {
    /// Core-time spent on bursts, nanoseconds.
    pub(super) busy: f64,
    /// Time in garbage collection, nanoseconds.
    pub(super) paused: f64,
    /// Time in stalls, nanoseconds.
    pub(super) stalled: f64,
    /// Worker-time, nanoseconds.
    pub(super) workers: f64,
}

/// Why all cores stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// Garbage collection.
    Collection,
    /// Anything else.
    Stall,
}

impl NodeUsage {
    fn stopped(&mut self, stop: Stop) -> &mut f64 {
        match stop {
            Stop::Collection => &mut self.paused,
            Stop::Stall => &mut self.stalled,
        }
    }
}

/// A place for a request on a node.
#[derive(Clone, Copy, Debug)]
struct Slot {
    request: Request,
    burst: Work,
    expires: u64,
    /// How often the slot has been given away.
    usage: u32,
    state: State,
}

/// Where the request of a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    InService,
    Waiting,
    ForConnection,
    /// The request has expired; the slot is freed when its entry surfaces.
    Ghost,
}

/// How many key-manager connections a gateway node has: `default_max_per_route` of its HTTP client
/// pool (WSO2 carbon-apimgt, `org.wso2.carbon.apimgt.core.default.json`).
const CONNECTIONS: u32 = 50;

impl Node {
    pub(super) fn new(
        cores: f64,
        in_service_limit: u32,
        waiting_limit: u32,
        stalls: StallClock,
    ) -> Self {
        Self {
            cores,
            per_core: 1.0 / cores,
            in_service_limit,
            waiting_limit,
            slots: Vec::new(),
            free: Vec::new(),
            service: ServiceList::default(),
            waiting: VecDeque::new(),
            connection_waiting: VecDeque::new(),
            connections: CONNECTIONS,
            expiry: Expiry::new(),
            in_service: 0,
            working: 0,
            waiting_count: 0,
            virtual_time: 0.0,
            live: 0,
            updated_at: 0,
            stops: VecDeque::new(),
            counted_at: 0,
            departure: u64::MAX,
            stalls,
            usage: NodeUsage::default(),
        }
    }

    /// Whether a new request would be rejected.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.working >= self.in_service_limit && self.waiting_count >= self.waiting_limit
    }

    /// A request brings a burst; it leaves unfinished at `expires`.
    #[inline]
    pub(super) fn add(&mut self, now: u64, request: &Request, burst: Work, expires: u64) {
        self.advance(now);
        let slot = self.take_slot(request, expires);
        self.again(slot, burst);
    }

    /// The time of the next event of this node, to be asked for after every change.
    #[inline]
    pub(super) fn next_event(&mut self) -> u64 {
        self.departure = self.first_departure();
        self.stalls.due = self.next_stall();
        self.departure.min(self.stalls.due).min(self.expiry.next())
    }

    /// Whether a stall begins at `now`. Where a burst is complete at the same instant, that comes
    /// first.
    pub(super) fn begins_stall(&mut self, now: u64) -> bool {
        let begins = self.stalls.due <= now;
        if begins {
            self.advance(now);
            self.stalls.next += self.stalls.every;
        }
        begins
    }

    /// Completes the burst that is due at `now`, if one is, and gives its worker to the next in line.
    /// The request stays in its slot: it goes on with [`Self::again`] or leaves with
    /// [`Self::take`].
    #[inline]
    pub(super) fn complete(&mut self, now: u64) -> Option<u32> {
        if self.departure > now {
            return None;
        }
        self.advance(now);
        let burst = self.service.pop()?;
        self.drop_ghosts();
        self.end_service(burst.slot);
        Some(burst.slot)
    }

    /// The request of a slot begins another burst.
    #[inline]
    pub(super) fn again(&mut self, slot: u32, burst: Work) {
        let place = &mut self.slots[slot as usize];
        place.burst = burst;
        if !burst.on_worker || self.working < self.in_service_limit {
            place.state = State::InService;
            self.start(slot, burst);
        } else {
            place.state = State::Waiting;
            self.waiting.push_back(slot);
            self.waiting_count += 1;
        }
    }

    /// The request of a slot.
    #[inline]
    pub(super) fn request(&mut self, slot: u32) -> &mut Request {
        &mut self.slots[slot as usize].request
    }

    /// Takes a request out of its slot.
    #[inline]
    pub(super) fn take(&mut self, slot: u32) -> Request {
        if self.in_service == 0 {
            self.virtual_time = 0.0;
        }
        self.release(slot);
        self.slots[slot as usize].request
    }

    /// Takes out one request that expires at `now`, if there is one.
    #[cold]
    pub(super) fn expire(&mut self, now: u64) -> Option<Request> {
        if self.expiry.is_stale(now) {
            let slots = self.slots.iter().enumerate();
            self.expiry.list(slots.filter(|(_, slot)| slot.is_live()).map(|(index, slot)| {
                Expiring { at: slot.expires, slot: index as u32, usage: slot.usage }
            }));
        }
        while let Some(due) = self.expiry.pop_due(now) {
            let slot = &self.slots[due.slot as usize];
            if slot.usage == due.usage && slot.is_live() {
                return Some(self.abandon(now, due.slot));
            }
        }
        None
    }

    /// All cores stop for `nanos`, after a stop that is under way.
    pub(super) fn stop(&mut self, now: u64, nanos: f64, stop: Stop) {
        self.advance(now);
        while self.stops.front().is_some_and(|(end, _)| *end <= now) {
            self.stops.pop_front();
        }
        self.updated_at = self.updated_at.max(now) + nanos as u64;
        self.stops.push_back((self.updated_at, stop));
        *self.usage.stopped(stop) += nanos;
    }

    /// The process is gone, with everything on it, which is returned in order of arrival.
    pub(super) fn crash(&mut self, now: u64) -> Vec<Request> {
        self.advance(now);
        // The rest of a stop is gone with the process.
        self.usage = self.usage(now);
        self.updated_at = now;
        let mut lost: Vec<Request> = self.requests().copied().collect();
        lost.sort_by_key(|request| (request.arrived, request.flow, request.number));
        let usage = self.usage;
        *self = Self {
            updated_at: now,
            counted_at: now,
            usage,
            live: self.live,
            ..Self::new(self.cores, self.in_service_limit, self.waiting_limit, self.stalls)
        };
        lost
    }

    /// Takes a key-manager connection for a request; without a free one the request waits here and
    /// comes back from [`Self::release_connection`].
    pub(super) fn acquire_connection(&mut self, request: &Request, expires: u64) -> bool {
        if self.connections > 0 {
            self.connections -= 1;
            return true;
        }
        let slot = self.take_slot(request, expires);
        self.slots[slot as usize].state = State::ForConnection;
        self.connection_waiting.push_back(slot);
        false
    }

    /// Gives a key-manager connection back, and so perhaps to the next in line.
    pub(super) fn release_connection(&mut self) -> Option<Request> {
        while let Some(slot) = self.connection_waiting.pop_front() {
            if self.slots[slot as usize].state == State::ForConnection {
                return Some(self.take(slot));
            }
            self.release(slot);
        }
        // A node that crashed has all of them back before its calls end.
        self.connections = (self.connections + 1).min(CONNECTIONS);
        None
    }

    /// What the node has done until `now`.
    pub(super) fn usage(&mut self, now: u64) -> NodeUsage {
        self.advance(now);
        let mut usage = self.usage;
        let mut from = now;
        for (end, stop) in &self.stops {
            *usage.stopped(*stop) -= end.saturating_sub(from) as f64;
            from = from.max(*end);
        }
        usage
    }

    /// What the requests in flight keep alive, bytes.
    #[inline]
    pub(super) fn live(&self) -> u64 {
        self.live
    }

    /// A request no longer keeps so many bytes alive.
    #[inline]
    pub(super) fn free(&mut self, bytes: u64) {
        self.live -= bytes;
    }

    /// Every request on the node.
    pub(super) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.slots.iter().filter(|slot| slot.is_live()).map(|slot| &slot.request)
    }

    #[inline]
    fn advance(&mut self, now: u64) {
        // Workers are held through pauses, too.
        self.usage.workers += (now - self.counted_at) as i64 as f64 * f64::from(self.working);
        self.counted_at = now;
        if now <= self.updated_at {
            return;
        }
        let elapsed = (now - self.updated_at) as i64 as f64;
        self.updated_at = now;
        if self.in_service > 0 {
            let in_service = f64::from(self.in_service);
            // A division only where it makes a difference.
            let (busy, progress) = if in_service <= self.cores {
                (in_service, elapsed)
            } else {
                (self.cores, elapsed * self.cores / in_service)
            };
            self.virtual_time += progress;
            self.usage.busy += elapsed * busy;
        }
    }

    #[inline]
    fn first_departure(&self) -> u64 {
        let Some(first) = self.service.first() else { return u64::MAX };
        let slowdown = (f64::from(self.in_service) * self.per_core).max(1.0);
        let remaining = (first.finish - self.virtual_time).max(0.0) * slowdown;
        // By way of a signed number the conversion is one instruction; 292 years fit.
        self.updated_at + (remaining + 0.5) as i64 as u64
    }

    /// When so much work has been done that the node stalls; never, where a burst is complete before.
    #[inline]
    fn next_stall(&self) -> u64 {
        let working = f64::from(self.in_service).min(self.cores);
        let work = self.stalls.next - self.usage.busy;
        // Mostly the next burst is complete long before. Without one there is no departure.
        if self.departure == u64::MAX
            || (self.departure - self.updated_at) as i64 as f64 * working < work
        {
            return u64::MAX;
        }
        self.updated_at + ((work / working).max(0.0) + 0.5) as i64 as u64
    }

    #[inline]
    fn start(&mut self, slot: u32, burst: Work) {
        self.service.insert(Burst { finish: self.virtual_time + burst.nanos, slot });
        self.in_service += 1;
        if burst.on_worker {
            self.working += 1;
            if burst.retaining != 0 {
                self.live += burst.retains as u64;
                self.slots[slot as usize].request.flags |= burst.retaining;
            }
        }
    }

    /// The burst of a slot is over; its worker goes to the next in line.
    #[inline]
    fn end_service(&mut self, slot: u32) {
        self.in_service -= 1;
        if self.slots[slot as usize].burst.on_worker {
            self.working -= 1;
            self.start_waiting();
        }
    }

    #[inline]
    fn start_waiting(&mut self) {
        while self.working < self.in_service_limit
            && let Some(slot) = self.waiting.pop_front()
        {
            let place = &mut self.slots[slot as usize];
            if place.state == State::Waiting {
                place.state = State::InService;
                let burst = place.burst;
                self.waiting_count -= 1;
                self.start(slot, burst);
            } else {
                self.release(slot);
            }
        }
    }

    fn abandon(&mut self, now: u64, slot: u32) -> Request {
        self.advance(now);
        let place = &mut self.slots[slot as usize];
        let state = std::mem::replace(&mut place.state, State::Ghost);
        let request = place.request;
        match state {
            State::InService => {
                self.drop_ghosts();
                self.end_service(slot);
            }
            State::Waiting => self.waiting_count -= 1,
            State::ForConnection | State::Free | State::Ghost => {}
        }
        request
    }

    #[inline]
    fn drop_ghosts(&mut self) {
        while let Some(first) = self.service.first()
            && self.slots[first.slot as usize].state == State::Ghost
        {
            let slot = first.slot;
            self.service.pop();
            self.release(slot);
        }
    }

    #[inline]
    fn take_slot(&mut self, request: &Request, expires: u64) -> u32 {
        self.expiry.note(expires);
        let state = State::Waiting;
        let burst = Work { nanos: 0.0, on_worker: false, retains: 0.0, retaining: 0 };
        let fresh = Slot { request: *request, burst, expires, usage: 0, state };
        if let Some(slot) = self.free.pop() {
            let place = &mut self.slots[slot as usize];
            *place = Slot { usage: place.usage.wrapping_add(1), ..fresh };
            return slot;
        }
        self.slots.push(fresh);
        (self.slots.len() - 1) as u32
    }

    #[inline]
    fn release(&mut self, slot: u32) {
        self.slots[slot as usize].state = State::Free;
        self.free.push(slot);
    }
}

impl Slot {
    fn is_live(&self) -> bool {
        !matches!(self.state, State::Free | State::Ghost)
    }
}
