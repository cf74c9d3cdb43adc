//! What of a profile can be fitted: each a number with a unit, a range and a place in the profile.

use super::model::Model;
use crate::deployment::keys::{Key, Record, Search, Shown, Slot, Unit};
use crate::deployment::{AllocationBudget, Bursts, Collector, Demand, Profile};
use crate::measurement::{BackendTimes, Measurement};
use crate::time::SimDuration;

/// A message so large, in KiB, that it shows what grows with its size.
const LARGE_KIB: f64 = 32.0;

/// A number of a profile that is fitted.
pub struct Parameter {
    /// As a scenario file writes it: `demand.passthrough.mean`.
    pub name: String,
    /// Its unit; empty where it has none.
    pub unit: &'static str,
    /// The operation that alone it belongs to.
    pub operation: Option<String>,
    /// Least and largest value.
    range: (f64, f64),
    scale: Scale,
    /// Whether it says how often or for how long a node pauses.
    pub(super) of_pauses: bool,
    place: Place,
    get: Getter,
    set: Setter,
}

/// Where a profile has a parameter.
#[derive(Clone, Debug)]
enum Place {
    /// At the end of a path.
    At(Vec<String>),
    /// Under this name in the demand of every operation.
    InEachDemand(&'static Key),
    /// Nowhere: it is one of the tests.
    Nowhere,
}

type Getter = Box<dyn Fn(&Model) -> f64 + Sync>;
type Setter = Box<dyn Fn(&mut Model, f64) + Sync>;

/// The scale on which a parameter is searched.
#[derive(Clone, Copy, Debug)]
enum Scale {
    /// Logarithmic: a step is a factor.
    Log,
    /// Log odds, for shares.
    Odds,
}

impl Parameter {
    /// The key at the end of that path into a profile.
    fn of_key(key: &Key, search: Search, path: Vec<String>) -> Self {
        let to = path.clone();
        Self {
            name: path.join("."),
            unit: unit_of(key.unit),
            operation: None,
            range: (search.least, search.most),
            scale: if key.unit == Unit::Share { Scale::Odds } else { Scale::Log },
            of_pauses: search.of_pauses,
            place: Place::At(path.clone()),
            get: Box::new(move |model| number(&model.profile, &path).unwrap_or(0.0)),
            set: Box::new(move |model, value| put(&mut model.profile, &to, value)),
        }
    }

    /// A key that all operations have in common.
    fn of_all(key: &'static Key, search: Search) -> Self {
        let in_each = |profile: &Profile| in_each_demand(profile, key);
        let get = move |model: &Model| {
            let first = in_each(&model.profile).into_iter().next();
            first.and_then(|path| number(&model.profile, &path)).unwrap_or(0.0)
        };
        let set = move |model: &mut Model, value| {
            for path in in_each(&model.profile) {
                put(&mut model.profile, &path, value);
            }
        };
        let name = vec![key.name.to_owned()];
        let place = Place::InEachDemand(key);
        Self { place, get: Box::new(get), set: Box::new(set), ..Self::of_key(key, search, name) }
    }

    fn of(self, operation: &str) -> Self {
        Self { operation: Some(operation.to_owned()), ..self }
    }

    /// Its value in a model, in its unit.
    pub(super) fn value(&self, model: &Model) -> f64 {
        (self.get)(model)
    }

    /// The point on its scale at which a model has it.
    pub(super) fn point(&self, model: &Model) -> f64 {
        let value = self.value(model).clamp(self.range.0, self.range.1);
        match self.scale {
            Scale::Log => value.ln(),
            Scale::Odds => (value / (1.0 - value)).ln(),
        }
    }

    /// The paths to it in a profile.
    pub(super) fn paths(&self, profile: &Profile) -> Vec<Vec<String>> {
        match &self.place {
            Place::At(path) => vec![path.clone()],
            Place::InEachDemand(key) => in_each_demand(profile, key),
            Place::Nowhere => Vec::new(),
        }
    }

    /// What an error on its scale is as a share of the value.
    pub(super) fn share_of(&self, error: f64, point: f64) -> f64 {
        match self.scale {
            Scale::Log => error,
            Scale::Odds => error * (1.0 - self.at(point)),
        }
    }

    /// The value at a point of its scale.
    pub(super) fn at(&self, point: f64) -> f64 {
        let value = match self.scale {
            Scale::Log => point.exp(),
            Scale::Odds => 1.0 / (1.0 + (-point).exp()),
        };
        value.clamp(self.range.0, self.range.1)
    }

