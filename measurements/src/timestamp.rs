//! Instants as logs and results write them. Only differences matter, so a date crate would have nothing
//! to do: local time without a zone counts as universal time.

/// Months as JMeter and Log4j write them in English.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// What comes first in a date whose year comes last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DayOrder {
    /// 28/11/2023.
    DayFirst,
    /// 11/28/2023.
    MonthFirst,
}

/// A date and a time of day as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    date: Date,
    /// Since midnight, zone taken off.
    ms: i64,
    /// Digits of the fraction of a second; none where not even seconds are written.
    digits: Option<usize>,
}

/// Days since 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Date {
    Known(i64),
    /// Two numbers before the year: a day and a month, in whichever order that makes a date.
    Either {
        first: i64,
        second: i64,
        year: i64,
    },
}

impl Stamp {
    /// Reads `2023/11/14 22:13:20.000`, `2023-11-14T22:13:20,5+05:30`, `14 Nov 2023 22:13`,
    /// `11/14/23 10:13:20 PM`, `14.11.2023 22:13:20` and the like.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (date, time) = date(text.trim())?;
        let time = time.strip_prefix(['T', 't', ' ', ','])?.trim_start();
        let (ms, digits) = time_of_day(time)?;
        Some(Self { date, ms, digits })
    }

    /// Milliseconds since 1970; none where days and months could be either and nobody says which, or
    /// where what is said makes no date of it.
    pub(crate) fn instant(self, order: Option<DayOrder>) -> Option<i64> {
        let days = match (self.date, order) {
            (Date::Known(days), _) => days,
            (Date::Either { first, second, year }, Some(DayOrder::DayFirst)) => {
                days(year, second, first)?
            }
            (Date::Either { first, second, year }, Some(DayOrder::MonthFirst)) => {
                days(year, first, second)?
            }
            (Date::Either { .. }, None) => return None,
        };
        Some(days * DAY_MS + self.ms)
    }

    /// Whether it takes an order to know the day.
    pub(crate) fn needs_order(self) -> bool {
        matches!(self.date, Date::Either { .. })
    }

    /// The order that its own numbers leave.
    pub(crate) fn order(self) -> Option<DayOrder> {
        match self.date {
            Date::Either { first: 13.., second: ..=12, .. } => Some(DayOrder::DayFirst),
            Date::Either { first: ..=12, second: 13.., .. } => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }

    /// The order that shows where a test runs past midnight: the day is what becomes one more within
    /// an hour.
    pub(crate) fn order_after(self, before: Self) -> Option<DayOrder> {
        let (
            Date::Either { first, second, year },
            Date::Either { first: first_before, second: second_before, year: year_before },
        ) = (self.date, before.date)
        else {
            return None;
        };
        let passed = self.ms + DAY_MS - before.ms;
        if year != year_before || !(0..=3_600_000).contains(&passed) {
            return None;
        }
        match (first - first_before, second - second_before) {
            (1, 0) => Some(DayOrder::DayFirst),
            (0, 1) => Some(DayOrder::MonthFirst),
            _ => None,
        }
    }

    /// The steps in which its clock is written, ms.
    pub(crate) fn step_ms(self) -> u64 {
        match self.digits {
            None => 60_000,
            Some(0) => 1000,
            Some(1) => 100,
            Some(2) => 10,
            Some(_) => 1,
        }
    }
}

const DAY_MS: i64 = 24 * 3600 * 1000;

/// Milliseconds since 1970 of `2018-11-28 10:10:56,316`, `2022-02-17T09:47:48.913Z`,
/// `28 Nov 2018 10:10:56,316`; none of anything else, nor of a date whose day could be a month.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    Stamp::read(text)?.instant(None)
}

/// Microseconds since 1970 of what [`milliseconds`] reads, and in what steps it is written, ms.
pub(crate) fn microseconds(text: &str) -> Option<(i64, u64)> {
    let stamp = Stamp::read(text)?;
    let after = text.split_once(['.', ',']).map_or("", |(_, fraction)| fraction).bytes();
    let digits = after.take_while(u8::is_ascii_digit).chain(*b"000000").skip(3).take(3);
    let finer = digits.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    let finer = if stamp.digits.is_some_and(|digits| digits > 3) { finer } else { 0 };
    Some((stamp.instant(None)? * 1000 + finer, stamp.step_ms()))
}

/// The instant with which an entry of a correlation log begins, and what follows its bar.
pub(crate) fn of_entry(line: &str) -> Option<(i64, &str)> {
    let (time, rest) = line.split_once('|')?;
    Some((milliseconds(time)?, rest))
}

