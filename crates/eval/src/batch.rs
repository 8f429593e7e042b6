//! One batch of edits under judgement.

use burn::tensor::Device;
use config::RunConfig;
use data::Prepared;
use losses::Direction;
use metrics::explained::explained;
use metrics::pixels::{difference, planar};
use metrics::{Edit, EditImages, EditedSet, Judged, Measure, Opinions, catalogue, locality};
use model::{from_pixels, to_pixels};
use record::tables::{AttributeRow, ScoreRow, StrengthRow};

use crate::accuracy::Accuracy;
use crate::attributes::{STRENGTHS, Subject};
use crate::judges::{Completion, Juror, Opinion};
use crate::kind::EditKind;
use crate::landmarks::Headline;
use crate::panel::Judges;
use crate::pass::Pass;
use crate::people::Kept;
use crate::refusal::Refusal;
use crate::robustness::Robustness;
use crate::tables::EditRow;

/// What was found so far.
#[derive(Default)]
pub(crate) struct Tables {
    pub(crate) images: Vec<EditRow>,
    pub(crate) strength: Vec<StrengthRow>,
    pub(crate) attributes: Vec<AttributeRow>,
    pub(crate) accuracy: Accuracy,
    pub(crate) robustness: Robustness,
    features: Features,
}

/// Features of the attribute network: `[input, edited]` of each direction, row after row.
#[derive(Default)]
struct Features {
    width: usize,
    remove: [Vec<f32>; 2],
    add: [Vec<f32>; 2],
}

impl Tables {
    /// Leaves out what judges that are refused say of success.
    pub(crate) fn refuse(&mut self, refusals: &[Refusal]) {
        self.images.iter_mut().for_each(|row| row.refuse(refusals));
        for row in &mut self.strength {
            let is = |column: &str| refusals.iter().any(|r| r.is_of(column, &row.direction));
            let (plain, strict) = (is("success"), is("success_strict"));
            row.success = row.success.filter(|_| !plain);
            row.success_strict = row.success_strict.filter(|_| !strict);
        }
    }

    /// The metrics of whole sets: of the edited images against the real test images of the class that
    /// was aimed at.
    pub(crate) fn scores(&self) -> Vec<ScoreRow> {
        let Features { width, remove, add } = &self.features;
        let mut scores = Vec::new();
        for (direction, [input, edited], target) in
            [(Direction::Remove, remove, &add[0]), (Direction::Add, add, &remove[0])]
        {
            let set = EditedSet { width: *width, input, edited, target };
            let score = |metric: &metrics::Metric| match metric.measure {
                Measure::Set(of) => Some((metric.name, of(&set)?)),
                Measure::Image(_) => None,
            };
            let row = |(metric, value): (&'static str, f64)| ScoreRow {
                metric: metric.into(),
                direction: direction.name().into(),
                value,
            };
            scores.extend(catalogue::METRICS.iter().filter_map(score).map(row));
        }
        scores
    }
}

/// One batch of one direction.
pub(crate) struct Batch<'a> {
    pub(crate) run: &'a RunConfig,
    pub(crate) data: &'a Prepared,
    pub(crate) device: &'a Device,
    pub(crate) judges: &'a Judges,
    pub(crate) pass: &'a Pass<'a>,
    pub(crate) kind: EditKind,
}

