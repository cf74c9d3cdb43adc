//! No input panics: shipped files with bytes deleted, doubled and replaced.

use std::path::Path;

use scenarios::{catalogue, load_text};

/// A fixed sequence (Steele, Lea and Flood, `SplitMix64`, OOPSLA 2014).
struct Sequence(u64);

impl Sequence {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

#[test]
fn mutated_files_load_or_are_explained() {
    let mut sequence = Sequence(1);
    let mut texts: Vec<&str> = catalogue::scenarios().iter().map(|entry| entry.text).collect();
    texts.push(scenarios::starter());
    let (mut loaded, mut refused) = (0, 0);
    for _ in 0..2000 {
        let mut bytes = texts[sequence.below(texts.len())].as_bytes().to_vec();
        for _ in 0..=sequence.below(6) {
            mutate(&mut bytes, &mut sequence);
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        match load_text("mutated.toml", &text, Path::new("."), &[]) {
            Ok(_) => loaded += 1,
            Err(problems) => {
                refused += 1;
                assert!(problems.count() > 0);
                assert!(!problems.render(false).is_empty() && !problems.to_string().is_empty());
            }
        }
    }
    assert!(loaded > 100 && refused > 500, "{loaded} loaded, {refused} refused");
}

fn mutate(bytes: &mut Vec<u8>, sequence: &mut Sequence) {
    let start = sequence.below(bytes.len());
    let end = (start + 1 + sequence.below(20)).min(bytes.len());
    match sequence.below(3) {
        0 => drop(bytes.drain(start..end)),
        1 => {
            let copy = bytes[start..end].to_vec();
            let at = sequence.below(bytes.len());
            bytes.splice(at..at, copy);
        }
        _ => {
            let others = b"\"'=[]{}.#,0179-+e%/ \n\tax\xc3\xa9\xff\x00_";
            bytes[start] = others[sequence.below(others.len())];
        }
    }
}

#[test]
fn texts_that_are_made_to_hurt_are_refused() {
    let deep = format!("a = {}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let tables = format!("a = {}1{}", "{a=".repeat(100_000), "}".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    let header = format!("[{}a]", "a.".repeat(100_000));
    let spaced = format!("[{}a]", "a .".repeat(100_000));
    let long = format!("title = \"{}\"", "x".repeat(1_000_000));
    let name = format!("{} = 1", "x".repeat(1_000_000));
    let many = "x = 1\n".repeat(10_000);
    let wide = format!("title = [{}]", "1,".repeat(100_000));
    for text in [&deep, &tables, &dotted, &header, &spaced, &long, &name, &many, &wide, "", "\u{0}"]
    {
        let problems = load_text("hurt.toml", text, Path::new("."), &[]).expect_err("refused");
        assert!(problems.count() > 0 && !problems.render(true).is_empty());
    }
}
