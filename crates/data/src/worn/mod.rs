//! Glasses drawn on photographs: taken off again, the photograph is the truth.
//!
//! Beards and open mouths are not drawn: what lies under them would have to be invented.

mod cover;
mod paint;
mod place;
mod style;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use config::Attribute;

use crate::Prepared;
use crate::face::{Framing, Landmarks};
use crate::frame::mean_landmarks;
use place::Place;
use style::Style;
pub use style::Styles;

/// Draws glasses on a face.
///
/// `pixels` is a square crop of RGB bytes, row by row, `points` are in its pixels. `None` if the eyes
/// coincide.
pub fn wear(
    pixels: &[u8],
    points: &Landmarks,
    size: usize,
    styles: Styles,
    rng: &mut impl Rng,
) -> Option<Vec<u8>> {
    let enlarged = paint::enlargement(size);
    let place = Place::new(points, enlarged as f32)?;
    Some(paint::paint(pixels, size, &place, &Style::draw(rng, styles)))
}

impl Prepared {
    /// A face's five points in pixels of the crop: its own, or in CelebA's frame the mean ones, to which
    /// its images were aligned. `None` elsewhere.
    pub fn points(&self, face: usize) -> Option<Landmarks> {
        let aligned = matches!(self.framing, Framing::Aligned | Framing::MadeCentre);
        let mean = || aligned.then(|| mean_landmarks(self.images.size()));
        self.faces[face].landmarks.or_else(mean)
    }

    /// A face with the attribute drawn on: RGB bytes of a crop, row by row. The same for the same face,
    /// styles and seed. `None` where it cannot be drawn ([`Attribute::can_be_drawn`]) or
    /// nobody knows where the eyes are.
    pub fn worn(
        &self,
        face: usize,
        attribute: &Attribute,
        styles: Styles,
        seed: u64,
    ) -> Option<Vec<u8>> {
        if !attribute.can_be_drawn() {
            return None;
        }
        let points = self.points(face)?;
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.faces[face].id.as_bytes());
        hasher.update(&[styles as u8]).update(&seed.to_le_bytes());
        let mut rng = ChaCha8Rng::from_seed(*hasher.finalize().as_bytes());
        wear(self.images.image(face), &points, self.images.size(), styles, &mut rng)
    }
}
