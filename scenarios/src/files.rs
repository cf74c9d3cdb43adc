//! The files that scenarios are read from: those of a folder, or those that were kept of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::catalogue;
use crate::problems::Problems;

/// A scenario file of more bytes is none.
const LARGEST_TEXT: u64 = 4 * 1024 * 1024;
/// A larger table would not fit the memory that a simulation leaves.
const LARGEST_TABLE: u64 = 64 * 1024 * 1024;

/// The files that a scenario names, by the names that it gives them. What has been read is kept.
#[derive(Debug)]
pub(crate) struct Files {
    /// Where they are looked for; none where only what was kept is there.
    folder: Option<PathBuf>,
    kept: RefCell<BTreeMap<String, Rc<[u8]>>>,
}

/// Why a file cannot be read, and what would help.
pub(crate) struct Unreadable {
    pub(crate) what: String,
    pub(crate) help: String,
}

impl Files {
    /// The files of a folder.
    pub(crate) fn of(folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), kept: RefCell::default() }
    }

    /// The files that were kept, wherever they came from.
    pub(crate) fn kept(files: &BTreeMap<String, Vec<u8>>) -> Self {
        let kept = files.iter().map(|(name, bytes)| (name.clone(), bytes.as_slice().into()));
        Self { folder: None, kept: RefCell::new(kept.collect()) }
    }

    /// All files that were read.
    pub(crate) fn into_kept(self) -> BTreeMap<String, Vec<u8>> {
        self.kept.into_inner().into_iter().map(|(name, bytes)| (name, bytes.to_vec())).collect()
    }

    /// The bytes of a table of numbers.
    pub(crate) fn table(&self, name: &str) -> Result<Rc<[u8]>, Unreadable> {
        if let Some(bytes) = self.kept.borrow().get(name) {
            return Ok(Rc::clone(bytes));
        }
        let bytes: Rc<[u8]> = self.read_table(name)?.into();
        self.kept.borrow_mut().insert(name.to_owned(), Rc::clone(&bytes));
        Ok(bytes)
    }

    fn read_table(&self, name: &str) -> Result<Vec<u8>, Unreadable> {
        let Some(folder) = &self.folder else {
            let help = "it is not among the files that were kept of the scenario".to_owned();
            return Err(Unreadable { what: "cannot be read".to_owned(), help });
        };
        let path = folder.join(name);
        let wrong = |what: String| {
            let help = format!("it is looked for at {}", path.display());
            Err(Unreadable { what, help })
        };
        match path.metadata().map(|metadata| metadata.is_file()) {
            Ok(true) => {}
            Ok(false) => return wrong("this is not a file".to_owned()),
            Err(error) => return wrong(format!("cannot be read: {error}")),
        }
        match bytes_of(&path, LARGEST_TABLE) {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(Unreadable {
                what: "the file is larger than 64 MiB".to_owned(),
                help: "use a part of it".to_owned(),
            }),
            Err(error) => wrong(format!("cannot be read: {error}")),
        }
    }

    /// The text of a profile file.
    pub(crate) fn text(&self, name: &str) -> Result<String, Problems> {
        let kept = self.kept.borrow().get(name).cloned();
        let text = match (kept, &self.folder) {
            (Some(bytes), _) => utf8(bytes.to_vec(), name)?,
            (None, Some(folder)) => text(&folder.join(name), name)?,
            (None, None) => {
                let what = "cannot be read".to_owned();
                let help = "it is not among the files that were kept of the scenario";
                return Err(Problems::of_file(name, what, help));
            }
        };
        self.kept.borrow_mut().insert(name.to_owned(), text.as_bytes().into());
        Ok(text)
    }
}

/// The text of a scenario or profile file, which messages call by that name.
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
    match bytes_of(path, LARGEST_TEXT) {
        Ok(Some(bytes)) => utf8(bytes, name),
        Ok(None) => wrong("the file is larger than 4 MiB".to_owned(), "this is no scenario"),
        Err(error) => wrong(format!("cannot be read: {error}"), ""),
    }
}

fn utf8(bytes: Vec<u8>, name: &str) -> Result<String, Problems> {
    String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = String::from_utf8_lossy(&error.as_bytes()[..valid]).matches('\n').count() + 1;
        let what = format!("line {line} is not UTF-8 text");
        Problems::of_file(name, what, "save the file as UTF-8")
    })
}

/// All bytes of a file; none where they are more than that.
fn bytes_of(path: &Path, largest: u64) -> std::io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(largest + 1).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= largest).then_some(bytes))
}
