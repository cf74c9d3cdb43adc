//! How long files and functions are, without their tests. Lines are counted from the first word of a
//! function to its last brace, and of a file from the first to the last, comments with them.

use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{Block, ImplItemFn, Item, ItemFn, Signature, TraitItemFn};

use crate::sources::{self, Source, attributes, is_for_tests};

/// A longer file holds more than one noun.
const LONGEST_FILE: usize = 400;

/// A longer function does not fit a screen.
const LONGEST_FUNCTION: usize = 70;

/// The usual function is shorter.
const USUAL_FUNCTION: usize = 10;

/// Files that are still longer, and how long they may be.
const LONG_FILES: &[(&str, usize)] = &[("sim/src/engine/parts/node.rs", 463)];

/// Functions that are still longer, and how long they may be.
const LONG_FUNCTIONS: &[(&str, usize)] = &[];

#[test]
fn no_file_is_longer_than_400_lines() {
    let files = sources::all().into_iter().map(|source| {
        let lines = lines_outside_tests(&source);
        (source.file, lines)
    });
    hold("lines", LONGEST_FILE, LONG_FILES, files);
}

#[test]
fn no_function_is_longer_than_70_lines() {
    let functions = functions().into_iter().map(|function| (function.name, function.lines));
    hold("lines", LONGEST_FUNCTION, LONG_FUNCTIONS, functions);
}

#[test]
fn half_of_the_functions_are_shorter_than_10_lines() {
    let mut lines: Vec<usize> = functions().iter().map(|function| function.lines).collect();
    lines.sort_unstable();
    let median = lines[lines.len() / 2];
    assert!(median < USUAL_FUNCTION, "the median of {} functions is {median}", lines.len());
}

#[test]
fn lines_are_counted_without_those_of_tests() {
    let text = "//! One.\n\n/// Two.\nfn f(\n    a: u8,\n) {\n    || 1;\n}\n\n\
                #[cfg(test)]\nmod tests {\n    fn g() {}\n}\n";
    let source = Source::of("it", text);
    assert_eq!(lines_outside_tests(&source), 9);
    let functions = functions_of(&source);
    assert_eq!(functions.len(), 1);
    assert_eq!((functions[0].name.as_str(), functions[0].lines), ("f", 5));
}

/// Holds everything to the most it may have, and what has more by permission to its own limit. What
/// needs no permission any more has none.
fn hold(
    unit: &str,
    most: usize,
    permitted: &[(&str, usize)],
    all: impl Iterator<Item = (String, usize)>,
) {
    let above: Vec<(String, usize)> = all.filter(|(_, found)| *found > most).collect();
    for (name, found) in &above {
        let own = permitted.iter().find(|(permitted, _)| permitted == name);
        let most = own.map_or(most, |(_, most)| *most);
        assert!(*found <= most, "`{name}` has {found} {unit}, {most} are the most; divide it");
    }
    for (permitted, _) in permitted {
        let needed = above.iter().any(|(name, _)| name == permitted);
        assert!(needed, "`{permitted}` has no more than {most} {unit} now; take it off the list");
    }
}

/// A function, and how many lines it takes.
struct Function {
    name: String,
    lines: usize,
}

fn functions() -> Vec<Function> {
    sources::all().iter().flat_map(functions_of).collect()
}

/// The functions of a source outside its tests.
fn functions_of(source: &Source) -> Vec<Function> {
    let mut functions = Functions(Vec::new());
    source.items.iter().for_each(|item| functions.visit_item(item));
    functions.0
}

fn lines_outside_tests(source: &Source) -> usize {
    let lines = |item: &Item| {
        let span = item.span();
        span.end().line - span.start().line + 1
    };
    let tests = source.items.iter().filter(|item| is_for_tests(attributes(item)));
    source.text.lines().count() - tests.map(lines).sum::<usize>()
}

struct Functions(Vec<Function>);

impl Functions {
    fn add(&mut self, signature: &Signature, block: &Block) {
        let lines = block.span().end().line - signature.span().start().line + 1;
        self.0.push(Function { name: signature.ident.to_string(), lines });
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.add(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            self.add(&item.sig, &item.block);
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(block) = &item.default {
            self.add(&item.sig, block);
        }
        visit::visit_trait_item_fn(self, item);
    }
}
