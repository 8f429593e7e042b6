//! The numbers that convolutions multiply.

use std::cell::Cell;

use burn::tensor::{DType, Device, FloatDType};

/// What convolutions multiply; they add up in single precision, and so is everything else, as in
/// PyTorch's autocast.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// bfloat16.
    Bf16,
    /// Half precision.
    F16,
}

thread_local! {
    static PRECISION: Cell<Precision> = const { Cell::new(Precision::F32) };
}

impl Precision {
    /// That of the convolutions that this thread begins.
    pub(crate) fn now() -> Precision {
        PRECISION.get()
    }

    /// The type to convert to, if any.
    pub(crate) fn reduced(self) -> Option<FloatDType> {
        match self {
            Precision::F32 => None,
            Precision::Bf16 => Some(FloatDType::BF16),
            Precision::F16 => Some(FloatDType::F16),
        }
    }

    /// Whether a device has such convolutions.
    pub fn is_on(self, device: &Device) -> bool {
        match self.reduced() {
            None => true,
            Some(_) if *device == Device::flex() => false,
            Some(dtype) => device.supports_dtype(DType::from(dtype)),
        }
    }
}

/// Runs `work` with convolutions in this precision, on this thread.
pub fn with_precision<R>(precision: Precision, work: impl FnOnce() -> R) -> R {
    /// Puts the old one back, also when `work` panics.
    struct Restore(Precision);
    impl Drop for Restore {
        fn drop(&mut self) {
            PRECISION.set(self.0);
        }
    }
    let _restore = Restore(PRECISION.replace(precision));
    work()
}
