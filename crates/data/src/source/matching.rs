//! Which file below the root each row of a folder's table means.

use std::collections::HashMap;
use std::path::Path;

use super::listing::is_image;
use super::tree::{Meant, Names, Tree, tidy};
use crate::DataError;
use crate::annotations::folder::FolderRow;
use crate::annotations::text::excerpt;

/// Names in one note at most.
const NAMED: usize = 8;

/// The file of every row, where it is there. What is taken otherwise than it stands is noted.
///
/// # Errors
/// A path that leads nowhere, a name of two files, an image in two rows, or no file at all.
pub(super) fn matched(
    root: &Path,
    path: &Path,
    rows: &[FolderRow],
    tree: &Tree,
    notes: &mut Vec<String>,
) -> Result<Vec<Option<usize>>, DataError> {
    let refuse = |row: &FolderRow, problem: String, remedy: String| {
        DataError::annotation(path, Some(row.line), problem, remedy)
    };
    let tidied = rows.iter().map(|row| {
        tidy(&row.file).map_err(|()| {
            let problem =
                format!("{} is no path of a file below {}", excerpt(&row.file), root.display());
            refuse(row, problem, "correct the line".to_owned())
        })
    });
    let written = tidied.collect::<Result<Vec<String>, DataError>>()?;
    let home = path.parent().and_then(|home| home.strip_prefix(root).ok());
    let home =
        home.map_or_else(String::new, |home| match home.to_string_lossy().replace('\\', "/") {
            home if home.is_empty() => home,
            home => home + "/",
        });
    let names = Names::of(tree);
    let cut = shared(root, &rows[0].file, &written, |name| names.find(&home, name).is_some());
    if let Some(first) = written.first().filter(|_| cut > 0) {
        notes.push(format!(
            "{}: its paths begin with {}, which is not below {}; they are taken from there on",
            path.display(),
            excerpt(&first[..cut]),
            root.display()
        ));
    }
    let mut found = Vec::with_capacity(rows.len());
    let mut seen: HashMap<usize, usize> = HashMap::new();
    let (mut missing, mut renamed) = (Vec::new(), 0);
    for (at, (row, name)) in rows.iter().zip(&written).enumerate() {
        let file = match names.find(&home, &name[cut..]) {
            None => {
                missing.push(format!("{} (line {})", excerpt(&row.file), row.line));
                None
            }
            Some((Meant::One(file), other)) => {
                renamed += usize::from(other);
                Some(file)
            }
            Some((Meant::Either(a, b), _)) => {
                let [a, b] = [a, b].map(|file| excerpt(&tree.files[file].name));
                let problem = format!("{} may be {a} or {b}", excerpt(&row.file));
                let remedy = format!("write its path below {}", root.display());
                return Err(refuse(row, problem, remedy));
            }
        };
        if let Some(first) = file.and_then(|file| seen.insert(file, at)) {
            let before = &rows[first];
            let same =
                FolderRow { line: row.line, file: row.file.clone(), ..before.clone() } == *row;
            let contradiction = if same { "" } else { " and contradicts it" };
            let file = excerpt(&row.file);
            let problem =
                format!("{file} is listed twice, first on line {}{contradiction}", before.line);
            return Err(refuse(row, problem, "delete the line that is wrong".to_owned()));
        }
        found.push(file);
    }
    let (count, table) = (rows.len(), path.display());
    if missing.len() == count {
        let images = tree.files.iter().filter(|item| is_image(&item.name));
        let first = images.clone().next().map(|item| excerpt(&item.name));
        let first = first.map_or_else(String::new, |first| format!(", the first {first}"));
        let (images, root) = (images.count(), root.display());
        let problem = format!(
            "none of its {count} files is below {root}, where {images} images (.jpg, .jpeg, .png) are{first}; \
             its first is {}",
            excerpt(&rows[0].file)
        );
        let remedy =
            "set data.root to the directory that holds the images, and data.table to the table";
        return Err(DataError::annotation(path, None, problem, remedy));
    }
    if !missing.is_empty() {
        let (left, names) = (missing.len(), some(missing.into_iter()));
        let root = root.display();
        notes.push(format!(
            "{left} of the {count} rows of {table} have no file below {root} and are left out: {names}"
        ));
    }
    if renamed > 0 {
        notes.push(format!(
            "{table}: {renamed} image(s) are there with another extension, or it names none"
        ));
    }
    Ok(found)
}

/// Bytes at the beginning of every path that lie outside the root: directories that all paths share, as few as
/// leave any file to be found. Those of an absolute path, or the root's own name and what precedes it: a
/// relative path is not taken for another of the same ending.
fn shared(root: &Path, first: &str, written: &[String], is_there: impl Fn(&str) -> bool) -> usize {
    let absolute = first.starts_with(['/', '\\']) || first.get(1..2) == Some(":");
    let own = root.canonicalize().ok();
    let own = own.as_ref().and_then(|root| root.file_name()).and_then(|name| name.to_str());
    let Some(path) = written.first() else { return 0 };
    let common = |end: &usize| written.iter().all(|name| name.starts_with(&path[..*end]));
    let ends = path.match_indices('/').map(|(at, _)| at + 1).take_while(common);
    let ends = ends.filter(|end| absolute || path[..end - 1].rsplit('/').next() == own);
    let mut cuts = std::iter::once(0).chain(ends);
    cuts.find(|cut| written.iter().any(|name| is_there(&name[*cut..]))).unwrap_or(0)
}

/// Some of many names.
pub(super) fn some(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len().saturating_sub(NAMED);
    let list = names.take(NAMED).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{list} and {more} more") } else { list }
}
