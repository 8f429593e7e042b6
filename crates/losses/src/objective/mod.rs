//! The objective: `L_G = L_GAN + L_dual + alpha L_pix + beta L_per` and `L_D`, as lists of terms.
//!
//! This is the place to add a term: a file that implements [`Term`] beside the others, named here and put
//! into the list. Everything else follows: the step's metrics, the log's columns, the loss figure, the
//! comparison with PyTorch, `docs/objective.md`.

mod adversarial;
mod dual;
mod paired;
mod perceptual;
mod pixel;
mod recognition;
mod reconstruction;
#[cfg(test)]
mod template;

use burn::tensor::Tensor;
use config::RunConfig;

use crate::pass::{DiscriminatorPass, GeneratorPass, Group};
use crate::term::{About, DiscriminatorTerm, GeneratorTerm, Need, Term};

pub use recognition::accuracy;

/// `L_G` of one generator: the weighted sum of these. They are computed and added in this order: another
/// one rounds differently, so new terms go to the end.
pub const GENERATOR: &[&GeneratorTerm] = &[
    &adversarial::Adversarial,       // L_GAN
    &pixel::Pixel,                   // alpha L_pix
    &perceptual::Perceptual,         // beta L_per
    &dual::Dual,                     // L_dual
    &reconstruction::Reconstruction, // lambda L_rec, the other form of L_dual
    &paired::Paired,                 // off by default: not the unpaired method
    &paired::PairedAdversarial,      // with it
];

/// `L_D`: the mean of `-log p_t` over its four groups of images.
pub const DISCRIMINATOR: &[&DiscriminatorTerm] = &[
    &recognition::Recognition { group: Group::RealNegatives },
    &recognition::Recognition { group: Group::RealPositives },
    &recognition::Recognition { group: Group::Added },
    &recognition::Recognition { group: Group::Removed },
];

/// A weighted term of a step, `[1]`, by its column.
pub type Weighted = (&'static str, Tensor<1>);

/// The terms of `L_G` that this run computes.
pub fn generator_terms(run: &RunConfig) -> impl Iterator<Item = &'static GeneratorTerm> {
    GENERATOR.iter().copied().filter(|term| term.weight(run) != 0.0)
}

/// The terms of `L_D` that this run computes.
pub fn discriminator_terms(run: &RunConfig) -> impl Iterator<Item = &'static DiscriminatorTerm> {
    DISCRIMINATOR.iter().copied().filter(|term| term.weight(run) != 0.0)
}

/// Whether some term of `L_G` asks for D's features.
pub fn needs_features(run: &RunConfig) -> bool {
    generator_terms(run).any(|term| term.about().needs.contains(&Need::Features))
}

/// The weighted terms of `L_G` of one generator.
pub fn generator(pass: &GeneratorPass<'_>) -> Vec<Weighted> {
    generator_terms(pass.run).map(|term| weighted(term, pass, pass.run)).collect()
}

/// The weighted terms of `L_D`.
pub fn discriminator(pass: &DiscriminatorPass<'_>, run: &RunConfig) -> Vec<Weighted> {
    discriminator_terms(run).map(|term| weighted(term, pass, run)).collect()
}

fn weighted<P>(term: &dyn Term<P>, pass: &P, run: &RunConfig) -> Weighted {
    let (weight, value) = (term.weight(run), term.value(pass));
    (term.about().column, if weight == 1.0 { value } else { value * weight })
}

/// The objective: what is minimised, the sum of its weighted terms.
pub fn sum(terms: &[Weighted]) -> Tensor<1> {
    let values = terms.iter().map(|(_, value)| value.clone());
    values.reduce(|sum, value| sum + value).expect("an objective has a term")
}

/// What is said of every term, of `L_G` and of `L_D`.
pub fn about() -> (Vec<About>, Vec<About>) {
    let generator = GENERATOR.iter().map(|term| term.about());
    (generator.collect(), DISCRIMINATOR.iter().map(|term| term.about()).collect())
}
