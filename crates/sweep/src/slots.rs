//! Who may run beside whom: processor cells share the cores, a GPU belongs to one cell at a time.

use std::path::Path;

use config::{Backend, BackendKind, Place, RunConfig};

use crate::machine::Machine;

/// What a cell occupies while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Needs {
    /// So many cores of the processor.
    Cores(usize),
    /// The GPU of this index, whatever library drives it. Its host thread counts for nothing.
    Device(usize),
}

impl Needs {
    /// `cuda` says whether libtorch computes on CUDA devices.
    pub(crate) fn of(backend: &Backend, cuda: bool) -> Needs {
        match on_processor(backend.kind, cuda) {
            true => Needs::Cores(backend.threads.max(1)),
            false => Needs::Device(backend.index),
        }
    }

    /// Whether both draw from the same supply, so that the one that came first goes first.
    pub(crate) fn rivals(self, other: Needs) -> bool {
        match (self, other) {
            (Needs::Cores(_), Needs::Cores(_)) => true,
            (Needs::Device(a), Needs::Device(b)) => a == b,
            _ => false,
        }
    }
}

/// Whether cells of this backend compute on the processor here; libtorch takes a CUDA device where
/// there is one.
pub(crate) fn on_processor(kind: BackendKind, cuda: bool) -> bool {
    match kind.row().place {
        Place::Processor => true,
        Place::CudaOrProcessor => !cuda,
        Place::Gpu => false,
    }
}

/// Where NVIDIA's driver says which it is.
const DRIVER: &str = "/proc/driver/nvidia/version";

/// Whether the libtorch in this directory computes on a CUDA device here: it takes one where there is
/// one, if it was built for CUDA. Most are not; those lack the library that drives it.
pub fn uses_cuda(libtorch: &Path) -> bool {
    drives_cuda(Path::new(DRIVER), libtorch)
}

fn drives_cuda(driver: &Path, libtorch: &Path) -> bool {
    driver.exists() && libtorch.join("lib/libtorch_cuda.so").exists()
}

/// Cores and devices with what is taken of them.
#[derive(Debug)]
pub(crate) struct Slots {
    cores: usize,
    per_device: usize,
    /// The user's bound on cells. One who gives it means it: the cores bound nothing then.
    jobs: Option<usize>,
    taken: Vec<Needs>,
}

impl Slots {
    pub(crate) fn new(cores: usize, per_device: usize, jobs: Option<usize>) -> Slots {
        let (per_device, jobs) = (per_device.max(1), jobs.map(|jobs| jobs.max(1)));
        Slots { cores, per_device, jobs, taken: Vec::new() }
    }

    /// Whether a cell may start beside those that run. A processor cell that wants more threads than
    /// there are cores waits until no other uses the processor.
    pub(crate) fn fit(&self, needs: Needs) -> bool {
        if self.jobs.is_some_and(|jobs| self.taken.len() >= jobs) {
            return false;
        }
        match needs {
            Needs::Cores(wanted) => {
                let used = self.used_cores();
                self.jobs.is_some() || used == 0 || used + wanted <= self.cores
            }
            Needs::Device(_) => {
                self.taken.iter().filter(|taken| **taken == needs).count() < self.per_device
            }
        }
    }

    pub(crate) fn take(&mut self, needs: Needs) {
        self.taken.push(needs);
    }

    pub(crate) fn release(&mut self, needs: Needs) {
        if let Some(at) = self.taken.iter().position(|taken| *taken == needs) {
            self.taken.swap_remove(at);
        }
    }

    fn used_cores(&self) -> usize {
        let cores = self.taken.iter().map(|taken| match taken {
            Needs::Cores(cores) => *cores,
            Needs::Device(_) => 0,
        });
        cores.sum()
    }
}

