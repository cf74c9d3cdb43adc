//! The CSV files: one row a thing found, plain numbers, and `partial` as the last column of each
//! but that of a calibration, which is whole or not at all.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula, so that such a
//! name gets an apostrophe in front (as OWASP advises, "CSV Injection"). Numbers stand unrounded,
//! without exponents; what is no finite number is an empty field.

mod availability;
mod calibration;
mod clusters;
mod columns;
mod differences;
mod explain;
mod goals;
mod isolation;
mod latency;
mod plan;
mod rows;
mod sensitivity;
mod summary;
mod sweep;
mod timeline;

pub(crate) use availability::Availability;
pub(crate) use calibration::calibration;
pub(crate) use clusters::Clusters;
pub(crate) use differences::Differences;
pub(crate) use explain::Explain;
pub(crate) use goals::Goals;
pub(crate) use isolation::Isolation;
pub(crate) use latency::Latency;
pub(crate) use plan::plan;
pub(crate) use sensitivity::Sensitivity;
pub(crate) use summary::Summary;
pub(crate) use sweep::{seen, sweep};
pub(crate) use timeline::Timeline;

#[cfg(test)]
mod tests {
    use sim::quantity::Quantity;

    use crate::fabricated;

    fn tables(name: &str, results: &sim::results::Results) -> Vec<(String, String)> {
        fabricated::written(results, ".csv")
            .into_iter()
            .map(|(file, bytes)| {
                let text = String::from_utf8(bytes).expect("CSV is text");
                (format!("{name}_{}", file.replace('.', "_")), text)
            })
            .collect()
    }

    #[test]
    fn every_file_is_as_before() {
        for name in ["launch", "hostile"] {
            let results =
                if name == "launch" { fabricated::launch() } else { fabricated::hostile() };
            for (name, text) in tables(name, &results) {
                let lines = text.lines().count();
                let head: Vec<_> = text.lines().take(24).collect();
                insta::assert_snapshot!(name, format!("{}\n({lines} lines)", head.join("\n")));
            }
        }
    }

    #[test]
    fn the_first_columns_of_the_summary_are_those_that_scripts_rely_on() {
        let (_, summary) = tables("", &fabricated::launch()).swap_remove(0);
        assert!(summary.starts_with(
            "scenario,deployment,pattern,nodes,flow,tenant,offered_rps,throughput_rps,\
             throughput_rps_half_width,error_fraction,mean_ms,mean_ms_half_width,p50_ms,p75_ms,\
             p90_ms,p95_ms,p98_ms,p99_ms,p99_half_width_ms,p99_9_ms,p99_99_ms,availability,\
             availability_half_width,price_per_month,meets_goals,"
        ));
    }

    #[test]
    fn every_file_reads_back_with_numbers_where_numbers_belong() {
        for (name, results) in fabricated::every() {
            for (file, text) in tables(name, &results) {
                let mut reader = csv::Reader::from_reader(text.as_bytes());
                let header = reader.headers().expect("a header").clone();
                assert_eq!(header.iter().next_back(), Some("partial"), "{file}");
                for record in reader.records() {
                    let record = record.expect("as many fields as the header");
                    for (column, field) in header.iter().zip(&record) {
                        check(&file, column, field);
                    }
                }
            }
        }
    }

    #[test]
    fn whatever_is_found_has_a_column_and_a_place_in_the_json() {
        let results = fabricated::launch();
        let json = crate::json::json(&fabricated::context(&results));
        let tables = tables("", &results);
        let header = |place: usize| tables[place].1.lines().next().unwrap_or_default().to_owned();
        for quantity in Quantity::of_flows() {
            let flow = &json["deployments"][0]["flows"][0];
            let name = quantity.name().replace('.', "_");
            let place = match quantity {
                Quantity::Errors(cause) => &flow["errors_by_cause"][cause.name()],
                Quantity::Latency(_) | Quantity::Deviation => &flow["sojourn_ms"][name],
                _ => &flow[quantity.column()],
            };
            assert!(!place.is_null(), "{quantity:?} in {flow}");
            assert!(header(0).split(',').any(|column| column == quantity.column()), "{quantity:?}");
        }
        for quantity in Quantity::of_clusters() {
            let cluster = &json["deployments"][0]["clusters"][0];
            assert!(!cluster[quantity.column()].is_null(), "{quantity:?} in {cluster}");
            assert!(header(1).split(',').any(|column| column == quantity.column()), "{quantity:?}");
        }
    }

    fn check(file: &str, column: &str, field: &str) {
        let number = ["_ms", "_rps", "half_width", "_fraction", "utilisation", "availability"];
        if number.iter().any(|ending| column.ends_with(ending)) && !field.is_empty() {
            let value: f64 = field.parse().expect("a number");
            assert!(value.is_finite() && !field.contains(['e', 'E']), "{file}: {column} {field}");
        } else {
            assert!(!field.starts_with(['=', '+', '@']), "{file}: {column} {field}");
        }
    }

    #[test]
    fn numbers_read_back_as_they_were_found() {
        let results = fabricated::launch();
        let (_, summary) = tables("", &results).swap_remove(0);
        let mut reader = csv::Reader::from_reader(summary.as_bytes());
        let column = reader.headers().expect("a header").iter().position(|h| h == "p99_ms");
        let column = column.expect("the column p99_ms");
        let record = reader.records().next().expect("a row").expect("a readable row");
        let found: f64 = record[column].parse().expect("a number");
        let expected = results.deployments[0].flows[0].quantile_ms(0.99).expect("answered").mean;
        assert!((found - expected).abs() <= 0.0, "{found} {expected}");
    }
}
