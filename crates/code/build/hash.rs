//! Hashes of sources by what they mean, and of the libraries that a lock file names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use toml::Table;

/// A hash over files: 16 hexadecimal digits. Names count relative to `root`. Rust counts by its tokens,
/// without comments, documentation and inline test modules; anything else by its bytes.
pub(crate) fn hash_of(root: &Path, files: &[PathBuf], libraries: &str) -> Result<String, String> {
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let bytes = std::fs::read(file).map_err(|e| format!("{}: {e}", file.display()))?;
        let name = file.strip_prefix(root).unwrap_or(file).to_string_lossy().into_owned();
        hasher.update(name.as_bytes()).update(&[0]);
        match (file.extension(), std::str::from_utf8(&bytes)) {
            (Some(extension), Ok(text)) if extension == "rs" => {
                let tokens: TokenStream =
                    text.parse().map_err(|e| format!("{}: {e}", file.display()))?;
                let mut meaning = String::new();
                write(tokens, &mut meaning);
                hasher.update(meaning.as_bytes());
            }
            _ => drop(hasher.update(&bytes)),
        }
        hasher.update(&[0]);
    }
    hasher.update(libraries.as_bytes());
    Ok(hasher.finalize().to_hex()[..16].to_owned())
}

/// Tokens one by one, without `#[doc = ...]` and without whatever `#[cfg(test)]` stands before.
fn write(tokens: TokenStream, text: &mut String) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < tokens.len() {
        if let Some((attribute, next)) = attribute(&tokens, at) {
            if attribute.starts_with("doc") {
                at = next;
                continue;
            }
            if attribute.replace(' ', "") == "cfg(test)" {
                at = behind_item(&tokens, next);
                continue;
            }
        }
        match &tokens[at] {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            other => {
                text.push_str(&other.to_string());
                text.push(' ');
            }
        }
        at += 1;
    }
}

/// The text of the attribute that begins here, inner (`#![...]`) or outer, and the place behind it.
fn attribute(tokens: &[TokenTree], at: usize) -> Option<(String, usize)> {
    let is = |index: usize, sign: char| matches!(tokens.get(index), Some(TokenTree::Punct(p)) if p.as_char() == sign);
    if !is(at, '#') {
        return None;
    }
    let bracket = if is(at + 1, '!') { at + 2 } else { at + 1 };
    match tokens.get(bracket) {
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Bracket => {
            Some((group.stream().to_string(), bracket + 1))
        }
        _ => None,
    }
}

/// The place behind the item that begins here: its `;` or its first braces.
fn behind_item(tokens: &[TokenTree], mut at: usize) -> usize {
    while at < tokens.len() {
        match &tokens[at] {
            TokenTree::Punct(p) if p.as_char() == ';' => return at + 1,
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => return at + 1,
            _ => at += 1,
        }
    }
    at
}

/// A lock file's packages.
pub(crate) struct Lock(BTreeMap<String, Vec<Package>>);

struct Package {
    version: String,
    checksum: String,
    dependencies: Vec<String>,
}

impl Lock {
    pub(crate) fn parse(text: &str) -> Result<Lock, String> {
        let table: Table = text.parse().map_err(|e| format!("Cargo.lock: {e}"))?;
        let packages = table.get("package").and_then(toml::Value::as_array);
        let packages = packages.ok_or("Cargo.lock lists no packages")?;
        let mut all: BTreeMap<String, Vec<Package>> = BTreeMap::new();
        for package in packages {
            let word = |key: &str| package.get(key).and_then(toml::Value::as_str).unwrap_or("");
            let list = package.get("dependencies").and_then(toml::Value::as_array);
            let names = list.into_iter().flatten().filter_map(toml::Value::as_str);
            all.entry(word("name").to_owned()).or_default().push(Package {
                version: word("version").to_owned(),
                checksum: word("checksum").to_owned(),
                dependencies: names.map(str::to_owned).collect(),
            });
        }
        Ok(Lock(all))
    }

