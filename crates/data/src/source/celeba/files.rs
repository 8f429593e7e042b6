//! The files of one data set in CelebA's layout: its images, its lists, and copies of them.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::images::{Images, Wrapping};
use crate::DataError;
use crate::annotations::celeba::{self as lists, LabelList, List, stem};
use crate::labels::Labels;
use crate::origin::{Origin, base};

/// Directories below the root that may hold lists.
pub(super) const PLACES: [&str; 6] = ["", "Anno", "Eval", "anno", "eval", "celeba"];

/// A list as a file or in the archive of the images.
pub(super) struct ListFile {
    origin: Origin,
    /// As messages name it.
    pub(super) path: PathBuf,
}

impl ListFile {
    fn new(origin: Origin) -> ListFile {
        ListFile { path: PathBuf::from(origin.to_string()), origin }
    }

    pub(super) fn read(&self) -> Result<Vec<u8>, DataError> {
        self.origin.bytes()
    }
}

/// A list and what else is there under its name, in the order in which they would be taken.
#[derive(Default)]
pub(super) struct Copies(Vec<ListFile>);

impl Copies {
    /// The one that is read.
    pub(super) fn first(&self) -> Option<&ListFile> {
        self.0.first()
    }

    /// A sentence on each other that says something else: `differs` counts the images and names one.
    pub(super) fn contradictions<T>(
        &self,
        list: &T,
        reader: impl Fn(&Path, &[u8]) -> Result<T, DataError>,
        differs: impl Fn(&T, &T) -> Option<(usize, String)>,
    ) -> Vec<String> {
        let Some((first, others)) = self.0.split_first() else { return Vec::new() };
        let told = |other: &ListFile| {
            let read = other.read().and_then(|bytes| reader(&other.path, &bytes));
            let what = match read {
                Err(error) => format!("is not usable ({error})"),
                Ok(other) => {
                    let (count, image) = differs(list, &other)?;
                    format!("says otherwise of {count} image(s), {image} among them")
                }
            };
            Some(format!("{} {what}; {} is read", other.path.display(), first.path.display()))
        };
        others.iter().filter_map(told).collect()
    }
}

/// Everything there is of one data set.
pub(super) struct Files {
    pub(super) images: Images,
    pub(super) attributes: Copies,
    pub(super) partition: Copies,
    pub(super) identities: Copies,
    pub(super) landmarks: Copies,
}

impl Files {
    pub(super) fn find(root: &Path) -> Result<Files, DataError> {
        let images = Images::find(root)?;
        let list = |name: &str| copies(root, name, &images.wrapping);
        let files = Files {
            attributes: list("list_attr_celeba"),
            partition: list("list_eval_partition"),
            identities: list("identity_CelebA"),
            landmarks: list("list_landmarks_align_celeba"),
            images,
        };
        if files.attributes.first().is_none() && files.own_attributes().is_none() {
            if matches!(&files.images.wrapping, Wrapping::Tables(tables) if !tables.named) {
                let problem = "holds tables whose images have neither labels nor names, by which a list \
                               could be joined";
                let remedy = "use a copy with columns of labels, or with names";
                return Err(DataError::annotation(&files.images.place, None, problem, remedy));
            }
            let what = "list_attr_celeba.txt (or .csv)";
            let remedy = "download CelebA's annotations there";
            return Err(DataError::missing(what, root, &PLACES, remedy));
        }
        Ok(files)
    }

    /// The labels that tables have beside their images.
    pub(super) fn own_attributes(&self) -> Option<&LabelList> {
        match &self.images.wrapping {
            Wrapping::Tables(tables) => tables.attributes.as_ref(),
            _ => None,
        }
    }

    /// The lists that are read.
    pub(super) fn lists(&self) -> impl Iterator<Item = &ListFile> {
        let all = [&self.attributes, &self.partition, &self.identities, &self.landmarks];
        all.into_iter().filter_map(Copies::first)
    }
}

/// A list in text form or as a table, on the disk and then in the archive.
fn copies(root: &Path, name: &str, wrapping: &Wrapping) -> Copies {
    // Lists know images by name.
    if matches!(wrapping, Wrapping::Tables(tables) if !tables.named) {
        return Copies::default();
    }
    let names = [format!("{name}.txt"), format!("{name}.csv")];
    let paths = PLACES.iter().flat_map(|place| names.iter().map(move |n| root.join(place).join(n)));
    let mut seen = HashSet::new();
    // Where case does not count, two places are one.
    let mut is_new = |path: &PathBuf| {
        path.is_file() && seen.insert(path.canonicalize().unwrap_or_else(|_| path.clone()))
    };
    let mut found: Vec<ListFile> =
        paths.filter(|path| is_new(path)).map(|path| ListFile::new(path.into())).collect();
    if let Wrapping::Archive(archive, _, others) = wrapping {
        for name in &names {
            let entries = others.iter().filter(|entry| base(&entry.name) == name);
            found.extend(entries.map(|entry| {
                let (archive, name) = (Arc::clone(archive), entry.name.clone());
                ListFile::new(Origin::Entry { archive, name })
            }));
        }
    }
    Copies(found)
}

/// How many images two lists differ on, and one of them.
pub(super) fn differing<T: PartialEq>(one: &List<T>, other: &List<T>) -> Option<(usize, String)> {
    differing_rows(&one.rows, &other.rows, |a, b| a == b)
}

/// The same of labels, by the attributes that both have.
pub(super) fn differing_labels(one: &LabelList, other: &LabelList) -> Option<(usize, String)> {
    let shared: Vec<(usize, usize)> = one
        .columns
        .attributes
        .iter()
        .enumerate()
        .filter_map(|(at, attribute)| Some((at, other.columns.place(attribute)?)))
        .collect();
    let same = |a: &Labels, b: &Labels| shared.iter().all(|(x, y)| a.get(*x) == b.get(*y));
    differing_rows(&one.rows, &other.rows, same)
}

fn differing_rows<T>(
    one: &[(String, T)],
    other: &[(String, T)],
    same: impl Fn(&T, &T) -> bool,
) -> Option<(usize, String)> {
    let other: HashMap<&str, &T> =
        other.iter().map(|(image, value)| (stem(image), value)).collect();
    let differs = |(image, value): &&(String, T)| {
        other.get(stem(image)).is_some_and(|other| !same(value, other))
    };
    let mut differing = one.iter().filter(differs);
    let (image, _) = differing.next()?;
    Some((1 + differing.count(), image.clone()))
}

/// The labels of a data set: of its list, or of its tables.
pub(super) fn attributes(files: &Files) -> Result<(PathBuf, LabelList, Vec<String>), DataError> {
    let Some(list) = files.attributes.first() else {
        let own = files.own_attributes().cloned();
        let own = own.ok_or_else(|| unlabelled(&files.images.place))?;
        return Ok((files.images.place.clone(), own, Vec::new()));
    };
    let labels = lists::attributes(&list.path, &list.read()?)?;
    let mut notes = files.attributes.contradictions(&labels, lists::attributes, differing_labels);
    if files.own_attributes().is_some() {
        notes.push(format!(
            "labels are read from {}; those in the tables of {} are not",
            list.path.display(),
            files.images.place.display()
        ));
    }
    Ok((list.path.clone(), labels, notes))
}

fn unlabelled(place: &Path) -> DataError {
    DataError::annotation(place, None, "has no labels", "download CelebA's annotations there")
}
