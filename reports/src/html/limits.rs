//! What the simulation leaves out, in the words of `README.md`, where they stand once.

use maud::{Markup, PreEscaped, html};
use pulldown_cmark::{Parser, html::push_html};

const README: &str = include_str!("../../../README.md");

/// The limits, folded: they are long, and the same on every page.
pub(super) fn section() -> Markup {
    let mut items = String::new();
    push_html(&mut items, Parser::new(limits()));
    html! {
        section {
            h2 { "Limits" }
            details {
                summary { "What the simulation leaves out, each with the direction in which it errs" }
                (PreEscaped(items))
            }
        }
    }
}

/// The section of that name.
fn limits() -> &'static str {
    let (_, after) = README.split_once("\n## Limits\n").unwrap_or_default();
    after.split_once("\n## ").map_or(after, |(section, _)| section)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limits_are_those_of_the_readme_and_ask_for_nothing() {
        let page = section().into_string();
        let items = limits().lines().filter(|line| line.starts_with("* ")).count();
        assert!(items > 20, "{items}");
        assert_eq!(page.matches("<li>").count(), items);
        assert!(page.contains("The balancer and the network do not fail."));
        assert!(!page.contains("<a ") && !page.contains("<img") && !page.contains("##"), "{page}");
    }
}
