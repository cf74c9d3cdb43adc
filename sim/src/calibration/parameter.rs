//! What of a profile can be fitted: each a number with a unit, a range and a place in the profile.

use super::model::Model;
use crate::deployment::{AllocationBudget, Bursts, Demand, GarbageCollection, Profile, Stalls};
use crate::measurement::{BackendTimes, Measurement};
use crate::random::Shape;
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
    get: Getter,
    set: Setter,
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
    fn new(
        name: impl Into<String>,
        unit: &'static str,
        range: (f64, f64),
        get: impl Fn(&Profile) -> f64 + Sync + 'static,
        set: impl Fn(&mut Profile, f64) + Sync + 'static,
    ) -> Self {
        let get: Getter = Box::new(move |model| get(&model.profile));
        let set: Setter = Box::new(move |model, value| set(&mut model.profile, value));
        let (scale, of_pauses) = (Scale::Log, false);
        Self { name: name.into(), unit, operation: None, range, scale, of_pauses, get, set }
    }

    fn of_pauses(self) -> Self {
        Self { of_pauses: true, ..self }
    }

    fn share(self) -> Self {
        Self { scale: Scale::Odds, ..self }
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

/// The parameters of a profile that tests can show something of: demands of their operations, and what
/// all operations share; and the backends of which nobody said how long they take. What grows with the
/// size is among them only where sizes differ.
pub(super) fn parameters(model: &Model, tests: &[&Measurement]) -> Vec<Parameter> {
    let profile = &model.profile;
    let mut found = Vec::new();
    for operation in super::trial::operations(tests.iter().copied()) {
        let own: Vec<&Measurement> =
            tests.iter().filter(|test| test.operation == operation).copied().collect();
        found.extend(of_demand(profile, &operation, &own));
    }
    found.extend(model.backends.keys().flat_map(|operation| of_backend(operation)));
    found.extend(shared(profile, tests));
    found
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
            Parameter { name, unit, operation: None, range, scale, of_pauses, get, set }
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

fn of_demand(profile: &Profile, operation: &str, tests: &[&Measurement]) -> Vec<Parameter> {
    let sizes = || tests.iter().map(|test| test.size_kib.unwrap_or(0.0));
    let largest = sizes().fold(0.0, f64::max);
    let differ = largest > 2.0 * sizes().fold(f64::INFINITY, f64::min);
    let demand = |key: &str, unit, range, get: fn(&Demand) -> f64, set: fn(&mut Demand, f64)| {
        let (of, to) = (operation.to_owned(), operation.to_owned());
        Parameter::new(
            format!("demand.{operation}.{key}"),
            unit,
            range,
            move |profile: &Profile| profile.demands.get(&of).map_or(0.0, get),
            move |profile: &mut Profile, value| {
                if let Some(demand) = profile.demands.get_mut(&to) {
                    set(demand, value);
                }
            },
        )
        .of(operation)
    };
    let mut found = vec![demand(
        "mean",
        "ms",
        (1e-4, 1e5),
        |demand| demand.mean.as_ms(),
        |demand, value| demand.mean = SimDuration::from_ms(value),
    )];
    if differ {
        found.push(demand(
            "per_kib",
            "ms",
            (1e-6, 1e4),
            |demand| demand.per_kib.as_ms(),
            |demand, value| demand.per_kib = SimDuration::from_ms(value),
        ));
    }
    let shape = profile.demands.get(operation).map(|demand| &demand.shape);
    let has_tails = tests.iter().any(|test| !test.quantiles.is_empty());
    if has_tails
        && shape.is_some_and(|shape| matches!(shape, Shape::Gamma { .. } | Shape::Lognormal { .. }))
    {
        found.push(demand(
            "cv",
            "",
            (0.05, 10.0),
            |demand| demand.shape.cv(),
            |demand, value| match &mut demand.shape {
                Shape::Gamma { cv } | Shape::Lognormal { cv } => *cv = value,
                _ => {}
            },
        ));
    }
    let counts_bytes =
        profile.gc.is_some_and(|gc| matches!(gc.budget, AllocationBudget::Young { .. }));
    if counts_bytes {
        found.push(
            demand(
                "allocates",
                "KiB",
                (0.1, 1e6),
                |demand| demand.allocates.base,
                |demand, value| demand.allocates.base = value,
            )
            .of_pauses(),
        );
        if differ && largest > LARGE_KIB {
            found.push(demand(
                "allocates_per_kib",
                "KiB",
                (0.1, 1e5),
                |demand| demand.allocates.per_kib,
                |demand, value| demand.allocates.per_kib = value,
            ));
            found.push(demand(
                "retains_per_kib",
                "KiB",
                (0.01, 1e4),
                |demand| demand.retains.per_kib,
                |demand, value| demand.retains.per_kib = value,
            ));
        }
    }
    found
}

fn shared(profile: &Profile, tests: &[&Measurement]) -> Vec<Parameter> {
    let users = || tests.iter().filter_map(|test| test.users());
    let shown = Shown {
        many: users().max() > users().min(),
        crowd: users().max().is_some_and(|most| most >= 2 * profile.workers),
        large: tests.iter().any(|test| test.size_kib.unwrap_or(0.0) > LARGE_KIB),
    };
    let mut found = Vec::new();
    // Only where many wait for a worker does it show what does not need one.
    if matches!(profile.bursts, Bursts::Reactor { .. }) && shown.crowd {
        found.push(of_all_demands("on_workers", "", (0.02, 0.98), |d| &mut d.on_workers).share());
    }
    found.extend(of_gc(profile, &shown).into_iter().map(Parameter::of_pauses));
    if profile.stalls.is_some() {
        found.extend(of_stalls().map(Parameter::of_pauses));
    }
    if profile.crowding_mib.is_some() && shown.many {
        found.push(Parameter::new(
            "crowding",
            "MiB",
            (1.0, 1e6),
            |profile| profile.crowding_mib.unwrap_or(1e6),
            |profile, value| profile.crowding_mib = Some(value),
        ));
    }
    if profile.hop.mean > SimDuration::ZERO {
        found.push(Parameter::new(
            "hop",
            "ms",
            (1e-3, 1e3),
            |profile| profile.hop.mean.as_ms(),
            |profile, value| profile.hop.mean = SimDuration::from_ms(value),
        ));
    }
    found
}

/// What the tests together show something of.
struct Shown {
    /// Numbers of users that differ.
    many: bool,
    /// At least twice as many users as workers.
    crowd: bool,
    /// Large messages.
    large: bool,
}

/// A number that all demands have in common.
fn of_all_demands(
    name: &str,
    unit: &'static str,
    range: (f64, f64),
    place: fn(&mut Demand) -> &mut f64,
) -> Parameter {
    let get = move |profile: &Profile| {
        let first = profile.demands.values().next();
        first.map_or(0.0, |demand| *place(&mut demand.clone()))
    };
    let set = move |profile: &mut Profile, value| {
        profile.demands.values_mut().for_each(|demand| *place(demand) = value);
    };
    Parameter::new(name, unit, range, get, set)
}

fn of_gc(profile: &Profile, shown: &Shown) -> Vec<Parameter> {
    let Some(gc) = profile.gc else { return Vec::new() };
    let number = |name: &str, unit, range, get: fn(&GarbageCollection) -> f64, set| {
        let set: fn(&mut GarbageCollection, f64) = set;
        Parameter::new(
            format!("gc.{name}"),
            unit,
            range,
            move |profile: &Profile| profile.gc.as_ref().map_or(0.0, get),
            move |profile: &mut Profile, value| {
                if let Some(gc) = &mut profile.gc {
                    set(gc, value);
                }
            },
        )
    };
    let time = |name: &str, range, place: fn(&mut GarbageCollection) -> &mut SimDuration| {
        Parameter::new(
            format!("gc.{name}"),
            "ms",
            range,
            move |profile: &Profile| profile.gc.map_or(0.0, |mut gc| place(&mut gc).as_ms()),
            move |profile: &mut Profile, value| {
                if let Some(gc) = &mut profile.gc {
                    *place(gc) = SimDuration::from_ms(value);
                }
            },
        )
    };
    let mut found = vec![
        time("pause", (0.1, 1e5), |gc| &mut gc.pause),
        number("cv", "", (0.05, 5.0), |gc| gc.cv, |gc, value| gc.cv = value),
    ];
    match gc.budget {
        AllocationBudget::Requests(_) => {
            found.push(number(
                "requests_per_pause",
                "",
                (1.0, 1e9),
                |gc| gc.budget.amount(0.0),
                |gc, value| gc.budget = AllocationBudget::Requests(value),
            ));
            if shown.many && gc.per_in_flight > SimDuration::ZERO {
                found.push(time("per_in_flight", (1e-4, 1e3), |gc| &mut gc.per_in_flight));
            }
        }
        AllocationBudget::Young { background_mib, .. } => {
            if background_mib > 0.0 {
                found.push(number(
                    "background",
                    "MiB",
                    (0.01, 1e5),
                    |gc| gc.budget.background_mib(),
                    |gc, value| {
                        if let AllocationBudget::Young { background_mib, .. } = &mut gc.budget {
                            *background_mib = value;
                        }
                    },
                ));
            }
            if shown.many {
                let range = (0.01, 1e5);
                found.push(of_all_demands("retains", "KiB", range, |demand| {
                    &mut demand.retains.base
                }));
                if shown.large {
                    found.push(time("per_live_mib", (1e-3, 100.0), |gc| &mut gc.per_live_mib));
                }
            }
        }
    }
    found
}

fn of_stalls() -> [Parameter; 3] {
    let time = |name: &str, range, place: fn(&mut Stalls) -> &mut SimDuration| {
        Parameter::new(
            format!("stalls.{name}"),
            "ms",
            range,
            move |profile: &Profile| profile.stalls.map_or(0.0, |mut all| place(&mut all).as_ms()),
            move |profile: &mut Profile, value| {
                if let Some(stalls) = &mut profile.stalls {
                    *place(stalls) = SimDuration::from_ms(value);
                }
            },
        )
    };
    let cv = Parameter::new(
        "stalls.cv",
        "",
        (0.05, 5.0),
        |profile| profile.stalls.map_or(0.0, |stalls| stalls.cv),
        |profile, value| {
            if let Some(stalls) = &mut profile.stalls {
                stalls.cv = value;
            }
        },
    );
    [
        time("every", (0.1, 1e8), |stalls| &mut stalls.every),
        time("pause", (0.1, 1e5), |stalls| &mut stalls.pause),
        cv,
    ]
}
