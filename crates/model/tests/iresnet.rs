//! ArcFace networks from a file agree with PyTorch, and refuse what does not fit together.
#![allow(clippy::unwrap_used)]

mod formula;

use formula::{device, images, numbers, reference, write};
use model::iresnet::Iresnet;
use model::weights::NamedArrays;

/// Writes the arrays to a file and loads them; the error as text.
fn load(arrays: &NamedArrays) -> Result<Iresnet, String> {
    let dir = tempfile::tempdir().unwrap();
    Iresnet::load(&write(dir.path(), arrays), &device()).map_err(|e| e.to_string())
}

#[test]
fn embeddings_are_those_of_pytorch_at_every_size() {
    let (device, reference) = (device(), reference("iresnet"));
    let network = load(&formula::arrays(&reference)).unwrap();
    for case in reference["cases"].as_array().unwrap() {
        let size = case["size"].as_u64().unwrap() as usize;
        let expected: Vec<_> = case["embeddings"].as_array().unwrap().iter().map(numbers).collect();
        let x = images(&format!("face{size}"), expected.len(), size, &device);
        let found = network.embed(x);
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert_eq!(found.len(), expected.len());
            let squares = found.iter().zip(expected).map(|(&f, e)| (f64::from(f) - e).powi(2));
            let gap = squares.sum::<f64>().sqrt();
            // Both have length 1, so this is relative.
            assert!(gap < 1e-4, "{size}: {gap}");
            let length: f64 = found.iter().map(|&v| f64::from(v).powi(2)).sum();
            assert!((length - 1.0).abs() < 1e-6, "{length}");
        }
    }
}

#[test]
fn an_image_is_embedded_alike_in_any_batch() {
    let device = device();
    let network = load(&formula::arrays(&reference("iresnet"))).unwrap();
    let x = images("face", 3, 64, &device);
    let together = network.embed(x.clone());
    for (i, together) in together.iter().enumerate() {
        let alone = network.embed(x.clone().narrow(0, i, 1));
        let cosine: f32 = alone[0].iter().zip(together).map(|(a, b)| a * b).sum();
        assert!((cosine - 1.0).abs() < 1e-5, "{cosine}");
    }
}

#[test]
fn counters_are_ignored_and_arrays_that_do_not_fit_are_named() {
    let arrays = formula::arrays(&reference("iresnet"));
    let with = |name: &str, shape: &[usize]| {
        let mut changed = arrays.clone();
        let count = shape.iter().product();
        changed.insert(name.to_owned(), (shape.to_vec(), vec![0.5; count]));
        load(&changed)
    };
    assert!(with("layer1.0.bn1.num_batches_tracked", &[]).is_ok());
    for (name, shape, text) in [
        (
            "conv1.weight",
            &[6, 1, 3, 3][..],
            "`conv1.weight` is [6, 1, 3, 3], expected [6, 3, 3, 3]",
        ),
        ("conv1.weight", &[][..], "`conv1.weight` is []"),
        ("conv1.weight", &[0, 3, 3, 3][..], "`conv1.weight` is [0, 3, 3, 3]"),
        ("bn2.bias", &[15][..], "`bn2.bias` is [15], expected [16]"),
        ("fc.weight", &[24, 16 * 36][..], "`fc.weight` is [24, 576], expected [24, 784]"),
        // A block after a gap, and a shortcut where none belongs, would be left out silently.
        ("layer3.4.conv1.weight", &[12, 12, 3, 3][..], "no `layer3.4.conv1.weight`"),
        ("layer3.1.downsample.0.weight", &[12, 12, 1, 1][..], "no `layer3.1.downsample.0.weight`"),
    ] {
        let error = with(name, shape).unwrap_err();
        assert!(error.contains(text), "{error}");
    }
    for name in ["layer2.0.conv1.weight", "layer4.0.downsample.1.bias", "features.running_var"] {
        let mut missing = arrays.clone();
        missing.remove(name);
        assert!(load(&missing).unwrap_err().contains(&format!("`{name}` is missing")));
    }
}

#[test]
fn half_precision_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = formula::write_half(dir.path(), "conv1.weight");
    let error = Iresnet::load(&path, &device()).unwrap_err().to_string();
    assert!(error.contains("`conv1.weight` is F16, expected f32"), "{error}");
    assert!(error.contains("`v.float()`"), "{error}");
}
