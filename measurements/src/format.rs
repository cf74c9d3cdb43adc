//! Which format a file has, by what it begins with.

use std::fmt;

use crate::error::{Problem, Trouble, shown};
use crate::{jtl, summary, tidy, timestamp};

/// How a file is understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table of load tests, one row each, with columns as `concurrent_users`, `throughput_rps` and
    /// `latency_p99_ms`.
    Table,
    /// The `summary.csv` of WSO2's performance tests.
    Summary,
    /// A JMeter result as CSV, one row per sample.
    Jtl,
    /// The gateway's `correlation.log`.
    Correlation,
    /// The gateway's `apim_metrics.log`.
    Metrics,
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Table => "a table of load tests",
            Self::Summary => "a summary of performance tests",
            Self::Jtl => "a JMeter result",
            Self::Correlation => "a correlation log",
            Self::Metrics => "a metrics log",
        })
    }
}

/// The format of a file that begins with these bytes.
pub(crate) fn of(head: &[u8]) -> Result<Format, Trouble> {
    let text = text(head)?;
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().ok_or(Problem::Empty)?;
    if first.starts_with("<?xml") || first.starts_with("<testResults") {
        return Err(Problem::Xml.at(1));
    }
    let header = columns(first);
    let has = |known: &[&str]| {
        header.iter().any(|column| known.iter().any(|known| column.eq_ignore_ascii_case(known)))
    };
    if has(&jtl::TELLING) {
        return Ok(Format::Jtl);
    }
    if has(&summary::TELLING) {
        return Ok(Format::Summary);
    }
    if has(&tidy::TELLING) {
        return Ok(Format::Table);
    }
    // A log that was rolled may begin in the middle of an entry.
    for line in std::iter::once(first).chain(lines).take(100) {
        if timestamp::of_entry(line).is_some() {
            return Ok(Format::Correlation);
        }
        if line.contains('{') && (line.contains("apimMetrics") || line.contains("\"apiName\"")) {
            return Ok(Format::Metrics);
        }
    }
    if jtl::is_sample(&header) {
        return Err(Problem::NoHeader { header: jtl::HEADER }.at(1));
    }
    Err(Problem::Unknown { found: shown(first) }.at(1))
}

/// The fields of a header, with the separator that it has most of.
pub(crate) fn columns(header: &str) -> Vec<&str> {
    let separator = separator(header.as_bytes()) as char;
    header.split(separator).map(|column| column.trim().trim_matches('"').trim()).collect()
}

/// What separates the fields of the first line: a comma, a semicolon or a tab.
pub(crate) fn separator(head: &[u8]) -> u8 {
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let count = |separator: u8| line.split(|byte| *byte == separator).count();
    // The last of the greatest is taken: the comma.
    [b'\t', b';', b','].into_iter().max_by_key(|separator| count(*separator)).unwrap_or(b',')
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
        of(head).expect_err("no format").problem.to_string()
    }

    #[test]
    fn formats_are_known_by_their_beginning() {
        let cases: [(&[u8], Format); 7] = [
            (b"scenario,concurrent_users,throughput_rps\n", Format::Table),
            (b"\xef\xbb\xbfScenario Name;Heap Size;Concurrent Users\r\n", Format::Summary),
            (b"\"timeStamp\"\t\"elapsed\"\t\"label\"\n", Format::Jtl),
            (b"the end of an entry\n2018-11-29 15:19:13,859|id|t|0|jdbc|x\n", Format::Correlation),
            (b"2018-11-29 15:19:13,859||t|0|jdbc|x\n", Format::Correlation),
            (
                b"08:23:34,898 [-] [t]  INFO M apimMetrics: apim:response, properties :{}",
                Format::Metrics,
            ),
            (b"{\"apiName\":\"a\"}", Format::Metrics),
        ];
        for (head, format) in cases {
            assert_eq!(of(head).expect("a format"), format);
        }
    }

    #[test]
    fn what_is_no_measurement_is_told_what_it_is() {
        assert_eq!(problem(b""), "empty");
        assert_eq!(problem(b"\n  \n"), "empty");
        assert_eq!(problem(b"\x1f\x8b\x08\x00"), "compressed; unpack it first");
        assert_eq!(problem(b"\xff\xfet\0i\0"), "text in UTF-16; save it as UTF-8");
        assert_eq!(problem(b"\x7fELF\x02\x00"), "not text; name a CSV file or a log");
        assert!(problem(b"<?xml version=\"1.0\"?>").contains("output_format=csv"));
        assert!(
            problem(b"1509841690552,354,login,200,OK,login 1-1,text,true")
                .contains("print_field_names")
        );
        assert!(problem(b"once upon a time").contains("begins with `once upon a time`"));
    }
}
