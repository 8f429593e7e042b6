//! CelebA on disk, and anything in its layout (the synthetic faces).
//!
//! Images in `img_align_celeba` or `img_align_celeba_png`; lists beside them, in `Anno` or in `Eval`,
//! as `.txt` or as `.csv`. Partition, identities and landmarks may be missing.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::listing::{Listing, find_file, read};
use crate::annotations::celeba::{self as lists, stem};
use crate::face::{Collection, Face, Framing};
use crate::{DataError, source};

const IMAGES: [&str; 9] = [
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
const PLACES: [&str; 6] = ["", "Anno", "Eval", "anno", "eval", "celeba"];

/// Files of one data set in CelebA's layout.
struct Files {
    images: PathBuf,
    listing: Listing,
    attributes: PathBuf,
    partition: Option<PathBuf>,
    identities: Option<PathBuf>,
    landmarks: Option<PathBuf>,
}

impl Files {
    fn find(root: &Path) -> Result<Files, DataError> {
        let mut images = None;
        for dir in IMAGES.iter().map(|name| root.join(name)).filter(|dir| dir.is_dir()) {
            let listing = Listing::of(&dir)?;
            if !listing.files.is_empty() {
                images = Some((dir, listing));
                break;
            }
        }
        let missing = |what: &str, remedy: &str| DataError::Missing {
            what: what.to_owned(),
            path: root.to_owned(),
            remedy: remedy.to_owned(),
        };
        let (images, listing) = images.ok_or_else(|| {
            missing(
                "an image directory img_align_celeba or img_align_celeba_png with images in it",
                "unpack img_align_celeba.zip there",
            )
        })?;
        let list = |name: &str| {
            find_file(root, &PLACES, &[&format!("{name}.txt"), &format!("{name}.csv")])
        };
        Ok(Files {
            images,
            listing,
            attributes: list("list_attr_celeba").ok_or_else(|| {
                missing("list_attr_celeba.txt (or .csv)", "download CelebA's annotations there")
            })?,
            partition: list("list_eval_partition"),
            identities: list("identity_CelebA"),
            landmarks: list("list_landmarks_align_celeba"),
        })
    }

    fn lists(&self) -> impl Iterator<Item = &PathBuf> {
        let optional = [&self.partition, &self.identities, &self.landmarks];
        std::iter::once(&self.attributes).chain(optional.into_iter().flatten())
    }
}

/// The fingerprint of a data set in CelebA's layout.
pub(crate) fn fingerprint(root: &Path) -> Result<String, DataError> {
    hash(&Files::find(root)?)
}

fn hash(files: &Files) -> Result<String, DataError> {
    let mut hasher = source::hasher("celeba");
    for list in files.lists() {
        hasher.update(blake3::hash(&read(list)?).as_bytes());
    }
    files.listing.hash_into(&mut hasher);
    Ok(source::digest(&hasher))
}

/// Reads the lists. A row without an image and an image without a row are left out and noted.
pub(crate) fn open(root: &Path, fingerprint: Option<String>) -> Result<Collection, DataError> {
    let files = Files::find(root)?;
    let attributes = lists::attributes(&files.attributes, &read(&files.attributes)?)?;
    let mut notes = attributes.notes.clone();

    let mut parts = HashMap::new();
    if let Some(path) = &files.partition {
        let list = lists::partition(path, &read(path)?)?;
        notes.extend(list.notes.clone());
        parts = list.by_stem();
    }
    let mut identities = HashMap::new();
    if let Some(path) = &files.identities {
        let list = lists::identities(path, &read(path)?)?;
        notes.extend(list.notes.clone());
        identities = list.by_stem();
    }
    let mut landmarks = HashMap::new();
    if let Some(path) = &files.landmarks {
        let list = lists::landmarks(path, &read(path)?)?;
        notes.extend(list.notes.clone());
        landmarks = list.by_stem();
    }

    let there: HashMap<&str, &str> =
        files.listing.files.iter().rev().map(|(name, _)| (stem(name), name.as_str())).collect();
    let rows = attributes.rows.len();
    let mut faces = Vec::with_capacity(rows.min(there.len()));
    let mut unassigned = 0;
    for (image, labels) in attributes.rows {
        let Some(name) = there.get(stem(&image)) else { continue };
        let key = stem(&image);
        let part = parts.get(key).copied().unwrap_or_default();
        unassigned += usize::from(part == crate::Part::Unassigned);
        faces.push(Face {
            path: files.images.join(name),
            labels,
            landmarks: landmarks.get(key).copied().flatten(),
            identity: identities.remove(key),
            pose: None,
            part,
            id: image,
        });
    }
    if faces.is_empty() {
        return Err(DataError::annotation(
            &files.attributes,
            None,
            format!("none of its {rows} images is in {}", files.images.display()),
            "the list and the image directory belong to different data sets, check data.root",
        ));
    }
    if faces.len() < rows {
        notes.push(format!(
            "{} of the {rows} images of {} are not in {} and are left out",
            rows - faces.len(),
            files.attributes.display(),
            files.images.display()
        ));
    }
    if faces.len() < there.len() {
        notes.push(format!(
            "{} image(s) in {} have no row in {} and are left out",
            there.len() - faces.len(),
            files.images.display(),
            files.attributes.display()
        ));
    }
    if files.partition.is_some() && unassigned > 0 {
        notes.push(format!("{unassigned} image(s) belong to no part of the official partition"));
    }
    let fingerprint = match fingerprint {
        Some(known) => known,
        None => hash(&files)?,
    };
    Ok(Collection { faces, framing: Framing::Aligned, fingerprint, notes })
}
