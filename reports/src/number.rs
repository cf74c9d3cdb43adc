//! How a number is written on screen: its unit, and as many digits as its half-width supports.
//!
//! The last digit of a number stands where the last digit of its half-width stands; the half-width
//! has two significant digits where the first is a one or zero is near, else one. A number without
//! a half-width has three significant digits. What is no finite number is written as [`ABSENT`].

use sim::stats::Estimate;

/// Stands for a number that there is not.
pub const ABSENT: &str = "–";

/// More significant digits than these are never shown.
const MAX_DIGITS: i32 = 6;
/// Numbers from here on are written with a power of ten.
const ENORMOUS: f64 = 1e12;
/// Numbers below are written with a power of ten.
const TINY: f64 = 1e-6;

/// What a number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nothing but itself.
    One,
    /// Events per second.
    PerSecond,
    /// Milliseconds.
    Milliseconds,
    /// A fraction 0..=1, written in percent.
    Percent,
    /// A difference of two fractions, written in percentage points.
    PercentagePoints,
    /// Cores.
    Cores,
}

impl From<sim::quantity::Unit> for Unit {
    fn from(unit: sim::quantity::Unit) -> Self {
        match unit {
            sim::quantity::Unit::PerSecond => Self::PerSecond,
            sim::quantity::Unit::Milliseconds => Self::Milliseconds,
            sim::quantity::Unit::Share => Self::Percent,
            sim::quantity::Unit::Number => Self::One,
        }
    }
}

impl Unit {
    /// What follows the digits.
    pub fn suffix(self) -> &'static str {
        match self {
            Self::One => "",
            Self::PerSecond => " /s",
            Self::Milliseconds => " ms",
            Self::Percent => " %",
            Self::PercentagePoints => " percentage points",
            Self::Cores => " cores",
        }
    }

    fn factor(self) -> f64 {
        match self {
            Self::Percent | Self::PercentagePoints => 100.0,
            Self::One | Self::PerSecond | Self::Milliseconds | Self::Cores => 1.0,
        }
    }
}

/// An estimate with its unit: `41.3 ± 0.2 ms`.
pub fn estimate(estimate: &Estimate, unit: Unit) -> String {
    suffixed(digits(estimate, unit), unit)
}

/// An estimate without its unit, for a column that names it: `41.3 ± 0.2`.
pub fn digits(estimate: &Estimate, unit: Unit) -> String {
    let mean = estimate.mean * unit.factor();
    let half_width = estimate.half_width.map(|half_width| (half_width * unit.factor()).abs());
    match half_width.filter(|half_width| half_width.is_finite()) {
        _ if !mean.is_finite() => ABSENT.to_owned(),
        None => open_digits(estimate, unit),
        Some(_) if is_known_below_only(estimate) => {
            at_least(estimate.lower.unwrap_or_default(), unit)
        }
        Some(half_width) if half_width < TINY && mean.abs() < TINY => "0".to_owned(),
        // Nothing or all, in every replication: no spread was seen, which is not none.
        Some(0.0) if unit == Unit::Percent && (estimate.mean - 1.0).abs() <= 0.0 => {
            "100".to_owned()
        }
        Some(half_width) if mean.abs().max(half_width) >= ENORMOUS => {
            format!("{} ± {}", power(mean), power(half_width))
        }
        Some(half_width) => with_half_width(mean, half_width),
    }
}

/// What is known where an interval is open on one side; else the point estimate.
fn open_digits(estimate: &Estimate, unit: Unit) -> String {
    match (estimate.lower, estimate.upper) {
        (Some(lower), None) if lower.is_finite() => at_least(lower, unit),
        (None, Some(upper)) if upper.is_finite() => format!("≤ {}", bound(upper, unit, f64::ceil)),
        _ => plain_digits(estimate.mean, unit),
    }
}

/// `≥ 53.5`
fn at_least(lower: f64, unit: Unit) -> String {
    format!("≥ {}", bound(lower, unit, f64::floor))
}

/// Three digits of a bound, rounded to the side on which it still holds.
fn bound(value: f64, unit: Unit, round: fn(f64) -> f64) -> String {
    let scaled = value * unit.factor();
    if !(TINY..ENORMOUS).contains(&scaled.abs()) {
        return plain_digits(value, unit);
    }
    let decimals = (2 - exponent(scaled.abs())).min(MAX_DIGITS);
    let steps = scaled * 10f64.powi(decimals);
    // What is whole but for an error of rounding is not moved by a step.
    let whole = if (steps - steps.round()).abs() < 1e-9 * steps.abs() {
        steps.round()
    } else {
        round(steps)
    };
    trimmed(fixed(whole / 10f64.powi(decimals), decimals))
}

