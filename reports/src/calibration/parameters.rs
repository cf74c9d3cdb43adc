//! The parameters that were fitted, and what the measurements say of each.

use sim::calibration::{DETERMINED, Fitted};
use sim::stats::Estimate;

use crate::grid::{Grid, wrap};
use crate::number::{self, Unit};

/// The parameters as a table, and in sentences those that the measurements do not determine.
pub(super) fn text(parameters: &[Fitted], width: usize) -> String {
    if parameters.is_empty() {
        return "no parameter was fitted".to_owned();
    }
    let mut grid = Grid::new(&["parameter", "fitted", "at the start", ""], &[1, 2]);
    for parameter in parameters {
        grid.row(&[
            parameter.name.clone(),
            value(parameter),
            with_unit(number::plain(parameter.start, Unit::One), parameter),
            remark(parameter).to_owned(),
        ]);
    }
    let sentences = [ERROR.to_owned(), open(parameters, width)];
    format!("{}\n\n{}", grid.render(width), sentences.join("\n").trim_end())
}

/// One line per parameter, its value with its standard error.
pub(super) fn stated(parameters: &[Fitted]) -> String {
    if parameters.is_empty() {
        return String::new();
    }
    let mut grid = Grid::new(&["parameter", "fitted", ""], &[1]);
    for parameter in parameters {
        grid.row(&[parameter.name.clone(), value(parameter), remark(parameter).to_owned()]);
    }
    format!("\n{}\n{ERROR}\n", grid.render(usize::MAX))
}

/// What stands after the sign.
const ERROR: &str = "± is the standard error: what the measurements leave open";

/// What the measurements leave open, in sentences; nothing where that is nothing.
pub(super) fn open(parameters: &[Fitted], width: usize) -> String {
    let open = number::plain(DETERMINED, Unit::Percent);
    let mut sentences = Vec::new();
    let undetermined: Vec<&str> = parameters
        .iter()
        .filter(|parameter| !is_determined(parameter))
        .map(|parameter| parameter.name.as_str())
        .collect();
    if !undetermined.is_empty() {
        let names = listed(&undetermined);
        sentences.push(format!(
            "not determined by these measurements, which leave open more than {open}: {names}"
        ));
    }
    sentences.extend(ties(parameters).iter().map(|tied| {
        let combination = if tied.len() == 2 { "a combination" } else { "combinations" };
        format!("the measurements fix only {combination} of {}", listed(tied))
    }));
    let sentences: Vec<String> =
        sentences.iter().map(|sentence| wrap(sentence, "  ", width)).collect();
    sentences.join("\n")
}

/// The value with what is left open of it, in its unit.
fn value(parameter: &Fitted) -> String {
    let half_width = parameter.value.abs() * parameter.uncertainty;
    let estimate = Estimate::symmetric(parameter.value, half_width);
    with_unit(number::digits(&estimate, Unit::One), parameter)
}

fn with_unit(digits: String, parameter: &Fitted) -> String {
    match parameter.unit {
        "" => digits,
        unit => format!("{digits} {unit}"),
    }
}

fn remark(parameter: &Fitted) -> &'static str {
    match (is_determined(parameter), parameter.tied_to.is_empty()) {
        (true, true) => "",
        (true, false) => "only in combination",
        (false, true) => "not determined",
        (false, false) => "not determined, only in combination",
    }
}

fn is_determined(parameter: &Fitted) -> bool {
    parameter.uncertainty <= DETERMINED
}

/// Parameters that cannot be told apart, each in one group, in the order of the table.
fn ties(parameters: &[Fitted]) -> Vec<Vec<&str>> {
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for parameter in parameters.iter().filter(|parameter| !parameter.tied_to.is_empty()) {
        let others = parameter.tied_to.iter().map(String::as_str);
        let mut group: Vec<&str> = std::iter::once(parameter.name.as_str()).chain(others).collect();
        let (joined, apart) = groups
            .into_iter()
            .partition::<Vec<_>, _>(|other| other.iter().any(|name| group.contains(name)));
        groups = apart;
        group.extend(joined.into_iter().flatten());
        groups.push(group);
    }
    let in_order = |group: Vec<&str>| {
        let names = parameters.iter().map(|parameter| parameter.name.as_str());
        names.filter(|name| group.contains(name)).collect()
    };
    let mut groups: Vec<Vec<&str>> = groups.into_iter().map(in_order).collect();
    let place = |name: &str| parameters.iter().position(|parameter| parameter.name == name);
    groups.retain(|group| group.len() > 1);
    groups.sort_by_key(|group| place(group[0]));
    groups
}

/// `a`, `a and b`, `a, b and c`, each in backticks.
fn listed(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, uncertainty: f64, tied_to: &[&str]) -> Fitted {
        let tied_to = tied_to.iter().map(|&name| name.to_owned()).collect();
        Fitted {
            name: name.to_owned(),
            unit: "ms",
            value: 0.574_321,
            start: 0.6,
            uncertainty,
            tied_to,
        }
    }

    #[test]
    fn a_value_has_no_digit_that_is_left_open() {
        let shown = [0.2, 0.02, 0.002, 3.0, f64::NAN].map(|open| value(&parameter("a", open, &[])));
        let expected = [
            "0.57 ± 0.11 ms",
            "0.574 ± 0.011 ms",
            "0.5743 ± 0.0011 ms",
            "0.6 ± 1.7 ms",
            "0.574 ms",
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn what_the_measurements_do_not_determine_is_named() {
        let parameters =
            [parameter("a", 0.29, &[]), parameter("b", 0.31, &[]), parameter("c", f64::NAN, &[])];
        let text = text(&parameters, 120);
        assert!(
            text.ends_with(
                "not determined by these measurements, which leave open more than 30 %: `b` and `c`"
            ),
            "{text}"
        );
    }

    #[test]
    fn parameters_that_cannot_be_told_apart_are_named_once() {
        let parameters = [
            parameter("a", 0.1, &["d"]),
            parameter("b", 0.1, &["c"]),
            parameter("c", 0.1, &["b", "e"]),
            parameter("d", 0.1, &["a"]),
            parameter("e", 0.1, &["c"]),
            parameter("f", 0.1, &[]),
        ];
        assert_eq!(ties(&parameters), [vec!["a", "d"], vec!["b", "c", "e"]]);
        let text = text(&parameters, 120);
        assert!(text.contains("fix only a combination of `a` and `d`\n"), "{text}");
        assert!(text.ends_with("fix only combinations of `b`, `c` and `e`"), "{text}");
    }
}
