//! The layout that turns every convolution, its gradients and the transposed convolution into one
//! loop without index arithmetic.
//!
//! A convolution links a *large* image (its input) and a *small* one (its output). The padded
//! large image is cut into `stride * stride` phase planes: plane (a, b) holds the pixels whose row
//! is a and column is b modulo the stride. Seen as a flat array, a plane moved by one constant
//! offset lines up with the small image, whose rows are spread to the length of a plane's rows
//! with zeros between: whole planes, even of several images in a row, become one long vector.

use crate::{Padding, Precision};

/// One convolution's sizes: weights are `[small channel, large channel, row, column]`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Conv {
    pub(crate) geometry: Geometry,
    pub(crate) large_channels: usize,
    pub(crate) small_channels: usize,
    /// What is multiplied; flex takes single precision alone.
    pub(crate) precision: Precision,
}

/// Which image of a [`Conv`] the input is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Indexing {
    /// A convolution: the large one.
    Gather,
    /// A transposed convolution: the small one.
    Scatter,
}

impl Conv {
    /// Channels of the output.
    pub(crate) fn outputs(&self, direction: Indexing) -> usize {
        match direction {
            Indexing::Gather => self.small_channels,
            Indexing::Scatter => self.large_channels,
        }
    }
}

/// The sizes of a convolution's two images and of their planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    pub(crate) large: [usize; 2],
    pub(crate) small: [usize; 2],
    pub(crate) kernel: [usize; 2],
    pub(crate) stride: usize,
    pub(crate) padding: Padding,
    /// Rows and columns of a plane.
    pub(crate) plane: [usize; 2],
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

    pub(crate) fn plane_pixels(&self) -> usize {
        self.plane[0] * self.plane[1]
    }

    pub(crate) fn phases(&self) -> usize {
        self.stride * self.stride
    }

    /// The largest distance between a small pixel and a large one it sees, within a plane.
    pub(crate) fn reach(&self) -> usize {
        (self.plane[0] - self.small[0]) * self.plane[1] + self.plane[1] - self.small[1]
    }

    /// From the first small pixel of the first of `images` to the last one of the last.
    pub(crate) fn flat_length(&self, images: usize) -> usize {
        images * self.plane_pixels() - self.reach()
    }

    /// The phase and the offset in its plane that kernel position (row, column) reads.
    pub(crate) fn tap(&self, row: usize, column: usize) -> (usize, usize) {
        let s = self.stride;
        (row % s * s + column % s, row / s * self.plane[1] + column / s)
    }
}
