//! Tables of load tests, one row each, as those in `published/`: columns with their unit as a suffix.

use std::io::Read;

use sim::measurement::{BackendTimes, Load, Measurement, Observed};
use sim::time::SimDuration;

use crate::error::Trouble;
use crate::format::Format;
use crate::found::Found;
use crate::table::{Column, Table};

/// Headers that no other format has.
pub(crate) const TELLING: [&str; 5] = [
    "concurrent_users",
    "throughput_rps",
    "latency_avg_ms",
    "input_events_per_s",
    "backend_delay_ms",
];

/// What `throughput_unit` says where a row is of single requests.
const SINGLE_REQUESTS: &str = "requests/s";

/// How a row is flagged whose throughput counts flows.
pub(crate) const FLOW: &str = "a flow of several requests";

struct Columns {
    source: Column,
    reference: Column,
    product: Column,
    version: Column,
    scenario: Column,
    users: Column,
    bytes: Column,
    answer_bytes: Column,
    delay: Column,
    nodes: Column,
    cores: Column,
    heap_gib: Column,
    memory_mib: Column,
    duration: Column,
    warm_up: Column,
    throughput: Column,
    throughput_unit: Column,
    think_time: Column,
    events: Column,
    errors: Column,
    mean: Column,
    sd: Column,
    max: Column,
    not_collecting: Column,
    idle: Column,
    flag: Column,
    /// With their probabilities, ascending.
    quantiles: Vec<(f64, Column)>,
}

/// Reads a row per measurement. A row of `input_events_per_s` is an open load that was carried; where
/// `throughput_unit` is not that of single requests, or users thought, the row is flagged.
pub(crate) fn read<R: Read>(table: Table<R>, name: &str) -> Result<Found, Trouble> {
    let columns = Columns::of(&table);
    let load = columns.users.or(columns.events);
    let rate = columns.throughput.or(columns.events).or(columns.mean);
    table.require(
        Format::Table,
        &[
            ("`scenario`", columns.scenario),
            ("`concurrent_users` or `input_events_per_s`", load),
            ("`throughput_rps` or `latency_avg_ms`", rate),
        ],
    )?;
    table.measurements(|table, line| columns.measurement(table, format!("{name}:{line}")))
}

impl Columns {
    fn of<R: Read>(table: &Table<R>) -> Self {
        let column = |names: &[&str]| table.column(names);
        Self {
            source: column(&["source"]),
            reference: column(&["ref"]),
            product: column(&["product"]),
            version: column(&["product_version"]),
            scenario: column(&["scenario"]),
            users: column(&["concurrent_users"]),
            bytes: column(&["message_bytes", "input_event_bytes"]),
            answer_bytes: column(&["response_bytes"]),
            delay: column(&["backend_delay_ms"]),
            nodes: column(&["sut_nodes"]),
            cores: column(&["cpu_cores", "cpu_cores_per_node", "cpu_cores_per_replica"]),
            heap_gib: column(&["heap_gb", "heap_max_gb", "memory_gb"]),
            memory_mib: column(&["memory_mb"]),
            duration: column(&["test_duration_s"]),
            warm_up: column(&["warmup_s"]),
            throughput: column(&["throughput_rps"]),
            throughput_unit: column(&["throughput_unit"]),
            think_time: column(&["think_time"]),
            events: column(&["input_events_per_s"]),
            errors: column(&["error_pct"]),
            mean: column(&["latency_avg_ms"]),
            sd: column(&["latency_std_ms"]),
            max: column(&["latency_max_ms"]),
            not_collecting: column(&["sut_gc_throughput_pct"]),
            idle: column(&["sut_cpu_idle_pct"]),
            flag: column(&["quality_flag"]),
            quantiles: table.quantile_columns(probability),
        }
    }

    fn measurement<R: Read>(
        &self,
        table: &Table<R>,
        origin: String,
    ) -> Result<Measurement, String> {
        let number = |column: Column| table.number(column);
        let percent = |column: Column| Ok::<_, String>(number(column)?.map(|pct| pct / 100.0));
        let events = number(self.events)?;
        let throughput = number(self.throughput)?.or(events);
        let fixed = |ms: f64| BackendTimes { mean: SimDuration::from_ms(ms), cv: 0.0 };
        let memory_gib = number(self.memory_mib)?.map(|mib| mib / 1024.0);
        Ok(Measurement {
            origin,
            source: self.source(table)?,
            product: table.owned(self.product)?,
            version: table.owned(self.version)?,
            operation: table.owned(self.scenario)?.ok_or("no `scenario`")?,
            observed: Observed::RoundTrip,
            load: self.load(table, events)?,
            size_kib: number(self.bytes)?.map(|bytes| bytes / 1024.0),
            answer_kib: number(self.answer_bytes)?.map(|bytes| bytes / 1024.0),
            backend: number(self.delay)?.map(fixed),
            cores: number(self.cores)?,
            heap_gib: number(self.heap_gib)?.or(memory_gib),
            nodes: table.count(self.nodes, u32::MAX.into())?.map(|nodes| nodes as u32),
            requests: self.requests(table, throughput)?,
            throughput,
            mean: table.seconds(self.mean)?,
            sd: table.seconds(self.sd)?,
            quantiles: table.quantiles(&self.quantiles)?,
            max: table.seconds(self.max)?,
            bounds: Vec::new(),
            gc_share: percent(self.not_collecting)?.map(|share| 1.0 - share),
            cpu_idle: percent(self.idle)?,
            silences: None,
            error_fraction: percent(self.errors)?,
            failures: None,
            think: None,
            test: None,
            shares_node_with: Vec::new(),
            flag: self.flag(table)?,
        })
    }

