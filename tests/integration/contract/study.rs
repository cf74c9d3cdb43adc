//! Runs that are kept: their reports made again, more replications, parts made on several machines.

use std::fs;

use crate::program::{Folder, has_extension};

const RUN: [&str; 4] = ["run", "launch-peak", "--set", "run.window=3 s"];

/// Runs into a folder, with so many replications and whatever else is said.
fn run(folder: &Folder, out: &str, replications: u32, more: &[&str]) {
    let replications = format!("run.replications={replications}");
    let words = [&RUN[..], &["--set", &replications, "--out", out], more].concat();
    folder.run(&words);
}

/// Asserts that two folders hold the same files, all but `results.json`, which says how long it took.
#[track_caller]
fn assert_same(folder: &Folder, one: &str, other: &str) {
    let files = folder.files(one);
    assert_eq!(files, folder.files(other));
    assert!(files.iter().any(|file| file == "study.bin"), "{files:?}");
    for file in files.iter().filter(|file| !has_extension(file, "json")) {
        let read = |place: &str| fs::read(folder.path().join(place).join(file)).expect("a file");
        assert!(read(one) == read(other), "{file} of {one} and {other}");
    }
}

#[test]
fn reports_are_made_again_from_what_a_run_has_kept() {
    let folder = Folder::new();
    run(&folder, "whole", 2, &["--explain"]);
    fs::create_dir(folder.path().join("again")).expect("a folder");
    let copied =
        fs::copy(folder.path().join("whole/study.bin"), folder.path().join("again/study.bin"));
    copied.expect("a copy");
    folder.run(&["report", "again"]);
    assert!(folder.files("again").iter().any(|file| file == "explain.csv"));
    assert_same(&folder, "whole", "again");
}

#[test]
fn replications_that_are_added_are_those_of_one_longer_run() {
    let folder = Folder::new();
    run(&folder, "whole", 3, &["--explain"]);
    run(&folder, "grown", 1, &["--explain"]);
    // What was explained stays so, and what is missing is added where it is asked for.
    run(&folder, "grown", 1, &["--more", "1"]);
    assert!(folder.files("grown").iter().any(|file| file == "explain.csv"));
    run(&folder, "grown", 1, &["--more", "1", "--explain"]);
    assert_same(&folder, "whole", "grown");
}

#[test]
fn parts_of_several_machines_are_one_run_in_whatever_order_they_are_put_together() {
    let folder = Folder::new();
    run(&folder, "whole", 3, &["--threads", "1", "--explain"]);
    run(&folder, "one", 3, &["--part", "1/2", "--explain"]);
    run(&folder, "two", 3, &["--part", "2/2", "--threads", "2", "--explain"]);
    folder.run(&["report", "two", "one", "--out", "together"]);
    assert_same(&folder, "whole", "together");
}

#[test]
fn a_study_that_is_damaged_cut_short_or_of_another_scenario_is_refused() {
    let folder = Folder::new();
    run(&folder, "here", 1, &[]);
    let path = folder.path().join("here/study.bin");
    let whole = fs::read(&path).expect("a study");
    let other = [&RUN[..2], &["--set", "run.window=4 s", "--more", "1", "--out", "here"]].concat();
    let refused = folder.run(&other);
    assert_eq!(refused.status, Some(2));
    assert!(refused.stderr.contains("`run.window` is \"3 s\" and \"4 s\""), "{}", refused.stderr);
    let mut damaged = whole.clone();
    damaged[whole.len() / 2] ^= 1;
    for (bytes, why) in [
        (&whole[..whole.len() - 1], "the file ends too early"),
        (&whole[..30], "the file ends too early"),
        (&damaged[..], "it is damaged"),
        (b"", "this is no study"),
        (b"scenario,deployment\n1,2\n", "this is no study"),
    ] {
        fs::write(&path, bytes).expect("written");
        let refused = folder.run(&["report", "here"]);
        assert_eq!(refused.status, Some(2), "{why}");
        assert!(refused.stderr.contains(why), "{}", refused.stderr);
    }
}
