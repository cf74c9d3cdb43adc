//! `study.bin`: what the replications of a scenario saw and what the scenario was read from, so that
//! reports can be made again, replications added, and studies put together.
//!
//! A line `apimsim VERSION study FORMAT`, ended by a line feed; the length of what follows in bytes, as
//! a little-endian number of 64 bits; its CRC-32, of 32 bits; and then, in `MessagePack` with the names
//! of all fields, the build whose simulator made it, the fingerprint of the scenario as understood, what
//! it was read from, and the study. Nothing in it depends on the clock, the machine or the number of threads.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use scenarios::{Loaded, Source};
use serde::{Deserialize, Serialize};
use sim::experiment::Experiment;
use sim::scenario::Scenario;
use sim::study::Study;

use crate::failure::Failure;
use crate::output;

/// Its name in the folder of the reports.
pub(crate) const NAME: &str = "study.bin";

/// Counts the changes of this format.
const FORMAT: u32 = 8;

/// The first line is not longer.
const LONGEST_LINE: usize = 64;

/// A longer body is not read: a study of a thousand flows through a dozen deployments in twenty
/// replications has half of it.
const LONGEST_BODY: u64 = 1 << 30;

/// Length and checksum.
const SEAL: usize = 12;

/// What a file holds, to be written.
#[derive(Serialize)]
struct Written<'a> {
    build: u64,
    fingerprint: u64,
    source: &'a Source,
    study: &'a Study,
}

/// The same, read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Held {
    build: u64,
    fingerprint: u64,
    source: Source,
    study: Study,
}

/// A study with its scenario.
pub(crate) struct Kept {
    pub(crate) loaded: Loaded,
    pub(crate) study: Study,
    /// The build that simulated it.
    pub(crate) build: Build,
}

/// A build, by a hash of the sources of its simulator: those of one version can behave differently.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Build(u64);

impl Build {
    /// The one that runs.
    pub(crate) fn this() -> Self {
        Self(env!("APIMSIM_SIMULATOR").parse().expect("the build script writes a number"))
    }
}

fn head() -> String {
    format!("apimsim {} study {FORMAT}\n", env!("CARGO_PKG_VERSION"))
}

/// Writes the file into a folder, whole or not at all.
pub(crate) fn write(
    loaded: &Loaded,
    study: &Study,
    build: Build,
    folder: &Path,
) -> Result<(), Failure> {
    let path = folder.join(NAME);
    let fingerprint = fingerprint(&loaded.scenario);
    let written = Written { build: build.0, fingerprint, source: &loaded.source, study };
    let body = rmp_serde::to_vec_named(&written)
        .map_err(|error| Failure::File { path: path.clone(), cause: io::Error::other(error) })?;
    output::write_whole(&path, |out| {
        out.write_all(head().as_bytes())?;
        out.write_all(&(body.len() as u64).to_le_bytes())?;
        out.write_all(&crc32fast::hash(&body).to_le_bytes())?;
        Ok(out.write_all(&body)?)
    })
}

/// Reads the file of a folder.
///
/// # Errors
///
/// Why it cannot be used, in words.
pub(crate) fn read(folder: &Path) -> Result<Kept, String> {
    let path = folder.join(NAME);
    let unreadable = |cause: io::Error| format!("cannot be read: {cause}; `apimsim run` writes it");
    let opened = File::open(&path).map_err(unreadable);
    let kept = opened.and_then(|mut file| understand(&mut file));
    kept.map_err(|wrong| format!("{}: {wrong}", path.display()))
}