    fn source<R: Read>(&self, table: &Table<R>) -> Result<Option<String>, String> {
        let parts = [table.owned(self.source)?, table.owned(self.reference)?];
        let stated: Vec<String> = parts.into_iter().flatten().collect();
        Ok((!stated.is_empty()).then(|| stated.join(" ")))
    }

    fn load<R: Read>(&self, table: &Table<R>, events: Option<f64>) -> Result<Load, String> {
        match (table.count(self.users, u32::MAX.into())?, events) {
            (Some(users), _) => Ok(Load::Closed { users: users as u32 }),
            (None, Some(rate)) => Ok(Load::Open { rate }),
            (None, None) => Err("neither `concurrent_users` nor `input_events_per_s`".to_owned()),
        }
    }

    /// How many there were, where the file says how long it was measured.
    fn requests<R: Read>(
        &self,
        table: &Table<R>,
        throughput: Option<f64>,
    ) -> Result<Option<u64>, String> {
        let warm_up = table.number(self.warm_up)?.unwrap_or(0.0);
        let window = table.number(self.duration)?.map(|duration| (duration - warm_up).max(0.0));
        Ok(throughput.zip(window).map(|(throughput, window)| (throughput * window) as u64))
    }

    fn flag<R: Read>(&self, table: &Table<R>) -> Result<Option<String>, String> {
        let mut flags: Vec<String> = table.owned(self.flag)?.into_iter().collect();
        match table.owned(self.throughput_unit)? {
            None if self.throughput_unit.is_some() => {
                flags.push("it is not said what the throughput counts".to_owned());
            }
            Some(unit) if unit != SINGLE_REQUESTS => flags.push(format!("{FLOW}: {unit}")),
            _ => {}
        }
        flags.extend(table.owned(self.think_time)?.map(|think| format!("think time: {think}")));
        Ok((!flags.is_empty()).then(|| flags.join("; ")))
    }
}

