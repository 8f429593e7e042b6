//! Weights and images by formula: the same numbers as in scripts/pretrained_reference.py.

use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor};
use model::weights::{self, NamedArrays};
use serde_json::Value;

/// `count` numbers in [-1, 1): FNV-1a of the name, then murmur3's finaliser of the index.
fn units(name: &str, count: usize) -> impl Iterator<Item = f64> {
    let seed = name
        .bytes()
        .fold(0x811C_9DC5_u32, |seed, byte| (seed ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (1..=count as u32).map(move |index| {
        let mut h = index.wrapping_mul(0x9E37_79B1).wrapping_add(seed);
        h = (h ^ (h >> 16)).wrapping_mul(0x85EB_CA6B);
        h = (h ^ (h >> 13)).wrapping_mul(0xC2B2_AE35);
        f64::from(h ^ (h >> 16)) / 2_f64.powi(31) - 1.0
    })
}

fn array(name: &str, shape: &[usize]) -> Vec<f32> {
    let last = name.rsplit('.').next().unwrap();
    let fan_in: usize = shape[1..].iter().product();
    let (centre, spread) = match name {
        "scaling_layer.shift" => (0.0, 0.2),
        "scaling_layer.scale" => (0.45, 0.1),
        _ if name.starts_with("lin") => (0.5, 0.5),
        _ if last == "weight" && shape.len() > 1 => (0.0, (6.0 / fan_in as f64).sqrt()),
        _ if name.contains("prelu") => (0.25, 0.2),
        _ if last == "weight" || last == "running_var" => (1.0, 0.5),
        _ => (0.0, 0.2),
    };
    units(name, shape.iter().product()).map(|unit| (centre + spread * unit) as f32).collect()
}

/// `[count, 3, size, size]` in [-1, 1).
pub(crate) fn images(name: &str, count: usize, size: usize, device: &Device) -> Tensor<4> {
    let values = units(name, count * 3 * size * size).map(|unit| unit as f32).collect();
    model::from_pixels(values, size, device)
}

/// The part of the reference that belongs to one network.
pub(crate) fn reference(network: &str) -> Value {
    let mut all: Value = serde_json::from_str(include_str!("../pretrained.json")).unwrap();
    all[network].take()
}

/// A list of numbers in the reference.
pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The arrays of a network by formula, under the names and shapes of the original.
pub(crate) fn arrays(reference: &Value) -> NamedArrays {
    let shapes = reference["shapes"].as_object().unwrap();
    let filled = shapes.iter().map(|(name, shape)| {
        let shape: Vec<usize> = numbers(shape).iter().map(|&v| v as usize).collect();
        let values = array(&name.replace("lins.", "lin"), &shape);
        (name.clone(), (shape, values))
    });
    filled.collect()
}

/// Writes a safetensors file of these arrays.
pub(crate) fn write(dir: &Path, arrays: &NamedArrays) -> PathBuf {
    let path = dir.join("weights.safetensors");
    std::fs::write(&path, weights::to_bytes(arrays)).unwrap();
    path
}

/// A file with one f16 array.
pub(crate) fn write_half(dir: &Path, name: &str) -> PathBuf {
    use safetensors::tensor::{Dtype, TensorView, serialize_to_file};
    let path = dir.join("half.safetensors");
    let view = TensorView::new(Dtype::F16, vec![1], &[0, 60]).unwrap();
    serialize_to_file([(name, view)], None, &path).unwrap();
    path
}

/// The CPU device of the default build.
pub(crate) fn device() -> Device {
    let run = config::RunConfig::from_toml("", "test").unwrap_or_else(|e| panic!("{e}"));
    backend::open(&run.backend).unwrap()
}
