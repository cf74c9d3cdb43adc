//! Progress on stderr while replications run; silent where stderr is not a terminal.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use indicatif::{ProgressBar, ProgressStyle};
use sim::experiment::Progress;

/// A bar of completed replications, with the rate of events and the time left.
pub(crate) struct Bar {
    line: ProgressBar,
    events: AtomicU64,
    started: Instant,
}

impl Bar {
    pub(crate) fn new(name: &str) -> Self {
        let line = ProgressBar::new(0);
        let template = "{prefix} {bar:30} {pos}/{len} runs, {msg}, {eta} left";
        if let Ok(style) = ProgressStyle::with_template(template) {
            line.set_style(style);
        }
        line.set_prefix(name.to_owned());
        line.set_message("starting");
        line.enable_steady_tick(std::time::Duration::from_millis(200));
        Self { line, events: AtomicU64::new(0), started: Instant::now() }
    }

    pub(crate) fn finish(&self) {
        self.line.finish_and_clear();
    }
}

impl Progress for Bar {
    fn planned(&self, runs: u64) {
        self.line.set_length(runs);
    }

    fn completed(&self, events: u64) {
        let events = self.events.fetch_add(events, Ordering::Relaxed) + events;
        let millions = events as f64 / self.started.elapsed().as_secs_f64() / 1e6;
        self.line.set_message(format!("{millions:.1} M events/s"));
        self.line.inc(1);
    }
}
