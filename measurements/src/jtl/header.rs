//! The columns of a JMeter result: named by a header, or in the order in which JMeter always writes them
//! (`CSVSaveService.printableFieldNamesToString`), of which each version leaves out other ones.

use crate::error::{Problem, Trouble};
use crate::format::{Format, Layout};
use crate::table::first_record;
use crate::timestamp::Stamp;

/// The names of JMeter's columns, as far as they tell its results from other files.
const NAMES: [&str; 14] = [
    "timeStamp",
    "elapsed",
    "label",
    "responseCode",
    "responseMessage",
    "threadName",
    "dataType",
    "success",
    "failureMessage",
    "sentBytes",
    "grpThreads",
    "allThreads",
    "IdleTime",
    "Connect",
];

/// A header has at least so many of them.
const LEAST_NAMES: usize = 3;

/// What JMeter 5 writes first.
pub(crate) const HEADER: &str = "timeStamp,elapsed,label,responseCode,responseMessage,threadName,\
                                 dataType,success,failureMessage,bytes,sentBytes,grpThreads,\
                                 allThreads,URL,Latency,IdleTime,Connect";

/// What each version writes where nothing was set, the newest first: 4.0 to 5.6; the same with
/// `hostname`; 3.1 to 3.3; 3.0 with and without `failureMessage`; 2.12 and 2.13; before.
const LAYOUTS: [&str; 8] = [
    HEADER,
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,sentBytes,grpThreads,allThreads,URL,Latency,Hostname,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,sentBytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     failureMessage,bytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency,IdleTime,Connect",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency,IdleTime",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,\
     bytes,grpThreads,allThreads,Latency",
    "timeStamp,elapsed,label,responseCode,responseMessage,threadName,dataType,success,bytes,Latency",
];

/// Columns that hold whole numbers in every row.
const NUMBERS: [&str; 7] =
    ["bytes", "sentBytes", "grpThreads", "allThreads", "Latency", "IdleTime", "Connect"];

/// Whether these are the names of a result's columns.
pub(crate) fn is_header(columns: &[&str]) -> bool {
    let known = |column: &&&str| NAMES.iter().any(|name| column.trim().eq_ignore_ascii_case(name));
    let has = |name: &str| columns.iter().any(|column| column.trim().eq_ignore_ascii_case(name));
    columns.iter().filter(known).count() >= LEAST_NAMES || has("timeStamp") && has("elapsed")
}

/// The layout of a result that begins with a sample.
///
/// # Errors
///
/// If its columns are in no order of JMeter's.
pub(crate) fn without_header(head: &[u8]) -> Result<Option<Layout>, Trouble> {
    for separator in *b",;\t|" {
        let Some(record) = first_record(head, separator) else { continue };
        let cells: Vec<String> =
            record.iter().map(|cell| String::from_utf8_lossy(cell).trim().to_owned()).collect();
        if !is_sample(&cells) {
            continue;
        }
        let header = LAYOUTS.into_iter().find(|layout| fits(layout, &cells));
        let layout = |header| Layout { format: Format::Jtl, separator, header: Some(header) };
        let none = Problem::NoHeader { columns: cells.len(), header: HEADER };
        return header.map(layout).map(Some).ok_or_else(|| none.at(1));
    }
    Ok(None)
}

/// Whether the first eight cells are those of a sample.
fn is_sample(cells: &[String]) -> bool {
    let begun = |cell: &str| cell.len() == 13 && is_number(cell) || Stamp::read(cell).is_some();
    cells.len() >= 8 && begun(&cells[0]) && is_number(&cells[1]) && is_boolean(&cells[7])
}

fn fits(layout: &str, cells: &[String]) -> bool {
    let names: Vec<&str> = layout.split(',').collect();
    let number = |(name, cell): (&&str, &String)| !NUMBERS.contains(name) || is_number(cell);
    names.len() == cells.len() && names.iter().zip(cells).all(number)
}

fn is_number(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_boolean(cell: &str) -> bool {
    cell.eq_ignore_ascii_case("true") || cell.eq_ignore_ascii_case("false")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_without_a_header_have_the_columns_of_their_version() {
        let columns = |row: &str| {
            let layout = without_header(row.as_bytes()).expect("an order of JMeter's");
            layout.map(|layout| (layout.separator, layout.header.unwrap_or_default().to_owned()))
        };
        let start = "1509841690552,354,login,200,OK,login 1-1,text,true";
        for (rest, layout) in [
            (",,345,512,1,1,http://a/,354,0,9", 0),
            (",,345,512,1,1,null,354,host,0,9", 1),
            (",,345,512,1,1,354,0,9", 2),
            (",\"a, b\",345,1,1,354,0,9", 3),
            (",345,1,1,354,0,9", 4),
            (",345,1,1,354", 6),
            (",345,354", 7),
        ] {
            let found = columns(&format!("{start}{rest}\n"));
            assert_eq!(found, Some((b',', LAYOUTS[layout].to_owned())), "{rest}");
        }
        let dated = "2023/11/14 22:13:20.000;9;a;200;OK;a 1-1;text;false;345;1;1;354";
        assert_eq!(columns(dated).map(|found| found.0), Some(b';'));
        assert_eq!(columns("once,upon,a,time,there,was,a,true"), None);
        let odd = without_header(format!("{start},x,y").as_bytes()).expect_err("no order");
        assert!(odd.problem.to_string().starts_with("a JMeter result of 10 columns"));
    }
}
