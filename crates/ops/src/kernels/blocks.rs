//! The 4x4 kernel that upsamples by blocks of 2x2 and convolves by 3x3 in one transposed convolution.

const SMALL: usize = 3;
const LARGE: usize = 4;

/// What each number of the 4x4 kernel is: the sum of the flipped 3x3 kernel's four around it, taken
/// first over rows, then over columns. `weight` is `[outputs, inputs, 3, 3]`, the kernels returned are
/// `[inputs, outputs, 4, 4]`.
pub(crate) fn kernels(weight: &[f32], [outputs, inputs]: [usize; 2]) -> Vec<f32> {
    let mut to = vec![0.0; inputs * outputs * LARGE * LARGE];
    for (index, to) in to.chunks_exact_mut(LARGE * LARGE).enumerate() {
        let (input, output) = (index / outputs, index % outputs);
        let from = &weight[(output * inputs + input) * SMALL * SMALL..][..SMALL * SMALL];
        // A frame of zeros around the flipped kernel.
        let mut framed = [[0.0; LARGE + 1]; LARGE + 1];
        for (place, value) in from.iter().rev().enumerate() {
            framed[1 + place / SMALL][1 + place % SMALL] = *value;
        }
        for row in 0..LARGE {
            for column in 0..LARGE {
                let rows = |column: usize| framed[row + 1][column] + framed[row][column];
                to[row * LARGE + column] = rows(column + 1) + rows(column);
            }
        }
    }
    to
}

/// The gradient of `weight` from that of the [`kernels`], in their shapes.
pub(crate) fn weight_gradient(gradient: &[f32], [outputs, inputs]: [usize; 2]) -> Vec<f32> {
    let mut to = vec![0.0; outputs * inputs * SMALL * SMALL];
    for (index, to) in to.chunks_exact_mut(SMALL * SMALL).enumerate() {
        let (output, input) = (index / inputs, index % inputs);
        let from = &gradient[(input * outputs + output) * LARGE * LARGE..][..LARGE * LARGE];
        for (place, to) in to.iter_mut().rev().enumerate() {
            let (row, column) = (place / SMALL, place % SMALL);
            let columns = |row: usize| from[row * LARGE + column] + from[row * LARGE + column + 1];
            *to = columns(row) + columns(row + 1);
        }
    }
    to
}
