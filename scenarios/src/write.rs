//! A profile as the text of a profile file, which reads back as the same profile.

use sim::deployment::keys::{Key, Record, Slot, Unit};
use sim::deployment::{Bursts, Profile};
use sim::random::{Law, Shape};
use sim::time::SimDuration;

use crate::document::toml_key;

/// A profile as the text of a profile file, under these lines of comment. Numbers are rounded to
/// five digits, which is finer than anything that is measured.
pub fn profile_text(profile: &Profile, comment: &str) -> String {
    let mut profile = profile.clone();
    let comment = comment.lines().map(|line| format!("# {line}").trim_end().to_owned());
    let mut lines: Vec<String> = comment.chain([String::new()]).collect();
    lines.extend(stated(&mut profile));
    for (name, demand) in &mut profile.demands {
        lines.push(format!("\n[demand.{}]", toml_key(name)));
        lines.extend(stated(demand));
    }
    lines.extend(uncertainty(&profile));
    lines.join("\n") + "\n"
}

/// What a calibration leaves open, a key a line.
fn uncertainty(profile: &Profile) -> Vec<String> {
    let shifts = &profile.uncertainty.shifts;
    let line = |(path, shifts): (&Vec<String>, &Vec<f64>)| {
        let path: Vec<String> = path.iter().map(|name| toml_key(name)).collect();
        let shifts: Vec<String> = shifts.iter().map(|shift| number(*shift)).collect();
        format!("{} = [{}]", path.join("."), shifts.join(", "))
    };
    let head = (!shifts.is_empty()).then(|| "\n[uncertainty]".to_owned());
    head.into_iter().chain(shifts.iter().map(line)).collect()
}

/// The keys of a record with their values, as `key = value`, but for defaults that need not be said.
pub(crate) fn stated(record: &mut dyn Record) -> Vec<String> {
    let mut lines = Vec::new();
    let keys = record.keys();
    for (index, key) in keys.iter().enumerate().filter(|(_, key)| key.with.is_none()) {
        let default = default(record, index);
        match record.slot(index) {
            Slot::Shape(form) => {
                let is_said = key.spelt || default != Some(name_of(form));
                let cv_key = keys.iter().find(|other| other.with == Some(key.name));
                let keys = [key.name, cv_key.map_or("cv", |key| key.name)];
                lines.extend(shape(form, keys).into_iter().filter(|_| is_said));
            }
            slot => {
                let text = text(key, slot).filter(|text| {
                    key.spelt || key.needed.is_some() || default.as_ref() != Some(text)
                });
                lines.extend(text.map(|text| format!("{} = {text}", key.name)));
            }
        }
    }
    lines
}

/// The default of the key of that index of a record, as files write it; none where it has none.
pub(crate) fn default(record: &dyn Record, index: usize) -> Option<String> {
    let mut others = record.defaults().into_iter();
    let mut other = others.find_map(|mut other| other.slot(index).is_there().then_some(other))?;
    text(record.keys()[index], other.slot(index))
}

/// The value of a key that has this place, as files write it; none where it is absent.
fn text(key: &Key, slot: Slot<'_>) -> Option<String> {
    match slot {
        Slot::Number(place) => place.stored().map(|value| in_unit(key.unit, value)),
        Slot::Count(place) => place.stored().map(|count| count.to_string()),
        Slot::Duration(place) => place.stored().map(duration),
        Slot::Law(place) => Some(law(place)),
        Slot::Shape(place) => Some(name_of(place)),
        Slot::Bursts(Bursts::Equal(bursts)) => Some(bursts.to_string()),
        Slot::Bursts(Bursts::Reactor { .. }) => Some("\"reactor\"".to_owned()),
        Slot::Choice(place) => Some(format!("\"{}\"", place.options()[place.chosen()].0)),
        Slot::Table(part) => {
            part.there().map(|record| format!("{{ {} }}", stated(record).join(", ")))
        }
        Slot::Tables(_) | Slot::Lists(_) | Slot::Idle | Slot::Refused => None,
    }
}

fn in_unit(unit: Unit, value: f64) -> String {
    match unit {
        Unit::Share => format!("\"{} %\"", number(value * 100.0)),
        Unit::Size => format!("\"{} KiB\"", number(value)),
        Unit::Memory(unit) => format!("\"{} {}\"", number(value), unit.name()),
        Unit::Price => format!("\"{} /h\"", number(value)),
        _ => number(value),
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
            let shape = shape(other, ["law", "cv"]).join(", ");
            format!("{{ mean = {}, {shape} }}", duration(law.mean))
        }
    }
}

