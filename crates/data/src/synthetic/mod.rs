//! Synthetic faces: a seeded, parametric generator of stylised portraits in CelebA's frame and layout.
//!
//! A face is a function of (seed, index). It is a set of parameters first ([`draw`]), a picture second
//! ([`render`]); so its landmarks are known exactly ([`landmarks`]), and so is the same face with one
//! attribute the other way round ([`FaceParams::with_flipped`]): the true edit, which no photo data
//! set has.
//!
//! The picture is made of anti-aliased vector shapes over a relief of the head that is lit from one
//! side, in linear light, and photographed by a camera with blur, cast and noise.

mod backdrop;
mod beard;
mod camera;
mod canvas;
mod card;
pub(crate) mod colour;
pub(crate) mod curve;
mod dice;
mod draw;
mod drawn_attribute;
mod error;
mod eyes;
mod glasses;
mod hair;
mod head;
mod labels;
mod layout;
mod light;
mod mouth;
mod noise;
mod nose;
mod params;
mod person;
mod relief;
mod shot;
mod skin;
mod studio;
mod view;
mod write;

pub use draw::draw;
pub use drawn_attribute::DrawnAttribute;
pub use error::SyntheticError;
pub(crate) use layout::MANIFEST;
pub use layout::{file_name, photograph};
pub use params::FaceParams;
pub use write::{Outcome, write};
pub(crate) use write::{damages, write_cached};

use image::RgbImage;
use serde::{Deserialize, Serialize};
use studio::Studio;

/// Raised whenever the same specification gives other pixels or labels than before.
pub const GENERATOR_VERSION: u32 = 1;

/// Width of a picture: CelebA's aligned frame.
pub const WIDTH: u32 = canvas::WIDTH as u32;
/// Height of a picture: CelebA's aligned frame.
pub const HEIGHT: u32 = canvas::HEIGHT as u32;

/// Which data set to make.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spec {
    /// Number of images.
    pub count: usize,
    /// Seed of every draw.
    pub seed: u64,
    /// 0: all attributes are independent. 1: 85 % of the men and 5 % of the women have a beard, 73 %
    /// of the old and 13 % of the young wear glasses. Linear between; overall shares stay the same.
    pub correlation: f64,
}

impl Spec {
    /// Identifies the data set's content: a hash of the generator's version and of the specification.
    /// Needs no files.
    pub fn fingerprint(&self) -> String {
        let text = format!(
            "synthetic faces v{GENERATOR_VERSION} count {} seed {} correlation {:?}",
            self.count, self.seed, self.correlation
        );
        blake3::hash(text.as_bytes()).to_hex()[..16].to_string()
    }
}

/// Paints the face: 178x218 pixels in CelebA's aligned frame, before compression.
pub fn render(face: &FaceParams) -> RgbImage {
    let mut studio = Studio::new(face);
    backdrop::paint(&mut studio);
    hair::paint_back(&mut studio);
    backdrop::paint_body(&mut studio);
    skin::paint_ears(&mut studio);
    skin::paint_head(&mut studio);
    skin::paint_scalp(&mut studio);
    nose::paint(&mut studio);
    eyes::paint(&mut studio);
    mouth::paint(&mut studio);
    beard::paint(&mut studio);
    eyes::paint_brows(&mut studio);
    hair::paint_front(&mut studio);
    glasses::paint(&mut studio);
    camera::develop(studio.canvas, &face.shot.camera)
}

/// Left eye, right eye, nose tip, left and right corner of the mouth, in pixels of the 178x218 frame
/// (x right, y down, a pixel's centre is at whole numbers); left is the image's left. Exact.
pub fn landmarks(face: &FaceParams) -> [[f32; 2]; 5] {
    let view = view::View::new(&face.shot.pose);
    let eye = face.person.eyes.spacing;
    let mouth = mouth::Shape::new(face);
    [
        view.at([-eye, 0.0, view::front(eye)]),
        view.at([eye, 0.0, view::front(eye)]),
        view.at(nose::tip(face)),
        view.at(mouth.corner(-1.0)),
        view.at(mouth.corner(1.0)),
    ]
    // The canvas counts from the corner of the first pixel.
    .map(|[x, y]| [x - 0.5, y - 0.5])
}
