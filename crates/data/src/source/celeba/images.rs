//! The images of CelebA in whichever wrapping they lie: a directory, a zip archive, parquet tables.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tables::{self, Tables};
use crate::DataError;
use crate::annotations::celeba::stem;
use crate::origin::{Archive, Entry, Origin, base};
use crate::source::listing::{Listing, is_image, subdirectories};

/// Directories that hold images where CelebA, or a copy of it, is unpacked as it comes.
const DIRECTORIES: [&str; 9] = [
    "img_align_celeba",
    "img_align_celeba/img_align_celeba",
    "Img/img_align_celeba",
    "img_align_celeba_png",
    "img_align_celeba_png/img_align_celeba_png",
    "img_align_celeba_png.7z/img_align_celeba_png",
    "Img/img_align_celeba_png",
    "Img/img_align_celeba_png.7z/img_align_celeba_png",
    "celeba/img_align_celeba",
];

/// Directories that may hold archives.
const ARCHIVED: [&str; 4] = ["", "Img", "img", "celeba"];

/// Images that were found.
pub(super) struct Images {
    /// The directory, archive or directory of tables.
    pub(super) place: PathBuf,
    pub(super) wrapping: Wrapping,
    /// How they were found, where that is odd.
    pub(super) notes: Vec<String>,
}

pub(super) enum Wrapping {
    Directory(Listing),
    /// An archive: the images in it, and the other files.
    Archive(Arc<Path>, Vec<Entry>, Vec<Entry>),
    Tables(Box<Tables>),
}

impl Images {
    /// Looks for a directory first, then for an archive, for tables, and for a directory of another name.
    ///
    /// # Errors
    /// There are none, or what wraps them is damaged.
    pub(super) fn find(root: &Path) -> Result<Images, DataError> {
        for place in DIRECTORIES.iter().map(|name| root.join(name)).filter(|dir| dir.is_dir()) {
            let listing = Listing::of(&place)?;
            if !listing.files.is_empty() {
                let notes = unread(root, &place);
                return Ok(Images { place, wrapping: Wrapping::Directory(listing), notes });
            }
        }
        if let Some(found) = archive(root)? {
            return Ok(found);
        }
        let files = tables::files(root)?;
        if let Some((_, first)) = files.first() {
            let place = first.parent().unwrap_or(root).to_owned();
            let (tables, notes) = Tables::read(&files)?;
            return Ok(Images { place, wrapping: Wrapping::Tables(Box::new(tables)), notes });
        }
        another(root)?.ok_or_else(|| nothing(root))
    }

    /// Their names, one after the other; [`Images::origin`] knows an image by its place here.
    pub(super) fn names(&self) -> Box<dyn Iterator<Item = &str> + '_> {
        match &self.wrapping {
            Wrapping::Directory(listing) => {
                Box::new(listing.files.iter().map(|(name, _)| name.as_str()))
            }
            Wrapping::Archive(_, images, _) => {
                Box::new(images.iter().map(|entry| base(&entry.name)))
            }
            Wrapping::Tables(tables) => Box::new(tables.names.iter().map(String::as_str)),
        }
    }

    pub(super) fn origin(&self, number: usize) -> Origin {
        match &self.wrapping {
            Wrapping::Directory(listing) => Origin::File(self.place.join(&listing.files[number].0)),
            Wrapping::Archive(archive, images, _) => {
                Origin::Entry { archive: Arc::clone(archive), name: images[number].name.clone() }
            }
            Wrapping::Tables(tables) => tables.origin(number),
        }
    }

    /// Names and sizes; checksums where an archive has them.
    pub(super) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        match &self.wrapping {
            Wrapping::Directory(listing) => listing.hash_into(hasher),
            Wrapping::Archive(_, images, _) => {
                hasher.update(b"zip");
                for Entry { name, bytes, crc } in images {
                    hasher.update(name.as_bytes()).update(&[0]);
                    hasher.update(&bytes.to_le_bytes()).update(&crc.to_le_bytes());
                }
            }
            Wrapping::Tables(tables) => {
                hasher.update(b"parquet").update(tables.digest.as_bytes());
            }
        }
    }

    /// A sentence where two images differ in nothing but their extension.
    pub(super) fn twins(&self) -> Option<String> {
        let mut last = None;
        let twins = self.names().find_map(|name| {
            let before = last.replace(name).filter(|before| stem(before) == stem(name))?;
            Some((before, name))
        });
        twins.map(|(first, second)| {
            format!(
                "{first} and {second} in {} have one name but for the extension; of such images the \
                 first is read",
                self.place.display()
            )
        })
    }
}

