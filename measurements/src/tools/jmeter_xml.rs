//! JMeter results as XML: an element for each sample, whose attributes are its figures; `ts` is its start in ms
//! since 1970, `t` how long it took, `it` how long it waited by itself.
//!
//! A sample may hold others: what a page is made of, which its own time includes, or the requests of a
//! Transaction Controller, which then count instead of it.

use std::io::{self, BufRead, BufReader, Read};

use quick_xml::Reader;
use quick_xml::errors::Error;
use quick_xml::events::{BytesStart, Event};

use super::jmeter_csv::{TRANSACTION, generator};
use super::{Clock, Tool, Users};
use crate::error::{Problem, Trouble, shown};
use crate::format::Layout;
use crate::head::{Head, Input};
use crate::sample::{Item, Sample, Samples};
use crate::tally::LONGEST_MS;

pub(crate) const TOOL: Tool = Tool {
    name: "a JMeter result in XML",
    recognises: |head| recognises(head).into(),
    open: |opening| Ok(Box::new(Elements::new(opening.input))),
    day_order: None,
    clock: Clock::Epoch,
    users: Users::Closed,
    caution: None,
};

/// A longer element is none: a bracket left open, or a file of another kind.
const LONGEST_ELEMENT: u64 = 16 << 20;

/// Nothing is nested more deeply.
const DEEPEST: usize = 100;

/// The year 5138; later instants are none.
const LAST_INSTANT: u64 = 100_000_000_000_000;

fn recognises(head: &Head) -> Option<Layout> {
    let begins = head.text.trim_start().starts_with('<');
    let known =
        begins && (head.text.contains("<testResults") || head.first.starts_with("<httpSample "));
    known.then(|| head.table())
}

/// The samples of a document.
struct Elements<'a> {
    reader: Reader<Counted<BufReader<Input<'a>>>>,
    buffer: Vec<u8>,
    /// Samples that are open, the innermost last.
    open: Vec<Open>,
    depth: usize,
    found: Element,
    /// The document came to its end.
    is_closed: bool,
    is_over: bool,
}

/// A sample whose end is yet to come.
enum Open {
    /// What is inside belongs to it.
    Sample,
    /// What is inside counts instead of it; none was seen yet where it is still there.
    Transaction(Option<Box<Element>>),
}

/// What the attributes of a sample say.
#[derive(Default)]
struct Element {
    start: i64,
    elapsed: u64,
    idle: u64,
    success: bool,
    threads: Option<u32>,
    sent: Option<u64>,
    label: String,
    thread: String,
    host: String,
    code: String,
    message: String,
}

/// What an event of the parser comes to.
enum Step {
    Found,
    Unreadable(String),
    Other,
    Nothing,
    Over,
}

impl<'a> Elements<'a> {
    fn new(input: Input<'a>) -> Self {
        let input = BufReader::with_capacity(1 << 16, input);
        Self {
            reader: Reader::from_reader(Counted {
                input,
                lines: 0,
                read: 0,
                most: 0,
                is_over: false,
            }),
            buffer: Vec::new(),
            open: Vec::new(),
            depth: 0,
            found: Element::default(),
            is_closed: false,
            is_over: false,
        }
    }

    fn step(&mut self) -> Result<Step, Trouble> {
        self.buffer.clear();
        let input = self.reader.get_mut();
        input.most = input.read + LONGEST_ELEMENT;
        let line = input.lines + 1;
        let event = match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => event,
            Err(_) if self.reader.get_ref().is_over => {
                self.is_over = true;
                return Ok(Step::Unreadable("the document is cut off".to_owned()));
            }
            Err(Error::Io(_)) if self.reader.get_ref().is_full() => {
                return Err(Problem::LongLine { most: LONGEST_ELEMENT }.at(line));
            }
            Err(Error::Io(error)) => {
                return Err(io::Error::new(error.kind(), error.to_string()).into());
            }
            Err(error) => {
                let what = format!("no XML: {}", shown(&error.to_string()));
                return Err(Problem::Row(what).at(line));
            }
        };
        Ok(match event {
            Event::Start(element) => {
                self.depth += 1;
                if self.depth > DEEPEST {
                    return Err(Problem::Row("elements are nested too deeply".to_owned()).at(line));
                }
                if !is_sample(&element) {
                    return Ok(Step::Nothing);
                }
                let belongs = belongs(&self.open);
                let read = if belongs { Ok(()) } else { self.found.read(&element) };
                let is_transaction = !belongs && self.found.is_transaction();
                if is_transaction && read.is_ok() {
                    let kept = Box::new(std::mem::take(&mut self.found));
                    self.open.push(Open::Transaction(Some(kept)));
                    return Ok(Step::Other);
                }
                count(&mut self.open);
                self.open.push(Open::Sample);
                said(read, belongs)
            }
            Event::Empty(element) if is_sample(&element) => {
                let belongs = belongs(&self.open);
                let read = if belongs { Ok(()) } else { self.found.read(&element) };
                count(&mut self.open);
                said(read, belongs)
            }
            Event::End(element) => {
                self.depth = self.depth.saturating_sub(1);
                self.is_closed |= element.name().0 == "testResults";
                let is_sample = matches!(element.name().0, "sample" | "httpSample");
                match if is_sample { self.open.pop() } else { None } {
                    // A sum without its parts.
                    Some(Open::Transaction(Some(sum))) => {
                        self.found = *sum;
                        Step::Found
                    }
                    _ => Step::Nothing,
                }
            }
            Event::Eof => Step::Over,
            _ => Step::Nothing,
        })
    }
}