    /// The version of the package of that name, if there is only one.
    pub(crate) fn version(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [one] => Some(&one.version),
            _ => None,
        }
    }

    /// Name, version and checksum, a line each, of these packages of registries and of all that they
    /// are built with.
    pub(crate) fn closure(&self, names: impl Iterator<Item = String>) -> String {
        let mut waiting: Vec<String> = names.collect();
        let mut lines = BTreeSet::new();
        while let Some(name) = waiting.pop() {
            // `name`, or `name version` where the lock has more than one.
            let (name, version) = name.split_once(' ').unwrap_or((&name, ""));
            for package in self.0.get(name).into_iter().flatten() {
                if !version.is_empty() && package.version != version {
                    continue;
                }
                let line = format!("{name} {} {}\n", package.version, package.checksum);
                if !package.checksum.is_empty() && lines.insert(line) {
                    waiting.extend(package.dependencies.iter().cloned());
                }
            }
        }
        lines.into_iter().collect()
    }
}

/// Names of what a crate is built with, but for what only its tests need.
pub(crate) fn dependencies(manifest: &str) -> Result<Vec<String>, String> {
    let table: Table = manifest.parse().map_err(|e| format!("Cargo.toml: {e}"))?;
    let keys = |section: &str| {
        let section = table.get(section).and_then(toml::Value::as_table);
        section.into_iter().flat_map(|table| table.keys().cloned()).collect::<Vec<String>>()
    };
    Ok([keys("dependencies"), keys("build-dependencies")].concat())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.rs");
        std::fs::write(&file, text).unwrap();
        hash_of(dir.path(), &[file], "").unwrap()
    }

    #[test]
    fn only_what_a_source_means_counts() {
        let plain = hash("fn a() -> f32 { 1.5 }");
        let told = "//! About.\n/// Doc.\nfn a() -> f32 {\n    // Why.\n    1.5\n}\n\
                    #[cfg(test)]\nmod tests { #[test] fn b() {} }\n";
        assert_eq!(plain, hash(told));
        assert_ne!(plain, hash("fn a() -> f32 { 1.25 }"));
        assert_ne!(plain, hash("fn a() -> f32 { -1.5 }"));
        assert_ne!(plain, hash("#[inline] fn a() -> f32 { 1.5 }"));
        assert_ne!(hash("fn a() { f(\"x y\") }"), hash("fn a() { f(\"x  y\") }"));
    }

    #[test]
    fn libraries_count_with_what_they_are_built_with_and_tests_tools_do_not() {
        let lock = |b: &str| {
            let text = format!(
                "[[package]]\nname = \"a\"\nversion = \"1\"\nchecksum = \"aa\"\ndependencies = [\"b\"]\n\
                 [[package]]\nname = \"b\"\nversion = \"{b}\"\nchecksum = \"bb\"\n\
                 [[package]]\nname = \"c\"\nversion = \"1\"\nchecksum = \"cc\"\n"
            );
            Lock::parse(&text).unwrap()
        };
        let named =
            dependencies("[dependencies]\na = \"1\"\n[dev-dependencies]\nc = \"1\"\n").unwrap();
        let of = |lock: Lock| lock.closure(named.iter().cloned());
        assert_eq!(of(lock("2")), "a 1 aa\nb 2 bb\n");
        assert_ne!(of(lock("2")), of(lock("3")));
        assert_eq!(lock("2").version("b"), Some("2"));
    }

    #[test]
    fn every_part_lies_where_it_is_looked_for() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for part in crate::parts::PARTS {
            for path in part.sources.iter().chain(part.without).chain(&crate::parts::SHOWN) {
                assert!(root.join(path).exists(), "{}: {path} is not there", part.name);
            }
            assert!(part.files(&root).len() > 20, "{}", part.name);
        }
    }
}