/// Whether an interval is so long above that its half-width says nothing of the number: the point
/// estimate is near its lower end, and the upper end more than twice as large.
fn is_known_below_only(estimate: &Estimate) -> bool {
    let (Some(lower), Some(upper)) = (estimate.lower, estimate.upper) else { return false };
    lower > 0.0
        && upper - estimate.mean > estimate.mean
        && upper - estimate.mean > 2.0 * (estimate.mean - lower)
}

/// A mean alone, without its unit, for where there is no room for its half-width: at most three
/// digits, and no digit that the half-width does not support.
pub fn rounded(estimate: &Estimate, unit: Unit) -> String {
    let mean = estimate.mean * unit.factor();
    let half_width = estimate.half_width.map(|half_width| (half_width * unit.factor()).abs());
    match half_width.filter(|half_width| half_width.is_finite() && *half_width > 0.0) {
        Some(half_width) if (TINY..ENORMOUS).contains(&mean.abs()) && half_width < ENORMOUS => {
            fixed(mean, decimals_of(half_width).min(2 - exponent(mean.abs())))
        }
        _ => plain_digits(estimate.mean, unit),
    }
}

/// A number without a half-width, with its unit: `35.2 %`.
pub fn plain(value: f64, unit: Unit) -> String {
    suffixed(plain_digits(value, unit), unit)
}

/// A limit as it was written, with its unit: all its digits, without the noise of binary fractions.
pub fn limit(value: f64, unit: Unit) -> String {
    let scaled = value * unit.factor();
    let digits = match scaled.abs() {
        size if !size.is_finite() => ABSENT.to_owned(),
        0.0 => "0".to_owned(),
        size => trimmed(fixed(scaled, (11 - exponent(size)).clamp(0, 12))),
    };
    suffixed(digits, unit)
}

/// The upper end of an interval, with its unit, in two digits: `0.075 %`. Rounded up, so that it is
/// never understated.
pub fn upper_bound(value: f64, unit: Unit) -> String {
    suffixed(rounded_up(value * unit.factor()), unit)
}

/// The lower end of the interval of a share near 1, with its unit, as many digits as what is missing
/// to 1 has in [`upper_bound`].
pub fn lower_bound_of_share(value: f64) -> String {
    let missing = rounded_up((1.0 - value) * 100.0);
    let decimals = missing.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let step = 10f64.powi(decimals as i32);
    // Noise of binary fractions must not take a digit off.
    let digits = fixed((value * 100.0 * step + 1e-6).floor() / step, decimals as i32);
    suffixed(digits, Unit::Percent)
}

fn rounded_up(value: f64) -> String {
    match value.abs() {
        size if !size.is_finite() => ABSENT.to_owned(),
        size if size < TINY => "0".to_owned(),
        size => {
            let decimals = 1 - exponent(size);
            let step = 10f64.powi(-decimals);
            trimmed(fixed((value / step - 1e-6).ceil() * step, decimals))
        }
    }
}

/// A number that is known exactly, with at most `decimals` decimals and no trailing zeros.
pub fn exact(value: f64, decimals: i32) -> String {
    match value.abs() {
        size if !size.is_finite() => ABSENT.to_owned(),
        size if size >= ENORMOUS => power(value),
        _ => trimmed(fixed(value, decimals)),
    }
}

/// A relative error in percent, without its unit: `+1.2`, `-12`; one decimal below ten.
pub fn error(error: f64) -> String {
    let digits = size_of_error(error);
    match digits.as_str() {
        ABSENT | "0.0" => digits,
        _ => format!("{}{digits}", if error < 0.0 { '-' } else { '+' }),
    }
}

/// The size of a relative error in percent, without its unit: `1.2`, `12`; one decimal below ten.
pub fn size_of_error(error: f64) -> String {
    match (error * 100.0).abs() {
        size if !size.is_finite() => ABSENT.to_owned(),
        size if size < 9.95 => fixed(size, 1),
        size if size < 1e6 => fixed(size, 0),
        size => power(size),
    }
}

fn suffixed(digits: String, unit: Unit) -> String {
    if digits == ABSENT { digits } else { digits + unit.suffix() }
}

fn plain_digits(value: f64, unit: Unit) -> String {
    let scaled = value * unit.factor();
    // A share just below all of it must not be rounded to all of it: 99.95 % is not 100 %.
    let shown = match unit {
        Unit::Percent if (0.5..1.0).contains(&value) => 100.0 - scaled,
        _ => scaled.abs(),
    };
    match scaled.abs() {
        size if !size.is_finite() => ABSENT.to_owned(),
        0.0 => "0".to_owned(),
        size if !(TINY..ENORMOUS).contains(&size) => power(scaled),
        size => {
            let by_size = 2 - exponent(size);
            let decimals = by_size.max(1 - exponent(shown.max(TINY))).min(MAX_DIGITS);
            trimmed(fixed(scaled, decimals))
        }
    }
}

