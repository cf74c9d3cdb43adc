//! The charts: PNG files that a person would rather look at.
//!
//! `canvas` knows pixels, `sheet` what surrounds every chart, `panel` and `scale` one coordinate
//! system; each of the others is one chart. The same results give the same bytes.

mod calibration;
mod canvas;
mod comparison;
mod latency;
mod measure;
mod palette;
mod panel;
mod scale;
mod sheet;
mod text;
mod timeline;
mod utilisation;

use sim::results::{FlowResult, Results};

pub(crate) use calibration::calibration;
pub(crate) use comparison::Comparison;
pub(crate) use latency::Latency;
pub(crate) use timeline::Timeline;
pub(crate) use utilisation::Utilisation;

/// Indices of the `most` flows with the highest offered rates, in the order of the scenario.
fn busiest_flows(results: &Results, most: usize) -> Vec<usize> {
    let flows: &[FlowResult] = results.deployments.first().map_or(&[], |d| &d.flows);
    let mut indices: Vec<usize> = (0..flows.len()).collect();
    indices.sort_by(|&a, &b| flows[b].offered_rps.mean.total_cmp(&flows[a].offered_rps.mean));
    indices.truncate(most);
    indices.sort_unstable();
    indices
}

/// Says which flows are shown where not all are.
fn shown(results: &Results, most: usize) -> String {
    let all = results.deployments.first().map_or(0, |d| d.flows.len());
    if all > most { format!(" (the {most} busiest of {all} flows)") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use crate::fabricated;

    #[test]
    fn every_chart_is_a_png_that_is_not_blank_whatever_the_results() {
        for (name, results) in fabricated::every() {
            for (file, bytes) in fabricated::written(&results, ".png") {
                let decoder = png::Decoder::new(bytes.as_slice());
                let mut reader = decoder.read_info().expect("a PNG");
                let mut pixels = vec![0; reader.output_buffer_size()];
                let info = reader.next_frame(&mut pixels).expect("a picture");
                assert_eq!(info.width, 1400, "{name}: {file}");
                assert!((300..=4500).contains(&info.height), "{name}: {file} {}", info.height);
                let inked = pixels.iter().filter(|&&channel| channel < 200).count();
                assert!(inked > pixels.len() / 200, "{name}: {file} is blank");
            }
        }
    }

    /// For looking at them: `APIMSIM_CHARTS=/tmp/charts cargo test -p reports -- --ignored charts`.
    #[test]
    #[ignore = "writes the charts to the folder `APIMSIM_CHARTS`, for people"]
    fn charts_for_looking_at() {
        let Some(folder) = std::env::var_os("APIMSIM_CHARTS").map(std::path::PathBuf::from) else {
            return;
        };
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, results) in fabricated::every() {
            for (file, bytes) in fabricated::written(&results, ".png") {
                let path = folder.join(format!("{name}-{file}"));
                std::fs::write(path, bytes).expect("the folder can be written to");
            }
        }
    }
}
