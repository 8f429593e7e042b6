//! Layers of a small convolutional network on one image, in single precision.

/// Planes of numbers, `[channels, height, width]`, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Planes {
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) values: Vec<f32>,
}

impl Planes {
    fn plane(&self, channel: usize) -> &[f32] {
        let area = self.height * self.width;
        &self.values[channel * area..][..area]
    }
}

/// Convolution without padding at stride 1, then a PReLU with a slope per channel.
#[derive(Clone, Debug)]
pub(crate) struct Conv {
    /// `[out, in, side, side]`.
    pub(crate) weight: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
    /// `[out]`.
    pub(crate) slope: Vec<f32>,
    /// Side of the kernel.
    pub(crate) side: usize,
}

impl Conv {
    pub(crate) fn forward(&self, x: &Planes) -> Planes {
        let (side, out) = (self.side, self.bias.len());
        let (height, width) = (x.height + 1 - side, x.width + 1 - side);
        let mut values = Vec::with_capacity(out * height * width);
        for (channel, (&bias, &slope)) in self.bias.iter().zip(&self.slope).enumerate() {
            let start = values.len();
            values.resize(start + height * width, bias);
            let kernels = &self.weight[channel * x.channels * side * side..];
            for (from, kernel) in kernels.chunks_exact(side * side).take(x.channels).enumerate() {
                let plane = x.plane(from);
                for (row, line) in values[start..].chunks_exact_mut(width).enumerate() {
                    for (at, &weight) in kernel.iter().enumerate() {
                        let shifted = &plane[(row + at / side) * x.width + at % side..][..width];
                        line.iter_mut().zip(shifted).for_each(|(y, &x)| *y += weight * x);
                    }
                }
            }
            prelu(&mut values[start..], slope);
        }
        Planes { channels: out, height, width, values }
    }
}

fn prelu(values: &mut [f32], slope: f32) {
    values.iter_mut().filter(|value| **value < 0.0).for_each(|value| *value *= slope);
}

/// The largest value of every window of `side` at stride 2; windows at the end may be cut off.
pub(crate) fn max_pool(x: &Planes, side: usize) -> Planes {
    let halved = |length: usize| (length - side).div_ceil(2) + 1;
    let (height, width) = (halved(x.height), halved(x.width));
    let mut values = Vec::with_capacity(x.channels * height * width);
    for channel in 0..x.channels {
        let plane = x.plane(channel);
        for row in 0..height {
            for column in 0..width {
                let rows = 2 * row..(2 * row + side).min(x.height);
                let columns = 2 * column..(2 * column + side).min(x.width);
                let window = rows.flat_map(|y| &plane[y * x.width..][columns.clone()]);
                values.push(window.copied().fold(f32::NEG_INFINITY, f32::max));
            }
        }
    }
    Planes { channels: x.channels, height, width, values }
}

/// A linear map of a list of numbers.
#[derive(Clone, Debug)]
pub(crate) struct Dense {
    /// `[out, in]`.
    pub(crate) weight: Vec<f32>,
    /// `[out]`.
    pub(crate) bias: Vec<f32>,
}

impl Dense {
    pub(crate) fn forward(&self, x: &[f32]) -> Vec<f32> {
        let rows = self.weight.chunks_exact(x.len());
        let dot = |row: &[f32]| row.iter().zip(x).map(|(w, x)| w * x).sum::<f32>();
        rows.zip(&self.bias).map(|(row, bias)| bias + dot(row)).collect()
    }

    /// Likewise, then a PReLU with a slope per number.
    pub(crate) fn forward_prelu(&self, x: &[f32], slope: &[f32]) -> Vec<f32> {
        let mut y = self.forward(x);
        y.iter_mut().zip(slope).for_each(|(y, &slope)| prelu(std::slice::from_mut(y), slope));
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_that_are_cut_off_count_with_what_they_have() {
        let values = (0..16).map(|v| v as f32).collect();
        let x = Planes { channels: 1, height: 4, width: 4, values };
        assert_eq!(max_pool(&x, 3).values, [10.0, 11.0, 14.0, 15.0]);
        assert_eq!(max_pool(&x, 2).values, [5.0, 7.0, 13.0, 15.0]);
    }

    #[test]
    fn a_convolution_adds_over_channels_and_bends_below_zero() {
        let x = Planes { channels: 2, height: 1, width: 2, values: vec![1.0, 2.0, 3.0, -9.0] };
        let conv = Conv { weight: vec![2.0, 1.0], bias: vec![0.5], slope: vec![0.5], side: 1 };
        let y = conv.forward(&x);
        assert_eq!((y.height, y.width), (1, 2));
        assert_eq!(y.values, [5.5, -2.25]);
    }
}