/// 0.75 of `latency_p75_ms`, 0.999 of `latency_p999_ms`.
fn probability(header: &str) -> Option<f64> {
    let digits = header.strip_prefix("latency_p")?.strip_suffix("_ms")?;
    let long_only_in_nines = digits.len() == 2 || digits.starts_with("99");
    if !(2..=6).contains(&digits.len()) || !long_only_in_nines {
        return None;
    }
    let whole: u32 = digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())??;
    Some(f64::from(whole) / 10_f64.powi(digits.len() as i32))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Options, Reading, read_from};

    fn reading(text: &str) -> Reading {
        read_from(text.as_bytes(), "t.csv", &Options::default()).expect("a table")
    }

    fn error(text: &str) -> String {
        read_from(text.as_bytes(), "t.csv", &Options::default()).expect_err("refused").to_string()
    }

    const APIM: &str = "\
source,ref,product,product_version,instance_type,cpu_cores,heap_gb,scenario,concurrent_users,message_bytes,backend_delay_ms,throughput_rps,error_pct,latency_avg_ms,latency_std_ms,latency_p75_ms,latency_p90_ms,latency_p95_ms,latency_p98_ms,latency_p99_ms,latency_p999_ms,latency_max_ms,sut_gc_throughput_pct,sut_cpu_idle_pct,quality_flag,rel_throughput_vs_version_median
wso2/performance-apim,performance-test-159-2020-06-11_09-14-59,WSO2 API Manager,3.1.0,c5.large,2,2,passthrough,100,50,500,2996.81,0,33.3,24.53,40,56,71,106,142,225,1135,95.11,3.19,,0.959
";

    #[test]
    fn a_row_is_read_with_its_units() {
        let rows = reading(APIM).measurements;
        let row = &rows[0];
        assert_eq!(row.origin, "t.csv:2");
        let source = "wso2/performance-apim performance-test-159-2020-06-11_09-14-59";
        assert_eq!(row.source.as_deref(), Some(source));
        assert_eq!(
            (row.load, row.operation.as_str()),
            (Load::Closed { users: 100 }, "passthrough")
        );
        assert_eq!(row.size_kib, Some(50.0 / 1024.0));
        let delay = SimDuration::from_ms(500.0);
        assert_eq!(row.backend, Some(BackendTimes { mean: delay, cv: 0.0 }));
        assert_eq!((row.cores, row.heap_gib), (Some(2.0), Some(2.0)));
        assert_eq!((row.throughput, row.mean), (Some(2996.81), Some(33.3 / 1000.0)));
        let expected = [
            (0.75, 0.04),
            (0.9, 0.056),
            (0.95, 0.071),
            (0.98, 0.106),
            (0.99, 0.142),
            (0.999, 0.225),
        ];
        assert_eq!(row.quantiles, expected);
        assert_eq!(row.max, Some(1.135));
        assert!((row.gc_share.expect("stated") - 0.0489).abs() < 1e-9);
        assert_eq!((row.error_fraction, &row.flag), (Some(0.0), &None));
    }

    #[test]
    fn columns_may_stand_in_any_order_among_others_with_any_separator() {
        let rows = reading(
            "\u{feff}Throughput_RPS;what;scenario;latency_avg_ms;concurrent_users\r\n\
             500;\"a;b\";login;100;50.0\r\n",
        );
        assert_eq!(rows.measurements[0].throughput, Some(500.0));
        assert_eq!(rows.measurements[0].load, Load::Closed { users: 50 });
    }

    #[test]
    fn empty_cells_are_not_stated_and_memory_counts_as_heap() {
        let header = "product,scenario,cpu_cores,memory_mb,heap_gb,concurrent_users,test_duration_s,\
                      warmup_s,throughput_rps,error_pct,latency_avg_ms,quality_flag";
        let rows = reading(&format!(
            "{header}\nBI,http,0.1,512,,100,600,,230.7,0.00,429.81,\nBI,http,0.1,512,,100,600,,,,N/A,crashed (N/A)\n"
        ))
        .measurements;
        assert_eq!((rows[0].heap_gib, rows[0].requests), (Some(0.5), Some(138_420)));
        assert_eq!((rows[1].throughput, rows[1].mean, rows[1].requests), (None, None, None));
        assert_eq!(rows[1].flag.as_deref(), Some("crashed (N/A)"));
    }

    #[test]
    fn a_flow_of_several_requests_is_flagged() {
        let rows = reading(
            "scenario,concurrent_users,throughput_rps,throughput_unit,latency_avg_ms,think_time\n\
             Password Grant Type,50,1139.68,requests/s,43.22,\n\
             Auth Code,50,166.48,scenario iterations/s (all steps summed in latency),297.14,\n\
             SAML2,50,166.48,,297.14,yes\n",
        )
        .measurements;
        assert_eq!(rows[0].flag, None);
        assert!(rows[1].flag.as_ref().is_some_and(|flag| flag.starts_with(FLOW)));
        let said = "it is not said what the throughput counts; think time: yes";
        assert_eq!(rows[2].flag.as_deref(), Some(said));
    }

    #[test]
    fn events_are_an_open_load_without_times() {
        let rows = reading("scenario,input_events_per_s,input_event_bytes\nkafka,180000,60\n");
        assert_eq!(rows.measurements[0].load, Load::Open { rate: 180_000.0 });
        assert_eq!(rows.measurements[0].throughput, Some(180_000.0));
        assert_eq!(rows.measurements[0].mean, None);
    }

    #[test]
    fn a_wrong_cell_is_told_with_its_line_and_column() {
        for cell in ["-5", "1e300", "fast", "inf", "1,5"] {
            let text =
                format!("scenario,concurrent_users,throughput_rps\na,1,2\na,1,\"{cell}\"\na,1,2\n");
            let expected = format!(
                "t.csv:3: `{cell}` in column `throughput_rps` is not a number from 0 to 1000000000000000"
            );
            assert_eq!(error(&text), expected);
        }
        assert!(error("scenario,concurrent_users,throughput_rps\na,1e99,2\n").contains("t.csv:2:"));
        assert!(
            error("scenario,concurrent_users,throughput_rps\na,1\na,1,2\n").contains("2 cells")
        );
        assert!(error("scenario,concurrent_users,throughput_rps\n").contains("no whole row"));
        assert_eq!(
            error("throughput_rps,users\n1,2\n"),
            "t.csv:1: a table of load tests without `scenario` and `concurrent_users` or \
             `input_events_per_s`; its columns are `throughput_rps`, `users`"
        );
    }

    #[test]
    fn a_last_row_cut_off_is_noted() {
        let cut = reading("scenario,concurrent_users,throughput_rps\na,1,2\na,1");
        assert_eq!(cut.measurements.len(), 1);
        assert!(cut.notes[0].starts_with("the last line, 3, is cut off"));
    }

    #[test]
    fn probabilities_are_those_of_the_headers() {
        let of = |name: &str| probability(&format!("latency_{name}_ms"));
        assert_eq!(of("p50"), Some(0.5));
        assert_eq!(of("p999"), Some(0.999));
        assert_eq!(of("p9999"), Some(0.9999));
        assert_eq!((of("p100"), of("p5"), of("avg"), of("pé9")), (None, None, None, None));
    }
}
