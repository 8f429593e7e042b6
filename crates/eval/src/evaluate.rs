//! Both directions over every image of the part that is judged.

use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::Device;
use config::RunConfig;
use data::{Prepared, Styles};
use metrics::pixels::planar;
use model::Generator;
use record::Judged as JudgedBy;
use record::tables::{FILES, Summary};

use crate::batch::{Batch, Tables};
use crate::calibration::calibration;
use crate::judges::JudgeError;
use crate::kind::EditKind;
use crate::landmarks::{Headline, Trial};
use crate::means::{self, Qualities};
use crate::panel::Judges;
use crate::pass::Pass;
use crate::people::Gallery;
use crate::refusal;
use crate::tables::{csv, images};

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

/// Whose images are judged, in words that stand before "images".
fn judged_part(run: &RunConfig) -> String {
    let part = run.eval.part.name();
    let source = run.eval.source.0.map(|source| format!("{} ", source.row().title));
    format!("{}{part}", source.unwrap_or_default())
}

/// Faces of the judged part that the attribute can be drawn on, where no true edit is known otherwise.
fn drawable(run: &RunConfig, data: &Prepared, negative: &[usize]) -> Vec<usize> {
    let attribute = &run.data.attribute;
    let can = |face: &usize| {
        data.truth(*face, attribute).is_none()
            && attribute.can_be_drawn()
            && data.points(*face).is_some()
    };
    negative.iter().copied().filter(can).collect()
}

/// Their images with the attribute drawn on.
fn worn(run: &RunConfig, data: &Prepared, faces: &[usize]) -> Vec<f32> {
    let attribute = &run.data.attribute;
    let image = |face: &usize| data.worn(*face, attribute, Styles::Test, 0);
    faces.iter().filter_map(image).flat_map(|bytes| planar(&bytes)).collect()
}

/// Judges G0 and G1, which compute on `device`, on every image of `eval.part`; judges compute on
/// `judging`. They learn from `own`, the data that trained; `data` are the faces that are judged: the
/// same, or those of `eval.source` with labels in the columns of `own`.
///
/// # Errors
/// A judge cannot be had.
pub fn evaluate(
    run: &RunConfig,
    (own, data): (&Prepared, &Prepared),
    (g0, g1): (&Generator, &Generator),
    (device, judging): (&Device, &Device),
    cache: &Path,
) -> Result<Judgement, EvalError> {
    let judges = Judges::load(run, own, judging, cache)?;
    let [negative, positive] = data.split.judged(run.eval.part);
    let gallery = judges
        .identity
        .as_ref()
        .map(|judge| Gallery::new(judge, data, [negative, positive], judging));
    let (g0, g1) = (&g0.valid(), &g1.valid());
    let mut tables = Tables::default();
    let mut trial = Trial::new(&judges.detectors, data);
    let drawn = drawable(run, data, negative);
    for (kind, faces, generators) in [
        (EditKind::Remove, positive, (g1, g0)),
        (EditKind::Add, negative, (g0, g1)),
        (EditKind::RemoveDrawn, &drawn[..], (g1, g0)),
    ] {
        for faces in faces.chunks(BATCH) {
            let pass = match kind {
                EditKind::Add | EditKind::Remove => Pass::new(data, faces, generators, device),
                EditKind::RemoveDrawn => {
                    Pass::of(data, faces, worn(run, data, faces), generators, device)
                }
            };
            let batch = Batch { run, data, device: judging, judges: &judges, pass: &pass, kind };
            let truths = batch.truths();
            let headlines = match kind.is_of_real_images() {
                true => trial.batch(&pass, kind == EditKind::Remove, truths.as_deref()),
                false => vec![Headline::default(); faces.len()],
            };
            let kept = gallery.as_ref().map(|gallery| gallery.kept(faces, &pass.edited));
            batch.judge(truths.as_deref(), &headlines, kept.as_deref(), &mut tables);
        }
    }
    let mut judge = tables.accuracy.figures(&run.data.attribute);
    judge.extend(calibration(&judges, run, data, judging));
    let identity = gallery.map(|gallery| gallery.quality()).unwrap_or_default();
    let refusals = refusal::refusals(run, &judge, &identity);
    tables.refuse(&refusals);
    let qualities = Qualities {
        judge,
        robustness: tables.robustness.figures().collect(),
        refused: refusal::reasons(&refusals),
        detectors: trial.quality(),
        identity,
        refusals: trial.refusals.0.clone(),
    };
    let quality = blake3::hash(format!("{qualities:?}").as_bytes()).to_hex().to_string();
    let judged = JudgedBy {
        judging: code::JUDGING.to_owned(),
        judges_code: code::JUDGES.to_owned(),
        part: judged_part(run),
        judges: judges.ids,
        quality,
        ..JudgedBy::default()
    };
    let summary = means::summary(&run.data.attribute, &tables.images, qualities);
    let scores = tables.scores();
    let summary_text = serde_json::to_vec_pretty(&summary).map_err(std::io::Error::other);
    let contents = [
        images(&tables.images),
        csv(&trial.rows),
        csv(&tables.strength),
        csv(&tables.attributes),
        csv(&scores),
        summary_text,
    ];
    Ok(Judgement { summary, judged, contents })
}
