//! What terms are computed from: everything is made when it is first asked for, and once.

use std::cell::OnceCell;

use burn::module::Module;
use burn::tensor::Tensor;
use config::{DualTrains, RunConfig};
use model::{Discriminator, DiscriminatorOutput, Generator, GeneratorOutput, Mode};

use crate::{Class, Direction, View};

/// Images with the attribute drawn on, what they were before, and the generator that shall undo it.
#[derive(Clone, Copy)]
pub struct DrawnPairs<'a> {
    /// `x_w`, `[N, 3, S, S]` in [-1, 1].
    pub worn: &'a Tensor<4>,
    /// `x_0`, the same.
    pub bare: &'a Tensor<4>,
    /// G1.
    pub generator: &'a Generator,
}

/// One generator's edits of one batch, seen by a discriminator that does not learn.
pub struct GeneratorPass<'a> {
    /// Which generator.
    pub direction: Direction,
    /// The run.
    pub run: &'a RunConfig,
    input: &'a Tensor<4>,
    output: &'a GeneratorOutput,
    frozen: &'a Discriminator,
    other: &'a Generator,
    with_features: bool,
    drawn: Option<DrawnPairs<'a>>,
    view: Option<&'a View>,
    inside: Option<&'a Tensor<4>>,
    undone: OnceCell<Tensor<4>>,
    judged: OnceCell<DiscriminatorOutput>,
    input_features: OnceCell<Tensor<4>>,
    second: OnceCell<Tensor<4>>,
    second_logits: OnceCell<Tensor<2>>,
}

impl<'a> GeneratorPass<'a> {
    /// The pass of the generator that made `output` of `input`; `other` is the one of the other
    /// direction, `frozen` has no gradients. `with_features`: some term asks for D's features.
    ///
    /// # Shapes
    /// images `[N, 3, S, S]` in [-1, 1].
    pub fn new(
        run: &'a RunConfig,
        direction: Direction,
        (input, output): (&'a Tensor<4>, &'a GeneratorOutput),
        (frozen, other): (&'a Discriminator, &'a Generator),
        with_features: bool,
    ) -> Self {
        GeneratorPass {
            direction,
            run,
            input,
            output,
            frozen,
            other,
            with_features,
            drawn: None,
            view: None,
            inside: None,
            undone: OnceCell::new(),
            judged: OnceCell::new(),
            input_features: OnceCell::new(),
            second: OnceCell::new(),
            second_logits: OnceCell::new(),
        }
    }

    /// The same with pairs that G1 learns from; terms that ask for them are in no pass without.
    pub fn with_drawn(self, drawn: Option<DrawnPairs<'a>>) -> Self {
        GeneratorPass { drawn, ..self }
    }

    /// The same with the view in which D sees everything of this pass: a term that compares features sees
    /// both images in it.
    pub fn with_view(self, view: Option<&'a View>) -> Self {
        GeneratorPass { view, ..self }
    }

    /// The same with the attribute's region in every input, 1 inside and 0 outside, `[N, 1, S, S]`.
    pub fn with_inside(self, inside: Option<&'a Tensor<4>>) -> Self {
        GeneratorPass { inside, ..self }
    }

    /// The attribute's region, if the run asks for it.
    pub fn inside(&self) -> Option<Tensor<4>> {
        self.inside.cloned()
    }

    fn seen(&self, x: Tensor<4>) -> Tensor<4> {
        match self.view {
            Some(view) => view.of(x),
            None => x,
        }
    }