/// How many of these cells a launch on this machine starts at once; memory may allow fewer.
pub fn at_once<'a>(
    runs: impl IntoIterator<Item = &'a RunConfig>,
    machine: &Machine,
    jobs: Option<usize>,
    per_device: usize,
) -> usize {
    let mut slots = Slots::new(machine.cores, per_device, jobs);
    let needs = |run: &RunConfig| Needs::of(&run.backend, machine.cuda);
    for needs in runs.into_iter().map(needs) {
        if slots.fit(needs) {
            slots.take(needs);
        }
    }
    slots.taken.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of the cells start at once, in order.
    fn started(mut slots: Slots, cells: &[Needs]) -> Vec<bool> {
        let start = |needs: &Needs| {
            let fits = slots.fit(*needs);
            if fits {
                slots.take(*needs);
            }
            fits
        };
        cells.iter().map(start).collect()
    }

    #[test]
    fn a_driver_without_a_libtorch_for_it_is_no_gpu() {
        let dir = tempfile::tempdir().unwrap();
        let (driver, torch) = (dir.path().join("version"), dir.path().join("torch"));
        std::fs::create_dir_all(torch.join("lib")).unwrap();
        std::fs::write(torch.join("lib/libtorch.so"), "").unwrap();
        std::fs::write(&driver, "NVRM version: 1").unwrap();
        assert!(!drives_cuda(&driver, &torch));
        std::fs::write(torch.join("lib/libtorch_cuda.so"), "").unwrap();
        assert!(drives_cuda(&driver, &torch));
        std::fs::remove_file(&driver).unwrap();
        assert!(!drives_cuda(&driver, &torch));
    }

    #[test]
    fn a_libtorch_cell_takes_cores_where_there_is_no_cuda() {
        let kind = BackendKind::Libtorch;
        let backend = Backend { kind, index: 1, threads: 3, precision: config::Precision::F32 };
        assert_eq!(Needs::of(&backend, false), Needs::Cores(3));
        assert_eq!(Needs::of(&backend, true), Needs::Device(1));
    }

    #[test]
    fn threads_never_exceed_cores() {
        let cells = [Needs::Cores(2), Needs::Cores(2), Needs::Cores(1)];
        assert_eq!(started(Slots::new(4, 1, None), &cells), [true, true, false]);
        assert_eq!(started(Slots::new(5, 1, None), &cells), [true, true, true]);
    }

    #[test]
    fn a_cell_that_wants_more_than_all_cores_runs_alone_on_the_processor() {
        let cells = [Needs::Cores(8), Needs::Cores(1), Needs::Device(0)];
        assert_eq!(started(Slots::new(4, 1, None), &cells), [true, false, true]);
        let cells = [Needs::Cores(1), Needs::Cores(8)];
        assert_eq!(started(Slots::new(4, 1, None), &cells), [true, false]);
    }

    #[test]
    fn a_device_has_one_cell_unless_more_are_asked_for() {
        let cells = [Needs::Device(0), Needs::Device(0), Needs::Device(1), Needs::Device(0)];
        assert_eq!(started(Slots::new(1, 1, None), &cells), [true, false, true, false]);
        assert_eq!(started(Slots::new(1, 2, None), &cells), [true, true, true, false]);
    }

    #[test]
    fn jobs_bound_all_cells_and_outweigh_cores_but_no_device() {
        let mixed = [Needs::Device(0), Needs::Cores(1), Needs::Cores(1)];
        assert_eq!(started(Slots::new(8, 1, Some(2)), &mixed), [true, true, false]);
        let many = [Needs::Cores(2), Needs::Cores(2), Needs::Cores(2)];
        assert_eq!(started(Slots::new(2, 1, Some(3)), &many), [true, true, true]);
        let one = [Needs::Device(0), Needs::Device(0)];
        assert_eq!(started(Slots::new(8, 1, Some(2)), &one), [true, false]);
    }

    #[test]
    fn what_is_released_can_be_taken_again() {
        let mut slots = Slots::new(1, 1, None);
        for needs in [Needs::Cores(1), Needs::Device(3)] {
            slots.take(needs);
            assert!(!slots.fit(needs));
            slots.release(needs);
            assert!(slots.fit(needs));
        }
    }
}
