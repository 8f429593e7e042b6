//! Both directions over every test image.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use config::{Attribute, RunConfig};
use data::Prepared;
use losses::Direction;
use model::{Generator, Mode, from_pixels, to_pixels};

use crate::fidelity::{PSNR_CAP, psnr, ssim};
use crate::judges::{self, JudgeError};
use crate::landmarks;
use crate::row::{Row, Summary};

/// Why a cell could not be judged.
#[derive(Debug, thiserror::Error)]
pub enum EvalError {
    /// A judge is not to be had.
    #[error(transparent)]
    Judge(#[from] JudgeError),
    /// A result file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// Images per forward pass.
const BATCH: usize = 32;

/// Judges G0 and G1 on every test image and writes `images.csv` and `summary.json` into `dir`.
///
/// # Errors
/// A judge cannot be had, or the directory cannot be written.
pub fn evaluate(
    run: &RunConfig,
    data: &Prepared,
    (g0, g1): (&Generator, &Generator),
    device: &Device,
    cache: &Path,
    dir: &Path,
) -> Result<Summary, EvalError> {
    let classifier = judges::classifier(run, data, device, cache)?;
    let regressor = match judges::has_landmarks(data) {
        true => Some(judges::landmark_regressor(run, data, device, cache)?),
        false => None,
    };
    let (g0, g1) = (&g0.valid(), &g1.valid());
    let mut rows = Vec::new();
    for (direction, faces, forth, back) in [
        (Direction::Remove, &data.split.test_positive, g1, g0),
        (Direction::Add, &data.split.test_negative, g0, g1),
    ] {
        for faces in faces.chunks(BATCH) {
            let pass = Pass::new(run, data, device, faces, forth, back);
            let before = pass.judged(&classifier.network, &pass.input, device);
            let after = pass.judged(&classifier.network, &pass.edited, device);
            let errors = regressor.as_ref().map(|judge| {
                let shape = judge.report.mean_shape.expect("a landmark judge has a mean shape");
                let on = |values: &[f32]| pass.nme(&judge.network, values, data, device);
                (on(&pass.input), on(&pass.edited), pass.nme_of(shape, data))
            });
            for (i, face) in faces.iter().enumerate() {
                let nme = errors.as_ref().map(|(a, b, c)| (a[i], b[i], c[i]));
                rows.push(pass.row(i, *face, direction, (before[i], after[i]), nme));
            }
        }
    }

    let labelled = |face: &usize| data.faces[*face].landmarks.is_some();
    let test = data.split.test_negative.iter().chain(&data.split.test_positive);
    let refused = match regressor {
        Some(_) => test.filter(|face| !labelled(face)).count(),
        None => 0,
    };
    let landmark_figures = regressor.map(|judge| judge.report.figures).unwrap_or_default();
    let judge_figures = classifier.report.figures;
    let summary = Summary::of(run.data.attribute, &rows, judge_figures, landmark_figures, refused);
    write(dir, &rows, &summary)?;
    Ok(summary)
}

fn write(dir: &Path, rows: &[Row], summary: &Summary) -> Result<(), EvalError> {
    let fail = |path: &Path| {
        let path = path.to_owned();
        move |source| EvalError::Write { path, source }
    };
    std::fs::create_dir_all(dir).map_err(fail(dir))?;
    let table = dir.join("images.csv");
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows.iter()
        .try_for_each(|row| writer.serialize(row))
        .map_err(std::io::Error::other)
        .map_err(fail(&table))?;
    let bytes = writer.into_inner().expect("writing to memory does not fail");
    proof::write_atomic(&table, &bytes).map_err(fail(&table))?;
    let file = dir.join("summary.json");
    let text = serde_json::to_vec_pretty(summary).expect("a summary is plain JSON");
    proof::write_atomic(&file, &text).map_err(fail(&file))
}

/// One batch, there and back, on the host.
struct Pass<'a> {
    run: &'a RunConfig,
    data: &'a Prepared,
    faces: &'a [usize],
    /// NCHW in [-1, 1].
    input: Vec<f32>,
    /// The same, clamped and rounded to 8 bits.
    edited: Vec<f32>,
    /// The way back.
    back: Vec<f32>,
}

impl<'a> Pass<'a> {
    fn new(
        run: &'a RunConfig,
        data: &'a Prepared,
        device: &Device,
        faces: &'a [usize],
        forth: &Generator,
        back: &Generator,
    ) -> Self {
        let size = run.data.size;
        let mut input = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut input);
        let x = from_pixels(input.clone(), size, device);
        let edited = forth.forward(x, Mode::Eval).edited;
        let returned = to_pixels(back.forward(edited.clone(), Mode::Eval).edited);
        let edited = to_pixels(edited).into_iter().map(as_seen).collect();
        Pass { run, data, faces, input, edited, back: returned }
    }