impl Batch<'_> {
    /// The true edits, planar in [-1, 1]; `None` on photographs that nothing was drawn on.
    pub(crate) fn truths(&self) -> Option<Vec<Vec<f32>>> {
        let truth = |face: &usize| match self.kind {
            EditKind::RemoveDrawn => Some(self.data.images.image(*face).to_vec()),
            EditKind::Add | EditKind::Remove => self.data.truth(*face, &self.run.data.attribute),
        };
        self.pass.faces.iter().map(|face| truth(face).map(|bytes| planar(&bytes))).collect()
    }

    fn judged(&self, juror: Juror, values: &[f32]) -> Vec<Opinion> {
        self.judges.jury[juror as usize].opinions(values.to_vec(), self.run, self.device)
    }

    fn features(&self, values: &[f32]) -> Vec<f32> {
        let x = from_pixels(values.to_vec(), self.pass.size, self.device);
        to_pixels(self.judges.jury[0].features(x))
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
    pub(crate) fn judge(
        &self,
        truths: Option<&[Vec<f32>]>,
        headlines: &[Headline],
        kept: Option<&[Kept]>,
        tables: &mut Tables,
    ) {
        let pass = self.pass;
        self.keep_features(&mut tables.features);
        let before = Juror::ALL.map(|juror| self.judged(juror, &pass.input));
        self.try_judges(&before, tables);
        let (list, [before, _]) = (&self.judges.attributes, before);
        let target = list.target(self.run);
        let labels: Vec<_> = pass.faces.iter().map(|face| self.labels(*face)).collect();
        let subject = |i: usize| Subject {
            image: &self.data.faces[pass.faces[i]].id,
            kind: self.kind,
            attributes: &list.attributes,
            judged: Judged {
                target,
                adds: self.kind.adds(),
                labels: &labels[i],
                before: &before[i].attributes,
            },
        };
        let subjects: Vec<Subject<'_>> = (0..pass.faces.len()).map(subject).collect();
        for g in STRENGTHS {
            let edited = pass.at_strength(g);
            for (i, after) in self.judged(Juror::First, &edited).iter().enumerate() {
                let input = pass.part(&pass.input, i);
                let change = difference(pass.part(&edited, i), input);
                let share = truths.and_then(|truths| {
                    Some(explained(&change, &difference(&truths[i], input), None)?.explained)
                });
                let verdict = (&after.attributes[..], self.complete(after));
                let size = locality::mean_l1(&change);
                tables.strength.push(subjects[i].at(g, verdict, share, size));
            }
        }
        let [after, second] = Juror::ALL.map(|juror| self.judged(juror, &pass.edited));
        let opinions = self.opinions(truths, headlines, kept);
        for (i, (subject, opinions)) in subjects.iter().zip(opinions).enumerate() {
            let opinions = Opinions {
                complete: self.complete(&after[i]),
                complete_second: self.complete(&second[i]),
                score_second: Some(f64::from(second[i].attributes[target])),
                ..opinions
            };
            tables.attributes.extend(subject.rows(&after[i].attributes));
            let region = self.region(i);
            let images = EditImages {
                size: pass.size,
                input: pass.part(&pass.input, i),
                edited: pass.part(&pass.edited, i),
                back: pass.part(&pass.back, i),
                back_after: pass.back_after.each_ref().map(|back| pass.part(back, i)),
                truth: truths.map(|truths| truths[i].as_slice()),
                region: region.as_deref(),
            };
            let edit = Edit::new(images, subject.judged, &after[i].attributes, opinions);
            tables.images.push(EditRow::of(subject.image, subject.kind, &edit));
        }
    }

    /// Labels of a face as it is shown, by the places of the judged attributes.
    fn labels(&self, face: usize) -> Vec<Option<bool>> {
        let mut labels = self.judges.attributes.labels(self.data, face);
        if self.kind == EditKind::RemoveDrawn {
            labels[self.judges.attributes.target(self.run)] = Some(true);
        }
        labels
    }

    /// Notes what judges are worth, by their opinions of the inputs.
    fn try_judges(&self, opinions: &[Vec<Opinion>; 2], tables: &mut Tables) {
        let (pass, list) = (self.pass, &self.judges.attributes);
        let target = list.target(self.run);
        for (juror, opinions) in Juror::ALL.into_iter().zip(opinions) {
            for (face, opinion) in pass.faces.iter().zip(opinions) {
                match self.kind.is_of_real_images() {
                    true => {
                        let labels = self.labels(*face);
                        tables.accuracy.add(juror, &list.attributes, &labels, opinion);
                    }
                    false => tables.accuracy.add_drawn(juror, opinion.attributes[target]),
                }
            }
        }
        if self.kind.is_of_real_images() {
            let judged = |juror: Juror, values: &[f32]| self.judged(juror, values);
            let shows = Completion::of(!self.kind.adds());
            let verdict = |opinion: &Opinion| match opinion.completion {
                Some(states) => metrics::verdict(states[shows as usize]),
                None => metrics::verdict(opinion.attributes[target]),
            };
            tables.robustness.add(pass, self.data, opinions, judged, verdict);
        }
    }

    /// The probability that the edit is complete.
    fn complete(&self, opinion: &Opinion) -> Option<f64> {
        let wanted = Completion::of(self.kind.adds());
        opinion.completion.map(|states| f64::from(states[wanted as usize]))
    }

    fn keep_features(&self, features: &mut Features) {
        let of_direction = match self.kind {
            EditKind::Remove => &mut features.remove,
            EditKind::Add => &mut features.add,
            EditKind::RemoveDrawn => return,
        };
        for (list, values) in of_direction.iter_mut().zip([&self.pass.input, &self.pass.edited]) {
            let found = self.features(values);
            features.width = found.len() / self.pass.faces.len();
            list.extend(found);
        }
    }

    /// The pixels in which the edit of an image belongs.
    fn region(&self, image: usize) -> Option<Vec<bool>> {
        let points = self.data.points(self.pass.faces[image])?;
        Some(data::region(self.run.region()?, &points, self.pass.size))
    }

    /// How far the face of an image is turned, where its points are known.
    fn yaw(&self, image: usize) -> Option<f64> {
        let points = self.data.faces[self.pass.faces[image]].landmarks?;
        data::yaw(&points).map(f64::from)
    }

    /// What judges but the attribute judge say, image by image.
    fn opinions(
        &self,
        truths: Option<&[Vec<f32>]>,
        headlines: &[Headline],
        kept: Option<&[Kept]>,
    ) -> Vec<Opinions> {
        let pass = self.pass;
        let lpips_input = self.lpips(&pass.edited, &pass.input);
        let all_truths: Option<Vec<f32>> = truths.map(<[Vec<f32>]>::concat);
        let to_truth = |values: &[f32]| match &all_truths {
            Some(truths) => self.lpips(values, truths),
            None => vec![None; pass.faces.len()],
        };
        let (lpips_identity, lpips) = (to_truth(&pass.input), to_truth(&pass.edited));
        let opinion = |(i, headline): (usize, &Headline)| Opinions {
            lpips_input: lpips_input[i],
            lpips_identity: lpips_identity[i],
            lpips: lpips[i],
            identity_cosine: kept.map(|kept| kept[i].cosine),
            identity_kept: kept.and_then(|kept| kept[i].nearest),
            nme_input: headline.input,
            nme_edited: headline.edited,
            nme_mean_shape: headline.mean_shape,
            yaw: self.yaw(i),
            ..Opinions::default()
        };
        headlines.iter().enumerate().map(opinion).collect()
    }
}
