//! What the files of several tools have in common: numbers in some unit, names of requests.

use crate::error::shown;
use crate::head::Input;
use crate::table::{Column, Table};
use crate::tally::LONGEST_MS;
use crate::timestamp;

/// No request takes longer, µs.
pub(super) const LONGEST_US: u64 = LONGEST_MS * 1000;

/// The year 5138, in s since 1970; later instants are none.
pub(super) const LAST_SECOND: f64 = 1e11;

/// A duration or an instant, written in units of so many µs; what it is called stands in messages.
pub(super) fn micros(text: &str, unit_us: f64, name: &str) -> Result<u64, String> {
    let number = text.trim().parse::<f64>().unwrap_or(f64::NAN);
    micros_of(number, unit_us, name).map_err(|_| {
        let most = LONGEST_US as f64 / unit_us;
        format!("`{}` in `{name}` is not a time from 0 to {most}", shown(text))
    })
}

/// The same of a number.
pub(super) fn micros_of(number: f64, unit_us: f64, name: &str) -> Result<u64, String> {
    let us = (number * unit_us).round();
    if (0.0..=LONGEST_US as f64).contains(&us) {
        return Ok(us.abs() as u64);
    }
    Err(format!("`{number}` in `{name}` is not a time from 0 to {}", LONGEST_US as f64 / unit_us))
}

/// A cell with a duration.
pub(super) fn cell_us(
    table: &Table<Input>,
    column: Column,
    unit_us: f64,
    name: &str,
) -> Result<u64, String> {
    micros(table.text(column)?.ok_or_else(|| format!("no `{name}`"))?, unit_us, name)
}

/// An instant, µs since 1970: a number of seconds, or of milli-, micro- or nanoseconds where it has the
/// digits of those, or a date; and in what steps it is written, ms.
pub(super) fn instant(text: &str, name: &str) -> Result<(i64, u64), String> {
    let wrong = || format!("`{}` in `{name}` is no instant", shown(text));
    let text = text.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !digits(whole) {
        let (us, step_ms) = timestamp::microseconds(text).ok_or_else(wrong)?;
        return Ok((us, step_ms));
    }
    let number: i64 = whole.parse().map_err(|_| wrong())?;
    let (us, step_ms) = match whole.len() {
        ..=11 if digits(fraction) => (number * 1_000_000 + millionths(fraction), 1000),
        12..=14 => (number * 1000, 1),
        15..=17 => (number, 1),
        18..=19 => (number / 1000, 1),
        _ => return Err(wrong()),
    };
    Ok((us, if fraction.is_empty() { step_ms } else { 1 }))
}

/// The first six digits of a fraction.
fn millionths(fraction: &str) -> i64 {
    let six = fraction.bytes().chain(*b"000000").take(6);
    six.fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'))
}

/// `GET /orders` of a method and a URL without its host and what it asks for.
pub(super) fn name_request(label: &mut String, method: &str, url: &str) {
    label.clear();
    if !method.is_empty() {
        label.extend(method.chars().flat_map(char::to_uppercase));
        label.push(' ');
    }
    label.push_str(path(url));
}

/// `/orders` of `http://host/orders?id=3`.
pub(super) fn path(url: &str) -> &str {
    let after = url
        .split_once("://")
        .map_or(url, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    after.split(['?', '#']).next().unwrap_or_default()
}

/// Whether a status of HTTP is that of a good answer.
pub(super) fn is_good(status: &str) -> bool {
    status.trim().parse::<u16>().is_ok_and(|status| (100..400).contains(&status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_in_the_unit_that_their_digits_show() {
        for (text, us, step) in [
            ("1795849013", 1_795_849_013_000_000, 1000),
            ("1795849013.5", 1_795_849_013_500_000, 1),
            ("1795850560.97776", 1_795_850_560_977_760, 1),
            ("1795849013024", 1_795_849_013_024_000, 1),
            ("1795849013024585", 1_795_849_013_024_585, 1),
            ("1795849013024585907", 1_795_849_013_024_585, 1),
            ("2026-11-28T06:56:53.024585907Z", 1_795_849_013_024_585, 1),
            ("2026-11-28T06:56:53Z", 1_795_849_013_000_000, 1000),
        ] {
            assert_eq!(instant(text, "t"), Ok((us, step)), "{text}");
        }
        for text in ["", "-5", "1e9", "17958490130245859071", "99999999999999999999", "x", "1.é"] {
            assert!(instant(text, "t").is_err(), "{text}");
        }
    }

    #[test]
    fn requests_are_named_by_method_and_path() {
        let name = |method: &str, url: &str| {
            let mut label = "before".to_owned();
            name_request(&mut label, method, url);
            label
        };
        assert_eq!(name("get", "http://127.0.0.1:18080/item?x=1"), "GET /item");
        assert_eq!(name("POST", "https://host"), "POST /");
        assert_eq!(name("", "/a#b"), "/a");
    }
}
