//! The layout that turns every convolution, its gradients and the transposed convolution into one
//! loop without index arithmetic.
//!
//! A convolution links a *large* image (its input) and a *small* one (its output). The padded
//! large image is cut into `stride * stride` phase planes: plane (a, b) holds the pixels whose row
//! is a and column is b modulo the stride. Seen as a flat array, a plane moved by one constant
//! offset lines up with the small image, whose rows are spread to the length of a plane's rows
//! with zeros between: whole planes, even of several images in a row, become one long vector.

use crate::Padding;

/// The sizes of a convolution's two images and of their planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) large: [usize; 2],
    pub(crate) small: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: usize,
    pub(crate) padding: Padding,
    /// Rows and columns of a plane.
    pub(super) plane: [usize; 2],
}

impl Geometry {
    /// `None` if the kernel is larger than the padded image.
    pub(crate) fn new(
        large: [usize; 2],
        kernel: [usize; 2],
        stride: usize,
        padding: Padding,
    ) -> Option<Self> {
        let Padding { top, left, bottom, right } = padding;
        let padded = [large[0] + top + bottom, large[1] + left + right];
        let rows = padded[0].checked_sub(kernel[0])? / stride + 1;
        let columns = padded[1].checked_sub(kernel[1])? / stride + 1;
        let plane =
            [rows - 1 + kernel[0].div_ceil(stride), columns - 1 + kernel[1].div_ceil(stride)];
        Some(Geometry { large, small: [rows, columns], kernel, stride, padding, plane })
    }

    pub(crate) fn large_pixels(&self) -> usize {
        self.large[0] * self.large[1]
    }

    pub(crate) fn small_pixels(&self) -> usize {
        self.small[0] * self.small[1]
    }

    pub(crate) fn kernel_pixels(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    pub(super) fn plane_pixels(&self) -> usize {
        self.plane[0] * self.plane[1]
    }

    pub(super) fn phases(&self) -> usize {
        self.stride * self.stride
    }

    /// The largest distance between a small pixel and a large one it sees, within a plane.
    pub(super) fn reach(&self) -> usize {
        (self.plane[0] - self.small[0]) * self.plane[1] + self.plane[1] - self.small[1]
    }

    /// From the first small pixel of the first of `images` to the last one of the last.
    pub(super) fn flat_length(&self, images: usize) -> usize {
        images * self.plane_pixels() - self.reach()
    }

    /// The phase and the offset in its plane that kernel position (row, column) reads.
    pub(super) fn tap(&self, row: usize, column: usize) -> (usize, usize) {
        let s = self.stride;
        (row % s * s + column % s, row / s * self.plane[1] + column / s)
    }
}
