//! What a term of an objective is: a number that networks learn from, and what is to be said of it.

use burn::tensor::Tensor;
use config::RunConfig;

use crate::pass::{DiscriminatorPass, GeneratorPass};

/// A term of an objective; `P` is the pass that it is computed from. Logs, figures, pages and the
/// comparison with PyTorch know terms by this trait alone.
pub trait Term<P>: Sync {
    /// Names, equation and needs.
    fn about(&self) -> About;

    /// What the term is multiplied by; 0 leaves it out, and nothing of it is computed.
    fn weight(&self, run: &RunConfig) -> f64;

    /// The term before its weight, averaged over the batch, `[1]`.
    fn value(&self, pass: &P) -> Tensor<1>;
}

/// A term of `L_G`.
pub type GeneratorTerm = dyn for<'a> Term<GeneratorPass<'a>>;
/// A term of `L_D`.
pub type DiscriminatorTerm = dyn for<'a> Term<DiscriminatorPass<'a>>;

/// What is said of a term.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// Its column in `metrics.jsonl`, where it stands weighted; unique.
    pub column: &'static str,
    /// Its name on axes and in tables.
    pub title: &'static str,
    /// `nats`, or what else its weighted value is measured in.
    pub unit: &'static str,
    /// Its value, in the paper's symbols.
    pub equation: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Its weight: a key of the configuration, or a number.
    pub weight: &'static str,
    /// What it is computed from.
    pub needs: &'static [Need],
}

/// What a pass can be asked for; each is computed when a term first asks, and once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// `r = G_i(x_i)`.
    Residual,
    /// `x~_i = x_i + r`.
    Edited,
    /// D's logits of the edited images.
    Logits,
    /// `phi`: D's features of the input and of the edited images.
    Features,
    /// `G_{1-i}(x~_i)`.
    SecondPass,
    /// D's logits of the second pass.
    SecondLogits,
    /// `x_w`, `x_0` with the attribute drawn on, and `G_1(x_w)`.
    DrawnPairs,
    /// D's logits of real and edited images, in its own step.
    Groups,
}

impl Need {
    /// In the paper's symbols.
    pub fn name(self) -> &'static str {
        match self {
            Need::Residual => "r",
            Need::Edited => "x~_i",
            Need::Logits => "D(x~_i)",
            Need::Features => "phi(x_i), phi(x~_i)",
            Need::SecondPass => "G_{1-i}(x~_i)",
            Need::SecondLogits => "D(G_{1-i}(x~_i))",
            Need::DrawnPairs => "x_w, G_1(x_w)",
            Need::Groups => "D(x_0), D(x_1), D(x~_0), D(x~_1)",
        }
    }
}
