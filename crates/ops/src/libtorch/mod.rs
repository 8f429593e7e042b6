//! libtorch: its own convolution kernels with their gradients and a fused normalisation, reached
//! through a few C functions (`native.cpp`), since `tch` has no way to libtorch's backward kernels.
#![allow(unsafe_code, reason = "libtorch is a C++ library")]

use std::ffi::{CStr, c_char};
use std::ptr::null_mut;

use burn::backend::LibTorch;
use burn_tch::TchTensor;
use torch_sys::C_tensor;

use crate::convolution::{Conv, Indexing};
use crate::fast::{Kernels, NormConstants};
use crate::{AdamStep, Precision};

/// As in `native.cpp`.
#[repr(C)]
struct Convolution {
    stride: i64,
    top: i64,
    left: i64,
    bottom: i64,
    right: i64,
    out_rows: i64,
    out_columns: i64,
    transposed: i32,
    precision: i32,
}

type Out = *mut C_tensor;

unsafe extern "C" {
    fn resgan_error() -> *const c_char;
    fn resgan_convolution(
        x: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        convolution: *const Convolution,
        y: *mut Out,
    ) -> i32;
    fn resgan_convolution_backward(
        dy: *const C_tensor,
        x: *const C_tensor,
        weight: *const C_tensor,
        convolution: *const Convolution,
        want_x: i32,
        want_weight: i32,
        want_bias: i32,
        out: *mut Out,
    ) -> i32;
    fn resgan_norm(
        x: *const C_tensor,
        gamma: *const C_tensor,
        beta: *const C_tensor,
        eps: f64,
        slope: f64,
        y: *mut Out,
        mean: *mut Out,
        variance: *mut Out,
    ) -> i32;
    fn resgan_norm_backward(
        dy: *const C_tensor,
        x: *const C_tensor,
        gamma: *const C_tensor,
        beta: *const C_tensor,
        mean: *const C_tensor,
        variance: *const C_tensor,
        eps: f64,
        slope: f64,
        want_x: i32,
        out: *mut Out,
    ) -> i32;
    fn resgan_scale_shift(
        x: *const C_tensor,
        scale: *const C_tensor,
        shift: *const C_tensor,
        slope: f64,
        y: *mut Out,
    ) -> i32;
    fn resgan_leaky_relu(x: *const C_tensor, slope: f64, y: *mut Out) -> i32;
    fn resgan_leaky_relu_backward(
        dy: *const C_tensor,
        y: *const C_tensor,
        slope: f64,
        dx: *mut Out,
    ) -> i32;
    fn resgan_adam(
        parameter: *const C_tensor,
        gradient: *const C_tensor,
        first: *const C_tensor,
        second: *const C_tensor,
        step: f64,
        rate: f64,
        beta1: f64,
        beta2: f64,
        epsilon: f64,
    ) -> i32;
}

/// Panics with libtorch's own words, as burn's operations on libtorch do.
fn check(status: i32) {
    if status != 0 {
        // SAFETY: the text stays until this thread's next call.
        let text = unsafe { CStr::from_ptr(resgan_error()) };
        panic!("libtorch: {}", text.to_string_lossy());
    }
}

fn pointer(tensor: &TchTensor) -> *const C_tensor {
    tensor.tensor.as_ptr()
}

/// Takes over a tensor that a call has made.
fn own(made: Out) -> TchTensor {
    assert!(!made.is_null(), "a call that succeeded fills its results");
    // SAFETY: a fresh `at::Tensor` that nothing else owns.
    TchTensor::new(unsafe { tch::Tensor::from_ptr(made) })
}

fn optional(made: Out) -> Option<TchTensor> {
    (!made.is_null()).then(|| own(made))
}

