//! The catalogue of backends: a word of `backend.kind` and one row for each.

use crate::choices::{Precision, choice, choice_or};

choice! {
    /// The library that computes.
    BackendKind {
        /// burn-flex: the processor, pure Rust, always there.
        Flex = "flex",
        /// burn-wgpu: a GPU through Vulkan, Metal or DirectX.
        Wgpu = "wgpu",
        /// burn-tch: libtorch, processor or CUDA.
        Libtorch = "libtorch",
    }
}

choice_or! {
    /// What trains and runs the judges: `cell` is the backend of the cell that is judged.
    JudgeBackend = "cell" | BackendKind
}

/// What a backend computes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The processor.
    Processor,
    /// A GPU.
    Gpu,
    /// A CUDA device where there is one, else the processor.
    CudaOrProcessor,
}

/// What a backend is. Its name is also that of the Cargo feature which compiles it in.
#[derive(Clone, Copy, Debug)]
pub struct BackendRow {
    /// The backend.
    pub kind: BackendKind,
    /// What it is, in a sentence.
    pub doc: &'static str,
    /// What it computes on.
    pub place: Place,
    /// Its name in the language of burn's `BURN_DEVICE`.
    pub burn_device: &'static str,
    /// What its convolutions can multiply, as far as the device has it.
    pub precisions: &'static [Precision],
    /// MiB that a cell takes for program, libraries, data and judges, as measured: on the processor, and
    /// on a GPU.
    pub base_mib: [f64; 2],
    /// Whether two equal runs with one number of threads leave equal bytes.
    pub repeats: bool,
}

const ROWS: [BackendRow; 3] = [
    BackendRow {
        kind: BackendKind::Flex,
        doc: "burn-flex with this workspace's kernels: the processor, pure Rust; in every build.",
        place: Place::Processor,
        burn_device: "flex",
        precisions: &[Precision::F32],
        base_mib: [250.0, 250.0],
        repeats: true,
    },
    BackendRow {
        kind: BackendKind::Wgpu,
        doc: "burn-wgpu: a GPU through Vulkan, Metal or DirectX. The order of additions is the driver's.",
        place: Place::Gpu,
        burn_device: "wgpu",
        precisions: Precision::ALL,
        base_mib: [512.0, 512.0],
        repeats: false,
    },
    BackendRow {
        kind: BackendKind::Libtorch,
        doc: "burn-tch: libtorch, a CUDA device where there is one, else the processor.",
        place: Place::CudaOrProcessor,
        burn_device: "tch",
        precisions: Precision::ALL,
        // CUDA's library alone takes over 2 GiB of the host.
        base_mib: [320.0, 2560.0],
        repeats: true,
    },
];

impl BackendKind {
    /// Its row.
    pub fn row(self) -> &'static BackendRow {
        ROWS.iter().find(|row| row.kind == self).expect("every backend has a row")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_has_one_row() {
        assert!(BackendKind::ALL.iter().copied().eq(ROWS.iter().map(|row| row.kind)));
        assert!(ROWS.iter().all(|row| row.precisions.contains(&Precision::F32)));
    }

    #[test]
    fn one_word_more_stands_for_the_cells_own() {
        let read = |word: &str| JudgeBackend::try_from(word.to_owned());
        assert_eq!(read("cell"), Ok(JudgeBackend(None)));
        assert_eq!(read("wgpu"), Ok(JudgeBackend(Some(BackendKind::Wgpu))));
        assert!(read("cells").is_err());
        assert_eq!(String::from(JudgeBackend(Some(BackendKind::Flex))), "flex");
    }
}
