//! Whether judges see how complete an edit is: pairs of the judged part, which no judge learned from,
//! and the true change made to a known degree.

use burn::tensor::Device;
use config::RunConfig;
use data::{Prepared, Styles};
use metrics::pixels::{as_seen, planar};

use crate::judges::{Completion, Juror};
use crate::kind::EditKind;
use crate::panel::Judges;

/// The figure's name, before the direction.
pub(crate) const FIGURE: &str = "strict_calibration";
/// Degrees that are no edit, half of one, not yet one.
const INCOMPLETE: [f32; 4] = [0.0, 0.25, 0.5, 0.75];
/// Pairs at most.
const PAIRS: usize = 100;
/// Pairs per forward pass.
const BATCH: usize = 32;

/// A face without the attribute and the same with it, planar.
struct HeldPair {
    without: Vec<f32>,
    with: Vec<f32>,
}

/// Shares of right verdicts, `strict_calibration_remove` and `_add`, with `second_` of the second judge: of the
/// edits that are not complete, and of those that are, averaged. Empty where no truth is known.
pub(crate) fn calibration(
    judges: &Judges,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
) -> Vec<(String, f64)> {
    let pairs = pairs(run, data);
    let right = |juror: Juror, kind: EditKind| {
        // Right and all: of the incomplete, of the complete.
        let mut counts = [[0usize; 2]; 2];
        let wanted = Completion::of(kind.adds()) as usize;
        for pairs in pairs.chunks(BATCH) {
            for degree in INCOMPLETE.into_iter().chain([1.0]) {
                let edited = pairs.iter().flat_map(|pair| pair.edited(degree, kind)).collect();
                for opinion in judges.jury[juror as usize].opinions(edited, run, device) {
                    let complete = metrics::verdict(opinion.completion?[wanted]);
                    let [right, all] = &mut counts[usize::from(degree == 1.0)];
                    *right += usize::from(complete == (degree == 1.0));
                    *all += 1;
                }
            }
        }
        let share = |[right, all]: [usize; 2]| (all > 0).then(|| right as f64 / all as f64);
        Some((share(counts[0])? + share(counts[1])?) / 2.0)
    };
    let figure = |(juror, kind): (Juror, EditKind)| {
        let name = format!("{}{FIGURE}_{}", juror.prefix(), kind.name());
        Some((name, right(juror, kind)?))
    };
    let of = |juror| [EditKind::Remove, EditKind::Add].map(|kind| (juror, kind));
    Juror::ALL.into_iter().flat_map(of).filter_map(figure).collect()
}

impl HeldPair {
    /// The true change made to a degree, as a user would see it.
    fn edited(&self, degree: f32, kind: EditKind) -> Vec<f32> {
        let (from, to) = match kind.adds() {
            true => (&self.without, &self.with),
            false => (&self.with, &self.without),
        };
        from.iter().zip(to).map(|(from, to)| as_seen(from + degree * (to - from))).collect()
    }
}

fn pairs(run: &RunConfig, data: &Prepared) -> Vec<HeldPair> {
    let attribute = &run.data.attribute;
    let image = |face: usize| planar(data.images.image(face));
    let pair = |face: &usize| {
        let drawn = || data.worn(*face, attribute, Styles::Test, 0);
        let with = data.truth(*face, attribute).or_else(drawn)?;
        Some(HeldPair { without: image(*face), with: planar(&with) })
    };
    let [negative, _] = data.split.judged(run.eval.part);
    negative.iter().filter_map(pair).take(PAIRS).collect()
}
