//! Names that were misspelt: what was probably meant.

use crate::quantity::shown;

/// So many names are listed; more would hide what was asked.
const MOST: usize = 30;

/// The name that was probably meant, or all that exist.
pub(crate) fn suggestion(name: &str, known: &[&str]) -> String {
    // An edit distance over a whole file helps nobody and takes its time.
    let nearest = (name.len() <= 100)
        .then(|| {
            known
                .iter()
                .map(|known| (likeness(name, known), *known))
                .max_by(|a, b| a.0.total_cmp(&b.0))
        })
        .flatten();
    match nearest {
        Some((likeness, meant)) if likeness > 0.84 => format!("did you mean `{}`?", shown(meant)),
        _ if known.is_empty() => "there is none to name here".to_owned(),
        _ => {
            let some: Vec<_> =
                known.iter().take(MOST).map(|known| format!("`{}`", shown(known))).collect();
            let more = known.len() - some.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("it is one of {}{more}", some.join(", "))
        }
    }
}

/// How alike two names are, 0 to 1; one that is a part of the other is alike.
fn likeness(name: &str, known: &str) -> f64 {
    let part = name.len() >= 3 && (known.contains(name) || name.contains(known));
    strsim::jaro_winkler(name, known).max(if part { 0.85 } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_like_a_name_is_taken_for_it_and_else_the_names_are_listed() {
        let known = ["gateway", "key-manager"];
        assert_eq!(suggestion("gatway", &known), "did you mean `gateway`?");
        assert_eq!(suggestion("manager", &known), "did you mean `key-manager`?");
        assert_eq!(suggestion("zz", &known), "it is one of `gateway`, `key-manager`");
        assert_eq!(suggestion("zz", &[]), "there is none to name here");
    }

    #[test]
    fn thirty_names_are_listed_and_more_are_counted() {
        let names: Vec<String> = (0..32).map(|index| format!("name-{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        assert!(suggestion("zz", &names[..30]).ends_with("`name-29`"));
        assert!(suggestion("zz", &names).ends_with("`name-29` and 2 more"));
    }

    #[test]
    fn a_text_that_is_too_long_for_a_name_is_taken_for_none() {
        let known = "n".repeat(99);
        let known = [known.as_str()];
        assert!(suggestion(&"n".repeat(100), &known).starts_with("did you mean"));
        assert!(suggestion(&"n".repeat(101), &known).starts_with("it is one of"));
    }
}
