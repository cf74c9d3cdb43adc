//! A profile as the text of a profile file, which reads back as the same profile.

use std::fmt::Write;

use sim::deployment::{AllocationBudget, Bursts, Demand, Discipline, Profile};
use sim::random::{Law, Shape};
use sim::time::SimDuration;

use crate::document::toml_key;

/// A profile as the text of a profile file, under these lines of comment. Numbers are rounded to
/// five digits, which is finer than anything that is measured.
pub fn profile_text(profile: &Profile, comment: &str) -> String {
    let mut text = String::new();
    for line in comment.lines() {
        let line = format!("# {line}");
        put(&mut text, line.trim_end());
    }
    put(&mut text, "");
    put(&mut text, &format!("cores = {}", number(profile.cores)));
    put(&mut text, &format!("workers = {}", profile.workers));
    if let Some(queue) = profile.queue {
        put(&mut text, &format!("queue = {queue}"));
    }
    match profile.bursts {
        Bursts::Equal(bursts) => put(&mut text, &format!("bursts = {bursts}")),
        Bursts::Reactor { buffer_kib } => {
            put(&mut text, "bursts = \"reactor\"");
            put(&mut text, &format!("buffer = \"{} KiB\"", number(buffer_kib)));
        }
    }
    if profile.discipline == Discipline::FirstComeFirstServed {
        put(&mut text, "discipline = \"fcfs\"");
    }
    put(&mut text, &format!("hop = {}", law(&profile.hop)));
    put_stops(&mut text, profile);
    if let Some(mib) = profile.crowding_mib {
        put(&mut text, &format!("crowding = \"{} MiB\"", number(mib)));
    }
    if let Some(database) = &profile.database {
        let mut keys = vec![format!("delay = {}", law(&database.delay))];
        keys.push(format!("pool = {}", database.pool));
        keys.extend(database.at_once.map(|calls| format!("at_once = {calls}")));
        put(&mut text, &format!("database = {{ {} }}", keys.join(", ")));
    }
    if profile.replication > 0.0 {
        put(&mut text, &format!("replication = {}", number(profile.replication)));
    }
    if let Some(mtbf) = profile.mtbf {
        put(&mut text, &format!("mtbf = {}", duration(mtbf)));
    }
    put(&mut text, &format!("mttr = {}", duration(profile.mttr)));
    put(&mut text, &format!("start_up = {}", law(&profile.start_up)));
    if let Some(cold) = profile.cold_start {
        let (factor, decay) = (number(cold.factor), duration(cold.decay));
        put(&mut text, &format!("cold_start = {{ factor = {factor}, decay = {decay} }}"));
    }
    if profile.price_per_hour > 0.0 {
        put(&mut text, &format!("price = \"{} /h\"", number(profile.price_per_hour)));
    }
    if let Some(error) = profile.demand_error {
        put(&mut text, &format!("demand_error = \"{} %\"", number(error * 100.0)));
    }
    for (name, demand) in &profile.demands {
        put(&mut text, "");
        put(&mut text, &format!("[demand.{}]", toml_key(name)));
        put_demand(&mut text, demand, profile);
    }
    text
}

fn put(text: &mut String, line: &str) {
    // Writing to a text does not fail.
    let _ = writeln!(text, "{line}");
}

fn put_stops(text: &mut String, profile: &Profile) {
    if let Some(gc) = profile.gc {
        let mut keys = Vec::new();
        match gc.budget {
            AllocationBudget::Requests(requests) => {
                keys.push(format!("requests_per_pause = {}", number(requests)));
            }
            AllocationBudget::Young { heap_mib, resident_mib, share, background_mib } => {
                put(text, &format!("heap = \"{} MiB\"", number(heap_mib)));
                keys.push(format!("young = \"{} %\"", number(share * 100.0)));
                keys.push(format!("resident = \"{} MiB\"", number(resident_mib)));
                if background_mib > 0.0 {
                    keys.push(format!("background = \"{} MiB\"", number(background_mib)));
                }
            }
        }
        keys.push(format!("pause = {}", duration(gc.pause)));
        keys.push(format!("cv = {}", number(gc.cv)));
        for (name, time) in [("per_in_flight", gc.per_in_flight), ("per_live_mib", gc.per_live_mib)]
        {
            if time > SimDuration::ZERO {
                keys.push(format!("{name} = {}", duration(time)));
            }
        }
        if let Some(threads) = gc.threads {
            keys.push(format!("threads = {}", number(threads)));
        }
        if let Some(full) = gc.full {
            let (every, pause, cv) = (number(full.every), duration(full.pause), number(full.cv));
            keys.push(format!("full = {{ every = {every}, pause = {pause}, cv = {cv} }}"));
        }
        put(text, &format!("gc = {{ {} }}", keys.join(", ")));
    }
    if let Some(stalls) = profile.stalls {
        let (every, pause) = (duration(stalls.every), duration(stalls.pause));
        let cv = number(stalls.cv);
        put(text, &format!("stalls = {{ every = {every}, pause = {pause}, cv = {cv} }}"));
    }
}

