//! Networks as named arrays in the safetensors format: readable from PyTorch, and the same bytes
//! for the same weights.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// Name (dotted path of fields) to shape and values.
pub type NamedArrays = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Why weights could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file could not be read.
    #[error("cannot read weights from {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not safetensors, or holds something other than f32.
    #[error("{} is not a weights file of this project: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Names or shapes do not fit the network.
    #[error("these weights belong to another network: {0}")]
    Mismatch(String),
}

/// Every array of a network: parameters and running statistics.
pub fn collect<M: Module>(module: &M) -> NamedArrays {
    let mut collector = Collector::default();
    module.visit(&mut collector);
    collector.arrays
}

/// Puts named arrays into a network of the same shape.
///
/// # Errors
/// A name is missing, or a shape differs; the network is dropped then.
pub fn assign<M: Module>(module: M, arrays: &NamedArrays) -> Result<M, WeightsError> {
    let mut assigner = Assigner { path: Vec::new(), arrays, used: 0, error: None };
    let module = module.map(&mut assigner);
    match assigner.error {
        Some(error) => Err(WeightsError::Mismatch(error)),
        None if assigner.used != arrays.len() => Err(WeightsError::Mismatch(format!(
            "the file holds {} arrays, the network {}",
            arrays.len(),
            assigner.used
        ))),
        None => Ok(module),
    }
}

/// The safetensors bytes of named arrays; equal arrays give equal bytes.
pub fn to_bytes(arrays: &NamedArrays) -> Vec<u8> {
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = arrays
        .iter()
        .map(|(name, (shape, values))| {
            (name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, (*shape).clone(), data);
        ((*name).clone(), view.expect("shape and values agree"))
    });
    serialize(views, None).expect("f32 arrays serialise")
}

/// Reads named arrays from a safetensors file.
///
/// # Errors
/// The file is missing, not safetensors, or not f32.
pub fn read(path: &Path) -> Result<NamedArrays, WeightsError> {
    let format = |reason: String| WeightsError::Format { path: path.to_owned(), reason };
    let bytes = std::fs::read(path)
        .map_err(|source| WeightsError::Read { path: path.to_owned(), source })?;
    let file = SafeTensors::deserialize(&bytes).map_err(|e| format(e.to_string()))?;
    let mut arrays = NamedArrays::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(format(format!("`{name}` is {:?}, expected f32", view.dtype())));
        }
        let values = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        arrays.insert(name, (view.shape().to_vec(), values.collect()));
    }
    Ok(arrays)
}

#[derive(Default)]
struct Collector {
    path: Vec<String>,
    arrays: NamedArrays,
}

impl ModuleVisitor for Collector {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let tensor = param.val();
        let shape = tensor.dims().to_vec();
        let values = tensor.into_data().try_to_vec::<f32>().expect("weights are f32");
        self.arrays.insert(self.path.join("."), (shape, values));
    }
}

struct Assigner<'a> {
    path: Vec<String>,
    arrays: &'a NamedArrays,
    used: usize,
    error: Option<String>,
}

impl ModuleMapper for Assigner<'_> {
    fn enter_module(&mut self, name: &str, _container: &str) {
        self.path.push(name.to_owned());
    }

    fn exit_module(&mut self, _name: &str, _container: &str) {
        self.path.pop();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let name = self.path.join(".");
        let expected = param.dims().to_vec();
        match self.arrays.get(&name) {
            Some((shape, values)) if *shape == expected => {
                self.used += 1;
                let data = TensorData::new(values.clone(), shape.clone());
                param.map(|old| {
                    let tracked = old.is_require_grad();
                    Tensor::from_data(data, &old.device()).set_require_grad(tracked)
                })
            }
            Some((shape, _)) => {
                self.error = Some(format!("`{name}` is {shape:?}, expected {expected:?}"));
                param
            }
            None => {
                self.error = Some(format!("`{name}` is missing"));
                param
            }
        }
    }
}
