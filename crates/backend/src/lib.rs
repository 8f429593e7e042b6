//! From `[backend]` to a burn device: the only crate (with the fast paths of `ops`) that names a
//! burn backend. Every configuration parses in every build; opening says what is missing.

use burn::tensor::Device;
use config::{Backend, BackendKind, Precision};

/// Why a device could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum BackendError {
    /// This binary was built without that backend.
    #[error(
        "this worker was built without the \"{kind}\" backend; build it with \
         `cargo build -p resgan --features {kind}`, or let `cargo xtask run` do so"
    )]
    NotCompiled {
        /// The backend asked for.
        kind: BackendKind,
    },
    /// The library is there, the device is not.
    #[error("backend \"{kind}\" has no device {index} here: {reason}")]
    NoDevice {
        /// The backend asked for.
        kind: BackendKind,
        /// The index asked for.
        index: usize,
        /// What the library said.
        reason: String,
    },
    /// The device does not compute in that precision.
    #[error("device {index} of backend \"{kind}\" has no {precision}; use precision = \"f32\"")]
    Precision {
        /// The backend asked for.
        kind: BackendKind,
        /// Its device.
        index: usize,
        /// The precision asked for.
        precision: Precision,
    },
}

/// The backends compiled into this binary.
pub fn compiled() -> Vec<BackendKind> {
    let mut kinds = vec![BackendKind::Flex];
    if cfg!(feature = "wgpu") {
        kinds.push(BackendKind::Wgpu);
    }
    if cfg!(feature = "libtorch") {
        kinds.push(BackendKind::Libtorch);
    }
    kinds
}

/// The device that every build and every machine has, for work that needs no other.
pub fn host() -> Device {
    Device::flex()
}

/// Opens the device and fixes the number of threads, rayon's and libtorch's.
///
/// # Errors
/// The backend is not compiled in, or has no such device.
pub fn open(backend: &Backend) -> Result<Device, BackendError> {
    // A pool that stands already keeps its size: tests and embedding programs may have made one.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(backend.threads).build_global();
    let device = match backend.kind {
        BackendKind::Flex => Device::flex(),
        BackendKind::Wgpu => wgpu(backend.index)?,
        BackendKind::Libtorch => libtorch(backend)?,
    };
    match precision(backend).is_on(&device) {
        true => Ok(device),
        false => {
            let Backend { kind, index, precision, .. } = *backend;
            Err(BackendError::Precision { kind, index, precision })
        }
    }
}

/// The precision that a run trains its convolutions in.
pub fn precision(backend: &Backend) -> ops::Precision {
    match backend.precision {
        Precision::F32 => ops::Precision::F32,
        Precision::Bf16 => ops::Precision::Bf16,
        Precision::F16 => ops::Precision::F16,
    }
}

/// Opens the device and gives its name, as a person knows it.
///
/// # Errors
/// As [`open`].
pub fn describe(backend: &Backend) -> Result<String, BackendError> {
    let device = open(backend)?;
    #[cfg(feature = "wgpu")]
    if backend.kind == BackendKind::Wgpu {
        let name = device.identity().map(|identity| identity.name);
        return Ok(name.unwrap_or_else(|| "an adapter without a name".to_owned()));
    }
    let place = format!("{device:?}");
    Ok(match place.contains("Cuda") {
        true => format!("CUDA device {}", backend.index),
        false => format!("processor, {} threads", backend.threads),
    })
}

#[cfg(feature = "wgpu")]
fn wgpu(index: usize) -> Result<Device, BackendError> {
    use burn::tensor::DeviceKind;
    use burn::tensor::wgpu::WgpuBackend;
    use std::sync::Mutex;

    // A runtime that stands cannot be set up a second time.
    static OPENED: Mutex<Vec<(usize, Device)>> = Mutex::new(Vec::new());
    let mut opened = OPENED.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, device)) = opened.iter().find(|(known, _)| *known == index) {
        return Ok(device.clone());
    }
    // Without a discrete GPU the default adapter is the only one there is.
    let kinds = match index {
        0 => vec![DeviceKind::DefaultDevice],
        n => vec![DeviceKind::DiscreteGpu(n), DeviceKind::IntegratedGpu(n)],
    };
    // On Linux a machine without Vulkan would fall back to OpenGL, which dies instead of refusing.
    let api = if cfg!(target_os = "linux") { WgpuBackend::Vulkan } else { WgpuBackend::Auto };
    let mut reason = String::new();
    for kind in kinds {
        match Device::wgpu_options().device_kind(kind).graphics_api(api).init() {
            Ok(device) => {
                opened.push((index, device.clone()));
                return Ok(device);
            }
            Err(error) => reason = format!("{error:?}"),
        }
    }
    Err(BackendError::NoDevice { kind: BackendKind::Wgpu, index, reason })
}

#[cfg(not(feature = "wgpu"))]
fn wgpu(_index: usize) -> Result<Device, BackendError> {
    Err(BackendError::NotCompiled { kind: BackendKind::Wgpu })
}

#[cfg(feature = "libtorch")]
#[expect(deprecated, reason = "burn 0.22 is the last release line with libtorch")]
fn libtorch(backend: &Backend) -> Result<Device, BackendError> {
    use burn::tensor::DeviceType;
    tch::set_num_threads(i32::try_from(backend.threads).unwrap_or(i32::MAX));
    if Device::enumerate(DeviceType::LibTorch).into_iter().next().is_some() {
        return Ok(Device::libtorch_cuda(backend.index));
    }
    match backend.index {
        0 => Ok(Device::libtorch()),
        index => {
            let reason = "libtorch sees no CUDA device; its processor has index 0".to_owned();
            Err(BackendError::NoDevice { kind: BackendKind::Libtorch, index, reason })
        }
    }
}

#[cfg(not(feature = "libtorch"))]
fn libtorch(_backend: &Backend) -> Result<Device, BackendError> {
    Err(BackendError::NotCompiled { kind: BackendKind::Libtorch })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_is_not_there_is_refused() {
        for kind in compiled().into_iter().filter(|kind| *kind != BackendKind::Flex) {
            let opened = open(&Backend { kind, index: 77, threads: 1, precision: Precision::F32 });
            assert!(opened.unwrap_err().to_string().contains("no device 77"), "{kind}");
        }
    }

    #[test]
    fn a_backend_that_is_not_compiled_in_is_refused_with_the_remedy() {
        for &kind in BackendKind::ALL {
            let opened = open(&Backend { kind, index: 0, threads: 1, precision: Precision::F32 });
            match compiled().contains(&kind) {
                true => assert!(opened.is_ok() || kind != BackendKind::Flex),
                false => assert!(opened.unwrap_err().to_string().contains("--features")),
            }
        }
    }
}
