//! The charts, as pictures inside the page.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{Markup, html};

use crate::report::Picture;
use crate::{Context, ReportError, every};

/// A chart that was drawn.
pub(super) struct Chart {
    picture: Picture,
    png: Vec<u8>,
    /// Whose figures it shows.
    of: String,
}

/// Every chart that the results have, as `run` writes it.
pub(super) fn all(context: &Context<'_>) -> Result<Vec<Chart>, ReportError> {
    let names = context.results.deployments.iter().map(|deployment| deployment.name.as_str());
    let of = names.collect::<Vec<_>>().join(", ");
    let mut charts = Vec::new();
    for report in every::all().iter().filter(|report| report.applies(context.results)) {
        if let Some(picture) = report.picture() {
            let mut png = Vec::new();
            report.write(context, &mut png)?;
            charts.push(Chart { picture, png, of: of.clone() });
        }
    }
    Ok(charts)
}

impl Chart {
    /// The chart below its title.
    pub(super) fn figure(&self) -> Markup {
        let Self { picture, png, of } = self;
        let (width, height) = (size(png, 16), size(png, 20));
        html! {
            figure {
                figcaption { (picture.title) }
                img src={ "data:image/png;base64," (STANDARD.encode(png)) }
                    width=(width) height=(height)
                    alt={ (picture.description) " Deployments: " (super::prose::line(of)) "." };
            }
        }
    }
}

/// A number of the header of a PNG: the width stands at byte 16, the height at 20 (W3C, PNG, 11.2.2).
fn size(png: &[u8], at: usize) -> u32 {
    let bytes = png.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
    bytes.map_or(0, u32::from_be_bytes)
}
