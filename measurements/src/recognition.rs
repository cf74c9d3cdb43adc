//! Which format a file has, by what it begins with.

use crate::error::{Problem, Trouble, listed, shown};
use crate::format::{Format, Layout};
use crate::head::{Head, Recognition};
use crate::tools::{self, TOOLS, Tool};
use crate::totals::{TOTALS, Total};
use crate::{foreign, summary, tidy, timestamp};

/// What a file is, and how it is laid out.
pub(crate) enum Known {
    /// A table of load tests, or a log of the gateway.
    Format(Format, Layout),
    /// The requests that a load generator made.
    Requests(&'static Tool, Layout),
    /// The figures of a load generator.
    Figures(&'static Total, Layout),
}

/// What a file is that begins with these bytes.
pub(crate) fn of(head: &[u8]) -> Result<Known, Trouble> {
    tools::refuse_binary(head)?;
    let text = text(head)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().ok_or(Problem::Empty)?;
    let beginning = Head::of(head, &text, first);
    for tool in TOOLS {
        match (tool.recognises)(&beginning) {
            Recognition::Not => {}
            Recognition::Known(layout) => return Ok(Known::Requests(tool, layout)),
            Recognition::Refused(problem) => return Err(problem.at(1)),
        }
    }
    for total in TOTALS {
        match (total.recognises)(&beginning) {
            Recognition::Not => {}
            Recognition::Known(layout) => return Ok(Known::Figures(total, layout)),
            Recognition::Refused(problem) => return Err(problem.at(1)),
        }
    }
    let with = |format| Ok(Known::Format(format, beginning.table()));
    if let Some(problem) = foreign::problem(&text, first) {
        return Err(problem.at(1));
    }
    let has = |known: &[&str]| known.iter().any(|known| beginning.has(&[known]));
    if has(&summary::TELLING) {
        return with(Format::Summary);
    }
    if has(&tidy::TELLING) {
        return with(Format::Table);
    }
    // A log that was rolled may begin in the middle of an entry.
    for line in std::iter::once(first).chain(lines).take(100) {
        if timestamp::of_entry(line).is_some() {
            return with(Format::Correlation);
        }
        if line.contains('{') && (line.contains("apimMetrics") || line.contains("\"apiName\"")) {
            return with(Format::Metrics);
        }
    }
    let found = if beginning.header.len() > 1 {
        format!("has the columns {}", listed(beginning.header.iter().copied()))
    } else {
        format!("begins with `{}`", shown(first))
    };
    Err(Problem::Unknown { found }.at(1))
}

fn text(head: &[u8]) -> Result<String, Trouble> {
    let not_text = |found, remedy| Trouble::from(Problem::NotText { found, remedy });
    if head.starts_with(&[0x1f, 0x8b]) || head.starts_with(b"PK\x03\x04") {
        return Err(not_text("compressed", "unpack it first"));
    }
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return Err(not_text("text in UTF-16", "save it as UTF-8"));
    }
    if head.contains(&0) {
        return Err(not_text("not text", "name a CSV file or a log"));
    }
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    Ok(String::from_utf8_lossy(head).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(head: &[u8]) -> String {
        of(head).err().expect("no format").problem.to_string()
    }

    #[test]
    fn formats_are_known_by_their_beginning() {
        let cases: [(&[u8], Format); 7] = [
            (b"scenario,concurrent_users,throughput_rps\n", Format::Table),
            (b"\xef\xbb\xbfScenario Name;Heap Size;Concurrent Users\r\n", Format::Summary),
            (b"\"timeStamp\"\t\"elapsed\"\t\"label\"\n", Format::Requests("a JMeter result")),
            (b"the end of an entry\n2018-11-29 15:19:13,859|id|t|0|jdbc|x\n", Format::Correlation),
            (b"2018-11-29 15:19:13,859||t|0|jdbc|x\n", Format::Correlation),
            (
                b"08:23:34,898 [-] [t]  INFO M apimMetrics: apim:response, properties :{}",
                Format::Metrics,
            ),
            (b"{\"apiName\":\"a\"}", Format::Metrics),
        ];
        for (head, format) in cases {
            let found = match of(head) {
                Ok(Known::Format(format, _)) => format,
                Ok(Known::Requests(tool, _)) => Format::Requests(tool.name),
                Ok(Known::Figures(total, _)) => Format::Figures(total.name),
                Err(trouble) => panic!("{}", trouble.problem),
            };
            assert_eq!(found, format);
        }
    }

    #[test]
    fn what_is_no_measurement_is_told_what_it_is() {
        assert_eq!(problem(b""), "empty");
        assert_eq!(problem(b"\n  \n"), "empty");
        assert_eq!(problem(b"\x1f\x8b\x08\x00"), "compressed; unpack it first");
        assert_eq!(problem(b"\xff\xfet\0i\0"), "text in UTF-16; save it as UTF-8");
        assert_eq!(problem(b"\x7fELF\x02\x00"), "not text; name a CSV file or a log");
        assert!(
            problem(b"1509841690552,354,login,200,OK,login 1-1,text,true")
                .starts_with("a JMeter result of 8 columns without its header")
        );
        assert!(problem(b"once upon a time").contains("begins with `once upon a time`"));
        assert!(
            problem(b"timestamp,cpu,mem\n1,2,3\n")
                .contains("the columns `timestamp`, `cpu`, `mem`")
        );
    }
}
