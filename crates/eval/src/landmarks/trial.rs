//! Detectors tried on every group of one batch.

use data::Prepared;

use super::arms::{Group, noisy};
use super::{Moved, Points, Refusals, Role, Trained, TrainedOn};
use crate::jitter::Jitter;
use crate::pass::Pass;
use metrics::pixels::as_seen;
use record::tables::{DetectionRow, DetectorQuality};

/// The errors that enter `images.csv`: the convolutional detector that knows both kinds of faces,
/// on the input and on the edited image, and the mean shape beside it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Headline {
    pub(crate) input: Option<f64>,
    pub(crate) edited: Option<f64>,
    pub(crate) mean_shape: Option<f64>,
}

/// Detectors and what they found so far.
pub(crate) struct Trial<'a> {
    detectors: &'a [Trained],
    data: &'a Prepared,
    pub(crate) rows: Vec<DetectionRow>,
    pub(crate) refusals: Refusals,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(detectors: &'a [Trained], data: &'a Prepared) -> Self {
        Trial { detectors, data, rows: Vec::new(), refusals: Refusals::default() }
    }

    /// Tries every detector on the groups that a batch shows; one [`Headline`] per face of it.
    ///
    /// Whatever is done to an image, its truth is the original's annotation under the image's own
    /// similarity. A face whose truth cannot be scored is counted and left out of every group.
    /// `truths` are the true edits, planar, where they are known.
    pub(crate) fn batch(
        &mut self,
        pass: &Pass<'_>,
        remove: bool,
        truths: Option<&[Vec<f32>]>,
    ) -> Vec<Headline> {
        let mut headlines = vec![Headline::default(); pass.faces.len()];
        if self.detectors.is_empty() {
            return headlines;
        }
        let size = pass.size;
        let mut usable: Vec<(usize, Jitter, Points)> = Vec::new();
        for (i, face) in pass.faces.iter().enumerate() {
            let face = &self.data.faces[*face];
            let similarity = Jitter::of_test_image(&face.id, size);
            let moved = face.landmarks.map(|points| similarity.points(&points, size));
            match metrics::landmarks::check(moved.as_ref(), size) {
                Ok(truth) => usable.push((i, similarity, *truth)),
                Err(reason) => self.refusals.count(reason),
            }
        }
        for (group, images) in groups(pass, self.data, remove, truths) {
            let images = usable.iter().map(|(i, similarity, _)| (images(*i), *similarity));
            let images: Vec<_> = images.collect();
            let moved = Moved::new(images.iter().map(|(image, s)| (image.as_slice(), *s)), size);
            for trained in self.detectors {
                let found = trained.detector.detect(&moved);
                for ((i, _, truth), points) in usable.iter().zip(found) {
                    let Some(errors) = metrics::landmarks::point_errors(&points, truth) else {
                        continue;
                    };
                    let nme = errors.iter().sum::<f64>() / 5.0;
                    note(&mut headlines[*i], group, trained, nme);
                    // An edit that adds the attribute belongs to no group of the paper's.
                    if group != Group::Removed || remove {
                        let id = &self.data.faces[pass.faces[*i]].id;
                        self.rows.push(row(id, group, trained, nme, errors));
                    }
                }
            }
        }
        headlines
    }

    /// Each detector's own error, over the untouched test images.
    pub(crate) fn quality(&self) -> Vec<DetectorQuality> {
        let real = [Group::With.name(), Group::Without.name()];
        let of = |trained: &Trained| {
            let (detector, training) = (trained.row.name, trained.on.name());
            let own = |row: &&DetectionRow| {
                row.detector == detector && row.training == training && real.contains(&&*row.group)
            };
            let errors: Vec<f64> = self.rows.iter().filter(own).map(|row| row.nme).collect();
            let n = errors.len();
            let nme = errors.iter().sum::<f64>() / n as f64;
            (n > 0).then_some(DetectorQuality {
                detector: detector.into(),
                training: training.into(),
                trained_on: Some(trained.images),
                nme: Some(nme),
                n: Some(n),
            })
        };
        self.detectors.iter().filter_map(of).collect()
    }
}

/// Gives one image of a group by its place in the batch.
type Images<'p> = Box<dyn Fn(usize) -> Vec<f32> + 'p>;

/// The groups that a batch of one direction shows.
fn groups<'p>(
    pass: &'p Pass<'_>,
    data: &'p Prepared,
    remove: bool,
    truths: Option<&'p [Vec<f32>]>,
) -> Vec<(Group, Images<'p>)> {
    let input = |i: usize| pass.part(&pass.input, i).to_vec();
    let edited = |i: usize| pass.part(&pass.edited, i).to_vec();
    let with_noise = |i: usize, image: &[f32]| -> Vec<f32> {
        let id = &data.faces[pass.faces[i]].id;
        noisy(image, pass.residual(i), id).into_iter().map(as_seen).collect()
    };
    if !remove {
        return vec![(Group::Without, Box::new(input)), (Group::Removed, Box::new(edited))];
    }
    let zero = pass.at_strength(0.0);
    let mut groups: Vec<(Group, Images<'p>)> = vec![
        (Group::With, Box::new(input)),
        (Group::Zero, Box::new(move |i| pass.part(&zero, i).to_vec())),
        (Group::Noise, Box::new(move |i| with_noise(i, pass.part(&pass.input, i)))),
        (Group::Removed, Box::new(edited)),
        (Group::RemovedNoise, Box::new(move |i| with_noise(i, pass.part(&pass.edited, i)))),
    ];
    if let Some(truths) = truths {
        groups.push((Group::TrueEdit, Box::new(move |i| truths[i].clone())));
    }
    groups
}

fn note(headline: &mut Headline, group: Group, trained: &Trained, nme: f64) {
    if trained.on != TrainedOn::Mixed {
        return;
    }
    match (trained.row.role, group) {
        (Role::Headline, Group::With | Group::Without) => headline.input = Some(nme),
        (Role::Headline, Group::Removed) => headline.edited = Some(nme),
        (Role::Baseline, Group::With | Group::Without) => headline.mean_shape = Some(nme),
        _ => {}
    }
}

fn row(id: &str, group: Group, trained: &Trained, nme: f64, errors: [f64; 5]) -> DetectionRow {
    let [left_eye, right_eye, nose, left_mouth, right_mouth] = errors;
    DetectionRow {
        image: id.to_owned(),
        group: group.name().into(),
        detector: trained.row.name.into(),
        training: trained.on.name().into(),
        nme,
        left_eye,
        right_eye,
        nose,
        left_mouth,
        right_mouth,
    }
}
