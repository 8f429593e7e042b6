//! Files below a directory, and which of them a table means by a name.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::listing::is_image;
use crate::DataError;
use crate::annotations::celeba::stem;

/// One file.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// Its path below the directory, with `/`.
    pub(super) name: String,
    /// Its size.
    pub(super) bytes: u64,
}

/// Every file below a directory, sorted by name. Hidden ones (`.git`, `._a.jpg`) are passed over; links are
/// followed, each directory once.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) files: Vec<Item>,
    /// Names that are not Unicode, which no table can hold.
    pub(super) unreadable: usize,
}

impl Tree {
    pub(super) fn of(root: &Path) -> Result<Tree, DataError> {
        let mut tree = Tree::default();
        let mut seen = HashSet::new();
        let mut open = vec![(root.to_owned(), String::new())];
        while let Some((dir, prefix)) = open.pop() {
            if seen.insert(fs::canonicalize(&dir).map_err(DataError::io("list", &dir))?) {
                tree.list(&dir, &prefix, &mut open)?;
            }
        }
        tree.files.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(tree)
    }

    fn list(
        &mut self,
        dir: &Path,
        prefix: &str,
        open: &mut Vec<(PathBuf, String)>,
    ) -> Result<(), DataError> {
        let mut below = Vec::new();
        for entry in fs::read_dir(dir).map_err(DataError::io("list", dir))? {
            let path = entry.map_err(DataError::io("list", dir))?.path();
            let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
                self.unreadable += 1;
                continue;
            };
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{name}");
            match fs::metadata(&path) {
                Ok(about) if about.is_dir() => below.push((path, name + "/")),
                Ok(about) => self.files.push(Item { name, bytes: about.len() }),
                // A link to nothing is told when the image is read.
                Err(_) => self.files.push(Item { name, bytes: 0 }),
            }
        }
        // Which of two links to one directory is taken must not depend on the file system.
        below.sort_by(|a, b| b.cmp(a));
        open.append(&mut below);
        Ok(())
    }
}

/// What a name means: one file, or one of two and nobody knows which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meant {
    One(usize),
    Either(usize, usize),
}

impl Meant {
    fn or(known: Option<Meant>, file: usize) -> Meant {
        match known {
            None => Meant::One(file),
            Some(Meant::One(first) | Meant::Either(first, _)) => Meant::Either(first, file),
        }
    }
}

/// Files by one spelling: those whose whole path it is, and all whose path ends so.
#[derive(Clone, Copy, Default)]
struct Hits {
    whole: Option<Meant>,
    end: Option<Meant>,
}

/// Files by every way to name them: the ends of their paths, with and without the extension.
pub(super) struct Names<'t> {
    named: HashMap<&'t str, Hits>,
    stems: HashMap<&'t str, Hits>,
}

impl<'t> Names<'t> {
    pub(super) fn of(tree: &'t Tree) -> Names<'t> {
        let mut names = Names { named: HashMap::new(), stems: HashMap::new() };
        for (file, Item { name, .. }) in tree.files.iter().enumerate() {
            note(&mut names.named, name, file);
            // Beside an image there may be a text of the same name.
            if is_image(name) {
                note(&mut names.stems, stem(name), file);
            }
        }
        names
    }

    /// The file that a row of a table in the directory `home` (empty, or ending in `/`) means by `name`: its
    /// path below the root or below `home`, else the end of the one path that ends so. Only where there
    /// is none, the same without extensions: the second value.
    pub(super) fn find(&self, home: &str, name: &str) -> Option<(Meant, bool)> {
        let look = |map: &HashMap<&str, Hits>, name: &str, beside: &str| {
            let hits = map.get(name);
            let whole = |hits: Option<&Hits>| hits.and_then(|hits| hits.whole);
            let end = || hits.and_then(|hits| hits.end);
            whole(hits).or_else(|| whole(map.get(beside))).or_else(end)
        };
        let beside = format!("{home}{name}");
        let named = look(&self.named, name, &beside).map(|meant| (meant, false));
        named.or_else(|| Some((look(&self.stems, stem(name), stem(&beside))?, true)))
    }
}

/// A file under its path and every end of it.
fn note<'t>(map: &mut HashMap<&'t str, Hits>, path: &'t str, file: usize) {
    let starts = path.match_indices('/').map(|(at, _)| at + 1);
    for start in std::iter::once(0).chain(starts) {
        let hits = map.entry(&path[start..]).or_default();
        hits.end = Some(Meant::or(hits.end, file));
        if start == 0 {
            hits.whole = Some(Meant::or(hits.whole, file));
        }
    }
}

/// A path as a table writes it, with `/` and without what leads nowhere.
///
/// # Errors
/// It leads out of a directory that it names (`a/../b`): no file is called so.
pub(super) fn tidy(written: &str) -> Result<String, ()> {
    // Inside of a quoted field two quotes are one.
    let path = written.replace('\\', "/").replace("\"\"", "\"");
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            // From a table's own directory to the images beside it.
            ".." if parts.is_empty() => {}
            ".." => return Err(()),
            part => parts.push(part),
        }
    }
    if parts.is_empty() { Err(()) } else { Ok(parts.join("/")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(names: &[&str]) -> Tree {
        let files = names.iter().map(|name| Item { name: (*name).to_owned(), bytes: 1 });
        Tree { files: files.collect(), unreadable: 0 }
    }

    #[test]
    fn a_path_is_taken_before_its_end_and_a_name_before_its_stem() {
        let tree = tree(&["1.jpg", "a/1.jpg", "a/2.png", "b/2.txt", "lists/a/3.jpg", "x/a/3.jpg"]);
        let names = Names::of(&tree);
        let one = |file, other| Some((Meant::One(file), other));
        assert_eq!(names.find("", "1.jpg"), one(0, false));
        assert_eq!(names.find("", "a/1.jpg"), one(1, false));
        assert_eq!(names.find("", "2.png"), one(2, false));
        assert_eq!(names.find("", "2.jpg"), one(2, true));
        assert_eq!(names.find("", "2"), one(2, true));
        assert_eq!(names.find("", "a/3.jpg"), Some((Meant::Either(4, 5), false)));
        assert_eq!(names.find("lists/", "a/3.jpg"), one(4, false));
        assert_eq!(names.find("", "b/1.jpg"), None);
    }

    #[test]
    fn what_a_table_writes_becomes_a_path() {
        for (written, path) in [
            ("a\\b.jpg", "a/b.jpg"),
            ("./a.jpg", "a.jpg"),
            ("../images/a.jpg", "images/a.jpg"),
            ("C:\\data\\a.jpg", "C:/data/a.jpg"),
            ("/home/a.jpg", "home/a.jpg"),
            ("say \"\"x\"\".jpg", "say \"x\".jpg"),
        ] {
            assert_eq!(tidy(written).as_deref(), Ok(path));
        }
        assert!(tidy("a/../b.jpg").is_err() && tidy("./").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_circle_of_links_is_walked_once_and_hidden_files_are_passed_over() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir_all(dir.path().join("a/.git")).unwrap();
        for name in ["a/1.jpg", "a/._1.jpg", "a/.git/2.jpg"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        std::os::unix::fs::symlink(dir.path(), dir.path().join("a/round")).unwrap();
        let names: Vec<String> =
            Tree::of(dir.path()).unwrap().files.into_iter().map(|item| item.name).collect();
        assert_eq!(names, ["a/1.jpg"]);
    }
}
