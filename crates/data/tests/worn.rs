//! Glasses on the faces of a prepared data set.
#![allow(clippy::unwrap_used)]

use config::{Attribute, RunConfig};
use data::{Prepared, Styles};

fn prepared(text: &str, cache: &std::path::Path) -> Prepared {
    let run = RunConfig::from_toml(&format!("[data]\nsize = 64\n{text}"), "test").unwrap();
    data::prepare(&run.data, run.eval.part, cache, &|_, _| {}).unwrap()
}

#[test]
fn a_face_wears_what_its_name_styles_and_seed_say() {
    let dir = tempfile::tempdir().unwrap();
    let data = prepared("synthetic_count = 40\n", dir.path());
    let glasses = Attribute::of("eyeglasses");
    let [first, second] = data.split.train_negative[..2] else { panic!("two faces") };
    let worn = |face, styles, seed| data.worn(face, &glasses, styles, seed).unwrap();
    let one = worn(first, Styles::Test, 0);
    assert_eq!(one, worn(first, Styles::Test, 0));
    assert_ne!(one, data.images.image(first));
    assert_ne!(one, worn(first, Styles::Test, 1));
    assert_ne!(one, worn(first, Styles::Training, 0));
    assert_ne!(one, worn(second, Styles::Test, 0));
    assert_eq!(data.worn(first, &Attribute::of("smiling"), Styles::Test, 0), None);
    assert_eq!(data.points(first), data.faces[first].landmarks);
}

#[test]
fn an_aligned_frame_says_where_the_eyes_are_without_points() {
    let dir = tempfile::tempdir().unwrap();
    let mut data = prepared("synthetic_count = 40\n", dir.path());
    let face = data.split.train_negative[0];
    data.faces[face].landmarks = None;
    let mean = data.points(face).expect("synthetic faces are aligned as CelebA's are");
    assert!((mean[0][1] - mean[1][1]).abs() < 2.0 && mean[0][0] < mean[1][0], "{mean:?}");
    assert!(data.worn(face, &Attribute::of("eyeglasses"), Styles::Test, 0).is_some());
}
