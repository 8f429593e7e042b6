//! What is known of a data set before any of its images is decoded.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::Path;

use serde::Serialize;

use crate::annotations::folder::Role;
use crate::face::{Collection, Face, Framing, Part};
use crate::origin::{Opened, Origin};
use crate::source::reader::TableReport;
use crate::{DataError, source};

/// What [`overview`] found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Overview {
    /// The source.
    pub source: String,
    /// How the columns of a table were understood, where that had to be found out.
    pub table: Option<TableReport>,
    /// Faces with an image and a row.
    pub faces: usize,
    /// How images become crops.
    pub framing: Framing,
    /// Sides of the images looked at, with their number, the most frequent first.
    pub sides: Vec<([u32; 2], usize)>,
    /// Of the faces, with five points.
    pub with_landmarks: usize,
    /// Different people, 0 where unknown.
    pub identities: usize,
    /// Faces per official part: `train`, `validation`, `test`, `unassigned`.
    pub parts: BTreeMap<Part, usize>,
    /// Attribute to faces with, without, unknown.
    pub labels: BTreeMap<String, [usize; 3]>,
    /// What was odd and how it was taken.
    pub notes: Vec<String>,
}

/// Images that are looked at, spread evenly over the set.
pub(crate) const SAMPLE: usize = 200;

/// An even sample.
pub(crate) fn sample(faces: &[Face]) -> Vec<&Face> {
    faces.iter().step_by(faces.len().div_ceil(SAMPLE).max(1)).collect()
}

/// Reads every annotation and the headers of a sample of images.
///
/// # Errors
/// As [`open`](crate::open).
pub fn overview(data: &config::Data, cache: &Path) -> Result<Overview, DataError> {
    let collection = source::open(data, cache)?;
    Ok(Overview::of(&collection, data, source::table(data)?))
}

impl Overview {
    fn of(collection: &Collection, data: &config::Data, table: Option<TableReport>) -> Overview {
        let Collection { faces, columns, .. } = collection;
        let labels = columns.attributes.iter().enumerate().map(|(place, attribute)| {
            let count = |label| faces.iter().filter(|f| f.labels.get(place) == label).count();
            (attribute.to_string(), [count(Some(true)), count(Some(false)), count(None)])
        });
        let people: BTreeSet<_> = faces.iter().filter_map(|face| face.identity.as_ref()).collect();
        let mut parts = BTreeMap::new();
        faces.iter().for_each(|face| *parts.entry(face.part).or_default() += 1);
        let looked: Vec<&Origin> = sample(faces).into_iter().map(|face| &face.origin).collect();
        let looked = Opened::default().sides(&looked);
        let mut sides: BTreeMap<[u32; 2], usize> = BTreeMap::new();
        looked.into_iter().flatten().for_each(|(w, h)| *sides.entry([w, h]).or_default() += 1);
        let mut sides: Vec<_> = sides.into_iter().collect();
        sides.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Overview {
            source: data.source.to_string(),
            table,
            faces: faces.len(),
            framing: collection.framing,
            sides,
            with_landmarks: faces.iter().filter(|face| face.landmarks.is_some()).count(),
            identities: people.len(),
            parts,
            labels: labels.collect(),
            notes: collection.notes.clone(),
        }
    }

    /// Sides in one line at most.
    const SIDES: usize = 3;

    fn sides(&self) -> String {
        let looked: usize = self.sides.iter().map(|(_, count)| count).sum();
        let some = self.sides.iter().take(Overview::SIDES);
        let some = some.map(|([width, height], count)| format!("{width} x {height} ({count})"));
        let some = some.collect::<Vec<_>>().join(", ");
        let more = match self.sides.len().saturating_sub(Overview::SIDES) {
            0 => String::new(),
            more => format!(" and {more} other sizes"),
        };
        format!("{some}{more} pixels, {looked} images looked at")
    }

    fn columns(&self, f: &mut fmt::Formatter<'_>, table: &TableReport) -> fmt::Result {
        let (path, rows, by) = (table.path.display(), table.rows, table.separator);
        writeln!(f, "  table: {path}, {rows} rows, {by} between fields")?;
        let width =
            table.columns.iter().map(|c| c.column.chars().count()).max().unwrap_or(0).min(28);
        let [one, zero, unknown] = ["1", "0", "unknown"];
        writeln!(f, "  {:<width$}  {one:>8} {zero:>8} {unknown:>8}  taken for", "column")?;
        for column in &table.columns {
            let (name, values) = (&column.column, &column.values);
            let taken = match &column.role {
                Role::File => format!("the image file; {values}"),
                Role::Person => format!("the person; {values}"),
                Role::Part => format!("the part; {values}"),
                Role::Point => format!("a point, {values}"),
                Role::Nothing => format!("nothing; {values}"),
                Role::Attribute(attribute) => format!("attribute \"{attribute}\"; {values}"),
            };
            let counts = match &column.role {
                Role::Attribute(attribute) => self.labels.get(attribute.name()),
                _ => None,
            };
            let [with, without, unknown] = counts
                .map_or_else(Default::default, |counts| counts.map(|count| count.to_string()));
            writeln!(f, "  {name:<width$}  {with:>8} {without:>8} {unknown:>8}  {taken}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Overview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {} faces", self.source, self.faces)?;
        let frame = match self.framing {
            Framing::Aligned => "CelebA's 178 x 218, as the images are",
            Framing::FivePoint => "CelebA's, to which five points bring each face",
            Framing::Lfw => "CelebA's, by one window of the 250 x 250 image",
            Framing::Made => "square crops, taken whole",
            Framing::MadeCentre => "CelebA's centre 178 x 178, as the images are",
        };
        writeln!(f, "  frame: {frame}; {}", self.sides())?;
        writeln!(f, "  with five landmarks: {}", self.with_landmarks)?;
        if self.identities > 0 {
            writeln!(f, "  people: {}", self.identities)?;
        }
        for (part, count) in &self.parts {
            writeln!(f, "  {}: {count}", format!("{part:?}").to_lowercase())?;
        }
        match &self.table {
            Some(table) => self.columns(f, table)?,
            None => {
                writeln!(
                    f,
                    "  {:<28} {:>8} {:>8} {:>8}",
                    "attribute", "with", "without", "unknown"
                )?;
                for (attribute, [with, without, unknown]) in &self.labels {
                    writeln!(f, "  {attribute:<28} {with:>8} {without:>8} {unknown:>8}")?;
                }
            }
        }
        self.notes.iter().try_for_each(|note| writeln!(f, "  note: {note}"))
    }
}
