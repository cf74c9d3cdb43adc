//! The deployments of which node counts are searched: with the fewest nodes that each can have.

use std::collections::{BTreeMap, BTreeSet};

use sim::deployment::{Flow, Role, Runtime};

use crate::catalogue;
use crate::files::Files;
use crate::load::Loaded;
use crate::problems::{Log, Problems};
use crate::read::pattern::{Pattern, PatternCluster};
use crate::read::section::Context;
use crate::source::Source;
use crate::spec;

impl Loaded {
    /// The same scenario with the deployments that `[plan]` names, each with the fewest nodes: those of the file where it
    /// has one of that pattern, so that what is changed of the pattern stays changed.
    ///
    /// # Errors
    ///
    /// If flows, drills or profiles of the file do not fit one of them.
    pub fn to_plan(&self) -> Result<Self, Problems> {
        let stated = &self.planning.patterns;
        let shipped = catalogue::patterns().into_iter().map(|entry| entry.name.to_owned());
        let names: Vec<String> = if stated.is_empty() { shipped.collect() } else { stated.clone() };
        let least = names.iter().filter_map(|name| self.least(name)).collect();
        self.with_deployments(least, self.scenario.run.seed)
    }

    /// The scenario in which a deployment of [`Self::to_plan`] has these nodes, by cluster, as a file that is run with
    /// another seed; and the files that it names.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn planned(
        &self,
        name: &str,
        nodes: &BTreeMap<String, u32>,
    ) -> Result<(String, BTreeMap<String, Vec<u8>>), Problems> {
        let deployments = self.spec.deployment.iter().filter(|one| one.name == name);
        let counted = deployments.cloned().map(|mut deployment| {
            count(&mut deployment, &|cluster, tenant| {
                let own = tenant.map(|tenant| format!("{cluster}@{tenant}"));
                nodes.get(own.as_deref().unwrap_or(cluster)).copied()
            });
            deployment
        });
        let seed = self.scenario.run.seed.wrapping_add(1) & i64::MAX as u64;
        let planned = self.with_deployments(counted.collect(), seed)?;
        Ok((planned.source.text, planned.source.files))
    }

    fn with_deployments(
        &self,
        deployments: Vec<spec::Deployment>,
        seed: u64,
    ) -> Result<Self, Problems> {
        let mut spec = self.spec.clone();
        spec.deployment = deployments;
        spec.run.seed = seed;
        let wrong = |what: String| Problems::of_file(&self.source.name, what, "");
        let mut file = toml::Table::try_from(&spec).map_err(|error| wrong(error.to_string()))?;
        if let Some(run) = file.get_mut("run").and_then(toml::Value::as_table_mut)
            && run.contains_key("to")
        {
            // It says how long the window is.
            run.remove("window");
        }
        let used: BTreeSet<String> = spec.deployment.iter().flat_map(profiles).collect();
        if let Some(profiles) = file.get_mut("profile").and_then(toml::Value::as_table_mut) {
            profiles.retain(|name, _| used.contains(name));
        }
        let text = toml::to_string(&file).map_err(|error| wrong(error.to_string()))?;
        Source::new(&self.source.name, &text, &[], None, self.source.files.clone()).load()
    }

    /// The deployment of this name or pattern with the fewest nodes.
    fn least(&self, name: &str) -> Option<spec::Deployment> {
        let deployments = &self.spec.deployment;
        let is_named = |one: &&spec::Deployment| one.name == name;
        let is_of_pattern = |one: &&spec::Deployment| one.pattern.as_deref() == Some(name);
        let stated = deployments.iter().find(is_of_pattern);
        let stated = stated.or_else(|| deployments.iter().find(is_named)).cloned();
        let pattern = stated.as_ref().and_then(|one| one.pattern.as_deref());
        let pattern = shipped(pattern.unwrap_or(name));
        let mut deployment = match (stated, &pattern) {
            (Some(stated), _) => stated,
            (None, Some(pattern)) => self.of_pattern(pattern),
            (None, None) => return None,
        };
        count(&mut deployment, &|cluster, _| {
            let own = pattern.as_ref().and_then(|pattern| pattern.cluster(cluster));
            Some(own.map_or(1, |own| own.least))
        });
        Some(deployment)
    }

    /// A pattern with all the clusters that the flows need.
    fn of_pattern(&self, pattern: &Pattern) -> spec::Deployment {
        let flows = &self.scenario.flows;
        let mut nodes = BTreeMap::new();
        let mut tenants: BTreeMap<String, BTreeMap<String, u32>> = BTreeMap::new();
        for own in &pattern.clusters {
            let needed: Vec<&Flow> = flows.iter().filter(|flow| needs(flow, own)).collect();
            if own.per_tenant {
                for flow in needed {
                    let counts = tenants.entry(flow.tenant.clone()).or_default();
                    counts.insert(own.name.clone(), own.least);
                }
            } else if !own.optional || !needed.is_empty() {
                nodes.insert(own.name.clone(), own.least);
            }
        }
        let name = pattern.name.to_owned();
        spec::Deployment {
            pattern: Some(name.clone()),
            name,
            nodes,
            tenants,
            clusters: BTreeMap::new(),
            failures: None,
        }
    }
}

/// The shipped pattern of that name.
fn shipped(name: &str) -> Option<Pattern> {
    let (log, files) = (Log::default(), Files::kept(&BTreeMap::new()));
    Pattern::shipped(Context { log: &log, files: &files }, name)
}

/// Names of the profiles that a deployment uses.
fn profiles(deployment: &spec::Deployment) -> Vec<String> {
    let pattern = deployment.pattern.as_deref().and_then(shipped);
    let has_nodes = |own: &&PatternCluster| {
        let mut of_tenants = deployment.tenants.values();
        deployment.nodes.contains_key(&own.name)
            || of_tenants.any(|counts| counts.contains_key(&own.name))
    };
    let of_pattern = pattern.iter().flat_map(|pattern| pattern.clusters.iter().filter(has_nodes));
    let of_pattern = of_pattern.map(|own| {
        let changed = deployment.clusters.get(&own.name);
        changed.and_then(|cluster| cluster.profile.clone()).unwrap_or(own.profile.clone())
    });
    let stated = deployment.clusters.values().filter_map(|cluster| cluster.profile.clone());
    of_pattern.chain(stated).collect()
}

/// Whether a flow is integrated by such nodes.
fn needs(flow: &Flow, cluster: &PatternCluster) -> bool {
    let role = match flow.integration {
        Some(Runtime::MicroIntegrator) => Role::MicroIntegrator,
        Some(Runtime::StreamingIntegrator) => Role::StreamingIntegrator,
        None => return false,
    };
    cluster.roles.contains(&role)
}

/// Counts the nodes of every cluster anew, by its name and tenant, where that is known.
fn count(deployment: &mut spec::Deployment, nodes: &dyn Fn(&str, Option<&str>) -> Option<u32>) {
    for (cluster, count) in &mut deployment.nodes {
        *count = nodes(cluster, None).unwrap_or(*count);
    }
    for (tenant, counts) in &mut deployment.tenants {
        for (cluster, count) in counts {
            *count = nodes(cluster, Some(tenant)).unwrap_or(*count);
        }
    }
    if deployment.pattern.is_none() {
        for (name, cluster) in &mut deployment.clusters {
            cluster.nodes = nodes(name, None).or(cluster.nodes);
        }
    }
}
