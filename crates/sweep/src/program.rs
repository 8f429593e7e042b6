//! From a cell and its configuration to the command that runs it.

use std::path::{Path, PathBuf};
use std::process::Command;

use config::RunConfig;
use record::Cell;

/// Files and directories that a process is told of.
#[derive(Clone, Copy, Debug)]
pub struct Paths<'a> {
    /// The resolved configuration.
    pub config: &'a Path,
    /// The directory of the cell.
    pub dir: &'a Path,
    /// Data and judges shared by all cells.
    pub cache: &'a Path,
}

/// Makes the commands of a launch. The launcher adds thread limits and backend variables to their
/// environment, gives each a process group, and appends their output to a log.
pub trait Program {
    /// What to call it in messages.
    fn name(&self) -> String;

    /// The command that makes ready what cells with this data and these judges share; `paths.dir` is
    /// the directory of the first such cell.
    fn prepare(&self, run: &RunConfig, paths: Paths<'_>) -> Command;

    /// The command that trains and judges a cell. It ends with the worker's exit code, and a signal
    /// to its process group reaches the worker.
    fn cell(&self, cell: &Cell, run: &RunConfig, paths: Paths<'_>) -> Command;
}

/// The worker, started directly.
#[derive(Clone, Debug)]
pub struct Direct(pub PathBuf);

impl Program for Direct {
    fn name(&self) -> String {
        self.0.display().to_string()
    }

    fn prepare(&self, _: &RunConfig, paths: Paths<'_>) -> Command {
        let mut command = Command::new(&self.0);
        command.arg("prepare").arg("--config").arg(paths.config);
        command.arg("--cache").arg(paths.cache);
        command
    }

    fn cell(&self, _: &Cell, _: &RunConfig, paths: Paths<'_>) -> Command {
        let mut command = Command::new(&self.0);
        command.arg("cell").arg("--config").arg(paths.config).arg("--dir").arg(paths.dir);
        command.arg("--cache").arg(paths.cache);
        command
    }
}