/// The lines of a shape, with these keys.
fn shape(shape: &Shape, [law_key, cv_key]: [&str; 2]) -> Vec<String> {
    let cv = match shape {
        Shape::Constant | Shape::Exponential => None,
        _ => Some(format!("{cv_key} = {}", number(shape.cv()))),
    };
    std::iter::once(format!("{law_key} = {}", name_of(shape))).chain(cv).collect()
}

/// The name of a shape as files write it.
fn name_of(shape: &Shape) -> String {
    format!("\"{}\"", law_name(shape))
}

/// The name of a shape. Observed values have no place here; their gamma law of the same cv stands in.
fn law_name(shape: &Shape) -> &'static str {
    match shape {
        Shape::Constant => "constant",
        Shape::Exponential => "exponential",
        Shape::Erlang { .. } => "erlang",
        Shape::Gamma { .. } | Shape::Empirical { .. } => "gamma",
        Shape::Lognormal { .. } => "lognormal",
        Shape::Hyperexponential { .. } => "hyperexponential",
        Shape::Weibull { .. } => "weibull",
        Shape::Pareto { .. } => "pareto",
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
gc.requests_per_pause = 3500
gc.pause = "55 ms"
gc.cv = 0.55
gc.per_in_flight = "0.03 ms"
gc.full = { every = 50, pause = "2 s", cv = 0.25 }
stalls = { every = "5 s", pause = "30 ms", cv = 0.25 }
crowding = "64 MiB"
mtbf = "30 d"
mttr = "3 min"
failures.crash = { mtbf = "20 d", mttr = "4 min" }
failures.vanish = { mtbf = "300 d", mttr = "1 h", law = "weibull", cv = 2, mttr_law = "constant" }
failures.hang = { mtbf = "90 d", mttr = "5 min", mttr_law = "lognormal", mttr_cv = 1.5 }
failures.fail-fast = { mtbf = "80 d", mttr = "6 min", delay = "2 ms" }
failures.slow = { mtbf = "30 d", mttr = "10 min", factor = 3 }
failures.cut-off = { mtbf = "200 d", mttr = "7 min" }
failing = "usual"
usual_failures.crash = { mtbf = "21 d", mttr = "3 min" }
usual_failures.vanish = { mtbf = "301 d", mttr = "2 h", law = "weibull", cv = 2, mttr_law = "constant" }
usual_failures.hang = { mtbf = "91 d", mttr = "4 min", mttr_law = "lognormal", mttr_cv = 1.5 }
usual_failures.fail-fast = { mtbf = "81 d", mttr = "5 min", delay = "3 ms" }
usual_failures.slow = { mtbf = "31 d", mttr = "11 min", factor = 4 }
usual_failures.cut-off = { mtbf = "201 d", mttr = "8 min" }
start_up = "80 s"
start_needs = "database"
token_store = "nowhere"
apis_per_second = 9.5
lazy_tenants = { idle = "20 min", sweep = "40 s" }
cold_start = { factor = 4, decay = "45 s" }
database = { delay = { law = "exponential", mean = "4 ms" }, pool = 20, at_once = 8 }
token_cache = { timeout = "20 s", sweep = "40 s", capacity = 5000 }
redis = { delay = { law = "exponential", mean = "0.3 ms" }, quota_buffer = "30 %" }
replication = 0.5
demand_error = "2 %"
price = "0.17 /h"
demand.passthrough = { mean = "0.5 ms", per_kib = "0.02 ms", law = "lognormal", cv = 1.5 }
uncertainty.demand.passthrough = { mean = [0.02, -0.001], cv = [0, 0.1] }
uncertainty.gc.pause = [-0.05, 0.2]
"#,
        r#"
cores = 2
bursts = "reactor"
buffer = "8 KiB"
heap = "2048 MiB"
container = { memory = "3072 MiB", other = "400 MiB", beside = { heap = "256 MiB", other = "50 MiB", allocates = "2 MiB" } }
cold_start = { first = 90, requests = 800 }
[gc]
young = "60 %"
resident = "200 MiB"
background = "10 MiB"
tenured = "1 %"
pause = "30 ms"
cv = 0.5
per_copied_mib = "0.5 ms"
full_per_live_mib = "0.8 ms"
marking_per_live_mib = "0.9 ms"
restart = "5 s"
threads = 2
least_young = "4 %"
survivor_ratio = 6
marking_at = "40 %"
pause_target = "150 ms"
collector = "g1"
initial = "1024 MiB"
[demand.passthrough]
mean = "1 ms"
of_answer = "80 %"
on_workers = "50 %"
per_kib_on_workers = "25 %"
mean_cv = 1.5
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
            "TokenCache",
            "LazyTenants",
            "Failures",
            "FailureTimes",
            "FailFastTimes",
            "SlowTimes",
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
