//! CelebA on disk, and anything in its layout (the synthetic faces).
//!
//! Images in `img_align_celeba` or `img_align_celeba_png`; lists beside them, in `Anno` or in `Eval`,
//! as `.txt` or as `.csv`. Identities and landmarks may be missing, and the partition unless the
//! configuration asks for it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Crop, Source, SplitRule};

use super::fingerprint::{digest, hasher};
use super::listing::{self, Listing, find_file, read};
use super::reader::{Reader, Told};
use crate::annotations::celeba::{self as lists, List, stem};
use crate::face::{Collection, Face, Framing, Landmarks};
use crate::frame::CELEBA_MEAN;
use crate::{DataError, Part};

/// CelebA, or what lies on the disk like it.
pub(super) struct Celeba;

impl Reader for Celeba {
    fn source(&self) -> Source {
        Source::Celeba
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        open(listing::root(data)?, data, None)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        hash(&Files::find(listing::root(data)?)?, data.crop)
    }
}

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
struct Files<'a> {
    root: &'a Path,
    images: PathBuf,
    listing: Listing,
    attributes: PathBuf,
    partition: Option<PathBuf>,
    identities: Option<PathBuf>,
    landmarks: Option<PathBuf>,
}

impl Files<'_> {
    fn find(root: &Path) -> Result<Files<'_>, DataError> {
        let mut images = None;
        for dir in IMAGES.iter().map(|name| root.join(name)).filter(|dir| dir.is_dir()) {
            let listing = Listing::of(&dir)?;
            if !listing.files.is_empty() {
                images = Some((dir, listing));
                break;
            }
        }
        let (images, listing) = images.ok_or_else(|| {
            let what = "a directory of aligned images, with images in it,";
            DataError::missing(what, root, &IMAGES, "unpack img_align_celeba.zip there")
        })?;
        let list = |name: &str| {
            find_file(root, &PLACES, &[&format!("{name}.txt"), &format!("{name}.csv")])
        };
        Ok(Files {
            root,
            images,
            listing,
            attributes: list("list_attr_celeba").ok_or_else(|| {
                let what = "list_attr_celeba.txt (or .csv)";
                DataError::missing(what, root, &PLACES, "download CelebA's annotations there")
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

    /// What is known of the image files themselves.
    fn odd_files(&self) -> Vec<String> {
        let mut notes = Vec::new();
        let mut missing = Vec::new();
        if self.identities.is_none() {
            missing.push("identity_CelebA");
        }
        if self.landmarks.is_none() {
            missing.push("list_landmarks_align_celeba");
        }
        if !missing.is_empty() {
            notes.push(format!(
                "not found in {} (nor in {} there), as .txt or .csv: {}; what needs them is not measured",
                self.root.display(),
                PLACES[1..].join(", "),
                missing.join(", ")
            ));
        }
        let twins = self.listing.files.windows(2).find(|w| stem(&w[0].0) == stem(&w[1].0));
        if let Some([(first, _), (second, _)]) = twins {
            notes.push(format!(
                "{first} and {second} in {} have one name but for the extension; of such images the \
                 first is read",
                self.images.display()
            ));
        }
        notes
    }
}

fn hash(files: &Files<'_>, crop: Crop) -> Result<String, DataError> {
    let mut hasher = hasher("celeba");
    for list in files.lists() {
        hasher.update(blake3::hash(&read(list)?).as_bytes());
    }
    files.listing.hash_into(&mut hasher);
    // What stands in images and points depends on it; left out where it always was.
    if crop != Crop::Align {
        hasher.update(crop.name().as_bytes());
    }
    Ok(digest(&hasher))
}

/// Reads the lists. A row without an image and an image without a row are left out and noted.
pub(super) fn open(
    root: &Path,
    data: &config::Data,
    fingerprint: Option<String>,
) -> Result<Collection, DataError> {
    let files = Files::find(root)?;
    if data.split == SplitRule::Official && files.partition.is_none() {
        let what = "list_eval_partition.txt (or .csv), which data.split = \"official\" follows,";
        let remedy = "download it there, or use data.split = \"paper\"";
        return Err(DataError::missing(what, root, &PLACES, remedy));
    }
    let attributes = lists::attributes(&files.attributes, &read(&files.attributes)?)?;
    let mut notes = files.odd_files();
    notes.extend(attributes.notes);
    let there: HashMap<&str, &str> =
        files.listing.files.iter().rev().map(|(name, _)| (stem(name), name.as_str())).collect();

    let parts = joined(&files.partition, lists::partition, &there, &mut notes)?;
    let mut identities = joined(&files.identities, lists::identities, &there, &mut notes)?;
    let mut landmarks = joined(&files.landmarks, lists::landmarks, &there, &mut notes)?;
    if let Some(path) = &files.landmarks {
        if data.crop != Crop::Made {
            of_the_frame(path, landmarks.values().flatten())?;
        }
        match data.crop {
            Crop::Align => {}
            Crop::Made => {
                landmarks.clear();
                notes.push(format!(
                    "{} is left out: it speaks of the 178 x 218 frame, and data.crop = \"made\" does \
                     not say which part of that frame the images show (\"made-centre\": its centre \
                     178 x 178)",
                    path.display()
                ));
            }
            Crop::MadeCentre => notes.push(format!(
                "the points of {} are taken from the 178 x 218 frame to its centre 178 x 178, which \
                 the images are taken to show (data.crop = \"made-centre\")",
                path.display()
            )),
        }
    }

    let rows = attributes.rows.len();
    let listed = attributes.rows.first().map(|(image, _)| image.clone()).unwrap_or_default();
    let mut faces = Vec::with_capacity(rows.min(there.len()));
    let mut unassigned = 0;
    for (image, labels) in attributes.rows {
        let Some(name) = there.get(stem(&image)) else { continue };
        let key = stem(&image);
        let part = parts.get(key).copied().unwrap_or_default();
        unassigned += usize::from(part == Part::Unassigned);
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
    let (list, images) = (files.attributes.display(), files.images.display());
    if faces.is_empty() {
        let first = files.listing.files.first().map(|(name, _)| name.as_str()).unwrap_or_default();
        return Err(DataError::annotation(
            &files.attributes,
            None,
            format!(
                "none of its {rows} images is in {images}: its first is '{listed}', the first there is \
                 '{first}'"
            ),
            "the list and the image directory belong to different data sets, check data.root",
        ));
    }
    let (left, spare) = (rows - faces.len(), there.len() - faces.len());
    if left > 0 {
        notes.push(format!(
            "{left} of the {rows} images of {list} are not in {images} and are left out"
        ));
    }
    if spare > 0 {
        notes.push(format!("{spare} image(s) in {images} have no row in {list} and are left out"));
    }
    if files.partition.is_some() && unassigned > 0 {
        notes.push(format!("{unassigned} image(s) belong to no part of the official partition"));
    }
    let framing = match data.crop {
        Crop::Align => Framing::Aligned,
        Crop::Made => Framing::Made,
        Crop::MadeCentre => Framing::MadeCentre,
    };
    let fingerprint = match fingerprint {
        Some(known) => known,
        None => hash(&files, data.crop)?,
    };
    Ok(Collection { faces, framing, columns: attributes.columns, fingerprint, notes })
}

/// Faces whose mean tells the frame of a list.
const MANY: usize = 50;
/// Pixels between the mean of a list and CelebA's that no selection of faces makes.
const FAR: f32 = 15.0;

/// Refuses points of another frame: of the unaligned images, or scaled with the images of a copy.
fn of_the_frame<'a>(
    path: &Path,
    points: impl Iterator<Item = &'a Landmarks>,
) -> Result<(), DataError> {
    let (mut sum, mut count) = ([[0f64; 2]; 5], 0usize);
    for face in points {
        count += 1;
        for (sum, point) in sum.iter_mut().flatten().zip(face.as_flattened()) {
            *sum += f64::from(*point);
        }
    }
    let off = |(sum, mean): (&[f64; 2], &[f32; 2])| {
        let offset = |axis: usize| (sum[axis] / count as f64) as f32 - mean[axis];
        offset(0).hypot(offset(1))
    };
    let worst = sum.iter().zip(&CELEBA_MEAN).map(off).fold(0.0, f32::max);
    if count < MANY || worst <= FAR {
        return Ok(());
    }
    let problem = format!(
        "on average its points lie {worst:.0} pixels away from CelebA's mean face: they are not of the \
         aligned 178 x 218 frame"
    );
    let remedy = "use list_landmarks_align_celeba as it was published, or take the list away";
    Err(DataError::annotation(path, None, problem, remedy))
}

/// A list that may be missing, by image name without extension.
fn joined<T>(
    path: &Option<PathBuf>,
    reader: impl Fn(&Path, &[u8]) -> Result<List<T>, DataError>,
    there: &HashMap<&str, &str>,
    notes: &mut Vec<String>,
) -> Result<HashMap<String, T>, DataError> {
    let Some(path) = path else { return Ok(HashMap::new()) };
    let mut list = reader(path, &read(path)?)?;
    notes.append(&mut list.notes);
    let values = list.by_stem();
    if !values.keys().any(|name| there.contains_key(name.as_str())) {
        let count = values.len();
        notes.push(format!(
            "{}: none of its {count} rows names an image that is there",
            path.display()
        ));
    }
    Ok(values)
}
