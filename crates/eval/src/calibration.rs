//! Whether judges see how complete an edit is: pairs of the judged part, which no judge learned from,
//! and the true change made to a known degree.

use burn::tensor::Device;
use config::RunConfig;
use data::{Prepared, Styles};
use metrics::pixels::{as_seen, planar};

use crate::judges::{self, Completion, Juror};
use crate::panel::Judges;

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

/// Shares of right verdicts, `strict_calibration` and `second_strict_calibration`: of the edits that are
/// not complete, and of those that are, both ways, averaged. Empty where no truth is known.
pub(crate) fn calibration(
    judges: &Judges,
    run: &RunConfig,
    data: &Prepared,
    device: &Device,
) -> Vec<(String, f64)> {
    let pairs = pairs(run, data);
    if pairs.is_empty() || !judges.strict {
        return Vec::new();
    }
    let of = |juror: Juror| {
        // Right and all: of the incomplete, of the complete.
        let mut counts = [[0usize; 2]; 2];
        for pairs in pairs.chunks(BATCH) {
            for degree in INCOMPLETE.into_iter().chain([1.0]) {
                for adds in [false, true] {
                    let edited = pairs.iter().flat_map(|pair| pair.edited(degree, adds)).collect();
                    let network = &judges.jury[juror as usize];
                    let wanted = Completion::of(adds) as usize;
                    for opinion in judges::opinions(network, edited, run, device) {
                        let complete = metrics::verdict(opinion.completion[wanted]);
                        let [right, all] = &mut counts[usize::from(degree == 1.0)];
                        *right += usize::from(complete == (degree == 1.0));
                        *all += 1;
                    }
                }
            }
        }
        let shares = counts.map(|[right, all]| right as f64 / all as f64);
        (format!("{}strict_calibration", juror.prefix()), shares.iter().sum::<f64>() / 2.0)
    };
    Juror::ALL.map(of).into()
}

impl HeldPair {
    /// The true change made to a degree, as a user would see it.
    fn edited(&self, degree: f32, adds: bool) -> Vec<f32> {
        let (from, to) =
            if adds { (&self.without, &self.with) } else { (&self.with, &self.without) };
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
