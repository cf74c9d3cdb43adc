//! `study.bin`: what the replications of a scenario saw and what the scenario was read from, so that
//! reports can be made again, replications added, and studies put together.
//!
//! Sealed (`sealed`), it holds the build whose simulator made it, the fingerprint of the scenario as understood, what it
//! was read from, and the study.

use std::io::Read;
use std::path::Path;

use scenarios::{Loaded, Source};
use serde::{Deserialize, Serialize};
use sim::experiment::Experiment;
use sim::scenario::Scenario;
use sim::study::Study;

use crate::failure::Failure;
use crate::sealed::Kind;

/// Its name in the folder of the reports.
pub(crate) const NAME: &str = "study.bin";

const STUDY: Kind = Kind { name: "study", format: 8, maker: "apimsim run" };

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Build(u64);

impl Build {
    /// The one that runs.
    pub(crate) fn this() -> Self {
        Self(env!("APIMSIM_SIMULATOR").parse().expect("the build script writes a number"))
    }
}

/// Writes a file, whole or not at all.
pub(crate) fn write(
    loaded: &Loaded,
    study: &Study,
    build: Build,
    path: &Path,
) -> Result<(), Failure> {
    let fingerprint = fingerprint(&loaded.scenario);
    let written = Written { build: build.0, fingerprint, source: &loaded.source, study };
    STUDY.write(path, &written)
}

/// Reads a file.
///
/// # Errors
///
/// Why it cannot be used, in words.
pub(crate) fn read(path: &Path) -> Result<Kept, String> {
    let kept = STUDY.open(path).and_then(|mut file| understand(&mut file));
    kept.map_err(|wrong| format!("{}: {wrong}", path.display()))
}

fn understand(file: &mut dyn Read) -> Result<Kept, String> {
    let held: Held = STUDY.read(file)?;
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

/// A number for a scenario as understood, but for how many replications it has: FNV-1a of all that it
/// says (Fowler, Noll and Vo).
pub(crate) fn fingerprint(scenario: &Scenario) -> u64 {
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

    use std::io;

    use super::*;
    use crate::sealed::LONGEST_BODY;

    fn head() -> String {
        STUDY.head()
    }

    /// A file of a small study, as bytes.
    fn written() -> Vec<u8> {
        let change = |text: &str| text.parse().expect("an override");
        let changes = ["run.window=1 s", "run.warm_up=1 s", "run.replications=2"].map(change);
        let loaded = scenarios::load("low-traffic".as_ref(), &changes).expect("shipped");
        let experiment = Experiment::new(&loaded.scenario).expect("it can be simulated");
        let stop = AtomicBool::new(false);
        let observed = experiment.observe(Task::default(), &Unwatched, &stop).expect("it runs");
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(NAME);
        write(&loaded, &observed.study, Build::this(), &path)
            .unwrap_or_else(|error| panic!("{error}"));
        let kept = read(&path).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!((kept.study, kept.loaded.scenario), (observed.study, loaded.scenario));
        std::fs::read(path).expect("written")
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
