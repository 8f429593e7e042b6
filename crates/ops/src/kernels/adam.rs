//! Adam in one pass over parameter, gradient and moments.

use pulp::Arch;
use rayon::prelude::*;

use crate::AdamStep;

/// Numbers that one task works through.
const RUN: usize = 64 * 1024;

/// Constants in single precision.
#[derive(Clone, Copy)]
struct Constants {
    keep: [f32; 2],
    add: [f32; 2],
    rate: f32,
    root: f32,
    epsilon: f32,
}

/// Updates parameter, first and second moment in place; all of one length.
pub(crate) fn update(
    parameter: &mut [f32],
    gradient: &[f32],
    [first, second]: [&mut [f32]; 2],
    step: AdamStep,
) {
    let (rate, root) = step.corrections();
    let constants = Constants {
        keep: [step.beta1, step.beta2].map(|beta| beta as f32),
        add: [step.beta1, step.beta2].map(|beta| (1.0 - beta) as f32),
        rate: rate as f32,
        root: root as f32,
        epsilon: step.epsilon as f32,
    };
    parameter
        .par_chunks_mut(RUN)
        .zip(gradient.par_chunks(RUN))
        .zip(first.par_chunks_mut(RUN).zip(second.par_chunks_mut(RUN)))
        .for_each(|((parameter, gradient), (first, second))| {
            Arch::new().dispatch(
                #[inline(always)]
                || run(parameter, gradient, first, second, constants),
            );
        });
}

#[inline(always)]
fn run(
    parameter: &mut [f32],
    gradient: &[f32],
    first: &mut [f32],
    second: &mut [f32],
    c: Constants,
) {
    let moments = first.iter_mut().zip(second);
    for ((p, g), (m, v)) in parameter.iter_mut().zip(gradient).zip(moments) {
        *m = c.keep[0] * *m + c.add[0] * g;
        *v = c.keep[1] * *v + c.add[1] * (g * g);
        *p -= c.rate * *m / (v.sqrt() * c.root + c.epsilon);
    }
}
