//! The networks are those of the paper, at every size and switch.
#![allow(clippy::unwrap_used)]

use burn::module::{Module, ModuleVisitor, Param};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::{Device, Distribution, Tensor};
use config::{RunConfig, Tap};
use model::{Discriminator, Generator, Init, Mode, Network, weights};

fn run(text: &str) -> RunConfig {
    RunConfig::from_toml(text, "test").unwrap_or_else(|e| panic!("{e}"))
}

fn device() -> Device {
    backend::open(&run("").backend).unwrap()
}

fn noise(n: usize, size: usize, device: &Device) -> Tensor<4> {
    device.seed(7);
    Tensor::random([n, 3, size, size], Distribution::Uniform(-1.0, 1.0), device)
}

/// Trained parameters by kind: convolutions (weights and biases), normalisation.
#[derive(Default)]
struct Count {
    path: Vec<String>,
    convolution: usize,
    norm: usize,
}

impl ModuleVisitor for Count {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }
    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let name = self.path.last().unwrap().as_str();
        let count = param.dims().iter().product::<usize>();
        match name {
            "weight" | "bias" => self.convolution += count,
            "gamma" | "beta" => self.norm += count,
            _ => {}
        }
    }
}

fn count<M: Module>(module: &M) -> (usize, usize) {
    let mut count = Count::default();
    module.visit(&mut count);
    (count.convolution, count.norm)
}

#[test]
fn parameter_counts_are_those_of_the_paper() {
    let (run, device) = (run(""), device());
    let g = Generator::new(&run.model, &mut Init::new(1, Network::G0, &device));
    assert_eq!(count(&g), (1_032_515, 1_280));
    let d = Discriminator::new(&run.model, 128, &mut Init::new(1, Network::D, &device));
    // Five convolutions, and the last one to three logits.
    assert_eq!(count(&d).0, 11_146_176 + 4 * 4 * 1024 * 3 + 3);
    assert_eq!(count(&d).1, 2 * (128 + 256 + 512 + 1024));
}

#[test]
fn nearest_upsampling_has_as_many_parameters_as_deconvolution() {
    let (a, b) = (run(""), run("[model]\nupsample = \"nearest-conv\"\n"));
    let draw = |r: &RunConfig| Generator::new(&r.model, &mut Init::new(1, Network::G0, &device()));
    assert_eq!(count(&draw(&a)), count(&draw(&b)));
}

#[test]
fn every_switch_and_size_keeps_the_image_shape() {
    let device = device();
    for upsample in ["deconv", "nearest-conv"] {
        for norm in ["batch", "instance", "none"] {
            for output in ["residual", "image"] {
                let run = run(&format!(
                    "[model]\nwidth = 4\nupsample = \"{upsample}\"\nnorm = \"{norm}\"\n\
                     output = \"{output}\"\n"
                ));
                for (n, size) in [(1, 16), (2, 32)] {
                    let x = noise(n, size, &device);
                    let mut init = Init::new(1, Network::G0, &device);
                    let g = Generator::new(&run.model, &mut init);
                    let out = g.forward(x.clone(), Mode::Train);
                    assert_eq!(out.residual.dims(), x.dims());
                    let gap = (out.edited - out.residual - x.clone()).abs().max();
                    assert!(gap.into_scalar::<f32>() < 1e-5, "edited is input plus residual");
                    let mut init = Init::new(1, Network::D, &device);
                    let d = Discriminator::new(&run.model, size, &mut init);
                    assert_eq!(d.forward(x, None).logits.dims(), [n, 3]);
                }
            }
        }
    }
}

#[test]
fn features_alone_equal_the_features_of_a_full_pass() {
    let device = device();
    let run = run("[model]\nwidth = 4\n");
    let d = Discriminator::new(&run.model, 32, &mut Init::new(3, Network::D, &device));
    let x = noise(2, 32, &device);
    for layer in 1..=3 {
        for tap in [Tap::Activation, Tap::Norm, Tap::Conv] {
            let full = d.forward(x.clone(), Some((layer, tap)));
            let alone = d.features(x.clone(), (layer, tap));
            let gap = (full.features.unwrap() - alone.clone()).abs().max();
            assert_eq!(gap.into_scalar::<f32>(), 0.0);
            assert_eq!(alone.dims(), [2, 4 << (layer - 1), 32 >> layer, 32 >> layer]);
            let plain = d.forward(x.clone(), None).logits;
            let gap = (full.logits - plain).abs().max().into_scalar::<f32>();
            assert!(gap < 1e-5, "a tap does not change the verdict: {gap}");
        }
    }
}

