//! Quantities as people write them: a number and its unit, `"300 ms"`. Text in, base unit out; what
//! is refused says what would be right. Knows nothing of files.

use sim::time::SimDuration;

/// Longest duration that is accepted: 100 years of 365.25 days.
const LONGEST_SECONDS: f64 = 100.0 * 365.25 * 86_400.0;

/// Highest rate that is accepted, per second.
const HIGHEST_RATE: f64 = 1e7;

/// Largest message that is accepted: 1 GiB.
const LARGEST_KIB: f64 = 1024.0 * 1024.0;

/// Largest memory that is accepted: 1 TiB.
const LARGEST_MEMORY_KIB: f64 = 1024.0 * LARGEST_KIB;

/// Highest price of a node that is accepted, per hour.
const HIGHEST_PRICE: f64 = 1e6;

/// Why a text is not the quantity that is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// What is wrong.
    pub(crate) what: String,
    /// What would be right.
    pub(crate) help: String,
}

/// A kind of quantity: its units, each with its worth in the base unit.
pub(crate) struct Kind {
    noun: &'static str,
    example: &'static str,
    units: &'static [(&'static str, f64)],
    /// The unit that is proposed where none is written.
    likely: &'static str,
    largest: f64,
    largest_text: &'static str,
}

/// Durations, in seconds.
pub(crate) const DURATION: Kind = Kind {
    noun: "a duration",
    example: "300 ms",
    units: &[
        ("ns", 1e-9),
        ("us", 1e-6),
        ("µs", 1e-6),
        ("μs", 1e-6),
        ("ms", 1e-3),
        ("s", 1.0),
        ("min", 60.0),
        ("h", 3600.0),
        ("d", 86_400.0),
    ],
    likely: "ms",
    largest: LONGEST_SECONDS,
    largest_text: "100 years",
};

/// Rates, per second.
pub(crate) const RATE: Kind = Kind {
    noun: "a rate",
    example: "900 /s",
    units: &[("/s", 1.0), ("/min", 1.0 / 60.0), ("/h", 1.0 / 3600.0)],
    likely: "/s",
    largest: HIGHEST_RATE,
    largest_text: "10000000 /s",
};

/// Sizes, in KiB.
pub(crate) const SIZE: Kind = Kind {
    noun: "a size",
    example: "10 KiB",
    units: &[("B", 1.0 / 1024.0), ("KiB", 1.0), ("MiB", 1024.0), ("GiB", 1024.0 * 1024.0)],
    likely: "KiB",
    largest: LARGEST_KIB,
    largest_text: "1 GiB",
};

/// Amounts of memory, in KiB.
pub(crate) const MEMORY: Kind = Kind {
    noun: "an amount of memory",
    example: "2 GiB",
    units: SIZE.units,
    likely: "MiB",
    largest: LARGEST_MEMORY_KIB,
    largest_text: "1024 GiB",
};

/// Shares, as fractions of 1.
pub(crate) const SHARE: Kind = Kind {
    noun: "a share",
    example: "99.95 %",
    units: &[("%", 0.01)],
    likely: "%",
    largest: 1.0,
    largest_text: "100 %",
};

/// Prices, per hour.
pub(crate) const PRICE: Kind = Kind {
    noun: "a price",
    example: "0.17 /h",
    units: &[("/h", 1.0)],
    likely: "/h",
    largest: HIGHEST_PRICE,
    largest_text: "1000000 /h",
};

/// A duration as scenario files write it, `"500 ms"`.
///
/// # Errors
///
/// What is wrong, and what would be right.
pub fn duration(text: &str) -> Result<SimDuration, String> {
    DURATION.parse(text).map(SimDuration::from_seconds).map_err(|wrong| wrong.sentence())
}

/// The size of a message as scenario files write it, `"10 KiB"`, in KiB.
///
/// # Errors
///
/// As [`duration`].
pub fn size_kib(text: &str) -> Result<f64, String> {
    SIZE.parse(text).map_err(|wrong| wrong.sentence())
}

/// An amount of memory as scenario files write it, `"2 GiB"`, in KiB.
///
/// # Errors
///
/// As [`duration`].
pub fn memory_kib(text: &str) -> Result<f64, String> {
    MEMORY.parse(text).map_err(|wrong| wrong.sentence())
}

impl Wrong {
    fn sentence(&self) -> String {
        format!("{}; {}", self.what, self.help)
    }
}

impl Kind {
    /// The quantity in the base unit.
    pub(crate) fn parse(&self, text: &str) -> Result<f64, Wrong> {
        let (digits, unit) = split(text.trim());
        let number = match digits.replace('_', "").parse::<f64>() {
            Ok(number) if number.is_finite() => number,
            _ => return Err(self.wrong(text)),
        };
        if unit.is_empty() {
            return Err(self.without_unit(text.trim(), number));
        }
        let Some((_, worth)) = self.units.iter().find(|(name, _)| *name == unit) else {
            return Err(self.wrong_unit(text, digits, unit));
        };
        self.within_limits(text, number, number * worth)
    }

