//! Whether two scenarios are one, but for how many replications they have.

use scenarios::Loaded;
use serde_json::Value;
use sim::scenario::{Replications, Scenario};

/// Keys of `[run]` that only say how many replications there are.
const COUNTS: [&str; 3] = ["run.replications", "run.precision", "run.max_replications"];

/// What is another in two scenarios, in words; none where they are one.
pub(super) fn difference(held: &Loaded, other: &Loaded, counts_too: bool) -> Option<String> {
    let alike = |scenario: &Scenario| {
        let mut scenario = scenario.clone();
        scenario.run.replications = Replications::Fixed(1);
        scenario
    };
    let is_same = if counts_too {
        held.scenario == other.scenario
    } else {
        alike(&held.scenario) == alike(&other.scenario)
    };
    if is_same && held.name == other.name {
        return None;
    }
    let json = |loaded: &Loaded| serde_json::to_value(&loaded.spec).unwrap_or_default();
    let ignored = if counts_too { &[][..] } else { &COUNTS };
    let found = first_other("", &json(held), &json(other), ignored);
    Some(found.unwrap_or_else(|| "they are of different files or names".to_owned()))
}

/// The first value that is another.
fn first_other(path: &str, one: &Value, other: &Value, ignored: &[&str]) -> Option<String> {
    if one == other || ignored.contains(&path) {
        return None;
    }
    let of = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match (one, other) {
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            let value = |table: &serde_json::Map<_, _>, key: &String| {
                table.get(key).cloned().unwrap_or(Value::Null)
            };
            let mut found =
                keys.map(|key| first_other(&of(key), &value(a, key), &value(b, key), ignored));
            found.find_map(|found| found)
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            let name = |index: usize, value: &Value| {
                value["name"].as_str().map_or(index.to_string(), str::to_owned)
            };
            let mut found =
                pairs.map(|(index, (a, b))| first_other(&of(&name(index, a)), a, b, ignored));
            found.find_map(|found| found)
        }
        _ => Some(format!("`{path}` is {} and {}", shown(one), shown(other))),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not stated".to_owned(),
        Value::Array(_) | Value::Object(_) => "another table".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(change: &str) -> Loaded {
        let change = change.parse().expect("an override");
        scenarios::load("low-traffic".as_ref(), &[change]).expect("it is right")
    }

    #[test]
    fn the_first_value_that_is_another_is_named() {
        let held = load("run.seed=1");
        assert_eq!(difference(&held, &load("run.replications=77"), false), None);
        let other = difference(&held, &load("run.seed=3"), false);
        assert_eq!(other.as_deref(), Some("`run.seed` is 1 and 3"));
        let counts = difference(&held, &load("run.replications=77"), true).expect("another count");
        assert!(counts.contains("run.replications") && counts.contains("77"), "{counts}");
    }
}
