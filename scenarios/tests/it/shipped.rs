//! Everything that is shipped is listed and loads.

use std::path::Path;

use scenarios::{catalogue, load, load_text};
use sim::deployment::{Arrivals, HealthCheck, Policy, Standby};
use sim::scenario::Replications;

fn files(folder: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.file_stem().expect("a name").to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

fn names(entries: &[catalogue::Entry]) -> Vec<String> {
    let mut names: Vec<_> = entries.iter().map(|entry| entry.name.to_owned()).collect();
    names.sort();
    names
}

#[test]
fn every_shipped_file_is_listed_with_a_title() {
    let folders = [
        ("patterns", catalogue::patterns()),
        ("profiles", catalogue::profiles()),
        ("shipped", catalogue::scenarios()),
    ];
    for (folder, entries) in folders {
        assert_eq!(files(folder), names(&entries), "{folder}");
        assert!(entries.iter().all(|entry| entry.title.len() > 8 && !entry.title.contains('"')));
    }
}

#[test]
fn every_shipped_scenario_loads_by_its_bare_name_and_is_small() {
    for entry in catalogue::scenarios() {
        let loaded = load(entry.name.as_ref(), &[]).unwrap_or_else(|p| panic!("{p}"));
        assert_eq!(loaded.name, entry.name);
        assert_eq!(loaded.warnings, Vec::<String>::new());
        assert_eq!(loaded.spec.title.as_ref(), Some(&entry.title));
        let run = &loaded.scenario.run;
        let Replications::Fixed(replications) = run.replications else { panic!("fixed") };
        let rate: f64 = loaded
            .scenario
            .flows
            .iter()
            .map(|flow| match &flow.arrivals {
                Arrivals::Poisson { rate } => *rate,
                Arrivals::Mmpp { .. } => 800.0,
                other => panic!("{other:?}"),
            })
            .sum();
        let runs = f64::from(replications) * loaded.scenario.deployments.len() as f64;
        assert!(rate * run.window.as_seconds() * runs < 4e6, "{}", entry.name);
    }
}

#[test]
fn the_starter_loads_also_with_its_commented_parts() {
    let starter = scenarios::starter();
    load_text("starter.toml", starter, Path::new("."), &[]).unwrap_or_else(|p| panic!("{p}"));
    let folder = tempfile::tempdir().expect("a folder");
    let whole = starter
        .replace("# availability", "availability")
        .replace("# survive", "survive")
        .replace("# [profile", "[profile")
        .replace("# cores", "cores")
        .replace("# price", "price")
        .replace("# [[drill", "[[drill")
        .replace("# at =", "at =")
        .replace("# what =", "what =")
        .replace("# for =", "for =");
    let loaded = load_text("starter.toml", &whole, folder.path(), &[]);
    let loaded = loaded.unwrap_or_else(|p| panic!("{p}"));
    assert_eq!(loaded.scenario.drills.len(), 1);
    // The all-in-one nodes start from the gateway, so both have its four cores.
    let cores = |deployment: usize, cluster: &str| {
        let clusters = &loaded.scenario.deployments[deployment].clusters;
        clusters.iter().find(|c| c.name == cluster).map(|c| c.profile.cores)
    };
    assert_eq!(cores(0, "all-in-one"), Some(4.0));
    assert_eq!(cores(1, "gateway"), Some(4.0));
    assert_eq!(cores(1, "micro-integrator"), Some(2.0));
}

#[test]
fn a_tenant_has_clusters_of_its_own() {
    let loaded = load("noisy-tenant".as_ref(), &[]).unwrap_or_else(|p| panic!("{p}"));
    let clusters = &loaded.scenario.deployments[1].clusters;
    let names: Vec<_> = clusters.iter().map(|cluster| cluster.name.as_str()).collect();
    assert_eq!(names, ["all-in-one", "micro-integrator@quiet", "micro-integrator@noisy"]);
    assert_eq!(clusters[1].tenant.as_deref(), Some("quiet"));
}

#[test]
fn a_cluster_of_a_pattern_takes_another_balancer() {
    let loaded = load("streaming".as_ref(), &[]).unwrap_or_else(|p| panic!("{p}"));
    let policy =
        |deployment: usize| loaded.scenario.deployments[deployment].clusters[1].balancing.policy;
    assert_eq!((policy(0), policy(1)), (Policy::ActivePassive, Policy::RoundRobin));
    let health = loaded.scenario.deployments[0].clusters[1].balancing.check;
    assert!(matches!(health, HealthCheck::Active { unhealthy: 1, .. }));
    // Of nodes behind a balancer that the file chooses, all serve.
    let standby = |deployment: usize| loaded.scenario.deployments[deployment].clusters[1].standby;
    assert_eq!((standby(0), standby(1)), (Some(Standby::SHIPPED), None));
}
