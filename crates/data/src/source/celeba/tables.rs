//! CelebA as it lies on Hugging Face: parquet tables with an image and its labels in each row, one part of
//! the official partition in each file.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use config::Attribute;

use crate::DataError;
use crate::annotations::celeba::{self as lists, LabelList, stem};
use crate::annotations::dialect::Separator;
use crate::annotations::label::Column;
use crate::annotations::reading::Reading;
use crate::annotations::{PART, PERSON, is_one_of};
use crate::face::Part;
use crate::labels::Labels;
use crate::origin::{Origin, Table, ValueColumn};

/// Tables that belong together, read but for their images.
pub(super) struct Tables {
    /// A name for each row: its image's, or `train/000017` where images have none.
    pub(super) names: Vec<String>,
    /// Whether these are the images' own, by which lists know them.
    pub(super) named: bool,
    /// Labels of every row, where the tables have columns of labels.
    pub(super) attributes: Option<LabelList>,
    /// By the names without extension.
    pub(super) identities: HashMap<String, String>,
    pub(super) parts: HashMap<String, Part>,
    /// Of names, values and sizes.
    pub(super) digest: blake3::Hash,
    /// Each table with the number of its first row.
    files: Vec<(usize, Arc<Path>)>,
}

/// Directories below the root that are looked into.
const DEPTH: usize = 3;

/// The tables below a root with the parts that they are called after, in the partition's order.
///
/// # Errors
/// They belong to more than one data set.
pub(super) fn files(root: &Path) -> Result<Vec<(Part, PathBuf)>, DataError> {
    let mut found = Vec::new();
    walk(root, DEPTH, &mut found);
    let mut bases = HashSet::new();
    let mut files: Vec<(Part, PathBuf)> = found
        .into_iter()
        .map(|path| {
            let (part, base) = part_and_base(&path);
            bases.insert(base);
            (part, path)
        })
        .collect();
    if bases.len() > 1 {
        let mut bases: Vec<String> = bases.iter().map(|base| base.display().to_string()).collect();
        bases.sort();
        bases.truncate(8);
        let problem = format!("holds parquet tables of several sets: {}", bases.join(", "));
        let remedy = "set data.root to one of them";
        return Err(DataError::annotation(root, None, problem, remedy));
    }
    files.sort();
    Ok(files)
}

/// A table where one is found without much searching.
pub(super) fn beside(root: &Path) -> Option<PathBuf> {
    let mut found = Vec::new();
    [root.to_owned(), root.join("data")].iter().for_each(|dir| walk(dir, 0, &mut found));
    found.into_iter().min()
}

fn walk(dir: &Path, depth: usize, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kind = entry.file_type();
        if name.ends_with(".parquet") {
            found.extend(Some(entry.path()).filter(|path| path.is_file()));
        } else if depth > 0
            && kind.is_ok_and(|kind| !kind.is_file())
            // Two hundred thousand files lie there.
            && !name.starts_with("img_align_celeba")
            && !name.starts_with('.')
        {
            walk(&entry.path(), depth - 1, found);
        }
    }
}

/// `data/train-00000-of-00019.parquet` and `default/train/0000.parquet`: the part, and the directory that
/// all parts share.
fn part_and_base(path: &Path) -> (Part, PathBuf) {
    let word = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_ascii_lowercase();
        let name = name.trim_start_matches("partial-");
        let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
        Part::of_word(&name[..end])
    };
    let parent = path.parent().unwrap_or(path);
    match (word(path), word(parent)) {
        (Some(part), _) => (part, parent.to_owned()),
        (None, Some(part)) => (part, parent.parent().unwrap_or(parent).to_owned()),
        (None, None) => (Part::Unassigned, parent.to_owned()),
    }
}

/// What a column says, by its name.
#[derive(Clone, Copy, PartialEq)]
enum Role {
    Identity,
    Part,
    Label,
}

fn role(column: &ValueColumn) -> Role {
    match () {
        () if is_one_of(&PERSON, &column.name) => Role::Identity,
        () if is_one_of(&PART, &column.name) => Role::Part,
        () => Role::Label,
    }
}

