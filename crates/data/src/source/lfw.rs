//! Labeled Faces in the Wild: `Name/Name_0001.jpg`, labels from `lfw_attributes.txt`, joined by name.
//!
//! The people's directories stand in the root itself or in `lfw`, `lfw_funneled` or
//! `lfw-deepfunneled` below it, or once more below that; the lists in the root, beside or above it. Where
//! MTFL's `training.txt` is there too, its LFW rows give five points for the original images they name.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Alignment, Source};

use super::fingerprint::{digest, hasher};
use super::listing::{self, Listing, find_file, read, subdirectories};
use super::mtfl::agree;
use super::reader::{Reader, Told};
use crate::DataError;
use crate::annotations::celeba::stem;
use crate::annotations::{lfw, mtfl};
use crate::face::{Collection, Face, Framing, Landmarks, Part};
use crate::frame::alignable;
use crate::labels::Labels;

/// Labeled Faces in the Wild.
pub(super) struct Lfw;

impl Reader for Lfw {
    fn source(&self) -> Source {
        Source::Lfw
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        open(listing::root(data)?, data.alignment)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        Files::find(listing::root(data)?)?.fingerprint(data.alignment)
    }
}

const IMAGES: [&str; 6] =
    ["lfw-deepfunneled", "lfw_funneled", "lfw", "lfw-funneled", "lfw_deepfunneled", ""];

/// How the images were aligned by those who published them, as their directory is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Version {
    Original,
    Funneled,
    DeepFunneled,
}

impl Version {
    fn of(directory: &Path) -> Version {
        // Below an archive's own name, or in a directory that is a link.
        let real = directory.canonicalize().unwrap_or_else(|_| directory.to_owned());
        let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().to_lowercase());
        let names = [name(directory), name(&real)];
        let called = |word: &str| names.iter().flatten().any(|name| name.contains(word));
        match () {
            () if called("deepfunneled") || called("deep-funneled") => Version::DeepFunneled,
            () if called("funneled") => Version::Funneled,
            () => Version::Original,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Version::Original => "original",
            Version::Funneled => "funneled",
            Version::DeepFunneled => "deep-funneled",
        }
    }
}

struct Files {
    images: PathBuf,
    version: Version,
    people: Vec<(String, Listing)>,
    attributes: PathBuf,
    /// MTFL's lists, where they speak of these images.
    points: Vec<PathBuf>,
    notes: Vec<String>,
}

/// Where a version may lie: as the archives unpack, and once more below a directory of the same name.
fn places(root: &Path) -> Vec<PathBuf> {
    let plain = IMAGES.iter().map(|name| root.join(name));
    let nested = IMAGES[..5].iter().map(|name| root.join(name).join(name));
    plain.chain(nested).filter(|dir| dir.is_dir()).collect()
}

/// The people of a directory; none where it is no version of LFW.
fn people(dir: &Path) -> Result<Vec<(String, Listing)>, DataError> {
    let mut people = subdirectories(dir)?;
    people.retain(|(name, listing)| listing.files.iter().any(|(f, _)| f.starts_with(name)));
    Ok(people)
}

/// An archive that nobody unpacked.
fn packed(root: &Path) -> Option<PathBuf> {
    let files = std::fs::read_dir(root).ok()?.flatten().map(|entry| entry.path());
    let is_packed = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let archive = [".tgz", ".tar.gz", ".tar", ".zip"].iter().any(|end| name.ends_with(end));
        name.starts_with("lfw") && archive
    };
    files.filter(is_packed).min()
}

impl Files {
    fn find(root: &Path) -> Result<Files, DataError> {
        let mut found = Vec::new();
        for dir in places(root) {
            let people = people(&dir)?;
            if !people.is_empty() {
                found.push((dir, people));
            }
        }
        let mut found = found.into_iter();
        let (images, people) = found.next().ok_or_else(|| {
            let remedy = match packed(root) {
                Some(archive) => format!("unpack {} there", archive.display()),
                None => "unpack lfw.tgz (or a funneled one) there".to_owned(),
            };
            DataError::missing("any image Name/Name_0001.jpg", root, &IMAGES, remedy)
        })?;
        let version = Version::of(&images);
        let mut notes = Vec::new();
        let others: Vec<String> = found.map(|(dir, _)| dir.display().to_string()).collect();
        if !others.is_empty() {
            notes.push(format!(
                "the {} images in {} are read, those in {} are not; set data.root to one of these for \
                 others",
                version.name(),
                images.display(),
                others.join(", ")
            ));
        }
        let beside = ["", ".."];
        let names = ["lfw_attributes.txt", "lfw_attributes.csv"];
        let attributes = find_file(root, &beside, &names).ok_or_else(|| {
            let remedy = "download Kumar et al.'s attribute scores there";
            DataError::missing("lfw_attributes.txt", root, &beside, remedy)
        })?;
        let lists = ["training.txt", "testing.txt"];
        let mut points: Vec<PathBuf> =
            lists.iter().filter_map(|name| find_file(root, &[""], &[name])).collect();
        if let Some(list) = points.first().filter(|_| version != Version::Original) {
            notes.push(format!(
                "{} is left out: its points are of the original images, and {} holds the {} ones",
                list.display(),
                images.display(),
                version.name()
            ));
            points.clear();
        }
        Ok(Files { images, version, people, attributes, points, notes })
    }

