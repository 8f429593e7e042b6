//! Both directions over every test image.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use config::{Attribute, RunConfig};
use data::Prepared;
use losses::Direction;
use metrics::{fidelity, locality, sets};
use model::lpips::Lpips;
use model::{AttributeClassifier, Generator, from_pixels, to_pixels};
use record::tables::{AttributeRow, EditRow, FILES, ScoreRow, StrengthRow, Summary};
use record::{JudgeId, Judged as JudgedBy};

use crate::attributes::{self, Judged, STRENGTHS};
use crate::judges::{self, IdentityJudge, JudgeError};
use crate::landmarks::{self, Headline, Trained, Trial};
use crate::means::{self, Qualities};
use crate::pass::{Pass, interleaved, planar};
use crate::people::{Gallery, Kept};
use crate::tables::csv;

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
/// Seed of the subsets that the kernel distance draws from large sets.
const SUBSETS: u64 = 1;

/// What judging a cell found, not written yet.
pub struct Judgement {
    summary: Summary,
    /// What judged, but for program and keys, which the caller knows.
    judged: JudgedBy,
    /// The content of [`FILES`], in their order.
    contents: [Result<Vec<u8>, std::io::Error>; FILES.len()],
}

impl Judgement {
    /// What judged: judges, their quality and the code; commit and keys are the caller's to add.
    pub fn judged(&self) -> &JudgedBy {
        &self.judged
    }

    /// Writes [`FILES`] into `dir`; gives the summary.
    ///
    /// # Errors
    /// The directory cannot be written.
    pub fn write(self, dir: &Path) -> Result<Summary, EvalError> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| EvalError::Write { path, source }
        };
        std::fs::create_dir_all(dir).map_err(fail(dir))?;
        for (name, bytes) in FILES.into_iter().zip(self.contents) {
            let path = dir.join(name);
            let bytes = bytes.map_err(fail(&path))?;
            // No landmarks, no table of landmarks.
            if !bytes.is_empty() {
                record::write_synced(&path, &bytes).map_err(fail(&path))?;
            }
        }
        Ok(self.summary)
    }
}

/// Judges G0 and G1, which compute on `device`, on every test image; judges compute on `judging`.
///
/// # Errors
/// A judge cannot be had.
pub fn evaluate(
    run: &RunConfig,
    data: &Prepared,
    (g0, g1): (&Generator, &Generator),
    (device, judging): (&Device, &Device),
    cache: &Path,
) -> Result<Judgement, EvalError> {
    let judges = Judges::load(run, data, judging, cache)?;
    let gallery = judges.identity.as_ref().map(|judge| Gallery::new(judge, data, judging));
    let (g0, g1) = (&g0.valid(), &g1.valid());
    let mut tables = Tables::default();
    let mut trial = Trial::new(&judges.detectors, data);
    for (direction, faces, generators) in [
        (Direction::Remove, &data.split.test_positive, (g1, g0)),
        (Direction::Add, &data.split.test_negative, (g0, g1)),
    ] {
        for faces in faces.chunks(BATCH) {
            let pass = Pass::new(data, faces, generators, device);
            let batch =
                Batch { run, data, device: judging, judges: &judges, pass: &pass, direction };
            let truths = batch.truths();
            let headlines = trial.batch(&pass, direction == Direction::Remove, truths.as_deref());
            let kept = gallery.as_ref().map(|gallery| gallery.kept(faces, &pass.edited));
            batch.judge(truths.as_deref(), &headlines, kept.as_deref(), &mut tables);
        }
    }
    let qualities = Qualities {
        judge: attributes::accuracy(run.data.attribute, &tables.attributes),
        detectors: trial.quality(),
        identity: gallery.map(|gallery| gallery.quality()).unwrap_or_default(),
        refusals: trial.refusals.0.clone(),
    };
    let quality = blake3::hash(format!("{qualities:?}").as_bytes()).to_hex().to_string();
    let judged = JudgedBy {
        judging: code::JUDGING.to_owned(),
        judges_code: code::JUDGES.to_owned(),
        judges: judges.ids,
        quality,
        ..JudgedBy::default()
    };
    let summary = means::summary(run.data.attribute, &tables.images, qualities);
    let scores = tables.features.scores();
    let summary_text = serde_json::to_vec_pretty(&summary).map_err(std::io::Error::other);
    let contents = [
        csv(&tables.images),
        csv(&trial.rows),
        csv(&tables.strength),
        csv(&tables.attributes),
        csv(&scores),
        summary_text,
    ];
    Ok(Judgement { summary, judged, contents })
}

/// Everything that judges a cell.
struct Judges {
    classifier: AttributeClassifier,
    detectors: Vec<Trained>,
    identity: Option<IdentityJudge>,
    lpips: Option<Lpips>,
    /// Who they are, sorted by name.
    ids: Vec<JudgeId>,
}

