//! Tells builds of one version apart where their simulators could behave differently: a hash over the
//! sources that decide what a simulation sees.
//!
//! Dependencies are not in it: random numbers, laws and the engine are our own, and what others compute
//! (quantiles of Student's t, least squares, threads) is in no observation.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The sources of the simulator.
const SOURCES: &str = "sim/src";

/// Of these, what no observation depends on.
const OTHERS: [&str; 8] = [
    "calibration",
    "calibration.rs",
    "measurement",
    "measurement.rs",
    "oracle",
    "oracle.rs",
    "verification",
    "verification.rs",
];

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed={SOURCES}");
    let mut files = Vec::new();
    gather(Path::new(SOURCES), &mut files)?;
    let mut named: Vec<(String, PathBuf)> =
        files.into_iter().map(|path| (name_of(&path), path)).collect();
    named.retain(|(name, path)| {
        let room = name.split('/').next().unwrap_or_default();
        path.extension().is_some_and(|extension| extension == "rs") && !OTHERS.contains(&room)
    });
    named.sort();
    let mut hash = Fnv::default();
    for (name, path) in named {
        hash.add(name.as_bytes());
        // Some checkouts have other ends of lines.
        let text: Vec<u8> = fs::read(path)?.into_iter().filter(|byte| *byte != b'\r').collect();
        hash.add(&(text.len() as u64).to_le_bytes());
        hash.add(&text);
    }
    println!("cargo:rustc-env=APIMSIM_SIMULATOR={}", hash.0);
    Ok(())
}

/// All files below a folder.
fn gather(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { gather(&path, files)? } else { files.push(path) }
    }
    Ok(())
}

/// The path of a source, the same on every machine.
fn name_of(path: &Path) -> String {
    let below = path.strip_prefix(SOURCES).unwrap_or(path);
    let names = below.iter().map(|name| name.to_string_lossy().into_owned());
    names.collect::<Vec<_>>().join("/")
}

/// FNV-1a (Fowler, Noll and Vo).
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}