fn put_demand(text: &mut String, demand: &Demand, profile: &Profile) {
    put(text, &format!("mean = {}", duration(demand.mean)));
    if demand.per_kib > SimDuration::ZERO {
        put(text, &format!("per_kib = {}", duration(demand.per_kib)));
    }
    for line in shape(&demand.shape) {
        put(text, &line);
    }
    if matches!(profile.bursts, Bursts::Reactor { .. }) {
        put(text, &format!("on_workers = \"{} %\"", number(demand.on_workers * 100.0)));
        let per_kib = number(demand.per_kib_on_workers * 100.0);
        put(text, &format!("per_kib_on_workers = \"{per_kib} %\""));
    }
    let memory = [
        ("allocates", demand.allocates.base),
        ("allocates_per_kib", demand.allocates.per_kib),
        ("retains", demand.retains.base),
        ("retains_per_kib", demand.retains.per_kib),
    ];
    for (name, kib) in memory.into_iter().filter(|(_, kib)| *kib > 0.0) {
        put(text, &format!("{name} = \"{} KiB\"", number(kib)));
    }
}

/// Five digits, without an exponent and without zeros at the end.
pub(crate) fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return "0".to_owned();
    }
    let decimals = (4 - value.abs().log10().floor() as i32).clamp(0, 12) as usize;
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0') } else { &text };
    text.trim_end_matches('.').to_owned()
}

fn duration(time: SimDuration) -> String {
    let seconds = time.as_seconds();
    let is_whole = |unit: f64| seconds >= unit && (seconds / unit).fract() == 0.0;
    let (value, unit) = match seconds {
        _ if is_whole(86_400.0) => (seconds / 86_400.0, "d"),
        _ if is_whole(60.0) => (seconds / 60.0, "min"),
        _ if seconds >= 1.0 => (seconds, "s"),
        _ => (seconds * 1e3, "ms"),
    };
    format!("\"{} {unit}\"", number(value))
}

fn law(law: &Law) -> String {
    match &law.shape {
        Shape::Constant => duration(law.mean),
        other => {
            format!("{{ mean = {}, {} }}", duration(law.mean), shape(other).join(", "))
        }
    }
}

