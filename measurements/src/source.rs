//! A file that is read from its beginning as often as is needed: what a later line says may change what
//! an earlier one means.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::PathBuf;

use tempfile::SpooledTempFile;

/// What can only be read once is kept in memory up to here, and on disk from there on.
const MOST_IN_MEMORY: usize = 4 << 20;

/// A file under the name that messages call it by.
pub(crate) struct Source {
    pub(crate) name: String,
    input: Input,
}

enum Input {
    File(PathBuf),
    Kept(Box<SpooledTempFile>),
}

impl Source {
    pub(crate) fn of_file(name: String, path: PathBuf) -> Self {
        Self { name, input: Input::File(path) }
    }

    /// Of what can be read once: a pipe.
    pub(crate) fn of_stream(name: String, mut stream: impl BufRead) -> io::Result<Self> {
        let mut kept = Box::new(SpooledTempFile::new(MOST_IN_MEMORY));
        io::copy(&mut stream, &mut kept)?;
        Ok(Self { name, input: Input::Kept(kept) })
    }

    /// From the beginning.
    pub(crate) fn open(&mut self) -> io::Result<Box<dyn Read + '_>> {
        match &mut self.input {
            Input::File(path) => Ok(Box::new(BufReader::with_capacity(1 << 16, File::open(path)?))),
            Input::Kept(kept) => {
                kept.rewind()?;
                Ok(Box::new(kept))
            }
        }
    }
}
