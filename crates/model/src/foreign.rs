//! Weights that other people trained: PyTorch's own files (`.pth`, `.pt`) and safetensors, told apart by
//! their content.

use std::collections::BTreeSet;
use std::path::Path;

use burn::tensor::{DType, Device, Tensor, TensorData};
use pytorch_reader::{DType as TorchType, PytorchReader, Tensor as TorchTensor};
use record::Content;

use crate::weights::{self, NamedArrays, WeightsError};

/// Keys under which training scripts keep the `state_dict` of a checkpoint.
const NESTED: [&str; 4] = ["state_dict.", "model_state_dict.", "model.", "backbone."];
/// What `DataParallel` puts before every name.
const PARALLEL: &str = "module.";

/// The arrays of a file from elsewhere, each taken out once and checked.
pub(crate) struct Arrays {
    arrays: NamedArrays,
    used: BTreeSet<String>,
    device: Device,
}

impl Arrays {
    pub(crate) fn open(path: &Path, device: &Device) -> Result<Arrays, WeightsError> {
        let bytes = std::fs::read(path)
            .map_err(|source| WeightsError::Read { path: path.to_owned(), source })?;
        let arrays = match Content::of(&bytes) {
            Content::Torch => read_torch(path)?,
            _ => weights::from_bytes(path, &bytes).map_err(|error| match error {
                WeightsError::Format { path, reason } => WeightsError::Format {
                    path,
                    reason: format!(
                        "{reason}; give the file of `torch.save`, or every array of the state_dict \
                         as `v.float()` with `safetensors.torch.save_file`"
                    ),
                },
                other => other,
            })?,
        };
        Ok(Arrays { arrays, used: BTreeSet::new(), device: device.clone() })
    }

    /// Whether an array has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.arrays.contains_key(name)
    }

    /// The first dimension of an array, not 0: the outputs of a layer.
    pub(crate) fn outputs(&self, name: &str) -> Result<usize, WeightsError> {
        match self.arrays.get(name).map(|(shape, _)| shape.as_slice()) {
            Some([outputs, ..]) if *outputs > 0 => Ok(*outputs),
            Some(shape) => {
                let text = format!("`{name}` is {shape:?}, expected outputs first");
                Err(WeightsError::Mismatch(text))
            }
            None => Err(WeightsError::Mismatch(format!("`{name}` is missing"))),
        }
    }

    /// An array on the device.
    pub(crate) fn tensor<const D: usize>(
        &mut self,
        name: &str,
        shape: [usize; D],
    ) -> Result<Tensor<D>, WeightsError> {
        match self.arrays.get(name) {
            Some((found, values)) if *found == shape => {
                self.used.insert(name.to_owned());
                Ok(Tensor::from_data(TensorData::new(values.clone(), shape), &self.device))
            }
            Some((found, _)) => {
                let text = format!("`{name}` is {found:?}, expected {shape:?}");
                Err(WeightsError::Mismatch(text))
            }
            None => Err(WeightsError::Mismatch(format!("`{name}` is missing"))),
        }
    }

    /// Refuses arrays that nothing asked for and that `spare` does not excuse.
    pub(crate) fn finish(self, spare: impl Fn(&str) -> bool) -> Result<(), WeightsError> {
        match self.arrays.keys().find(|name| !self.used.contains(*name) && !spare(name)) {
            Some(name) => Err(WeightsError::Mismatch(format!("the network has no `{name}`"))),
            None => Ok(()),
        }
    }
}

/// The arrays of a file of `torch.save`, in single precision: a state_dict, a checkpoint that holds one,
/// or a whole module. No code of the file is run.
fn read_torch(path: &Path) -> Result<NamedArrays, WeightsError> {
    let format = |reason: String| WeightsError::Format { path: path.to_owned(), reason };
    let file = PytorchReader::new(path).map_err(|e| format(e.to_string()))?;
    let mut arrays = NamedArrays::new();
    for (name, tensor) in file.tensors() {
        let values = single(tensor).map_err(|e| format(e.to_string()))?;
        arrays.insert(name.clone(), (tensor.shape().to_vec(), values));
    }
    let nested = NESTED.iter().find(|key| arrays.keys().any(|name| name.starts_with(**key)));
    if let Some(key) = nested {
        arrays = below(key, arrays);
    }
    if arrays.keys().all(|name| name.starts_with(PARALLEL)) {
        arrays = below(PARALLEL, arrays);
    }
    Ok(arrays)
}

/// The arrays whose names begin so, by the rest of their names.
fn below(prefix: &str, arrays: NamedArrays) -> NamedArrays {
    let rest = |name: String| name.strip_prefix(prefix).map(ToOwned::to_owned);
    arrays.into_iter().filter_map(|(name, array)| Some((rest(name)?, array))).collect()
}

/// The values of an array, whatever they are kept in.
fn single(tensor: &TorchTensor) -> std::io::Result<Vec<f32>> {
    let kept = match tensor.dtype() {
        TorchType::F64 => DType::F64,
        TorchType::F32 => DType::F32,
        TorchType::F16 => DType::F16,
        TorchType::BF16 => DType::BF16,
        TorchType::I64 => DType::I64,
        TorchType::I32 => DType::I32,
        TorchType::I16 => DType::I16,
        TorchType::I8 => DType::I8,
        TorchType::U64 => DType::U64,
        TorchType::U32 => DType::U32,
        TorchType::U16 => DType::U16,
        TorchType::U8 | TorchType::Bool => DType::U8,
    };
    Ok(TensorData::from_bytes_vec(tensor.read()?, tensor.shape().to_vec(), kept).iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/torch").join(name)
    }

    /// What scripts/pretrained_reference.py saves: a weight of [2, 3], a counter of batch normalisation.
    fn expected() -> NamedArrays {
        NamedArrays::from([
            ("a.weight".to_owned(), (vec![2, 3], vec![0.5, -1.0, 2.0, 0.25, 8.0, -0.125])),
            ("n.num_batches_tracked".to_owned(), (vec![], vec![7.0])),
        ])
    }

    #[test]
    fn files_of_torch_save_are_read_whatever_their_layout_and_precision() {
        for name in ["plain.pth", "half.pth", "legacy-bf16.pth", "checkpoint.pth"] {
            assert_eq!(read_torch(&file(name)).unwrap(), expected(), "{name}");
        }
    }

    #[test]
    fn a_file_that_is_cut_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let whole = std::fs::read(file("plain.pth")).unwrap();
        let path = dir.path().join("cut.pth");
        for at in [whole.len() / 3, whole.len() - 1] {
            std::fs::write(&path, &whole[..at]).unwrap();
            let refused = Arrays::open(&path, &backend::host()).err().unwrap();
            assert!(refused.to_string().contains("cut.pth is not a weights file"), "{refused}");
        }
    }
}
