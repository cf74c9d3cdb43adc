//! A key that is stated in one place is read, overridden, written, documented and understood.

use schemars::SchemaGenerator;
use serde_json::{Value as Json, json};
use sim::deployment::keys::{Keyed, Memory, Row, Slot, Unit};
use sim::time::SimDuration;

use crate::files::Files;
use crate::parse::parse;
use crate::problems::{Log, Problems};
use crate::read::record;
use crate::read::section::{Context, Section};
use crate::{overrides, spec, write};

/// Something that no other code knows.
#[derive(Clone, Debug, PartialEq)]
struct Thing {
    weight: f64,
    life: Option<SimDuration>,
    wheel: Option<Wheel>,
}

#[derive(Clone, Debug, PartialEq)]
struct Wheel {
    spokes: u32,
    memory: f64,
}

impl Keyed for Thing {
    const NAME: &'static str = "Thing";
    const DOC: &'static str = "Something.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new(
            "weight",
            "Its weight.",
            Unit::Number { least: 1.0, most: 9.0 },
            |thing| Slot::Number(&mut thing.weight),
        ),
        Row::<Self>::new("life", "How long it lasts.", Unit::Duration, |thing| {
            Slot::Duration(&mut thing.life)
        })
        .above_zero()
        .or_none("for ever"),
        Row::<Self>::new("wheel", "Its wheel.", Unit::Table("{ spokes = 9 }"), |thing| {
            Slot::Table(&mut thing.wheel)
        })
        .or_none("it stands"),
    ];

    fn unstated() -> Self {
        Self { weight: 3.0, life: None, wheel: None }
    }
}

impl Keyed for Wheel {
    const NAME: &'static str = "Wheel";
    const DOC: &'static str = "What it rolls on.";
    const ROWS: &'static [Row<Self>] = &[
        Row::<Self>::new("spokes", "How many.", Unit::Count { least: 3, most: 99 }, |wheel| {
            Slot::Count(&mut wheel.spokes)
        })
        .needed("9"),
        Row::<Self>::new("memory", "What it knows.", Unit::Memory(Memory::Mib), |wheel| {
            Slot::Number(&mut wheel.memory)
        }),
    ];

    fn unstated() -> Self {
        Self { spokes: 0, memory: 2.0 }
    }
}

const TEXT: &str = "weight = 4\nlife = \"5 s\"\nwheel = { spokes = 12, memory = \"8 MiB\" }";

fn whole() -> Thing {
    let wheel = Wheel { spokes: 12, memory: 8.0 };
    Thing { weight: 4.0, life: Some(SimDuration::from_seconds(5.0)), wheel: Some(wheel) }
}

/// What is read from a text with overrides.
fn read(text: &str, set: &[&str]) -> Result<Thing, Problems> {
    let (log, files) = (Log::default(), Files::of(".".as_ref()));
    let source = log.add_source("thing.toml", text);
    let mut thing = Thing::unstated();
    if let Some(mut root) = parse(&log, source, text) {
        for (index, one) in set.iter().enumerate() {
            let change = one.parse().expect("PATH=VALUE");
            let value = overrides::value(&log, index, &change);
            overrides::apply(&log, &mut root, &change, value);
        }
        let names = record::names(&thing);
        let context = Context { log: &log, files: &files };
        if let Some(section) = Section::open(context, &root, &names) {
            record::keys(section, &mut thing);
        }
    }
    log.finish().map(|_| thing)
}

#[test]
fn it_is_read_with_its_unit_and_its_default() {
    let of = |text| read(text, &[]).expect("right");
    assert_eq!(of(TEXT), whole());
    assert_eq!(of("life = \"none\""), Thing::unstated());
    assert_eq!(of("wheel.spokes = 3").wheel, Some(Wheel { spokes: 3, memory: 2.0 }));
}

#[test]
fn it_can_be_overridden() {
    let thing = read(TEXT, &["wheel.memory=1 GiB", "life=none"]).expect("right");
    let wheel = Some(Wheel { spokes: 12, memory: 1024.0 });
    assert_eq!(thing, Thing { life: None, wheel, ..whole() });
}

#[test]
fn what_is_wrong_with_it_is_said() {
    for (text, expected) in [
        ("weight = 10", "9"),
        ("life = \"0 s\"", "above 0"),
        ("wheel = { memory = \"1 MiB\" }", "add spokes = 9"),
        ("wheel.spokes = 1", "3"),
        ("wieght = 4", "weight"),
        ("wheel.spoke = 4", "spokes"),
    ] {
        let problems = read(text, &[]).expect_err(text).render(false);
        assert!(problems.contains(expected), "{text}: {problems}");
    }
}

#[test]
fn it_is_written_and_reads_back() {
    let lines = write::stated(&mut whole());
    assert_eq!(lines, TEXT.lines().collect::<Vec<_>>());
    assert_eq!(write::stated(&mut Thing::unstated()), Vec::<String>::new());
}

#[test]
fn it_is_documented_with_its_range_and_its_default() {
    let mut generator = SchemaGenerator::default();
    let schema = spec::record::schema(&mut Thing::unstated(), &mut generator).to_value();
    let weight = json!({
        "type": "number", "format": "double", "minimum": 1.0, "maximum": 9.0,
        "description": "Its weight; 3 where nothing is stated.",
    });
    assert_eq!(schema["properties"]["weight"], weight);
    let life = schema["properties"]["life"]["description"].as_str();
    let expected = "How long it lasts; `none`, as where nothing is stated: for ever.";
    assert_eq!(life, Some(expected));
    let wheel = &generator.definitions()["Wheel"]["properties"];
    assert_eq!(wheel["spokes"]["description"], "How many.");
    assert_eq!(wheel["memory"]["description"], "What it knows; 2 MiB where nothing is stated.");
    assert_eq!(schema["additionalProperties"], Json::Bool(false));
}

#[test]
fn it_is_understood_in_the_order_of_its_keys() {
    let json = json!({ "wheel": { "memory": "8 MiB", "spokes": 12 }, "life": "5 s", "weight": 4 });
    let understood = spec::record::understood(&mut Thing::unstated(), json);
    let expected = r#"{"weight":4.0,"life":"5 s","wheel":{"spokes":12,"memory":"8 MiB"}}"#;
    assert_eq!(understood.to_string(), expected);
}