    fn image_values(&self) -> usize {
        3 * self.run.data.size * self.run.data.size
    }

    fn judged(
        &self,
        judge: &model::AttributeClassifier,
        values: &[f32],
        device: &Device,
    ) -> Vec<[f32; 6]> {
        judges::probabilities(judge, values.to_vec(), self.run.data.size, device)
    }

    fn nme(
        &self,
        judge: &model::LandmarkRegressor,
        values: &[f32],
        data: &Prepared,
        device: &Device,
    ) -> Vec<Option<f64>> {
        let size = self.run.data.size;
        let (moved, truths) = judges::disturbed(values, self.faces, data, size);
        let found = judges::detect(judge, moved, size, device);
        found.iter().zip(truths).map(|(p, t)| landmarks::nme(p, &t?)).collect()
    }

    fn nme_of(&self, shape: landmarks::Points, data: &Prepared) -> Vec<Option<f64>> {
        let size = self.run.data.size;
        self.faces
            .iter()
            .map(|face| {
                let face = &data.faces[*face];
                let similarity = crate::jitter::Similarity::of_test_image(&face.id, size);
                landmarks::nme(&shape, &similarity.points(&face.landmarks?, size))
            })
            .collect()
    }

    fn row(
        &self,
        i: usize,
        face: usize,
        direction: Direction,
        (before, after): ([f32; 6], [f32; 6]),
        nme: Option<(Option<f64>, Option<f64>, Option<f64>)>,
    ) -> Row {
        let (size, attribute) = (self.run.data.size, self.run.data.attribute);
        let values = self.image_values();
        let of = |all: &'_ [f32]| all[i * values..][..values].to_vec();
        let (input, edited, back) = (of(&self.input), of(&self.edited), of(&self.back));
        let record = &self.data.faces[face];
        let target = attribute.index();
        let wanted = direction == Direction::Add;
        let (energy, share) = match record.landmarks {
            Some(points) => {
                let mask = data::region(attribute, &points, size);
                let (energy, share) = energy_inside(&input, &edited, &mask);
                (energy, Some(share))
            }
            None => (None, None),
        };
        let truth = self.data.truth(face, attribute);
        let compare = |metric: &dyn Fn(&[u8], &[u8]) -> f64, image: &[f32]| {
            truth.as_ref().map(|truth| metric(&interleaved(image, size), truth))
        };
        let capped = |a: &[u8], b: &[u8]| psnr(a, b).min(PSNR_CAP);
        let similarity = |a: &[u8], b: &[u8]| ssim(a, b, size);
        let (psnr_identity, psnr) = (compare(&capped, &input), compare(&capped, &edited));
        let (ssim_identity, ssim) = (compare(&similarity, &input), compare(&similarity, &edited));
        let difference = |a: Option<f64>, b: Option<f64>| Some(a? - b?);
        let (nme_input, nme_edited, nme_mean_shape) = nme.unwrap_or((None, None, None));
        Row {
            image: record.id.clone(),
            direction: if wanted { "add" } else { "remove" }.to_owned(),
            judge_score_input: f64::from(before[target]),
            judge_score_edited: f64::from(after[target]),
            success: u8::from((after[target] > 0.5) == wanted),
            preservation: preservation(attribute, &record.labels, &before, &after),
            residual_l1: mean_difference(&input, &edited),
            residual_energy_in_region: energy,
            region_share: share,
            cycle_l1: mean_difference(&input, &back),
            psnr_gain: difference(psnr, psnr_identity),
            psnr_identity,
            psnr,
            ssim_gain: difference(ssim, ssim_identity),
            ssim_identity,
            ssim,
            landmark_gain: difference(nme_input, nme_edited),
            nme_input,
            nme_edited,
            nme_mean_shape,
        }
    }
}

