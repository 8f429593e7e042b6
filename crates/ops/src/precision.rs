//! The numbers that convolutions multiply.

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

impl Precision {
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