impl Judges {
    fn load(
        run: &RunConfig,
        data: &Prepared,
        device: &Device,
        cache: &Path,
    ) -> Result<Judges, JudgeError> {
        let mut ids = Vec::new();
        let lpips = match run.eval.lpips_weights.as_str() {
            "" => None,
            path => {
                let (key, path) = ("eval.lpips_weights", Path::new(path));
                ids.push(judges::foreign(key, "lpips", path)?);
                let loaded = Lpips::load(path, device);
                Some(loaded.map_err(|source| JudgeError::Weights { key, source })?)
            }
        };
        let classifier = judges::classifier(run, data, device, cache)?;
        let detectors = landmarks::all(run, data, device, cache)?;
        let identity = judges::identity(run, data, device, cache)?;
        ids.push(classifier.id);
        ids.extend(detectors.iter().filter_map(|trained| trained.id.clone()));
        ids.extend(identity.as_ref().map(|identity| identity.id.clone()));
        ids.sort();
        let (classifier, identity) = (classifier.judge, identity.map(|identity| identity.judge));
        Ok(Judges { classifier, detectors, identity, lpips, ids })
    }
}

/// What was found so far.
#[derive(Default)]
struct Tables {
    images: Vec<EditRow>,
    strength: Vec<StrengthRow>,
    attributes: Vec<AttributeRow>,
    features: Features,
}

/// Features of the attribute network: `[input, edited]` of each direction, row after row.
#[derive(Default)]
struct Features {
    width: usize,
    remove: [Vec<f32>; 2],
    add: [Vec<f32>; 2],
}

impl Features {
    /// Frechet and kernel distance of the edited images, and of the untouched ones beside them, to
    /// the real test images of the class that was aimed at.
    fn scores(&self) -> Vec<ScoreRow> {
        let (width, mut scores) = (self.width, Vec::new());
        for (direction, [input, edited], target) in
            [("remove", &self.remove, &self.add[0]), ("add", &self.add, &self.remove[0])]
        {
            let row = |metric: &'static str, value| ScoreRow {
                metric: metric.into(),
                direction: direction.into(),
                value,
            };
            for (images, frechet, kernel) in [
                (edited, "fid_attribute_net", "kid_attribute_net"),
                (input, "fid_attribute_net_identity", "kid_attribute_net_identity"),
            ] {
                let distance = sets::frechet(images, target, width);
                scores.extend(distance.map(|value| row(frechet, value)));
                let distance = sets::kernel_distance(images, target, width, SUBSETS);
                scores.extend(distance.map(|distance| row(kernel, distance.mean)));
            }
        }
        scores
    }
}

/// One batch under judgement.
struct Batch<'a> {
    run: &'a RunConfig,
    data: &'a Prepared,
    device: &'a Device,
    judges: &'a Judges,
    pass: &'a Pass<'a>,
    direction: Direction,
}