/// A value as an 8-bit image holds it, back in [-1, 1].
fn as_seen(value: f32) -> f32 {
    ((value + 1.0) * 127.5).round().clamp(0.0, 255.0) / 127.5 - 1.0
}

fn interleaved(planes: &[f32], size: usize) -> Vec<u8> {
    let plane = size * size;
    (0..3 * plane)
        .map(|i| ((planes[(i % 3) * plane + i / 3] + 1.0) * 127.5).round().clamp(0.0, 255.0) as u8)
        .collect()
}

fn mean_difference(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from((a - b).abs())).sum::<f64>() / a.len() as f64
}

/// Share of the squared change inside the mask (`None` if nothing changed), and the mask's share
/// of the image.
fn energy_inside(input: &[f32], edited: &[f32], mask: &[bool]) -> (Option<f64>, f64) {
    let (mut inside, mut total) = (0.0, 0.0);
    for (i, (a, b)) in input.iter().zip(edited).enumerate() {
        let square = f64::from((a - b).powi(2));
        total += square;
        if mask[i % mask.len()] {
            inside += square;
        }
    }
    let share = mask.iter().filter(|inside| **inside).count() as f64 / mask.len() as f64;
    ((total > 0.0).then(|| inside / total), share)
}

fn preservation(
    attribute: Attribute,
    labels: &[Option<bool>; 6],
    before: &[f32; 6],
    after: &[f32; 6],
) -> Option<f64> {
    let others = Attribute::ALL
        .iter()
        .filter(|other| **other != attribute && labels[other.index()].is_some());
    let kept: Vec<bool> =
        others.map(|o| (before[o.index()] > 0.5) == (after[o.index()] > 0.5)).collect();
    (!kept.is_empty()).then(|| kept.iter().filter(|kept| **kept).count() as f64 / kept.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn energy_is_counted_inside_the_mask_over_all_channels() {
        // Two pixels, three channels; the change is 1 inside in each channel, 2 outside in one.
        let input = [0.0; 6];
        let edited = [1.0, 2.0, 1.0, 0.0, 1.0, 0.0];
        let (energy, share) = energy_inside(&input, &edited, &[true, false]);
        assert_eq!((energy, share), (Some(3.0 / 7.0), 0.5));
        assert_eq!(energy_inside(&input, &input, &[true, false]).0, None);
    }

    #[test]
    fn preservation_ignores_the_target_and_unlabelled_attributes() {
        let labels = [Some(true), Some(true), None, Some(false), None, None];
        let before = [0.9, 0.9, 0.9, 0.1, 0.9, 0.9];
        let after = [0.1, 0.8, 0.1, 0.7, 0.1, 0.1];
        assert_eq!(preservation(Attribute::Eyeglasses, &labels, &before, &after), Some(0.5));
    }

    #[test]
    fn an_image_as_seen_is_rounded_to_eight_bits() {
        assert_eq!((as_seen(1.7), as_seen(-1.2)), (1.0, -1.0));
        assert_eq!(as_seen(0.001), 128.0 / 127.5 - 1.0);
    }
}