/// Wrappings beside the directory that is read.
fn unread(root: &Path, directory: &Path) -> Vec<String> {
    let zips = zips(root).into_iter().find(|path| is_aligned(&file_name(path)));
    let others = zips.into_iter().chain(tables::beside(root));
    others
        .map(|other| {
            format!("images are read from {}; {} is not used", directory.display(), other.display())
        })
        .collect()
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_aligned(name: &str) -> bool {
    name.starts_with("img_align_celeba")
}

/// Zip archives below the root, those called after the images first.
fn zips(root: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = Vec::new();
    for dir in ARCHIVED.map(|place| root.join(place)) {
        let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
        found.extend(entries.map(|entry| entry.path()).filter(|path| {
            let zip = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip"));
            zip && path.is_file() && !file_name(path).starts_with("._")
        }));
    }
    found.sort_by_cached_key(|path| (!is_aligned(&file_name(path)), path.clone()));
    found
}

/// The first archive with images in it.
fn archive(root: &Path) -> Result<Option<Images>, DataError> {
    let zips = zips(root);
    for place in &zips {
        let entries = Archive::open(place)?.entries();
        let mut directories: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in entries.iter().filter(|entry| is_image(&entry.name)) {
            *directories.entry(directory(&entry.name)).or_default() += 1;
        }
        // The aligned images before those in the wild, then where there are most.
        let rank = |(name, count): &(&&str, &usize)| {
            (is_aligned(base(name)), **count, std::cmp::Reverse(name.to_string()))
        };
        let Some(chosen) = directories.iter().max_by_key(rank).map(|(name, _)| name.to_string())
        else {
            continue;
        };
        let mut notes = Vec::new();
        let others: usize =
            directories.iter().filter(|(name, _)| **name != chosen).map(|(_, count)| count).sum();
        if others > 0 {
            notes.push(format!(
                "{}: the images in '{chosen}' are read; {others} in other directories of it are not",
                place.display()
            ));
        }
        if let Some(other) = zips.iter().find(|other| *other != place) {
            notes.push(format!(
                "images are read from {}; {} is not used",
                place.display(),
                other.display()
            ));
        }
        let is_chosen = |entry: &Entry| is_image(&entry.name) && directory(&entry.name) == chosen;
        let (images, lists) = entries.iter().cloned().partition(is_chosen);
        let wrapping = Wrapping::Archive(place.as_path().into(), images, lists);
        return Ok(Some(Images { place: place.clone(), wrapping, notes }));
    }
    Ok(None)
}

fn directory(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// Images in the root itself, or in the one directory there that has any.
fn another(root: &Path) -> Result<Option<Images>, DataError> {
    let mut listing = Listing::of(root)?;
    let mut place = root.to_owned();
    if listing.files.is_empty() {
        let mut directories = subdirectories(root)?;
        if directories.len() > 1 {
            let names: Vec<&str> =
                directories.iter().take(8).map(|(name, _)| name.as_str()).collect();
            let problem = format!(
                "has no directory img_align_celeba, and images in {} others: {}",
                directories.len(),
                names.join(", ")
            );
            let remedy = "call the one that belongs to the lists img_align_celeba";
            return Err(DataError::annotation(root, None, problem, remedy));
        }
        let Some((name, found)) = directories.pop() else { return Ok(None) };
        (place, listing) = (root.join(name), found);
    }
    let notes = vec![format!("images are read from {}", place.display())];
    Ok(Some(Images { place, wrapping: Wrapping::Directory(listing), notes }))
}

fn nothing(root: &Path) -> DataError {
    let packed = std::fs::read_dir(root).into_iter().flatten().flatten().map(|entry| entry.path());
    let packed = packed.filter(|path| is_aligned(&file_name(path)) && path.is_file()).min();
    let remedy = match packed {
        Some(path) => format!("unpack {} there", path.display()),
        None => "put img_align_celeba.zip or its unpacked images there".to_owned(),
    };
    let what = "a directory of aligned images with images in it, nor a zip archive or parquet tables of \
                them,";
    DataError::missing(what, root, &DIRECTORIES, remedy)
}
