//! The map in `docs/architecture.md` is the workspace's: crates, what they build on, who links burn.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// A crate as the page or its manifest has it.
#[derive(Clone, Debug, Default, PartialEq)]
struct Crate {
    /// Crates of this workspace in its `[dependencies]`, optional ones too.
    builds_on: BTreeSet<String>,
    /// Whether burn is linked into what depends on it, by its own dependencies or theirs.
    burn: bool,
}

type Map = BTreeMap<String, Crate>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names between backticks.
fn names(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split('`').skip(1).step_by(2).map(str::to_owned)
}

/// The rows of the page's map, each with its layer.
fn page(text: &str) -> Vec<(u32, String, Crate)> {
    let (_, map) = text.split_once("<!-- map -->\n").expect("the page has a map");
    let (map, _) = map.split_once("<!-- end of map -->").expect("the map has an end");
    let rows = map.lines().skip(2).map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [layer, name, _, builds_on, burn] = cells[..] else {
            panic!("five cells expected: {line}")
        };
        assert!(["", "yes"].contains(&burn), "`{burn}` says nothing of burn: {line}");
        let layer = layer.parse().unwrap_or_else(|_| panic!("no layer: {line}"));
        let name = names(name).next().unwrap_or_else(|| panic!("no crate: {line}"));
        (layer, name, Crate { builds_on: names(builds_on).collect(), burn: burn == "yes" })
    });
    rows.collect()
}

/// What the manifests say.
fn workspace() -> Map {
    let folders = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path());
    let manifests = folders.chain([root().join("xtask")]).map(|folder| folder.join("Cargo.toml"));
    let manifests = manifests.filter(|manifest| manifest.exists()).map(|manifest| {
        let manifest: toml::Table = fs::read_to_string(manifest).unwrap().parse().unwrap();
        let dependencies = manifest.get("dependencies").and_then(toml::Value::as_table).cloned();
        let name = manifest["package"]["name"].as_str().unwrap().to_owned();
        (name, dependencies.unwrap_or_default())
    });
    let manifests: BTreeMap<String, toml::Table> = manifests.collect();
    let mut crates: Map = manifests
        .iter()
        .map(|(name, dependencies)| {
            let ours = dependencies.keys().filter(|other| manifests.contains_key(*other));
            let burn = dependencies.keys().any(|other| {
                other == "burn"
                    || other.starts_with("burn-")
                    || other == "tch"
                    || other == "torch-sys"
            });
            (name.clone(), Crate { builds_on: ours.cloned().collect(), burn })
        })
        .collect();
    // Once round per layer is enough.
    for _ in 0..crates.len() {
        let before = crates.clone();
        for one in crates.values_mut() {
            one.burn |= one.builds_on.iter().any(|other| before[other].burn);
        }
    }
    crates
}

/// Where page and workspace differ, a line each.
fn differences(page: &Map, workspace: &Map) -> Vec<String> {
    let mut found = Vec::new();
    let all: BTreeSet<&String> = page.keys().chain(workspace.keys()).collect();
    for name in all {
        let (said, is) = match (page.get(name), workspace.get(name)) {
            (Some(said), Some(is)) => (said, is),
            (None, _) => {
                found.push(format!("`{name}` is missing from the page"));
                continue;
            }
            (_, None) => {
                found.push(format!("`{name}` is on the page and no crate"));
                continue;
            }
        };
        let missing = is.builds_on.difference(&said.builds_on);
        found.extend(missing.map(|to| format!("missing from the page: `{name}` builds on `{to}`")));
        let surplus = said.builds_on.difference(&is.builds_on);
        found.extend(surplus.map(|to| format!("not so: `{name}` builds on `{to}`")));
        if said.burn != is.burn {
            let links = if is.burn { "links burn" } else { "links no burn" };
            found.push(format!("`{name}` {links}, the page says otherwise"));
        }
    }
    found
}

#[test]
fn the_map_on_the_page_is_that_of_the_workspace() {
    let rows = page(&fs::read_to_string(root().join("docs/architecture.md")).unwrap());
    let map: Map = rows.iter().map(|(_, name, row)| (name.clone(), row.clone())).collect();
    assert_eq!(map.len(), rows.len(), "a crate stands twice on the page");
    let mut found = differences(&map, &workspace());
    let layers: BTreeMap<&str, u32> = rows.iter().map(|(at, name, _)| (&**name, *at)).collect();
    for (at, name, row) in &rows {
        let below = |other: &&String| layers.get(&***other).is_some_and(|layer| layer < at);
        let above = row.builds_on.iter().filter(|other| !below(other));
        found.extend(
            above.map(|to| format!("`{to}` does not lie below `{name}`, which builds on it")),
        );
    }
    assert!(found.is_empty(), "docs/architecture.md:\n{}", found.join("\n"));
}

#[test]
fn what_is_missing_or_too_much_is_named() {
    let text = "<!-- map -->\n| layer | crate | is | builds on | burn |\n|---|---|---|---|---|\n\
                | 1 | `a` | A. | | |\n| 2 | `b` | B. | `a`, `x` | yes |\n| 3 | `d` | D. | | |\n\
                <!-- end of map -->\n";
    let map: Map = page(text).into_iter().map(|(_, name, row)| (name, row)).collect();
    let of = |names: &[&str], burn| Crate {
        builds_on: names.iter().map(|&name| name.to_owned()).collect(),
        burn,
    };
    let is: Map = [("a", of(&[], false)), ("b", of(&["a", "c"], false)), ("c", of(&[], true))]
        .map(|(name, one)| (name.to_owned(), one))
        .into();
    let found = differences(&map, &is);
    let expected = [
        "missing from the page: `b` builds on `c`",
        "not so: `b` builds on `x`",
        "`b` links no burn, the page says otherwise",
        "`c` is missing from the page",
        "`d` is on the page and no crate",
    ];
    assert_eq!(found, expected);
}
