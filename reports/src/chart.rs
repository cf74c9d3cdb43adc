//! The charts: PNG files that a person would rather look at.
//!
//! `canvas` is a list of `mark`s and `raster` paints it; `sheet` is what surrounds every chart, `rows` and
//! `panel` are its two layouts, `scale` and `interval` what stands on an axis, `flows` which flows are
//! shown where there is no room for all. `comparison`, `latency` (with `quantiles`), `utilisation`,
//! `timeline`, `availability`, `sensitivity`, `explain`, `isolation`, `plan`, `sweep` and `calibration` are the
//! charts. The
//! same results give the same bytes.

mod availability;
mod calibration;
mod canvas;
mod comparison;
mod explain;
mod figures;
mod flows;
#[cfg(test)]
mod geometry;
mod interval;
mod isolation;
mod latency;
mod mark;
mod outage;
mod palette;
mod panel;
mod plan;
mod quantiles;
mod raster;
mod restarts;
mod rows;
mod scale;
mod sensitivity;
mod sheet;
mod signs;
mod story;
mod sweep;
mod text;
mod timeline;
mod utilisation;

pub(crate) use availability::Availability;
pub(crate) use calibration::calibration;
pub(crate) use comparison::Comparison;
pub(crate) use explain::Explain;
pub(crate) use isolation::Isolation;
pub(crate) use latency::Latency;
pub(crate) use plan::plan;
pub(crate) use sensitivity::Sensitivity;
pub(crate) use sweep::{drawn, sweep};
pub(crate) use timeline::Timeline;
pub(crate) use utilisation::Utilisation;

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
                assert!((200..=4500).contains(&info.height), "{name}: {file} {}", info.height);
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
        let every =
            fabricated::every().into_iter().map(|(name, results)| (name.to_owned(), results));
        for (name, results) in every.chain(fabricated::sizes()) {
            for (file, bytes) in fabricated::written(&results, ".png") {
                let path = folder.join(format!("{name}-{file}"));
                std::fs::write(path, bytes).expect("the folder can be written to");
            }
        }
    }
}