/// The date, and what follows it.
fn date(text: &str) -> Option<(Date, &str)> {
    let (first, rest) = part(text)?;
    let divider = rest.chars().next().filter(|c| matches!(c, '-' | '/' | '.' | ' '))?;
    let (second, rest) = part(rest[1..].trim_start_matches(' '))?;
    let rest = rest.strip_prefix(',').filter(|_| divider == ' ').unwrap_or(rest);
    let (third, rest) = part(rest.strip_prefix(divider)?.trim_start_matches(' '))?;
    let date = match (first, second, third) {
        (Part::Number(year, 4), Part::Number(month, 2), Part::Number(day, 2))
        | (Part::Number(year, 4), Part::Month(month), Part::Number(day, 1..=2)) => {
            Date::Known(days(year, month, day)?)
        }
        (Part::Number(day, 1..=2), Part::Month(month), Part::Number(year, digits))
        | (Part::Month(month), Part::Number(day, 1..=2), Part::Number(year, digits)) => {
            Date::Known(days(full(year, digits)?, month, day)?)
        }
        (Part::Number(first, 1..=2), Part::Number(second, 1..=2), Part::Number(year, digits))
            if divider != ' ' =>
        {
            let year = full(year, digits)?;
            days(year, first, second).or_else(|| days(year, second, first))?;
            Date::Either { first, second, year }
        }
        _ => return None,
    };
    Some((date, rest))
}

enum Part {
    /// Its value, and how many digits it has.
    Number(i64, usize),
    /// A month by name, 1 to 12.
    Month(i64),
}

/// Digits or letters, and what follows them.
fn part(text: &str) -> Option<(Part, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if (1..=4).contains(&digits) {
        return Some((Part::Number(text[..digits].parse().ok()?, digits), &text[digits..]));
    }
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let name = text.get(..letters)?.to_ascii_lowercase();
    let month = MONTHS.iter().position(|month| name.len() >= 3 && name.starts_with(month))?;
    Some((Part::Month(month as i64 + 1), &text[letters..]))
}

/// A year of four digits, or of this century.
fn full(year: i64, digits: usize) -> Option<i64> {
    match digits {
        4 => Some(year),
        2 => Some(2000 + year),
        _ => None,
    }
}

/// Milliseconds since midnight of `22:13`, `22:13:20`, `22:13:20.5+05:30`, `10:13:20 PM`, and the digits
/// of the fraction.
fn time_of_day(text: &str) -> Option<(i64, Option<usize>)> {
    let (hour, rest) = clock_number(text)?;
    let (minute, rest) = clock_number(rest.strip_prefix(':')?)?;
    let (second, milliseconds, digits, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (second, rest) = clock_number(rest)?;
            let (milliseconds, digits, rest) = fraction(rest)?;
            (second, milliseconds, Some(digits), rest)
        }
        None => (0, 0, None, rest),
    };
    let (hour, zone) = of_half_day(hour, rest)?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let seconds = (hour * 60 + minute) * 60 + second;
    Some((seconds * 1000 + milliseconds - offset(zone)? * 60_000, digits))
}

/// One or two digits.
fn clock_number(text: &str) -> Option<(i64, &str)> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=2).contains(&digits) {
        return None;
    }
    Some((text[..digits].parse().ok()?, &text[digits..]))
}

/// The hour of the day where it is followed by AM or PM, and what follows those.
fn of_half_day(hour: i64, rest: &str) -> Option<(i64, &str)> {
    let trimmed = rest.trim_start();
    let (half, after) = trimmed.split_at_checked(2).unwrap_or(("", ""));
    let afternoon = match half.to_ascii_uppercase().as_str() {
        "AM" => 0,
        "PM" => 12,
        _ => return Some((hour, rest)),
    };
    (1..=12).contains(&hour).then_some((hour % 12 + afternoon, after))
}

/// Milliseconds of `,316…`, the number of digits, and what follows.
fn fraction(text: &str) -> Option<(i64, usize, &str)> {
    let Some(digits) = text.strip_prefix([',', '.', ':']) else { return Some((0, 0, text)) };
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at(count);
    let first: String = digits.chars().chain("000".chars()).take(3).collect();
    (count > 0).then_some((first.parse().ok()?, count, rest))
}

/// Minutes east of Greenwich of `Z`, `UTC`, `+05:30`, `+0530`, `-08` or nothing.
fn offset(zone: &str) -> Option<i64> {
    let zone = zone.trim();
    let sign = match zone {
        "" | "Z" | "UTC" | "GMT" => return Some(0),
        _ if zone.starts_with('+') => 1,
        _ if zone.starts_with('-') => -1,
        _ => return None,
    };
    let digits = zone[1..].replace(':', "");
    let number = |from: usize| {
        let part = digits.get(from..from + 2)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse::<i64>().ok())?
    };
    let minutes = match digits.len() {
        2 => 0,
        4 => number(2)?,
        _ => return None,
    };
    Some(sign * (number(0)? * 60 + minutes))
}