    /// The largest that is accepted, in the base unit.
    pub(crate) fn largest(&self) -> f64 {
        self.largest
    }

    /// What is said of a number that was written without its unit.
    pub(crate) fn without_unit(&self, written: &str, number: f64) -> Wrong {
        let what = format!("`{}` is not {}", shown(written), self.noun);
        let percent = self.likely == "%" && (0.0..=1.0).contains(&number);
        let right = if number.is_nan() || number < 0.0 || number.is_infinite() {
            self.example.to_owned()
        } else if percent {
            // A plain fraction: 0.001 is 0.1 %; rounded so that binary fractions do not show.
            format!("{} %", (number * 1e12).round() / 1e10)
        } else {
            format!("{} {}", shown(written), self.likely)
        };
        Wrong { what, help: format!("write it as \"{right}\"") }
    }

    /// What is said of something that is no text at all.
    pub(crate) fn wrong(&self, written: &str) -> Wrong {
        Wrong {
            what: format!("`{}` is not {}", shown(written), self.noun),
            help: format!(
                "write a number and a unit ({}), like \"{}\"",
                self.names(),
                self.example
            ),
        }
    }

    fn wrong_unit(&self, text: &str, digits: &str, unit: &str) -> Wrong {
        let same_but_case = self.units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        match same_but_case {
            Some((name, _)) => Wrong {
                what: format!("`{}` is not {}", shown(text), self.noun),
                help: format!("write it as \"{digits} {name}\""),
            },
            None => self.wrong(text),
        }
    }

    fn within_limits(&self, text: &str, number: f64, value: f64) -> Result<f64, Wrong> {
        if number < 0.0 {
            let what = format!("`{}` is negative", shown(text));
            let help = format!("{} is 0 or above, like \"{}\"", self.noun, self.example);
            Err(Wrong { what, help })
        } else if value > self.largest * (1.0 + 1e-12) {
            let what = format!("`{}` is too large", shown(text));
            Err(Wrong { what, help: format!("{} is at most {}", self.noun, self.largest_text) })
        } else {
            Ok(value)
        }
    }

    fn names(&self) -> String {
        let names: Vec<_> =
            self.units.iter().map(|(name, _)| *name).filter(|name| name.is_ascii()).collect();
        names.join(", ")
    }
}

/// At most 60 characters of what was written, on one line.
pub(crate) fn shown(text: &str) -> String {
    let mut line: String =
        text.chars().take(60).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(60).is_some() {
        line.push('…');
    }
    line
}

/// The number at the start, and the rest.
fn split(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while end < bytes.len() {
        let exponent = matches!(bytes[end], b'e' | b'E')
            && bytes.get(end + 1).is_some_and(|next| matches!(next, b'0'..=b'9' | b'+' | b'-'));
        if !exponent && !matches!(bytes[end], b'0'..=b'9' | b'.' | b'+' | b'-' | b'_') {
            break;
        }
        end += 1;
    }
    (&text[..end], text[end..].trim_start())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_come_in_their_base_unit() {
        let cases = [
            (&DURATION, "0.5 us", 5e-7),
            (&DURATION, "10min", 600.0),
            (&DURATION, " 1e3 ms ", 1.0),
            (&DURATION, "30 d", 2_592_000.0),
            (&RATE, "120 /min", 2.0),
            (&RATE, "1_000 /s", 1000.0),
            (&SIZE, "512 B", 0.5),
            (&SIZE, "1 MiB", 1024.0),
            (&SHARE, "99.95 %", 0.9995),
            (&PRICE, "0.17 /h", 0.17),
        ];
        for (kind, text, expected) in cases {
            let value = kind.parse(text).expect(text);
            assert!((value - expected).abs() <= 1e-12 * expected, "{text}: {value}");
        }
    }

    #[test]
    fn what_is_refused_says_what_would_be_right() {
        let cases = [
            (&RATE, "1500", "`1500` is not a rate", "write it as \"1500 /s\""),
            (&SHARE, "0.001", "is not a share", "write it as \"0.1 %\""),
            (&DURATION, "-3 ms", "is negative", "0 or above"),
            (&DURATION, "nan ms", "is not a duration", "like \"300 ms\""),
            (&DURATION, "inf", "is not a duration", "like \"300 ms\""),
            (&DURATION, "1e999 s", "is not a duration", "like \"300 ms\""),
            (&DURATION, "3 MS", "is not a duration", "write it as \"3 ms\""),
            (&DURATION, "101e9 s", "too large", "100 years"),
            (&DURATION, "", "is not a duration", "like \"300 ms\""),
            (&DURATION, "1 2 ms", "is not a duration", "like \"300 ms\""),
            (&RATE, "300 ms", "is not a rate", "/s, /min, /h"),
            (&SIZE, "10 kb", "is not a size", "KiB"),
            (&SHARE, "101 %", "too large", "100 %"),
        ];
        for (kind, text, what, help) in cases {
            let wrong = kind.parse(text).expect_err(text);
            assert!(wrong.what.contains(what) && wrong.help.contains(help), "{text}: {wrong:?}");
        }
    }
}
