//! Names that were misspelt: what was probably meant.

use crate::quantity::shown;

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
            let all: Vec<_> = known.iter().map(|known| format!("`{}`", shown(known))).collect();
            format!("it is one of {}", all.join(", "))
        }
    }
}

/// How alike two names are, 0 to 1; one that is a part of the other is alike.
fn likeness(name: &str, known: &str) -> f64 {
    let part = name.len() >= 3 && (known.contains(name) || name.contains(known));
    strsim::jaro_winkler(name, known).max(if part { 0.85 } else { 0.0 })
}
