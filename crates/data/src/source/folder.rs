//! A directory of images with one table: whatever files its rows name, wherever they lie below the root.
//!
//! What the columns hold is found out by `crates/data/src/annotations/folder.rs`, which file a row means by
//! `matching.rs`. The images' frame is what `data.crop` and `data.alignment` say. Faces are not looked for
//! here: `cargo xtask data locate` writes a table with the points of those that it finds (`unmarked.rs`).

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use config::{Alignment, Crop, Source, SplitRule};
use rayon::prelude::*;

use super::fingerprint::{digest, hasher};
use super::listing::{self, is_image, read};
use super::matching::{matched, some};
use super::reader::{Reader, Told};
use super::tables;
use super::tree::Tree;
use crate::annotations::folder::{self as table, FolderTable, Role};
use crate::annotations::text::excerpt;
use crate::annotations::{PART, is_one_of};
use crate::face::{Collection, Face, Framing, Landmarks, Part};
use crate::frame::alignable;
use crate::source::reader::TableReport;
use crate::{DataError, frame, photo};

/// Images of one's own.
pub(super) struct Folder;

impl Reader for Folder {
    fn source(&self) -> Source {
        Source::Folder
    }

    fn open(&self, data: &config::Data, _: &Path, _: Told<'_>) -> Result<Collection, DataError> {
        Found::read(data)?.collection(data)
    }

    fn fingerprint(&self, data: &config::Data) -> Result<String, DataError> {
        Ok(Found::read(data)?.fingerprint(data))
    }

    fn table(&self, data: &config::Data) -> Result<Option<TableReport>, DataError> {
        let root = listing::root(data)?;
        let tree = Tree::of(root)?;
        let (path, _) = tables::find(root, &data.table, &tree)?;
        let FolderTable { rows, understood, separator, .. } = table::table(&path, &read(&path)?)?;
        Ok(Some(TableReport { path, rows: rows.len(), separator, columns: understood }))
    }
}

/// A table and the files of its rows.
struct Found<'a> {
    root: &'a Path,
    path: PathBuf,
    table: FolderTable,
    table_hash: blake3::Hash,
    tree: Tree,
    /// A file for each row, where it is there.
    files: Vec<Option<usize>>,
    notes: Vec<String>,
}