fn understand(file: &mut dyn Read) -> Result<Kept, String> {
    let held: Held = rmp_serde::from_slice(&body(file)?)
        .map_err(|error| format!("this is no study of this version: {error}"))?;
    let loaded = held.source.load().map_err(|problems| {
        format!("the scenario that it was made for is not right any more\n{problems}")
    })?;
    if fingerprint(&loaded.scenario) != held.fingerprint {
        return Err(
            "this program understands its scenario differently, or has other profiles and \
                    patterns than the one that wrote it; run the scenario again"
                .to_owned(),
        );
    }
    let experiment = Experiment::new(&loaded.scenario).map_err(|error| error.to_string())?;
    let fits = experiment.check(&held.study);
    fits.map_err(|error| format!("the study does not fit its scenario: {error}"))?;
    Ok(Kept { loaded, study: held.study, build: Build(held.build) })
}

/// What follows the head of a file that is whole and of this version. No more is read than the head says
/// there is, and nothing where that is too much.
fn body(file: &mut dyn Read) -> Result<Vec<u8>, String> {
    let mut read = |bytes: &mut Vec<u8>, most: u64| {
        let read = (&mut *file).take(most).read_to_end(bytes);
        read.map_err(|cause| format!("cannot be read: {cause}"))
    };
    let mut begin = Vec::new();
    read(&mut begin, (LONGEST_LINE + SEAL) as u64)?;
    let line = begin.iter().take(LONGEST_LINE).position(|byte| *byte == b'\n');
    let (line, rest) = begin.split_at(line.map_or(0, |end| end + 1));
    check_head(line)?;
    let short = || "the file ends too early; copy it again, or run the scenario again".to_owned();
    let (length, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (checksum, rest) = rest.split_first_chunk().ok_or_else(short)?;
    let (length, checksum) = (u64::from_le_bytes(*length), u32::from_le_bytes(*checksum));
    if length > LONGEST_BODY {
        let most = LONGEST_BODY >> 30;
        return Err(format!("it says that it is {length} bytes long; at most {most} GiB are read"));
    }
    let mut body = rest.to_vec();
    // One more, to see whether something follows.
    let lacking = (length + 1).saturating_sub(body.len() as u64);
    read(&mut body, lacking)?;
    match () {
        () if (body.len() as u64) < length => Err(short()),
        () if body.len() as u64 > length => Err("something follows after its end".to_owned()),
        () if crc32fast::hash(&body) != checksum => {
            Err("it is damaged: its checksum is another; run the scenario again".to_owned())
        }
        () => Ok(body),
    }
}

/// Whether a first line is that of this version.
fn check_head(line: &[u8]) -> Result<(), String> {
    let head = head();
    if line == head.as_bytes() {
        return Ok(());
    }
    let found = String::from_utf8_lossy(line);
    Err(if found.starts_with("apimsim ") {
        format!(
            "it was written as `{}`, and this program reads `{}`; run the scenario again",
            found.trim_end().escape_debug(),
            head.trim_end()
        )
    } else {
        "this is no study that `apimsim run` has written".to_owned()
    })
}

/// A number for a scenario as understood, but for how many replications it has: FNV-1a of all that it
/// says (Fowler, Noll and Vo).
fn fingerprint(scenario: &Scenario) -> u64 {
    struct Fnv(u64);
    impl std::fmt::Write for Fnv {
        fn write_str(&mut self, text: &str) -> std::fmt::Result {
            for byte in text.bytes() {
                self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            Ok(())
        }
    }
    let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
    // Hashing does not fail.
    let _ = std::fmt::write(&mut hash, format_args!("{scenario:?}"));
    hash.0
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use sim::experiment::{Task, Unwatched};

    use super::*;

    /// A file of a small study, as bytes.
    fn written() -> Vec<u8> {
        let change = |text: &str| text.parse().expect("an override");
        let changes = ["run.window=1 s", "run.warm_up=1 s", "run.replications=2"].map(change);
        let loaded = scenarios::load("low-traffic".as_ref(), &changes).expect("shipped");
        let experiment = Experiment::new(&loaded.scenario).expect("it can be simulated");
        let stop = AtomicBool::new(false);
        let observed = experiment.observe(Task::default(), &Unwatched, &stop).expect("it runs");
        let folder = tempfile::tempdir().expect("a folder");
        write(&loaded, &observed.study, Build::this(), folder.path())
            .unwrap_or_else(|error| panic!("{error}"));
        let kept = read(folder.path()).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((kept.study, kept.loaded.scenario), (observed.study, loaded.scenario));
        std::fs::read(folder.path().join(NAME)).expect("written")
    }

    /// With the right length and checksum.
    fn sealed(body: &[u8]) -> Vec<u8> {
        let (length, checksum) = ((body.len() as u64).to_le_bytes(), crc32fast::hash(body));
        [head().as_bytes(), &length, &checksum.to_le_bytes(), body].concat()
    }

    #[test]
    fn a_file_that_is_cut_changed_or_longer_is_refused_and_says_why() {
        let whole = written();
        assert!(understand(&mut &whole[..]).is_ok());
        let wrong = |bytes: &[u8]| understand(&mut &*bytes).err().expect("it is refused");
        let start = head().len() + 12;
        for length in [start, start + 1, whole.len() / 2, whole.len() - 1] {
            assert!(wrong(&whole[..length]).contains("ends too early"), "{length}");
        }
        assert!(wrong(&[&whole[..], b" "].concat()).contains("follows after its end"));
        for place in (start..whole.len()).step_by(101) {
            let mut damaged = whole.clone();
            damaged[place] ^= 0x10;
            assert!(wrong(&damaged).contains("damaged"), "{place}");
        }
        let older = [b"apimsim 0.0.9 study 1\n", &whole[head().len()..]].concat();
        assert!(wrong(&older).contains("written as `apimsim 0.0.9 study 1`"));
        for other in [&b""[..], b"\n", b"scenario,deployment\n", &[0xff; 200]] {
            assert!(wrong(other).contains("no study"), "{other:?}");
        }
    }

    #[test]
    fn a_file_that_lies_about_its_length_or_never_ends_is_refused_before_it_is_read() {
        let wrong = |file: &mut dyn Read| understand(file).err().expect("it is refused");
        let head = |length: u64| [head().as_bytes(), &length.to_le_bytes(), &[0; 4]].concat();
        for length in [LONGEST_BODY + 1, u64::MAX] {
            let said = wrong(&mut io::Cursor::new(head(length)).chain(io::repeat(0)));
            assert!(said.contains(&format!("{length} bytes long; at most 1 GiB")), "{said}");
        }
        // It says that it is short, and goes on for ever.
        let mut endless = io::Cursor::new(head(1000)).chain(io::repeat(0));
        assert!(wrong(&mut endless).contains("follows after its end"));
        let mut short = io::Cursor::new(head(LONGEST_BODY)).chain(&b"short"[..]);
        assert!(wrong(&mut short).contains("ends too early"));
        assert!(wrong(&mut io::repeat(b'a')).contains("no study"));
        // Lists that say that they have billions of elements, and end there.
        for list in [&[0xdd, 0xff, 0xff, 0xff, 0xff][..], &[0xdf, 0xff, 0xff, 0xff, 0xff]] {
            assert!(wrong(&mut &sealed(list)[..]).contains("no study of this version"));
        }
    }

    #[test]
    fn whatever_is_sealed_is_read_or_refused_without_a_panic() {
        let whole = written();
        let body = &whole[head().len() + 12..];
        let mut refused = 0;
        for place in (0..body.len()).step_by(37) {
            for change in [0xff, 0xdd, 0xdf, 0xc6, 0xcf] {
                let mut other = body.to_vec();
                other[place] = change;
                if let Ok(kept) = understand(&mut &sealed(&other)[..]) {
                    // What is not refused can be reported.
                    Experiment::new(&kept.loaded.scenario).expect("checked").results(&kept.study);
                } else {
                    refused += 1;
                }
            }
        }
        assert!(refused > 100, "{refused}");
        for length in (0..body.len()).step_by(173) {
            assert!(understand(&mut &sealed(&body[..length])[..]).is_err(), "{length}");
        }
    }
}
