//! Two whole training steps on every backend of this build against PyTorch, from the same weights
//! and the same batch: every loss, every gradient, the updated weights, the running statistics.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use burn::tensor::Device;
use config::{BackendKind, RunConfig};
use losses::objective::GENERATOR;
use model::weights::{self, NamedArrays};
use train::{Networks, Optimisers, Replay, StepMetrics, peer, train_step};

/// Every switch of the method at least once, batch 1, and the sizes of several layers of D.
const RUNS: [&str; 10] = [
    "",
    "[model]\nupsample = \"nearest-conv\"\nnorm = \"instance\"\noutput = \"image\"\n\
     [losses]\ndual = \"both\"\ndual_trains = \"first\"\nadversarial = \"literal\"\nperceptual_tap = \"conv\"",
    "[model]\nnorm = \"none\"\ndiscriminator_first_norm = true\n\
     [losses]\ndual = \"none\"\nperceptual_layer = 1",
    "[model]\nupsample = \"nearest-conv\"\ndiscriminator_first_norm = true\n[train]\nbatch = 1\n\
     [losses]\nperceptual_tap = \"norm\"\nperceptual_layer = 2",
    "[data]\nsize = 64\n[model]\nwidth = 8\n[train]\nbatch = 2\n[losses]\ndual = \"reconstruction\"",
    "[losses]\nbeta = 0.0\nadversarial = \"literal\"\n[train]\nbeta1 = 0.9\nepsilon = 1e-5",
    "[model]\nupsample = \"nearest-conv\"\nnorm = \"instance\"\noutput = \"masked\"\nskips = true\n\
     residual_blocks = 2\ndiscriminator_norm = \"spectral\"\n[train]\nlr_discriminator = 4e-4",
    "[model]\nresidual_blocks = 1\ndiscriminator_norm = \"instance\"\n[losses]\npaired = 2e-3",
    "[losses]\nalpha_inside = 0.25\nalpha_end = 0.1\ndual = \"both\"\n[train]\nsteps = 4\nbatch = 3\nreplay = 4\n\
     augment_discriminator = \"colour-shift\"\ninstance_noise = 0.2",
    "[losses]\npaired = 2e-3\n[train]\naugment_discriminator = \"shift\"\nreplay = 1",
];

/// On wgpu: the runs that a software driver can be asked for.
const ON_WGPU: usize = 2;

/// Relative to the largest number of the tensor, or a hundredth of the network's largest.
const TOLERANCE: f32 = 2e-3;

fn run(index: usize) -> RunConfig {
    let defaults = [
        ("data", "size = 32"),
        ("model", "width = 4"),
        ("train", "batch = 3"),
        ("losses", "alpha = 1e-3\nbeta = 2e-4\nlambda = 1e-3\nperceptual_layer = 2"),
    ];
    let mut text = RUNS[index].to_owned();
    for (table, lines) in defaults {
        let missing: Vec<&str> = lines
            .lines()
            .filter(|line| !text.contains(&format!("{} =", line.split(" =").next().unwrap())))
            .collect();
        let header = format!("[{table}]");
        let lines = missing.join("\n");
        match text.contains(&header) {
            true => text = text.replacen(&header, &format!("{header}\n{lines}"), 1),
            false => text = format!("{text}\n{header}\n{lines}"),
        }
    }
    RunConfig::from_toml(&text, "test").unwrap()
}

/// Where Python finds PyTorch: `cargo xtask setup libtorch` puts it there.
fn packages() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let beside = std::env::var_os("LIBTORCH").map(|torch| PathBuf::from(torch).join(".."));
    let candidates = [beside, Some(root.join(".libtorch"))];
    candidates.into_iter().flatten().find(|packages| packages.join("torch/lib").is_dir())
}

/// What PyTorch makes of a run.
struct Expected {
    metrics: [serde_json::Value; 2],
    gradients: NamedArrays,
    weights: NamedArrays,
}

fn pytorch(folders: &[PathBuf], packages: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/torch_peer.py");
    let mut python = Command::new("python3");
    python.env("PYTHONPATH", packages).arg(script).arg("parity").args(folders);
    assert!(python.status().unwrap().success(), "the PyTorch side failed");
}

fn read(folder: &Path) -> Expected {
    Expected {
        metrics: serde_json::from_slice(&std::fs::read(folder.join("torch.json")).unwrap())
            .unwrap(),
        gradients: weights::read(&folder.join("torch-gradients.safetensors")).unwrap(),
        weights: weights::read(&folder.join("torch-weights.safetensors")).unwrap(),
    }
}

fn metrics_agree(name: &str, ours: &StepMetrics, expected: &serde_json::Value, tolerance: f64) {
    let ours = serde_json::to_value(ours).unwrap();
    let columns = |numbers: &serde_json::Value| -> BTreeSet<String> {
        numbers.as_object().unwrap().keys().filter(|key| *key != "step").cloned().collect()
    };
    assert_eq!(columns(&ours), columns(expected), "{name} columns, ours and PyTorch's");
    for (key, expected) in expected.as_object().unwrap() {
        let (ours, expected) = (ours[key].as_f64().unwrap(), expected.as_f64().unwrap());
        let scale = expected.abs().max(0.1);
        assert!(
            (ours - expected).abs() <= tolerance * scale,
            "{name} {key}: {ours}, PyTorch {expected}"
        );
    }
}