impl Tables {
    /// Reads every column but the images; and what was odd.
    ///
    /// # Errors
    /// A table is damaged, has other columns than the first, or values that are no labels.
    pub(super) fn read(files: &[(Part, PathBuf)]) -> Result<(Tables, Vec<String>), DataError> {
        let first = &files[0].1;
        let columns = Table::open(first)?.values();
        let roles: Vec<Role> = columns.iter().map(role).collect();
        let candidates =
            columns.iter().enumerate().filter(|(place, _)| roles[*place] == Role::Label);
        let candidates = candidates.map(|(place, column)| (place, column.name.as_str()));
        let refuse = |problem: String| DataError::annotation(first, None, problem, CORRECT);
        let mut reading = Reading::new(candidates, Attribute::of).map_err(refuse)?;
        let mut rows = Rows::default();
        let mut starts = Vec::new();
        for (part, path) in files {
            let table = Table::open(path)?;
            starts.push((rows.numbers.len(), Arc::from(path.as_path())));
            rows.begin(*part, path, &table);
            rows.take(&table, path, (columns.as_slice(), roles.as_slice()), &mut reading)?;
        }
        let named = rows.named();
        let (names, mut notes) = (rows.names(named), Vec::new());
        if !named {
            notes.push(format!(
                "{}: the images have no names of their own (a column image_id, or `path` beside their \
                 bytes), so that no list is joined to them",
                first.display()
            ));
        }
        let labels = names.iter().cloned().zip(rows.labels);
        let mut labels: Vec<(String, Labels)> = labels.collect();
        let (columns, empty) = reading.finish((first, None), &mut labels);
        notes.extend(empty);
        let attributes = (!columns.attributes.is_empty()).then(|| LabelList {
            rows: labels,
            columns,
            notes: Vec::new(),
        });
        let keyed = |values: Vec<Option<String>>| {
            let all = names.iter().zip(values);
            all.filter_map(|(name, value)| Some((stem(name).to_owned(), value?))).collect()
        };
        let parts =
            names.iter().zip(&rows.parts).map(|(name, part)| (stem(name).to_owned(), *part));
        let tables = Tables {
            identities: keyed(rows.identities),
            parts: parts.collect(),
            attributes,
            named,
            digest: rows.hasher.finalize(),
            files: starts,
            names,
        };
        Ok((tables, notes))
    }

    pub(super) fn origin(&self, number: usize) -> Origin {
        let file = self.files.partition_point(|(first, _)| *first <= number).saturating_sub(1);
        let (first, table) = &self.files[file];
        Origin::Row { table: Arc::clone(table), row: number - first }
    }
}

const CORRECT: &str = "correct the table or download it again";

/// What has been read of all tables, row by row.
#[derive(Default)]
struct Rows {
    hasher: blake3::Hasher,
    /// The images' own names, empty where there is none.
    own: Vec<String>,
    /// Part and number within it.
    numbers: Vec<(Part, usize)>,
    counts: HashMap<Part, usize>,
    labels: Vec<Labels>,
    identities: Vec<Option<String>>,
    parts: Vec<Part>,
    part: Part,
}

impl Rows {
    fn begin(&mut self, part: Part, path: &Path, table: &Table) {
        self.part = part;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        self.hasher.update(name.as_bytes()).update(&[0, part as u8]);
        table.hash_into(&mut self.hasher);
    }

    fn take(
        &mut self,
        table: &Table,
        path: &Path,
        (columns, roles): (&[ValueColumn], &[Role]),
        reading: &mut Reading<'_>,
    ) -> Result<(), DataError> {
        let (own, name) = (table.values(), table.names());
        let mut places = Vec::new();
        for column in columns {
            places.push(own.iter().find(|other| other.name == column.name).ok_or_else(|| {
                let name = record::quotation(&column.name);
                let problem = format!("has no column {name}, which the tables before it have");
                DataError::annotation(path, None, problem, CORRECT)
            })?);
        }
        places.extend(&name);
        table.rows(&places, |row, fields| {
            let refuse = |problem: String| {
                DataError::annotation(path, None, format!("row {row}: {problem}"), CORRECT)
            };
            for field in fields {
                self.hasher.update(field.as_bytes()).update(&[0]);
            }
            let label = |told: &mut Column, field: &str| told.read(field, Separator::Comma, row);
            self.labels.push(reading.row(fields, row, &label).map_err(refuse)?);
            let of = |wanted: Role| {
                let place = roles.iter().position(|role| *role == wanted)?;
                Some(fields[place]).filter(|field| !field.is_empty())
            };
            self.identities.push(of(Role::Identity).map(str::to_owned));
            let part = match (self.part, of(Role::Part)) {
                (Part::Unassigned, Some(field)) => {
                    lists::part(field, Separator::Comma).map_err(refuse)?
                }
                (part, _) => part,
            };
            self.parts.push(part);
            let count = self.counts.entry(part).or_default();
            self.numbers.push((part, *count));
            *count += 1;
            let name = name.as_ref().and_then(|_| fields.last()).copied().unwrap_or_default();
            self.own.push(crate::origin::base(name).to_owned());
            Ok(())
        })
    }

    /// Whether every image has a name, and no two the same.
    fn named(&self) -> bool {
        let mut seen = HashSet::new();
        self.own.iter().all(|name| !name.is_empty() && seen.insert(stem(name)))
    }

    fn names(&mut self, named: bool) -> Vec<String> {
        if named {
            return std::mem::take(&mut self.own);
        }
        let name = |(part, number): &(Part, usize)| {
            let part = match part {
                Part::Train => "train",
                Part::Validation => "validation",
                Part::Test => "test",
                Part::Unassigned => "row",
            };
            format!("{part}/{number:06}")
        };
        self.numbers.iter().map(name).collect()
    }
}
