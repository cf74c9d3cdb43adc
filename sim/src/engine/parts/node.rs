//! A node: bursts share its cores, others wait for a worker, requests that wait for an answer from
//! elsewhere may keep their worker, and everything stops for garbage collection. It knows work, not routes;
//! it says what begins and what is next, and the engine acts.
//!
//! Processor sharing keeps a virtual time that runs at the rate of one burst: min(1, cores / n) with
//! n in service. A burst is complete when virtual time has run for its work, so that only the order
//! of the finish times matters and only one departure is pending, whatever is in service. With no
//! more in service than cores the rate is 1: first come, first served. While everybody there could have
//! a worker, the bursts of a visit are in service as one; see [`stints`].

mod calls;
mod ends;
mod stints;
mod watch;
mod workers;

use std::collections::VecDeque;

use super::super::marks::{Mark, reached};
use super::super::request::Request;
use super::expiry::Expiry;
use super::heap::Heap;
use super::line::Line;
use super::pool::ConnectionPool;
use super::service::{Burst, ServiceList};
use super::stops::{StallClock, Stop, Stops};
use crate::network::{Station, Stint};

pub(in crate::engine) use stints::Regime;
pub(in crate::engine) use watch::Passed;

/// The end of a stop that does not end: after every replication, and far from the end of the clock.
const NEVER: u64 = u64::MAX / 4;

/// A node. Its fields stay in this order: what every burst touches comes first and is close together.
#[derive(Debug)]
#[repr(C)]
pub(in crate::engine) struct Node {
    /// Until when virtual time has been advanced; in the future during a stop.
    updated_at: u64,
    /// Until when busy workers have been counted.
    counted_at: u64,
    virtual_time: f64,
    /// When the first burst is complete, if nothing changes before.
    departure: u64,
    /// When the next stall begins, if nothing changes before.
    stall_due: u64,
    in_service: u32,
    /// Those in service alone that hold a worker.
    working: u32,
    /// Workers that are held on average, in parts of [`Stint::ALL`].
    held: u64,
    /// Workers that wait with their request.
    kept: u32,
    waiting_count: u32,
    in_service_limit: u32,
    workers: u32,
    places: u32,
    /// How many in service have left already: see [`State::Ghost`].
    ghosts: u32,
    /// How often a slot has been given away.
    uses: u32,
    /// Whether its cores are shared by more bursts than there are, so that bursts can be in service as one.
    shares: bool,
    /// Whether each burst is in service alone.
    is_crowded: bool,
    cores: f64,
    /// One over the number of cores.
    per_core: f64,
    usage: NodeUsage,
    /// In place of everything else, where nothing stops the node.
    line: Option<Line>,
    slots: Vec<Slot>,
    free: Vec<u32>,
    expiry: Expiry,
    stalls: StallClock,
    service: ServiceList,
    heap: Heap,
    /// Those who wait for a worker, numbered as they came.
    waiting: VecDeque<(u64, u32)>,
    /// Those who have kept their worker and wait for a core, which they do under
    /// first-come-first-served alone; the others have it with their worker.
    returning: VecDeque<(u64, u32)>,
    /// By slot, how the present burst began, where anybody asks.
    begun: Option<Vec<Begun>>,
    stops: Stops,
    /// How many have had to wait.
    queued: u64,
    /// By pool.
    connections: [ConnectionPool; 2],
}

/// A burst that a request brings.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, true or not")]
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Work {
    /// Work of one core, nanoseconds.
    pub(in crate::engine) nanos: f64,
    /// How much of it needs a worker, in parts of [`Stint::ALL`]: all or nothing, but for several bursts as one.
    pub(in crate::engine) on_workers: u16,
    /// What the request begins to keep alive with its first burst on a worker, bytes; whole, and small
    /// enough for the record.
    pub(in crate::engine) retains: f32,
    /// The depth at which the request occupies the node.
    pub(in crate::engine) depth: u8,
    /// Whether that begins with it.
    pub(in crate::engine) retaining: bool,
    /// Whether the request keeps its worker after the burst.
    pub(in crate::engine) keeps: bool,
    /// Whether the request has kept a worker for the burst.
    pub(in crate::engine) kept: bool,
    /// Whether it is a stint: bursts that are in service as one.
    pub(in crate::engine) is_stint: bool,
}

/// A burst that is complete, or a stint.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Complete {
    pub(in crate::engine) slot: u32,
    pub(in crate::engine) is_stint: bool,
}

/// What a node has done since the start of the replication.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::engine) struct NodeUsage {
    /// Core-time spent on bursts, nanoseconds.
    pub(in crate::engine) busy: f64,
    /// Time in garbage collection, nanoseconds.
    pub(in crate::engine) paused: f64,
    /// Time in stalls, nanoseconds.
    pub(in crate::engine) stalled: f64,
    /// Worker-time, nanoseconds.
    pub(in crate::engine) workers: f64,
}