/// All arrays of the three networks, as PyTorch names them.
fn all(networks: &Networks) -> NamedArrays {
    let named = |net: &str, arrays: NamedArrays| {
        arrays.into_iter().map(|(name, array)| (format!("{net}.{name}"), array)).collect::<Vec<_>>()
    };
    [
        named("g0", weights::collect(&networks.g0)),
        named("g1", weights::collect(&networks.g1)),
        named("d", weights::collect(&networks.d)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// After one step Adam's first moment is `(1 - beta1)` times the gradient.
fn gradients(optimisers: &Optimisers, beta1: f64) -> NamedArrays {
    let mut found = NamedArrays::new();
    for (net, adam) in [("g0", &optimisers.g0), ("g1", &optimisers.g1), ("d", &optimisers.d)] {
        for (name, (shape, values)) in adam.arrays() {
            if let Some(name) = name.strip_prefix("first.") {
                let values = values.iter().map(|m| m / (1.0 - beta1 as f32)).collect();
                found.insert(format!("{net}.{name}"), (shape, values));
            }
        }
    }
    found
}

fn largest(values: &[f32]) -> f32 {
    values.iter().fold(0.0, |largest, value| value.abs().max(largest))
}

fn agrees(index: usize, run: &RunConfig, device: &Device, expected: &Expected) {
    let place = format!("run {index} on {device:?}:");
    let device = device.clone().autodiff();
    let (networks, mut optimisers) = (Networks::new(run, &device), Optimisers::new(&run.train));
    let batch = [peer::batch(run, &device)];
    let mut replay = Replay::default();
    let (networks, first) = train_step(networks, &mut optimisers, &mut replay, &batch, run, 1);
    metrics_agree(&place, &first, &expected.metrics[0], 2e-4);

    let found = gradients(&optimisers, run.train.beta1);
    let names = |arrays: &NamedArrays| arrays.keys().cloned().collect::<Vec<_>>();
    // PyTorch gives zeros for what has no gradient at all.
    let zero = |name: &String| largest(&expected.gradients[name].1) == 0.0;
    let missing: Vec<_> =
        names(&expected.gradients).into_iter().filter(|n| !found.contains_key(n)).collect();
    assert!(missing.iter().all(zero), "{place} no gradient for {missing:?}");
    let updated = all(&networks);
    assert_eq!(names(&updated), names(&expected.weights));
    let rate = run.train.lr.max(run.train.lr_discriminator) as f32;
    for (name, (_, ours)) in &found {
        let theirs = &expected.gradients[name].1;
        let of_net = name.split_once('.').unwrap().0;
        let net = expected.gradients.iter().filter(|(n, _)| n.starts_with(of_net));
        let scale = net.map(|(_, (_, values))| largest(values)).fold(0.0, f32::max) / 100.0;
        let scale = scale.max(largest(theirs));
        assert_eq!(ours.len(), theirs.len(), "{place} {name}");
        let weights = updated[name].1.iter().zip(&expected.weights[name].1);
        for (i, ((a, b), (w, v))) in ours.iter().zip(theirs).zip(weights).enumerate() {
            let close = (a - b).abs() <= TOLERANCE * scale;
            assert!(close, "{place} gradient of {name}[{i}]: {a}, PyTorch {b}");
            // Adam divides by the gradient's size: what is small there is rounding here.
            if b.abs() > 0.02 * scale {
                assert!((w - v).abs() < 0.02 * rate, "{place} {name}[{i}]: {w}, PyTorch {v}");
            }
        }
    }
    let kept = |name: &str| name.contains(".running.") || name.contains(".spectral.");
    for (name, (_, ours)) in updated.iter().filter(|(name, _)| kept(name)) {
        let theirs = &expected.weights[name].1;
        let scale = largest(theirs).max(1e-3);
        for (a, b) in ours.iter().zip(theirs) {
            assert!((a - b).abs() <= 1e-4 * scale, "{place} {name}: {a}, PyTorch {b}");
        }
    }

    let (_, second) = train_step(networks, &mut optimisers, &mut replay, &batch, run, 2);
    metrics_agree(&place, &second, &expected.metrics[1], 1e-2);
}

#[test]
fn a_step_agrees_with_pytorch_on_every_backend() {
    let Some(packages) = packages() else {
        eprintln!("SKIPPED: no PyTorch here; `cargo xtask setup libtorch` brings it");
        return;
    };
    let root = tempfile::tempdir().unwrap();
    let runs: Vec<RunConfig> = (0..RUNS.len()).map(run).collect();
    for term in GENERATOR.iter().filter(|term| runs.iter().all(|run| term.weight(run) == 0.0)) {
        eprintln!("NOT COMPARED with PyTorch: {}", term.about().column);
    }
    let folders: Vec<PathBuf> = (0..runs.len()).map(|i| root.path().join(i.to_string())).collect();
    for (run, folder) in runs.iter().zip(&folders) {
        std::fs::create_dir(folder).unwrap();
        peer::write(run, folder).unwrap();
    }
    pytorch(&folders, &packages);
    for kind in backend::compiled() {
        let count = if kind == BackendKind::Wgpu { ON_WGPU } else { runs.len() };
        let backend = config::Backend { kind, threads: 2, ..runs[0].backend.clone() };
        let device = backend::open(&backend).unwrap();
        for (index, (run, folder)) in runs.iter().zip(&folders).take(count).enumerate() {
            agrees(index, run, &device, &read(folder));
        }
    }
}
