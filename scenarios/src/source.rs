//! Everything that a scenario was read from, so that it can be read again elsewhere and later.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::overrides::Override;

/// The path of the override that says how many replications there are.
const REPLICATIONS: &str = "run.replications";

/// The text of a scenario file, what was replaced in it, and the files that it names.
///
/// ```
/// let loaded = scenarios::load("low-traffic".as_ref(), &[]).expect("a shipped scenario");
/// let again = loaded.source.load().expect("it was right");
/// assert_eq!(again.scenario, loaded.scenario);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the file, without its folder.
    pub(crate) name: String,
    pub(crate) text: String,
    /// But for the number of replications, in their order.
    pub(crate) overrides: Vec<Override>,
    /// How many replications there are, where that was replaced.
    pub(crate) replications: Option<u32>,
    /// By the names that the scenario gives them.
    pub(crate) files: BTreeMap<String, Vec<u8>>,
}

impl Source {
    pub(crate) fn new(
        name: &str,
        text: &str,
        overrides: &[Override],
        replications: Option<u32>,
        files: BTreeMap<String, Vec<u8>>,
    ) -> Self {
        let last = overrides.iter().rfind(|change| change.path == REPLICATIONS);
        let replaced = last.and_then(|change| change.value.parse().ok());
        let is_kept = |change: &&Override| replaced.is_none() || change.path != REPLICATIONS;
        Self {
            name: file_name(name),
            text: text.to_owned(),
            overrides: overrides.iter().filter(is_kept).cloned().collect(),
            replications: replications.or(replaced),
            files,
        }
    }

    /// Name of the file, without its folder.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the file says.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What was replaced in it: paths with their values, in their order.
    pub fn replaced(&self) -> Vec<(String, String)> {
        let changes =
            self.overrides.iter().map(|Override { path, value }| (path.clone(), value.clone()));
        let count = self.replications.map(|count| (REPLICATIONS.to_owned(), count.to_string()));
        changes.chain(count).collect()
    }

    /// Names that the scenario gives to the files that it reads.
    pub fn file_names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The same scenario with another number of replications.
    #[must_use]
    pub fn with_replications(self, replications: u32) -> Self {
        Self { replications: Some(replications), ..self }
    }
}

/// The name of a file without its folder.
fn file_name(path: &str) -> String {
    Path::new(path).file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use sim::scenario::Replications;

    use super::*;
    use crate::load_text;

    const TEXT: &str = r#"
[run]
replications = 3

[[flow]]
name = "calls"
kind = "api"
arrivals = { process = "schedule", file = "day.csv" }

[[deployment]]
name = "one"
[deployment.clusters.server]
roles = ["gateway"]
nodes = 1
profile = "mine.toml"
"#;

    fn change(path: &str, value: &str) -> Override {
        Override { path: path.to_owned(), value: value.to_owned() }
    }

    #[test]
    fn a_scenario_is_read_again_without_its_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text);
        write("day.csv", "time_s,rate_per_s\n0,5\n600,9\n").expect("written");
        write("mine.toml", "from = \"gateway\"\ncores = 3\n").expect("written");
        let changes = [change("run.seed", "7"), change("flow.calls.timeout", "2 s")];
        let first = load_text("a/b/day.toml", TEXT, folder.path(), &changes);
        let first = first.unwrap_or_else(|problems| panic!("{problems}"));
        drop(folder);
        let again = first.source.load().unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!((&again.scenario, &again.source), (&first.scenario, &first.source));
        assert_eq!((again.name.as_str(), again.scenario.run.seed), ("day", 7));
        assert_eq!(again.scenario.deployments[0].clusters[0].profile.cores, 3.0);
        assert_eq!(first.source.files.keys().collect::<Vec<_>>(), ["day.csv", "mine.toml"]);
    }

    #[test]
    fn a_file_that_was_not_kept_is_missed() {
        let mut source = Source::new("day.toml", TEXT, &[], None, BTreeMap::new());
        let problems = source.load().expect_err("nothing was kept").to_string();
        assert!(problems.contains("not among the files that were kept"), "{problems}");
        source.files.insert("day.csv".to_owned(), b"time_s,rate_per_s\n0,5\n".to_vec());
        let problems = source.load().expect_err("one was kept").to_string();
        assert!(problems.contains("mine.toml") && !problems.contains("day.csv"), "{problems}");
    }

    #[test]
    fn however_replications_are_replaced_it_is_the_same_scenario() {
        let text = &TEXT.replace(
            "process = \"schedule\", file = \"day.csv\"",
            "process = \"poisson\", rate = \"1 /s\"",
        );
        let text = &text.replace("mine.toml", "gateway");
        let load = |text: &str, changes: &[Override]| {
            load_text("a.toml", text, Path::new("."), changes).unwrap_or_else(|p| panic!("{p}"))
        };
        let seed = change("run.seed", "2");
        let set = load(text, &[change("run.replications", "9"), seed.clone()]);
        let later = load(text, std::slice::from_ref(&seed)).source.with_replications(9);
        assert_eq!(later, set.source);
        let loaded = later.load().unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(loaded.spec, set.spec);
        // What goes on until it is precise has so many now.
        let precise =
            text.replace("replications = 3", "precision = \"5 %\"\nmax_replications = 50");
        let later = load(&precise, &[seed]).source.with_replications(9).load();
        let later = later.unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!(later.scenario.run.replications, Replications::Fixed(9));
        assert_eq!(later.spec, set.spec);
    }
}
