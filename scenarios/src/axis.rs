//! `PATH=VALUES`: a key of the scenario over a range or a list, and the points that several such keys span.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sim::random::{Purpose, Stream};

use crate::document;
use crate::overrides::Override;
use crate::quantity::shown;

/// Values of a range that does not say how many.
const VALUES: usize = 10;
/// Most values of an axis.
const MOST_VALUES: usize = 1000;
/// Most points of all axes together.
const MOST_POINTS: usize = 10_000;
/// Numbers between the ends of a range are rounded to so many digits.
const DIGITS: usize = 6;

/// A key of a scenario and the values that it takes, one after the other.
///
/// ```
/// let axis: scenarios::Axis = "traffic=100 /s..300 /s:3".parse().expect("a range");
/// assert_eq!(axis.values(), ["100 /s", "200 /s", "300 /s"]);
/// let axis: scenarios::Axis = "flow.calls.size=1 KiB, 10 KiB".parse().expect("a list");
/// assert_eq!(axis.values(), ["1 KiB", "10 KiB"]);
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Dotted keys, as of an [`Override`].
    pub path: String,
    over: Over,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
enum Over {
    List(Vec<String>),
    Range(Range),
}

/// From one number to another of the same unit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    from: f64,
    to: f64,
    unit: String,
    count: usize,
    /// Equal ratios instead of equal steps.
    is_log: bool,
    /// Whole numbers only.
    is_whole: bool,
}

/// The changes of one point, one for each axis.
pub type Point = Vec<Override>;

impl Axis {
    /// All values in their order, as `--set` takes them.
    pub fn values(&self) -> Vec<String> {
        match &self.over {
            Over::List(values) => values.clone(),
            Over::Range(range) => {
                let last = (range.count - 1).max(1) as f64;
                let mut values: Vec<String> =
                    (0..range.count).map(|index| range.at(index as f64 / last)).collect();
                // Whole numbers can coincide.
                values.dedup();
                values
            }
        }
    }

    /// The value at a share of the way, 0..1.
    fn at(&self, share: f64) -> String {
        match &self.over {
            Over::List(values) => {
                let place = (share * values.len() as f64) as usize;
                values[place.min(values.len() - 1)].clone()
            }
            Over::Range(range) => range.at(share),
        }
    }

    /// The unit that all its values have; empty where they are plain numbers, none where they are no numbers of one
    /// unit.
    pub fn unit(&self) -> Option<String> {
        let values = self.values();
        let mut units = values.iter().map(|value| Some(number(unquoted(value))?.1.trim()));
        let first = units.next()??;
        units.all(|unit| unit == Some(first)).then(|| first.to_owned())
    }

    /// The number of a value, without its unit.
    pub fn number(value: &str) -> Option<f64> {
        Some(number(unquoted(value))?.0)
    }

    /// Whether equal ratios are equal steps of it.
    pub fn is_log(&self) -> bool {
        matches!(&self.over, Over::Range(range) if range.is_log)
    }

    fn change(&self, value: String) -> Override {
        Override { path: self.path.clone(), value }
    }
}

impl Range {
    fn at(&self, share: f64) -> String {
        let number = match share {
            0.0 => self.from,
            1.0 => self.to,
            _ if self.is_log => self.from * (self.to / self.from).powf(share),
            _ => self.from + (self.to - self.from) * share,
        };
        let number = if self.is_whole { number.round().to_string() } else { rounded(number) };
        format!("{number}{}", self.unit)
    }
}

