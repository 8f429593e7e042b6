//! No file imports in a circle: what a file builds on does not build on it.
//!
//! `mod` items and re-exports (`pub use`) are no imports; whoever imports a re-exported name imports the
//! file that defines it. Tests do not count.
#![allow(clippy::unwrap_used)]

mod modules;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use modules::Module;

/// File to the files it imports, each with one of the paths that do.
type Graph = BTreeMap<PathBuf, BTreeMap<PathBuf, String>>;

/// The module that defines what a path means, seen from a module; `None` if it leads out of the crate.
fn definer(modules: &[Module], from: usize, path: &[String], depth: usize) -> Option<usize> {
    let (first, mut rest) = path.split_first()?;
    let mut at = match first.as_str() {
        "crate" => 0,
        "self" => from,
        "super" => modules[from].parent?,
        name => match (modules[from].children.get(name), modules[from].imports.get(name)) {
            (Some(child), _) => *child,
            // An imported module.
            (None, Some(import)) if depth < 9 && !rest.is_empty() && import[0] != *name => {
                let whole = [import.as_slice(), rest].concat();
                return definer(modules, from, &whole, depth + 1);
            }
            _ => return None,
        },
    };
    while let Some((name, more)) = rest.split_first() {
        at = match (name.as_str(), modules[at].children.get(name)) {
            ("super", _) => modules[at].parent?,
            (_, Some(child)) => *child,
            (name, None) => return Some(exported(modules, at, name, depth)),
        };
        rest = more;
    }
    Some(at)
}

/// The module behind a name of a module: itself, or the one that it takes the name from.
fn exported(modules: &[Module], at: usize, name: &str, depth: usize) -> usize {
    let exports = modules[at].exports.get(name).into_iter().flatten();
    let from = exports.filter(|_| depth < 9).find_map(|path| definer(modules, at, path, depth + 1));
    from.unwrap_or(at)
}

fn graph(root: &Path) -> Graph {
    let modules = modules::of_crate(root);
    let mut graph = Graph::new();
    for (place, module) in modules.iter().enumerate() {
        // A module that is imported whole is used by the paths that begin with it.
        let imports = module.imports.values().filter(|path| {
            let whole = definer(&modules, place, path, 0);
            whole.is_some_and(|target| !is_module(&modules, place, path, target))
        });
        for path in imports.chain(&module.paths) {
            let Some(target) = definer(&modules, place, path, 0) else { continue };
            let file = &modules[target].file;
            if *file != module.file {
                let imported = graph.entry(module.file.clone()).or_default();
                imported.entry(file.clone()).or_insert_with(|| path.join("::"));
            }
        }
    }
    graph
}

/// Whether a path names a module and no item of one.
fn is_module(modules: &[Module], from: usize, path: &[String], target: usize) -> bool {
    let (last, before) = path.split_last().unwrap();
    let parent = match before {
        [] => Some(from),
        before => definer(modules, from, before, 0),
    };
    parent.is_some_and(|parent| modules[parent].children.get(last) == Some(&target))
}

fn reachable(graph: &Graph, from: &Path) -> BTreeSet<PathBuf> {
    let (mut seen, mut waiting) = (BTreeSet::new(), vec![from.to_owned()]);
    while let Some(file) = waiting.pop() {
        for next in graph.get(&file).into_iter().flatten().map(|(next, _)| next) {
            if seen.insert(next.clone()) {
                waiting.push(next.clone());
            }
        }
    }
    seen
}

/// The files that import in circles, each group with the imports that close it.
fn circles(graph: &Graph) -> Vec<String> {
    let reach: BTreeMap<&PathBuf, BTreeSet<PathBuf>> =
        graph.keys().map(|file| (file, reachable(graph, file))).collect();
    let both = |a: &PathBuf, b: &PathBuf| {
        reach.get(a).is_some_and(|r| r.contains(b)) && reach.get(b).is_some_and(|r| r.contains(a))
    };
    let (mut said, mut seen) = (Vec::new(), BTreeSet::new());
    for file in graph.keys().filter(|file| both(file, file)) {
        if seen.contains(file) {
            continue;
        }
        let group: Vec<&PathBuf> = graph.keys().filter(|other| both(file, other)).collect();
        seen.extend(group.iter().copied().cloned());
        let name = |file: &Path| file.display().to_string();
        let edges = group.iter().flat_map(|from| {
            let inside = graph[*from].iter().filter(|(to, _)| group.contains(to));
            inside.map(|(to, path)| format!("\n  {} imports {path} of {}", name(from), name(to)))
        });
        said.push(edges.collect::<String>());
    }
    said
}

fn roots() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap();
    let crates = fs::read_dir(root.join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let sources = crates.chain([root.join("xtask")]).map(|folder| folder.join("src"));
    let mut roots: Vec<PathBuf> = sources
        .flat_map(|source| ["lib.rs", "main.rs"].map(|name| source.join(name)))
        .filter(|file| file.exists())
        .collect();
    roots.sort();
    roots
}

#[test]
fn no_file_imports_in_a_circle() {
    let found: Vec<String> = roots().iter().flat_map(|root| circles(&graph(root))).collect();
    assert!(found.is_empty(), "{} circles:{}", found.len(), found.join("\n"));
}

#[test]
fn a_circle_is_found_through_re_exports_and_not_in_tests() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(dir.path().join(name), text).unwrap();
    write("lib.rs", "mod a;\nmod b;\nmod c;\npub use b::B;\n");
    write("a.rs", "use crate::B;\npub struct A(B);\n");
    write("b.rs", "pub struct B;\n#[cfg(test)]\nmod tests {\n    use crate::a::A;\n}\n");
    write("c.rs", "use crate::a;\nfn c() -> a::A { todo!() }\n");
    let root = dir.path().join("lib.rs");
    assert_eq!(circles(&graph(&root)), Vec::<String>::new());
    write("b.rs", "use crate::c;\npub struct B(c::C);\n");
    let found = circles(&graph(&root));
    assert_eq!(found.len(), 1);
    assert!(["a.rs", "b.rs", "c.rs"].iter().all(|file| found[0].contains(file)), "{found:?}");
}
