//! Everything that is wrong with a scenario file, at once, and how it is shown.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind};

use crate::document::Place;
use crate::quantity::Wrong;

/// More than this many reports nobody reads.
const MOST_SHOWN: usize = 50;

/// So many of a kind are shown one by one; the rest are counted.
const MOST_ALIKE: usize = 3;
/// So many of those that are only counted are named with their lines.
const MOST_NAMED: usize = 20;
/// Cases that a warning names.
const MOST_CASES: usize = 5;

/// So many lines of advice are shown.
const MOST_ADVICE: usize = 10;
/// So many of the others that an advice holds for are named.
const MOST_ALSO: usize = 3;

/// More than this many are not kept, so that a broken file of a million lines costs no memory.
const MOST_KEPT: usize = 1000;
/// Bytes of the longest line that is shown with a caret.
const LONGEST_LINE: usize = 400;

/// Everything that is wrong with one scenario file.
#[derive(Clone, Debug)]
pub struct Problems {
    sources: Vec<Source>,
    problems: Vec<Problem>,
}

/// A text in which problems can be: the scenario file, an override, a shipped profile.
#[derive(Clone, Debug)]
struct Source {
    name: String,
    text: String,
}

impl Source {
    /// `file:line:column` of a byte of its text.
    fn position(&self, byte: usize) -> String {
        let before = &self.text[..whole_characters(&self.text, byte)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        format!("{}:{line}:{column}", self.name)
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Problem {
    /// Where; none: the file as a whole.
    place: Option<Place>,
    /// What is wrong.
    what: String,
    /// What would be right; may be empty.
    help: String,
}

impl Problems {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.problems.len()
    }

    /// A report of each: file, line and column, the line with a caret, what is wrong and what would
    /// be right. Of many that differ only in a name, the first ones, and one line for the rest.
    pub fn render(&self, color: bool) -> String {
        let groups = self.groups();
        let more = groups.iter().skip(MOST_SHOWN).map(Vec::len).sum::<usize>();
        let more = (more > 0).then(|| format!("… and {more} more problems\n"));
        groups
            .iter()
            .take(MOST_SHOWN)
            .map(|group| self.render_group(group, color))
            .chain(more)
            .collect()
    }

    /// The problems that differ only in a name or a number, together, in the order of the first.
    fn groups(&self) -> Vec<Vec<&Problem>> {
        let mut groups: Vec<Vec<&Problem>> = Vec::new();
        let mut known = BTreeMap::new();
        for problem in &self.problems {
            let index = *known.entry((kind(&problem.what), &problem.help)).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[index].push(problem);
        }
        groups
    }

    fn render_group(&self, group: &[&Problem], color: bool) -> String {
        let (shown, rest) = match group.len() {
            0..=MOST_ALIKE => (group, &[][..]),
            _ => group.split_at(MOST_ALIKE - 1),
        };
        let rest = (!rest.is_empty()).then(|| {
            let named = rest.iter().take(MOST_NAMED).map(|each| self.place(group[0], each));
            let named = named.collect::<Vec<_>>().join(", ");
            let more = match rest.len().saturating_sub(MOST_NAMED) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let name = self.located(rest[0]).map_or("", |(source, _)| source.name.as_str());
            format!("Error: {} more like this in {name}: {named}{more}\n", rest.len())
        });
        shown.iter().map(|problem| self.report(problem, color)).chain(rest).collect()
    }

    /// `line 12 (`orders`)`: where a problem is and how it differs from the first of its kind.
    fn place(&self, first: &Problem, problem: &Problem) -> String {
        let names = |problem: &Problem| -> Vec<String> {
            problem.what.split('`').skip(1).step_by(2).map(str::to_owned).collect()
        };
        let different: Vec<_> = names(problem)
            .into_iter()
            .zip(names(first))
            .filter(|(name, other)| name != other)
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        let line = self
            .located(problem)
            .map_or(0, |(source, place)| source.text[..place.start].matches('\n').count() + 1);
        if different.is_empty() {
            format!("line {line}")
        } else {
            format!("line {line} ({})", different.join(", "))
        }
    }

    /// The problems of a file that could not be read at all.
    pub(crate) fn of_file(name: &str, what: String, help: &str) -> Self {
        let sources = vec![Source { name: name.to_owned(), text: String::new() }];
        Self { sources, problems: vec![Problem { place: None, what, help: help.to_owned() }] }
    }

    fn report(&self, problem: &Problem, color: bool) -> String {
        let Some((source, place)) = self.located(problem).filter(has_legible_line) else {
            return format!("Error: {}\n", self.line(problem));
        };
        let span = (source.name.clone(), place.start..place.end);
        let config = Config::default().with_color(color).with_index_type(IndexType::Byte);
        let label = Label::new(span.clone()).with_color(Color::Red);
        let mut report = Report::build(ReportKind::Error, span)
            .with_config(config)
            .with_message(&problem.what)
            .with_label(label.with_message("here"));
        if !problem.help.is_empty() {
            report.set_help(&problem.help);
        }
        let mut out = Vec::new();
        let cache = ariadne::sources([(source.name.clone(), source.text.as_str())]);
        match report.finish().write(cache, &mut out) {
            Ok(()) => {
                let report = String::from_utf8_lossy(&out);
                report.lines().flat_map(|line| [line.trim_end(), "\n"]).collect()
            }
            Err(_) => format!("Error: {}\n", self.line(problem)),
        }
    }

    /// The source of a problem, and its place cut to one line and to whole characters.
    fn located(&self, problem: &Problem) -> Option<(&Source, Place)> {
        let place = problem.place?;
        let source = self.sources.get(place.source)?;
        let text = source.text.as_str();
        let start = whole_characters(text, place.start);
        let end = whole_characters(text, place.end).max(start);
        let line = text[start..end].find(['\n', '\r']).map_or(end, |length| start + length);
        Some((source, Place { source: place.source, start, end: line }))
    }

    /// One line: `file:line:column: what; help`.
    fn line(&self, problem: &Problem) -> String {
        let help = Some(&problem.help).filter(|help| !help.is_empty());
        let help = help.map_or(String::new(), |help| format!("; {help}"));
        let Some((source, place)) = self.located(problem) else {
            let name = self.sources.first().map_or("", |source| &source.name);
            return format!("{name}: {}{help}", problem.what);
        };
        format!("{}: {}{help}", source.position(place.start), problem.what)
    }
}

/// What is wrong without the names, which stand between backticks, and without numbers.
fn kind(what: &str) -> String {
    let plain = what.split('`').step_by(2).collect::<Vec<_>>().join("`");
    plain.chars().filter(|letter| !letter.is_ascii_digit()).collect()
}

/// Whether the line of a problem can be shown whole: it is not endless, nor full of what no terminal
/// prints.
fn has_legible_line((source, place): &(&Source, Place)) -> bool {
    let before = source.text[..place.start].rsplit('\n').next().unwrap_or("");
    let after = source.text[place.start..].split('\n').next().unwrap_or("");
    let is_garbage = |c: char| c.is_control() && c != '\t' && c != '\r';
    before.len() + after.len() <= LONGEST_LINE
        && !(before.contains(is_garbage) || after.contains(is_garbage))
}

/// The nearest byte, not after `byte`, at which a character of the text begins.
pub(crate) fn whole_characters(text: &str, byte: usize) -> usize {
    let last = byte.min(text.len());
    (0..=last).rev().find(|byte| text.is_char_boundary(*byte)).unwrap_or(0)
}

impl fmt::Display for Problems {
    /// A line of each: `file:line:column: what; help`.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            let end = if index + 1 < self.problems.len() { "\n" } else { "" };
            write!(formatter, "{}{end}", self.line(problem))?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects problems and warnings while a file is read.
#[derive(Debug, Default)]
pub(crate) struct Log {
    sources: RefCell<Vec<Source>>,
    problems: RefCell<Vec<Problem>>,
    warnings: RefCell<Vec<Warning>>,
    advice: RefCell<Vec<Advice>>,
}

/// What is right and would be better otherwise.
#[derive(Clone, Debug)]
pub(crate) struct Advice {
    /// What would have to change: advice about the same is told once, the most urgent of it.
    pub(crate) about: String,
    /// Whom it is given.
    pub(crate) whom: String,
    /// The lower, the more urgent.
    pub(crate) reserve: f64,
    /// Where.
    pub(crate) place: Place,
    /// What is wrong with it.
    pub(crate) what: String,
    /// What would be better.
    pub(crate) help: String,
}

/// Something that is right but surprising, and the cases of it.
#[derive(Debug)]
struct Warning {
    what: String,
    cases: Vec<String>,
}

impl Warning {
    /// One line, whatever the number of cases.
    fn line(&self) -> String {
        let named = self.cases.iter().take(MOST_CASES).map(String::as_str).collect::<Vec<_>>();
        match self.cases.len() - named.len() {
            0 => format!("{}: {}", self.what, named.join(", ")),
            more => format!("{}: {} and {more} more", self.what, named.join(", ")),
        }
    }
}

impl Log {
    /// Adds a text in which problems can be; returns its index.
    pub(crate) fn add_source(&self, name: &str, text: &str) -> usize {
        let mut sources = self.sources.borrow_mut();
        // A shipped file may be read more than once.
        let known = sources.iter().position(|source| source.name == name && source.text == text);
        known.unwrap_or_else(|| {
            sources.push(Source { name: name.to_owned(), text: text.to_owned() });
            sources.len() - 1
        })
    }

    /// Notes a problem.
    pub(crate) fn problem(&self, place: Place, what: impl Into<String>, help: impl Into<String>) {
        let problem = Problem { place: Some(place), what: what.into(), help: help.into() };
        let mut problems = self.problems.borrow_mut();
        // A shared profile or pattern is read for several clusters.
        if problems.len() < MOST_KEPT && !problems.contains(&problem) {
            problems.push(problem);
        }
    }

    /// Notes a quantity that is none.
    pub(crate) fn wrong(&self, place: Place, wrong: Wrong) {
        self.problem(place, wrong.what, wrong.help);
    }

    /// Notes a case of something that is right but surprising. Cases of the same are told together.
    pub(crate) fn warn(&self, what: impl Into<String>, case: impl Into<String>) {
        let (what, case) = (what.into(), case.into());
        let mut warnings = self.warnings.borrow_mut();
        match warnings.iter_mut().find(|warning| warning.what == what) {
            Some(known) if known.cases.contains(&case) => {}
            Some(known) => known.cases.push(case),
            None => warnings.push(Warning { what, cases: vec![case] }),
        }
    }

    /// Notes what is right and would be better otherwise.
    pub(crate) fn advise(&self, advice: Advice) {
        self.advice.borrow_mut().push(advice);
    }

    /// All that would be better otherwise, in a few lines.
    pub(crate) fn advice(&self) -> Vec<String> {
        let advice = self.advice.borrow();
        let mut groups: Vec<Vec<&Advice>> = Vec::new();
        for each in advice.iter() {
            match groups.iter_mut().find(|group| group[0].about == each.about) {
                Some(group) => group.push(each),
                None => groups.push(vec![each]),
            }
        }
        let lines = groups.iter().filter_map(|group| self.advised(group));
        let mut lines: Vec<String> = lines.collect();
        let more = lines.len().saturating_sub(MOST_ADVICE);
        lines.truncate(MOST_ADVICE);
        if more > 0 {
            lines.push(format!("{more} more like this"));
        }
        lines
    }

    /// The most urgent advice about one thing, and whom else it is for.
    fn advised(&self, group: &[&Advice]) -> Option<String> {
        let most = group.iter().min_by(|a, b| a.reserve.total_cmp(&b.reserve))?;
        let sources = self.sources.borrow();
        let position = sources.get(most.place.source).map(|of| of.position(most.place.start));
        let others: Vec<&str> = group
            .iter()
            .map(|other| other.whom.as_str())
            .filter(|whom| *whom != most.whom)
            .collect();
        let (named, rest) = others.split_at(others.len().min(MOST_ALSO));
        let also = match (named, rest.len()) {
            ([], _) => String::new(),
            (named, 0) => format!("; the same of {}", named.join(", ")),
            (named, more) => format!("; the same of {} and {more} more", named.join(", ")),
        };
        let Advice { what, help, .. } = most;
        Some(format!("{}: {what}; {help}{also}", position.unwrap_or_default()))
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// The warnings, or all problems in the order of the file.
    pub(crate) fn finish(self) -> Result<Vec<String>, Problems> {
        let mut problems = self.problems.into_inner();
        if problems.is_empty() {
            return Ok(self.warnings.into_inner().iter().map(Warning::line).collect());
        }
        problems.sort_by_key(|problem| problem.place);
        Err(Problems { sources: self.sources.into_inner(), problems })
    }
}