/// A number to six digits, without an exponent.
fn rounded(number: f64) -> String {
    let digits = number.abs().max(f64::MIN_POSITIVE).log10().floor() as i32 + 1;
    let decimals = (DIGITS as i32 - digits).clamp(0, 12) as usize;
    let text = format!("{number:.decimals$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// All combinations of the values of these axes: those of the last one change first.
///
/// # Errors
///
/// If they are too many.
pub fn factorial(axes: &[Axis]) -> Result<Vec<Point>, String> {
    let values: Vec<Vec<String>> = axes.iter().map(Axis::values).collect();
    let count = values.iter().try_fold(1_usize, |all, own| all.checked_mul(own.len()));
    let Some(count) = count.filter(|count| *count <= MOST_POINTS) else {
        return Err(format!(
            "all combinations of these values are more than {MOST_POINTS}; take fewer of each, or some points by \
             `--latin N`"
        ));
    };
    let point = |index: usize| {
        let mut rest = index;
        let mut changes: Point = axes
            .iter()
            .zip(&values)
            .rev()
            .map(|(axis, values)| {
                let value = values[rest % values.len()].clone();
                rest /= values.len();
                axis.change(value)
            })
            .collect();
        changes.reverse();
        changes
    };
    Ok((0..count).map(point).collect())
}

/// So many points that lie on each axis in equally many strata, one in each, whose combination is random: a Latin
/// hypercube sample (`McKay`, Beckman and Conover, Technometrics 21, 1979, pages 239 to 245).
///
/// # Errors
///
/// If they are too many.
pub fn latin_hypercube(axes: &[Axis], count: usize, seed: u64) -> Result<Vec<Point>, String> {
    if count > MOST_POINTS {
        return Err(format!("{MOST_POINTS} points are the most"));
    }
    let columns: Vec<Vec<Override>> = axes
        .iter()
        .enumerate()
        .map(|(entity, axis)| {
            let mut draws = Stream::new(seed, 0, Purpose::Points, entity as u64).sequence();
            let mut strata: Vec<usize> = (0..count).collect();
            // Fisher and Yates.
            for last in (1..count).rev() {
                let other = (draws.draw() % (last as u64 + 1)) as usize;
                strata.swap(last, other);
            }
            let mut uniform = || (draws.draw() >> 11) as f64 / (1u64 << 53) as f64;
            let shares =
                strata.into_iter().map(|stratum| (stratum as f64 + uniform()) / count as f64);
            shares.map(|share| axis.change(axis.at(share))).collect()
        })
        .collect();
    Ok((0..count)
        .map(|point| columns.iter().map(|column| column[point].clone()).collect())
        .collect())
}

impl fmt::Display for Axis {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.path)
    }
}

impl FromStr for Axis {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || {
            format!(
                "`{}` is not PATH=VALUES; write it like \"traffic=100 /s..2000 /s:20\" or \"flow.orders.size=1 KiB, 8 KiB\"",
                shown(text)
            )
        };
        let (path, values) = text.split_once('=').ok_or_else(wrong)?;
        let (path, values) = (path.trim(), values.trim());
        if path.split('.').any(|part| part.trim().is_empty()) || values.is_empty() {
            return Err(wrong());
        }
        let over = match range(values)? {
            Some(range) => Over::Range(range),
            None => Over::List(list(values)?),
        };
        Ok(Self { path: path.to_owned(), over })
    }
}

