//! What `--json` says of a written file.

use std::path::Path;

use serde::Serialize;

use super::cells::Editor;
use super::survey::Spot;

/// One file, one line.
#[derive(Serialize)]
pub(crate) struct Told<'a> {
    input: String,
    output: String,
    /// What was edited; empty for an image that was a crop already.
    faces: Vec<FaceTold>,
    /// In the order of the pictures of a grid; one for any other file.
    edits: Vec<EditTold<'a>>,
}

#[derive(Serialize)]
struct FaceTold {
    /// From 1, the largest.
    number: usize,
    /// The detector's box: left, top, right, bottom, pixels of the upright photograph.
    #[serde(rename = "box")]
    sides: [f32; 4],
    /// Left and right eye, nose tip, left and right corner of the mouth, x and y.
    points: [[f32; 2]; 5],
    score: f32,
}

#[derive(Serialize)]
struct EditTold<'a> {
    /// One after the other.
    cells: Vec<&'a str>,
    what: Vec<&'a str>,
    strength: f32,
}

impl<'a> Told<'a> {
    pub(crate) fn of(
        input: &Path,
        output: &Path,
        spots: &[Spot],
        made: &[(usize, f32)],
        variants: &[Vec<&'a Editor>],
    ) -> Told<'a> {
        let edit = |&(at, strength): &(usize, f32)| EditTold {
            cells: variants[at].iter().map(|editor| editor.id.as_str()).collect(),
            what: variants[at].iter().map(|editor| editor.what.as_str()).collect(),
            strength,
        };
        Told {
            input: input.display().to_string(),
            output: output.display().to_string(),
            faces: spots.iter().filter_map(face).collect(),
            edits: made.iter().map(edit).collect(),
        }
    }

    pub(crate) fn line(&self) -> String {
        serde_json::to_string(self).expect("words and numbers")
    }
}

/// Tenths of a pixel are as much as is known.
fn face(spot: &Spot) -> Option<FaceTold> {
    let Spot::Face(number, face) = spot else { return None };
    let tenth = |v: f32| (10.0 * v).round() / 10.0;
    let ([x, y], half) = (face.square.centre, face.square.side / 2.0);
    Some(FaceTold {
        number: *number,
        sides: [x - half, y - half, x + half, y + half].map(tenth),
        points: face.points.map(|point| point.map(tenth)),
        score: tenth(face.score),
    })
}
