//! What is shipped: patterns, profiles and scenarios, one line each.

/// A shipped file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name that scenario files and the command line use.
    pub name: &'static str,
    /// One line that says what it is.
    pub title: String,
    /// The file.
    pub text: &'static str,
}

const PATTERNS: [(&str, &str); 3] = [
    ("standard-ha", include_str!("../patterns/standard-ha.toml")),
    ("standard-ha-multitenant", include_str!("../patterns/standard-ha-multitenant.toml")),
    ("simple-scalable", include_str!("../patterns/simple-scalable.toml")),
];

const PROFILES: [(&str, &str); 15] = [
    ("gateway", include_str!("../profiles/gateway.toml")),
    ("all-in-one", include_str!("../profiles/all-in-one.toml")),
    ("control-plane", include_str!("../profiles/control-plane.toml")),
    ("micro-integrator", include_str!("../profiles/micro-integrator.toml")),
    ("streaming-integrator", include_str!("../profiles/streaming-integrator.toml")),
    ("apim-3.1-4.1", include_str!("../profiles/apim-3.1-4.1.toml")),
    ("apim-4.2-4.5", include_str!("../profiles/apim-4.2-4.5.toml")),
    ("apim-4.6-4.7", include_str!("../profiles/apim-4.6-4.7.toml")),
    ("mi-4.0-4.1", include_str!("../profiles/mi-4.0-4.1.toml")),
    ("mi-4.3", include_str!("../profiles/mi-4.3.toml")),
    ("mi-4.5", include_str!("../profiles/mi-4.5.toml")),
    ("ei-6", include_str!("../profiles/ei-6.toml")),
    ("is-7", include_str!("../profiles/is-7.toml")),
    ("integrator-1", include_str!("../profiles/integrator-1.toml")),
    ("si-4", include_str!("../profiles/si-4.toml")),
];

const SCENARIOS: [(&str, &str); 14] = [
    ("low-traffic", include_str!("../shipped/low-traffic.toml")),
    ("launch-peak", include_str!("../shipped/launch-peak.toml")),
    ("noisy-tenant", include_str!("../shipped/noisy-tenant.toml")),
    ("tenant-tenfold", include_str!("../shipped/tenant-tenfold.toml")),
    ("mobile-tokens", include_str!("../shipped/mobile-tokens.toml")),
    ("opaque-tokens", include_str!("../shipped/opaque-tokens.toml")),
    ("control-plane-away", include_str!("../shipped/control-plane-away.toml")),
    ("node-lost", include_str!("../shipped/node-lost.toml")),
    ("retry-storm", include_str!("../shipped/retry-storm.toml")),
    ("hung-gateway", include_str!("../shipped/hung-gateway.toml")),
    ("full-heap", include_str!("../shipped/full-heap.toml")),
    ("vanished-zone", include_str!("../shipped/vanished-zone.toml")),
    ("rolling-update", include_str!("../shipped/rolling-update.toml")),
    ("streaming", include_str!("../shipped/streaming.toml")),
];

const STARTER: &str = include_str!("../starter.toml");

/// The deployment patterns.
pub fn patterns() -> Vec<Entry> {
    entries(&PATTERNS)
}

/// The profiles of nodes.
pub fn profiles() -> Vec<Entry> {
    entries(&PROFILES)
}

/// The scenarios.
pub fn scenarios() -> Vec<Entry> {
    entries(&SCENARIOS)
}

/// A commented scenario to start from.
pub fn starter() -> &'static str {
    STARTER
}

fn entries(files: &[(&'static str, &'static str)]) -> Vec<Entry> {
    files.iter().map(|(name, text)| Entry { name, title: title(text), text }).collect()
}

/// What stands behind `title =`, or else the first line, which is a comment.
fn title(text: &str) -> String {
    let stated = text.lines().find_map(|line| line.strip_prefix("title = "));
    let line = stated.or_else(|| text.lines().next()).unwrap_or("");
    line.trim_matches(['#', ' ', '"', '.']).to_owned()
}