/// `FROM..TO`, `FROM..TO:COUNT`, either with ` log` behind it; none where there is no `..` between numbers.
fn range(text: &str) -> Result<Option<Range>, String> {
    let (ends, is_log) = match text.strip_suffix("log") {
        Some(ends) if ends.ends_with([' ', ':']) => (ends.trim_end_matches([' ', ':']), true),
        _ => (text, false),
    };
    let Some((from, rest)) = ends.split_once("..") else { return Ok(None) };
    let (to, count) = match rest.rsplit_once(':') {
        Some((to, count)) => (to, Some(count.trim())),
        None => (rest, None),
    };
    let (Some((from, first)), Some((to, unit))) = (number(from), number(to)) else {
        return Ok(None);
    };
    let wrong = |what: &str| Err(format!("`{}`: {what}", shown(text)));
    if !first.is_empty() && first.trim() != unit.trim() {
        return wrong("both ends of a range have the same unit, like 200 ms..800 ms");
    }
    if from >= to {
        return wrong("a range goes from a number to a larger one");
    }
    if is_log && from <= 0.0 {
        return wrong("a range in equal ratios begins above 0");
    }
    let is_whole = unit.is_empty() && from.fract() == 0.0 && to.fract() == 0.0;
    let whole = (to - from) as usize + 1;
    let count = match count.map(str::parse) {
        None if is_whole && !is_log && whole <= MOST_VALUES => whole,
        None => VALUES,
        Some(Ok(count)) if (2..=MOST_VALUES).contains(&count) => count,
        Some(_) => return wrong("how many values there are is a whole number from 2 to 1000"),
    };
    Ok(Some(Range { from, to, unit: unit.to_owned(), count, is_log, is_whole }))
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> &str {
    let within = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    within.unwrap_or(text)
}

/// A number and the unit behind it, with the space between.
fn number(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let is_of_number = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let end = text.find(|c| !is_of_number(c)).unwrap_or(text.len());
    let number: f64 = text[..end].parse().ok()?;
    number.is_finite().then_some((number, &text[end..]))
}

/// A list as TOML writes it, or texts with commas between them.
fn list(text: &str) -> Result<Vec<String>, String> {
    let values: Vec<String> = match document::elements(text) {
        Some(elements) => elements,
        None => split(text).into_iter().map(|value| value.trim().to_owned()).collect(),
    };
    if values.iter().any(String::is_empty) {
        return Err(format!("`{}`: a value is missing between two commas", shown(text)));
    }
    if values.is_empty() || values.len() > MOST_VALUES {
        return Err(format!("`{}`: a list has 1 to {MOST_VALUES} values", shown(text)));
    }
    Ok(values)
}

/// Splits at commas outside of brackets and quotes.
fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut quoted, mut start) = (0_i32, false, 0);
    let mut parts = Vec::new();
    for (index, letter) in text.char_indices() {
        match letter {
            '"' => quoted = !quoted,
            '[' | '{' if !quoted => depth += 1,
            ']' | '}' if !quoted => depth -= 1,
            ',' if !quoted && depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn axis(text: &str) -> Axis {
        text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn ranges_and_lists_have_the_values_that_they_say() {
        let cases: [(&str, &[&str]); 8] = [
            ("a.b=1..4", &["1", "2", "3", "4"]),
            ("a=0.5..2:4", &["0.5", "1", "1.5", "2"]),
            ("a=10 /s..1000 /s:3 log", &["10 /s", "100 /s", "1000 /s"]),
            ("a=10..1000 ms:3 log", &["10 ms", "100 ms", "1000 ms"]),
            ("a=1..3:9", &["1", "2", "3"]),
            ("a=random, power-of-two", &["random", "power-of-two"]),
            ("a=[\"1 s\", 2, { x = [1, 2] }]", &["\"1 s\"", "2", "{ x = [1, 2] }"]),
            ("a={ p = \"x, y\", q = [1, 2] }, 5", &["{ p = \"x, y\", q = [1, 2] }", "5"]),
        ];
        for (text, values) in cases {
            assert_eq!(axis(text).values(), values, "{text}");
        }
        assert_eq!(axis("a=100 /s..2000 /s").values().len(), VALUES);
        let unit = |text: &str| axis(text).unit();
        assert_eq!(unit("a=1..3"), Some(String::new()));
        assert_eq!(unit("a=1 s, \"2 s\""), Some("s".to_owned()));
        assert_eq!((unit("a=1 s, 2 min"), unit("a=1 s, none")), (None, None));
        assert_eq!(Axis::number("\"2.5 s\""), Some(2.5));
    }

    #[test]
    fn what_is_no_axis_says_what_would_be_right() {
        let cases = [
            ("traffic", "is not PATH=VALUES"),
            ("=1..2", "is not PATH=VALUES"),
            ("a=", "is not PATH=VALUES"),
            ("a=1 s..2 ms", "the same unit"),
            ("a=2 s..1 s", "to a larger one"),
            ("a=0..1:5 log", "begins above 0"),
            ("a=1..2:1", "from 2 to 1000"),
            ("a=1..2:x", "from 2 to 1000"),
            ("a=1,,2", "a value is missing"),
        ];
        for (text, expected) in cases {
            let error = text.parse::<Axis>().expect_err(text);
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn all_combinations_are_there_once_and_the_last_axis_changes_first() {
        let points = factorial(&[axis("a=1..2"), axis("b=x, y, z")]).expect("six");
        let texts: Vec<String> = points
            .iter()
            .map(|point| point.iter().map(|change| change.value.as_str()).collect())
            .collect();
        assert_eq!(texts, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert!(factorial(&[axis("a=1..200"), axis("b=1..200")]).is_err());
    }

    #[test]
    fn a_latin_hypercube_has_one_point_in_each_stratum_of_each_axis() {
        let axes = [axis("a=0..1000 ms"), axis("b=1..100 /s log"), axis("c=p, q")];
        let points = latin_hypercube(&axes, 40, 7).expect("few");
        let number =
            |point: &Point, axis: usize| super::number(&point[axis].value).expect("a number").0;
        let strata: BTreeSet<usize> =
            points.iter().map(|point| (number(point, 0) / 25.0) as usize).collect();
        assert_eq!(strata.len(), 40);
        let strata: BTreeSet<usize> =
            points.iter().map(|point| (number(point, 1).log10() * 20.0) as usize).collect();
        assert_eq!(strata.len(), 40);
        assert_eq!(points.iter().filter(|point| point[2].value == "p").count(), 20);
        assert_ne!(points, latin_hypercube(&axes, 40, 8).expect("few"));
    }
}
