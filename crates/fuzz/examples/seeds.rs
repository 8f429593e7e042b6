//! Writes the seeds that nobody writes by hand into `corpus/`: models, arrays, sealed texts. Their
//! content is made up here, so that they can be made again when a format changes:
//! `cargo run -p fuzz --example seeds`.
#![allow(clippy::unwrap_used, reason = "a program for the hands of developers")]

use std::fs;
use std::io::Cursor;

use arrays::NamedArrays;
use ert::{Ert, GreyImage, Options, Rect, Sample};
use fuzz::seeds;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use record::{Cell, Comparison, FileProof, ID_DIGITS, Manifest, Origin, PlanFile};

fn put(target: &str, name: &str, bytes: &[u8]) {
    let directory = seeds(target);
    fs::create_dir_all(&directory).unwrap();
    fs::write(directory.join(name), bytes).unwrap();
}

/// Trees that learned where two dots lie.
fn model(levels: usize, trees: usize, depth: usize) -> Ert {
    let face = |k: usize| {
        let dots = [[4.0 + k as f32, 5.0], [11.0 + k as f32, 9.0]];
        let mut pixels = vec![40; 16 * 16];
        for [x, y] in dots {
            pixels[y as usize * 16 + x as usize] = 220;
        }
        let rect = Rect { left: 0.0, top: 0.0, right: 15.0, bottom: 15.0 };
        (
            GreyImage { width: 16, height: 16, pixels },
            Sample { image: k, rect, shape: dots.to_vec() },
        )
    };
    let (images, samples): (Vec<_>, Vec<_>) = (0..4).map(face).unzip();
    let options = Options {
        cascade_depth: levels,
        trees_per_cascade: trees,
        tree_depth: depth,
        oversampling: 2,
        feature_pool: 4,
        test_splits: 3,
        padding: 0.1,
        seed: 1,
        ..Options::default()
    };
    ert::train(&images, &samples, &options, &|_, _| {}).unwrap()
}

fn main() {
    for (name, [levels, trees, depth]) in [("small", [1, 1, 1]), ("two-levels", [2, 2, 2])] {
        let model = model(levels, trees, depth);
        put("dlib-model", &format!("{name}.dat"), &model.to_dlib());
        put("ert-model", &format!("{name}.ert"), &model.to_bytes());
        let half = &model.to_dlib()[..40];
        put("dlib-model", &format!("{name}-cut.dat"), half);
    }
    put(
        "ert-model",
        "other-version.ert",
        &[b"ertmodel", [2, 0, 0, 0].as_slice(), &[0; 64]].concat(),
    );

    let picture = RgbImage::from_fn(17, 9, |x, y| Rgb([15 * x as u8, 25 * y as u8, 77]));
    let mut jpeg = Cursor::new(Vec::new());
    picture.write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    put("photo", "colour.jpg", jpeg.get_ref());
    put("photo", "cut.jpg", &jpeg.get_ref()[..jpeg.get_ref().len() - 9]);
    let mut jpeg = Cursor::new(Vec::new());
    DynamicImage::from(picture).to_luma8().write_to(&mut jpeg, ImageFormat::Jpeg).unwrap();
    put("photo", "grey.jpg", jpeg.get_ref());

    let array = |shape: &[usize]| {
        let count: usize = shape.iter().product();
        (shape.to_vec(), (0..count).map(|k| 0.25 * k as f32 - 1.0).collect())
    };
    let named = [
        ("conv.weight", array(&[2, 3, 1, 1])),
        ("conv.bias", array(&[2])),
        ("empty", array(&[0, 4])),
    ];
    let arrays: NamedArrays = named.map(|(name, array)| (name.to_owned(), array)).into();
    let bytes = arrays::to_bytes(&arrays);
    put("safetensors", "three.safetensors", &bytes);
    put("safetensors", "cut.safetensors", &bytes[..bytes.len() - 4]);
    put("safetensors", "none.safetensors", &arrays::to_bytes(&NamedArrays::new()));
    let half = String::from_utf8_lossy(&bytes[8..bytes.len() - 32]).replace("F32", "F16");
    let half = [(half.len() as u64).to_le_bytes().as_slice(), half.as_bytes(), &[0; 16]].concat();
    put("safetensors", "half-precision.safetensors", &half);

    let hash = blake3::hash(b"a cell").to_hex().to_string();
    let manifest = Manifest {
        config_hash: hash.clone(),
        attempt: "19a-1".to_owned(),
        backend: "flex".to_owned(),
        program: "resgan 0.1.0".to_owned(),
        files: vec![
            FileProof::of_bytes("config.toml", b"[data]"),
            FileProof::of_bytes("eval/images.csv", b"image,direction\n"),
        ],
        made: None,
    };
    let sealed = manifest.to_sealed().unwrap();
    put("manifest", "done.json", &sealed);
    put("manifest", "cut.json", &sealed[..sealed.len() / 2]);
    let changed = String::from_utf8_lossy(&sealed).replace("flex", "wgpu");
    put("manifest", "changed.json", changed.as_bytes());
    put("manifest", "older.json", br#"{"config_hash":"h","attempt":"1","files":[]}"#);

    let factors = [("losses.dual".to_owned(), "none".to_owned())];
    let cell = Cell {
        id: hash[..ID_DIGITS].to_owned(),
        hash,
        judgement: String::new(),
        seed: 1,
        factors: factors.into(),
    };
    let plan = PlanFile {
        experiment: "dual".to_owned(),
        question: "Does it help?".to_owned(),
        factors: vec![("losses.dual".to_owned(), vec!["none".to_owned()])],
        seeds: vec![1],
        compare: Some(Comparison { factor: "losses.dual".into(), baseline: "none".into() }),
        worker: None,
        made: Some(Origin {
            experiment: "/w/experiments/dual.toml".into(),
            from_results: Some("../../experiments/dual.toml".into()),
            directory: "/w".into(),
            set: vec!["train.steps=5".to_owned()],
            seeds: Some(vec![1]),
            backends: vec!["flex".to_owned()],
        }),
        steps: Some(5),
        cells: vec![cell],
    };
    let sealed = plan.to_sealed().unwrap();
    put("plan", "plan.json", &sealed);
    put("plan", "cut.json", &sealed[..sealed.len() / 2]);
    let older = PlanFile { made: None, ..plan };
    put("plan", "older.json", serde_json::to_string(&older).unwrap().as_bytes());
}