impl Work {
    const NOTHING: Self = Self {
        nanos: 0.0,
        on_workers: 0,
        retains: 0.0,
        depth: 0,
        retaining: false,
        keeps: false,
        kept: false,
        is_stint: false,
    };
}

impl NodeUsage {
    fn stopped(&mut self, stop: Stop) -> &mut f64 {
        match stop {
            Stop::Collection => &mut self.paused,
            Stop::Stall => &mut self.stalled,
        }
    }
}

/// When a burst began, and what its node had done until then.
#[derive(Clone, Copy, Debug)]
struct Begun {
    at: u64,
    usage: NodeUsage,
}

/// A place for a request on a node.
#[derive(Clone, Copy, Debug)]
struct Slot {
    request: Request,
    burst: Work,
    /// Which use of a slot on the node it is.
    usage: u32,
    state: State,
}

/// Where the request of a slot is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    InService,
    Waiting,
    /// It waits for a connection or for the database.
    Calling,
    /// The request has expired; the slot is freed when its entry surfaces.
    Ghost,
}

impl Node {
    pub(in crate::engine) fn new(station: &Station, heap: Heap, stalls: StallClock) -> Self {
        Self {
            cores: station.cores,
            per_core: 1.0 / station.cores,
            in_service_limit: station.in_service_limit,
            workers: station.workers,
            places: station.places,
            slots: Vec::new(),
            free: Vec::new(),
            uses: 0,
            service: ServiceList::default(),
            ghosts: 0,
            waiting: VecDeque::new(),
            returning: VecDeque::new(),
            queued: 0,
            connections: station.connections.map(ConnectionPool::new),
            expiry: Expiry::new(),
            in_service: 0,
            shares: station.shares_cores(),
            is_crowded: false,
            working: 0,
            held: 0,
            kept: 0,
            waiting_count: 0,
            virtual_time: 0.0,
            heap,
            updated_at: 0,
            stops: Stops::default(),
            counted_at: 0,
            departure: u64::MAX,
            begun: None,
            line: None,
            stalls,
            stall_due: u64::MAX,
            usage: NodeUsage::default(),
        }
    }

    /// The same, first come, first served, where nothing ever stops it or takes a request off it.
    pub(in crate::engine) fn with_line(self) -> Self {
        Self { line: Some(Line::new(self.in_service_limit)), ..self }
    }

    /// Its line, where it has one.
    #[inline]
    pub(in crate::engine) fn line(&mut self) -> Option<&mut Line> {
        self.line.as_mut()
    }

    /// A request brings a burst; it leaves unfinished at its deadline.
    #[inline]
    pub(in crate::engine) fn add(&mut self, now: u64, request: &Request, burst: Work) {
        self.advance(now);
        let slot = self.take_slot(request, burst);
        self.begin(slot, burst);
    }

    /// The time of the next event of this node, to be asked for after every change.
    #[inline]
    pub(in crate::engine) fn next_event(&mut self) -> u64 {
        (self.departure, self.stall_due) = self.first_departure_and_stall();
        self.departure.min(self.stall_due).min(self.expiry.next())
    }

    /// Whether a stall begins at `now`. Where a burst is complete at the same instant, that comes
    /// first.
    pub(in crate::engine) fn begins_stall(&self, now: u64) -> bool {
        self.stall_due <= now
    }

    /// The clock of its stalls.
    pub(in crate::engine) fn stalls(&mut self) -> &mut StallClock {
        &mut self.stalls
    }

    /// Its heap.
    #[inline]
    pub(in crate::engine) fn heap(&mut self) -> &mut Heap {
        &mut self.heap
    }

    /// So many cores are left to the bursts from now on.
    pub(in crate::engine) fn has_cores(&mut self, now: u64, cores: f64) {
        self.advance(now);
        (self.cores, self.per_core) = (cores, 1.0 / cores);
    }

    /// Completes the burst that is due at `now`, if one is, and gives its worker to the next in line.
    /// The request stays in its slot: it goes on with [`Self::again`] or leaves with
    /// [`Self::take`].
    #[inline]
    pub(in crate::engine) fn complete(&mut self, now: u64) -> Option<Complete> {
        if self.departure > now {
            return None;
        }
        self.advance(now);
        let slot = self.service.pop()?.slot;
        self.drop_ghosts();
        self.end_service(slot);
        Some(Complete { slot, is_stint: self.slots[slot as usize].burst.is_stint })
    }

    /// The request of a slot begins another burst.
    #[inline]
    pub(in crate::engine) fn again(&mut self, slot: u32, burst: Work) {
        self.slots[slot as usize].burst = burst;
        self.begin(slot, burst);
    }