    /// Gives a model the value at a point of the scale.
    pub(super) fn put(&self, model: &mut Model, point: f64) {
        (self.set)(model, self.at(point));
    }
}

/// The unit in which a key is fitted.
fn unit_of(unit: Unit) -> &'static str {
    match unit {
        Unit::Duration | Unit::Law => "ms",
        Unit::Memory(memory) => memory.name(),
        _ => "",
    }
}

/// The paths to a key of every demand.
fn in_each_demand(profile: &Profile, key: &Key) -> Vec<Vec<String>> {
    let path =
        |operation: &String| vec!["demand".to_owned(), operation.clone(), key.name.to_owned()];
    profile.demands.keys().map(path).collect()
}

/// The number at the end of a path into a profile, where there is one.
fn number(profile: &Profile, path: &[String]) -> Option<f64> {
    at(&mut profile.clone(), path).number()
}

fn put(profile: &mut Profile, path: &[String], value: f64) {
    at(profile, path).put(value);
}

fn at<'a>(profile: &'a mut Profile, path: &[String]) -> Slot<'a> {
    let path: Vec<&str> = path.iter().map(String::as_str).collect();
    (profile as &mut dyn Record).find(&path)
}

/// The parameters of a profile that tests can show something of: demands of their operations, and what
/// all operations share; and the backends of which nobody said how long they take.
pub(super) fn parameters(model: &Model, tests: &[&Measurement]) -> Vec<Parameter> {
    let mut profile = model.profile.clone();
    let mut found = Vec::new();
    for operation in super::trial::operations(tests.iter().copied()) {
        let own: Vec<&Measurement> =
            tests.iter().filter(|test| test.operation == operation).copied().collect();
        let shown = shown(&profile, &own);
        if let Some(demand) = profile.demands.get_mut(&operation) {
            let path = ["demand".to_owned(), operation.clone()];
            let own = of_record(demand, &path, shown).into_iter();
            found.extend(own.map(|parameter| parameter.of(&operation)));
        }
    }
    found.extend(model.backends.keys().flat_map(|operation| of_backend(operation)));
    let shown = shown(&profile, tests);
    found
        .extend(profile.demands.values_mut().next().into_iter().flat_map(|one| common(one, shown)));
    found.extend(of_record(&mut profile, &[], shown));
    found
}

/// Whether a parameter is among those whose names begin so; all are where there are none.
pub(super) fn is_wanted(name: &str, names: &[String]) -> bool {
    names.is_empty() || names.iter().any(|begin| name.starts_with(begin))
}

/// What tests show something of.
fn shown(profile: &Profile, tests: &[&Measurement]) -> Shown {
    let sizes = || tests.iter().map(|test| test.message().weighed(Demand::OF_ANSWER));
    let users = || tests.iter().filter_map(|test| test.users());
    let largest = sizes().fold(0.0, f64::max);
    let reactor = matches!(profile.bursts, Bursts::Reactor { .. });
    let budget = profile.gc.map(|gc| gc.budget);
    Shown {
        sizes: largest > 2.0 * sizes().fold(f64::INFINITY, f64::min),
        answers: tests
            .iter()
            .any(|test| test.answer_kib.is_some_and(|kib| Some(kib) != test.size_kib)),
        large: largest > LARGE_KIB,
        tails: tests.iter().any(|test| !test.quantiles.is_empty()),
        many_users: users().max() > users().min(),
        // Only where many wait for a worker does it show what does not need one.
        crowd: reactor && users().max().is_some_and(|most| most >= 2 * profile.workers),
        bytes: matches!(budget, Some(AllocationBudget::Young(_))),
        whole: matches!(
            budget,
            Some(AllocationBudget::Young(heap)) if heap.collector == Some(Collector::Parallel)
        ),
    }
}

/// How a key is searched, where such tests tell something of it.
fn told(key: &Key, slot: Slot<'_>, shown: Shown) -> Option<Search> {
    let (search, value) = key.search.zip(slot.number())?;
    (search.when)(shown, value).then_some(search)
}

/// The parameters among the keys of a record, which lies at the end of that path, and of its parts.
fn of_record(record: &mut dyn Record, path: &[String], shown: Shown) -> Vec<Parameter> {
    let mut found = Vec::new();
    for (index, key) in record.keys().into_iter().enumerate() {
        let path = [path, &[key.name.to_owned()]].concat();
        match record.slot(index) {
            Slot::Table(part) => {
                let part = part.there().map(|part| of_record(part, &path, shown));
                found.extend(part.unwrap_or_default());
            }
            slot => {
                let search = told(key, slot, shown).filter(|search| !search.common);
                found.extend(search.map(|search| Parameter::of_key(key, search, path)));
            }
        }
    }
    found
}

