//! What a whole sweep will cost, and whether there is room for it.

use std::path::Path;

use serde::Serialize;

use crate::estimate::Expected;
use crate::machine::Machine;

/// What the cells that would run are expected to cost together. Sums are over the cells of which
/// something like them was measured.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Forecast {
    /// Cells whose time is known.
    pub measured: usize,
    /// Cells whose time is not.
    pub not_measured: usize,
    /// Seconds with so many cells at a time; `None` if nothing is measured.
    pub seconds: Option<f64>,
    /// MiB on the disk.
    pub disk_mib: Option<f64>,
    /// MiB of memory of the cells that run at a time, each as large as the largest.
    pub memory_mib: Option<f64>,
}

impl Forecast {
    /// Adds up the cells that would run, `jobs` at a time.
    pub fn of(cells: &[Expected], jobs: usize) -> Forecast {
        let sum = |value: fn(&Expected) -> Option<f64>| {
            let known: Vec<f64> = cells.iter().filter_map(value).collect();
            (!known.is_empty()).then(|| known.iter().sum::<f64>())
        };
        let measured = cells.iter().filter(|cell| cell.seconds.is_some()).count();
        let largest = cells.iter().filter_map(|cell| cell.seconds).fold(0.0, f64::max);
        let at_once = jobs.clamp(1, cells.len().max(1)) as f64;
        let peak = cells.iter().filter_map(|cell| cell.memory_mib).reduce(f64::max);
        Forecast {
            measured,
            not_measured: cells.len() - measured,
            seconds: sum(|cell| cell.seconds).map(|all| (all / at_once).max(largest)),
            disk_mib: sum(|cell| cell.disk_mib),
            memory_mib: peak.map(|peak| peak * at_once),
        }
    }

    /// What will not fit, in words with a remedy.
    pub fn warnings(&self, room: &Room) -> Vec<String> {
        let over = |need: Option<f64>, free: Option<f64>| {
            need.zip(free).filter(|(need, free)| need > free)
        };
        let mut warnings = Vec::new();
        if let Some((need, free)) = over(self.disk_mib, room.disk_mib) {
            warnings.push(format!(
                "the sweep is expected to need {need:.0} MiB of disk space and {free:.0} MiB are \
                 free; free some, or lower train.keep_checkpoints"
            ));
        }
        if let Some((need, free)) = over(self.memory_mib, room.memory_mib) {
            warnings.push(format!(
                "cells at a time are expected to need {need:.0} MiB of memory and {free:.0} MiB are \
                 available; lower --jobs"
            ));
        }
        warnings
    }
}

/// What is free on this machine; `None` where the system does not say.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Room {
    /// MiB on the disk of the results.
    pub disk_mib: Option<f64>,
    /// MiB of memory.
    pub memory_mib: Option<f64>,
}

impl Room {
    /// Looks at the disk that `dir` is, or will be, on, and at the memory that a run on this machine
    /// would go by.
    pub fn at(dir: &Path, machine: &Machine) -> Room {
        let existing = dir.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
        let disk = rustix::fs::statvfs(existing).ok();
        let disk = disk.map(|found| found.f_bavail as f64 * found.f_frsize as f64);
        Room {
            disk_mib: disk.map(|bytes| bytes / (1024.0 * 1024.0)),
            memory_mib: (machine.memory)().map(|memory| memory.available_mib),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::memory::Memory;

    fn cell(seconds: f64, disk: f64, memory: f64) -> Expected {
        Expected { seconds: Some(seconds), disk_mib: Some(disk), memory_mib: Some(memory) }
    }

    #[test]
    fn sums_count_cells_at_a_time_and_leave_out_what_is_unknown() {
        let cells = [cell(10.0, 5.0, 100.0), cell(20.0, 7.0, 150.0), Expected::default()];
        let forecast = Forecast::of(&cells, 2);
        assert_eq!((forecast.measured, forecast.not_measured), (2, 1));
        assert_eq!((forecast.seconds, forecast.disk_mib), (Some(20.0), Some(12.0)));
        assert_eq!(forecast.memory_mib, Some(300.0));
        let nothing = Forecast::of(&[Expected::default()], 2);
        assert_eq!((nothing.seconds, nothing.disk_mib, nothing.memory_mib), (None, None, None));
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let forecast = Forecast::of(&[cell(1.0, 5.0, 100.0), cell(1.0, 5.0, 100.0)], 2);
        let room = |disk: f64, memory: f64| Room { disk_mib: Some(disk), memory_mib: Some(memory) };
        assert!(forecast.warnings(&room(10.0, 200.0)).is_empty());
        assert!(forecast.warnings(&room(9.0, 200.0))[0].contains("10 MiB of disk space and 9"));
        assert!(forecast.warnings(&room(10.0, 199.0))[0].contains("200 MiB of memory and 199"));
        let unknown = Room { disk_mib: None, memory_mib: None };
        assert!(forecast.warnings(&unknown).is_empty());
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_on_its_parents_disk() {
        let dir = tempfile::tempdir().unwrap();
        let room = Room::at(&dir.path().join("not/yet"), &Machine::this());
        assert!(room.disk_mib.is_some_and(|mib| mib > 0.0) && room.memory_mib.is_some());
    }

    #[test]
    fn the_memory_of_a_look_ahead_is_what_a_run_goes_by() {
        let memory = Memory { available_mib: 700.0, total_mib: 1000.0 };
        let machine = Machine { memory: Arc::new(move || Some(memory)), ..Machine::this() };
        assert_eq!(Room::at(Path::new("."), &machine).memory_mib, Some(700.0));
    }
}
