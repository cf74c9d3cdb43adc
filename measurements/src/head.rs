//! The beginning of a file, by which its format is known.

use std::io::Read;

use crate::columns::{columns, separator};
use crate::error::Problem;
use crate::format::Layout;

/// A file from its beginning.
pub(crate) type Input<'a> = Box<dyn Read + 'a>;

/// So much of a file's beginning is looked at for what stands somewhere.
const MOST_LOOKED_AT: usize = 64 * 1024;

/// The beginning of a file.
pub(crate) struct Head<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) text: &'a str,
    /// The first line that is not blank, trimmed.
    pub(crate) first: &'a str,
    /// Its fields, as those of a header.
    pub(crate) header: Vec<&'a str>,
    /// What separates them.
    pub(crate) separator: u8,
}

impl<'a> Head<'a> {
    pub(crate) fn of(bytes: &'a [u8], text: &'a str, first: &'a str) -> Self {
        Self { bytes, text, first, header: columns(first), separator: separator(first) }
    }

    /// Whether the header names all of these columns, in whatever case.
    pub(crate) fn has(&self, names: &[&str]) -> bool {
        let named =
            |name: &&str| self.header.iter().any(|column| column.eq_ignore_ascii_case(name));
        names.iter().all(named)
    }

    /// The layout of a table with this header.
    pub(crate) fn table(&self) -> Layout {
        Layout { separator: self.separator, header: None }
    }

    /// Whether this stands somewhere in the beginning.
    pub(crate) fn contains(&self, part: &str) -> bool {
        let most = MOST_LOOKED_AT.min(self.text.len());
        let end = (0..=most).rev().find(|at| self.text.is_char_boundary(*at));
        self.text[..end.unwrap_or(0)].contains(part)
    }
}

/// What a tool makes of the beginning of a file.
pub(crate) enum Recognition {
    /// It is of another tool.
    Not,
    /// It is laid out so.
    Known(Layout),
    /// It is of this tool, and cannot be read.
    Refused(Problem),
}

impl From<Option<Layout>> for Recognition {
    fn from(layout: Option<Layout>) -> Self {
        layout.map_or(Self::Not, Self::Known)
    }
}
