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
pub(crate) const HIGHEST_PRICE: f64 = 1e6;

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

/// Sizes of messages, in KiB; decimal units too, as load generators and network people use them.
pub(crate) const SIZE: Kind = Kind {
    noun: "a size",
    example: "10 KiB",
    units: &[
        ("B", 1.0 / 1024.0),
        ("KiB", 1.0),
        ("MiB", 1024.0),
        ("GiB", 1024.0 * 1024.0),
        ("kB", 1e3 / 1024.0),
        ("MB", 1e6 / 1024.0),
        ("GB", 1e9 / 1024.0),
    ],
    likely: "KiB",
    largest: LARGEST_KIB,
    largest_text: "1 GiB",
};

/// Amounts of memory, in KiB: binary units alone, as the JVM counts (`-Xmx2g` is 2 GiB).
pub(crate) const MEMORY: Kind = Kind {
    noun: "an amount of memory",
    example: "2 GiB",
    units: &[("B", 1.0 / 1024.0), ("KiB", 1.0), ("MiB", 1024.0), ("GiB", 1024.0 * 1024.0)],
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

/// A share as scenario files write it, `"5 %"`, as a fraction of 1.
///
/// # Errors
///
/// As [`duration`].
pub fn share(text: &str) -> Result<f64, String> {
    SHARE.parse(text).map_err(|wrong| wrong.sentence())
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
        self.within_limits(text, number, times(number, *worth))
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
            // `KB` is 1000 bytes to some and 1024 to others, so it is not guessed.
            Some((name, _)) if name.ends_with('B') && !name.contains('i') && *name != "B" => {
                self.ambiguous(text, digits, name)
            }
            None if ["kb", "mb", "gb"].contains(&unit.to_lowercase().as_str())
                && self.units.iter().any(|(name, _)| *name == "KiB") =>
            {
                let binary = format!("{}iB", unit[..1].to_uppercase());
                Wrong {
                    what: format!("`{}` is not {}", shown(text), self.noun),
                    help: format!("write it as \"{digits} {binary}\", of 1024s, as the JVM counts"),
                }
            }
            Some((name, _)) => Wrong {
                what: format!("`{}` is not {}", shown(text), self.noun),
                help: format!("write it as \"{digits} {name}\""),
            },
            None => self.wrong(text),
        }
    }

    /// What is said of a unit that some take for 1000 and some for 1024.
    fn ambiguous(&self, text: &str, digits: &str, decimal: &str) -> Wrong {
        let binary = format!("{}iB", decimal[..1].to_uppercase());
        Wrong {
            what: format!("`{}` is not {}", shown(text), self.noun),
            help: format!(
                "write \"{digits} {decimal}\" where it means 1000s of bytes, \"{digits} {binary}\" where it \
                 means 1024s"
            ),
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

/// So many of a unit in the base unit. A whole part of the base unit divides, so that 95 % is 0.95 to the
/// last digit, as a default that is not written.
fn times(number: f64, worth: f64) -> f64 {
    let parts = (1.0 / worth).round();
    let is_part = parts > 1.0 && (parts * worth - 1.0).abs() < 1e-12;
    if is_part { number / parts } else { number * worth }
}

/// Longer than any name, so that a name is never cut.
const LONGEST_SHOWN: usize = 160;

/// What was written, on one line; without its end where it is endless.
pub(crate) fn shown(text: &str) -> String {
    let mut line: String =
        text.chars().take(LONGEST_SHOWN).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() {
        line.push('…');
    }
    line
}

/// A time of day as `hh:mm`, `hh:mm:ss` or with a fraction, up to `24:00`; in seconds since midnight.
pub(crate) fn time_of_day(text: &str) -> Option<f64> {
    let digits = |part: &str, most: u32| {
        let good = (1..=2).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        part.parse::<u32>().ok().filter(|number| good && *number <= most)
    };
    let mut parts = text.trim().split(':');
    let (hours, minutes) = (digits(parts.next()?, 24)?, digits(parts.next()?, 59)?);
    let seconds = parts.next().map_or(Some(0.0), |part| {
        let (whole, fraction) = part.split_once('.').unwrap_or((part, "0"));
        let is_fraction =
            !fraction.is_empty() && fraction.bytes().all(|byte| byte.is_ascii_digit());
        digits(whole, 59)?;
        part.parse::<f64>().ok().filter(|_| is_fraction)
    })?;
    let of_day = f64::from(hours * 3600 + minutes * 60) + seconds;
    (parts.next().is_none() && of_day <= 86_400.0).then_some(of_day)
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
            (&SIZE, "10 kB", 10_000.0 / 1024.0),
            (&SIZE, "1.024 MB", 1000.0),
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
            (&SIZE, "10 kib", "is not a size", "write it as \"10 KiB\""),
            (
                &SIZE,
                "10 KB",
                "is not a size",
                "\"10 kB\" where it means 1000s of bytes, \"10 KiB\"",
            ),
            (&SIZE, "10 kb", "is not a size", "\"10 KiB\" where it means 1024s"),
            (&MEMORY, "2 GB", "is not an amount of memory", "write it as \"2 GiB\""),
            (&DURATION, "3 kb", "is not a duration", "like \"300 ms\""),
            (&SHARE, "101 %", "too large", "100 %"),
        ];
        for (kind, text, what, help) in cases {
            let wrong = kind.parse(text).expect_err(text);
            assert!(wrong.what.contains(what) && wrong.help.contains(help), "{text}: {wrong:?}");
        }
    }

    #[test]
    fn parts_are_exact_to_the_last_digit() {
        for (kind, text, expected) in [
            (&SHARE, "95 %", 0.95),
            (&SHARE, "0.1 %", 0.001),
            (&RATE, "30 /min", 0.5),
            (&SIZE, "1 kB", 1e3 / 1024.0),
        ] {
            assert_eq!(kind.parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn times_of_day_are_read_to_the_end_of_the_day() {
        for (text, seconds) in
            [("00:00", 0.0), ("9:30", 34_200.0), ("09:30:15.5", 34_215.5), ("24:00", 86_400.0)]
        {
            assert_eq!(time_of_day(text), Some(seconds), "{text}");
        }
        for text in
            ["", "9", "24:01", "09:60", "-1:00", "9:30:", "9:30:1.", "9:30:61", "1:2:3:4", "+9:30"]
        {
            assert_eq!(time_of_day(text), None, "{text}");
        }
    }

    #[test]
    fn a_name_is_never_cut() {
        let longest = "n".repeat(64);
        assert_eq!(shown(&longest), longest);
        assert_eq!(shown(&"x".repeat(1_000_000)).chars().count(), LONGEST_SHOWN + 1);
    }
}
