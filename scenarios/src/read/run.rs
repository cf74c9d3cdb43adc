//! `[run]`: how to run.

use sim::deployment::Arrivals;
use sim::scenario::{MOST_REPLICATIONS, Replications, RunSettings, Scenario};
use sim::time::{SimDuration, SimTime};

use crate::document::{Item, Value};
use crate::quantity;
use crate::read::section::{Context, Section};

/// The keys of `[run]`.
pub(crate) const KEYS: &[&str] = &[
    "window",
    "from",
    "to",
    "sample",
    "warm_up",
    "replications",
    "precision",
    "max_replications",
    "seed",
    "confidence",
    "least_difference",
];

/// Observed time per replication where none is stated.
const WINDOW: SimDuration = SimDuration(600_000_000_000);
/// Of so much of the window `sample` says how much is simulated.
const HOUR: SimDuration = SimDuration(3_600_000_000_000);
const DAY: SimDuration = SimDuration(86_400_000_000_000);
/// Longest window and warm-up: 30 days; years are the business of the long-run analysis.
const LONGEST: SimDuration = SimDuration(30 * 86_400_000_000_000);
/// Replications where neither a number nor a precision is stated.
const REPLICATIONS: u32 = 10;
/// Most replications until a precision is reached, where nothing is stated.
const MAX_REPLICATIONS: u32 = 100;

/// How to run; every key has a default.
pub(crate) fn read(context: Context<'_>, item: Option<&Item>) -> RunSettings {
    let mut run = RunSettings {
        window: WINDOW,
        whole: None,
        begins: None,
        warm_up: None,
        replications: Replications::Fixed(REPLICATIONS),
        seed: 1,
        confidence: 0.95,
        least_difference: 0.01,
    };
    let Some(section) = item.and_then(|item| Section::open(context, item, KEYS)) else {
        return run;
    };
    if let Some(window) = section.get("window") {
        let length =
            context.positive_duration(window).filter(|w| not_too_long(context, window, *w));
        run.window = length.unwrap_or(run.window);
    }
    run.begins = section.get("from").and_then(|item| time_of_day(context, item));
    run.window = until(section, run.begins).unwrap_or(run.window);
    run.warm_up = section.get("warm_up").and_then(|warm_up| {
        context.duration(warm_up).filter(|length| not_too_long(context, warm_up, *length))
    });
    run.replications = replications(section);
    // A TOML integer is signed, so no seed is above the largest of those.
    let seed = section.get("seed").and_then(|seed| context.integer(seed, 0, i64::MAX as u64));
    run.seed = seed.unwrap_or(run.seed);
    let confidence = section.get("confidence").and_then(|item| confidence(context, item));
    run.confidence = confidence.unwrap_or(run.confidence);
    let least = section.get("least_difference").and_then(|item| least_difference(context, item));
    run.least_difference = least.unwrap_or(run.least_difference);
    run
}

/// How much of each hour of the window is simulated, as a share of it; none where all of it is. What is not
/// steady over hours has no sample.
pub(crate) fn sample(section: Section<'_>, scenario: &Scenario) -> Option<f64> {
    let context = section.context;
    let item = section.get("sample")?;
    let sample = context.positive_duration(item)?;
    let refuse = |what: &str, help: &str| -> Option<f64> {
        context.log.problem(item.place, what, help);
        None
    };
    if sample >= HOUR {
        return refuse("an hour has no longer sample than itself", "write it as \"5 min\"");
    }
    if scenario.run.window < HOUR {
        let help = "it is taken of every hour; a window so short is simulated whole: remove it";
        return refuse("`sample` of a window that is shorter than an hour", help);
    }
    let has = |is: fn(&Arrivals) -> bool| scenario.flows.iter().any(|flow| is(&flow.arrivals));
    if has(|arrivals| matches!(arrivals, Arrivals::Trace { .. })) {
        let help = "a trace is of its own time; write a schedule of its rates, or remove `sample`";
        return refuse("`sample` beside a trace", help);
    }
    if has(|arrivals| matches!(arrivals, Arrivals::Closed { .. } | Arrivals::OfUsers { .. })) {
        let help = "what users bring is not known beforehand, so that nobody can tell whether nodes \
                    settle within the sample; remove it";
        return refuse("`sample` beside closed arrivals", help);
    }
    if !has(|arrivals| matches!(arrivals, Arrivals::Schedule { .. })) {
        let help = "nothing changes over the day: shorten `window` instead";
        return refuse("`sample` without a schedule", help);
    }
    let mut clusters = scenario.deployments.iter().flat_map(|deployment| &deployment.clusters);
    if !scenario.drills.is_empty() || clusters.any(|cluster| cluster.restart.is_some()) {
        let help = "they have a time of day and a length of their own; take the hour around them with \
                    `from` and `to`";
        return refuse("`sample` beside drills or restarts", help);
    }
    Some(sample.as_nanos() / HOUR.as_nanos())
}

