//! Ten columns that are five points.

use super::columns;
use super::dialect::Separator;
use super::label::is_unknown;
use super::table::Table;
use super::text::excerpt;
use crate::DataError;
use crate::face::Landmarks;

/// CelebA's name of each coordinate first, then what other tools call it.
pub(super) const NAMED: [[&str; 2]; 10] = [
    ["lefteye_x", "eye_left_x"],
    ["lefteye_y", "eye_left_y"],
    ["righteye_x", "eye_right_x"],
    ["righteye_y", "eye_right_y"],
    ["nose_x", "nose_tip_x"],
    ["nose_y", "nose_tip_y"],
    ["leftmouth_x", "mouth_left_x"],
    ["leftmouth_y", "mouth_left_y"],
    ["rightmouth_x", "mouth_right_x"],
    ["rightmouth_y", "mouth_right_y"],
];
/// The same ten by number alone.
const NUMBERED: [&str; 10] = ["x1", "y1", "x2", "y2", "x3", "y3", "x4", "y4", "x5", "y5"];

/// Places of the ten coordinates in a row: x and y of left eye, right eye, nose, left and right mouth corner.
#[derive(Debug)]
pub(super) struct PointColumns([usize; 10]);

impl PointColumns {
    /// The ten columns, if the table has them all.
    ///
    /// # Errors
    /// Two columns have one of these names, or some of CelebA's names are there and others are not.
    pub(super) fn find(table: &Table<'_>) -> Result<Option<PointColumns>, DataError> {
        let mut found = [None; 10];
        for (place, names) in found.iter_mut().zip(NAMED) {
            for name in names {
                *place = place.or(table.column(name)?);
            }
        }
        if found.iter().any(Option::is_some) {
            if let Some(lacks) = found.iter().position(Option::is_none) {
                let problem =
                    format!("five points need ten columns: {}", table.missing(&NAMED[lacks][..1]));
                let remedy = "add it, or take the other columns of points away";
                return Err(table.text.error(table.header, problem, remedy));
            }
        } else if NUMBERED.iter().all(|name| table.columns.iter().any(|c| columns::same(c, name))) {
            // Fewer of these are something else: x1, y1, x2, y2 is a box.
            for (place, name) in found.iter_mut().zip(NUMBERED) {
                *place = table.column(name)?;
            }
        }
        let all: Option<Vec<usize>> = found.into_iter().collect();
        Ok(all.and_then(|all| all.try_into().ok()).map(PointColumns))
    }

    /// What the column at this place is, if it is one of the ten.
    pub(super) fn meaning(&self, place: usize) -> Option<String> {
        const POINTS: [&str; 5] =
            ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"];
        let at = self.0.iter().position(|known| *known == place)?;
        Some(format!("{} of the {}", ["x", "y"][at % 2], POINTS[at / 2]))
    }

    /// The points of a row; `None` where one of the ten is not known.
    ///
    /// # Errors
    /// A field is no number.
    pub(super) fn read(
        &self,
        fields: &[&str],
        separator: Separator,
    ) -> Result<Option<Landmarks>, String> {
        let mut values = [f32::NAN; 10];
        for (value, place) in values.iter_mut().zip(self.0) {
            let field = fields[place];
            if !is_unknown(field) {
                let number = separator.number(field);
                *value =
                    number.ok_or_else(|| format!("{} is not a number", excerpt(field)))? as f32;
            }
        }
        let points = std::array::from_fn(|k| [values[2 * k], values[2 * k + 1]]);
        Ok(values.iter().all(|value| value.is_finite()).then_some(points))
    }
}
