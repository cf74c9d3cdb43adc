//! Binary files of our own, sealed so that what is cut, damaged or of another version is refused by name.
//!
//! A line `apimsim VERSION KIND FORMAT`, ended by a line feed; the length of what follows in bytes, as a
//! little-endian number of 64 bits; its CRC-32, of 32 bits; and then what the file holds, in `MessagePack` with the
//! names of all fields. Nothing in it depends on the clock, the machine or the number of threads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::failure::Failure;
use crate::output;

/// The first line is not longer.
const LONGEST_LINE: usize = 64;

/// A longer body is not read: a study of a thousand flows through a dozen deployments in twenty
/// replications has half of it.
pub(crate) const LONGEST_BODY: u64 = 1 << 30;

/// Length and checksum.
pub(crate) const SEAL: usize = 12;

/// What files of a kind hold.
pub(crate) struct Kind {
    /// A word for it.
    pub(crate) name: &'static str,
    /// Counts the changes of its format.
    pub(crate) format: u32,
    /// The command that writes it.
    pub(crate) maker: &'static str,
}

impl Kind {
    /// The first line of a file.
    pub(crate) fn head(&self) -> String {
        format!("apimsim {} {} {}\n", env!("CARGO_PKG_VERSION"), self.name, self.format)
    }

    /// Writes a file, whole or not at all.
    pub(crate) fn write(&self, path: &Path, held: &impl Serialize) -> Result<(), Failure> {
        let body = rmp_serde::to_vec_named(held).map_err(|error| Failure::File {
            path: path.to_owned(),
            cause: io::Error::other(error),
        })?;
        output::write_whole(path, |out| {
            out.write_all(self.head().as_bytes())?;
            out.write_all(&(body.len() as u64).to_le_bytes())?;
            out.write_all(&crc32fast::hash(&body).to_le_bytes())?;
            Ok(out.write_all(&body)?)
        })
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// Why it cannot be, in words.
    pub(crate) fn open(&self, path: &Path) -> Result<File, String> {
        File::open(path)
            .map_err(|cause| format!("cannot be read: {cause}; `{}` writes it", self.maker))
    }

    /// What a file holds.
    ///
    /// # Errors
    ///
    /// Why it cannot be used, in words.
    pub(crate) fn read<T: DeserializeOwned>(&self, file: &mut dyn Read) -> Result<T, String> {
        let name = self.name;
        rmp_serde::from_slice(&self.body(file)?)
            .map_err(|error| format!("this is no {name} of this version: {error}"))
    }

    /// What follows the head of a file that is whole and of this version. No more is read than the head says
    /// there is, and nothing where that is too much.
    fn body(&self, file: &mut dyn Read) -> Result<Vec<u8>, String> {
        let mut read = |bytes: &mut Vec<u8>, most: u64| {
            let read = (&mut *file).take(most).read_to_end(bytes);
            read.map_err(|cause| format!("cannot be read: {cause}"))
        };
        let mut begin = Vec::new();
        read(&mut begin, (LONGEST_LINE + SEAL) as u64)?;
        let line = begin.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n');
        let (line, rest) = begin.split_at(line.map_or(0, |end| end + 1));
        self.check_head(line)?;
        let again = format!("`{}` writes it again", self.maker);
        let short = || format!("the file ends too early; copy it again, or {again}");
        let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (checksum, rest) = rest.split_first_chunk().ok_or_else(short)?;
        let (length, checksum) = (u64::from_le_bytes(*length), u32::from_le_bytes(*checksum));
        if length > LONGEST_BODY {
            let most = LONGEST_BODY >> 30;
            return Err(format!(
                "it says that it is {length} bytes long; at most {most} GiB are read"
            ));
        }
        let mut body = rest.to_vec();
        // One more, to see whether something follows.
        let lacking = (length + 1).saturating_sub(body.len() as u64);
        read(&mut body, lacking)?;
        match () {
            () if (body.len() as u64) < length => Err(short()),
            () if body.len() as u64 > length => Err("something follows after its end".to_owned()),
            () if crc32fast::hash(&body) != checksum => {
                Err(format!("it is damaged: its checksum is another; {again}"))
            }
            () => Ok(body),
        }
    }

    /// Whether a first line is that of this version.
    fn check_head(&self, line: &[u8]) -> Result<(), String> {
        let head = self.head();
        if line == head.as_bytes() {
            return Ok(());
        }
        let found = String::from_utf8_lossy(line);
        Err(if found.starts_with("apimsim ") {
            format!(
                "it was written as `{}`, and this program reads `{}`; `{}` writes it again",
                found.trim_end().escape_debug(),
                head.trim_end(),
                self.maker
            )
        } else {
            format!("this is no {} that `{}` has written", self.name, self.maker)
        })
    }
}
