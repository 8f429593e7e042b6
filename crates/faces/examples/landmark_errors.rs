//! How far five points lie from their annotation: the table of docs/photographs.md.
//!
//! ```text
//! cargo run -p faces --example landmark_errors -- ../shared/data/mtfl [EVERY] [shape_predictor_5_face_landmarks.dat]
//! cargo run -p faces --example landmark_errors -- ../shared/data/celeba [EVERY]
//! ```
//!
//! MTFL: errors on its LFW images, by head pose on all of its images, and what is found of a face that is cut
//! off. CelebA: distance from CelebA's mean points. `EVERY` takes one image of so many. The other detector is
//! dlib's, from PyPI's face_recognition_models 0.3.0 (CC0); its points are corners of the eyes, so it is
//! compared at their centres.
#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs)]

use std::path::Path;

use data::annotations::mtfl::{MtflRow, rows};
use data::{CELEBA_MEAN, Landmarks};
use ert::{Ert, GreyImage, Rect};
use faces::{Anchors, Detector, Face, Frame, PointFinder, misfit, outside};
use image::RgbImage;

fn distance(p: [f32; 2], q: [f32; 2]) -> f32 {
    (p[0] - q[0]).hypot(p[1] - q[1])
}

/// Errors of points as shares of the distance of the eyes.
fn errors(points: &[[f32; 2]], truth: &Landmarks) -> Vec<f32> {
    let eyes = distance(truth[0], truth[1]);
    points.iter().zip(truth).map(|(p, q)| distance(*p, *q) / eyes).collect()
}

fn mean(values: impl IntoIterator<Item = f32>) -> f32 {
    let values: Vec<f32> = values.into_iter().collect();
    values.iter().sum::<f32>() / values.len() as f32
}

/// The value below which this share lies.
fn quantile(values: &mut [f32], share: f32) -> f32 {
    values.sort_by(f32::total_cmp);
    values[((values.len() - 1) as f32 * share).round() as usize]
}

/// Percent: eyes, all points, 95th percentile and share above 10 %.
fn show(name: &str, all: &[Vec<f32>]) {
    let of = |errors: &Vec<f32>, points: usize| mean(errors.iter().take(points).copied());
    let eyes = 100.0 * mean(all.iter().map(|errors| of(errors, 2)));
    let mut whole: Vec<f32> = all.iter().map(|errors| 100.0 * of(errors, 5)).collect();
    let far =
        100.0 * whole.iter().filter(|error| **error > 10.0).count() as f32 / whole.len() as f32;
    let (five, high) = (mean(whole.iter().copied()), quantile(&mut whole, 0.95));
    println!(
        "{name:28} eyes {eyes:5.2}  points {five:5.2}  95 % {high:5.2}  above 10 %: {far:4.1} %"
    );
}

fn centre(points: &[[f32; 2]]) -> [f32; 2] {
    [0, 1].map(|axis| mean(points.iter().map(|p| p[axis])))
}

/// The face that was annotated.
fn annotated(faces: &[Face], truth: &Landmarks) -> Option<Face> {
    let (middle, reach) = (centre(truth), distance(centre(&truth[..2]), centre(&truth[3..])));
    let near = |face: &&Face| distance(face.square.centre, middle) < reach;
    faces.iter().find(near).copied()
}

/// Eye centres by dlib's trees, from the same box.
fn by_dlib(trees: &Ert, photo: &RgbImage, face: &Face) -> Vec<[f32; 2]> {
    let (width, height) = (photo.width() as usize, photo.height() as usize);
    let grey = GreyImage::from_rgb(width, height, photo.as_raw());
    let ([x, y], half) = (face.square.centre, (face.square.side - 1.0) / 2.0);
    let rect = Rect { left: x - half, top: y - half, right: x + half, bottom: y + half };
    let corners = trees.detect(&grey, &rect);
    vec![centre(&corners[2..4]), centre(&corners[..2])]
}

