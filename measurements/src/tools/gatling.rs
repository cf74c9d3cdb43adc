//! Gatling's `simulation.log` up to 3.11: a line for each request with its start and end in ms since 1970, and
//! one for each user who begins or ends. Versions differ in what stands before the name of a request. From 3.12
//! on it is binary.

use std::io::BufReader;

use super::{Clock, Tool, Users};
use crate::error::{Problem, Trouble, shown};
use crate::format::Layout;
use crate::head::{Head, Input};
use crate::lines::{Line, Lines};
use crate::sample::{Item, Sample, Samples};
use crate::tally::LONGEST_MS;

pub(crate) const TOOL: Tool = Tool {
    name: "the simulation.log of Gatling",
    recognises: |head| recognises(head).into(),
    open: |opening| {
        let lines = Lines::new(BufReader::with_capacity(1 << 16, opening.input));
        Ok(Box::new(Reader { lines, text: String::new(), label: String::new(), users: 0 }))
    },
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Either,
    caution: None,
};

/// What lines begin with, in 2.0 and 2.1 in their third field.
const KINDS: [&str; 6] = ["RUN", "REQUEST", "USER", "GROUP", "ERROR", "ASSERTION"];

fn recognises(head: &Head) -> Option<Layout> {
    let kind = |line: &str| {
        let fields: Vec<&str> = line.split('\t').collect();
        let begins = |at: usize| fields.get(at).is_some_and(|field| KINDS.contains(field));
        fields.len() > 3 && (begins(0) || begins(2)) || line.starts_with("ASSERTION\t")
    };
    kind(head.first).then(|| head.table())
}

/// Whether these are the first bytes of the binary log: a record of the run, whose first text is the version.
pub(crate) fn refuse_binary(head: &[u8]) -> Result<(), Trouble> {
    let Some((&[0, 0, 0, 0, length], rest)) = head.split_first_chunk() else { return Ok(()) };
    let version = rest.get(..usize::from(length)).unwrap_or_default();
    let is_version = (3..=30).contains(&length)
        && version.first().is_some_and(u8::is_ascii_digit)
        && version.contains(&b'.')
        && version.iter().all(u8::is_ascii_graphic);
    if !is_version {
        return Ok(());
    }
    let what = "the binary simulation.log of Gatling 3.12 or later, which only that version of Gatling reads";
    let remedy = "test with Gatling 3.11, whose log is text, or put the figures of its report into a \
                  table, a row per test: \
                  `scenario,concurrent_users,throughput_rps,latency_avg_ms,latency_p99_ms`";
    Err(Problem::Foreign { what, remedy }.into())
}

struct Reader<'a> {
    lines: Lines<BufReader<Input<'a>>>,
    text: String,
    label: String,
    /// Who began and did not end.
    users: u32,
}

impl Samples for Reader<'_> {
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble> {
        let Some(Line { number, text }) = self.lines.advance()? else { return Ok(None) };
        match text {
            Ok(text) => text.clone_into(&mut self.text),
            Err(reason) => return Ok(Some((number, Item::Unreadable(reason)))),
        }
        let item = item(&self.text, &mut self.label, &mut self.users);
        Ok(Some((number, item.unwrap_or_else(Item::Unreadable))))
    }

    fn ended(&self) -> bool {
        self.lines.ended()
    }
}

fn item<'a>(line: &'a str, label: &'a mut String, users: &mut u32) -> Result<Item<'a>, String> {
    let fields: Vec<&str> = line.split('\t').collect();
    let of = |kind: &str| fields.first() == Some(&kind) || fields.get(2) == Some(&kind);
    if of("REQUEST") {
        return request(&fields, label, *users).map(Item::Sample);
    }
    if of("USER") {
        let count = |what: &str| u32::from(fields.contains(&what));
        *users = users.saturating_add(count("START")).saturating_sub(count("END"));
        return Ok(Item::Other);
    }
    if KINDS.into_iter().any(of) {
        return Ok(Item::Other);
    }
    Err(format!("`{}` is no line of Gatling's", shown(line)))
}

/// `… groups, name, start, …, end, OK, message`: in every version, instants stand between the name and how it
/// went.
fn request<'a>(
    fields: &[&'a str],
    label: &'a mut String,
    users: u32,
) -> Result<Sample<'a>, String> {
    let at = fields.iter().rposition(|field| matches!(*field, "OK" | "KO"));
    let at = at.ok_or("neither `OK` nor `KO`")?;
    let instant = |field: &&&str| field.len() == 13 && field.bytes().all(|b| b.is_ascii_digit());
    let first = at - fields[..at].iter().rev().take_while(instant).count();
    if at - first < 2 || first < 2 {
        return Err("no start and end in ms since 1970".to_owned());
    }
    let number = |field: &str| field.parse::<i64>().map_err(|error| error.to_string());
    let (start, end) = (number(fields[first])?, number(fields[at - 1])?);
    let elapsed = end.checked_sub(start).and_then(|ms| u64::try_from(ms).ok());
    let elapsed = elapsed.filter(|ms| *ms <= LONGEST_MS).ok_or("it ends before it begins")?;
    label.clear();
    for group in fields[first - 2].split(',').filter(|group| !group.is_empty()) {
        // Before 3.0 there is the number of a user.
        if first > 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            label.push_str(group);
            label.push_str(" / ");
        }
    }
    label.push_str(fields[first - 1]);
    Ok(Sample {
        label,
        success: fields[at] == "OK",
        message: fields.get(at + 1).copied().unwrap_or_default().trim(),
        threads: (users > 0).then_some(users),
        ..Sample::spanning(start * 1000, elapsed * 1000)
    })
}
