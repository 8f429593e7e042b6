//! How images become crops, and where their points come to lie.

use std::fmt::Write;

use config::JudgedPart;
use data::{CELEBA_MEAN, Framing, Landmarks};

use super::Home;

const NAMES: &str = "x1,y1,x2,y2,x3,y3,x4,y4,x5,y5";

fn fields(points: &Landmarks) -> String {
    points.as_flattened().iter().map(|value| format!(",{value}")).collect()
}

/// CelebA's mean face, this much larger and further right and down.
fn moved(scale: f32, by: f32) -> Landmarks {
    CELEBA_MEAN.map(|point| point.map(|value| scale * value + by))
}

/// 16 faces, every other with a hat, and their points.
fn home(sides: [u32; 2], points: impl Fn(usize) -> Option<Landmarks>) -> Home {
    let mut text = format!("file_name,hat,{NAMES}\n");
    let names: Vec<String> = (0..16).map(|i| format!("{i:02}.png")).collect();
    for (i, name) in names.iter().enumerate() {
        let fields = points(i).map_or_else(|| ",".repeat(10), |points| fields(&points));
        writeln!(text, "{name},{}{fields}", i % 2).unwrap();
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Home::new("metadata.csv", text, &names, sides)
}

/// Points in pixels of a crop of 32 pixels, of every face that is prepared.
fn prepared(home: &Home, more: &str) -> Vec<Option<Landmarks>> {
    let data = home.settings(&format!("attribute = \"hat\"\n{more}"));
    let cache = home.path().join(".cache");
    let prepared = data::prepare(&data, JudgedPart::Test, &cache, &|_, _| {}).unwrap();
    prepared.faces.iter().map(|face| face.landmarks).collect()
}

fn near(found: Option<Landmarks>, expected: Landmarks) -> bool {
    let pairs = found.map(|found| found.into_iter().zip(expected));
    let far = |(p, q): ([f32; 2], [f32; 2])| (p[0] - q[0]).hypot(p[1] - q[1]) > 0.05;
    pairs.is_some_and(|mut pairs| !pairs.any(far))
}

/// CelebA's mean points in a crop of 32 pixels.
fn mean() -> Landmarks {
    CELEBA_MEAN
        .map(|[x, y]| [(x + 0.5) * 32.0 / 178.0 - 0.5, (y - 20.0 + 0.5) * 32.0 / 178.0 - 0.5])
}

#[test]
fn five_points_bring_photographs_of_any_size_to_celebas_frame() {
    let home = home([500, 420], |i| Some(moved(1.0 + i as f32 / 16.0, 40.0)));
    let five = "alignment = \"five-point\"";
    assert_eq!(home.open(five).unwrap().framing, Framing::FivePoint);
    let found = prepared(&home, five);
    assert_eq!(found.len(), 16);
    assert!(found.iter().all(|points| near(*points, mean())), "{found:?}");
    let told = home.overview(five);
    assert!(
        told.contains("CelebA's, to which five points bring each face; 500 x 420 (16)"),
        "{told}"
    );
    assert!(told.contains("a point, y of the left mouth corner"), "{told}");
}

#[test]
fn a_face_that_no_points_place_is_left_out_and_without_points_nothing_is_aligned() {
    let five = "alignment = \"five-point\"";
    let some = home([500, 420], |i| match i {
        3 => None,
        4 => Some([[7.0, 7.0]; 5]),
        _ => Some(moved(1.5, 40.0)),
    });
    let read = some.open(five).unwrap();
    assert_eq!(read.faces.len(), 14);
    assert!(read.notes.iter().any(|note| note.contains("2 of 16 faces have no five points")));
    let none = home([500, 420], |_| None);
    assert!(none.refused(five).contains("no row with an image has five points"));
    let without = Home::squares("file_name,hat\na.png,1\n");
    let told = without.refused(five);
    assert!(told.contains("metadata.csv:1: has no points, which data.alignment"), "{told}");
}

#[test]
fn points_of_squares_are_pixels_of_the_image_whatever_its_size() {
    // The square shows CelebA's frame from its row 20 on, twice as large.
    let points = CELEBA_MEAN.map(|[x, y]| [(x + 0.5) * 2.0 - 0.5, (y - 20.0 + 0.5) * 2.0 - 0.5]);
    let home = home([356, 356], |i| match i {
        5 => Some(points.map(|point| point.map(|value| value + 300.0))),
        _ => Some(points),
    });
    home.image("02.png", 9, [90, 90]);
    let found = prepared(&home, "crop = \"made\"");
    // Number 2 is smaller and number 5 points beside its image: both keep their face, not their points.
    let lacks: Vec<usize> = (0..16).filter(|i| found[*i].is_none()).collect();
    assert_eq!(lacks, [2, 5]);
    assert!(found.iter().flatten().all(|points| near(Some(*points), mean())), "{found:?}");
    let notes = home.open("crop = \"made\"").unwrap().notes.join("\n");
    assert!(notes.contains("2 face(s) have points outside the image or both eyes"), "{notes}");
}

#[test]
fn images_in_celebas_frame_keep_points_that_lie_in_it() {
    let home = home([178, 218], |i| Some(moved(if i == 7 { 3.0 } else { 1.0 }, 0.0)));
    assert_eq!(home.open("").unwrap().framing, Framing::Aligned);
    let found = prepared(&home, "");
    assert!(found.iter().enumerate().all(|(i, points)| match i {
        7 => points.is_none(),
        _ => near(*points, mean()),
    }));
}

#[test]
fn a_wrong_frame_is_told_with_the_key_that_fits_before_anything_is_decoded() {
    let points = home([500, 420], |_| Some(moved(1.5, 40.0)));
    let told = points.refused("");
    assert!(
        told.contains("00.png: is 500 x 420 pixels and not CelebA's frame, 178 x 218"),
        "{told}"
    );
    assert!(told.contains("set data.alignment to \"five-point\""), "{told}");
    let told = home([300, 300], |_| Some(moved(1.5, 10.0))).refused("");
    assert!(told.contains("\"five-point\"") && told.contains("or data.crop to \"made\""), "{told}");
    let told = Home::squares("file_name,hat\na.png,1\n").refused("");
    assert!(told.contains("set data.crop to \"made\""), "{told}");
    let celeba = home([178, 218], |_| None);
    assert!(celeba.refused("crop = \"made\"").contains("set data.crop to \"align\""));
    let loose = Home::new("metadata.csv", "file_name,hat\na.png,1\n", &["a.png"], [300, 200]);
    assert!(
        loose
            .refused("")
            .contains("or add ten columns of points, which `cargo xtask data locate` finds")
    );
}
