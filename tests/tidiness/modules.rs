//! Which module of a crate names which: from its `use` items and from every path in its code,
//! those inside macros too. A name that is passed on by `pub use` counts as one of the module that
//! defines it.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Item, ItemUse, Macro, UseTree};

use crate::sources::{Source, attributes, is_for_tests};

/// Every path that a source names outside its tests, each in full where a `use` item says how.
pub(crate) fn paths(source: &Source) -> Vec<Vec<String>> {
    let scope = Scope::of(source);
    let in_full = |path: &Vec<String>| match path.split_first() {
        Some((first, rest)) => match scope.imports.get(first) {
            Some(import) => [&import[..], rest].concat(),
            None => path.clone(),
        },
        None => Vec::new(),
    };
    scope.named().map(in_full).filter(|path| !path.is_empty()).collect()
}

/// Where a module stands in its crate.
pub(crate) type Path = Vec<String>;

/// Parts of a folder, and which other parts each of them names.
pub(crate) type Parts = BTreeMap<String, BTreeSet<String>>;

/// The modules of a crate and what they name of one another.
pub(crate) struct Modules {
    scopes: BTreeMap<Path, Scope>,
    /// From the module that names to those that are named.
    names: BTreeMap<Path, BTreeSet<Path>>,
}

/// What a module's names stand for.
#[derive(Default)]
struct Scope {
    /// Names that a `use` item brings in, with their paths.
    imports: BTreeMap<String, Vec<String>>,
    /// Every path in the module.
    paths: Vec<Vec<String>>,
}

impl Modules {
    /// The modules of the sources of one crate.
    pub(crate) fn of(sources: &[Source]) -> Self {
        let scope = |source: &Source| (source.path.clone(), Scope::of(source));
        let mut modules =
            Self { scopes: sources.iter().map(scope).collect(), names: BTreeMap::new() };
        for (module, scope) in &modules.scopes {
            let paths = scope.named();
            let named = paths.filter_map(|path| modules.home(module, path, 0));
            let named = named.filter(|other| other != module).collect();
            modules.names.insert(module.clone(), named);
        }
        modules
    }

    /// Pairs of modules, the first of which names the second.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (&Path, &Path)> {
        self.names.iter().flat_map(|(from, to)| to.iter().map(move |to| (from, to)))
    }

    /// Folders, each with the parts inside it and what these name of one another.
    pub(crate) fn folders(&self) -> BTreeMap<Path, Parts> {
        let mut folders: BTreeMap<Path, Parts> = BTreeMap::new();
        for (from, to) in self.edges() {
            let shared = from.iter().zip(to).take_while(|(one, other)| one == other).count();
            let (Some(one), Some(other)) = (from.get(shared), to.get(shared)) else { continue };
            let folder = folders.entry(from[..shared].to_vec()).or_default();
            folder.entry(one.clone()).or_default().insert(other.clone());
        }
        folders
    }

    /// The module that defines what a path in a module names; none where it is of another crate.
    fn home(&self, module: &[String], path: &[String], passed_on: usize) -> Option<Path> {
        // A name that is passed on in a circle is none.
        if passed_on > 8 {
            return None;
        }
        let (first, rest) = path.split_first()?;
        let mut here = match first.as_str() {
            "crate" => Vec::new(),
            "self" => module.to_vec(),
            "super" => module[..module.len().checked_sub(1)?].to_vec(),
            _ if self.is_inside(module, first) => [module, std::slice::from_ref(first)].concat(),
            _ => {
                let import = self.scopes.get(module)?.imports.get(first)?;
                let whole = [&import[..], rest].concat();
                return (import[0] != *first).then(|| self.home(module, &whole, passed_on + 1))?;
            }
        };
        for (place, name) in rest.iter().enumerate() {
            if name == "super" {
                here.pop()?;
            } else if self.is_inside(&here, name) {
                here.push(name.clone());
            } else {
                return Some(self.passed_on(&here, &rest[place..], passed_on).unwrap_or(here));
            }
        }
        Some(here)
    }

    /// The module that defines what another passes on.
    fn passed_on(&self, module: &[String], rest: &[String], depth: usize) -> Option<Path> {
        let scope = self.scopes.get(module)?;
        if let Some(import) = scope.imports.get(&rest[0]) {
            return self.home(module, &[&import[..], &rest[1..]].concat(), depth + 1);
        }
        None
    }

    fn is_inside(&self, module: &[String], name: &str) -> bool {
        self.scopes.contains_key(&[module, &[name.to_owned()]].concat())
    }
}

impl<'ast> Visit<'ast> for Scope {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.bring_in(&item.tree, &mut Vec::new());
    }

    /// The path of `pub(crate)` names nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.paths.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invoked: &'ast Macro) {
        let words = invoked.path.segments.iter().map(|segment| segment.ident.to_string());
        self.paths.push(words.collect());
        self.look_through(invoked.tokens.clone());
        visit::visit_macro(self, invoked);
    }
}

impl Scope {
    /// The names of a source.
    fn of(source: &Source) -> Self {
        let mut scope = Self::default();
        source.items.iter().for_each(|item| scope.visit_item(item));
        scope
    }

    /// Every path that is named in the module, those of `use` items too.
    fn named(&self) -> impl Iterator<Item = &Vec<String>> {
        self.imports.values().chain(&self.paths)
    }

    fn bring_in(&mut self, tree: &UseTree, before: &mut Vec<String>) {
        let whole = |last: &syn::Ident| [&before[..], &[last.to_string()]].concat();
        let (name, path) = match tree {
            UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.bring_in(&path.tree, before);
                before.pop();
                return;
            }
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.bring_in(tree, before));
            }
            UseTree::Glob(_) => return self.paths.push(before.clone()),
            UseTree::Rename(rename) => (&rename.rename, whole(&rename.ident)),
            UseTree::Name(name) => (&name.ident, whole(&name.ident)),
        };
        let itself = path.last().is_some_and(|last| last == "self");
        let path = if itself { before.clone() } else { path };
        let name = if itself { before.last().cloned() } else { Some(name.to_string()) };
        self.imports.insert(name.unwrap_or_default(), path);
    }

    /// Paths among the tokens of a macro: words with `::` between them.
    fn look_through(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) if colons == 2 => path.push(word.to_string()),
                TokenTree::Ident(word) => {
                    self.paths.push(std::mem::replace(&mut path, vec![word.to_string()]));
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Group(group) => {
                    self.paths.push(std::mem::take(&mut path));
                    self.look_through(group.stream());
                }
                _ => self.paths.push(std::mem::take(&mut path)),
            }
            colons = 0;
        }
        self.paths.push(path);
        // That of `pub(crate)` stands alone and names nothing.
        self.paths.retain(|path| path != &["crate"]);
    }
}

/// Every word in the code of a source outside its tests: names, not comments.
pub(crate) fn words(source: &Source) -> BTreeSet<String> {
    let mut words = Words(BTreeSet::new());
    source.items.iter().for_each(|item| words.visit_item(item));
    words.0
}

struct Words(BTreeSet<String>);

impl<'ast> Visit<'ast> for Words {
    fn visit_item(&mut self, item: &'ast Item) {
        if !is_for_tests(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        if !is_for_tests(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }

    fn visit_ident(&mut self, word: &'ast proc_macro2::Ident) {
        self.0.insert(word.to_string());
    }

    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(word) => drop(self.0.insert(word.to_string())),
                TokenTree::Group(group) => self.visit_token_stream(&group.stream()),
                _ => {}
            }
        }
    }
}
