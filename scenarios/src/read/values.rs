//! Single values: from an item of the document to a number, a name or a quantity.

use sim::time::SimDuration;

use crate::document::{Item, Place, Table, Value};
use crate::quantity::{self, Kind, shown};
use crate::read::names::suggestion;
use crate::read::section::Context;

/// Longest name of a flow, deployment or cluster; names head columns and legends.
const LONGEST_NAME: usize = 64;

impl Context<'_> {
    /// A table.
    pub(crate) fn table<'i>(&self, item: &'i Item) -> Option<&'i Table> {
        item.table().or_else(|| self.not(item, "a table", "write it as { key = value, … }"))
    }

    /// A list.
    pub(crate) fn list<'i>(&self, item: &'i Item) -> Option<&'i [Item]> {
        match &item.value {
            Value::Array(items) => Some(items),
            _ => self.not(item, "a list", "write it as [ …, … ]"),
        }
    }

    /// A text.
    pub(crate) fn text<'i>(&self, item: &'i Item) -> Option<&'i str> {
        item.text().or_else(|| {
            let help = match item.value {
                Value::Array(_) | Value::Table(_) => "write it in quotes".to_owned(),
                _ => format!("write it as \"{}\"", shown(&item.written())),
            };
            self.not(item, "a text", &help)
        })
    }

    /// A name: one line, neither empty nor long.
    pub(crate) fn name(&self, item: &Item) -> Option<String> {
        let text = self.text(item)?;
        self.checked_name(item.place, text).then(|| text.to_owned())
    }

    /// Whether a text can serve as a name.
    pub(crate) fn checked_name(&self, place: Place, text: &str) -> bool {
        let fits = text.chars().count() <= LONGEST_NAME;
        let good = fits && text.trim() == text && !text.is_empty();
        let good = good && !text.chars().any(char::is_control);
        if !good {
            let what = format!("`{}` cannot be a name", shown(text));
            self.log.problem(place, what, "a name is one line of 1 to 64 characters");
        }
        good
    }

    /// A whole number within limits.
    pub(crate) fn integer(&self, item: &Item, least: u64, most: u64) -> Option<u64> {
        let help = match most {
            u64::MAX => format!("it is a whole number, at least {least}"),
            _ => format!("it is a whole number from {least} to {most}"),
        };
        let Value::Integer(number) = item.value else {
            return self.not(item, "a whole number", &help);
        };
        let within = u64::try_from(number).ok().filter(|n| (least..=most).contains(n));
        if within.is_none() {
            let what = format!("`{}` is out of range", shown(&item.written()));
            self.log.problem(item.place, what, help);
        }
        within
    }

    /// A number without a unit, within limits.
    pub(crate) fn number(&self, item: &Item, least: f64, most: f64) -> Option<f64> {
        let help = format!("it is a number from {least} to {most}");
        let number = match item.value {
            Value::Integer(number) => number as f64,
            Value::Float(number) => number,
            _ => return self.not(item, "a number", &help),
        };
        if (least..=most).contains(&number) {
            Some(number)
        } else {
            let what = format!("`{}` is out of range", shown(&item.written()));
            self.log.problem(item.place, what, help);
            None
        }
    }

    /// True or false.
    pub(crate) fn boolean(&self, item: &Item) -> Option<bool> {
        match item.value {
            Value::Boolean(boolean) => Some(boolean),
            _ => self.not(item, "true or false", "write true or false"),
        }
    }

    /// One of a closed set of names.
    pub(crate) fn choice<T: Copy>(&self, item: &Item, noun: &str, all: &[(T, &str)]) -> Option<T> {
        let text = self.text(item)?;
        let found = all.iter().find(|(_, name)| *name == text).map(|(value, _)| *value);
        if found.is_none() {
            let names: Vec<_> = all.iter().map(|(_, name)| *name).collect();
            let what = format!("`{}` is not {noun}", shown(text));
            self.log.problem(item.place, what, suggestion(text, &names));
        }
        found
    }

    /// A duration, possibly 0.
    pub(crate) fn duration(&self, item: &Item) -> Option<SimDuration> {
        self.quantity(item, &quantity::DURATION).map(SimDuration::from_seconds)
    }

    /// A duration above 0.
    pub(crate) fn positive_duration(&self, item: &Item) -> Option<SimDuration> {
        let duration = self.duration(item)?;
        if duration == SimDuration::ZERO {
            let what = format!("`{}` is no time at all", shown(&item.written()));
            self.log.problem(item.place, what, "it is above 0 and at least \"1 ns\"");
            return None;
        }
        Some(duration)
    }

    /// A rate per second, possibly 0.
    pub(crate) fn rate(&self, item: &Item) -> Option<f64> {
        self.quantity(item, &quantity::RATE)
    }

    /// A rate per second above 0.
    pub(crate) fn positive_rate(&self, item: &Item) -> Option<f64> {
        let rate = self.rate(item)?;
        if rate <= 0.0 {
            let what = format!("`{}` is no rate at all", shown(&item.written()));
            self.log.problem(item.place, what, "a rate is above 0; leave the flow out instead");
            return None;
        }
        Some(rate)
    }

    /// A share as a fraction of 1.
    pub(crate) fn share(&self, item: &Item) -> Option<f64> {
        self.quantity(item, &quantity::SHARE)
    }

    /// A size in KiB.
    pub(crate) fn size(&self, item: &Item) -> Option<f64> {
        self.quantity(item, &quantity::SIZE)
    }

    /// A size above 0, in KiB.
    pub(crate) fn positive_size(&self, item: &Item) -> Option<f64> {
        self.size(item).and_then(|size| self.positive(item, size))
    }

    /// An amount of memory, in KiB.
    pub(crate) fn memory(&self, item: &Item) -> Option<f64> {
        self.quantity(item, &quantity::MEMORY)
    }

    /// An amount of memory above 0, in KiB.
    pub(crate) fn positive_memory(&self, item: &Item) -> Option<f64> {
        self.memory(item).and_then(|memory| self.positive(item, memory))
    }

    /// A share above 0, as a fraction of 1.
    pub(crate) fn positive_share(&self, item: &Item) -> Option<f64> {
        self.share(item).and_then(|share| self.positive(item, share))
    }

    fn positive(&self, item: &Item, number: f64) -> Option<f64> {
        if number == 0.0 {
            let what = format!("`{}` is nothing", shown(&item.written()));
            self.log.problem(item.place, what, "it is above 0");
        }
        (number > 0.0).then_some(number)
    }

    /// A price per hour.
    pub(crate) fn price(&self, item: &Item) -> Option<f64> {
        self.quantity(item, &quantity::PRICE)
    }

    fn quantity(&self, item: &Item, kind: &Kind) -> Option<f64> {
        let read = match &item.value {
            Value::Text(text) => kind.parse(text),
            Value::Integer(number) => Err(kind.without_unit(&item.written(), *number as f64)),
            Value::Float(number) => Err(kind.without_unit(&item.written(), *number)),
            _ => Err(kind.wrong(&item.written())),
        };
        read.map_err(|wrong| self.log.wrong(item.place, wrong)).ok()
    }

    /// Whether the value is the text `none`, which turns a feature off.
    pub(crate) fn is_none(item: &Item) -> bool {
        item.text() == Some("none")
    }

    /// Notes that an item is of the wrong type.
    pub(crate) fn not<T>(&self, item: &Item, wanted: &str, help: &str) -> Option<T> {
        let what = match &item.value {
            Value::Array(_) | Value::Table(_) => format!("{} is not {wanted}", item.noun()),
            _ => format!("`{}` is not {wanted}", shown(&item.written())),
        };
        self.log.problem(item.place, what, help);
        None
    }
}
