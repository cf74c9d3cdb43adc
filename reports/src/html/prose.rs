//! Sentences, with the names in them set apart.

use maud::{Markup, html};

/// A sentence, in which what stands between backticks is code.
pub(super) fn words(text: &str) -> Markup {
    let text = line(text);
    let parts: Vec<&str> = text.split('`').collect();
    // A name that has a backtick itself leaves one over.
    let is_paired = parts.len() % 2 == 1;
    html! {
        @if is_paired {
            @for (place, part) in parts.iter().enumerate() {
                @if place % 2 == 1 { code { (part) } } @else { (part) }
            }
        } @else { (text) }
    }
}

/// A text without what would break or steer its line: no control characters, which HTML forbids, and none that turn
/// the direction of what follows them.
pub(super) fn line(text: &str) -> String {
    let steers = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || steers(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_code_and_nothing_is_markup() {
        let said = words("p99 of `<b>` is 5 ms").into_string();
        assert_eq!(said, "p99 of <code>&lt;b&gt;</code> is 5 ms");
    }

    #[test]
    fn with_a_backtick_left_over_nothing_is_code() {
        assert_eq!(words("`a`b` & c").into_string(), "`a`b` &amp; c");
    }

    #[test]
    fn a_name_cannot_turn_the_rest_of_the_line() {
        assert_eq!(line("a\u{202e}b\u{2067}c\u{0}d\ne"), "a b c d e");
    }
}
