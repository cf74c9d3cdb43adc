//! No file of a load generator makes the program panic, whatever was done to it: ten thousand mutations of each
//! format are read, or it is said in one line what is wrong. The mutations are those of one seed.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use measurements::{Options, read_collections_from, read_from};

const EXCERPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/load_tests");

const MUTATIONS: u32 = 10_000;

/// What is no such file, or in the form of another one.
const ALIKE: [&str; 4] = ["truth", "2.13-dates", "without-threads", "-R-C"];

/// So much of a file is changed and read.
const MOST_BYTES: usize = 1200;

const GATLING: &str = "RUN\tExample\texample\t1700000000000\tsaid\t3.9.5\n\
                       USER\tscn\tSTART\t1700000000001\n\
                       REQUEST\tgroup\tGET item\t1700000000010\t1700000000040\tOK\t \n\
                       REQUEST\t\tGET item\t1700000000050\t1700000000090\tKO\tstatus 503\n\
                       USER\tscn\tEND\t1700000000099\n";

const VEGETA: &str = "1700000000000000000,200,44120000,0,1024,,,a,0,GET,http://h/item,\n\
                      1700000000010000000,503,120000,0,10,503 Service Unavailable,,a,1,GET,http://h/item,\n";

const NGINX: &str = "10.0.0.5 - - [28/Nov/2026:06:55:09 +0000] \"GET /item?a=1 HTTP/1.1\" 200 1024 \"-\" \"curl/8 (x)\" 0.043 0.041\n\
                     10.0.0.5 - - [28/Nov/2026:06:55:10 +0000] \"GET /item HTTP/1.1\" 503 10 \"-\" \"-\" rt=0.001 urt=\"0.001\"\n";

const AB: &str = "starttime\tseconds\tctime\tdtime\tttime\twait\n\
                  Sat Nov 28 06:55:09 2026\t1795848909\t0\t40\t40\t39\n\
                  Sat Nov 28 06:55:10 2026\t1795848910\t0\t41\t41\t40\n";

const AGGREGATE: &str = "Label,# Samples,Average,Median,90% Line,95% Line,99% Line,Min,Max,Error %,Throughput\n\
                         GET item,4000,44,29,86,117,205,0,1501,1.075%,183.9/sec\n\
                         TOTAL,4000,44,29,86,117,205,0,1501,1.075%,183.9/sec\n";

/// One seed, one sequence (Knuth's MMIX multiplier).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below.max(1)
    }
}

const WORDS: [&[u8]; 20] = [
    b"NaN",
    b"-1",
    b"inf",
    b"1e308",
    b"18446744073709551616",
    b"9999999999999999999",
    b"\"",
    b"\n",
    b",",
    b"\t",
    b"{",
    b"}",
    b"<",
    b">",
    b"&",
    b"\xff",
    b"\0",
    b"-9223372036854775808",
    b"0",
    b"\xc3\xa9",
];

fn mutated(file: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bytes = file.to_vec();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(bytes.len() + 1);
        let end = (at + 1 + dice.roll(60)).min(bytes.len());
        match dice.roll(5) {
            0 if at < end => drop(bytes.drain(at..end)),
            1 if at < end => {
                let copy = bytes[at..end].to_vec();
                bytes.splice(at..at, copy);
            }
            2 if at < bytes.len() => bytes[at] = dice.roll(256) as u8,
            3 => bytes.truncate(at),
            _ => {
                let word = WORDS[dice.roll(WORDS.len())];
                bytes.splice(at..at, word.iter().copied());
            }
        }
    }
    bytes
}

fn files() -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = fs::read_dir(EXCERPTS)
        .expect("excerpts")
        .map(|entry| entry.expect("a file").path())
        .filter(|path| !ALIKE.iter().any(|alike| path.to_string_lossy().contains(alike)))
        .map(|path| {
            let bytes = fs::read(&path).expect("a file");
            let cut = bytes.len().min(MOST_BYTES);
            // Summaries are one document, and read as a whole.
            let is_whole =
                path.extension().is_some_and(|end| end == "json") && bytes.len() < 20_000;
            let kept = if is_whole && bytes.len() < 6000 { bytes.len() } else { cut };
            (name(&path), bytes[..kept].to_vec())
        })
        .collect();
    files.sort();
    let made = [
        ("gatling", GATLING),
        ("vegeta", VEGETA),
        ("nginx", NGINX),
        ("ab", AB),
        ("aggregate", AGGREGATE),
    ];
    files.extend(made.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())));
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[test]
fn ten_thousand_mutations_of_each_format_are_read_or_explained_in_one_line() {
    let files = files();
    let half = files.len() / 2;
    let numbered: Vec<(usize, (String, Vec<u8>))> = files.into_iter().enumerate().collect();
    let (first, second) = numbered.split_at(half);
    std::thread::scope(|threads| {
        threads.spawn(|| first.iter().for_each(hurt));
        second.iter().for_each(hurt);
    });
}

fn hurt((place, (name, file)): &(usize, (String, Vec<u8>))) {
    let mut dice = Dice(*place as u64);
    let (mut good, mut bad) = (0, 0);
    for _ in 0..MUTATIONS {
        let bytes = mutated(file, &mut dice);
        match read_from(&bytes[..], "hostile", &Options::default()) {
            Ok(reading) => {
                good += 1;
                assert!(!reading.measurements.is_empty());
            }
            Err(error) => {
                bad += 1;
                let said = error.to_string();
                assert!(said.starts_with("hostile"), "{name}: {said}");
                assert_eq!(said.lines().count(), 1, "{name}: {said}");
            }
        }
    }
    assert!(bad > 0, "{name}: nothing was ever wrong in {good}");
}

#[test]
fn ten_thousand_mutations_of_a_log_of_collections_are_read_or_explained_in_one_line() {
    let mut log =
        "[0.01s][info][gc] Using G1\n[0.02s][info][gc,init] Heap Region Size: 1M\n".to_owned();
    for i in 0..8 {
        write!(
            log,
            "[{i}.5s][info][gc,heap] GC({i}) Eden regions: 52->0(60)\n\
             [{i}.5s][info][gc,heap] GC({i}) Survivor regions: 1->{i}(8)\n\
             [{i}.5s][info][gc,heap] GC({i}) Old regions: 10->1{i}\n\
             [{i}.5s][info][gc] GC({i}) Pause Young (Normal) (G1 Evacuation Pause) 63M->2{i}M(256M) {i}.5ms\n"
        )
        .expect("a text");
    }
    let mut dice = Dice(7);
    for _ in 0..MUTATIONS {
        let bytes = mutated(log.as_bytes(), &mut dice);
        match read_collections_from(&bytes[..], "hostile") {
            Ok(found) => {
                let figures = [found.pause_ms.value, found.pause_cv, found.eden_mib];
                assert!(
                    figures.iter().all(|figure| figure.is_finite() && *figure >= 0.0),
                    "{found:?}"
                );
            }
            Err(error) => assert_eq!(error.to_string().lines().count(), 1, "{error}"),
        }
    }
}
