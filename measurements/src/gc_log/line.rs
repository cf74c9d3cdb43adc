//! What a line of the log says, behind whatever decorates it.

use crate::timestamp;

/// No heap is larger, MiB: an exbibyte.
const MOST_MIB: f64 = 1_099_511_627_776.0;

/// No pause is longer, ms.
const LONGEST_MS: f64 = 1e9;

/// What counts of a line; sizes in MiB.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Entry {
    /// `Using G1`: by its name.
    Collector(String),
    /// `Heap Region Size: 1M`.
    Region(f64),
    /// `Heap Initial Capacity: 256M`.
    Initial(f64),
    /// `Heap Max Capacity: 1G`.
    Most(f64),
    /// `Parallel Workers: 2`, `Using 2 workers of 2 for evacuation`.
    Workers(f64),
    /// Of a collection.
    Of(u64, Event),
}

/// What a line says of a collection.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Event {
    /// A pause that has ended; when, in seconds, where the line says it.
    Pause(Option<f64>, Pause),
    /// `Eden regions: 52->0(589)`: before, and how many there may be next.
    EdenRegions(f64, f64),
    SurvivorRegions(f64, f64),
    OldRegions(f64, f64),
    /// `Eden: 65536K(65536K)->0K(65536K)`: before, and how much there may be.
    Eden(f64, f64),
    Survivors(f64, f64),
    Old(f64, f64),
    /// `Concurrent Mark Cycle 101.8ms`.
    Marking(f64),
    /// A heap in which there was no room to copy to.
    Exhausted,
}

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pause {
    pub(super) kind: Kind,
    pub(super) before: f64,
    pub(super) after: f64,
    pub(super) committed: f64,
    pub(super) ms: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Young,
    /// Of the young generation and of a part of the old one.
    Mixed,
    Full,
    /// Remark, cleanup.
    Other,
}

/// What a line says; none of what does not count.
pub(super) fn entry(line: &str) -> Option<Entry> {
    let (at, text) = undecorated(line);
    if let Some(after) = text.strip_prefix("Using ") {
        let name = after.trim_start_matches("The ").split_whitespace().next()?;
        return ["G1", "Parallel", "Serial", "Z", "Shenandoah"]
            .contains(&name)
            .then(|| Entry::Collector(name.to_owned()));
    }
    if text.starts_with("Initializing The Z Garbage") {
        return Some(Entry::Collector("Z".to_owned()));
    }
    if let Some(rest) = text.strip_prefix("GC(") {
        let (number, what) = rest.split_once(')')?;
        let what = what.trim_start();
        if let Some(count) = what.strip_prefix("Using ").filter(|_| what.contains("evacuation")) {
            return Some(Entry::Workers(count.split_whitespace().next()?.parse().ok()?));
        }
        return Some(Entry::Of(number.parse().ok()?, event(at, what)?));
    }
    let (key, value) = text.split_once(": ")?;
    match key {
        "Heap Region Size" => Some(Entry::Region(mib(value)?)),
        "Heap Initial Capacity" => Some(Entry::Initial(mib(value)?)),
        "Heap Max Capacity" => Some(Entry::Most(mib(value)?)),
        "Parallel Workers" => Some(Entry::Workers(value.trim().parse().ok()?)),
        _ => None,
    }
}