/// burn-0.22: freezing a clone of a network with lazy parameters silently froze the original.
#[test]
fn d_trains_although_a_frozen_clone_was_taken_before_its_first_use() {
    let device = device().autodiff();
    let run = run("[model]\nwidth = 2\n");
    let d = Discriminator::new(&run.model, 16, &mut Init::new(1, Network::D, &device));
    let _frozen = d.clone().no_grad();
    let before = weights::collect(&d);
    let loss = d.forward(noise(2, 16, &device), None).logits.powf_scalar(2.0).mean();
    let grads = GradientsParams::from_grads(loss.backward(), &d);
    let d = AdamConfig::new().init().step(1e-3, d, grads);
    let after = weights::collect(&d);
    for (name, (_, values)) in &before {
        assert_ne!(values, &after[name].1, "{name} did not move");
    }
}

#[test]
fn a_frozen_d_passes_gradients_to_the_image_and_none_to_its_weights() {
    let device = device().autodiff();
    let run = run("[model]\nwidth = 2\n");
    let d = Discriminator::new(&run.model, 16, &mut Init::new(1, Network::D, &device));
    let x = noise(2, 16, &device).require_grad();
    let loss = d.clone().no_grad().forward(x.clone(), None).logits.powf_scalar(2.0).mean();
    let grads = loss.backward();
    assert!(x.grad(&grads).unwrap().abs().max().into_scalar::<f32>() > 0.0);
    assert!(GradientsParams::from_grads(grads, &d).is_empty());
}

#[test]
fn running_statistics_follow_training_batches_and_only_those() {
    let device = device().autodiff();
    let run = run("[model]\nwidth = 2\n");
    let g = Generator::new(&run.model, &mut Init::new(1, Network::G0, &device));
    let mean = |g: &Generator| weights::collect(g)["norm1.running.mean"].1.clone();
    assert_eq!(mean(&g), [0.0, 0.0]);
    let x = noise(4, 16, &device).add_scalar(1.0);
    let _ = g.forward(x.clone(), Mode::TrainFrozenStatistics);
    let _ = g.forward(x.clone(), Mode::Eval);
    assert_eq!(mean(&g), [0.0, 0.0]);
    for _ in 0..100 {
        let _ = g.forward(x.clone(), Mode::Train);
    }
    // After many equal batches the running statistics are the batch's: both modes agree.
    let train = g.forward(x.clone(), Mode::TrainFrozenStatistics).residual;
    let eval = g.valid().forward(x.inner(), Mode::Eval).residual;
    let gap = (train.inner() - eval).abs().max().into_scalar::<f32>();
    // The running variance is the unbiased one: 1/1024 apart at 4 x 16 x 16 values.
    assert!(gap < 2e-2, "{gap}");
}

#[test]
fn weights_survive_the_round_trip_and_refuse_another_network() {
    let (device, run) = (device(), run("[model]\nwidth = 2\n"));
    let draw = |seed| Generator::new(&run.model, &mut Init::new(seed, Network::G0, &device));
    let arrays = weights::collect(&draw(1));
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("g.safetensors");
    std::fs::write(&path, weights::to_bytes(&arrays)).unwrap();
    let read = weights::read(&path).unwrap();
    assert_eq!(read, arrays);
    let other = weights::assign(draw(2), &read).unwrap();
    assert_eq!(weights::collect(&other), arrays);
    let d = Discriminator::new(&run.model, 16, &mut Init::new(1, Network::D, &device));
    assert!(weights::assign(d, &arrays).is_err());
    std::fs::write(&path, b"not weights").unwrap();
    assert!(weights::read(&path).unwrap_err().to_string().contains("g.safetensors"));
}

#[test]
fn the_seed_decides_the_weights_and_networks_differ() {
    let (device, run) = (device(), run("[model]\nwidth = 2\n"));
    let draw = |seed, network| {
        weights::collect(&Generator::new(&run.model, &mut Init::new(seed, network, &device)))
    };
    assert_eq!(draw(1, Network::G0), draw(1, Network::G0));
    assert_ne!(draw(1, Network::G0), draw(2, Network::G0));
    assert_ne!(draw(1, Network::G0), draw(1, Network::G1));
}
