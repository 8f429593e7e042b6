//! Which cells go into which job array.

use config::{Place, Resources, RunConfig, SlurmProfile};

use crate::error::SweepError;

/// What a cell computes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Processor,
    Gpu,
}

impl Class {
    /// libtorch takes a GPU where a job has one: it gets one if the profile says how.
    pub(crate) fn of(run: &RunConfig, profile: &SlurmProfile) -> Class {
        match run.backend.kind.row().place {
            Place::Processor => Class::Processor,
            Place::CudaOrProcessor if profile.gpu.is_none() => Class::Processor,
            Place::CudaOrProcessor | Place::Gpu => Class::Gpu,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Class::Processor => "processor",
            Class::Gpu => "gpu",
        }
    }

    /// What jobs of this class ask for.
    pub(crate) fn resources(self, profile: &SlurmProfile) -> Result<&Resources, SweepError> {
        match self {
            Class::Processor => Ok(&profile.processor),
            Class::Gpu => profile.gpu.as_ref().ok_or_else(|| SweepError::Profile {
                reason:
                    "cells on wgpu need a GPU, but the profile has no table [gpu]; add one, for \
                         example with gres = \"gpu:1\""
                        .to_owned(),
            }),
        }
    }
}

/// One job array: cells that ask for the same resources.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array {
    /// Names its script, its list and its output.
    pub(crate) name: String,
    pub(crate) class: Class,
    pub(crate) cpus: u64,
    /// Positions in the plan; the task with index i works on the i-th.
    pub(crate) cells: Vec<usize>,
    /// Whether it starts only after the array before it has ended, so that the two together keep
    /// the limit of running tasks.
    pub(crate) chained: bool,
}

/// Sorts cells, given as position, class and processors, into arrays of at most `largest` tasks.
pub(crate) fn arrays(
    prefix: &str,
    cells: &[(usize, Class, u64)],
    largest: usize,
    limit: impl Fn(Class) -> Option<u64>,
) -> Vec<Array> {
    let mut kinds: Vec<(Class, u64)> =
        cells.iter().map(|&(_, class, cpus)| (class, cpus)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let mut arrays = Vec::new();
    for (class, cpus) in kinds {
        let same = cells.iter().filter(|&&(_, c, n)| (c, n) == (class, cpus));
        let members: Vec<usize> = same.map(|&(index, ..)| index).collect();
        let stem = format!("{prefix}{}-{cpus}t", class.name());
        for (number, chunk) in members.chunks(largest.max(1)).enumerate() {
            let name = if number == 0 { stem.clone() } else { format!("{stem}-{}", number + 1) };
            let chained = number > 0 && limit(class).is_some();
            arrays.push(Array { name, class, cpus, cells: chunk.to_vec(), chained });
        }
    }
    arrays
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_holds_one_class_and_one_number_of_threads() {
        let cells = [
            (0, Class::Gpu, 4),
            (1, Class::Processor, 1),
            (2, Class::Processor, 2),
            (3, Class::Processor, 1),
        ];
        let arrays = arrays("", &cells, 1001, |_| None);
        let found: Vec<_> = arrays.iter().map(|a| (a.name.as_str(), a.cells.as_slice())).collect();
        assert_eq!(
            found,
            [("processor-1t", &[1, 3][..]), ("processor-2t", &[2]), ("gpu-4t", &[0])]
        );
    }

    #[test]
    fn an_array_is_no_longer_than_the_cluster_allows() {
        let cells: Vec<_> = (0..2500).map(|i| (i, Class::Processor, 1)).collect();
        let free = arrays("", &cells, 1001, |_| None);
        assert_eq!(free.iter().map(|a| a.cells.len()).collect::<Vec<_>>(), [1001, 1001, 498]);
        assert_eq!(free[2].name, "processor-1t-3");
        assert!(free.iter().all(|array| !array.chained));
        // With a limit of running tasks, parts run one after the other: the limit is per array.
        let limited = arrays("", &cells, 1001, |_| Some(8));
        let chained: Vec<bool> = limited.iter().map(|array| array.chained).collect();
        assert_eq!(chained, [false, true, true]);
    }

    #[test]
    fn libtorch_gets_a_gpu_if_the_profile_knows_one() {
        let run = |kind: &str| {
            RunConfig::from_toml(&format!("[backend]\nkind = \"{kind}\"\n"), "run.toml").unwrap()
        };
        let without = SlurmProfile::default();
        let with = SlurmProfile::from_toml("[gpu]\ngres = \"gpu:1\"\n", "p.toml").unwrap();
        assert_eq!(Class::of(&run("flex"), &with), Class::Processor);
        assert_eq!(Class::of(&run("libtorch"), &with), Class::Gpu);
        assert_eq!(Class::of(&run("libtorch"), &without), Class::Processor);
        assert_eq!(Class::of(&run("wgpu"), &without), Class::Gpu);
        let refused = Class::Gpu.resources(&without).unwrap_err();
        assert!(refused.is_bad_input() && refused.to_string().contains("[gpu]"), "{refused}");
    }
}
