//! The ensemble of regression trees on face crops.

use std::path::Path;

use config::RunConfig;
use data::{Prepared, mirrored};
use ert::{Ert, GreyImage, Rect, Sample};
use metrics::landmarks::Points;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::detector::{Detector, DetectorRow, Lesson, Made, Moved, Role};
use super::ensemble_image::{ENLARGE, grey};
use crate::jitter::{Jitter, to_enlarged, to_original};
use crate::judges::{JudgeError, Key, Known, cached};

/// The row of the catalogue.
pub(super) const ERT: DetectorRow = DetectorRow {
    name: "ert",
    doc: "Cascade of regression trees (Kazemi and Sullivan 2014).",
    learns: true,
    role: Role::Plain,
    make,
};

/// Similarities per training image at most; the starts are spread over them.
const COPIES: usize = 4;

/// A trained ensemble.
struct Ensemble(Ert);

impl Detector for Ensemble {
    fn detect(&self, faces: &Moved) -> Vec<Points> {
        let rect = whole(faces.size);
        let of = |image: &GreyImage| {
            let found = self.0.detect(image, &rect);
            std::array::from_fn(|k| to_original(found[k], ENLARGE))
        };
        faces.grey.iter().map(of).collect()
    }
}

/// The box of a face is the crop.
fn whole(size: usize) -> Rect {
    let last = (size * ENLARGE - 1) as f32;
    Rect { left: 0.0, top: 0.0, right: last, bottom: last }
}

fn make(lesson: &Lesson<'_>) -> Result<Made, JudgeError> {
    let Lesson { on, faces, run, data, cache, .. } = *lesson;
    let e = &run.eval;
    let settings = format!(
        "{}|{}|{}|{}",
        e.ert_cascade_depth, e.ert_trees, e.ert_tree_depth, e.ert_oversampling
    );
    let key = Key::new(run, data).faces(data, faces).settings(&settings);
    let name = format!("ert-{}", on.name());
    let read = |path: &Path| {
        let bytes = std::fs::read(path).map_err(|e| e.to_string())?;
        let ensemble = Ert::from_bytes(&bytes).map_err(|e| e.to_string())?;
        match ensemble.points() {
            5 => Ok(Ensemble(ensemble)),
            n => Err(format!("it finds {n} points, not 5")),
        }
    };
    let train = || Ok(train(&name, faces, run, data)?.to_bytes());
    let Known { judge, id } = cached(cache, (&name, "ert"), &key, read, train)?;
    Ok((Box::new(judge), Some(id)))
}

fn train(
    name: &str,
    faces: &[usize],
    run: &RunConfig,
    data: &Prepared,
) -> Result<Ert, ert::ErtError> {
    let e = &run.eval;
    let size = run.data.size;
    let copies = COPIES.min(e.ert_oversampling);
    let mut rng = ChaCha8Rng::seed_from_u64(e.judge_seed + 3);
    let (mut images, mut samples) = (Vec::new(), Vec::new());
    for &face in faces {
        let Some(landmarks) = data.faces[face].landmarks else { continue };
        for _ in 0..copies {
            let flip = run.data.flip && rng.random_bool(0.5);
            let similarity = Jitter::draw(&mut rng, size, 1.0);
            let mut planes = Vec::new();
            data::gather(&data.images, &[face], &[flip], &mut planes);
            let points = if flip { mirrored(&landmarks, size) } else { landmarks };
            let points = similarity.points(&points, size);
            let shape = points.iter().map(|point| to_enlarged(*point, ENLARGE)).collect();
            samples.push(Sample { image: images.len(), rect: whole(size), shape });
            images.push(grey(&planes, &similarity, size));
        }
    }
    let options = ert::Options {
        cascade_depth: e.ert_cascade_depth,
        trees_per_cascade: e.ert_trees,
        tree_depth: e.ert_tree_depth,
        oversampling: e.ert_oversampling.div_ceil(copies),
        seed: e.judge_seed,
        ..ert::Options::default()
    };
    ert::train(&images, &samples, &options, &|done, total| {
        if done.is_multiple_of(e.ert_trees) {
            tracing::info!("{name}: tree {done} of {total}");
        }
    })
}
