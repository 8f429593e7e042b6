//! A trained cascade and how it finds a shape.

use crate::geometry::ShapeTransform;
use crate::{GreyImage, Rect};

/// A trained ensemble of regression trees. It is plain data: share it between threads freely.
#[derive(Clone, Debug, PartialEq)]
pub struct Ert {
    pub(crate) sizes: Sizes,
    /// Mean shape in the frame of the box, `[2K]` as x0 y0 x1 y1 ...
    pub(crate) initial: Vec<f32>,
    pub(crate) cascades: Vec<Cascade>,
}

/// Sizes that all levels share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sizes {
    pub(crate) points: usize,
    pub(crate) cascades: usize,
    pub(crate) trees: usize,
    pub(crate) depth: usize,
    pub(crate) pool: usize,
}

impl Sizes {
    /// Coordinates of a shape, 2K.
    pub(crate) fn dims(&self) -> usize {
        2 * self.points
    }

    /// Splits of a tree.
    pub(crate) fn splits(&self) -> usize {
        (1 << self.depth) - 1
    }

    /// Leaves of a tree.
    pub(crate) fn leaves(&self) -> usize {
        1 << self.depth
    }
}

/// One level of the cascade: its pool of pixels and its trees.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Cascade {
    /// Point of the shape to which each pool pixel is tied, `[pool]`, below K.
    pub(crate) anchors: Vec<u16>,
    /// Where the pixel lies relative to that point of the mean shape, `[pool]`.
    pub(crate) deltas: Vec<[f32; 2]>,
    /// `[trees, splits]`, each tree breadth first: the children of `i` are `2i + 1`, `2i + 2`.
    pub(crate) splits: Vec<Split>,
    /// What a leaf adds to the shape, `[trees, leaves, 2K]`.
    pub(crate) leaves: Vec<f32>,
}

/// Left where pixel `first` minus pixel `second` is above the threshold.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Split {
    pub(crate) first: u16,
    pub(crate) second: u16,
    pub(crate) threshold: f32,
}

impl Ert {
    /// Number of points of a shape.
    pub fn points(&self) -> usize {
        self.sizes.points
    }

    /// The K points of the face in `rect`, in pixels of `image`, x and y. They may lie outside
    /// the box and the image; parts of the face outside the image count as black.
    ///
    /// The trees only compare, so any box gives an answer: one without width or height gives
    /// points on a line, one with sides that are not finite gives points that are not finite.
    pub fn detect(&self, image: &GreyImage, rect: &Rect) -> Vec<[f32; 2]> {
        let mut shape = self.initial.clone();
        let mut values = vec![0.0; self.sizes.pool];
        for cascade in &self.cascades {
            cascade.read_pixels(image, rect, &self.initial, &shape, &mut values);
            self.add_trees(cascade, &values, &mut shape);
        }
        let to_pixels = |p: &[f32]| rect.to_image([p[0], p[1]]).map(|v| v as f32);
        shape.chunks_exact(2).map(to_pixels).collect()
    }

    fn add_trees(&self, cascade: &Cascade, values: &[f32], shape: &mut [f32]) {
        let (nodes, dims) = (self.sizes.splits(), self.sizes.dims());
        let leaves = cascade.leaves.chunks_exact(self.sizes.leaves() * dims);
        for (splits, leaves) in cascade.splits.chunks_exact(nodes).zip(leaves) {
            let mut node = 0;
            for _ in 0..self.sizes.depth {
                let split = splits[node];
                let difference = values[split.first as usize] - values[split.second as usize];
                // No branch: its outcome is close to a coin's.
                node = 2 * node + 2 - usize::from(difference > split.threshold);
            }
            let leaf = &leaves[(node - nodes) * dims..][..dims];
            for (value, step) in shape.iter_mut().zip(leaf) {
                *value += step;
            }
        }
    }
}

impl Cascade {
    /// Grey values of the pool's pixels around `shape`, 0 to 255.
    fn read_pixels(
        &self,
        image: &GreyImage,
        rect: &Rect,
        initial: &[f32],
        shape: &[f32],
        values: &mut [f32],
    ) {
        let pose = ShapeTransform::between(initial, shape);
        for ((value, &delta), &anchor) in values.iter_mut().zip(&self.deltas).zip(&self.anchors) {
            let [x, y] = rect.to_image(pose.place(delta, &shape[2 * anchor as usize..][..2]));
            *value = f32::from(image.nearest(x, y));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One tree of one split on a 3 x 1 image: moves the point right where the left pixel is
    /// brighter by more than 10.
    fn one_split() -> Ert {
        let sizes = Sizes { points: 1, cascades: 1, trees: 1, depth: 1, pool: 2 };
        let cascade = Cascade {
            anchors: vec![0, 0],
            deltas: vec![[-0.5, 0.0], [0.5, 0.0]],
            splits: vec![Split { first: 0, second: 1, threshold: 10.0 }],
            leaves: vec![0.25, 0.0, -0.25, 0.5],
        };
        Ert { sizes, initial: vec![0.5, 0.0], cascades: vec![cascade] }
    }

    #[test]
    fn a_split_goes_left_above_its_threshold_only() {
        let ert = one_split();
        let rect = Rect { left: 0.0, top: 0.0, right: 2.0, bottom: 2.0 };
        let detect = |left, right| {
            let image = GreyImage { width: 3, height: 1, pixels: vec![left, 0, right] };
            ert.detect(&image, &rect)
        };
        assert_eq!(detect(61, 50), vec![[1.5, 0.0]]);
        assert_eq!(detect(60, 50), vec![[0.5, 1.0]]);
        // A pixel outside the image is black.
        let rect = Rect { left: 1.0, top: 0.0, right: 3.0, bottom: 2.0 };
        let image = GreyImage { width: 3, height: 1, pixels: vec![0, 200, 100] };
        assert_eq!(ert.detect(&image, &rect), vec![[2.5, 0.0]]);
    }
}
