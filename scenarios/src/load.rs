//! From a file or a text to a validated scenario.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use sim::deployment::Profile;
use sim::scenario::Scenario;

use crate::document::{self, Item, Place};
use crate::overrides::{self, Override};
use crate::problems::{Log, Problems, whole_characters};
use crate::read::profiles::Profiles;
use crate::read::scenario;
use crate::read::section::Context;
use crate::{catalogue, spec};

/// A scenario file of more bytes is none.
const LARGEST_BYTES: u64 = 4 * 1024 * 1024;

/// Deeper keys than this would cost more stack than a thread has.
const MOST_DOTS_IN_A_LINE: usize = 200;

/// A table of more keys is none of ours; the readers search tables from end to end.
const MOST_KEYS: usize = 2000;

/// A scenario that was read and found right.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The stem of the file's name.
    pub name: String,
    /// What is simulated.
    pub scenario: Scenario,
    /// The inputs as understood: with defaults, and with the profiles in use whole.
    pub spec: spec::Scenario,
    /// What is right but may surprise.
    pub warnings: Vec<String>,
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
    let text = text(path, &name)?;
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
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let stem = Path::new(name).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let log = Log::default();
    let source = log.add_source(name, text);
    let read = parse(&log, source, text).and_then(|mut root| {
        overrides::apply(&log, &mut root, overrides);
        let read = scenario::read(Context { log: &log, folder }, &root, &stem);
        let (scenario, profiles) = read.filter(|_| log.is_clean())?;
        let spec = spec::understood(&root, &scenario, &profiles);
        spec.map_err(|error| log.problem(root.place, error, "")).ok().map(|spec| (scenario, spec))
    });
    if read.is_none() && log.is_clean() {
        log.problem(Place::default(), "this cannot be understood", "");
    }
    let warnings = log.finish()?;
    let (scenario, spec) = read.ok_or_else(|| nothing(name))?;
    Ok(Loaded { name: stem, scenario, spec, warnings })
}

/// Loads a profile file, or the shipped profile of that name where there is no such file.
///
/// # Errors
///
/// All problems of the file at once.
pub fn profile(path: &Path) -> Result<Profile, Problems> {
    let name = path.to_string_lossy();
    let folder = path.parent().unwrap_or(Path::new("."));
    let log = Log::default();
    let context = Context { log: &log, folder };
    let shipped = catalogue::profiles().iter().any(|entry| entry.name == name);
    let read = if shipped && !path.is_file() {
        Profiles::new(context, None).get(&name, Place::default())
    } else {
        let text = text(path, &name)?;
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

pub(crate) fn parse(log: &Log, source: usize, text: &str) -> Option<Item> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.matches('.').count() > MOST_DOTS_IN_A_LINE && !line.trim_start().starts_with('#') {
            let place = Place { source, start, end: start };
            log.problem(place, "this line has too many dots", "write a key with a few parts");
            return None;
        }
        start += line.len();
    }
    let faults = match document::parse(source, text) {
        Ok(root) => match root.crowded(MOST_KEYS) {
            None => return Some(root),
            Some(place) => {
                log.problem(place, "this table has too many keys", "2000 are the most");
                return None;
            }
        },
        Err(faults) => faults,
    };
    for (place, what) in faults {
        log.problem(place, format!("this is not TOML: {what}"), hint(text, place));
    }
    None
}

/// What is probably meant by a line that is not TOML.
fn hint(text: &str, place: Place) -> &'static str {
    let start = whole_characters(text, place.start);
    let line = text[..start].rfind('\n').map_or(0, |end| end + 1);
    if text[line..].trim_start().starts_with("p99.9") {
        "beside p99 write the longer key in quotes: \"p99.9\" = \"1 s\""
    } else {
        ""
    }
}

pub(crate) fn text(path: &Path, name: &str) -> Result<String, Problems> {
    let wrong = |what: String, help: &str| Err(Problems::of_file(name, what, help));
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            return wrong("this is a folder".to_owned(), "give a scenario file, like day.toml");
        }
        Ok(metadata) if !metadata.is_file() => {
            return wrong("this is not a file".to_owned(), "give a scenario file, like day.toml");
        }
        Ok(_) => {}
        Err(error) => {
            let names: Vec<_> = catalogue::scenarios().iter().map(|entry| entry.name).collect();
            let help = format!("give a scenario file, or one of {}", names.join(", "));
            return wrong(format!("cannot be read: {error}"), &help);
        }
    }
    let mut bytes = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(LARGEST_BYTES + 1).read_to_end(&mut bytes));
    if let Err(error) = read {
        return wrong(format!("cannot be read: {error}"), "");
    }
    if bytes.len() as u64 > LARGEST_BYTES {
        return wrong("the file is larger than 4 MiB".to_owned(), "this is no scenario");
    }
    String::from_utf8(bytes).or_else(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..valid]).matches('\n').count() + 1;
        wrong(format!("line {line} is not UTF-8 text"), "save the file as UTF-8")
    })
}
