//! What there is to edit in an image, found before anything is written.

use std::path::Path;

use data::Metadata;
use faces::{Anchors, Detector, Face, Frame, fits, no_face};
use image::RgbImage;

use super::cells::Editor;
use crate::failure::Failure;
use crate::turns;

/// A photograph in memory.
#[derive(Clone)]
pub(crate) struct Photo {
    pub(crate) pixels: RgbImage,
    pub(crate) metadata: Metadata,
}

impl Photo {
    /// By the one reader of all commands.
    ///
    /// # Errors
    /// A sentence with the file and what to do.
    pub(crate) fn read(path: &Path) -> Result<Photo, Failure> {
        let bad = |e| Failure::BadInput(format!("error: {} {e}", path.display()));
        let bytes = data::photo::bytes(path).map_err(bad)?;
        let pixels = data::photo::decode(&bytes).map_err(bad)?;
        Ok(Photo { pixels, metadata: Metadata::of(&bytes) })
    }
}

/// A place to edit.
#[derive(Clone)]
pub(crate) enum Spot {
    /// A picture of this width and height that is a crop already.
    Crop((u32, u32)),
    /// A face, and its number from 1, the largest first.
    Face(usize, Face),
}

impl Spot {
    /// Where a cell sees and edits it.
    pub(crate) fn frame(&self, anchors: Anchors, size: usize) -> Frame {
        let frame = match self {
            Spot::Crop(sides) => Frame::of_crop(*sides, size),
            Spot::Face(_, face) => Frame::of_face(&face.points, anchors, size),
        };
        frame.expect("a survey has only places that have a frame")
    }

    /// The number of a face.
    pub(crate) fn number(&self) -> Option<usize> {
        match self {
            Spot::Crop(_) => None,
            Spot::Face(number, _) => Some(*number),
        }
    }
}

/// How faces are chosen.
pub(crate) struct Choice<'a> {
    /// `None` where images are crops already.
    pub(crate) detector: Option<&'a Detector>,
    /// Numbers of faces; none means all.
    pub(crate) faces: &'a [usize],
    /// The cells: a face has to fit into the frames of all.
    pub(crate) editors: &'a [Editor],
}

/// What is to be edited of an image, and what has to be said of it.
#[derive(Default)]
pub(crate) struct Survey {
    pub(crate) spots: Vec<Spot>,
    /// Faces that are left out beside others.
    pub(crate) asides: Vec<String>,
    /// Faces that are edited and may not come out well.
    pub(crate) warnings: Vec<String>,
    /// Why the image cannot be edited as it was asked for.
    pub(crate) problem: Option<String>,
}

impl Choice<'_> {
    /// Looks at an image.
    pub(crate) fn of(&self, photo: &RgbImage) -> Survey {
        match self.detector {
            Some(detector) => self.searched(photo, detector),
            None => self.whole(photo),
        }
    }

    fn whole(&self, photo: &RgbImage) -> Survey {
        let (width, height) = photo.dimensions();
        match Frame::of_crop((width, height), 1) {
            Some(_) => Survey { spots: vec![Spot::Crop((width, height))], ..Survey::default() },
            None => Survey::refused(format!(
                "is {width} x {height} pixels: with --aligned an image is a square crop, or CelebA's aligned \
                     178 x 218; without it the face is looked for"
            )),
        }
    }

    fn searched(&self, photo: &RgbImage, detector: &Detector) -> Survey {
        let found = detector.search(photo);
        let count = found.faces.len();
        if count == 0 {
            return Survey::refused(format!(
                "{}; turn it upright, or cut the face out as a square and give that with --aligned",
                no_face(found.best_refused)
            ));
        }
        if let Some(number) = self.faces.iter().find(|number| **number > count) {
            let faces = if count == 1 { "1 face".to_owned() } else { format!("{count} faces") };
            return Survey::refused(format!("shows {faces}: there is no --face {number}"));
        }
        let mut survey = Survey::default();
        for (index, face) in found.faces.into_iter().enumerate() {
            let number = index + 1;
            if !self.faces.is_empty() && !self.faces.contains(&number) {
                continue;
            }
            match self.placed(&face, photo) {
                Ok(()) => {
                    let warning =
                        self.turned(&face).map(|turned| format!("face {number} {turned}"));
                    survey.warnings.extend(warning);
                    survey.spots.push(Spot::Face(number, face));
                }
                Err(reason) => {
                    let [x, y] = face.square.centre;
                    survey.asides.push(format!("face {number}, at {x:.0},{y:.0}, {reason}"));
                }
            }
        }
        if survey.spots.is_empty() || (!self.faces.is_empty() && !survey.asides.is_empty()) {
            survey.spots.clear();
            survey.warnings.clear();
            survey.problem = Some(survey.asides.join("; "));
            survey.asides.clear();
        }
        survey
    }

    /// The warning of the first cell that has not learned from faces as far turned.
    fn turned(&self, face: &Face) -> Option<String> {
        let yaw = data::yaw(&face.points)?;
        self.editors.iter().find_map(|editor| turns::warning(yaw, editor.yaw?, &editor.id))
    }

    /// Whether a face has a frame that every cell can use.
    fn placed(&self, face: &Face, photo: &RgbImage) -> Result<(), String> {
        self.editors.iter().try_for_each(|editor| {
            let frame = Frame::of_face(&face.points, editor.anchors, editor.size);
            let frame = frame.ok_or("has points that place no face")?;
            fits(&face.points, &frame, photo.dimensions()).map_err(|reason| reason.to_string())
        })
    }
}

impl Survey {
    fn refused(problem: String) -> Survey {
        Survey { problem: Some(problem), ..Survey::default() }
    }
}