/// The parameters that all demands have in common.
fn common(demand: &mut Demand, shown: Shown) -> Vec<Parameter> {
    let keys = demand.keys().into_iter().enumerate();
    let told = keys.filter_map(|(index, key)| {
        let search = told(key, demand.slot(index), shown)?;
        search.common.then(|| Parameter::of_all(key, search))
    });
    told.collect()
}

/// How long the backend of an operation takes, and how unequally.
fn of_backend(operation: &str) -> [Parameter; 2] {
    let number =
        |key: &str, unit, range, get: fn(&BackendTimes) -> f64, set: fn(&mut BackendTimes, f64)| {
            let (of, to) = (operation.to_owned(), operation.to_owned());
            let get: Getter = Box::new(move |model| model.backends.get(&of).map_or(0.0, get));
            let set: Setter = Box::new(move |model, value| {
                if let Some(times) = model.backends.get_mut(&to) {
                    set(times, value);
                }
            });
            let name = format!("backend.{operation}.{key}");
            let (scale, of_pauses) = (Scale::Log, false);
            let place = Place::Nowhere;
            Parameter { name, unit, operation: None, range, scale, of_pauses, place, get, set }
                .of(operation)
        };
    [
        number(
            "mean",
            "ms",
            (1e-3, 1e6),
            |times| times.mean.as_ms(),
            |times, value| times.mean = SimDuration::from_ms(value),
        ),
        number("cv", "", (0.01, 5.0), |times| times.cv, |times, value| times.cv = value),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::keys::{Keyed, Memory, Row};

    /// Something that no other code knows.
    struct Thing {
        life: SimDuration,
        share: f64,
        part: Option<Part>,
    }

    struct Part {
        memory: f64,
        plain: f64,
    }

    impl Keyed for Thing {
        const NAME: &'static str = "Thing";
        const DOC: &'static str = "Something.";
        const ROWS: &'static [Row<Self>] = &[
            Row::<Self>::new("life", "", Unit::Duration, |thing| Slot::Duration(&mut thing.life))
                .fitted(1.0, 10.0, |_, _| true),
            Row::<Self>::new("share", "", Unit::Share, |thing| Slot::Number(&mut thing.share))
                .fitted(0.1, 0.9, |shown, _| shown.tails)
                .of_pauses(),
            Row::<Self>::new("part", "", Unit::Table(""), |thing| Slot::Table(&mut thing.part)),
        ];

        fn unstated() -> Self {
            Self { life: SimDuration::from_ms(2.0), share: 0.5, part: None }
        }
    }

    impl Keyed for Part {
        const NAME: &'static str = "Part";
        const DOC: &'static str = "A part.";
        const ROWS: &'static [Row<Self>] = &[
            Row::<Self>::new("memory", "", Unit::Memory(Memory::Mib), |part| {
                Slot::Number(&mut part.memory)
            })
            .fitted(1.0, 10.0, |_, value| value > 1.0),
            Row::<Self>::new("plain", "", Unit::Share, |part| Slot::Number(&mut part.plain)),
        ];

        fn unstated() -> Self {
            Self { memory: 2.0, plain: 0.5 }
        }
    }

    #[test]
    fn a_key_that_says_how_it_is_searched_is_a_parameter_where_tests_tell_of_it() {
        let nothing = Shown {
            sizes: false,
            answers: false,
            large: false,
            tails: false,
            many_users: false,
            crowd: false,
            bytes: false,
            whole: false,
        };
        let names = |thing: &mut Thing, shown| -> Vec<(String, &str, bool)> {
            let found = of_record(thing, &["thing".to_owned()], shown);
            found.into_iter().map(|one| (one.name, one.unit, one.of_pauses)).collect()
        };
        let life = || ("thing.life".to_owned(), "ms", false);
        let share = || ("thing.share".to_owned(), "", true);
        let memory = || ("thing.part.memory".to_owned(), "MiB", false);
        let mut thing = Thing::unstated();
        assert_eq!(names(&mut thing, nothing), [life()]);
        assert_eq!(names(&mut thing, Shown { tails: true, ..nothing }), [life(), share()]);
        thing.part = Some(Part::unstated());
        assert_eq!(names(&mut thing, nothing), [life(), memory()]);
        thing.part = Some(Part { memory: 1.0, plain: 0.5 });
        assert_eq!(names(&mut thing, nothing), [life()]);
    }
}
