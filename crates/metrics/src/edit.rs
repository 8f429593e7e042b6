//! What metrics are computed from: everything is made when it is first asked for, and once.

use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;

use crate::judged::Judged;
use crate::pixels::{difference, interleaved};

/// Images of one edit. All are planar `[3, size, size]` in [-1, 1], clamped and rounded to 8 bits as a
/// user would see them; but for `back`.
#[derive(Clone, Copy, Debug)]
pub struct EditImages<'a> {
    /// Side in pixels.
    pub size: usize,
    /// The original, `x`.
    pub input: &'a [f32],
    /// The edited image, `x~`.
    pub edited: &'a [f32],
    /// After the way back, `G_{1-i}(x~)`, as the generators put it out.
    pub back: &'a [f32],
    /// After the way back from the edited image with 8 bits, with noise besides, and after JPEG.
    pub back_after: [&'a [f32]; 3],
    /// The true edit, known of synthetic faces alone.
    pub truth: Option<&'a [f32]>,
    /// The pixels in which the edit belongs, row by row.
    pub region: Option<&'a [bool]>,
}

/// What judges say of one edit. `None` where there is no such judge or it cannot tell.
#[derive(Clone, Copy, Debug, Default)]
pub struct Opinions {
    /// The first attribute judge's probability that the edit is complete: that the attribute is wholly
    /// there, or not there at all.
    pub complete: Option<f64>,
    /// The second judge's.
    pub complete_second: Option<f64>,
    /// The second judge's probability of the attribute in the edited image.
    pub score_second: Option<f64>,
    /// LPIPS distance of the edited image to the input.
    pub lpips_input: Option<f64>,
    /// LPIPS distance of the input to the true edit.
    pub lpips_identity: Option<f64>,
    /// LPIPS distance of the edited image to the true edit.
    pub lpips: Option<f64>,
    /// Cosine between the identity embeddings of input and edited image.
    pub identity_cosine: Option<f64>,
    /// Whether the other test image nearest to the edited one shows the same person.
    pub identity_kept: Option<bool>,
    /// Landmark error of the headline detector on the input, % of the inter-ocular distance.
    pub nme_input: Option<f64>,
    /// The same on the edited image.
    pub nme_edited: Option<f64>,
    /// The same of the training set's mean shape.
    pub nme_mean_shape: Option<f64>,
    /// Degrees by which the face is turned to the side, positive to the picture's right.
    pub yaw: Option<f64>,
}

/// One test image in one direction.
pub struct Edit<'a> {
    /// The images.
    pub images: EditImages<'a>,
    /// Labels, and the attribute judge before the edit.
    pub judged: Judged<'a>,
    /// The attribute judge's probabilities after it, by the same places.
    pub after: &'a [f32],
    /// The other judges.
    pub opinions: Opinions,
    change: OnceCell<Vec<f32>>,
    bytes: [OnceCell<Vec<u8>>; 3],
    known: RefCell<BTreeMap<&'static str, Option<f64>>>,
}

/// An 8-bit image of an edit.
#[derive(Clone, Copy, Debug)]
pub enum Picture {
    /// The original.
    Input,
    /// The edited image.
    Edited,
    /// The true edit.
    Truth,
}

impl<'a> Edit<'a> {
    /// Of these images and opinions.
    pub fn new(
        images: EditImages<'a>,
        judged: Judged<'a>,
        after: &'a [f32],
        opinions: Opinions,
    ) -> Self {
        let (change, bytes, known) = Default::default();
        Edit { images, judged, after, opinions, change, bytes, known }
    }

    /// `x~ - x`, planar.
    pub fn change(&self) -> &[f32] {
        self.change.get_or_init(|| difference(self.images.edited, self.images.input))
    }

    /// A picture as rows of RGB bytes; the true edit where it is known.
    pub fn bytes(&self, picture: Picture) -> Option<&[u8]> {
        let planes = match picture {
            Picture::Input => self.images.input,
            Picture::Edited => self.images.edited,
            Picture::Truth => self.images.truth?,
        };
        Some(self.bytes[picture as usize].get_or_init(|| interleaved(planes)))
    }

    /// A measure of two pictures of equal size, where both are known.
    pub fn between(
        &self,
        a: Picture,
        b: Picture,
        measure: impl Fn(&[u8], &[u8], usize) -> f64,
    ) -> Option<f64> {
        Some(measure(self.bytes(a)?, self.bytes(b)?, self.images.size))
    }

    /// The value of that name, computed when it is first asked for.
    pub(crate) fn once(
        &self,
        name: &'static str,
        compute: impl FnOnce(&Self) -> Option<f64>,
    ) -> Option<f64> {
        if let Some(value) = self.known.borrow().get(name) {
            return *value;
        }
        let value = compute(self);
        self.known.borrow_mut().insert(name, value);
        value
    }
}

/// Features of all images of one direction, `width` numbers each, row after row.
#[derive(Clone, Copy, Debug)]
pub struct EditedSet<'a> {
    /// Numbers per image.
    pub width: usize,
    /// Of the originals.
    pub input: &'a [f32],
    /// Of the edited images.
    pub edited: &'a [f32],
    /// Of real test images of the class that was aimed at.
    pub target: &'a [f32],
}