    fn fingerprint(&self, alignment: Alignment) -> Result<String, DataError> {
        let mut hasher = hasher("lfw");
        for list in std::iter::once(&self.attributes).chain(&self.points) {
            hasher.update(blake3::hash(&read(list)?).as_bytes());
        }
        for (person, listing) in &self.people {
            hasher.update(person.as_bytes());
            listing.hash_into(&mut hasher);
        }
        // Left out where it always was.
        if alignment != Alignment::Given {
            hasher.update(alignment.name().as_bytes());
        }
        Ok(digest(&hasher))
    }

    /// Five points by image name without extension.
    fn landmarks(&self) -> Result<HashMap<String, Landmarks>, DataError> {
        let read = |path: &PathBuf| Ok((path.clone(), mtfl::numbered(path, &read(path)?)?));
        let lists = self.points.iter().map(read).collect::<Result<Vec<_>, DataError>>()?;
        agree(&lists)?;
        let mut points = HashMap::new();
        for (_, rows) in lists {
            for (_, row) in rows {
                let (directory, name) = row.image.rsplit_once('/').unwrap_or(("", &row.image));
                if directory.to_ascii_lowercase().starts_with("lfw") && alignable(&row.landmarks) {
                    points.insert(stem(name).to_owned(), row.landmarks);
                }
            }
        }
        Ok(points)
    }
}

fn open(root: &Path, alignment: Alignment) -> Result<Collection, DataError> {
    let files = Files::find(root)?;
    let list = lfw::scores(&files.attributes, &read(&files.attributes)?)?;
    let mut labels: HashMap<String, Labels> = list.rows.into_iter().collect();
    let points = files.landmarks()?;
    let mut faces = Vec::new();
    let (mut images, mut pointless) = (0, 0);
    for (person, listing) in &files.people {
        for (name, _) in &listing.files {
            images += 1;
            let Some(labels) = labels.remove(stem(name)) else { continue };
            let landmarks = points.get(stem(name)).copied();
            pointless += usize::from(landmarks.is_none());
            faces.push(Face {
                id: format!("{person}/{name}"),
                origin: files.images.join(person).join(name).into(),
                labels,
                landmarks,
                identity: Some(person.clone()),
                pose: None,
                part: Part::Unassigned,
            });
        }
    }
    let attributes = files.attributes.display();
    if faces.is_empty() {
        return Err(DataError::annotation(
            &files.attributes,
            None,
            format!("none of its rows names one of the {images} images"),
            "the list and the images belong to different data sets, check data.root",
        ));
    }
    let mut notes = files.notes.clone();
    notes.extend(list.notes);
    if faces.len() < images {
        let without = images - faces.len();
        notes.push(format!("{without} of {images} images have no row in {attributes}, left out"));
    }
    if !labels.is_empty() {
        notes.push(format!(
            "{} row(s) of {attributes} have no image and are left out",
            labels.len()
        ));
    }
    if alignment == Alignment::FivePoint {
        pointed(&files, root, &mut faces, &mut notes)?;
        pointless = 0;
    }
    let framing = if points.is_empty() { Framing::Lfw } else { Framing::FivePoint };
    if framing == Framing::Lfw && files.version == Version::Original {
        notes.push(format!(
            "MTFL's training.txt was not found in {}: faces have no five points and are framed by the \
             fixed window that fits LFW's mean face",
            root.display()
        ));
    }
    if framing == Framing::FivePoint && pointless > 0 {
        notes.push(format!(
            "{pointless} of {} faces have no five points in MTFL's list; they are framed by the \
             fixed window that fits LFW's mean face",
            faces.len()
        ));
    }
    let (fingerprint, columns) = (files.fingerprint(alignment)?, list.columns);
    Ok(Collection { faces, framing, columns, fingerprint, notes })
}

/// Leaves out faces that have no five points to be placed by.
fn pointed(
    files: &Files,
    root: &Path,
    faces: &mut Vec<Face>,
    notes: &mut Vec<String>,
) -> Result<(), DataError> {
    let before = faces.len();
    faces.retain(|face| face.landmarks.is_some());
    let left = before - faces.len();
    if faces.is_empty() {
        let what = match files.points.is_empty() {
            true => {
                "MTFL's training.txt, by whose points data.alignment = \"five-point\" places faces,"
            }
            false => {
                "a face with five points in MTFL's lists, by which data.alignment = \"five-point\" \
                      places faces,"
            }
        };
        let remedy = "put it there, or set data.alignment to \"given\"";
        return Err(DataError::missing(what, root, &[], remedy));
    }
    if left > 0 {
        notes.push(format!(
            "{left} of {before} faces have no five points in MTFL's list and are left out"
        ));
    }
    Ok(())
}
