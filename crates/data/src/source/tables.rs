//! Which file of a folder is its table.

use std::path::{Path, PathBuf};

use super::tree::Tree;
use crate::DataError;
use crate::annotations::text::excerpt;

/// Names that are looked for, in this order.
const NAMES: [&str; 4] = ["metadata.csv", "metadata.tsv", "labels.csv", "labels.tsv"];
/// Tables of other tools, which are named where none of ours is there.
const OTHERS: [&str; 5] = ["jsonl", "parquet", "xlsx", "xls", "ods"];

fn ends(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, own)| own.eq_ignore_ascii_case(ending))
}

/// The table that `given` (`data.table`) names, below `root` or else from the working directory, or the one that
/// is there; and a sentence on those that are not read.
///
/// # Errors
/// There is none, or there are several and none has a known name.
pub(super) fn find(
    root: &Path,
    given: &str,
    tree: &Tree,
) -> Result<(PathBuf, Vec<String>), DataError> {
    if !given.is_empty() {
        // Below the root first: nobody's tables change their meaning with the working directory.
        let (below, outside) = (root.join(given), PathBuf::from(given));
        return match (below.is_file(), outside.is_file()) {
            (true, other) => {
                let same = || below.canonicalize().ok() == outside.canonicalize().ok();
                let note = (other && !same()).then(|| {
                    let (below, given) = (below.display(), excerpt(given));
                    format!("{below} is read; not read: {given} in the working directory")
                });
                Ok((below, note.into_iter().collect()))
            }
            (false, true) => Ok((outside, Vec::new())),
            (false, false) => {
                let remedy = "set data.table to the path of the table, below data.root or from the working \
                              directory";
                Err(DataError::missing(
                    format!("data.table, {},", excerpt(given)),
                    root,
                    &[],
                    remedy,
                ))
            }
        };
    }
    let names = || tree.files.iter().map(|item| item.name.as_str());
    let is_table = |name: &&str| ends(name, "csv") || ends(name, "tsv");
    let beside: Vec<&str> = names().filter(is_table).filter(|name| !name.contains('/')).collect();
    let known = NAMES.iter().find(|known| beside.contains(known));
    let found = match (known, &beside[..]) {
        (Some(known), _) => *known,
        (None, [one]) => *one,
        (None, []) => {
            let other =
                |name: &&str| is_table(name) || OTHERS.iter().any(|ending| ends(name, ending));
            let there: Vec<String> = names().filter(other).take(4).map(excerpt).collect();
            let remedy = match there.join(", ") {
                none if none.is_empty() => {
                    "write one: a first line with file_name and the attributes, and a row per image"
                        .to_owned()
                }
                there => format!("found were {there}: set data.table to a CSV or TSV file"),
            };
            let what = format!("a table ({}, or any one .csv or .tsv)", NAMES.join(", "));
            return Err(DataError::missing(what, root, &[], remedy));
        }
        (None, several) => {
            let names: Vec<String> = several.iter().map(|name| excerpt(name)).collect();
            let what = format!("metadata.csv (there are {})", names.join(", "));
            return Err(DataError::missing(what, root, &[], "set data.table to one of them"));
        }
    };
    let rest: Vec<String> = beside.iter().filter(|n| **n != found).map(|n| excerpt(n)).collect();
    let note = (!rest.is_empty()).then(|| {
        format!("{found} is read; not read: {} (data.table names another)", rest.join(", "))
    });
    Ok((root.join(found), note.into_iter().collect()))
}
