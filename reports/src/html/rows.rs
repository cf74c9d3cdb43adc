//! Tables whose rows the reader can put in another order.

use maud::{Markup, html};

use super::prose;
use crate::grid::{Cell, Grid};

/// A table below its caption, whose rows begin with the name of a thing of this kind. Cells that stand for numbers
/// carry them, for the script that sorts.
pub(super) fn table(caption: &str, kind: &str, grid: &Grid) -> Markup {
    let columns: Vec<(&str, bool)> = grid.columns().collect();
    html! {
        // What scrolls has to be reached from the keyboard.
        div.scroll tabindex="0" role="region" aria-label=(prose::line(caption)) {
            table.sortable {
                caption { (prose::words(caption)) }
                thead {
                    tr {
                        @for (heading, is_right) in &columns {
                            @let heading = if heading.is_empty() { kind } else { heading };
                            th scope="col" class=[is_right.then_some("right")] { (heading) }
                        }
                    }
                }
                tbody {
                    @for row in grid.rows() {
                        tr { @for (cell, column) in row.iter().zip(&columns) { (data(cell, *column)) } }
                    }
                }
            }
        }
    }
}

/// The cell of a column: its heading, and whether it is flush right.
fn data(cell: &Cell, (heading, is_right): (&str, bool)) -> Markup {
    let text = prose::words(&cell.text);
    let value = cell.value.map(|value| value.to_string());
    let class = match heading {
        "goals" => cell.text.split([',', ' ']).next(),
        _ => is_right.then_some("right"),
    };
    html! {
        @if heading.is_empty() || heading == "deployment" {
            th scope="row" { (text) }
        } @else {
            td class=[class] data-value=[value] { (text) }
        }
    }
}