/// The clock of a line in seconds, and what stands behind its decorations.
fn undecorated(line: &str) -> (Option<f64>, &str) {
    let mut at = None;
    let mut rest = line.trim_start();
    while let Some((inside, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        at = at.or_else(|| clock(inside));
        rest = after.trim_start();
    }
    (at, rest)
}

/// `0.025s`, `155ms`, `5323295ns`, `2026-11-28T07:20:31.126+0000`.
fn clock(text: &str) -> Option<f64> {
    let text = text.trim();
    let number = |digits: &str| digits.parse::<f64>().ok().filter(|n| n.is_finite());
    if let Some(ms) = text.strip_suffix("ms") {
        return number(ms).map(|ms| ms / 1e3);
    }
    if let Some(ns) = text.strip_suffix("ns") {
        return number(ns).map(|ns| ns / 1e9);
    }
    if let Some(seconds) = text.strip_suffix('s') {
        return number(seconds);
    }
    timestamp::milliseconds(text).map(|ms| ms as f64 / 1e3)
}

fn event(at: Option<f64>, what: &str) -> Option<Event> {
    if let Some(pause) = what.strip_prefix("Pause ") {
        let kind = match pause.split_whitespace().next()? {
            "Young" if pause.contains("(Mixed)") => Kind::Mixed,
            "Young" => Kind::Young,
            "Full" => Kind::Full,
            "Remark" | "Cleanup" => Kind::Other,
            _ => return None,
        };
        let (before, after, committed, ms) = figures(pause)?;
        return Some(Event::Pause(at, Pause { kind, before, after, committed, ms }));
    }
    if let Some(ms) = what.strip_prefix("Concurrent Mark Cycle ") {
        return Some(Event::Marking(milliseconds(ms)?));
    }
    if what.starts_with("To-space exhausted") {
        return Some(Event::Exhausted);
    }
    let (key, value) = what.split_once(": ")?;
    match key {
        "Eden regions" => {
            let (before, _, next) = regions(value)?;
            Some(Event::EdenRegions(before, next?))
        }
        "Survivor regions" => {
            regions(value).map(|(before, after, _)| Event::SurvivorRegions(before, after))
        }
        "Old regions" => regions(value).map(|(before, after, _)| Event::OldRegions(before, after)),
        "ParOldGen" | "Tenured" => {
            spaces(value).map(|(before, after, _)| Event::Old(before, after))
        }
        _ => None,
    }
}

/// What the line of a generation says of its parts: `Eden: 65536K(65536K)->0K(65536K) From: …`.
pub(super) fn parts(line: &str) -> Option<(u64, Vec<Event>)> {
    let (_, text) = undecorated(line);
    let (number, what) = text.strip_prefix("GC(")?.split_once(')')?;
    let what = what.trim_start();
    if !what.starts_with("PSYoungGen") && !what.starts_with("DefNew") {
        return None;
    }
    let of = |key: &str| {
        what.split_once(key).and_then(|(_, rest)| spaces(rest.split_whitespace().next()?))
    };
    let eden = of("Eden: ").map(|(before, _, most)| Event::Eden(before, most));
    let from = of("From: ").map(|(before, after, _)| Event::Survivors(before, after));
    Some((number.parse().ok()?, eden.into_iter().chain(from).collect()))
}

/// `51M->51M(1024M) 233.938ms` at the end of a line.
fn figures(text: &str) -> Option<(f64, f64, f64, f64)> {
    let mut words = text.split_whitespace().rev();
    let ms = milliseconds(words.next()?)?;
    let (before, rest) = words.next()?.split_once("->")?;
    let (after, committed) = rest.split_once('(')?;
    Some((mib(before)?, mib(after)?, mib(committed.strip_suffix(')')?)?, ms))
}

fn milliseconds(text: &str) -> Option<f64> {
    let ms = text.trim().strip_suffix("ms")?.parse::<f64>().ok();
    ms.filter(|ms| (0.0..=LONGEST_MS).contains(ms))
}

/// `52->0(589)`, `44->83`.
fn regions(text: &str) -> Option<(f64, f64, Option<f64>)> {
    let (before, rest) = text.trim().split_once("->")?;
    let (after, next) = match rest.split_once('(') {
        Some((after, next)) => (after, next.strip_suffix(')')?.parse().ok()),
        None => (rest, None),
    };
    let count = |text: &str| text.parse::<u32>().ok().map(f64::from);
    Some((count(before)?, count(after)?, next))
}

/// `49648K(175104K)->114256K(175104K)`: before, after, and how much it may be.
fn spaces(text: &str) -> Option<(f64, f64, f64)> {
    let (before, rest) = text.trim().split_once("->")?;
    let (before, _) = before.split_once('(')?;
    let (after, most) = rest.split_once('(')?;
    Some((mib(before)?, mib(after)?, mib(most.strip_suffix(')')?)?))
}

/// MiB of `512K`, `51M`, `1G`, `1073741824B`.
fn mib(text: &str) -> Option<f64> {
    let text = text.trim();
    let digits = text.trim_end_matches(|unit: char| unit.is_ascii_alphabetic());
    let per_mib = match &text[digits.len()..] {
        "K" => 1.0 / 1024.0,
        "M" => 1.0,
        "G" => 1024.0,
        "T" => 1024.0 * 1024.0,
        "B" | "" => 1.0 / 1024.0 / 1024.0,
        _ => return None,
    };
    let number = digits.parse::<f64>().ok()? * per_mib;
    (0.0..=MOST_MIB).contains(&number).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pause(line: &str) -> Option<(Option<f64>, Pause)> {
        match entry(line)? {
            Entry::Of(_, Event::Pause(at, pause)) => Some((at, pause)),
            _ => None,
        }
    }

    #[test]
    fn pauses_of_every_kind_are_known_and_what_is_none_is_not() {
        let (at, young) = pause(
            "[2026-11-28T07:20:34.942+0000][0.585s][1795850434942ms][host][18717][info][gc          ] \
             GC(18) Pause Young (Normal) (G1 Preventive Collection) (Evacuation Failure: Allocation) \
             51M->50M(1024M) 233.938ms",
        )
        .expect("a pause");
        assert_eq!((young.kind, young.before, young.after), (Kind::Young, 51.0, 50.0));
        assert_eq!((young.committed, young.ms), (1024.0, 233.938));
        assert!((at.expect("a clock") - 1_795_850_434.942).abs() < 1e-3);
        let (at, full) = pause("GC(2) Pause Full (G1 Compaction Pause) 186M->147M(245M) 150.632ms")
            .expect("one");
        assert_eq!((at, full.kind), (None, Kind::Full));
        let (_, remark) =
            pause("[3.2s] GC(136) Pause Remark 250M->250M(256M) 0.171ms").expect("one");
        assert_eq!(remark.kind, Kind::Other);
        for line in [
            "[1s][info][gc,start] GC(3) Pause Young (Normal) (G1 Evacuation Pause)",
            "GC(3) Concurrent Mark Cycle",
            "GC(3) Pause Young (Normal) (G1 Evacuation Pause) 51M->50M(1024M) -1ms",
            "GC(3) Pause Young 51M->50M(1024M) 1e300ms",
            "GC(x) Pause Young 51M->50M(1024M) 1ms",
            "[",
            "GC(",
        ] {
            assert_eq!(pause(line), None, "{line}");
        }
    }

    #[test]
    fn regions_and_spaces_are_read_in_their_units() {
        let of = |line: &str| match entry(line) {
            Some(Entry::Of(_, event)) => event,
            other => panic!("{line}: {other:?}"),
        };
        assert_eq!(of("GC(5) Eden regions: 605->0(555)"), Event::EdenRegions(605.0, 555.0));
        assert_eq!(of("GC(5) Old regions: 192->200"), Event::OldRegions(192.0, 200.0));
        assert_eq!(of("GC(1) ParOldGen: 2048K(175104K)->4096K(175104K)"), Event::Old(2.0, 4.0));
        let line = "GC(1) PSYoungGen: 76258K(76288K)->10731K(76288K) Eden: 65536K(65536K)->0K(65536K) \
                    From: 1024K(10752K)->2048K(10752K)";
        let parts = parts(line).expect("a generation");
        assert_eq!(parts, (1, vec![Event::Eden(64.0, 64.0), Event::Survivors(1.0, 2.0)]));
        assert_eq!(entry("Heap Max Capacity: 1G"), Some(Entry::Most(1024.0)));
        assert_eq!(entry("[1ms] Using 2 workers"), None);
    }
}
