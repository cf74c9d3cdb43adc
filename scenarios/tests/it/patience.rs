//! Advice where clients wait no longer than what may stand before them.

use std::path::Path;

use scenarios::load_text;

/// Nodes of one core and 5.5 ms a request, 182 /s each, behind which so many lines of a profile and a flow.
fn advice(pool: &str, flow: &str) -> Vec<String> {
    let arrivals = "arrivals = { process = \"poisson\", rate = \"300 /s\" }";
    let arrivals = if flow.contains("arrivals") { "" } else { arrivals };
    let text = format!(
        "[[flow]]\nname = \"calls\"\nkind = \"api\"\n{arrivals}\n{flow}\n\
         [[flow]]\nname = \"patient\"\nkind = \"api\"\ntimeout = \"1 h\"\n\
         arrivals = {{ process = \"poisson\", rate = \"1 /s\" }}\n\
         [[deployment]]\nname = \"d\"\n[deployment.clusters.server]\nroles = [\"gateway\"]\n\
         nodes = 2\nprofile = \"small\"\n\
         [profile.small]\ncores = 1\ndemand.passthrough = {{ mean = \"5.5 ms\" }}\n{pool}\n"
    );
    let loaded = load_text("case.toml", &text, Path::new("."), &[]);
    loaded.unwrap_or_else(|problems| panic!("{problems}")).advice
}

const CLIENT: &str = "timeout = \"2 s\"";

/// 500 in a node take 500 × 5.5 ms = 2.75 s; 363 take 2 s.
#[test]
fn where_what_may_wait_takes_longer_than_a_client_waits_it_is_said_with_the_line_and_the_cure() {
    assert_eq!(
        advice("workers = 400\nqueue = 100", CLIENT),
        [
            "case.toml:13:22: `server` of `d` takes 2.8 s to answer a queue of 100 and 400 workers, and `calls` \
          waits no longer than 2 s: a full node goes on for clients that have left; write \
          profile.small.workers = 360 or less, and queue = 0"
        ]
    );
    assert_eq!(
        advice("workers = 50", CLIENT),
        [
            "case.toml:13:22: `server` of `d` lets any number wait for its 50 workers, and `calls` waits no \
          longer than 2 s: a full node goes on for clients that have left; write profile.small.queue = 310 \
          or less"
        ]
    );
    // By ten times the demand, a hundredth of the capacity that pauses leave, and users in place of rates.
    for (pool, flow) in [
        ("workers = 50\nqueue = 100\ndemand.slow = { mean = \"55 ms\" }", "operation = \"slow\""),
        ("workers = 50\nqueue = 100\nstalls = { every = \"10 ms\", pause = \"90 ms\" }", ""),
        (
            "workers = 50\nqueue = 400",
            "arrivals = { process = \"closed\", users = 500, think = \"1 s\" }",
        ),
    ] {
        assert_eq!(advice(pool, &format!("{CLIENT}\n{flow}")).len(), 1, "{pool} {flow}");
    }
}

#[test]
fn where_a_full_node_answers_in_time_nothing_is_said() {
    for (pool, flow) in [
        ("workers = 50\nqueue = 100", CLIENT),
        ("workers = 50\nqueue = 310", CLIENT),
        ("workers = 360\nqueue = 0", CLIENT),
        ("workers = 400\nqueue = 100", "timeout = \"3 s\""),
        // What clients take with them is not worked off.
        ("workers = 400\nqueue = 100", "timeout = \"2 s\"\ntimeout_cancels = true"),
        ("workers = 400\nqueue = 100", ""),
    ] {
        assert_eq!(advice(pool, flow), Vec::<String>::new(), "{pool} {flow}");
    }
}

/// Nodes with one profile need one line, whatever the number of deployments; what is written there is enough
/// for all of them.
#[test]
fn a_profile_is_advised_on_once_and_so_that_it_helps_all_its_clusters() {
    let deployment = |nodes: u32| {
        format!(
            "[[deployment]]\nname = \"d{nodes}\"\n[deployment.clusters.server]\nroles = [\"gateway\"]\n\
             nodes = {nodes}\nprofile = \"small\"\n"
        )
    };
    let text = format!(
        "[[flow]]\nname = \"calls\"\nkind = \"api\"\ntimeout = \"2 s\"\n\
         arrivals = {{ process = \"poisson\", rate = \"300 /s\" }}\n{}\
         [profile.small]\ncores = 1\nworkers = 50\ndemand.passthrough = {{ mean = \"5.5 ms\" }}\n",
        (1..=6).map(deployment).collect::<String>()
    );
    let loaded = load_text("case.toml", &text, Path::new("."), &[]);
    let advice = loaded.unwrap_or_else(|problems| panic!("{problems}")).advice;
    assert_eq!(advice.len(), 1, "{advice:?}");
    assert!(
        advice[0].ends_with(
            "write profile.small.queue = 310 or less; the same of `server` of `d2`, `server` of `d3`, \
             `server` of `d4` and 2 more"
        ),
        "{advice:?}"
    );
}