impl Batch<'_> {
    fn name(&self) -> &'static str {
        if self.direction == Direction::Add { "add" } else { "remove" }
    }

    /// The true edits, planar in [-1, 1]; `None` on photographs.
    fn truths(&self) -> Option<Vec<Vec<f32>>> {
        let truth = |face: &usize| self.data.truth(*face, self.run.data.attribute);
        self.pass.faces.iter().map(|face| truth(face).map(|bytes| planar(&bytes))).collect()
    }

    fn judged(&self, values: &[f32]) -> Vec<[f32; 6]> {
        let network = &self.judges.classifier;
        judges::probabilities(network, values.to_vec(), self.pass.size, self.device)
    }

    fn features(&self, values: &[f32]) -> Vec<f32> {
        let x = from_pixels(values.to_vec(), self.pass.size, self.device);
        to_pixels(self.judges.classifier.features(x))
    }

    /// LPIPS distances between two lists of images; one `None` per image without weights.
    fn lpips(&self, a: &[f32], b: &[f32]) -> Vec<Option<f64>> {
        let tensor = |v: &[f32]| from_pixels(v.to_vec(), self.pass.size, self.device);
        match &self.judges.lpips {
            Some(lpips) => lpips.distance(tensor(a), tensor(b)).into_iter().map(Some).collect(),
            None => vec![None; self.pass.faces.len()],
        }
    }

    /// Adds the batch to every table.
    fn judge(
        &self,
        truths: Option<&[Vec<f32>]>,
        headlines: &[Headline],
        kept: Option<&[Kept]>,
        tables: &mut Tables,
    ) {
        let pass = self.pass;
        let before = self.judged(&pass.input);
        let features = match self.direction {
            Direction::Remove => &mut tables.features.remove,
            Direction::Add => &mut tables.features.add,
        };
        for (list, values) in features.iter_mut().zip([&pass.input, &pass.edited]) {
            let found = self.features(values);
            tables.features.width = found.len() / pass.faces.len();
            list.extend(found);
        }

        let judged: Vec<Judged<'_>> = (0..pass.faces.len())
            .map(|i| {
                let face = &self.data.faces[pass.faces[i]];
                Judged {
                    image: &face.id,
                    direction: self.name(),
                    target: self.run.data.attribute,
                    labels: &face.labels,
                    before: &before[i],
                }
            })
            .collect();
        for g in STRENGTHS {
            let edited = pass.at_strength(g);
            for (i, after) in self.judged(&edited).iter().enumerate() {
                let change = difference(pass.part(&edited, i), pass.part(&pass.input, i));
                tables.strength.push(judged[i].at(g, after, locality::mean_l1(&change)));
            }
        }
        let after = self.judged(&pass.edited);
        let lpips_input = self.lpips(&pass.edited, &pass.input);
        let all_truths: Option<Vec<f32>> = truths.map(<[Vec<f32>]>::concat);
        let to_truth = |values: &[f32]| match &all_truths {
            Some(truths) => self.lpips(values, truths),
            None => vec![None; pass.faces.len()],
        };
        let (lpips_identity, lpips) = (to_truth(&pass.input), to_truth(&pass.edited));
        for (i, judged) in judged.iter().enumerate() {
            tables.attributes.extend(judged.rows(&after[i]));
            let mut row = self.row(i, judged, &after[i], truths.map(|truths| truths[i].as_slice()));
            row.lpips_input = lpips_input[i];
            row.lpips_identity = lpips_identity[i];
            row.lpips = lpips[i];
            row.lpips_gain = minus(lpips_identity[i], lpips[i]);
            row.identity_cosine = kept.map(|kept| kept[i].cosine);
            row.identity_kept = kept.and_then(|kept| kept[i].nearest).map(f64::from);
            let Headline { input, edited, mean_shape } = headlines[i];
            (row.nme_input, row.nme_edited, row.nme_mean_shape) = (input, edited, mean_shape);
            row.landmark_gain = minus(input, edited);
            tables.images.push(row);
        }
    }

    /// What pixels and attributes say of one image.
    fn row(
        &self,
        i: usize,
        judged: &Judged<'_>,
        after: &[f32; 6],
        truth: Option<&[f32]>,
    ) -> EditRow {
        let pass = self.pass;
        let size = pass.size;
        let target: Attribute = judged.target;
        let (input, edited) = (pass.part(&pass.input, i), pass.part(&pass.edited, i));
        let change = difference(edited, input);
        let mask = self.data.faces[pass.faces[i]]
            .landmarks
            .map(|points| data::region(target, &points, size));
        let share = |mask: &Vec<bool>| {
            mask.iter().filter(|inside| **inside).count() as f64 / mask.len() as f64
        };
        let (input_bytes, edited_bytes) = (interleaved(input), interleaved(edited));
        let truth_bytes = truth.map(interleaved);
        let psnr = |a: &[u8], b: &[u8]| fidelity::psnr(a, b).min(fidelity::PSNR_CAP);
        let ssim = |a: &[u8], b: &[u8]| fidelity::ssim(a, b, size);
        let ms_ssim = |a: &[u8], b: &[u8]| fidelity::ms_ssim(a, b, size);
        let near = |metric: &dyn Fn(&[u8], &[u8]) -> f64| {
            let truth = truth_bytes.as_ref();
            let pair = |image: &[u8]| truth.map(|truth| metric(image, truth));
            (pair(&input_bytes), pair(&edited_bytes))
        };
        let (psnr_identity, psnr_truth) = near(&psnr);
        let (ssim_identity, ssim_truth) = near(&ssim);
        let (ms_ssim_identity, ms_ssim_truth) = near(&ms_ssim);
        EditRow {
            image: judged.image.to_owned(),
            direction: judged.direction.into(),
            judge_score_input: f64::from(judged.before[target.index()]),
            judge_score_edited: f64::from(after[target.index()]),
            success: u8::from(judged.success(after)),
            preservation: judged.preservation(after),
            residual_l1: locality::mean_l1(&change),
            residual_l2: locality::rms_l2(&change),
            hoyer: locality::hoyer(&change),
            residual_energy_in_region: mask
                .as_ref()
                .and_then(|mask| locality::energy_inside(&change, mask)),
            region_share: mask.as_ref().map(share),
            change_iou: truth.and_then(|truth| {
                let wanted = difference(truth, input);
                locality::change_iou(&change, &wanted, size * size, locality::CHANGE_THRESHOLD)
            }),
            cycle_l1: locality::mean_l1(&difference(pass.part(&pass.back, i), input)),
            psnr_input: psnr(&edited_bytes, &input_bytes),
            ssim_input: ssim(&edited_bytes, &input_bytes),
            ms_ssim_input: ms_ssim(&edited_bytes, &input_bytes),
            psnr_gain: minus(psnr_truth, psnr_identity),
            psnr_identity,
            psnr: psnr_truth,
            ssim_gain: minus(ssim_truth, ssim_identity),
            ssim_identity,
            ssim: ssim_truth,
            ms_ssim_gain: minus(ms_ssim_truth, ms_ssim_identity),
            ms_ssim_identity,
            ms_ssim: ms_ssim_truth,
            ..EditRow::default()
        }
    }
}

fn difference(a: &[f32], b: &[f32]) -> Vec<f32> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

fn minus(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    Some(a? - b?)
}
