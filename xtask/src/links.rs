//! Whether pages lead somewhere: links to files and headings, the table of contents, paths between
//! backticks.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Component, Path, PathBuf};

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// What a page says, as far as it leads somewhere.
#[derive(Debug, Default)]
struct Page {
    /// Destinations of links and images.
    links: Vec<String>,
    /// Identifiers of headings.
    anchors: BTreeSet<String>,
    /// Text between backticks, each with the text that follows.
    codes: Vec<(String, String)>,
}

impl Page {
    fn parse(text: &str) -> Page {
        let mut page = Page::default();
        let mut heading: Option<String> = None;
        let mut times = BTreeMap::<String, usize>::new();
        let mut follows = false;
        for event in Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_GFM) {
            if let (Event::Text(text), true, Some((_, after))) =
                (&event, follows, page.codes.last_mut())
            {
                *after = text.to_string();
            }
            follows = matches!(event, Event::Code(_));
            if let (Event::Text(text) | Event::Code(text), Some(heading)) = (&event, &mut heading) {
                heading.push_str(text);
            }
            match event {
                Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
                Event::End(TagEnd::Heading(_)) => {
                    let slug = slug(&heading.take().unwrap_or_default());
                    let before = times.entry(slug.clone()).or_default();
                    let anchor = if *before == 0 { slug } else { format!("{slug}-{before}") };
                    *before += 1;
                    page.anchors.insert(anchor);
                }
                Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                    page.links.push(dest_url.to_string());
                }
                Event::Code(code) => page.codes.push((code.to_string(), String::new())),
                _ => {}
            }
        }
        page
    }
}

/// How GitHub and mdBook name a heading.
fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter_map(|c| match c {
        ' ' => Some('-'),
        '-' | '_' => Some(c),
        c => c.is_alphanumeric().then_some(c),
    });
    kept.flat_map(char::to_lowercase).collect()
}

/// Takes `..` and `.` out of a path, so that it can be looked up by its name.
fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            part => plain.push(part),
        }
    }
    plain
}

/// Whether there is such a file or directory, spelt so: some file systems would take any spelling.
fn exists(root: &Path, path: &Path) -> bool {
    let parts = path.ancestors().filter_map(|path| Some((path.parent()?, path.file_name()?)));
    parts.into_iter().all(|(parent, name)| {
        let entries = fs::read_dir(root.join(parent)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name()).any(|found| found == name)
    })
}

/// What a link of a page has wrong, if anything.
fn broken(root: &Path, pages: &BTreeMap<PathBuf, Page>, from: &Path, link: &str) -> Option<String> {
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = link.split_once('#').map_or((link, None), |(f, a)| (f, Some(a)));
    let target = match file {
        "" => from.to_owned(),
        file => plain(&from.with_file_name(file)),
    };
    if !exists(root, &target) {
        return Some(format!("there is no {}", target.display()));
    }
    let anchor = anchor?;
    let there = pages.get(&target).is_some_and(|page| page.anchors.contains(anchor));
    (!there).then(|| format!("{} has no heading #{anchor}", target.display()))
}

/// What of a text between backticks is a path of this repository: up to the first part that stands for
/// any name (`*`, `NAME`, `<step>`). `None` where it is none, or of a file that a recipe makes.
fn path_of((code, after): &(String, String)) -> Option<PathBuf> {
    const OURS: [&str; 7] =
        ["crates/", "xtask/", "docs/", "configs/", "experiments/", "scripts/", "results/README"];
    let path = code.split(char::is_whitespace).next()?;
    if !OURS.iter().any(|ours| path.starts_with(ours)) || after.starts_with(", new") {
        return None;
    }
    let any = |part: &str| {
        let capitals = part.chars().all(|c| c.is_ascii_uppercase() || c == '_');
        part.contains(['*', '<', '{', '[']) || part == "..." || (capitals && !part.is_empty())
    };
    Some(path.trim_end_matches('/').split('/').take_while(|part| !any(part)).collect())
}

/// The pages below a directory, recursively, by their paths from the root.
fn gather(root: &Path, below: &str, pages: &mut BTreeMap<PathBuf, Page>) {
    for entry in fs::read_dir(root.join(below)).into_iter().flatten().flatten() {
        let name = format!("{below}/{}", entry.file_name().display());
        if root.join(&name).is_dir() {
            gather(root, &name, pages);
        } else if name.ends_with(".md") {
            read(root, &name, pages);
        }
    }
}

fn read(root: &Path, name: &str, pages: &mut BTreeMap<PathBuf, Page>) {
    if let Ok(text) = fs::read_to_string(root.join(name)) {
        pages.insert(name.into(), Page::parse(&text));
    }
}

/// Everything that is wrong with the pages below a root.
pub(crate) fn complaints(root: &Path) -> Vec<String> {
    let mut pages = BTreeMap::new();
    ["README.md", "CONTRIBUTING.md", "results/README.md"]
        .iter()
        .for_each(|name| read(root, name, &mut pages));
    ["docs", "crates", "xtask"].iter().for_each(|below| gather(root, below, &mut pages));
    let mut found = Vec::new();
    for (name, page) in &pages {
        let links = page.links.iter().filter_map(|link| {
            let why = broken(root, &pages, name, link)?;
            Some(format!("{}: ({link}): {why}", name.display()))
        });
        found.extend(links);
        let codes = page.codes.iter().filter_map(path_of).filter(|path| !exists(root, path));
        found.extend(
            codes.map(|path| format!("{}: `{}` is not there", name.display(), path.display())),
        );
    }
    let summary = Path::new("docs/SUMMARY.md");
    let listed: BTreeSet<PathBuf> = pages.get(summary).map_or_else(BTreeSet::new, |page| {
        page.links.iter().map(|link| plain(&Path::new("docs").join(link))).collect()
    });
    let docs = pages.keys().filter(|name| name.starts_with("docs") && *name != summary);
    let unlisted = docs.filter(|name| !listed.contains(*name));
    found.extend(unlisted.map(|name| format!("{} is not in docs/SUMMARY.md", name.display())));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::places;

    #[test]
    fn every_link_page_and_path_is_there() {
        let found = complaints(places::root());
        assert!(found.is_empty(), "{} complaints:\n{}", found.len(), found.join("\n"));
    }

    #[test]
    fn what_leads_nowhere_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("docs/SUMMARY.md", "- [a](a.md)\n");
        write(
            "docs/a.md",
            "# A `b`, c\n\n## Twice\n\n## Twice\n\n`crates/x/NAME/y` `crates/*/z`\n",
        );
        write(
            "docs/b.md",
            "`docs/c.md`, new: `docs/d.md` and `docs/A.md`\n\n```\n`docs/e.md`\n```\n",
        );
        write(
            "crates/x/README.md",
            "[gone](gone.rs) [root](../../README.md) [out](https://a.b/c)\n",
        );
        write(
            "README.md",
            "[a](docs/a.md#a-b-c) [b](docs/a.md#twice-1) [c](docs/a.md#thrice) [d](#here)\n",
        );
        let expected = [
            "README.md: (docs/a.md#thrice): docs/a.md has no heading #thrice",
            "README.md: (#here): README.md has no heading #here",
            "crates/x/README.md: (gone.rs): there is no crates/x/gone.rs",
            "docs/b.md: `docs/d.md` is not there",
            "docs/b.md: `docs/A.md` is not there",
            "docs/b.md is not in docs/SUMMARY.md",
        ];
        assert_eq!(complaints(dir.path()), expected);
    }
}
