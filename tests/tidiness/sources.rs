//! The project's own source files, read and parsed.

use std::fs;
use std::path::Path;

use syn::{Attribute, Item};

/// The crates of the project: the name of each, and the file at its root.
pub(crate) const CRATES: [(&str, &str); 5] = [
    ("apimsim", "src/main.rs"),
    ("sim", "sim/src/lib.rs"),
    ("scenarios", "scenarios/src/lib.rs"),
    ("measurements", "measurements/src/lib.rs"),
    ("reports", "reports/src/lib.rs"),
];

/// A source file that is compiled outside tests.
pub(crate) struct Source {
    /// Where the module stands in its crate: `deployment`, `routes`.
    pub(crate) path: Vec<String>,
    /// The file, from the root of the project.
    pub(crate) file: String,
    /// All of its lines.
    pub(crate) text: String,
    /// Its items.
    pub(crate) items: Vec<Item>,
}

impl Source {
    /// A source of this text, whose module is `a::b`.
    pub(crate) fn of(module: &str, text: &str) -> Self {
        let path = module.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let items = syn::parse_file(text).expect("it is Rust").items;
        Self { path, file: format!("{module}.rs"), text: text.to_owned(), items }
    }
}

/// The root of the project.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The text of a file of the project.
pub(crate) fn text(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("{file}: {error}"))
}

/// The modules of a crate, from its root on, without those of its tests.
pub(crate) fn of(file: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let folder = Path::new(file).parent().expect("a crate stands in a folder");
    add(&mut found, &[], Path::new(file), folder);
    found
}

/// The modules of all crates.
pub(crate) fn all() -> Vec<Source> {
    CRATES.iter().flat_map(|(_, file)| of(file)).collect()
}

/// Adds a module and, from its folder, those inside it.
fn add(found: &mut Vec<Source>, path: &[String], file: &Path, folder: &Path) {
    let file = file.display().to_string();
    let text = text(&file);
    let parsed = syn::parse_file(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
    let inside: Vec<String> = parsed.items.iter().filter_map(declared).collect();
    found.push(Source { path: path.to_owned(), file, text, items: parsed.items });
    for name in inside {
        let (flat, folder) = (folder.join(format!("{name}.rs")), folder.join(&name));
        let file = if root().join(&flat).exists() { flat } else { folder.join("mod.rs") };
        add(found, &[path, &[name]].concat(), &file, &folder);
    }
}

/// The name of a module that stands in a file of its own and is not for tests.
fn declared(item: &Item) -> Option<String> {
    match item {
        Item::Mod(module) if module.content.is_none() && !is_for_tests(&module.attrs) => {
            Some(module.ident.to_string())
        }
        _ => None,
    }
}

/// Whether an item is compiled for tests only.
pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let test = |meta: syn::Meta| meta.path().is_ident("test");
        attribute.path().is_ident("cfg") && attribute.parse_args().is_ok_and(test)
            || attribute.path().is_ident("test")
    })
}

/// The attributes of an item.
pub(crate) fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