fn convolution(conv: &Conv, direction: Indexing) -> Convolution {
    let geometry = &conv.geometry;
    let padding = geometry.padding;
    // What a transposed convolution adds below and to the right.
    let left_over = |axis: usize, before: usize, after: usize| {
        let reached = (geometry.small[axis] - 1) * geometry.stride + geometry.kernel[axis];
        (geometry.large[axis] + before + after - reached) as i64
    };
    let transposed = direction == Indexing::Scatter;
    let (out_rows, out_columns) = match transposed {
        true => {
            (left_over(0, padding.top, padding.bottom), left_over(1, padding.left, padding.right))
        }
        false => (0, 0),
    };
    Convolution {
        stride: geometry.stride as i64,
        top: padding.top as i64,
        left: padding.left as i64,
        bottom: padding.bottom as i64,
        right: padding.right as i64,
        out_rows,
        out_columns,
        transposed: i32::from(transposed),
        precision: match conv.precision {
            Precision::F32 => 0,
            Precision::Bf16 => 1,
            Precision::F16 => 2,
        },
    }
}

impl Kernels for LibTorch {
    fn convolution(
        x: &TchTensor,
        weight: &TchTensor,
        bias: &TchTensor,
        conv: &Conv,
        direction: Indexing,
    ) -> TchTensor {
        let convolution = convolution(conv, direction);
        let mut y = null_mut();
        // SAFETY: live tensors in, one new tensor out.
        check(unsafe {
            resgan_convolution(
                pointer(x),
                pointer(weight),
                pointer(bias),
                &raw const convolution,
                &raw mut y,
            )
        });
        own(y)
    }

    fn convolution_gradients(
        dy: TchTensor,
        x: Option<TchTensor>,
        weight: Option<TchTensor>,
        conv: &Conv,
        direction: Indexing,
        [want_x, want_weight, want_bias]: [bool; 3],
    ) -> [Option<TchTensor>; 3] {
        let geometry = &conv.geometry;
        // Libtorch looks at the shapes of both whatever is wanted; contents that are not needed are
        // not kept, and a tensor of the shape stands in.
        let blank = |shape: [usize; 4]| {
            let options = (dy.tensor.kind(), dy.tensor.device());
            TchTensor::new(
                tch::Tensor::zeros([1i64; 4], options).expand(shape.map(|d| d as i64), false),
            )
        };
        let images = dy.tensor.size()[0] as usize;
        let (channels, [height, width]) = match direction {
            Indexing::Gather => (conv.large_channels, geometry.large),
            Indexing::Scatter => (conv.small_channels, geometry.small),
        };
        let [rows, columns] = geometry.kernel;
        let x = x.unwrap_or_else(|| blank([images, channels, height, width]));
        let weight = weight
            .unwrap_or_else(|| blank([conv.small_channels, conv.large_channels, rows, columns]));
        let convolution = convolution(conv, direction);
        let mut out = [null_mut(); 3];
        // SAFETY: live tensors in, a new tensor out for each gradient that is wanted.
        check(unsafe {
            resgan_convolution_backward(
                pointer(&dy),
                pointer(&x),
                pointer(&weight),
                &raw const convolution,
                i32::from(want_x),
                i32::from(want_weight),
                i32::from(want_bias),
                out.as_mut_ptr(),
            )
        });
        out.map(optional)
    }

    fn blocks(weight: &TchTensor) -> TchTensor {
        let flipped = weight.tensor.transpose(0, 1).flip([2, 3]);
        // Zeros left, right, above, below.
        let framed = |t: &tch::Tensor, zeros: [i64; 4]| t.constant_pad_nd(zeros);
        let rows = framed(&flipped, [0, 0, 0, 1]) + framed(&flipped, [0, 0, 1, 0]);
        TchTensor::new(framed(&rows, [0, 1, 0, 0]) + framed(&rows, [1, 0, 0, 0]))
    }

    fn blocks_gradient(gradient: TchTensor) -> TchTensor {
        let pairs = |t: &tch::Tensor, dim: i64| t.narrow(dim, 0, 3) + t.narrow(dim, 1, 3);
        let flipped = pairs(&pairs(&gradient.tensor, 3), 2);
        TchTensor::new(flipped.flip([2, 3]).transpose(0, 1).contiguous())
    }

