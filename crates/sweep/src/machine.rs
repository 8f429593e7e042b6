//! What kind of machine cells share.

use std::fmt;
use std::sync::Arc;
use std::thread;

use crate::memory::Memory;

/// What cells share.
#[derive(Clone)]
pub struct Machine {
    /// Cores for processor cells.
    pub cores: usize,
    /// Whether libtorch's cells compute on CUDA devices, see [`uses_cuda`](crate::uses_cuda).
    pub cuda: bool,
    /// Reads how much memory there is; `None` where that is unknown, which turns the guard off.
    pub memory: Arc<dyn Fn() -> Option<Memory> + Send + Sync>,
}

impl Machine {
    /// The machine that this program runs on, within its control group; without CUDA, for that depends
    /// on the libtorch that is used.
    pub fn this() -> Machine {
        Machine { cores: cores(), cuda: false, memory: Arc::new(Memory::read) }
    }
}

impl fmt::Debug for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("cores", &self.cores)
            .field("cuda", &self.cuda)
            .finish_non_exhaustive()
    }
}

/// The cores of this machine that a process may use.
fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}
