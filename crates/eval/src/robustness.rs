//! How easily a judge of attributes is pushed: verdicts on real images that flip under what changes
//! nothing that they show (Alfarra et al. 2022 fool such metrics with additive noise).

use std::collections::BTreeMap;

use data::Prepared;
use metrics::pixels::as_seen;

use crate::disturbance::{shifted, through_jpeg};
use crate::judges::{Juror, Opinion};
use crate::landmarks::noisy;
use crate::pass::Pass;

/// The names of [`pushed`], in its order.
const PUSHES: [&str; 4] = ["noise", "residual", "jpeg", "shift"];

/// The inputs of a batch, each with noise of its residual's norm, with the residual of the batch's next
/// face, after JPEG at quality 75, and moved by one pixel.
fn pushed(pass: &Pass<'_>, data: &Prepared) -> [Vec<f32>; PUSHES.len()] {
    let count = pass.faces.len();
    let all = |push: &dyn Fn(usize, &[f32]) -> Vec<f32>| -> Vec<f32> {
        (0..count).flat_map(|i| push(i, pass.part(&pass.input, i))).collect()
    };
    let noise = |i: usize, image: &[f32]| -> Vec<f32> {
        let noise = noisy(image, pass.residual(i), &data.faces[pass.faces[i]].id);
        noise.into_iter().map(as_seen).collect()
    };
    let residual = |i: usize, image: &[f32]| -> Vec<f32> {
        let other = pass.residual((i + 1) % count);
        image.iter().zip(other).map(|(x, r)| as_seen(x + r)).collect()
    };
    [
        all(&noise),
        all(&residual),
        all(&|_, image| through_jpeg(image, pass.size)),
        all(&|_, image| shifted(image, pass.size)),
    ]
}

/// Verdicts that flipped, by judge and push, and all.
#[derive(Default)]
pub(crate) struct Robustness {
    flipped: BTreeMap<String, [usize; 2]>,
}

impl Robustness {
    /// Adds a batch of real images, of which judges were of these opinions `before`. `judged` gives a
    /// judge's opinions of others; `verdict` is what one comes to.
    pub(crate) fn add(
        &mut self,
        pass: &Pass<'_>,
        data: &Prepared,
        before: &[Vec<Opinion>; 2],
        judged: impl Fn(Juror, &[f32]) -> Vec<Opinion>,
        verdict: impl Fn(&Opinion) -> bool,
    ) {
        let images = pushed(pass, data);
        for (juror, before) in Juror::ALL.into_iter().zip(before) {
            let before: Vec<bool> = before.iter().map(&verdict).collect();
            for (push, images) in PUSHES.iter().zip(&images) {
                let after: Vec<bool> = judged(juror, images).iter().map(&verdict).collect();
                self.count(&format!("{}flips_{push}", juror.prefix()), &before, &after);
            }
        }
    }

    fn count(&mut self, name: &str, before: &[bool], after: &[bool]) {
        let [flipped, all] = self.flipped.entry(name.to_owned()).or_default();
        *flipped += before.iter().zip(after).filter(|(before, after)| before != after).count();
        *all += before.len();
    }

    /// Shares of flipped verdicts: `flips_noise` and so on, `second_flips_noise` of the second judge.
    pub(crate) fn figures(&self) -> impl Iterator<Item = (String, f64)> {
        let share = |(name, [flipped, all]): (&String, &[usize; 2])| {
            (name.clone(), *flipped as f64 / *all as f64)
        };
        self.flipped.iter().map(share)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_flips_either_way_is_counted_over_all_batches() {
        let mut robustness = Robustness::default();
        robustness.count("flips_jpeg", &[true, true, false], &[true, false, true]);
        robustness.count("flips_jpeg", &[false], &[false]);
        robustness.count("second_flips_jpeg", &[true], &[true]);
        let figures: BTreeMap<String, f64> = robustness.figures().collect();
        assert_eq!((figures["flips_jpeg"], figures["second_flips_jpeg"]), (0.5, 0.0));
    }
}
