//! Files that are there: image listings and the places where data sets keep their parts.

use std::path::{Path, PathBuf};

use crate::DataError;

/// Image files of a directory, sorted by name, with their sizes in bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// `(name, bytes)`.
    pub(crate) files: Vec<(String, u64)>,
}

impl Listing {
    /// The images directly in `dir`; names that are not Unicode are passed over.
    pub(crate) fn of(dir: &Path) -> Result<Listing, DataError> {
        let mut files = Vec::new();
        for entry in std::fs::read_dir(dir).map_err(DataError::io("list", dir))? {
            let entry = entry.map_err(DataError::io("list", dir))?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if is_image(&name) {
                // Follows links: data sets are often links into a shared store.
                let size = std::fs::metadata(entry.path()).map_or(0, |data| data.len());
                files.push((name, size));
            }
        }
        files.sort();
        Ok(Listing { files })
    }

    /// Adds names and sizes to a fingerprint.
    pub(crate) fn hash_into(&self, hasher: &mut blake3::Hasher) {
        for (name, size) in &self.files {
            hasher.update(name.as_bytes()).update(&[0]).update(&size.to_le_bytes());
        }
    }
}

/// The image directories straight below `dir` (LFW: one per person), sorted, with their images.
pub(crate) fn subdirectories(dir: &Path) -> Result<Vec<(String, Listing)>, DataError> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(DataError::io("list", dir))? {
        let entry = entry.map_err(DataError::io("list", dir))?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if entry.path().is_dir() {
            let listing = Listing::of(&entry.path())?;
            if !listing.files.is_empty() {
                found.push((name, listing));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

pub(crate) fn is_image(name: &str) -> bool {
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    ["jpg", "jpeg", "png"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// The first of `names` that is a file in one of `places` below `root`.
pub(crate) fn find_file(root: &Path, places: &[&str], names: &[&str]) -> Option<PathBuf> {
    let candidates = places.iter().flat_map(|place| names.iter().map(move |name| (place, name)));
    candidates.map(|(place, name)| root.join(place).join(name)).find(|path| path.is_file())
}

/// The root as configured, if it is a directory.
pub(crate) fn root(data: &config::Data) -> Result<&Path, DataError> {
    let path = Path::new(&data.root);
    if !data.root.is_empty() && path.is_dir() {
        return Ok(path);
    }
    let what = format!("the directory of the {} data set", data.source);
    let remedy = match path.is_file() {
        true => "set data.root to the directory that holds this file",
        false => "set it with `--set data.root=DIRECTORY`, relative to the working directory",
    };
    Err(DataError::missing(what, path, &[], remedy))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>, DataError> {
    std::fs::read(path).map_err(DataError::io("read", path))
}