fn mtfl(root: &Path, list: &Path, every: usize, trees: Option<&Ert>) {
    let detector = Detector::new();
    let all = rows(list, &std::fs::read(list).unwrap()).unwrap();
    let all: Vec<MtflRow> = all.into_iter().step_by(every).collect();
    let mut found: Vec<(&MtflRow, RgbImage, Face)> = Vec::new();
    let (mut wrong, mut lost) = (0, [0; 6]);
    for row in &all {
        let photo = data::photo::read(&root.join(&row.image)).unwrap();
        let faces = detector.search(&photo).faces;
        match annotated(&faces, &row.landmarks) {
            Some(face) => {
                wrong += faces.len() - 1;
                found.push((row, photo, face));
            }
            None => lost[usize::from(row.pose)] += 1,
        }
    }
    println!(
        "{} images: {} faces found, {wrong} others, lost by pose {:?}",
        all.len(),
        found.len(),
        &lost[1..]
    );
    let scores = |of: fn(&Face) -> f32| found.iter().map(|(.., face)| of(face)).collect::<Vec<_>>();
    let low = |mut values: Vec<f32>| quantile(&mut values, 0.01);
    println!(
        "1 % lie below score {:.1}, certainty {:.3}",
        low(scores(|f| f.score)),
        low(scores(|f| f.certainty))
    );

    let lfw: Vec<_> = found.iter().filter(|(row, ..)| row.image.starts_with("lfw")).collect();
    println!("LFW, {} faces, % of the distance of the eyes:", lfw.len());
    // The mean place in the box, of web images.
    let mut shape = [[0.0; 2]; 5];
    let web: Vec<_> = found.iter().filter(|(row, ..)| row.image.starts_with("net")).collect();
    for (k, point) in shape.iter_mut().enumerate() {
        *point = [0, 1].map(|axis| {
            let share = |(row, _, face): &&&(&MtflRow, RgbImage, Face)| {
                (row.landmarks[k][axis] - face.square.centre[axis]) / face.square.side
            };
            mean(web.iter().map(|one| share(&one)))
        });
    }
    let placed = |face: &Face| {
        shape.map(|p| [0, 1].map(|a| face.square.centre[a] + p[a] * face.square.side))
    };
    let finder = PointFinder::new();
    let table = |points: &dyn Fn(&RgbImage, &Face) -> Vec<[f32; 2]>| -> Vec<Vec<f32>> {
        lfw.iter().map(|(row, photo, face)| errors(&points(photo, face), &row.landmarks)).collect()
    };
    show("mean shape in the box", &table(&|_, face| placed(face).to_vec()));
    if let Some(trees) = trees {
        show("dlib, eyes alone", &table(&|photo, face| by_dlib(trees, photo, face)));
    }
    show(
        "O-Net, one look",
        &table(&|photo, face| finder.read(photo, &face.square).points.to_vec()),
    );
    show("O-Net, two looks", &table(&|_, face| face.points.to_vec()));

    println!(
        "by pose, all images: points found, and how they miss CelebA's mean face (90 %, 99 %), annotation's (90 %):"
    );
    for pose in 1..=5 {
        let of: Vec<_> = found.iter().filter(|(row, ..)| row.pose == pose).collect();
        let all: Vec<Vec<f32>> =
            of.iter().map(|(row, _, f)| errors(&f.points, &row.landmarks)).collect();
        show(&format!("pose {pose}, {} faces", of.len()), &all);
        let mut misfits: Vec<f32> = of.iter().map(|(.., face)| misfit(&face.points)).collect();
        let mut true_ones: Vec<f32> = of.iter().map(|(row, ..)| misfit(&row.landmarks)).collect();
        let [high, highest] = [0.9, 0.99].map(|share| quantile(&mut misfits, share));
        println!(
            "    misfit {high:.2} {highest:.2}, annotation {:.2}",
            quantile(&mut true_ones, 0.9)
        );
    }
    cut(&detector, &found);
}

/// Columns of the picture are cut off at its left until this much of the crop lies outside.
fn cut(detector: &Detector, found: &[(&MtflRow, RgbImage, Face)]) {
    println!(
        "crop cut off at the left: faces still found, their points against those of the whole picture:"
    );
    for share in [0.1, 0.2, 0.3, 0.4] {
        let (mut all, mut kept) = (Vec::new(), 0);
        let whole = found.iter().filter(|(row, ..)| row.pose == 3).step_by(3);
        for (_, photo, face) in whole {
            let frame = Frame::of_face(&face.points, Anchors::FivePoints, 64).unwrap();
            let left = frame.corners().iter().map(|c| c[0]).fold(f32::MAX, f32::min);
            let columns = (left + share * frame.side()).max(0.0) as u32;
            if outside(&frame, photo.dimensions()) > 0.02 || columns == 0 {
                continue;
            }
            let (width, height) = photo.dimensions();
            let rest =
                image::imageops::crop_imm(photo, columns, 0, width - columns, height).to_image();
            let truth = face.points.map(|[x, y]| [x - columns as f32, y]);
            kept += 1;
            if let Some(again) = annotated(&detector.search(&rest).faces, &truth) {
                all.push(errors(&again.points, &truth));
            }
        }
        show(&format!("{:.0} %: {} of {kept}", 100.0 * share, all.len()), &all);
    }
}

/// Mean distance of the crop's corners from those that CelebA's frame gives, of 178 pixels.
fn off(face: &Face, anchors: Anchors) -> f32 {
    let frame = Frame::of_face(&face.points, anchors, 178).unwrap();
    let truth = Frame::of_crop((178, 218), 178).unwrap();
    mean(frame.corners().into_iter().zip(truth.corners()).map(|(p, q)| distance(p, q)))
}

fn celeba(root: &Path, every: usize) {
    let detector = Detector::new();
    let images = std::fs::read_dir(root.join("img_align_celeba")).unwrap();
    let mut files: Vec<_> = images.map(|file| file.unwrap().path()).collect();
    files.sort();
    let (mut found, mut lost) = (Vec::new(), 0);
    for file in files.iter().step_by(every) {
        let photo = data::photo::read(file).unwrap();
        match annotated(&detector.search(&photo).faces, &CELEBA_MEAN) {
            Some(face) => found.push(face),
            None => lost += 1,
        }
    }
    println!(
        "CelebA, {} faces, {lost} lost; distance from its mean, % of the distance of its eyes:",
        found.len()
    );
    show(
        "O-Net, two looks",
        &found.iter().map(|face| errors(&face.points, &CELEBA_MEAN)).collect::<Vec<_>>(),
    );
    for anchors in [Anchors::FivePoints, Anchors::EyesAndMouth] {
        let mut all: Vec<f32> = found.iter().map(|face| off(face, anchors)).collect();
        let (middle, high) = (mean(all.iter().copied()), quantile(&mut all, 0.95));
        println!(
            "{anchors:?}: corners off by {middle:.1} of 178 pixels in the mean, 95 % below {high:.1}"
        );
    }
    let mut misfits: Vec<f32> = found.iter().map(|face| misfit(&face.points)).collect();
    println!("misfit 99 % below {:.2}", quantile(&mut misfits, 0.99));
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(words.first().expect("a directory: MTFL's or CelebA's"));
    let every = words.get(1).map_or(1, |word| word.parse().unwrap());
    let list = root.join("training.txt");
    match list.is_file() {
        true => {
            let trees =
                words.get(2).map(|file| Ert::from_dlib(&std::fs::read(file).unwrap()).unwrap());
            mtfl(root, &list, every, trees.as_ref());
        }
        false => celeba(root, every),
    }
}
