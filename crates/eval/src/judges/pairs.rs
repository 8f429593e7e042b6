//! A face without the attribute and the same with it, for judges to learn what lies between.

use std::cell::RefCell;
use std::collections::HashMap;

use config::{Region, RunConfig};
use data::{Prepared, Styles};
use metrics::pixels::{difference, planar};
use rand::RngExt;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;

/// Faces of which true edits are drawn, at most: each costs milliseconds, and is kept.
const TRUTHS: usize = 600;

/// Whether judges can learn what half an edit looks like: the true edit is known, or where the eyes are.
pub(crate) fn knows_halves(run: &RunConfig, data: &Prepared) -> bool {
    let any = |face: &usize| {
        data.truth(*face, &run.data.attribute).is_some() || data.points(*face).is_some()
    };
    data.split.judges.first().is_some_and(any)
}

/// Where pairs come from.
enum Kind {
    /// Synthetic faces: the true edit.
    Truth(RefCell<HashMap<usize, Vec<f32>>>),
    /// Photographs without the attribute, and with it drawn on.
    Drawn,
    /// Photographs, and on its region another face that differs in the attribute: only good for what
    /// lies between, since a face with another's mouth is no face.
    Pasted(Region),
}

/// What a judge can learn of completeness.
pub(super) struct Pairs<'a> {
    run: &'a RunConfig,
    data: &'a Prepared,
    kind: Kind,
    /// Faces without and with the attribute.
    faces: [Vec<usize>; 2],
}

/// One pair, planar `[3, size, size]`.
pub(super) struct Pair {
    /// The photograph that it was made from.
    pub(super) face: usize,
    pub(super) without: Vec<f32>,
    /// What the attribute adds to it.
    pub(super) change: Vec<f32>,
    /// Whether both ends are good examples of their side.
    pub(super) true_ends: bool,
}

impl Pair {
    /// The image with the attribute, or without.
    pub(super) fn end(self, with: bool) -> Vec<f32> {
        match with {
            true => self.without.iter().zip(&self.change).map(|(x, c)| x + c).collect(),
            false => self.without,
        }
    }
}

impl<'a> Pairs<'a> {
    /// `None` where there is no way to make one: photographs that nobody knows the eyes of.
    pub(super) fn new(
        run: &'a RunConfig,
        data: &'a Prepared,
        mut faces: [Vec<usize>; 2],
    ) -> Option<Self> {
        let attribute = &run.data.attribute;
        let any = *faces.iter().flatten().next()?;
        if !knows_halves(run, data) {
            return None;
        }
        let kind = if data.truth(any, attribute).is_some() {
            faces.iter_mut().for_each(|faces| faces.truncate(TRUTHS / 2));
            Kind::Truth(RefCell::default())
        } else if attribute.can_be_drawn() && data.points(any).is_some() {
            Kind::Drawn
        } else {
            Kind::Pasted(run.region().unwrap_or(Region::WholeFace))
        };
        let usable = faces.iter().all(|faces| !faces.is_empty());
        usable.then_some(Pairs { run, data, kind, faces })
    }

    /// Draws one.
    pub(super) fn draw(&self, rng: &mut ChaCha8Rng) -> Option<Pair> {
        let label = matches!(self.kind, Kind::Truth(_) | Kind::Pasted(_)) && rng.random_bool(0.5);
        let face = *self.faces[usize::from(label)].choose(rng)?;
        let image = planar(self.data.images.image(face));
        let (other, true_ends) = match &self.kind {
            Kind::Truth(known) => {
                let mut known = known.borrow_mut();
                let draw = || {
                    let bytes = self.data.truth(face, &self.run.data.attribute);
                    bytes.map_or_else(|| image.clone(), |bytes| planar(&bytes))
                };
                (known.entry(face).or_insert_with(draw).clone(), true)
            }
            Kind::Drawn => {
                let attribute = &self.run.data.attribute;
                let seed = rng.random();
                (planar(&self.data.worn(face, attribute, Styles::Training, seed)?), true)
            }
            Kind::Pasted(region) => {
                let other = *self.faces[usize::from(!label)].choose(rng)?;
                (self.pasted(face, &image, other, *region)?, false)
            }
        };
        let (without, with) = if label { (other, image) } else { (image, other) };
        let change = difference(&with, &without);
        Some(Pair { face, without, change, true_ends })
    }

    /// The image with the region of another face, whose mean colour is made that of the place.
    fn pasted(&self, face: usize, image: &[f32], other: usize, region: Region) -> Option<Vec<f32>> {
        let size = self.data.images.size();
        let plane = size * size;
        let mask = data::region(region, &self.data.points(face)?, size);
        let other = planar(self.data.images.image(other));
        let inside = mask.iter().filter(|inside| **inside).count().max(1) as f32;
        let mean = |planes: &[f32], channel: usize| {
            let plane = &planes[channel * plane..][..plane];
            plane.iter().zip(&mask).filter(|(_, inside)| **inside).map(|(v, _)| v).sum::<f32>()
                / inside
        };
        let shift: [f32; 3] = std::array::from_fn(|c| mean(image, c) - mean(&other, c));
        let paste = |(i, (own, other)): (usize, (&f32, &f32))| match mask[i % plane] {
            true => (other + shift[i / plane]).clamp(-1.0, 1.0),
            false => *own,
        };
        Some(image.iter().zip(&other).enumerate().map(paste).collect())
    }
}
