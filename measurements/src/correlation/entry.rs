//! What a line of `correlation.log` says.

use crate::error::shown;
use crate::tally::LONGEST_MS;
use crate::timestamp;

/// A path of more bytes is cut.
const LONGEST_PATH: usize = 300;

/// What counts of a line.
#[derive(Debug, PartialEq)]
pub(crate) enum Entry<'a> {
    RoundTrip {
        id: &'a str,
        instant: i64,
        ms: u64,
        path: &'a str,
    },
    Backend {
        id: &'a str,
        ms: u64,
    },
    /// The line of the API's handlers: it alone knows the name and the status.
    Handled {
        instant: i64,
        api: &'a str,
        path: &'a str,
        status: Option<u16>,
        bytes: Option<f64>,
        /// The backend's time and the whole, in ms.
        times: Option<(u64, u64)>,
    },
    Other,
}

/// What a line says; its fields are counted from both ends: paths may contain bars.
pub(crate) fn of(line: &str) -> Result<Entry<'_>, String> {
    let (instant, rest) =
        timestamp::of_entry(line).ok_or("it does not begin with an instant and a bar")?;
    let mut fields = rest.splitn(5, '|').map(str::trim);
    let (Some(id), Some(_thread), Some(duration)) = (fields.next(), fields.next(), fields.next())
    else {
        return Err("fewer than four fields".to_owned());
    };
    let (Some("HTTP"), Some(rest)) = (fields.next(), fields.next()) else {
        return Ok(Entry::Other);
    };
    let Some((front, last)) = rest.rsplit_once('|') else { return Ok(Entry::Other) };
    let identified = !id.is_empty();
    match last.trim() {
        "ROUND-TRIP LATENCY" if identified => {
            let path = front.splitn(3, '|').nth(2).ok_or("no path")?;
            Ok(Entry::RoundTrip { id, instant, ms: ms(duration)?, path: prefix(path) })
        }
        "BACKEND LATENCY" if identified => Ok(Entry::Backend { id, ms: ms(duration)? }),
        _ => Ok(handled(instant, duration, rest).unwrap_or(Entry::Other)),
    }
}

/// `api|method|context|…|request bytes|response bytes|status|application|key|ms`.
fn handled<'a>(instant: i64, backend: &str, rest: &'a str) -> Option<Entry<'a>> {
    let fields: Vec<&str> = rest.split('|').map(str::trim).collect();
    let end = fields.len().checked_sub(6).filter(|end| *end >= 9)?;
    let size = |field: &str| field.parse::<u32>().ok().map(f64::from);
    let bytes = size(fields[end]).zip(size(fields[end + 1]));
    Some(Entry::Handled {
        api: fields[0],
        path: prefix(fields[2]),
        status: fields[end + 2].parse().ok(),
        bytes: bytes.map(|(request, response)| f64::midpoint(request, response)),
        times: ms(backend).ok().zip(ms(fields[fields.len() - 1]).ok()),
        instant,
    })
}

fn ms(field: &str) -> Result<u64, String> {
    let ms = field.parse::<u64>().ok().filter(|ms| *ms <= LONGEST_MS);
    ms.ok_or_else(|| format!("`{}` is not a duration in ms, 0 to {LONGEST_MS}", shown(field)))
}

/// `/pizzashack/1.0.0` of `/pizzashack/1.0.0/menu?size=2`.
fn prefix(path: &str) -> &str {
    let path = path.trim();
    let path = path
        .split_once("://")
        .map_or(path, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let slashes = path.match_indices('/').filter(|(at, _)| *at > 0);
    let end = slashes.map(|(at, _)| at).nth(1).unwrap_or(path.len());
    clipped(path[..end].trim_end_matches('/'))
}

/// A text that is not longer than any path.
pub(crate) fn clipped(text: &str) -> &str {
    let end = (0..=LONGEST_PATH.min(text.len())).rev().find(|at| text.is_char_boundary(*at));
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    const BACKEND: &str = "2018-11-29 15:19:14,863|ff0c8866|HTTP-Sender I/O dispatcher-3|832 |HTTP|http://0.0.0.0:10080/hello|sayHello|BACKEND LATENCY";
    const ROUND_TRIP: &str = "2018-11-29 15:19:14,871|ff0c8866|HTTP-Listener I/O dispatcher-2|1012|HTTP|http-incoming-2|GET|/testing/1/a|b?c=d|ROUND-TRIP LATENCY ";
    const HANDLED: &str = "2018-11-28 10:10:56,316|a783f7c3|PassThroughMessageProcessor-4|20|HTTP|admin--PizzaShackAPI:v1.0.0|GET|/pizzashack/1.0.0/menu|pizzashack/1.0.0/menu|null|null|null|null|null|71|2238|200|DefaultApplication|AwlPOz2aDf2i1gZFWgITEgf4oPsa|21";

    #[test]
    fn lines_are_told_apart_from_both_ends() {
        assert_eq!(of(BACKEND), Ok(Entry::Backend { id: "ff0c8866", ms: 832 }));
        let instant = timestamp::milliseconds("2018-11-29 15:19:14,871").expect("an instant");
        let round_trip = Entry::RoundTrip { id: "ff0c8866", instant, ms: 1012, path: "/testing/1" };
        assert_eq!(of(ROUND_TRIP), Ok(round_trip));
        let handled = Entry::Handled {
            instant: timestamp::milliseconds("2018-11-28 10:10:56,316").expect("an instant"),
            times: Some((20, 21)),
            api: "admin--PizzaShackAPI:v1.0.0",
            path: "/pizzashack/1.0.0",
            status: Some(200),
            bytes: Some(1154.5),
        };
        assert_eq!(of(HANDLED), Ok(handled));
        for other in [
            "2018-11-28 10:10:43,202||PassThroughMessageProcessor-1|0|jdbc|1543380043202|executeQuery|SELECT 'a|b'|jdbc:h2:repository/database/WSO2CARBON_DB",
            "2018-11-29 15:19:13,859|ff0c8866|HTTP-Listener I/O dispatcher-2|0|HTTP State Transition|http-incoming-2|GET|/testing/1|REQUEST_DONE",
            "2018-11-29 15:19:13,859||thread|CorrelationId: x, Direction: RequestIn",
            "2018-11-29 15:19:14,863||t|832|HTTP|http://a|BACKEND LATENCY",
        ] {
            assert_eq!(of(other), Ok(Entry::Other), "{other}");
        }
        for bad in [
            "x",
            "2018-11-29 15:19:13,859",
            "2018-11-29 15:19:13,859|id",
            "2018-11-29 15:19:14,863|id|t|-1|HTTP|http://a|BACKEND LATENCY",
            "2018-11-29 15:19:14,863|id|t|99999999999999999999|HTTP|http://a|BACKEND LATENCY",
            "2018-11-29 15:19:14,863|id|t|1|HTTP|a|ROUND-TRIP LATENCY",
        ] {
            assert!(of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn paths_are_cut_to_two_segments() {
        assert_eq!(prefix("/a/b/c?d"), "/a/b");
        assert_eq!(prefix("/a/?d"), "/a");
        assert_eq!(prefix("https://host:8243/a/b/c"), "/a/b");
        assert_eq!((prefix("/"), prefix(""), prefix("a/b/c")), ("", "", "a/b"));
        assert_eq!(prefix(&"é".repeat(1000)).len(), LONGEST_PATH);
    }
}
