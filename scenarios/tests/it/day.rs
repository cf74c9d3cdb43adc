//! A day by its hours: what a sample of each finds is what the whole day shows.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use scenarios::{Loaded, load_text};
use sim::deployment::Arrivals;
use sim::experiment::{Unwatched, compare, effort};
use sim::quantity::Quantity;
use sim::results::Results;

/// From night to noon and back, with a step at 18:00.
const DAY: &str = "time_s,rate_per_s\n0,0.3\n21600,0.5\n43200,3\n64800,2\n64860,0.8\n86400,0.3\n";

/// A day of calls on one core that takes 0.25 s for each and lets three wait.
fn day(run: &str, more: &str) -> Result<Loaded, String> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("day.csv"), DAY).expect("written");
    let text = format!(
        "[run]\nfrom = \"00:00\"\nto = \"00:00\"\nwarm_up = \"1 min\"\nreplications = 12\n{run}\n\
         [[flow]]\nname = \"calls\"\nkind = \"api\"\narrivals = {{ process = \"schedule\", file = \"day.csv\" }}\n\
         [[deployment]]\nname = \"one\"\n[deployment.clusters.gw]\nroles = [\"gateway\"]\nnodes = 1\n\
         profile = \"small\"\n[profile.small]\ncores = 1\nworkers = 1\nqueue = 3\ndiscipline = \"fcfs\"\n\
         demand.passthrough = {{ mean = \"250 ms\", law = \"exponential\" }}\n{more}\n"
    );
    load_text("day.toml", &text, folder.path(), &[]).map_err(|problems| problems.to_string())
}

fn found(run: &str) -> Results {
    let loaded = day(run, "").unwrap_or_else(|problems| panic!("{problems}"));
    compare(&loaded.scenario, &Unwatched, &AtomicBool::new(false)).expect("it runs")
}

#[test]
fn a_day_by_its_hours_is_the_whole_day_and_cheaper() {
    let (whole, hours) = (found(""), found("sample = \"6 min\"\nseed = 2"));
    assert!(whole.events > 9 * hours.events, "{} {}", whole.events, hours.events);
    for quantity in [
        Quantity::Offered,
        Quantity::Throughput,
        Quantity::ErrorRate,
        Quantity::MEAN,
        Quantity::quantile(0.5),
        Quantity::quantile(0.95),
        Quantity::P99,
    ] {
        let of = |results: &Results| {
            results.deployments[0].flows[0].found.get(quantity).copied().expect("there are answers")
        };
        let (whole, hours) = (of(&whole), of(&hours));
        let half = |of: sim::stats::Estimate| of.half_width.expect("closed intervals");
        let apart = (whole.mean - hours.mean).abs();
        // Both miss the truth, independently; and the sample is good enough to have noticed a tenth.
        let most = half(whole).hypot(half(hours));
        assert!(apart <= 1.2 * most, "{quantity:?}: {whole:?} {hours:?}");
        let least = if quantity == Quantity::ErrorRate { 0.25 } else { 0.1 };
        assert!(most < least * whole.mean, "{quantity:?}: {whole:?} {hours:?}");
    }
}

#[test]
fn every_rate_is_held_for_as_large_a_share_of_the_sample_as_of_the_day() {
    let loaded = day("sample = \"15 min\"", "").expect("right");
    let scenario = &loaded.scenario;
    let hours = |span: sim::time::SimDuration| span.as_seconds() / 3600.0;
    assert_eq!((hours(scenario.run.window), scenario.run.whole.map(hours)), (6.0, Some(24.0)));
    let Arrivals::Schedule { points } = &scenario.flows[0].arrivals else { panic!() };
    let noon = points.iter().find(|(_, rate)| *rate == 3.0).expect("noon");
    assert_eq!(noon.0.as_seconds(), 3.0 * 3600.0);
    let (whole, sample) = (day("", "").expect("right"), scenario);
    let mean = |scenario: &sim::scenario::Scenario| {
        scenario.flows[0].arrivals.mean_rate(scenario.run.window).expect("open")
    };
    assert!((mean(&whole.scenario) / mean(sample) - 1.0).abs() < 1e-9);
    // What was written is kept, for whoever runs it again.
    assert_eq!(loaded.spec.run.window.0, "24 h");
}

#[test]
fn what_is_not_steady_over_hours_has_no_sample_and_it_is_said_why() {
    let drill = "[[drill]]\nat = \"1 h\"\nwhat = \"gateway\"\nfor = \"1 min\"";
    let flow = |arrivals: &str| {
        format!("[[flow]]\nname = \"other\"\nkind = \"api\"\narrivals = {arrivals}")
    };
    let users = flow("{ process = \"closed\", users = 3, think = \"1 s\" }");
    let trace = flow("{ process = \"trace\", file = \"day.csv\" }");
    let restart = "[[deployment]]\nname = \"two\"\npattern = \"standard-ha\"\nnodes = { all-in-one = 2 }\n\
                   clusters.all-in-one.restart = { kind = \"rolling\", at = \"1 h\" }";
    for (run, more, problem) in [
        ("sample = \"1 h\"", "", "an hour has no longer sample than itself"),
        ("sample = \"0 s\"", "", "`0 s`"),
        ("sample = \"5 min\"", drill, "`sample` beside drills or restarts"),
        ("sample = \"5 min\"", restart, "`sample` beside drills or restarts"),
        ("sample = \"5 min\"", users.as_str(), "`sample` beside closed arrivals"),
        ("sample = \"5 min\"", trace.as_str(), "`sample` beside a trace"),
    ] {
        let problems = day(run, more).err().unwrap_or_default();
        assert!(problems.contains(problem), "{run} {more}: {problems}");
    }
    let text = |run: &str| {
        format!(
            "[run]\n{run}\nsample = \"5 min\"\n[[flow]]\nname = \"f\"\nkind = \"api\"\n\
             arrivals = {{ process = \"poisson\", rate = \"1 /s\" }}\n[[deployment]]\nname = \"d\"\n\
             pattern = \"standard-ha\"\nnodes = {{ all-in-one = 2 }}\n"
        )
    };
    for (run, problem) in [
        ("window = \"24 h\"", "`sample` without a schedule"),
        ("window = \"10 min\"", "`sample` of a window that is shorter than an hour"),
    ] {
        let problems = load_text("case.toml", &text(run), Path::new("."), &[]).err();
        let problems = problems.map(|problems| problems.to_string()).unwrap_or_default();
        assert!(problems.contains(problem), "{run}: {problems}");
    }
}

#[test]
fn a_backlog_that_grows_for_hours_and_rates_that_change_too_quickly_are_refused() {
    let said = |run: &str, times: f64| {
        let mut loaded = day(run, "").expect("right");
        if let Arrivals::Schedule { points } = &mut loaded.scenario.flows[0].arrivals {
            for (_, rate) in points.iter_mut() {
                *rate *= times;
            }
        }
        effort(&loaded.scenario).err().map(|error| error.to_string()).unwrap_or_default()
    };
    assert_eq!(said("sample = \"6 min\"", 1.0), "");
    // 3 /s of 0.25 s at noon, and a half more.
    let overload = said("sample = \"6 min\"", 1.5);
    assert!(
        overload.contains("`gw` of `one` (all nodes up) is offered 1.1 of its 1 cores"),
        "{overload}"
    );
    assert_eq!(said("", 1.5), "", "the whole day shows its backlog");
    let hurried = said("sample = \"2 s\"", 1.0);
    assert!(hurried.contains("rates change faster than `gw` of `one`"), "{hurried}");
    assert!(hurried.contains("take `sample`"), "{hurried}");
}
