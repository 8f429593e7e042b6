//! An exponential moving average of a generator's weights (burn has none, issue #5402).

use std::collections::BTreeMap;

use model::Generator;
use model::weights::{self, NamedArrays};

/// The averages, on the host: the copy is small beside a training step, and it is evaluated rarely.
#[derive(Clone, Debug)]
pub struct Ema {
    decay: f32,
    arrays: NamedArrays,
}

impl Ema {
    /// Starts from the generator's present weights.
    pub fn new(decay: f64, generator: &Generator) -> Self {
        Ema { decay: decay as f32, arrays: weights::collect(generator) }
    }

    /// Continues from saved averages.
    pub(crate) fn from_arrays(decay: f64, arrays: NamedArrays) -> Self {
        Ema { decay: decay as f32, arrays }
    }

    /// `average = decay * average + (1 - decay) * weights`, running statistics included.
    pub fn update(&mut self, generator: &Generator) {
        let now: BTreeMap<_, _> = weights::collect(generator);
        for (name, (_, average)) in &mut self.arrays {
            let (_, values) = &now[name];
            for (a, v) in average.iter_mut().zip(values) {
                *a = self.decay * *a + (1.0 - self.decay) * v;
            }
        }
    }

    /// The averages by name.
    pub fn arrays(&self) -> &NamedArrays {
        &self.arrays
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use config::RunConfig;
    use model::{Init, Network};

    #[test]
    fn the_average_moves_by_one_minus_decay() {
        let run = RunConfig::from_toml("[model]\nwidth = 2\n", "test").unwrap();
        let device = backend::open(&run.backend).unwrap();
        let draw = |seed| Generator::new(&run.model, &mut Init::new(seed, Network::G0, &device));
        let (first, second) = (draw(1), draw(2));
        let mut ema = Ema::new(0.75, &first);
        ema.update(&second);
        let (a, b) = (weights::collect(&first), weights::collect(&second));
        let name = "conv1.weight";
        let expected = 0.75 * a[name].1[3] + 0.25 * b[name].1[3];
        assert!((ema.arrays()[name].1[3] - expected).abs() < 1e-7);
    }
}
