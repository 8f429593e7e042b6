//! The modules of a crate, as `mod` items declare them, with what each defines, re-exports and imports.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

/// Segments of a path.
pub(crate) type Segments = Vec<String>;

/// One module with a file of its own, or inside of one.
#[derive(Default)]
pub(crate) struct Module {
    pub(crate) file: PathBuf,
    pub(crate) parent: Option<usize>,
    pub(crate) children: BTreeMap<String, usize>,
    /// Name to the path that `pub use` takes it from; `*` has the globs' paths.
    pub(crate) exports: BTreeMap<String, Vec<Segments>>,
    /// Name to the path of a private `use`.
    pub(crate) imports: BTreeMap<String, Segments>,
    /// Paths of more than one segment in code.
    pub(crate) paths: Vec<Segments>,
}

/// Every module of the crate whose root is this file; the root comes first.
pub(crate) fn of_crate(root: &Path) -> Vec<Module> {
    let mut modules = Vec::new();
    let home = root.parent().unwrap().to_owned();
    add_file(&mut modules, root, &home, None);
    modules
}

fn add_file(modules: &mut Vec<Module>, file: &Path, home: &Path, parent: Option<usize>) -> usize {
    let text = fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
    add(modules, file, home, parent, &parsed.items)
}

/// `home`: where the files of the module's own modules lie.
fn add(
    modules: &mut Vec<Module>,
    file: &Path,
    home: &Path,
    parent: Option<usize>,
    items: &[Item],
) -> usize {
    let place = modules.len();
    modules.push(Module { file: file.to_owned(), parent, ..Module::default() });
    for item in items.iter().filter(|item| !is_test(attributes(item))) {
        match item {
            Item::Mod(module) => {
                let name = module.ident.to_string();
                let child = match &module.content {
                    Some((_, items)) => add(modules, file, &home.join(&name), Some(place), items),
                    None => {
                        let (plain, folder) =
                            (home.join(format!("{name}.rs")), home.join(&name).join("mod.rs"));
                        let file = if plain.exists() { plain } else { folder };
                        // Without a file it is for another target.
                        if !file.exists() {
                            continue;
                        }
                        add_file(modules, &file, &home.join(&name), Some(place))
                    }
                };
                modules[place].children.insert(name, child);
            }
            Item::Use(found) => {
                let is_export = !matches!(found.vis, Visibility::Inherited);
                let mut leaves = Vec::new();
                flatten(&found.tree, Vec::new(), &mut leaves);
                for (name, path) in leaves {
                    match is_export {
                        true => modules[place].exports.entry(name).or_default().push(path),
                        false => drop(modules[place].imports.insert(name, path)),
                    }
                }
            }
            other => Paths(&mut modules[place].paths).visit_item(other),
        }
    }
    place
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}

/// Every name that a `use` brings, with its path; a glob is called `*`.
fn flatten(tree: &UseTree, mut path: Segments, leaves: &mut Vec<(String, Segments)>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, leaves);
        }
        UseTree::Group(group) => {
            group.items.iter().for_each(|tree| flatten(tree, path.clone(), leaves));
        }
        UseTree::Name(name) if name.ident == "self" => {
            leaves.push((path.last().cloned().unwrap_or_default(), path));
        }
        UseTree::Name(name) => {
            path.push(name.ident.to_string());
            leaves.push((name.ident.to_string(), path));
        }
        UseTree::Rename(renamed) => {
            if renamed.ident != "self" {
                path.push(renamed.ident.to_string());
            }
            leaves.push((renamed.rename.to_string(), path));
        }
        UseTree::Glob(_) => leaves.push(("*".to_owned(), path)),
    }
}

/// Collects paths in code.
struct Paths<'a>(&'a mut Vec<Segments>);

impl<'ast> Visit<'ast> for Paths<'_> {
    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.segments.len() > 1 {
            self.0.push(path.segments.iter().map(|segment| segment.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}
