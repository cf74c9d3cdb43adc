//! From a file or a text to a validated scenario.

use std::path::Path;

use sim::deployment::Profile;
use sim::planning::Planning;
use sim::scenario::Scenario;

use crate::document::{Item, Place};
use crate::files::{self, Files};
use crate::overall;
use crate::overrides::{self, Override};
use crate::parse::parse;
use crate::problems::{Log, Problems};
use crate::read::profiles::Profiles;
use crate::read::scenario::{self, Understood};
use crate::read::section::Context;
use crate::source::Source;
use crate::{catalogue, spec};

/// A scenario that was read and found right.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The stem of the file's name.
    pub name: String,
    /// What is simulated.
    pub scenario: Scenario,
    /// Which node counts are searched for, where that is asked.
    pub planning: Planning,
    /// The inputs as understood: with defaults, and with the profiles in use whole.
    pub spec: spec::Scenario,
    /// What is right but may surprise.
    pub warnings: Vec<String>,
    /// What would be better otherwise, each with its line: for those who ask whether a file is right.
    pub advice: Vec<String>,
    /// What it was read from.
    pub source: Source,
}

/// Loads a scenario file, or the shipped scenario of that name where there is no such file.
///
/// # Errors
///
/// All problems of the file at once.
pub fn load(path: &Path, overrides: &[Override]) -> Result<Loaded, Problems> {
    let name = path.to_string_lossy();
    // A folder of that name may hold the results of an earlier run.
    if (!path.exists() || path.is_dir())
        && let Some(entry) = catalogue::scenarios().into_iter().find(|entry| entry.name == name)
    {
        return load_text(&format!("{name}.toml"), entry.text, Path::new("."), overrides);
    }
    let text = files::text(path, &name)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    load_text(&name, &text, folder, overrides)
}

/// Loads the text of a scenario file of that name; CSV files are looked for in the folder.
///
/// # Errors
///
/// All problems of the text at once.
pub fn load_text(
    name: &str,
    text: &str,
    folder: &Path,
    overrides: &[Override],
) -> Result<Loaded, Problems> {
    read(name, text, Files::of(folder), overrides, None)
}

/// Reads a text of that file name, with these files; so many replications replace whatever it says.
fn read(
    name: &str,
    text: &str,
    files: Files,
    overrides: &[Override],
    replications: Option<u32>,
) -> Result<Loaded, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let log = Log::default();
    let source = log.add_source(name, text);
    let read = parse(&log, source, text).and_then(|mut root| {
        let lost = override_all(Context { log: &log, files: &files }, &mut root, overrides, &stem);
        if let Some(count) = replications {
            overrides::replicate(&mut root, count);
        }
        let read = scenario::read(Context { log: &log, files: &files }, &root, &stem);
        if log.is_clean() {
            for place in lost {
                out_of_place(&log, place);
            }
        }
        let Understood { scenario, planning, profiles } = read.filter(|_| log.is_clean())?;
        let spec = spec::understood(&root, &scenario, &profiles);
        let spec = spec.map_err(|error| log.problem(root.place, error, "")).ok()?;
        Some((scenario, planning, spec))
    });
    if read.is_none() && log.is_clean() {
        log.problem(Place::default(), "this cannot be understood", "");
    }
    let advice = log.advice();
    let warnings = log.finish()?;
    let (scenario, planning, spec) = read.ok_or_else(|| nothing(name))?;
    let source = Source::new(name, text, overrides, replications, files.into_kept());
    Ok(Loaded { name: stem, scenario, planning, spec, warnings, advice, source })
}

/// Writes every override into the document, in their order. Returns the places of those that change a whole scenario
/// where there was none yet.
fn override_all(
    context: Context<'_>,
    root: &mut Item,
    overrides: &[Override],
    stem: &str,
) -> Vec<Place> {
    let mut lost = Vec::new();
    for (index, change) in overrides.iter().enumerate() {
        let value = overrides::value(context.log, index, change);
        let set = match change.path.as_str() {
            overall::TRAFFIC => overall::set_traffic,
            overall::TENANTS => overall::set_tenants,
            _ => {
                overrides::apply(context.log, root, change, value);
                continue;
            }
        };
        // What is wrong with the rest of the file is said when it is read at last.
        let log = Log::default();
        let so_far = scenario::read(Context { log: &log, ..context }, root, stem);
        match so_far.filter(|_| log.is_clean()) {
            Some(so_far) => {
                set(context, root, &so_far.scenario, &value);
            }
            None => lost.push(value.place),
        }
    }
    lost
}

fn out_of_place(log: &Log, place: Place) {
    let what = "this changes a whole scenario, and what comes before leaves it in pieces";
    log.problem(place, what, "put it after the changes that make the scenario right");
}

impl Source {
    /// Reads the scenario again.
    ///
    /// # Errors
    ///
    /// All its problems at once, if it is not right for this version of the program.
    pub fn load(&self) -> Result<Loaded, Problems> {
        let files = Files::kept(&self.files);
        read(&self.name, &self.text, files, &self.overrides, self.replications)
    }
}

/// Loads a profile file, or the shipped profile of that name where there is no such file.
///
/// # Errors
///
/// All problems of the file at once.
pub fn profile(path: &Path) -> Result<Profile, Problems> {
    let name = path.to_string_lossy();
    let files = Files::of(path.parent().unwrap_or(Path::new(".")));
    let log = Log::default();
    let context = Context { log: &log, files: &files };
    let shipped = catalogue::profiles().iter().any(|entry| entry.name == name);
    let read = if shipped && !path.is_file() {
        Profiles::new(context, None).get(&name, Place::default())
    } else {
        let text = files::text(path, &name)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let source = log.add_source(&name, text);
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        parse(&log, source, text).and_then(|root| Profiles::read_file(context, &stem, root))
    };
    log.finish()?;
    read.ok_or_else(|| nothing(&name))
}

fn nothing(name: &str) -> Problems {
    Problems::of_file(name, "this cannot be understood".to_owned(), "")
}
