//! Modules that name one another in a circle: what is shared belongs where both can see it.
//!
//! In each folder, its parts are looked at, whatever stands inside them: `read` is one part of its
//! crate, and `read/flow.rs` one part of `read`. A folder and the file at its head are one noun, so
//! that a part may name what its head defines.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::modules::{Modules, Parts};
use crate::sources::{self, CRATES, Source};

/// Circles that are still there: the folder, and the parts of it that are in one.
const KNOWN: &[(&str, &[&str])] = &[];

#[test]
fn no_modules_name_one_another_in_a_circle() {
    let circles: Vec<Circle> = CRATES
        .iter()
        .flat_map(|(name, file)| circles(name, &Modules::of(&sources::of(file))))
        .collect();
    for circle in &circles {
        let Circle { folder, parts, way } = circle;
        assert!(
            KNOWN.iter().any(|(known, among)| circle.is_among(known, among)),
            "{folder}: {way}; let what they share stand where all can see it ({parts:?})"
        );
    }
    for (folder, parts) in KNOWN {
        let remains = circles.iter().any(|circle| circle.is_among(folder, parts));
        assert!(remains, "{folder}: {parts:?} is no circle any more; take it off the list");
    }
}

#[test]
fn no_module_names_what_the_root_of_its_crate_defines() {
    for (name, file) in &CRATES {
        let modules = Modules::of(&sources::of(file));
        for (module, named) in modules.edges() {
            assert!(
                !named.is_empty(),
                "{name}: `{}` names what stands in {file}, which names all modules; give it a file",
                module.join("::")
            );
        }
    }
}

#[test]
fn a_circle_is_seen_through_names_that_are_passed_on_and_inside_macros() {
    let of = |texts: &[(&str, &str)]| {
        let source = |(path, text): &(&str, &str)| Source::of(path, text);
        circles("it", &Modules::of(&texts.iter().map(source).collect::<Vec<_>>()))
    };
    let root = ("", "mod one; mod other; pub use one::Thing;");
    let passed_on = of(&[root, ("one", "use crate::other::f;"), ("other", "use crate::Thing;")]);
    assert_eq!(passed_on.len(), 1);
    assert_eq!(passed_on[0].way, "one → other → one");
    let inside = ("one", "fn g() { assert!(crate::other::f(), \"{}\", 1); }");
    assert_eq!(of(&[root, inside, ("other", "use super::one::g;")]).len(), 1);
    let in_parts = [("one", "pub mod a;"), ("one::a", "use crate::other::f;")];
    assert_eq!(of(&[root, in_parts[0], in_parts[1], ("other", "use crate::one::a;")]).len(), 1);
    let of_tests = ("other", "#[cfg(test)] mod tests { use crate::one::Thing; }");
    assert_eq!(of(&[root, ("one", "use crate::other::f;"), of_tests]).len(), 0);
    assert_eq!(of(&[root, ("one", ""), ("other", "pub(crate) use std::one::Thing;")]).len(), 0);
}

/// Parts of a folder each of which names each other, by way of the others.
struct Circle {
    folder: String,
    parts: BTreeSet<String>,
    /// One way round: `one → other → one`.
    way: String,
}

impl Circle {
    /// Whether it is in that folder and has no other parts than these.
    fn is_among(&self, folder: &str, parts: &[&str]) -> bool {
        self.folder == folder && self.parts.iter().all(|part| parts.contains(&part.as_str()))
    }
}

/// The circles of a crate of this name.
fn circles(name: &str, modules: &Modules) -> Vec<Circle> {
    let mut found = Vec::new();
    for (folder, parts) in modules.folders() {
        let mut seen = BTreeSet::new();
        for part in parts.keys() {
            let Some(way) = way_round(&parts, part).filter(|_| !seen.contains(part)) else {
                continue;
            };
            let together: BTreeSet<String> = parts
                .keys()
                .filter(|other| way_to(&parts, part, other).is_some())
                .filter(|other| way_to(&parts, other, part).is_some())
                .cloned()
                .collect();
            seen.extend(together.clone());
            let folder = [&[name.to_owned()], &folder[..]].concat().join("::");
            found.push(Circle { folder, parts: together, way: way.join(" → ") });
        }
    }
    found
}

/// The shortest way from a part back to itself.
fn way_round(parts: &Parts, part: &str) -> Option<Vec<String>> {
    way_to(parts, part, part)
}

/// The shortest way from one part to another, at least one step long.
fn way_to(parts: &Parts, from: &str, to: &str) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&str, &str> = BTreeMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(part) = next.pop_front() {
        for named in parts.get(part).into_iter().flatten() {
            if !came_from.contains_key(named.as_str()) {
                came_from.insert(named, part);
                next.push_back(named);
            }
        }
    }
    let mut way = vec![to.to_owned()];
    let mut at = *came_from.get(to)?;
    while at != from {
        way.push(at.to_owned());
        at = came_from[at];
    }
    way.push(from.to_owned());
    way.reverse();
    Some(way)
}
