//! What years are said to cost is what days of every request do; `examples/brute.rs` does the same for longer.

use compressed::{Effort, compared, scenario, told};

mod compressed;

/// One with machines that are gone, slow nodes and a backend that fails; one with nodes that hang, too, a database that
/// fails, and a control plane.
const SEEDS: [u64; 2] = [0, 1];

#[test]
fn what_years_cost_is_what_days_of_every_request_do() {
    let effort = Effort { windows: 4, seeds: 3 };
    for seed in SEEDS {
        let scenario = scenario(seed);
        let all = compared(&scenario, effort);
        for compared in &all {
            assert!(compared.off() <= 1.0, "{seed}: {compared:?}\n{}", told(&scenario));
        }
        // Of the same failures both sides must know nearly the same.
        let excerpts = all.iter().find(|compared| compared.name.ends_with(": in excerpts"));
        let excerpts = excerpts.expect("episodes");
        let (error, whole) = (excerpts.years.error, excerpts.requests.value);
        assert!(error < 0.15 * whole, "{seed}: {excerpts:?}");
    }
}
