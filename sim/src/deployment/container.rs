//! The keys of the memory that a process shares with what runs beside it.

use super::keys::{Keyed, Memory, Row, Slot, Unit};
use crate::network::{Beside, Container};

/// An amount of memory.
const MIB: Unit = Unit::Memory(Memory::Mib);
/// What the server's process needs beside its heap where nothing is stated: judged. Metaspace and compiled code of a
/// server of its size, stacks of its 400 workers, buffers outside the heap, and what G1 keeps of a heap of 2 GiB.
const OTHER_MIB: f64 = 450.0;
/// The same of a small process: judged.
const OTHER_BESIDE_MIB: f64 = 60.0;

impl Keyed for Container {
    const NAME: &'static str = "Container";
    const DOC: &'static str = "The memory of a node. When heap and all else need more the process is killed, as the \
        kernel does it: at the next collection, and started again after `gc.restart`.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("memory", "The limit.", MIB, |container| {
            Slot::Number(&mut container.memory_mib)
        })
        .above_zero()
        .needed("\"3 GiB\""),
        Row::<Self>::new(
            "other",
            "What the process needs beside its heap: classes, code, stacks, buffers.",
            MIB,
            |container| Slot::Number(&mut container.other_mib),
        )
        .spelt(),
        Row::<Self>::new(
            "beside",
            "A second JVM, which starts with the first: the diagnostics tool, from 4.3 on.",
            Unit::Table("{ heap = \"2 GiB\", allocates = \"1 MiB\" }"),
            |container| Slot::Table(&mut container.beside),
        )
        .or_none("there is none"),
    ];
    const BARE: Option<&'static str> = Some("memory");

    fn unstated() -> Self {
        Self { memory_mib: 0.0, other_mib: OTHER_MIB, beside: None }
    }
}

impl Keyed for Beside {
    const NAME: &'static str = "Beside";
    const DOC: &'static str = "A second JVM in the same container. Until it has filled its young generation once, all \
        that it allocates takes new memory.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("heap", "Its heap (`-Xmx`).", MIB, |beside| {
            Slot::Number(&mut beside.heap_mib)
        })
        .above_zero()
        .needed("\"256 MiB\""),
        Row::<Self>::new("other", "What it needs beside its heap.", MIB, |beside| {
            Slot::Number(&mut beside.other_mib)
        })
        .spelt(),
        Row::<Self>::new("allocates", "What it allocates each second.", MIB, |beside| {
            Slot::Number(&mut beside.allocates_mib)
        })
        .needed("\"1 MiB\""),
    ];

    fn unstated() -> Self {
        Self { heap_mib: 0.0, other_mib: OTHER_BESIDE_MIB, allocates_mib: 0.0 }
    }
}
