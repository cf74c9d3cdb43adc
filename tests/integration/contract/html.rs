//! `run --html` and `report --html`: the page that people pass on.

use super::words;
use crate::program::Folder;

#[test]
fn the_page_is_the_same_again_from_the_study_and_says_what_it_was_made_from() {
    let folder = Folder::new();
    let all = ["run", "launch-peak", "--out", "here", "--seed", "7", "--html", "new/page.html"];
    let ended = folder.run(&words(&all));
    assert!(ended.stdout.ends_with("\nwrote the page to new/page.html\n"), "{}", ended.stdout);
    assert_eq!(folder.files("new"), ["page.html"]);
    let page = folder.read("new/page.html");
    for part in ["Launch peak", "run.window = 5 s", "run.seed = 7", "launch-peak.toml"] {
        assert!(page.contains(part), "{part}");
    }
    folder.run(&["report", "here", "--html", "again.html"]);
    assert!(folder.read("again.html") == page, "a page of the same study has the same bytes");
}

#[test]
fn a_page_that_cannot_be_written_is_refused_before_anything_is_simulated() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path().join("folder")).expect("a new folder");
    for (words, said) in [
        (&["low-traffic", "--html", "folder"][..], "cannot write folder: "),
        (&["low-traffic", "streaming", "--html", "a.html"], "`--html` writes the page of one"),
    ] {
        let ended = folder.run(&[&["run"], words].concat());
        assert_eq!((ended.status, ended.stdout.as_str()), (Some(2), ""));
        assert!(ended.stderr.contains(said), "{}", ended.stderr);
    }
    assert!(!folder.files(".").contains(&"a.html".to_owned()));
}