/// Days since 1970 in the Gregorian calendar (Hinnant, chrono-compatible low-level date algorithms,
/// 2013, `days_from_civil`).
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Years begin in March, so that the day of the leap year is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some(era * 146_097 + day_of_era - 719_468)
}

/// A time of day in universal time, `22:13:20`, with the date: `2023-11-14 22:13:20` (Hinnant, as
/// [`days`], `civil_from_days`).
pub(crate) fn written(ms: i64) -> String {
    let (days, ms) = (ms.div_euclid(DAY_MS), ms.rem_euclid(DAY_MS));
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let seconds = ms / 1000;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_the_calendar() {
        // `date -u -d … +%s%3N`.
        for (text, expected) in [
            ("1970-01-01 00:00:00,000", 0),
            ("2018-11-28 10:10:56,316", 1_543_399_856_316),
            ("28 Nov 2018 10:10:56,316 ", 1_543_399_856_316),
            ("28-Nov-2018 10:10:56,316", 1_543_399_856_316),
            ("Nov 28, 2018, 10:10:56.316 AM", 1_543_399_856_316),
            ("2018/11/28 10:10:56:316", 1_543_399_856_316),
            ("2018.11.28 10:10:56.316 UTC", 1_543_399_856_316),
            ("2022-02-17T09:47:48.913Z", 1_645_091_268_913),
            ("2022-02-17T15:17:48.913+05:30", 1_645_091_268_913),
            ("2022-02-17T15:17:48.913456+0530", 1_645_091_268_913),
            ("2024/02/29 23:59:59", 1_709_251_199_000),
            ("2024/02/29 11:59:59 pm", 1_709_251_199_000),
            ("2024/02/29 23:59", 1_709_251_140_000),
            ("0000-03-01 00:00:00.5", -62_162_035_199_500),
        ] {
            assert_eq!(milliseconds(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_instants() {
        for text in [
            "",
            "2018",
            "2018-11-28",
            "2018-13-28 10:10:56",
            "2018-11-32 10:10:56",
            "2018-11-28 24:10:56",
            "2018-11-28 13:10:56 PM",
            "2018-11-28 10:10:56,",
            "2018-11-28 10:10:56Q",
            "2018-11-28 10:10:56+5",
            "+018-11-28 10:10:56",
            "2018-11-2é 10:10:56",
            "2018-11-28 10:10:56+é5",
            "28 Brumaire 2018 10:10:56",
            "28/11-2018 10:10:56",
            "２018-11-28 10:10:56",
            "28/11/2018 10:10:56",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn a_day_that_could_be_a_month_takes_an_order() {
        let stamp = |text: &str| Stamp::read(text).unwrap_or_else(|| panic!("{text}"));
        let both = stamp("03/04/2023 22:13:20.000");
        assert!(both.needs_order() && both.order().is_none() && both.instant(None).is_none());
        let (day, month) = (Some(DayOrder::DayFirst), Some(DayOrder::MonthFirst));
        assert_eq!(both.instant(day), milliseconds("2023-04-03 22:13:20"));
        assert_eq!(both.instant(month), milliseconds("2023-03-04 22:13:20"));
        let first = stamp("14.11.23 22:13:20");
        assert_eq!((first.order(), first.instant(month)), (day, None));
        assert_eq!(first.instant(day), milliseconds("2023-11-14 22:13:20"));
        assert_eq!(stamp("11/14/23 10:13:20 PM").order(), month);
        assert_eq!(Stamp::read("14/14/2023 22:13:20"), None);
    }

    #[test]
    fn midnight_shows_which_number_is_the_day() {
        let after = |before: &str, after: &str| {
            Stamp::read(after)
                .zip(Stamp::read(before))
                .and_then(|(after, before)| after.order_after(before))
        };
        let (day, month) = (Some(DayOrder::DayFirst), Some(DayOrder::MonthFirst));
        assert_eq!(after("03/04/2023 23:59:59", "04/04/2023 00:00:00"), day);
        assert_eq!(after("03/04/2023 23:59:59", "03/05/2023 00:00:00"), month);
        assert_eq!(after("03/04/2023 12:00:00", "03/05/2023 12:00:01"), None);
        assert_eq!(after("03/04/2023 12:00:00", "03/04/2023 12:00:01"), None);
    }

    #[test]
    fn steps_are_those_of_the_digits_written() {
        let step = |text: &str| Stamp::read(text).map(Stamp::step_ms);
        assert_eq!(step("2023/11/14 22:13:20.000"), Some(1));
        assert_eq!(step("2023/11/14 22:13:20"), Some(1000));
        assert_eq!(step("2023/11/14 22:13"), Some(60_000));
    }

    #[test]
    fn an_instant_is_written_as_it_is_read() {
        for text in ["1970-01-01 00:00:00", "2024-02-29 23:59:59", "1969-12-31 00:00:01"] {
            assert_eq!(milliseconds(text).map(written).as_deref(), Some(text));
        }
    }
}
