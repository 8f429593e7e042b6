//! A source to start from: copy this file, name it, and
//!
//! 1. give it a word and a row in `crates/config/src/sources.rs`;
//! 2. add the file and its reader to [`READERS`](super) in `mod.rs`.
//!
//! This one is compiled and tested with the others and is in no list: aligned images of CelebA's frame in
//! the directories `with` and `without` below `data.root`, which label one attribute.

use std::path::Path;

use config::{Attribute, Source};

use super::fingerprint::{digest, hasher};
use super::listing::{self, Listing};
use super::reader::{Reader, Told};
use crate::DataError;
use crate::face::{Collection, Face, Framing, Part};
use crate::labels::LabelColumns;

/// What lies on the disk, in one sentence.
pub(super) struct TemplateSource;

/// Directories and the label of their images.
const DIRECTORIES: [(&str, bool); 2] = [("with", true), ("without", false)];

impl Reader for TemplateSource {
    fn source(&self) -> Source {
        // The word of its own.
        Source::Celeba
    }

    fn open(
        &self,
        data: &config::Data,
        _cache: &Path,
        _progress: Told<'_>,
    ) -> Result<Collection, DataError> {
        let root = listing::root(data)?;
        let mut faces = Vec::new();
        for (directory, label) in DIRECTORIES {
            for (name, _bytes) in listed(root, directory)?.files {
                faces.push(Face {
                    // Unique within the data set: splits and tables know a face by it.
                    id: format!("{directory}/{name}"),
                    origin: root.join(directory).join(name).into(),
                    // By the places of `columns` below; `None` where nothing is known.
                    labels: [Some(label)].into_iter().collect(),
                    // Five points in pixels of the image file, if there are any.
                    landmarks: None,
                    identity: None,
                    pose: None,
                    // A partition of the data set's own.
                    part: Part::Unassigned,
                });
            }
        }
        Ok(Collection {
            faces,
            // How an image becomes a square.
            framing: Framing::Aligned,
            columns: LabelColumns {
                attributes: vec![Attribute::of("Eyeglasses")],
                path: root.to_owned(),
                ..LabelColumns::default()
            },
            fingerprint: self.fingerprint(data)?,
            // What was odd and how it was taken, one sentence each.
            notes: Vec::new(),
        })
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        let root = listing::root(data)?;
        // Annotation files go in with their bytes, images with their names and sizes.
        let mut hasher = hasher("template");
        for (directory, _) in DIRECTORIES {
            hasher.update(directory.as_bytes());
            listed(root, directory)?.hash_into(&mut hasher);
        }
        Ok(digest(&hasher))
    }
}

/// The images of a directory that must be there: an error names what is missing, where it was looked for,
/// and the remedy.
fn listed(root: &Path, directory: &str) -> Result<Listing, DataError> {
    let path = root.join(directory);
    if !path.is_dir() {
        let what = format!("the directory `{directory}`");
        let remedy = "make it and put the images into it, or set data.root";
        return Err(DataError::missing(what, root, &[], remedy));
    }
    Listing::of(&path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn settings(root: &Path) -> config::Data {
        let text = format!("[data]\nsource = \"celeba\"\nroot = {:?}\n", root.display());
        config::RunConfig::from_toml(&text, "test").unwrap().data
    }

    #[test]
    fn the_template_labels_by_directory_and_knows_when_images_change() {
        let dir = tempfile::tempdir().unwrap();
        let data = settings(dir.path());
        let open = || TemplateSource.open(&data, dir.path(), &|_, _| {});
        assert!(open().unwrap_err().to_string().contains("the directory `with`"));
        for (directory, _) in DIRECTORIES {
            fs::create_dir(dir.path().join(directory)).unwrap();
            fs::write(dir.path().join(directory).join("a.png"), "pixels").unwrap();
        }
        let first = open().unwrap();
        let labels: Vec<_> = first.faces.iter().map(|face| face.labels.get(0)).collect();
        assert_eq!(labels, [Some(true), Some(false)]);
        fs::write(dir.path().join("with/b.png"), "more").unwrap();
        assert_ne!(open().unwrap().fingerprint, first.fingerprint);
    }
}