    fn norm(x: &TchTensor, [gamma, beta]: [&TchTensor; 2], norm: NormConstants) -> [TchTensor; 3] {
        let mut out = [null_mut(); 3];
        let [y, mean, variance] = &mut out;
        // SAFETY: live tensors in, three new tensors out.
        check(unsafe {
            resgan_norm(
                pointer(x),
                pointer(gamma),
                pointer(beta),
                norm.eps,
                f64::from(norm.slope),
                y,
                mean,
                variance,
            )
        });
        out.map(own)
    }

    fn norm_gradients(
        dy: TchTensor,
        x: TchTensor,
        [gamma, beta]: [TchTensor; 2],
        [mean, variance]: [TchTensor; 2],
        norm: NormConstants,
        want_x: bool,
    ) -> (Option<TchTensor>, [TchTensor; 2]) {
        let mut out = [null_mut(); 3];
        // SAFETY: live tensors in, new tensors out.
        check(unsafe {
            resgan_norm_backward(
                pointer(&dy),
                pointer(&x),
                pointer(&gamma),
                pointer(&beta),
                pointer(&mean),
                pointer(&variance),
                norm.eps,
                f64::from(norm.slope),
                i32::from(want_x),
                out.as_mut_ptr(),
            )
        });
        let [dx, gamma, beta] = out;
        (optional(dx), [own(gamma), own(beta)])
    }

    fn scale_shift(x: &TchTensor, [scale, shift]: [&TchTensor; 2], slope: f32) -> TchTensor {
        let mut y = null_mut();
        // SAFETY: live tensors in, one new tensor out.
        check(unsafe {
            resgan_scale_shift(
                pointer(x),
                pointer(scale),
                pointer(shift),
                f64::from(slope),
                &raw mut y,
            )
        });
        own(y)
    }

    fn scale_shift_gradients(
        dy: TchTensor,
        x: TchTensor,
        scale: TchTensor,
        y: TchTensor,
        slope: f32,
    ) -> [TchTensor; 3] {
        const PIXELS: [i64; 3] = [0, 2, 3];
        let g = Self::rectified_gradient(dy, y, slope).tensor;
        let total = |t: &tch::Tensor| t.sum_dim_intlist(&PIXELS[..], false, None::<tch::Kind>);
        let dx = &g * scale.tensor.reshape([1, -1, 1, 1]);
        [dx, total(&(&g * &x.tensor)), total(&g)].map(TchTensor::new)
    }

    fn rectified(x: &TchTensor, slope: f32) -> TchTensor {
        let mut y = null_mut();
        // SAFETY: a live tensor in, a new tensor out.
        check(unsafe { resgan_leaky_relu(pointer(x), f64::from(slope), &raw mut y) });
        own(y)
    }

    fn rectified_gradient(dy: TchTensor, y: TchTensor, slope: f32) -> TchTensor {
        let mut dx = null_mut();
        // SAFETY: live tensors in, a new tensor out.
        check(unsafe {
            resgan_leaky_relu_backward(pointer(&dy), pointer(&y), f64::from(slope), &raw mut dx)
        });
        own(dx)
    }

    fn adam(
        parameter: TchTensor,
        gradient: TchTensor,
        [first, second]: [TchTensor; 2],
        step: AdamStep,
    ) -> [TchTensor; 3] {
        // Others may hold the same memory: theirs must not change.
        let own = |t: TchTensor| if t.can_mut() { t } else { TchTensor::new(t.tensor.copy()) };
        let tensors = [parameter, first, second].map(own);
        let [parameter, first, second] = &tensors;
        // SAFETY: live tensors of one length; only memory that nobody else holds is written to.
        check(unsafe {
            resgan_adam(
                pointer(parameter),
                pointer(&gradient),
                pointer(first),
                pointer(second),
                step.step as f64,
                step.rate,
                step.beta1,
                step.beta2,
                step.epsilon,
            )
        });
        tensors
    }
}
