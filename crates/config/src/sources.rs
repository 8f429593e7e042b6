//! The catalogue of data sources: a word of `data.source` and one row for each.

use crate::attribute::Attribute;
use crate::choices::{SplitRule, choice, choice_or};
use crate::known_attributes::{KNOWN, Lists};

choice! {
    /// Where faces come from.
    Source {
        /// Parametric faces, drawn from a seed in CelebA's own layout.
        Synthetic = "synthetic",
        /// CelebA, aligned images and annotation files.
        Celeba = "celeba",
        /// Labeled Faces in the Wild with Kumar et al.'s attribute scores.
        Lfw = "lfw",
        /// MTFL: trained on its web images, tested on its LFW images.
        Mtfl = "mtfl",
        /// Images of one's own with a table of labels.
        Folder = "folder",
    }
}

choice_or! {
    /// Whose faces are judged: `own` are those of the source that trains.
    JudgedSource = "own" | Source
}

/// What a source is, for checks before anything is read.
#[derive(Clone, Copy, Debug)]
pub struct SourceRow {
    /// The source.
    pub source: Source,
    /// Its name for a person.
    pub title: &'static str,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// Whether it reads files below `data.root`.
    pub reads_files: bool,
    /// Whether it can have a partition of its own (`data.split = "official"`).
    pub partition: bool,
    /// Whether that partition has validation images.
    pub validation: bool,
    /// Whether its test images are apart under either rule of `data.split`.
    pub always_apart: bool,
    /// Whether its images may be crops already (`data.crop`).
    pub crops: bool,
    /// Whether it may be told to place every face by five points (`data.alignment`).
    pub five_points: bool,
    /// Whether draws keep people apart where the data say who is shown: no person is in two parts.
    pub people_apart: bool,
    /// Whether its table may be named (`data.table`).
    pub table: bool,
    /// Which known attributes are its own, where they are the same for everyone.
    pub attributes: Option<fn(&Lists) -> bool>,
}

const ROWS: &[SourceRow] = &[
    SourceRow {
        source: Source::Synthetic,
        title: "synthetic",
        doc: "Parametric faces, drawn once from a seed into the cache; the true edit is known.",
        reads_files: false,
        partition: true,
        validation: true,
        always_apart: false,
        crops: false,
        five_points: false,
        people_apart: false,
        table: false,
        attributes: Some(|lists| lists.synthetic),
    },
    SourceRow {
        source: Source::Celeba,
        title: "CelebA",
        doc: "CelebA's aligned images and lists, or anything in that layout.",
        reads_files: true,
        partition: true,
        validation: true,
        always_apart: false,
        crops: true,
        five_points: false,
        people_apart: false,
        table: false,
        attributes: None,
    },
    SourceRow {
        source: Source::Lfw,
        title: "LFW",
        doc: "Labeled Faces in the Wild with Kumar et al.'s attribute scores.",
        reads_files: true,
        partition: false,
        validation: false,
        always_apart: false,
        crops: false,
        five_points: true,
        people_apart: false,
        table: false,
        attributes: None,
    },
    SourceRow {
        source: Source::Mtfl,
        title: "MTFL",
        doc: "MTFL: trained on its web images, tested on its LFW images.",
        reads_files: true,
        partition: true,
        validation: false,
        always_apart: true,
        crops: false,
        five_points: true,
        people_apart: false,
        table: false,
        attributes: Some(|lists| lists.mtfl),
    },
    SourceRow {
        source: Source::Folder,
        title: "a folder",
        doc: "A directory of images of your own with a table of labels ([how](data.md#a-folder-of-your-own)).",
        reads_files: true,
        partition: true,
        validation: true,
        always_apart: false,
        crops: true,
        five_points: true,
        people_apart: true,
        table: true,
        attributes: None,
    },
];

impl SourceRow {
    /// Whether its test images are apart from its training images, rather than drawn from one pool.
    pub fn apart(&self, split: SplitRule) -> bool {
        split == SplitRule::Official || self.always_apart
    }

    /// Whether a split by this rule has a validation part of the data set's own.
    pub fn has_validation(&self, split: SplitRule) -> bool {
        self.validation && self.apart(split)
    }
}

impl Source {
    /// Its row.
    pub fn row(self) -> &'static SourceRow {
        ROWS.iter().find(|row| row.source == self).expect("every source has a row")
    }

    /// Its attributes, where they are known before anything is read.
    pub fn attributes(self) -> Option<Vec<Attribute>> {
        let own = self.row().attributes?;
        let known = KNOWN.iter().filter(|known| own(&known.lists));
        Some(known.map(|known| Attribute::of(known.name)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_source_has_one_row() {
        assert!(Source::ALL.iter().copied().eq(ROWS.iter().map(|row| row.source)));
        let mtfl = Source::Mtfl.attributes().unwrap();
        let names: Vec<&str> = mtfl.iter().map(Attribute::name).collect();
        assert_eq!(names, ["eyeglasses", "smiling", "male"]);
        assert_eq!(Source::Celeba.attributes(), None);
    }
}
