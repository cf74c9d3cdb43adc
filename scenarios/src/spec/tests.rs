//! The schema and the reader know the same keys.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::read;

/// Definitions of the schema with the keys of their reader.
const SECTIONS: &[(&str, &[&str])] = &[
    ("Run", read::run::KEYS),
    ("Goal", read::goal::KEYS),
    ("Isolation", read::isolation::KEYS),
    ("FlowGoal", read::goal::FLOW_KEYS),
    ("Flow", read::flow::KEYS),
    ("LawTable", read::law::KEYS),
    ("RetryPlan", read::retries::KEYS),
    ("Deployment", read::deployment::KEYS),
    ("Cluster", read::cluster::KEYS),
    ("Drill", read::drill::KEYS),
    ("Restart", read::restart::KEYS),
    ("Standby", read::standby::KEYS),
    ("Watch", read::probes::KEYS),
];

fn keys(schema: &Json) -> BTreeSet<String> {
    schema["properties"].as_object().expect("properties").keys().cloned().collect()
}

fn known(keys: &[&str]) -> BTreeSet<String> {
    keys.iter().map(|key| (*key).to_owned()).collect()
}

/// The variants of a tagged table by the value of their tag.
fn variants<'a>(schema: &'a Json, tag: &str) -> Vec<(&'a str, &'a Json)> {
    let variants = schema["oneOf"].as_array().expect("variants").iter();
    variants.map(|v| (v["properties"][tag]["const"].as_str().expect("a tag"), v)).collect()
}

#[test]
fn every_section_has_the_keys_of_its_reader_and_no_others() {
    let schema = super::schema();
    assert_eq!(keys(&schema), known(read::scenario::KEYS));
    assert_eq!(schema["additionalProperties"], Json::Bool(false));
    for (name, read) in SECTIONS {
        let section = &schema["$defs"][name];
        assert_eq!(keys(section), known(read), "{name}");
        assert_eq!(section["additionalProperties"], Json::Bool(false), "{name}");
    }
}

#[test]
fn the_schema_never_asks_for_null() {
    assert!(!super::schema().to_string().contains("null"));
}

#[test]
fn every_process_and_health_check_has_the_keys_of_its_reader() {
    let schema = super::schema();
    let processes = variants(&schema["$defs"]["Arrivals"], "process");
    assert_eq!(processes.len(), 7);
    for (process, variant) in processes {
        assert_eq!(keys(variant), known(read::arrivals::keys_of(process)), "{process}");
        assert_eq!(variant["additionalProperties"], Json::Bool(false), "{process}");
    }
    let checks = variants(&schema["$defs"]["Health"], "check");
    let all: BTreeSet<_> = checks.iter().flat_map(|(_, variant)| keys(variant)).collect();
    assert_eq!(all, known(read::cluster::HEALTH_KEYS));
    for (product, variant) in variants(&schema["$defs"]["Product"], "product") {
        assert_eq!(keys(variant), known(read::balancer::keys_of(product)), "{product}");
        assert_eq!(variant["additionalProperties"], Json::Bool(false), "{product}");
    }
}

#[test]
fn every_name_of_the_schema_is_a_name_of_the_reader() {
    let schema = super::schema();
    let names = |definition: &str| -> BTreeSet<String> {
        let definition = &schema["$defs"][definition];
        let consts = definition["oneOf"].as_array().expect("names").iter();
        consts.map(|name| name["const"].as_str().expect("a name").to_owned()).collect()
    };
    let laws: Vec<_> = read::law::NAMES.iter().map(|(_, name)| *name).collect();
    assert_eq!(names("LawName"), known(&laws));
    let roles: Vec<_> = sim::deployment::Role::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(names("Role"), known(&roles));
    let policies: Vec<_> = sim::deployment::Policy::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(names("Policy"), known(&policies));
    let methods: Vec<_> = sim::deployment::Method::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(names("Method"), known(&methods));
    let checks: Vec<_> = sim::deployment::Probe::ALL.iter().map(|(_, name)| *name).collect();
    assert_eq!(names("Check"), known(&checks));
    assert_eq!(names("FailureKind"), known(&sim::scenario::Failure::NAMES));
    let patterns = schema["$defs"]["Deployment"]["properties"]["pattern"]["enum"].clone();
    let patterns: Vec<String> = serde_json::from_value(patterns).expect("names");
    let shipped: Vec<_> = crate::catalogue::patterns().iter().map(|entry| entry.name).collect();
    assert_eq!(patterns, shipped);
}

#[test]
fn quantities_have_a_pattern_and_every_key_a_description() {
    let schema = super::schema();
    for name in ["Duration", "Rate", "Size", "Memory", "Share", "Price", "TimeOfDay"] {
        let quantity = &schema["$defs"][name];
        assert!(quantity["pattern"].is_string() && quantity["examples"].is_array(), "{name}");
    }
    for (name, _) in SECTIONS {
        for (key, value) in schema["$defs"][name]["properties"].as_object().expect("keys") {
            assert!(value["description"].is_string(), "{name}.{key}");
        }
    }
}
