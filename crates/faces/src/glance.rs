//! The one face of a photograph that its label speaks of.

use data::Landmarks;
use image::RgbImage;
use serde::{Deserialize, Serialize};

use crate::detector::{Detector, LEAST_SCORE};
use crate::frame::{Anchors, Frame};
use crate::limits::fits;

/// What a photograph shows at a glance: its largest face, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Glance {
    /// Width and height of the photograph, as it is shown.
    pub sides: (u32, u32),
    /// Faces that were found.
    pub faces: usize,
    /// Five points of the largest: left and right eye, nose tip, left and right corner of the mouth; "left" is
    /// the image's left.
    pub points: Option<Landmarks>,
    /// The detector's score of the largest face; without one, the best among what was taken for no face.
    pub score: Option<f32>,
}

impl Detector {
    /// Looks for the largest face.
    pub fn glance(&self, photo: &RgbImage) -> Glance {
        let search = self.search(photo);
        let largest = search.faces.first();
        Glance {
            sides: photo.dimensions(),
            faces: search.faces.len(),
            points: largest.map(|face| face.points),
            score: largest.map(|face| face.score).or(search.best_refused),
        }
    }
}

impl Glance {
    /// The points, if the face can be a `size` x `size` crop of training. A smaller face beside one that
    /// cannot is no way out: whose label it would be is not known.
    ///
    /// # Errors
    /// The reason against it, to be put behind the file's name.
    pub fn usable(&self, size: usize) -> Result<Landmarks, String> {
        let Some(points) = self.points else {
            return Err(no_face(self.score));
        };
        let which = if self.faces > 1 { "its largest face" } else { "its face" };
        let frame = Frame::of_face(&points, Anchors::FivePoints, size)
            .ok_or_else(|| format!("{which} has points that place no face"))?;
        fits(&points, &frame, self.sides).map_err(|reason| format!("{which} {reason}"))?;
        Ok(points)
    }
}

/// Why a photograph shows no face, to be put behind its name; `best` is the score of the best candidate.
pub fn no_face(best: Option<f32>) -> String {
    match best {
        Some(score) if score < LEAST_SCORE => format!(
            "shows no face that was found: the best candidate's score is {score:.1}, {LEAST_SCORE} are needed"
        ),
        Some(score) => format!(
            "shows no face that was found: the best candidate, of score {score:.1}, is none at a second look"
        ),
        None => "shows no face that was found, nor anything like one".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use data::CELEBA_MEAN;

    #[test]
    fn a_face_is_usable_as_editing_takes_it_and_everything_else_has_its_reason() {
        let one =
            Glance { sides: (178, 218), faces: 1, points: Some(CELEBA_MEAN), score: Some(40.0) };
        assert_eq!(one.usable(128), Ok(CELEBA_MEAN));
        let refused = |glance: Glance| glance.usable(128).unwrap_err();
        let small = CELEBA_MEAN.map(|[x, y]| [x / 4.0, y / 4.0]);
        let told = refused(Glance { points: Some(small), faces: 3, ..one.clone() });
        assert!(
            told.starts_with("its largest face is too small: its crop has 44 pixels"),
            "{told}"
        );
        let none = |score| refused(Glance { points: None, faces: 0, score, ..one.clone() });
        assert!(none(None).ends_with("nor anything like one"));
        assert!(none(Some(1.24)).contains("score is 1.2, 3 are needed"), "{}", none(Some(1.24)));
        assert!(none(Some(9.0)).contains("is none at a second look"));
        let one_place = Glance { points: Some([[5.0; 2]; 5]), ..one.clone() };
        assert!(refused(one_place).contains("place no face"));
    }
}
