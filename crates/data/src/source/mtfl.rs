//! MTFL: `training.txt`, `testing.txt` (if it is there), `net_7876/` and `lfw_5590/`.
//!
//! The web images are [`Part::Train`], the LFW images [`Part::Test`], whatever list they stand in;
//! images of other origin (AFLW in `testing.txt`) are [`Part::Validation`] and used for neither.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use config::{Attribute, Source};

use super::fingerprint::{digest, hasher};
use super::listing::{self, Listing, find_file, read};
use super::reader::{Reader, Told};
use crate::DataError;
use crate::annotations::mtfl::{self, MtflRow};
use crate::face::{Collection, Face, Framing, Part};
use crate::frame::alignable;
use crate::labels::LabelColumns;

/// MTFL.
pub(super) struct Mtfl;

impl Reader for Mtfl {
    fn source(&self) -> Source {
        Source::Mtfl
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        open(listing::root(data)?)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        Ok(digest(&Files::read(listing::root(data)?)?.hasher))
    }
}

const LISTS: [&str; 2] = ["training.txt", "testing.txt"];

/// A list and its rows with their lines.
type NumberedList = (PathBuf, Vec<(usize, MtflRow)>);

struct Files {
    lists: Vec<NumberedList>,
    /// Images by the directory that the rows name.
    directories: BTreeMap<String, Listing>,
    hasher: blake3::Hasher,
}

impl Files {
    fn read(root: &Path) -> Result<Files, DataError> {
        let mut lists = Vec::new();
        let mut hasher = hasher("mtfl");
        for path in LISTS.iter().filter_map(|name| find_file(root, &[""], &[name])) {
            let bytes = read(&path)?;
            hasher.update(blake3::hash(&bytes).as_bytes());
            lists.push((path.clone(), mtfl::numbered(&path, &bytes)?));
        }
        if lists.is_empty() {
            let remedy = "set data.root to the directory that holds it, lfw_5590 and net_7876";
            return Err(DataError::missing("MTFL's training.txt", root, &[], remedy));
        }
        agree(&lists)?;
        let mut directories = BTreeMap::new();
        for name in lists.iter().flat_map(|(_, rows)| rows).map(|(_, row)| directory(&row.image)) {
            if !directories.contains_key(name) {
                let dir = root.join(name);
                let listing = if dir.is_dir() { Listing::of(&dir)? } else { Listing::default() };
                hasher.update(name.as_bytes());
                listing.hash_into(&mut hasher);
                directories.insert(name.to_owned(), listing);
            }
        }
        Ok(Files { lists, directories, hasher })
    }
}

/// An image may stand in both lists, but not with two meanings.
pub(crate) fn agree(lists: &[NumberedList]) -> Result<(), DataError> {
    let mut seen = HashMap::new();
    for (path, rows) in lists {
        for (line, row) in rows {
            let Some((other, first, before)) = seen.insert(&row.image, (path, line, row)) else {
                continue;
            };
            if before != row {
                let problem = format!("'{}' contradicts {}:{first}", row.image, other.display());
                let remedy = "delete one of the two lines";
                return Err(DataError::annotation(path, Some(*line), problem, remedy));
            }
        }
    }
    Ok(())
}

fn directory(image: &str) -> &str {
    image.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn part(image: &str) -> Part {
    let top = image.split('/').next().unwrap_or_default().to_ascii_lowercase();
    match () {
        () if top.starts_with("net") => Part::Train,
        () if top.starts_with("lfw") => Part::Test,
        () => Part::Validation,
    }
}

fn open(root: &Path) -> Result<Collection, DataError> {
    let files = Files::read(root)?;
    let there: HashSet<String> = files
        .directories
        .iter()
        .flat_map(|(dir, listing)| {
            listing.files.iter().map(move |(name, _)| format!("{dir}/{name}"))
        })
        .collect();
    let listed: usize = files.lists.iter().map(|(_, rows)| rows.len()).sum();
    let (mut faces, mut notes) = (Vec::new(), Vec::new());
    for (list, rows) in files.lists {
        let (mut missing, mut flat, count) = (0, 0, rows.len());
        for (_, row) in rows {
            if !there.contains(&row.image) {
                missing += 1;
            } else if !alignable(&row.landmarks) {
                flat += 1;
            } else {
                faces.push(face(root, row));
            }
        }
        if missing > 0 {
            notes.push(format!(
                "{}: {missing} of {count} rows have no image below {} and are left out",
                list.display(),
                root.display()
            ));
        }
        if flat > 0 {
            notes.push(format!(
                "{}: {flat} of {count} rows have five points that place no face (both eyes in one \
                 place) and are left out: without points an MTFL face has no frame",
                list.display()
            ));
        }
    }
    let mut seen = HashSet::new();
    faces.retain(|face: &Face| seen.insert(face.id.clone()));
    if faces.is_empty() {
        let places: Vec<&str> = files.directories.keys().map(String::as_str).take(8).collect();
        let what = format!("any of the {listed} images that MTFL's lists name");
        let remedy = "unpack lfw_5590 and net_7876 beside training.txt";
        return Err(DataError::missing(what, root, &places, remedy));
    }
    let fingerprint = digest(&files.hasher);
    let attributes = mtfl::ATTRIBUTES.map(Attribute::of).to_vec();
    let columns = LabelColumns { attributes, path: root.to_owned(), ..LabelColumns::default() };
    Ok(Collection { faces, framing: Framing::FivePoint, columns, fingerprint, notes })
}

fn face(root: &Path, row: MtflRow) -> Face {
    let part = part(&row.image);
    let name = row.image.rsplit('/').next().unwrap_or_default();
    // LFW's file names carry the person: Aaron_Eckhart_0001.jpg.
    let person = name.rsplit_once('_').map(|(person, _)| person.to_owned());
    Face {
        origin: root.join(&row.image).into(),
        labels: row.labels,
        landmarks: Some(row.landmarks),
        identity: person.filter(|_| part == Part::Test),
        pose: Some(row.pose),
        part,
        id: row.image,
    }
}
