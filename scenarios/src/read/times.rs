//! The times of a schedule or a trace: the column that holds them, what they count from, and where
//! among them the window begins.

use sim::scenario::RunSettings;
use sim::time::SimDuration;

use crate::quantity::{DURATION, shown, time_of_day};
use crate::read::csv::{Table, unit_of};

/// Seconds of a day.
pub(crate) const DAY: f64 = 86_400.0;
/// Larger numbers of seconds are no times of a window, but count from 1970.
const FIRST_EPOCH: f64 = 1e9;
/// Later times than this, in nanoseconds since 1970, are none.
const LAST_EPOCH: f64 = 1e19;

/// The times of a file, ascending.
pub(crate) struct Times {
    /// Seconds since what they count from.
    pub(crate) seconds: Vec<f64>,
    notation: Notation,
    /// The first, as it is written.
    first: String,
}

/// How times are written, and what they count from.
#[derive(Clone, Copy)]
enum Notation {
    /// A number in a unit of so many seconds, from the start of the window; from midnight where the
    /// scenario says at which time of day the window begins.
    Span(f64),
    /// A time of day.
    Clock,
    /// A number in a unit of so many seconds, from 1 January 1970, 00:00 UTC.
    Epoch(f64),
}

/// Reads the column of times: `time_s`, or another unit; `time` or `timestamp`, where the values show
/// what they are.
pub(crate) fn read(table: &Table<'_>, may_be_equal: bool) -> Option<Times> {
    let column = column(table)?;
    let header = table.header(column);
    let (line, first) = table.first(column)?;
    let notation = notation(table, header, line, &first)?;
    let (mut previous, mut written): (Option<f64>, String) = (None, String::new());
    let seconds = table.values(column, |line, text| {
        let mut seconds = notation.seconds(table, line, text)?;
        if let Some(earlier) = previous {
            // A file of times of day may go on after midnight.
            while matches!(notation, Notation::Clock) && seconds + DAY / 2.0 < earlier {
                seconds += DAY;
            }
            if seconds < earlier || (seconds <= earlier && !may_be_equal) {
                let what = format!("{} does not come after {}", shown(text), shown(&written));
                return table.problem(Some(line), &what, &format!("sort the rows by `{header}`"));
            }
        }
        previous = Some(seconds);
        text.clone_into(&mut written);
        Some(seconds)
    })?;
    Some(Times { seconds, notation, first })
}

fn column(table: &Table<'_>) -> Option<usize> {
    let is_time = |header: &str| {
        let unit = header.strip_prefix("time_").and_then(unit_of);
        unit.is_some() || header == "time" || header == "timestamp"
    };
    let found = (0..table.columns()).find(|column| is_time(table.header(*column)));
    found.or_else(|| table.needed("time_s", "seconds"))
}

/// How the first value is written; the others follow it.
fn notation(table: &Table<'_>, header: &str, line: u64, first: &str) -> Option<Notation> {
    if time_of_day(first).is_some() {
        return Some(Notation::Clock);
    }
    let number = first.parse::<f64>().ok().filter(|number| number.is_finite());
    match (number, header.strip_prefix("time_").and_then(unit_of)) {
        (Some(number), unit) if (FIRST_EPOCH..LAST_EPOCH).contains(&number) => {
            let in_seconds = number * unit.unwrap_or(1.0);
            // Milliseconds and so on tell themselves by their size.
            let by_size = [1.0, 1e-3, 1e-6, 1e-9].into_iter().find(|unit| number * unit < 1e11);
            match unit {
                Some(unit) if unit < 1.0 && in_seconds < FIRST_EPOCH => Some(Notation::Span(unit)),
                _ => Some(Notation::Epoch(by_size.unwrap_or(1e-9))),
            }
        }
        (_, Some(unit)) => Some(Notation::Span(unit)),
        (Some(_), None) => {
            let what = format!("`{}` in the column `{}` has no unit", shown(first), shown(header));
            let help =
                "call the column `time_s` where it holds seconds; times of day are written 09:30";
            table.problem(Some(line), &what, help)
        }
        (None, None) => {
            let what = format!("`{}` is not a time", shown(first));
            let help = "write a time of day, like 09:30, or seconds in a column `time_s`";
            table.problem(Some(line), &what, help)
        }
    }
}

impl Notation {
    fn seconds(self, table: &Table<'_>, line: u64, text: &str) -> Option<f64> {
        match self {
            Self::Span(unit) => {
                table.number(line, text, DURATION.largest() / unit).map(|number| number * unit)
            }
            Self::Epoch(unit) => table.number(line, text, LAST_EPOCH).map(|number| number * unit),
            Self::Clock => time_of_day(text).or_else(|| {
                let what = format!("`{}` is not a time of day", shown(text));
                table.problem(Some(line), &what, "write it like 09:30, as in the first row")
            }),
        }
    }
}

impl Times {
    /// Where the window begins, in their seconds; notes where nothing says so.
    pub(crate) fn start(&self, table: &Table<'_>, run: &RunSettings) -> Option<f64> {
        let begins = run.begins.map(SimDuration::as_seconds);
        let first = self.seconds.first().copied().unwrap_or(0.0);
        match (self.notation, begins) {
            (Notation::Epoch(_), Some(begins)) => Some((first / DAY).floor() * DAY + begins),
            (Notation::Epoch(_), None) => {
                let what =
                    "times since 1970 are counted from the first, with which the window begins";
                table.warn(what, format!("{} ({})", table.name(), utc(first)));
                Some(first)
            }
            (_, Some(begins)) => Some(begins),
            (Notation::Span(_), None) => Some(0.0),
            (Notation::Clock, None) => {
                let help = format!(
                    "add run.from = \"{}\", or whatever time of day the window begins at",
                    shown(&self.first)
                );
                table.problem(None, "its times are times of day", &help)
            }
        }
    }

    /// Midnight before the first of them, in their seconds.
    pub(crate) fn midnight(&self) -> f64 {
        match self.notation {
            Notation::Epoch(_) => {
                (self.seconds.first().copied().unwrap_or(0.0) / DAY).floor() * DAY
            }
            Notation::Span(_) | Notation::Clock => 0.0,
        }
    }
}

/// `2023-11-14 22:13:20 UTC` (Hinnant, chrono-compatible low-level date algorithms, `civil_from_days`).
fn utc(seconds: f64) -> String {
    let (days, of_day) = ((seconds / DAY).floor() as i64, (seconds % DAY) as i64);
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

#[cfg(test)]
mod tests {
    use super::utc;

    #[test]
    fn seconds_since_1970_are_shown_as_a_date() {
        // As `date -u -d @SECONDS` says.
        for (seconds, date) in [
            (0.0, "1970-01-01 00:00:00 UTC"),
            (951_782_400.0, "2000-02-29 00:00:00 UTC"),
            (1_677_628_800.0, "2023-03-01 00:00:00 UTC"),
            (1_700_000_000.5, "2023-11-14 22:13:20 UTC"),
            (1_709_251_199.0, "2024-02-29 23:59:59 UTC"),
            (4_102_444_799.0, "2099-12-31 23:59:59 UTC"),
            (4_107_499_200.0, "2100-02-28 12:00:00 UTC"),
            (4_107_542_400.0, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(seconds), date);
        }
    }
}