fn is_sample(element: &BytesStart) -> bool {
    matches!(element.name().0, "sample" | "httpSample")
}

/// Whether what is inside these is a part of a sample.
fn belongs(open: &[Open]) -> bool {
    open.iter().any(|each| matches!(each, Open::Sample))
}

/// The sums around a sample have one.
fn count(open: &mut [Open]) {
    for each in open {
        if let Open::Transaction(sum) = each {
            *sum = None;
        }
    }
}

fn said(read: Result<(), String>, belongs: bool) -> Step {
    match read {
        Ok(()) if belongs => Step::Other,
        Ok(()) => Step::Found,
        Err(reason) => Step::Unreadable(reason),
    }
}

impl Samples for Elements<'_> {
    fn advance(&mut self) -> Result<Option<(u64, Item<'_>)>, Trouble> {
        loop {
            if self.is_over {
                return Ok(None);
            }
            let step = self.step()?;
            let line = self.reader.get_ref().lines + 1;
            return Ok(match step {
                Step::Nothing => continue,
                Step::Over => None,
                Step::Found => Some((line, Item::Sample(self.found.sample()))),
                Step::Unreadable(reason) => Some((line, Item::Unreadable(reason))),
                Step::Other => Some((line, Item::Other)),
            });
        }
    }

    fn ended(&self) -> bool {
        self.is_closed
    }
}

impl Element {
    /// Takes what the attributes of an element say.
    fn read(&mut self, element: &BytesStart) -> Result<(), String> {
        for text in
            [&mut self.label, &mut self.thread, &mut self.host, &mut self.code, &mut self.message]
        {
            text.clear();
        }
        (self.idle, self.threads, self.sent) = (0, None, None);
        let (mut start, mut elapsed, mut success) = (None, None, None);
        for attribute in element.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let raw = attribute.value.as_ref();
            match attribute.key.0 {
                "ts" => start = Some(number(raw, "ts", LAST_INSTANT)?),
                "t" => elapsed = Some(number(raw, "t", LONGEST_MS)?),
                "it" => self.idle = number(raw, "it", LONGEST_MS)?,
                "s" => success = Some(truth(raw)?),
                "na" => self.threads = Some(number(raw, "na", u32::MAX.into())? as u32),
                "sby" => self.sent = raw.parse().ok(),
                "sc" if number(raw, "sc", u64::MAX)? > 1 => {
                    return Err("a sum of several samples (`sc`)".to_owned());
                }
                "lb" => put(&mut self.label, raw)?,
                "tn" => put(&mut self.thread, raw)?,
                "hn" => put(&mut self.host, raw)?,
                "rc" => put(&mut self.code, raw)?,
                "rm" => put(&mut self.message, raw)?,
                _ => {}
            }
        }
        self.start = start.ok_or("no `ts`, its start")? as i64;
        self.elapsed = elapsed.ok_or("no `t`, its time")?;
        self.success = success.unwrap_or_else(|| super::values::is_good(&self.code));
        if self.label.is_empty() {
            return Err("no `lb`, its label".to_owned());
        }
        Ok(())
    }

    fn is_transaction(&self) -> bool {
        self.message.starts_with(TRANSACTION)
    }

    fn sample(&self) -> Sample<'_> {
        let thread = Some(self.thread.as_str()).filter(|name| !name.is_empty());
        Sample {
            start: self.start,
            elapsed_us: self.elapsed * 1000,
            end: self.start + (self.elapsed + self.idle) as i64,
            step_ms: 1,
            label: &self.label,
            success: self.success,
            threads: self.threads,
            sent: self.sent,
            thread,
            generator: if self.host.is_empty() { thread.map_or("", generator) } else { &self.host },
            is_transaction: self.is_transaction(),
            code: &self.code,
            message: &self.message,
        }
    }
}

fn number(raw: &str, name: &str, most: u64) -> Result<u64, String> {
    let number = raw.parse::<u64>().ok().filter(|number| *number <= most);
    number.ok_or_else(|| format!("`{}` in `{name}` is not a number from 0 to {most}", shown(raw)))
}

fn truth(raw: &str) -> Result<bool, String> {
    match raw {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(format!("`{}` in `s` is not true or false", shown(raw))),
    }
}

/// The text that an attribute stands for.
fn put(text: &mut String, raw: &str) -> Result<(), String> {
    if raw.contains('&') {
        let meant = quick_xml::escape::unescape(raw).map_err(|error| error.to_string())?;
        text.push_str(&meant);
    } else {
        text.push_str(raw);
    }
    Ok(())
}

/// Counts lines, and gives so many bytes and then an error: a bracket left open must not fill the memory.
struct Counted<R> {
    input: R,
    lines: u64,
    read: u64,
    most: u64,
    is_over: bool,
}

impl<R> Counted<R> {
    fn is_full(&self) -> bool {
        self.read >= self.most
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let count = available.len().min(buffer.len());
        buffer[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.read >= self.most {
            return Err(io::Error::other("an element too long"));
        }
        let available = self.input.fill_buf()?;
        self.is_over = available.is_empty();
        Ok(available)
    }

    fn consume(&mut self, count: usize) {
        // It is in the buffer: nothing is read.
        if let Ok(available) = self.input.fill_buf() {
            let ends =
                available[..count.min(available.len())].iter().filter(|byte| **byte == b'\n');
            self.lines += ends.count() as u64;
        }
        self.read += count as u64;
        self.input.consume(count);
    }
}
