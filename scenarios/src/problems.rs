//! Everything that is wrong with a scenario file, at once, and how it is shown.

use std::cell::RefCell;
use std::fmt;

use ariadne::{Color, Config, IndexType, Label, Report, ReportKind};

use crate::document::Place;
use crate::quantity::Wrong;

/// More than this many reports nobody reads.
const MOST_SHOWN: usize = 50;

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
    /// be right.
    pub fn render(&self, color: bool) -> String {
        let shown = self.problems.iter().take(MOST_SHOWN);
        let more = self.problems.len().saturating_sub(MOST_SHOWN);
        let more = (more > 0).then(|| format!("… and {more} more problems\n"));
        shown.map(|problem| self.report(problem, color)).chain(more).collect()
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
        let before = &source.text[..place.start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        format!("{}:{line}:{column}: {}{help}", source.name, problem.what)
    }
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
    warnings: RefCell<Vec<String>>,
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

    /// Notes something that is right but surprising.
    pub(crate) fn warn(&self, warning: String) {
        let mut warnings = self.warnings.borrow_mut();
        if !warnings.contains(&warning) {
            warnings.push(warning);
        }
    }

    /// Whether nothing is wrong so far.
    pub(crate) fn is_clean(&self) -> bool {
        self.problems.borrow().is_empty()
    }

    /// The warnings, or all problems in the order of the file.
    pub(crate) fn finish(self) -> Result<Vec<String>, Problems> {
        let mut problems = self.problems.into_inner();
        if problems.is_empty() {
            return Ok(self.warnings.into_inner());
        }
        problems.sort_by_key(|problem| problem.place);
        Err(Problems { sources: self.sources.into_inner(), problems })
    }
}
