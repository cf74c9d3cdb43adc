//! Instants as logs write them. Only differences matter, so a date crate would have nothing to do:
//! local time without a zone counts as universal time.

/// Milliseconds since 1970 of `2018-11-28 10:10:56,316`, `2022-02-17T09:47:48.913Z`,
/// `2022-02-17T15:17:48+05:30`; none of anything else.
pub(crate) fn milliseconds(text: &str) -> Option<i64> {
    let (date, time) = text.split_at_checked(10)?;
    let days = days(number(date, 0, 4)?, number(date, 5, 2)?, number(date, 8, 2)?)?;
    let dividers = [date.as_bytes()[4], date.as_bytes()[7]];
    if dividers != *b"--" && dividers != *b"//" {
        return None;
    }
    let time = time.strip_prefix(['T', ' '])?;
    let (clock, rest) = time.split_at_checked(8)?;
    if [clock.as_bytes()[2], clock.as_bytes()[5]] != *b"::" {
        return None;
    }
    let (hour, minute, second) = (number(clock, 0, 2)?, number(clock, 3, 2)?, number(clock, 6, 2)?);
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let (fraction, zone) = fraction(rest)?;
    let seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    Some(seconds * 1000 + fraction - offset(zone)? * 60_000)
}

/// The instant with which an entry of a correlation log begins, and what follows its bar.
pub(crate) fn of_entry(line: &str) -> Option<(i64, &str)> {
    let (time, rest) = line.split_once('|')?;
    Some((milliseconds(time.trim())?, rest))
}

/// So many digits from there on.
fn number(text: &str, from: usize, digits: usize) -> Option<i64> {
    let part = text.get(from..from + digits)?;
    part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok())?
}

/// Milliseconds of `,316…`, and what follows.
fn fraction(text: &str) -> Option<(i64, &str)> {
    let Some(digits) = text.strip_prefix([',', '.']) else { return Some((0, text)) };
    let end = digits.bytes().position(|byte| !byte.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let first: String = digits.chars().chain("000".chars()).take(3).collect();
    (!digits.is_empty()).then_some((first.parse().ok()?, rest))
}

/// Minutes east of Greenwich of `Z`, `+05:30`, `+0530`, `-08` or nothing.
fn offset(zone: &str) -> Option<i64> {
    let sign = match zone.as_bytes().first() {
        None => return Some(0),
        Some(b'Z') if zone.len() == 1 => return Some(0),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let digits = zone[1..].replace(':', "");
    let minutes = match digits.len() {
        2 => 0,
        4 => number(&digits, 2, 2)?,
        _ => return None,
    };
    Some(sign * (number(&digits, 0, 2)? * 60 + minutes))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_those_of_the_calendar() {
        // `date -u -d … +%s%3N`.
        for (text, expected) in [
            ("1970-01-01 00:00:00,000", 0),
            ("2018-11-28 10:10:56,316", 1_543_399_856_316),
            ("2022-02-17T09:47:48.913Z", 1_645_091_268_913),
            ("2022-02-17T15:17:48.913+05:30", 1_645_091_268_913),
            ("2022-02-17T15:17:48.913456+0530", 1_645_091_268_913),
            ("2024/02/29 23:59:59", 1_709_251_199_000),
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
            "2018-11-28 10:10:56,",
            "2018-11-28 10:10:56Q",
            "2018-11-28 10:10:56+5",
            "+018-11-28 10:10:56",
            "2018-11-2é 10:10:56",
            "2018-11-28 10:10:56+é5",
            "２018-11-28 10:10:56",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }
}
