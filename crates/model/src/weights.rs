//! A network's parameters as named arrays, and back.

pub use arrays::{NamedArrays, WeightsError, from_bytes, read, to_bytes};
use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};

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
