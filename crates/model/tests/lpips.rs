//! LPIPS from a file agrees with the `lpips` package, and refuses what is not its own.
#![allow(clippy::unwrap_used)]

mod formula;

use formula::{device, images, numbers, reference, write};
use model::lpips::{Lpips, TooSmall};

/// Writes the arrays to a file and loads them; the error as text.
fn load(arrays: &model::weights::NamedArrays) -> Result<Lpips, String> {
    let dir = tempfile::tempdir().unwrap();
    Lpips::load(&write(dir.path(), arrays), &device()).map_err(|e| e.to_string())
}

#[test]
fn distances_are_those_of_the_package() {
    let (device, reference) = (device(), reference("lpips"));
    let lpips = load(&formula::arrays(&reference)).unwrap();
    for case in reference["cases"].as_array().unwrap() {
        let size = case["size"].as_u64().unwrap() as usize;
        let expected = numbers(&case["distances"]);
        let of = |name: &str| images(&format!("{name}{size}"), expected.len(), size, &device);
        let found = lpips.distance(of("a"), of("b"));
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(&expected) {
            assert!((found / expected - 1.0).abs() < 1e-4, "{size}: {found} {expected}");
        }
        assert_eq!(lpips.distance(of("a"), of("a")), vec![0.0; expected.len()]);
    }
}

#[test]
fn images_too_small_for_the_package_are_refused_here() {
    let (device, reference) = (device(), reference("lpips"));
    assert_eq!(reference["smallest"], Lpips::SMALLEST as u64);
    assert_eq!(Lpips::check_size(Lpips::SMALLEST), Ok(()));
    assert_eq!(Lpips::check_size(30), Err(TooSmall { size: 30 }));
    assert!(TooSmall { size: 16 }.to_string().contains("at least 31x31 pixels, not 16"));
    let lpips = load(&formula::arrays(&reference)).unwrap();
    let found = lpips.distance(images("a", 2, 16, &device), images("b", 2, 16, &device));
    assert!(found.len() == 2 && found.iter().all(|v| v.is_nan()), "{found:?}");
}

#[test]
fn a_file_without_the_duplicates_is_enough_and_other_networks_are_refused() {
    let full = formula::arrays(&reference("lpips"));
    let mut lean = full.clone();
    lean.retain(|name, _| !name.starts_with("lins."));
    assert_eq!((full.len(), lean.len()), (22, 17));
    assert!(load(&lean).is_ok());

    let mut missing = lean.clone();
    missing.remove("lin3.model.1.weight");
    assert!(load(&missing).unwrap_err().contains("`lin3.model.1.weight` is missing"));
    let mut shape = lean.clone();
    shape.insert("net.slice2.3.bias".to_owned(), (vec![128], vec![0.0; 128]));
    let error = load(&shape).unwrap_err();
    assert!(error.contains("`net.slice2.3.bias` is [128], expected [192]"), "{error}");
    let mut more = lean;
    more.insert("lin5.model.1.weight".to_owned(), (vec![1], vec![0.0]));
    assert!(load(&more).unwrap_err().contains("no `lin5.model.1.weight`"));
}

#[test]
fn half_precision_is_refused_with_a_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let path = formula::write_half(dir.path(), "scaling_layer.shift");
    let error = Lpips::load(&path, &device()).unwrap_err().to_string();
    assert!(error.contains("`scaling_layer.shift` is F16, expected f32"), "{error}");
    assert!(error.contains("`v.float()`"), "{error}");
}
