//! k6 (`--out json`): a line for each metric of each request, in ms; instants are those of its end, in ns.
//! `http_req_duration` leaves out connecting; requests that failed are those without
//! `expected_response: true`.

use std::borrow::Cow;
use std::io::BufReader;

use serde::Deserialize;

use super::values::{instant, is_good, micros_of, name_request};
use super::{Clock, Tool, Users};
use crate::error::{Trouble, shown};
use crate::format::Layout;
use crate::head::{Head, Input};
use crate::lines::{Line, Lines};
use crate::sample::{Item, Sample, Samples};

pub(crate) const TOOL: Tool = Tool {
    name: "points of k6 (`--out json`)",
    recognises: |head| recognises(head).into(),
    open: |opening| {
        let lines = Lines::new(BufReader::with_capacity(1 << 16, opening.input));
        Ok(Box::new(Reader { lines, label: String::new(), users: None, texts: Texts::default() }))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Either,
    caution: None,
};

fn recognises(head: &Head) -> Option<Layout> {
    let says = |line: &str, what: &str| line.replace(' ', "").contains(what);
    let known = head.first.starts_with('{')
        && says(head.first, "\"metric\":")
        && (says(head.first, "\"type\":\"Metric\"") || says(head.first, "\"type\":\"Point\""));
    known.then(|| head.table())
}

/// Whether a metric is how long a request took.
pub(super) fn is_request(metric: &str) -> bool {
    matches!(metric, "http_req_duration" | "grpc_req_duration")
}

/// One request, as both of k6's outputs tell it; times in µs.
pub(super) struct Point<'a, 'b> {
    pub(super) end: i64,
    pub(super) step_ms: u64,
    pub(super) elapsed: u64,
    pub(super) expected: &'b str,
    pub(super) code: &'a str,
    pub(super) message: &'a str,
    pub(super) method: &'b str,
    pub(super) name: &'b str,
    pub(super) url: &'b str,
}

impl<'a> Point<'a, '_> {
    /// Called by the name that the script gave it, or by method and path.
    pub(super) fn sample(&self, label: &'a mut String, users: Option<u32>) -> Sample<'a> {
        let named = !self.name.is_empty() && !self.name.contains("://");
        if named {
            self.name.clone_into(label);
        } else {
            let url = if self.url.is_empty() { self.name } else { self.url };
            name_request(label, self.method, url);
        }
        let success = match self.expected {
            "true" => true,
            "false" => false,
            _ => self.code.is_empty() && self.message.is_empty() || is_good(self.code),
        };
        // Where the end is known to a second, so is the beginning.
        let start = if self.step_ms > 1 { self.end } else { self.end - self.elapsed as i64 };
        Sample {
            label,
            success,
            code: self.code,
            message: self.message,
            threads: users,
            step_ms: self.step_ms,
            ..Sample::spanning(start, self.elapsed)
        }
    }
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Deserialize)]
struct Data<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: f64,
    #[serde(borrow)]
    tags: Option<Tags<'a>>,
}

#[derive(Default, Deserialize)]
struct Tags<'a> {
    #[serde(borrow)]
    expected_response: Option<Cow<'a, str>>,
    #[serde(borrow)]
    status: Option<Cow<'a, str>>,
    #[serde(borrow)]
    error: Option<Cow<'a, str>>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    url: Option<Cow<'a, str>>,
}

/// What a sample refers to.
#[derive(Default)]
struct Texts {
    code: String,
    message: String,
}

struct Reader<'a> {
    lines: Lines<BufReader<Input<'a>>>,
    label: String,
    texts: Texts,
    /// How many users ran when it was last said.
    users: Option<u32>,
}

impl Samples for Reader<'_> {
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble> {
        let Some(Line { number, text }) = self.lines.advance()? else { return Ok(None) };
        let item = match text {
            Ok(text) => item(text, &mut self.label, &mut self.texts, &mut self.users),
            Err(reason) => Err(reason),
        };
        Ok(Some((number, item.unwrap_or_else(Item::Unreadable))))
    }

    fn ended(&self) -> bool {
        self.lines.ended()
    }
}

fn item<'a>(
    line: &str,
    label: &'a mut String,
    texts: &'a mut Texts,
    users: &mut Option<u32>,
) -> Result<Item<'a>, String> {
    if !line.starts_with('{') || !line.ends_with('}') || !line.contains("\"metric\"") {
        return Err(format!("`{}` is no point of k6", shown(line)));
    }
    // One line of ten is of a request; the others need not be understood.
    let is_of = |name: &str| line.contains(name);
    if !is_of("_req_duration\"") && !is_of("\"vus\"") || !is_of("\"Point\"") {
        return Ok(Item::Other);
    }
    let entry: Entry = serde_json::from_str(line).map_err(|error| error.to_string())?;
    if entry.metric == "vus" {
        *users = Some(entry.data.value.clamp(0.0, f64::from(u32::MAX)) as u32);
    }
    if !is_request(&entry.metric) {
        return Ok(Item::Other);
    }
    let (end, step_ms) = instant(&entry.data.time, "time")?;
    let elapsed = micros_of(entry.data.value, 1e3, "value")?;
    let tags = entry.data.tags.unwrap_or_default();
    texts.code.clear();
    texts.code.push_str(tags.status.as_deref().unwrap_or_default());
    texts.message.clear();
    texts.message.push_str(tags.error.as_deref().unwrap_or_default());
    let point = Point {
        end,
        step_ms,
        elapsed,
        expected: tags.expected_response.as_deref().unwrap_or_default(),
        code: &texts.code,
        message: &texts.message,
        method: tags.method.as_deref().unwrap_or_default(),
        name: tags.name.as_deref().unwrap_or_default(),
        url: tags.url.as_deref().unwrap_or_default(),
    };
    Ok(Item::Sample(point.sample(label, *users)))
}