/// The keys of a shape. Observed values have no place here; their gamma law of the same cv stands in.
fn shape(shape: &Shape) -> Vec<String> {
    let of = |name: &str, cv: Option<f64>| {
        let cv = cv.map(|cv| format!("cv = {}", number(cv)));
        std::iter::once(format!("law = \"{name}\"")).chain(cv).collect()
    };
    match shape {
        Shape::Constant => of("constant", None),
        Shape::Exponential => of("exponential", None),
        Shape::Erlang { .. } => of("erlang", Some(shape.cv())),
        Shape::Gamma { cv } => of("gamma", Some(*cv)),
        Shape::Lognormal { cv } => of("lognormal", Some(*cv)),
        Shape::Hyperexponential { cv } => of("hyperexponential", Some(*cv)),
        Shape::Weibull { cv } => of("weibull", Some(*cv)),
        Shape::Pareto { cv } => of("pareto", Some(*cv)),
        Shape::Empirical { .. } => of("gamma", Some(shape.cv())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue;

    /// Writes a profile and reads it back.
    fn again(first: &Profile) -> Profile {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("again.toml");
        std::fs::write(&path, profile_text(first, "Again.\n\nIn two lines.")).expect("written");
        let again = crate::profile(&path).unwrap_or_else(|problems| panic!("{problems}"));
        Profile { name: first.name.clone(), ..again }
    }

    #[test]
    fn a_shipped_profile_that_is_written_reads_back_the_same() {
        for entry in catalogue::profiles() {
            let first = crate::profile(entry.name.as_ref()).expect("a shipped profile");
            // What is rounded is rounded once.
            assert_eq!(
                profile_text(&again(&first), ""),
                profile_text(&first, ""),
                "{}",
                entry.name
            );
        }
    }

    /// Profiles that together have every key, none of its default; what is measured has few digits.
    const WHOLE: [&str; 2] = [
        r#"
cores = 4
workers = 50
queue = 1000
bursts = 8
discipline = "fcfs"
hop = { law = "gamma", mean = "0.7 ms", cv = 0.5 }
gc = { requests_per_pause = 3500, pause = "55 ms", cv = 0.55, per_in_flight = "0.03 ms" }
stalls = { every = "5 s", pause = "30 ms", cv = 0.25 }
crowding = "64 MiB"
mtbf = "30 d"
mttr = "3 min"
start_up = "80 s"
cold_start = { factor = 3, decay = "45 s" }
database = { delay = { law = "exponential", mean = "4 ms" }, pool = 20, at_once = 8 }
replication = 0.5
demand_error = "2 %"
price = "0.17 /h"
demand.passthrough = { mean = "0.5 ms", per_kib = "0.02 ms", law = "lognormal", cv = 1.5 }
"#,
        r#"
cores = 2
bursts = "reactor"
buffer = "8 KiB"
heap = "2048 MiB"
[gc]
young = "60 %"
resident = "200 MiB"
background = "10 MiB"
pause = "30 ms"
cv = 0.5
per_live_mib = "0.5 ms"
threads = 2
full = { every = 50, pause = "2 s", cv = 0.25 }
[demand.passthrough]
mean = "1 ms"
on_workers = "50 %"
per_kib_on_workers = "25 %"
allocates = "150 KiB"
allocates_per_kib = "6 KiB"
retains = "20 KiB"
retains_per_kib = "2 KiB"
"#,
    ];

    /// The keys of a table and of those within, but for the names of demands.
    fn keys_of(value: &toml::Value, keys: &mut std::collections::BTreeSet<String>) {
        let Some(table) = value.as_table() else { return };
        for (key, value) in table {
            keys.insert(key.clone());
            if let ("demand", Some(demands)) = (key.as_str(), value.as_table()) {
                demands.values().for_each(|demand| keys_of(demand, keys));
            } else {
                keys_of(value, keys);
            }
        }
    }

    #[test]
    fn every_key_of_a_profile_is_written_and_reads_back() {
        let schema = crate::spec::schema();
        let mut written = std::collections::BTreeSet::new();
        let mut stated = std::collections::BTreeSet::new();
        for text in WHOLE {
            let folder = tempfile::tempdir().expect("a folder");
            let path = folder.path().join("whole.toml");
            std::fs::write(&path, text).expect("written");
            let whole = crate::profile(&path).unwrap_or_else(|problems| panic!("{problems}"));
            assert_eq!(again(&whole), whole);
            let parse = |text: &str| toml::Value::Table(toml::from_str(text).expect("TOML"));
            keys_of(&parse(&profile_text(&whole, "")), &mut written);
            keys_of(&parse(text), &mut stated);
        }
        let parts = [
            "Profile",
            "DemandTable",
            "GarbageCollection",
            "FullCollection",
            "Stalls",
            "ColdStart",
            "Database",
        ];
        for part in parts {
            let properties = schema["$defs"][part]["properties"].as_object().expect("keys");
            // What a profile starts from is merged into it.
            for key in properties.keys().filter(|key| *key != "from") {
                assert!(stated.contains(key), "the profiles of this test lack `{key}`");
                assert!(written.contains(key), "`{key}` of {part} is not written");
            }
        }
    }

    #[test]
    fn numbers_have_five_digits() {
        let texts = [0.0, 2.0, 1234.567, 0.000_123_456_7, 123_456_789.0, 0.1].map(number);
        assert_eq!(texts, ["0", "2", "1234.6", "0.00012346", "123456789", "0.1"]);
    }
}