    fn drawn(&self) -> DrawnPairs<'a> {
        self.drawn.expect("a run with `losses.paired` draws pairs")
    }

    /// `x_0` of the drawn pairs, `[N, 3, S, S]`; without a graph.
    pub fn bare(&self) -> Tensor<4> {
        self.drawn().bare.clone()
    }

    /// `G_1(x_w)`, `[N, 3, S, S]`. Drawn images leave the running statistics alone.
    pub fn undone(&self) -> Tensor<4> {
        let make = || {
            let DrawnPairs { worn, generator, .. } = self.drawn();
            generator.forward(worn.clone(), Mode::TrainFrozenStatistics).edited
        };
        self.undone.get_or_init(make).clone()
    }

    /// D's logits of `G_1(x_w)`, `[N, 3]`.
    pub fn undone_logits(&self) -> Tensor<2> {
        self.frozen.forward(self.seen(self.undone()), None).logits
    }

    /// `x_i`, `[N, 3, S, S]`; without a graph.
    pub fn input(&self) -> Tensor<4> {
        self.input.clone()
    }

    /// `r`, `[N, 3, S, S]`.
    pub fn residual(&self) -> Tensor<4> {
        self.output.residual.clone()
    }

    /// `x~_i`, `[N, 3, S, S]`, not clamped.
    pub fn edited(&self) -> Tensor<4> {
        self.output.edited.clone()
    }

    /// D's logits of `x~_i`, `[N, 3]`.
    pub fn logits(&self) -> Tensor<2> {
        self.judged().logits.clone()
    }

    /// `phi(x~_i)` at the configured tap, `[N, C, H, W]`; of a term that needs
    /// [`Features`](crate::Need::Features).
    pub fn features(&self) -> Tensor<4> {
        self.judged().features.clone().expect("the term says that it needs features")
    }

    /// `phi(x_i)`, `[N, C, H, W]`: no layer behind the tap is computed, and there is no graph.
    pub fn input_features(&self) -> Tensor<4> {
        let make = || self.frozen.features(self.seen(self.input()), self.tap());
        self.input_features.get_or_init(make).clone()
    }

    /// `G_{1-i}(x~_i)`, `[N, 3, S, S]`. Its batch is not the other generator's real task and leaves
    /// that one's running statistics alone; `losses.dual_trains` says whether it learns.
    pub fn second_pass(&self) -> Tensor<4> {
        let make = || {
            let forward = |g: &Generator| g.forward(self.edited(), Mode::TrainFrozenStatistics);
            match self.run.losses.dual_trains {
                DualTrains::Both => forward(self.other).edited,
                DualTrains::First => forward(&self.other.clone().no_grad()).edited,
            }
        };
        self.second.get_or_init(make).clone()
    }

    /// D's logits of the second pass, `[N, 3]`.
    pub fn second_logits(&self) -> Tensor<2> {
        let make = || self.frozen.forward(self.seen(self.second_pass()), None).logits;
        self.second_logits.get_or_init(make).clone()
    }

    fn tap(&self) -> (usize, config::Tap) {
        (self.run.losses.perceptual_layer, self.run.losses.perceptual_tap)
    }

    /// Logits and features come of one pass through D.
    fn judged(&self) -> &DiscriminatorOutput {
        let tap = self.with_features.then(|| self.tap());
        self.judged.get_or_init(|| self.frozen.forward(self.seen(self.edited()), tap))
    }
}

/// The groups of images that D learns from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// `x_0`: real images without the attribute.
    RealNegatives,
    /// `x_1`: real images with it.
    RealPositives,
    /// `x~_0`: G0's edits.
    Added,
    /// `x~_1`: G1's edits.
    Removed,
}

impl Group {
    /// In the order in which D sees them.
    pub const ALL: [Group; 4] =
        [Group::RealNegatives, Group::RealPositives, Group::Added, Group::Removed];

    /// The class that D should put these images into.
    pub fn class(self) -> Class {
        match self {
            Group::RealNegatives => Class::RealNegative,
            Group::RealPositives => Class::RealPositive,
            Group::Added | Group::Removed => Class::Generated,
        }
    }
}

/// D's step: what it says of the four groups. Each is its own batch for batch normalisation, as it is
/// in the generators' step.
pub struct DiscriminatorPass<'a> {
    discriminator: &'a Discriminator,
    images: [Tensor<4>; 4],
    logits: [OnceCell<Tensor<2>>; 4],
}

impl<'a> DiscriminatorPass<'a> {
    /// `images` in the order of [`Group::ALL`], `[N, 3, S, S]` each as D sees them, without a graph.
    pub fn new(discriminator: &'a Discriminator, images: [Tensor<4>; 4]) -> Self {
        DiscriminatorPass { discriminator, images, logits: Default::default() }
    }

    /// The images of a group, as D sees them.
    pub fn images(&self, group: Group) -> Tensor<4> {
        self.images[group as usize].clone()
    }

    /// D's logits of a group, `[N, 3]`.
    pub fn logits(&self, group: Group) -> Tensor<2> {
        let make = || self.discriminator.forward(self.images(group), None).logits;
        self.logits[group as usize].get_or_init(make).clone()
    }
}
