//! What a calibration leaves open of a profile, in the profiles that start from it.

use std::path::Path;

use scenarios::load_text;
use sim::deployment::Profile;

const TEXT: &str = r#"
title = "t"
[run]
window = "1 min"
[[flow]]
name = "a"
kind = "api"
operation = "pay"
arrivals = { process = "poisson", rate = "9 /s" }
[[deployment]]
name = "d"
[deployment.clusters.gateway]
roles = ["gateway", "key-manager", "traffic-manager"]
nodes = 1
profile = "other"
[profile.mine]
cores = 2
hop = "1 ms"
gc = { requests_per_pause = 3500, pause = "55 ms" }
demand.pay = { mean = "1 ms", law = "lognormal", cv = 1 }
demand.throttle-event = "0.1 ms"
uncertainty.demand.pay = { mean = [0.02, -0.01], cv = [0, 0.1] }
uncertainty.gc.pause = [0.3, 0]
uncertainty.hop = [0.1, 0.1]
[profile.other]
from = "mine"
"#;

/// The profile that starts from the other, with these lines of its own and these overrides.
fn other(lines: &str, set: &[&str]) -> Profile {
    let set: Vec<_> = set.iter().map(|one| one.parse().expect("PATH=VALUE")).collect();
    let loaded = load_text("case.toml", &format!("{TEXT}{lines}"), Path::new("."), &set);
    let mut loaded = loaded.unwrap_or_else(|problems| panic!("{lines}: {problems}"));
    loaded.scenario.deployments.remove(0).clusters.remove(0).profile
}

fn open(profile: &Profile) -> Vec<String> {
    profile.uncertainty.shifts.keys().map(|path| path.join(".")).collect()
}

#[test]
fn it_is_inherited_but_for_what_is_stated_instead_of_what_was_fitted() {
    let all = ["demand.pay.cv", "demand.pay.mean", "gc.pause", "hop"];
    let without = |gone: &[&str]| -> Vec<String> {
        all.iter().filter(|key| !gone.contains(key)).map(|&key| key.to_owned()).collect()
    };
    for (lines, gone) in [
        ("", &[][..]),
        ("cores = 4", &[]),
        ("demand.pay.per_kib = \"0.1 ms\"", &[]),
        ("demand.search = \"2 ms\"", &[]),
        ("demand.pay.mean = \"2 ms\"", &["demand.pay.mean"]),
        ("demand.pay = { law = \"gamma\", cv = 2 }", &["demand.pay.cv"]),
        ("hop = \"2 ms\"", &["hop"]),
        ("gc.pause = \"9 ms\"", &["gc.pause"]),
        ("gc = \"none\"", &["gc.pause"]),
        ("uncertainty = \"none\"", &all),
    ] {
        assert_eq!(open(&other(lines, &[])), without(gone), "{lines}");
    }
    assert_eq!(open(&other("", &["profile.other.hop=3 ms"])), without(&["hop"]));
    assert_eq!(open(&other("", &["profile.mine.uncertainty=none"])), without(&all));
    let own = other("uncertainty.hop = [0.5]\nhop = \"3 ms\"", &[]);
    assert_eq!(own.uncertainty.shifts.into_values().collect::<Vec<_>>(), [vec![0.5]]);
}
