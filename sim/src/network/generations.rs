//! A heap in generations, as the JVM keeps it: what is allocated comes into the young one, and what stays
//! alive there moves to the old one.

use crate::time::SimDuration;

/// How a heap is divided and collected. The defaults of the shares are those of G1 (Oracle, `HotSpot` Virtual
/// Machine Garbage Collection Tuning Guide, "Garbage-First Garbage Collector").
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Generations {
    /// Who collects; none: who the JVM would choose on so many cores.
    pub collector: Option<Collector>,
    /// The heap, MiB.
    pub heap_mib: f64,
    /// What of it is committed when the process starts, MiB; none: all.
    pub initial_mib: Option<f64>,
    /// What of it is always alive, MiB.
    pub resident_mib: f64,
    /// What is allocated each second without any request, MiB.
    pub background_mib: f64,
    /// What of all that is allocated outlives its request, becomes old, and is garbage there.
    pub tenured: f64,
    /// The young generation takes at most this share of what is committed; that of the parallel collector just this.
    pub young: f64,
    /// And at least this.
    pub least_young: f64,
    /// What survives a pause has this part of the young generation, and what is more becomes old.
    pub survivor_ratio: f64,
    /// Marking begins when the old generation fills this share of what is committed, until the collector has
    /// seen how long marking takes.
    pub marking_at: f64,
    /// The young generation is kept so small that a pause takes no longer.
    pub pause_target: SimDuration,
    /// Added to the mean pause for each MiB that is copied.
    pub per_copied_mib: SimDuration,
    /// A collection of the whole heap, for each MiB that is alive.
    pub full_per_live_mib: SimDuration,
    /// Marking, beside the requests, for each MiB that is alive: core-time.
    pub marking_per_live_mib: SimDuration,
    /// From the end of a process that has run out of memory until the next one is started.
    pub restart: SimDuration,
}

/// A collector of the JVM.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collector {
    /// G1: sizes the young generation anew after each pause, and marks beside the requests.
    G1,
    /// The serial collector: fixed generations, and the whole heap when the old one is full.
    Serial,
    /// The parallel collector: the same with all cores, and survivor spaces as large as is needed.
    Parallel,
}

impl Generations {
    /// A heap of this size of which nothing else is stated. What only a log of collections can tell is as it was
    /// measured on 28 November 2026 with `OpenJDK` 17 on two cores.
    pub const fn of(heap_mib: f64) -> Self {
        Self {
            collector: None,
            heap_mib,
            initial_mib: None,
            resident_mib: 0.0,
            background_mib: 0.0,
            tenured: 0.0,
            young: 0.6,
            least_young: 0.05,
            survivor_ratio: 8.0,
            marking_at: 0.45,
            pause_target: SimDuration(200_000_000),
            per_copied_mib: SimDuration(300_000),
            full_per_live_mib: SimDuration(750_000),
            marking_per_live_mib: SimDuration(1_000_000),
            restart: SimDuration(10_000_000_000),
        }
    }

    /// Who collects on so many cores: a machine with less than two is no server to the JVM, which then takes the
    /// serial collector (`HotSpot`, `os::is_server_class_machine`).
    pub fn collector(&self, cores: f64) -> Collector {
        self.collector.unwrap_or(if cores > 1.0 { Collector::G1 } else { Collector::Serial })
    }

    /// Cores that marking takes of so many: a quarter of the threads of a pause, rounded (`ConcGCThreads`).
    pub fn marking_cores(cores: f64) -> f64 {
        let threads = ((collector_threads(cores.ceil()) + 2.0) / 4.0).floor().max(1.0);
        // What a quota holds back it holds back from marking as well.
        threads.min(0.5 * cores)
    }

    /// What is committed when the process starts, MiB.
    pub fn committed_mib(&self) -> f64 {
        self.initial_mib.map_or(self.heap_mib, |initial| initial.min(self.heap_mib))
    }

    /// What may be allocated from one pause to the next while next to nothing is alive but what always is, MiB.
    pub fn calm_eden_mib(&self, cores: f64) -> f64 {
        let committed = self.committed_mib();
        match self.collector(cores) {
            Collector::G1 => {
                let free = committed * (1.0 - RESERVE) - self.resident_mib;
                free.min(self.young * committed).max(self.least_young * committed)
            }
            Collector::Serial => SERIAL_EDEN * committed,
            Collector::Parallel => self.young * committed,
        }
    }

    /// The size of a region, MiB: a 2048th of the heap, as a power of two, 1 to 32 MiB.
    pub fn region_mib(&self) -> f64 {
        2.0_f64.powf((self.heap_mib / 2048.0).max(1.0).log2().floor()).min(32.0)
    }
}

/// What G1 keeps free of what is committed, so that there is room to copy to (`G1ReservePercent`).
pub const RESERVE: f64 = 0.1;
/// Eden of the serial collector: eight tenths (`SurvivorRatio`) of a third (`NewRatio`).
pub const SERIAL_EDEN: f64 = 0.8 / 3.0;

/// Threads of the JVM's parallel collector: one per core up to 8, then 5 for each 8 more
/// (`ParallelGCThreads`; Oracle, Java Virtual Machine Garbage Collection Tuning Guide).
pub fn collector_threads(cores: f64) -> f64 {
    let cores = cores.max(1.0);
    cores.min(8.0) + (cores - 8.0).max(0.0) * 5.0 / 8.0
}