fn with_half_width(mean: f64, half_width: f64) -> String {
    let size = mean.abs().max(half_width).max(TINY);
    let most = MAX_DIGITS - 1 - exponent(size);
    let supported = match half_width {
        0.0 => 2 - exponent(size),
        // Two digits where one might hide whether the interval holds zero: 32 ± 29, not 30 ± 30.
        _ if mean.abs() < 2.5 * half_width => 1 - exponent(half_width),
        _ => decimals_of(half_width),
    };
    let decimals = supported.min(most);
    // A half-width beyond the digits shown is rounded up, so that it is never understated.
    let step = 10f64.powi(-decimals);
    let half_width = if supported > most { (half_width / step).ceil() * step } else { half_width };
    match half_width {
        0.0 => format!("{} ± 0", trimmed(fixed(mean, decimals))),
        _ => format!("{} ± {}", fixed(mean, decimals), fixed(half_width, decimals)),
    }
}

/// Where the last digit of a half-width stands: two digits where the first is a one, else one.
fn decimals_of(half_width: f64) -> i32 {
    let exponent = exponent(half_width);
    let first = half_width / 10f64.powi(exponent);
    if first < 1.95 { 1 - exponent } else { -exponent }
}

fn exponent(size: f64) -> i32 {
    size.log10().floor() as i32
}

/// Rounds to `decimals` digits after the point, or before it where negative.
fn fixed(value: f64, decimals: i32) -> String {
    let text = if decimals >= 0 {
        format!("{value:.*}", decimals as usize)
    } else {
        let step = 10f64.powi(-decimals);
        format!("{:.0}", (value / step).round() * step)
    };
    let is_zero = !text.contains(|c: char| c.is_ascii_digit() && c != '0');
    grouped(if is_zero { text.trim_start_matches('-') } else { &text })
}

/// Sets thousands apart with spaces.
fn grouped(text: &str) -> String {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut grouped = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index) % 3 == 0 {
            grouped.push(' ');
        }
        grouped.push(digit);
    }
    grouped + rest
}

