//! Adam over a network's parameters, its moments kept under the parameters' names.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, Param};
use burn::optim::GradientsParams;
use burn::tensor::{Device, Tensor, TensorData};
use model::weights::NamedArrays;
use ops::AdamStep;

/// Adam (Kingma and Ba 2015). One per network.
///
/// burn's own makes a dozen passes over every parameter; this one makes one where `ops` has a
/// kernel for it, and its state is readable from PyTorch.
#[derive(Clone, Debug)]
pub struct Adam {
    beta1: f64,
    beta2: f64,
    epsilon: f64,
    /// Steps done.
    steps: usize,
    /// First and second moment, flat, by the parameter's dotted path.
    moments: BTreeMap<String, [Tensor<1>; 2]>,
}

impl Adam {
    /// Fresh, with the configured constants.
    pub fn new(train: &config::Train) -> Self {
        let config::Train { beta1, beta2, epsilon, .. } = *train;
        Adam { beta1, beta2, epsilon, steps: 0, moments: BTreeMap::new() }
    }

    /// Updates every parameter that has a gradient, at learning rate `rate`.
    pub fn step<M: Module>(&mut self, rate: f64, module: M, gradients: GradientsParams) -> M {
        self.steps += 1;
        let (beta1, beta2, epsilon) = (self.beta1, self.beta2, self.epsilon);
        let step = AdamStep { rate, beta1, beta2, epsilon, step: self.steps };
        let moments = &mut self.moments;
        module.map(&mut Update { step, gradients, moments, path: Vec::new() })
    }

    /// The state as named arrays: `steps` `[1]`, and `first.NAME` and `second.NAME`, flat.
    pub fn arrays(&self) -> NamedArrays {
        let mut arrays = NamedArrays::from([("steps".into(), (vec![1], vec![self.steps as f32]))]);
        for (name, moments) in &self.moments {
            for (which, moment) in ["first", "second"].into_iter().zip(moments) {
                let values = moment.to_data().try_to_vec::<f32>().expect("moments are f32");
                arrays.insert(format!("{which}.{name}"), (moment.dims().to_vec(), values));
            }
        }
        arrays
    }

    /// Continues from [`Adam::arrays`], with the moments on `device` (without autodiff).
    ///
    /// # Errors
    /// What is missing, in words.
    pub fn restored(
        train: &config::Train,
        mut arrays: NamedArrays,
        device: &Device,
    ) -> Result<Self, String> {
        let missing = |name: &str| format!("the optimiser's state lacks `{name}`");
        let (_, steps) = arrays.remove("steps").ok_or_else(|| missing("steps"))?;
        let steps = steps.first().copied().ok_or_else(|| missing("steps"))? as usize;
        let mut moments = BTreeMap::new();
        while let Some((key, first)) = arrays.pop_first() {
            let name = key.strip_prefix("first.").ok_or_else(|| missing("first moment"))?;
            let second = format!("second.{name}");
            let second = arrays.remove(&second).ok_or_else(|| missing(&second))?;
            let tensor = |(shape, values): (Vec<usize>, Vec<f32>)| {
                Tensor::<1>::from_data(TensorData::new(values, shape), device)
            };
            moments.insert(name.to_owned(), [first, second].map(tensor));
        }
        Ok(Adam { steps, moments, ..Adam::new(train) })
    }
}

struct Update<'a> {
    step: AdamStep,
    gradients: GradientsParams,
    moments: &'a mut BTreeMap<String, [Tensor<1>; 2]>,
    path: Vec<String>,
}

impl ModuleMapper for Update<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(gradient) = self.gradients.remove::<D>(param.id) else { return param };
        let name = self.path.join(".");
        let count = gradient.shape().num_elements();
        let gradient = gradient.reshape([count]);
        let moments = self.moments.remove(&name).unwrap_or_else(|| {
            let zeros = || Tensor::zeros([count], &gradient.device());
            [zeros(), zeros()]
        });
        param.map(|parameter| {
            let (shape, tracked) = (parameter.shape(), parameter.is_require_grad());
            let flat = parameter.inner().reshape([count]);
            let (updated, moments) = ops::adam(flat, gradient, moments, self.step);
            self.moments.insert(name, moments);
            Tensor::from_inner(updated.reshape(shape)).set_require_grad(tracked)
        })
    }
}

#[cfg(test)]
mod tests {
    use burn::optim::AdamConfig;
    use config::RunConfig;
    use model::{Generator, Init, Mode, Network, weights};

    use super::*;

    /// The weights after three steps of some optimiser on a changing gradient.
    fn trained(
        mut step: impl FnMut(usize, Generator, GradientsParams) -> Generator,
    ) -> NamedArrays {
        let run = RunConfig::from_toml("[model]\nwidth = 2\n", "test").unwrap();
        let device = backend::open(&run.backend).unwrap().autodiff();
        let mut g = Generator::new(&run.model, &mut Init::new(1, Network::G0, &device));
        for index in 0..3 {
            // Constant images would leave the first layers with gradients of rounding alone.
            let pixels = (0..2 * 3 * 8 * 8).map(|i| ((i * i + 7 * index) as f32).sin()).collect();
            let x = model::from_pixels(pixels, 8, &device);
            let out = g.forward(x, Mode::Train).residual;
            let gradients = GradientsParams::from_grads(out.powi_scalar(2).sum().backward(), &g);
            g = step(index, g, gradients);
        }
        weights::collect(&g)
    }

    fn settings() -> config::Train {
        RunConfig::from_toml("", "test").unwrap().train
    }

    #[test]
    fn three_steps_agree_with_burns_adam() {
        let mut adam = Adam::new(&settings());
        let ours = trained(|_, g, gradients| adam.step(1e-3, g, gradients));
        let mut adam = AdamConfig::new().with_beta_1(0.5).with_epsilon(1e-8).init();
        let theirs = trained(|_, g, gradients| adam.step(1e-3, g, gradients));
        for (name, (_, values)) in &ours {
            // A bias before a batch normalisation has no gradient but rounding's, and moves the
            // running mean.
            if name.contains("running") || name.contains("bias") && !name.starts_with("last") {
                continue;
            }
            for (a, b) in values.iter().zip(&theirs[name].1) {
                assert!((a - b).abs() < 1e-5, "{name}: {a}, burn {b}");
            }
        }
    }

    #[test]
    fn a_saved_state_goes_on_to_the_bit() {
        let (mut straight, mut saved) = (Adam::new(&settings()), Adam::new(&settings()));
        let expected = trained(|_, g, gradients| straight.step(1e-3, g, gradients));
        let resumed = trained(|index, g, gradients| {
            if index == 2 {
                let device = backend::host();
                saved = Adam::restored(&settings(), saved.arrays(), &device).unwrap();
            }
            saved.step(1e-3, g, gradients)
        });
        assert!(expected == resumed);
    }

    #[test]
    fn a_state_without_its_parts_is_refused() {
        let mut adam = Adam::new(&settings());
        trained(|_, g, gradients| adam.step(1e-3, g, gradients));
        for part in ["steps", "second.conv1.weight", "first.conv1.weight"] {
            let mut arrays = adam.arrays();
            arrays.remove(part);
            assert!(Adam::restored(&settings(), arrays, &backend::host()).is_err(), "{part}");
        }
    }
}