impl Found<'_> {
    fn read(data: &config::Data) -> Result<Found<'_>, DataError> {
        let root = listing::root(data)?;
        let tree = Tree::of(root)?;
        let (path, mut notes) = tables::find(root, &data.table, &tree)?;
        let bytes = read(&path)?;
        let mut table = table::table(&path, &bytes)?;
        notes.append(&mut table.notes);
        let files = matched(root, &path, &table.rows, &tree, &mut notes)?;
        Ok(Found { root, path, table_hash: blake3::hash(&bytes), table, tree, files, notes })
    }

    fn fingerprint(&self, data: &config::Data) -> String {
        let mut hasher = hasher("folder");
        hasher.update(self.table_hash.as_bytes());
        hasher.update(data.crop.name().as_bytes()).update(data.alignment.name().as_bytes());
        // Files that no row names change nothing.
        for item in self.files.iter().flatten().map(|file| &self.tree.files[*file]) {
            hasher.update(item.name.as_bytes()).update(&[0]).update(&item.bytes.to_le_bytes());
        }
        digest(&hasher)
    }

    fn collection(mut self, data: &config::Data) -> Result<Collection, DataError> {
        let framing = match (data.alignment, data.crop) {
            (Alignment::FivePoint, _) => Framing::FivePoint,
            (Alignment::Given, Crop::Align) => Framing::Aligned,
            (Alignment::Given, Crop::Made) => Framing::Made,
            (Alignment::Given, Crop::MadeCentre) => Framing::MadeCentre,
        };
        self.parts(data)?;
        self.spare();
        let fingerprint = self.fingerprint(data);
        let mut faces = Vec::with_capacity(self.files.len());
        for (row, file) in std::mem::take(&mut self.table.rows).into_iter().zip(&self.files) {
            let Some(file) = file else { continue };
            let id = self.tree.files[*file].name.clone();
            faces.push(Face {
                origin: self.root.join(&id).into(),
                labels: row.labels,
                landmarks: row.points,
                identity: row.person,
                pose: None,
                part: row.part,
                id,
            });
        }
        self.fits(&faces, framing)?;
        self.place(&mut faces, framing)?;
        Ok(Collection {
            faces,
            framing,
            columns: self.table.columns,
            fingerprint,
            notes: self.notes,
        })
    }

    /// Whether the official rule has parts to keep to, and who is in several.
    fn parts(&mut self, data: &config::Data) -> Result<(), DataError> {
        if data.split != SplitRule::Official {
            return Ok(());
        }
        if !self.table.has(&Role::Part) {
            let lacks =
                self.table.understood.iter().find(|column| {
                    column.role == Role::Nothing && is_one_of(&PART, &column.column)
                });
            let problem = match lacks {
                Some(column) => {
                    format!("{} is no column of parts: {}", column.column, column.values)
                }
                None => {
                    "has no column of parts (split: train, validation, test, or 0, 1, 2), which \
                         data.split = \"official\" follows"
                        .to_owned()
                }
            };
            let remedy = "add or correct it, or use data.split = \"paper\"";
            return Err(DataError::annotation(
                &self.path,
                self.table.columns.line,
                problem,
                remedy,
            ));
        }
        let mut parts: HashMap<&str, Part> = HashMap::new();
        let mut torn: Vec<&str> = Vec::new();
        for (row, _) in self.table.rows.iter().zip(&self.files).filter(|(_, file)| file.is_some()) {
            let (Some(person), false) = (&row.person, row.part == Part::Unassigned) else {
                continue;
            };
            if *parts.entry(person).or_insert(row.part) != row.part {
                torn.push(person);
            }
        }
        torn.sort_unstable();
        torn.dedup();
        if !torn.is_empty() {
            let people = some(torn.into_iter().map(excerpt));
            self.notes
                .push(format!("{}: people in more than one part: {people}", self.path.display()));
        }
        Ok(())
    }

    /// Files that no row names.
    fn spare(&mut self) {
        let mut used = vec![false; self.tree.files.len()];
        self.files.iter().flatten().for_each(|file| used[*file] = true);
        let spare: Vec<String> = self
            .tree
            .files
            .iter()
            .zip(used)
            .filter(|(item, used)| !used && is_image(&item.name))
            .map(|(item, _)| excerpt(&item.name))
            .collect();
        let (root, table) = (self.root.display(), self.path.display());
        if !spare.is_empty() {
            let (count, names) = (spare.len(), some(spare.into_iter()));
            self.notes.push(format!(
                "{count} image(s) below {root} have no row in {table} and are left out: {names}"
            ));
        }
        if self.tree.unreadable > 0 {
            let count = self.tree.unreadable;
            self.notes
                .push(format!("{count} name(s) below {root} are not Unicode and are passed over"));
        }
    }

    /// Looks at one image, so that the wrong frame is told before everything else is read. Others may be
    /// of another size: each is looked at when it is decoded.
    fn fits(&self, faces: &[Face], framing: Framing) -> Result<(), DataError> {
        let Some(first) = faces.first() else { return Ok(()) };
        let path = self.root.join(&first.id);
        let Ok((width, height)) = photo::sides(&path) else { return Ok(()) };
        let fits = match framing {
            Framing::Aligned => (width as f32, height as f32) == (frame::WIDTH, frame::HEIGHT),
            Framing::Made | Framing::MadeCentre => width == height,
            Framing::FivePoint | Framing::Lfw => true,
        };
        if fits {
            return Ok(());
        }
        let wanted = match framing {
            Framing::Aligned => "CelebA's frame, 178 x 218 pixels (data.crop = \"align\")",
            _ => "a square crop (data.crop = \"made\")",
        };
        let has_points = self.table.has(&Role::Point);
        let remedy = match (framing, width == height) {
            (Framing::Aligned, true) if has_points => {
                "set data.alignment to \"five-point\", which cuts faces out by the points of the table, or \
                 data.crop to \"made\" if the images are square crops of faces"
            }
            (Framing::Aligned, false) if has_points => {
                "set data.alignment to \"five-point\", which cuts faces out by the points of the table"
            }
            (_, true) => "set data.crop to \"made\" if the images are square crops of faces",
            (Framing::Aligned, false) => {
                "align the images, cut squares (data.crop = \"made\"), or add ten columns of points, which `cargo \
                 xtask data locate` finds"
            }
            (_, false) if (width as f32, height as f32) == (frame::WIDTH, frame::HEIGHT) => {
                "set data.crop to \"align\""
            }
            (_, false) => {
                "cut squares, or add ten columns of points, which `cargo xtask data locate` finds"
            }
        };
        let problem = format!("is {width} x {height} pixels and not {wanted}");
        Err(DataError::annotation(&path, None, problem, remedy))
    }

    /// Points into the frame's coordinates; those that place or mark no face are left out.
    fn place(&mut self, faces: &mut Vec<Face>, framing: Framing) -> Result<(), DataError> {
        let (before, had) =
            (faces.len(), faces.iter().filter(|face| face.landmarks.is_some()).count());
        let table = self.path.display();
        match framing {
            Framing::FivePoint => {
                if !self.table.has(&Role::Point) {
                    let problem =
                        "has no points, which data.alignment = \"five-point\" places faces by";
                    let remedy = "add ten columns, lefteye_x to rightmouth_y, which `cargo xtask data locate` \
                                  finds, or set data.alignment to \"given\"";
                    return Err(DataError::annotation(
                        &self.path,
                        self.table.columns.line,
                        problem,
                        remedy,
                    ));
                }
                faces.retain(|face| face.landmarks.as_ref().is_some_and(alignable));
                let left = before - faces.len();
                if faces.is_empty() {
                    let problem = "no row with an image has five points that place a face";
                    let remedy = "give points in pixels of the image files";
                    return Err(DataError::annotation(&self.path, None, problem, remedy));
                }
                if left > 0 {
                    self.notes.push(format!(
                        "{table}: {left} of {before} faces have no five points that place a face and are \
                         left out"
                    ));
                }
                return Ok(());
            }
            Framing::Made => faces.par_iter_mut().for_each(|face| {
                let path = self.root.join(&face.id);
                face.landmarks = face.landmarks.and_then(|points| of_square(&path, &points));
            }),
            _ => faces.iter_mut().for_each(|face| {
                face.landmarks = face
                    .landmarks
                    .filter(|points| frame::usable(points, frame::WIDTH, frame::HEIGHT));
            }),
        }
        let dropped = had - faces.iter().filter(|face| face.landmarks.is_some()).count();
        if dropped > 0 {
            let of = match framing {
                Framing::Made => "the image",
                _ => "the 178 x 218 frame",
            };
            self.notes.push(format!(
                "{table}: {dropped} face(s) have points outside {of} or both eyes in one place; the faces \
                 are kept, their points are not"
            ));
        }
        Ok(())
    }
}

/// Points in pixels of a square image, in the frame of which it is taken for the crop.
fn of_square(path: &Path, points: &Landmarks) -> Option<Landmarks> {
    // An image without sides is told of when it is decoded.
    let (side, _) = photo::sides(path).ok().filter(|(width, height)| width == height)?;
    let inside = frame::usable(points, side as f32, side as f32);
    let to_frame = frame::crop(side as usize).inverse();
    inside.then(|| points.map(|point| to_frame.apply(point)))
}
