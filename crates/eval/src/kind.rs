//! What is asked of the generators.

use losses::Direction;

/// Which images are edited, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EditKind {
    /// G1 on faces with the attribute.
    Remove,
    /// G0 on faces without it.
    Add,
    /// G1 on photographs without the attribute that it was drawn on: the photograph is the truth.
    RemoveDrawn,
}

impl EditKind {
    /// In tables: the column `direction`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            EditKind::Remove => Direction::Remove.name(),
            EditKind::Add => Direction::Add.name(),
            EditKind::RemoveDrawn => "remove-drawn",
        }
    }

    /// Whether G0 edits.
    pub(crate) fn adds(self) -> bool {
        self == EditKind::Add
    }

    /// Whether the inputs are images of the data set.
    pub(crate) fn is_of_real_images(self) -> bool {
        self != EditKind::RemoveDrawn
    }
}