/// The same scenario with a window, and schedules, that pass in a share of their time.
pub(crate) fn shortened(mut scenario: Scenario, share: f64) -> Scenario {
    let short = |nanos: u64| (nanos as f64 * share).round() as u64;
    scenario.run.whole = Some(scenario.run.window);
    scenario.run.window = SimDuration(short(scenario.run.window.0));
    for flow in &mut scenario.flows {
        if let Arrivals::Schedule { points } = &mut flow.arrivals {
            for (time, _) in points.iter_mut() {
                *time = SimTime(short(time.0));
            }
        }
    }
    scenario
}

/// The window that `to` ends.
fn until(section: Section<'_>, begins: Option<SimDuration>) -> Option<SimDuration> {
    let to = section.get("to")?;
    section.refuse(
        &["window"],
        "beside `to`",
        "`from` and `to` say how long the window is; remove it",
    );
    let end = time_of_day(section.context, to)?;
    if section.get("from").is_none() {
        let help = "add from = \"09:30\", at which the window begins";
        section.context.log.problem(to.place, "`to` makes no sense without `from`", help);
    }
    let begin = begins?;
    // A window that ends before it begins ends on the next day.
    let day = if end > begin { SimDuration::ZERO } else { DAY };
    Some(SimDuration(end.0 + day.0 - begin.0))
}

fn time_of_day(context: Context<'_>, item: &Item) -> Option<SimDuration> {
    // TOML has times of its own, which need no quotes.
    let text = match &item.value {
        Value::Text(text) | Value::Datetime(text) => Some(text),
        _ => None,
    };
    let read = text.and_then(|text| quantity::time_of_day(text)).map(SimDuration::from_seconds);
    read.or_else(|| context.not(item, "a time of day", "write it as \"09:30\""))
}

fn replications(section: Section<'_>) -> Replications {
    let context = section.context;
    let fixed = section.get("replications").and_then(|item| {
        context
            .integer(item, 1, MOST_REPLICATIONS.into())
            .map(|count| Replications::Fixed(count as u32))
    });
    let max = section.get("max_replications").and_then(|item| {
        context.integer(item, 2, MOST_REPLICATIONS.into()).map(|count| count as u32)
    });
    let Some(precision) = section.get("precision") else {
        let help = "it belongs to `precision`; write `replications` for a fixed number";
        section.refuse(&["max_replications"], "without `precision`", help);
        return fixed.unwrap_or(Replications::Fixed(REPLICATIONS));
    };
    let help = "write `precision` with `max_replications`, or `replications` alone";
    section.refuse(&["replications"], "beside `precision`", help);
    let relative = context.share(precision).filter(|relative| {
        let good = *relative > 0.0 && *relative < 1.0;
        if !good {
            let what = format!("a precision of {} cannot be", precision.written());
            context.log.problem(
                precision.place,
                what,
                "it is above 0 % and below 100 %, like \"2 %\"",
            );
        }
        good
    });
    Replications::Precision {
        relative: relative.unwrap_or(0.05),
        max: max.unwrap_or(MAX_REPLICATIONS),
    }
}

fn confidence(context: Context<'_>, item: &Item) -> Option<f64> {
    let confidence = context.share(item)?;
    if (0.5..1.0).contains(&confidence) {
        return Some(confidence);
    }
    let what = format!("a confidence of {} cannot be", item.written());
    context.log.problem(item.place, what, "it is from 50 % to below 100 %, like \"95 %\"");
    None
}

fn least_difference(context: Context<'_>, item: &Item) -> Option<f64> {
    let least = context.share(item)?;
    if (0.0..1.0).contains(&least) {
        return Some(least);
    }
    let what = format!("a least difference of {} cannot be", item.written());
    context.log.problem(item.place, what, "it is from 0 % to below 100 %, like \"1 %\"");
    None
}

fn not_too_long(context: Context<'_>, item: &Item, length: SimDuration) -> bool {
    if length > LONGEST {
        let what = format!("`{}` is too long", item.written());
        context.log.problem(item.place, what, "it is at most \"30 d\"");
    }
    length <= LONGEST
}