    /// The request of a slot.
    #[inline]
    pub(in crate::engine) fn request(&mut self, slot: u32) -> &mut Request {
        &mut self.slots[slot as usize].request
    }

    /// Takes a request out of its slot.
    #[inline]
    pub(in crate::engine) fn take(&mut self, slot: u32) -> Request {
        if self.in_service == 0 {
            self.virtual_time = 0.0;
        }
        self.release(slot);
        self.slots[slot as usize].request
    }

    /// What the node has done until `now`.
    pub(in crate::engine) fn usage(&mut self, now: u64) -> NodeUsage {
        if let Some(line) = &self.line {
            let busy = line.served(now);
            return NodeUsage { busy, workers: busy, ..NodeUsage::default() };
        }
        self.advance(now);
        let mut usage = self.usage;
        for (stop, left) in self.stops.left(now) {
            *usage.stopped(stop) -= left;
        }
        usage
    }

    /// Every request on the node.
    pub(in crate::engine) fn requests(&self) -> impl Iterator<Item = &Request> {
        self.slots.iter().filter(|slot| slot.is_live()).map(|slot| &slot.request)
    }

    #[inline]
    fn advance(&mut self, now: u64) {
        // Workers are held through pauses, too.
        let held = self.held as f64 / f64::from(Stint::ALL) + f64::from(self.kept);
        self.usage.workers += (now - self.counted_at) as i64 as f64 * held;
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

    /// When the first burst is complete and when the next stall begins, if nothing changes before;
    /// never, for a stall that comes after it.
    #[inline]
    fn first_departure_and_stall(&self) -> (u64, u64) {
        let Some(first) = self.service.first() else { return (u64::MAX, u64::MAX) };
        let in_service = f64::from(self.in_service);
        let slowdown = (in_service * self.per_core).max(1.0);
        let progress = (first.finish - self.virtual_time).max(0.0);
        // By way of a signed number the conversion is one instruction; 292 years fit.
        let after = |nanos: f64| self.updated_at + (nanos + 0.5) as i64 as u64;
        let work = self.stalls.next() - self.usage.busy;
        // All in service progress as far as the first. Mostly that is long before the next stall.
        let stall = if progress * in_service < work {
            u64::MAX
        } else {
            after((work / in_service.min(self.cores)).max(0.0))
        };
        (after(progress * slowdown), stall)
    }

    /// The burst of a slot begins, or waits until it can.
    #[inline]
    fn begin(&mut self, slot: u32, burst: Work) {
        if self.has_worker_for(burst) {
            self.slots[slot as usize].state = State::InService;
            self.start(slot, burst);
        } else {
            self.wait_for_worker(slot, burst);
        }
    }

    #[inline]
    fn start(&mut self, slot: u32, burst: Work) {
        self.service.insert(Burst { finish: self.virtual_time + burst.nanos, slot });
        if self.begun.is_some() {
            self.note_begin(slot);
        }
        self.in_service += 1;
        self.held += u64::from(burst.on_workers);
        if burst.on_workers > 0 {
            self.working += u32::from(!burst.is_stint);
            if burst.retaining {
                self.heap.retain(burst.retains as u64);
                self.slots[slot as usize].request.flags |= Request::retains(burst.depth.into());
            }
            if burst.kept {
                reached(Mark::KeepsWorker);
                self.kept -= 1;
                self.slots[slot as usize].request.flags &= !Request::keeps(burst.depth.into());
            }
        }
    }

    /// The burst of a slot is over; its worker stays with the request or goes to the next in line.
    #[inline]
    fn end_service(&mut self, slot: u32) {
        self.in_service -= 1;
        let place = &mut self.slots[slot as usize];
        self.held -= u64::from(place.burst.on_workers);
        if place.burst.on_workers > 0 {
            self.working -= u32::from(!place.burst.is_stint);
            if place.burst.keeps {
                self.kept += 1;
                place.request.flags |= Request::keeps(place.burst.depth.into());
            }
            self.start_waiting();
        }
    }

    #[inline]
    fn drop_ghosts(&mut self) {
        while self.ghosts > 0
            && let Some(first) = self.service.first()
            && self.slots[first.slot as usize].state == State::Ghost
        {
            let slot = first.slot;
            self.service.pop();
            self.ghosts -= 1;
            self.release(slot);
        }
    }

    #[inline]
    fn take_slot(&mut self, request: &Request, burst: Work) -> u32 {
        self.expiry.note(request.deadline);
        let state = State::Waiting;
        self.uses = self.uses.wrapping_add(1);
        let fresh = Slot { request: *request, burst, usage: self.uses, state };
        if let Some(slot) = self.free.pop() {
            self.slots[slot as usize] = fresh;
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