fn trimmed(text: String) -> String {
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn power(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.2e}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(mean: f64, half_width: f64) -> Estimate {
        Estimate::symmetric(mean, half_width)
    }

    #[test]
    fn no_digit_is_shown_that_the_half_width_does_not_support() {
        let cases = [
            (41.312, 0.204, "41.3 ± 0.2"),
            (41.312, 0.163, "41.31 ± 0.16"),
            (41.312, 0.0967, "41.31 ± 0.10"),
            (3482.7, 124.0, "3 480 ± 120"),
            (3482.7, 38.0, "3 480 ± 40"),
            (1_234_567.0, 25_000.0, "1 230 000 ± 30 000"),
            (3.0, 40.0, "3 ± 40"),
            (32.0, 29.2, "32 ± 29"),
            (-0.004, 0.3, "0.00 ± 0.30"),
            (-12.34, 0.5, "-12.3 ± 0.5"),
            (41.312_345_678, 0.000_000_2, "41.3123 ± 0.0001"),
            (900.0, 0.0, "900 ± 0"),
            (0.0, 0.0, "0"),
            (1.5e20, 2e18, "1.50e20 ± 2.00e18"),
            (f64::NAN, 1.0, ABSENT),
            (f64::INFINITY, 1.0, ABSENT),
            (41.312, f64::NAN, "41.3"),
            (41.312, f64::INFINITY, "41.3"),
            (12.0, 1e300, "1.20e1 ± 1.00e300"),
        ];
        for (mean, half_width, expected) in cases {
            assert_eq!(digits(&of(mean, half_width), Unit::One), expected);
        }
    }

    #[test]
    fn a_number_without_a_half_width_has_three_digits() {
        let cases = [
            (41.312, "41.3"),
            (3482.7, "3 480"),
            (12.0, "12"),
            (0.012_345, "0.0123"),
            (0.0, "0"),
            (-7.125, "-7.12"),
            (1e15, "1.00e15"),
            (1e-9, "1.00e-9"),
            (f64::NAN, ABSENT),
        ];
        for (mean, expected) in cases {
            assert_eq!(digits(&Estimate::unknown(mean), Unit::One), expected);
            assert_eq!(plain(mean, Unit::One), expected);
        }
    }

    #[test]
    fn of_what_has_no_upper_end_the_lower_is_shown_and_never_rounded_up() {
        let at_least = |lower| Estimate::between(lower * 1.5, Some(lower), None);
        let cases = [(53.57, "≥ 53.5"), (0.0999, "≥ 0.0999"), (1299.0, "≥ 1 290"), (54.0, "≥ 54")];
        for (lower, expected) in cases {
            assert_eq!(digits(&at_least(lower), Unit::Milliseconds), expected);
        }
        let at_most = Estimate::between(0.0, None, Some(0.000_701));
        assert_eq!(estimate(&at_most, Unit::Percent), "≤ 0.0701 %");
        // An interval from 53.5 to 180 must not become 50 ± 130.
        let long = Estimate::between(53.6, Some(53.5), Some(180.0));
        assert_eq!(digits(&long, Unit::Milliseconds), "≥ 53.5");
        // One that is long on both sides is shown as it is.
        assert_eq!(digits(&of(32.0, 29.2), Unit::One), "32 ± 29");
    }

    #[test]
    fn fractions_are_written_as_percent_and_never_rounded_to_all() {
        assert_eq!(estimate(&of(0.0283, 0.0021), Unit::Percent), "2.8 ± 0.2 %");
        assert_eq!(estimate(&of(0.999_62, 0.000_04), Unit::Percent), "99.962 ± 0.004 %");
        assert_eq!(plain(0.352_2, Unit::Percent), "35.2 %");
        assert_eq!(plain(0.999_51, Unit::Percent), "99.951 %");
        assert_eq!(plain(0.999_999, Unit::Percent), "99.9999 %");
        assert_eq!(plain(1.0, Unit::Percent), "100 %");
        assert_eq!(estimate(&of(1.0, 0.0), Unit::Percent), "100 %");
        assert_eq!(plain(f64::NAN, Unit::Percent), ABSENT);
    }

    #[test]
    fn a_mean_alone_has_at_most_three_digits_that_its_half_width_supports() {
        let cases =
            [(41.312, 0.004, "41.3"), (41.312, 3.0, "41"), (41.312, 30.0, "40"), (0.0, 0.0, "0")];
        for (mean, half_width, expected) in cases {
            assert_eq!(rounded(&of(mean, half_width), Unit::One), expected);
        }
    }

    #[test]
    fn errors_have_a_sign_and_few_digits() {
        let cases = [
            (0.0123, "+1.2"),
            (-0.0123, "-1.2"),
            (-0.0001, "0.0"),
            (0.09949, "+9.9"),
            (-0.0996, "-10"),
            (13.7, "+1 370"),
            (1e9, "+1.00e11"),
            (f64::INFINITY, ABSENT),
            (f64::NAN, ABSENT),
        ];
        for (value, expected) in cases {
            assert_eq!(error(value), expected);
        }
    }

    #[test]
    fn a_limit_is_written_as_it_was() {
        let cases = [
            (250.4, Unit::Milliseconds, "250.4 ms"),
            (0.25, Unit::Milliseconds, "0.25 ms"),
            (1_234.567_891, Unit::Milliseconds, "1 234.567891 ms"),
            (5000.0, Unit::Milliseconds, "5 000 ms"),
            (0.1 * 0.01, Unit::Percent, "0.1 %"),
            (99.95 * 0.01, Unit::Percent, "99.95 %"),
            (99.9999 * 0.01, Unit::Percent, "99.9999 %"),
            (0.07 * 0.01, Unit::Percent, "0.07 %"),
            (0.0, Unit::Percent, "0 %"),
            (1.0, Unit::Percent, "100 %"),
            (f64::NAN, Unit::Percent, ABSENT),
        ];
        for (value, unit, expected) in cases {
            assert_eq!(limit(value, unit), expected);
        }
    }

    #[test]
    fn bounds_have_two_digits_and_are_never_understated() {
        assert_eq!(upper_bound(0.000_741, Unit::Percent), "0.075 %");
        assert_eq!(upper_bound(0.000_7, Unit::Percent), "0.07 %");
        assert_eq!(upper_bound(0.123, Unit::Percent), "13 %");
        assert_eq!(upper_bound(f64::INFINITY, Unit::Percent), ABSENT);
        assert_eq!(lower_bound_of_share(0.999_259), "99.925 %");
        assert_eq!(lower_bound_of_share(0.9993), "99.93 %");
        assert_eq!(lower_bound_of_share(0.877), "87 %");
    }

    #[test]
    fn exact_numbers_keep_their_digits() {
        assert_eq!(exact(496.4, 0), "496");
        assert_eq!(exact(2.50, 2), "2.5");
        assert_eq!(exact(12_345.0, 2), "12 345");
        assert_eq!(exact(f64::INFINITY, 2), ABSENT);
    }
}
