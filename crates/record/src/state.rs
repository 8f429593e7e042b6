//! What a cell is at: states, phases, kinds of error, and the file `state.json` in which a worker says
//! them.

use std::fs;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

/// What became of a cell. A worker itself says `running`, `interrupted`, `failed`, `diverged` or `done`;
/// the others are found by whoever reads its files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CellState {
    /// Its outputs are proved: its numbers count.
    Done,
    /// A live process works on it.
    Running,
    /// Stopped on request or killed; resumes.
    Interrupted,
    /// Stopped by an error.
    Failed,
    /// A loss or a weight was not finite.
    Diverged,
    /// Trained, and judged with other `[eval]` keys than those asked for now.
    Trained,
    /// Finished once, for another configuration or data.
    Stale,
    /// Finished once, but a file is not what was written.
    Damaged,
    /// Never ran.
    Waiting,
}

impl CellState {
    /// Every state, in the order of tables.
    pub const ALL: [CellState; 9] = [
        CellState::Done,
        CellState::Running,
        CellState::Interrupted,
        CellState::Failed,
        CellState::Diverged,
        CellState::Trained,
        CellState::Stale,
        CellState::Damaged,
        CellState::Waiting,
    ];

    /// The word for files, tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            CellState::Done => "done",
            CellState::Running => "running",
            CellState::Interrupted => "interrupted",
            CellState::Failed => "failed",
            CellState::Diverged => "diverged",
            CellState::Trained => "trained",
            CellState::Stale => "stale",
            CellState::Damaged => "damaged",
            CellState::Waiting => "waiting",
        }
    }
}

/// Whose fault an error is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorKind {
    /// The machine's: a full disk, a lost device. Another attempt may succeed.
    Infrastructure,
    /// The run's own: another attempt would fail alike.
    Failure,
}

/// The part of the work that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    /// Reading or making data.
    Data,
    /// Training or loading judges.
    Judges,
    /// Optimising.
    Train,
    /// Judging the test images.
    Eval,
}

impl Phase {
    /// The word for files, tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Phase::Data => "data",
            Phase::Judges => "judges",
            Phase::Train => "train",
            Phase::Eval => "eval",
        }
    }
}

/// The content of `state.json`. A worker's word: used for display and reasons, never as proof. Read
/// leniently: what is missing or of a later version is as if it had not been said.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// What the worker is at or came to.
    #[serde(deserialize_with = "known")]
    pub state: Option<CellState>,
    /// The part of the work.
    #[serde(deserialize_with = "known")]
    pub phase: Option<Phase>,
    /// Steps of training behind it.
    pub step: usize,
    /// Steps of training in all.
    pub steps: usize,
    /// Steps per second.
    pub rate: f64,
    /// Seconds of training left.
    pub eta_s: f64,
    /// Process.
    pub pid: u32,
    /// Machine.
    pub host: String,
    /// Names the attempt among all that ever worked on the cell.
    pub attempt: String,
    /// When it was written, seconds since 1970.
    pub updated: u64,
    /// The largest resident set of the process so far, in MiB.
    pub peak_mib: Option<f64>,
    /// What went wrong.
    pub error: Option<String>,
    /// Whose fault that was.
    #[serde(deserialize_with = "known")]
    pub error_kind: Option<ErrorKind>,
}

/// A word that this version knows, else nothing.
fn known<'de, D: Deserializer<'de>, T: DeserializeOwned>(source: D) -> Result<Option<T>, D::Error> {
    let value = serde_json::Value::deserialize(source)?;
    Ok(serde_json::from_value(value).ok())
}

impl Snapshot {
    /// Its name below a cell's directory.
    pub const FILE: &str = "state.json";

    /// Reads a cell's state; absent or unreadable means that nothing is known.
    pub fn read(dir: &Path) -> Option<Snapshot> {
        serde_json::from_slice(&fs::read(dir.join(Snapshot::FILE)).ok()?).ok()
    }

    /// What went wrong, in one line without the prefix `error: `.
    pub fn error_line(&self) -> Option<&str> {
        let line = self.error.as_deref()?.lines().next()?;
        Some(line.trim_start_matches("error: "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_the_words_of_the_file() {
        for state in CellState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.name());
        }
        for phase in [Phase::Data, Phase::Judges, Phase::Train, Phase::Eval] {
            assert_eq!(serde_json::to_value(phase).unwrap(), phase.name());
        }
    }

    #[test]
    fn words_of_a_later_version_are_not_understood_and_hurt_nothing() {
        let text = r#"{"state":"dreaming","phase":"train","step":7,"error_kind":null,"new":1}"#;
        let read: Snapshot = serde_json::from_str(text).unwrap();
        assert_eq!((read.state, read.phase, read.step), (None, Some(Phase::Train), 7));
    }

    #[test]
    fn what_a_worker_says_is_read_back() {
        let said = Snapshot {
            state: Some(CellState::Failed),
            error: Some("error: no space\nmore".to_owned()),
            error_kind: Some(ErrorKind::Infrastructure),
            ..Snapshot::default()
        };
        let text = serde_json::to_string(&said).unwrap();
        assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), said);
        assert_eq!(said.error_line(), Some("no space"));
    }
}
