//! Progress on stderr while runs are simulated: a bar on a terminal, elsewhere a line now and then.

use std::io::{IsTerminal, stderr};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use sim::experiment::Progress;

use crate::output;

/// Where there is no terminal, nothing is said for so long.
const SILENT: Duration = Duration::from_secs(10);
/// And then not more often than this, nor than each tenth of the time gone.
const BETWEEN_LINES: Duration = Duration::from_secs(30);
/// Ticks of the bar.
const TICKS: u64 = 1000;

/// How far the runs have come, how fast, and how long it will take.
pub(crate) struct Bar {
    name: String,
    /// What is counted.
    noun: &'static str,
    /// What is drawn; none where stderr is no terminal.
    drawn: Option<ProgressBar>,
    started: Instant,
    state: Mutex<State>,
}

/// What has been told so far.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    runs: u64,
    complete: u64,
    /// Events simulated in the runs that are complete.
    events: u64,
    /// Events that are expected of all runs; 0 where nobody knows.
    expected: f64,
    /// Expected events that are done.
    advanced: f64,
    /// When the next line is due.
    next_line: Duration,
}

impl Bar {
    /// Of runs.
    pub(crate) fn new(name: &str) -> Self {
        Self::of(name, "runs")
    }

    /// Of whatever is counted.
    pub(crate) fn of(name: &str, noun: &'static str) -> Self {
        let drawn = stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(TICKS);
            if let Ok(style) = ProgressStyle::with_template("{prefix} {bar:30} {msg}") {
                bar.set_style(style);
            }
            bar.set_prefix(name.to_owned());
            bar.set_message("starting");
            bar.enable_steady_tick(Duration::from_millis(200));
            bar
        });
        let state = State { next_line: SILENT, ..State::default() };
        let (name, started) = (name.to_owned(), Instant::now());
        Self { name, noun, drawn, started, state: Mutex::new(state) }
    }

    pub(crate) fn finish(&self) {
        self.drawn.iter().for_each(ProgressBar::finish_and_clear);
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let Ok(mut state) = self.state.lock() else { return };
        change(&mut state);
        let elapsed = self.started.elapsed();
        if let Some(bar) = &self.drawn {
            bar.set_position((state.share() * TICKS as f64) as u64);
            bar.set_message(state.words(self.noun, elapsed));
        } else if elapsed >= state.next_line {
            state.next_line = elapsed + BETWEEN_LINES.max(elapsed / 10);
            output::note(&format!("{}: {}", self.name, state.words(self.noun, elapsed)));
        }
    }
}

impl Progress for Bar {
    fn planned(&self, runs: u64) {
        self.update(|state| state.runs = runs);
    }

    fn expected(&self, events: f64) {
        self.update(|state| state.expected = events);
    }

    fn advanced(&self, events: f64) {
        self.update(|state| state.advanced += events);
    }

    fn completed(&self, events: u64) {
        self.update(|state| {
            state.complete += 1;
            state.events += events;
        });
    }
}

impl State {
    /// The share of the work that is done, 0..=1.
    fn share(&self) -> f64 {
        let share = if self.expected > 0.0 {
            self.advanced / self.expected
        } else {
            self.complete as f64 / self.runs.max(1) as f64
        };
        share.clamp(0.0, 1.0)
    }

    /// `37 % done, 3 of 10 runs complete, 12.1 million events a second, about 2 min left`.
    fn words(&self, noun: &str, elapsed: Duration) -> String {
        let share = self.share();
        let is_longer = self.complete > self.runs;
        let done = (!is_longer).then(|| format!("{:.0} % done", (share * 100.0).floor()));
        // A search that goes on for longer than was expected has no end that is known.
        let complete = if is_longer {
            format!("{} {noun} complete", self.complete)
        } else {
            format!("{} of {} {noun} complete", self.complete, self.runs)
        };
        let pace = (self.events > 0).then(|| {
            let pace = self.events as f64 / elapsed.as_secs_f64() / 1e6;
            format!("{pace:.1} million events a second")
        });
        let left = (share > 0.0 && !is_longer)
            .then(|| format!("{} left", about(elapsed.as_secs_f64() * (1.0 - share) / share)));
        [done, Some(complete), pace, left].into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// A span of time in one unit, as far as a guess goes: `about 2 min`.
pub(crate) fn about(seconds: f64) -> String {
    let (number, unit) = match seconds {
        s if s < 0.95 => return "less than a second".to_owned(),
        s if s < 90.0 => (s, "s"),
        s if s < 90.0 * 60.0 => (s / 60.0, "min"),
        s if s < 48.0 * 3600.0 => (s / 3600.0, "h"),
        s => (s / 86_400.0, "d"),
    };
    format!("about {number:.0} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_left_follows_the_work_and_not_the_number_of_runs() {
        // Five pilots of 1 event and one long run of 95, of which nothing is done yet.
        let state = State {
            runs: 6,
            complete: 5,
            events: 5,
            expected: 100.0,
            advanced: 5.0,
            ..State::default()
        };
        let words = state.words("runs", Duration::from_secs(10));
        assert!(words.starts_with("5 % done, 5 of 6 runs complete"), "{words}");
        assert!(words.ends_with("about 3 min left"), "{words}");
        let half = State { advanced: 50.0, ..state };
        assert!(half.words("runs", Duration::from_secs(100)).ends_with("about 2 min left"));
    }

    #[test]
    fn where_nobody_knows_the_work_runs_weigh_the_same() {
        let state = State { runs: 4, complete: 1, events: 7, ..State::default() };
        let words = state.words("runs", Duration::from_secs(20));
        assert!(words.starts_with("25 % done") && words.ends_with("about 60 s left"), "{words}");
    }

    #[test]
    fn a_search_that_takes_longer_than_expected_has_no_end_that_is_known() {
        let state = State { runs: 4, complete: 5, events: 7_000_000, ..State::default() };
        let words = state.words("runs", Duration::from_secs(7));
        assert_eq!(words, "5 runs complete, 1.0 million events a second");
    }

    #[test]
    fn a_guess_has_one_unit() {
        let texts = [0.5, 1.0, 89.0, 91.0, 7000.0, 200_000.0].map(about);
        let expected = [
            "less than a second",
            "about 1 s",
            "about 89 s",
            "about 2 min",
            "about 2 h",
            "about 2 d",
        ];
        assert_eq!(texts, expected);
    }
}
