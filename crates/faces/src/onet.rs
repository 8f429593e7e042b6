//! Five points on a face by the third network of MTCNN.
//!
//! Zhang et al., "Joint face detection and alignment using multi-task cascaded convolutional networks" (2016):
//! the network is shown the box of a face at 48 x 48 pixels and says whether it is one, where the box belongs,
//! and where the points lie that CelebA annotates. Its weights are those of PyPI's facenet-pytorch 2.6.0 (MIT),
//! brought here by `scripts/mtcnn_weights.py`; the networks before it are not needed, for the box comes from
//! the [`Detector`](crate::Detector).

use std::path::Path;

use arrays::NamedArrays;
use data::{Landmarks, Similarity, resample};
use image::RgbImage;

use crate::layers::{Conv, Dense, Planes, max_pool};

/// Side of what the network sees, pixels.
const SIDE: usize = 48;

const WEIGHTS: &[u8] = include_bytes!("../models/mtcnn_onet.safetensors");

/// A square in the photograph, pixels; the centre of the first pixel is (0, 0).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Boxed {
    /// Its centre.
    pub centre: [f32; 2],
    /// Length of its sides.
    pub side: f32,
}

/// What the network says of a box.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// Left and right eye, nose tip, left and right corner of the mouth, pixels of the photograph.
    pub points: Landmarks,
    /// Where the network would have put the box.
    pub corrected: Boxed,
    /// Probability that it shows a face, 0 to 1.
    pub certainty: f32,
}

/// The network with its weights. It is plain data: share it between threads freely.
#[derive(Clone, Debug)]
pub struct PointFinder {
    convs: [Conv; 4],
    dense: Dense,
    slope: Vec<f32>,
    is_face: Dense,
    corners: Dense,
    points: Dense,
}

impl Default for PointFinder {
    fn default() -> Self {
        PointFinder::new()
    }
}

impl PointFinder {
    /// The network that this program carries.
    pub fn new() -> PointFinder {
        let path = Path::new("mtcnn_onet.safetensors");
        let mut arrays =
            arrays::from_bytes(path, WEIGHTS).expect("the file that was built in is whole");
        let convs = [(1, 3), (2, 3), (3, 3), (4, 2)].map(|(index, side)| Conv {
            weight: take(&mut arrays, &format!("conv{index}.weight")),
            bias: take(&mut arrays, &format!("conv{index}.bias")),
            slope: take(&mut arrays, &format!("prelu{index}.weight")),
            side,
        });
        let mut dense = |name: &str| Dense {
            weight: take(&mut arrays, &format!("{name}.weight")),
            bias: take(&mut arrays, &format!("{name}.bias")),
        };
        PointFinder {
            convs,
            dense: dense("dense5"),
            is_face: dense("dense6_1"),
            corners: dense("dense6_2"),
            points: dense("dense6_3"),
            slope: take(&mut arrays, "prelu5.weight"),
        }
    }

    /// Looks at a box of a photograph. Outside the photograph its edge continues.
    pub fn read(&self, photo: &RgbImage, face: &Boxed) -> Reading {
        let scale = SIDE as f32 / face.side;
        let [left, top] = face.centre.map(|centre| centre - face.side / 2.0);
        // Edges of pixels lie half a pixel before their centres.
        let shift = |first: f32| -first * scale - 0.5;
        let to_view = Similarity { a: scale, b: 0.0, t: [shift(left), shift(top)] };
        let [corners, points, is_face] = self.forward(&resample(photo, &to_view, SIDE));
        let place = |x: f32, y: f32| [left + x * face.side, top + y * face.side];
        let [x0, y0] = place(corners[0], corners[1]);
        let [x1, y1] = place(1.0 + corners[2], 1.0 + corners[3]);
        Reading {
            points: std::array::from_fn(|k| place(points[k], points[5 + k])),
            corrected: Boxed {
                centre: [(x0 + x1) / 2.0, (y0 + y1) / 2.0],
                side: (x1 - x0).max(y1 - y0),
            },
            certainty: is_face[0],
        }
    }

    /// Offsets of the corners (4), points as x1 .. x5, y1 .. y5 (10), both in sides of the box, and the
    /// probability of a face (1), from RGB bytes.
    fn forward(&self, view: &[u8]) -> [Vec<f32>; 3] {
        let value = |at: usize| {
            let (channel, pixel) = (at / (SIDE * SIDE), at % (SIDE * SIDE));
            (f32::from(view[3 * pixel + channel]) - 127.5) / 128.0
        };
        let values = (0..3 * SIDE * SIDE).map(value).collect();
        let x = Planes { channels: 3, height: SIDE, width: SIDE, values };
        let [one, two, three, four] = &self.convs;
        let x = max_pool(&one.forward(&x), 3);
        let x = max_pool(&two.forward(&x), 3);
        let x = max_pool(&three.forward(&x), 2);
        let x = four.forward(&x);
        // The weights come from a program that counts columns, then rows, then channels.
        let turned = (0..x.values.len()).map(|at| {
            let (column, row) = (at / x.channels / x.height, at / x.channels % x.height);
            x.values[(at % x.channels * x.height + row) * x.width + column]
        });
        let x = self.dense.forward_prelu(&turned.collect::<Vec<_>>(), &self.slope);
        let logits = self.is_face.forward(&x);
        let face = 1.0 / (1.0 + (logits[0] - logits[1]).exp());
        [self.corners.forward(&x), self.points.forward(&x), vec![face]]
    }
}

fn take(arrays: &mut NamedArrays, name: &str) -> Vec<f32> {
    arrays.remove(name).expect("the file that was built in has every array").1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_answers_as_pytorch_does() {
        // `scripts/mtcnn_weights.py --golden` shows it the same picture.
        let view: Vec<u8> =
            (0..3 * SIDE * SIDE).map(|at| (at * 37 % 97 + at % 3 * 50) as u8).collect();
        let golden = [
            vec![-0.032605, -0.121004, -0.103871, 0.038578],
            vec![
                0.344271, 0.664468, 0.483192, 0.316814, 0.560005, 0.27565, 0.293481, 0.541121,
                0.727535, 0.761469,
            ],
            vec![0.009296],
        ];
        for (found, expected) in PointFinder::new().forward(&view).iter().zip(&golden) {
            assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(expected) {
                assert!((found - expected).abs() < 1e-5, "{found} where {expected} belongs");
            }
        }
    }

    #[test]
    fn a_box_that_moves_with_the_picture_moves_its_points() {
        let face = data::synthetic::draw(
            3,
            &data::synthetic::Spec { count: 4, seed: 1, correlation: 0.5 },
        );
        let small = data::synthetic::render(&face);
        let mut large = RgbImage::new(400, 300);
        image::imageops::replace(&mut large, &small, 150, 60);
        let finder = PointFinder::new();
        let place = Boxed { centre: [88.0, 118.0], side: 110.0 };
        let moved = Boxed { centre: [238.0, 178.0], ..place };
        let (here, there) = (finder.read(&small, &place), finder.read(&large, &moved));
        for (here, there) in here.points.iter().zip(there.points) {
            assert!(
                (here[0] + 150.0 - there[0]).abs() < 0.01
                    && (here[1] + 60.0 - there[1]).abs() < 0.01
            );
        }
    }
}
