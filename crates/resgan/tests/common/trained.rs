//! One trained cell for all tests of a file, and the program run on it.

use std::fs;
use std::io::pipe;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use assert_cmd::cargo::cargo_bin;
use record::{ID_DIGITS, Manifest};

use super::{Place, copy};

/// A results directory `tiny` with a finished cell in it.
pub(crate) struct Trained {
    /// `tiny`.
    pub(crate) home: PathBuf,
    /// The cell's id.
    pub(crate) id: String,
    /// A model of regression trees.
    pub(crate) trees: PathBuf,
}

/// Trained by the first test that asks, anew in every run of the tests; to be read, not to be written.
pub(crate) fn trained() -> &'static Trained {
    static TRAINED: OnceLock<Trained> = OnceLock::new();
    TRAINED.get_or_init(|| train("tiny", ""))
}

/// Likewise, with steps so large that its edits show.
pub(crate) fn visible() -> &'static Trained {
    static VISIBLE: OnceLock<Trained> = OnceLock::new();
    VISIBLE.get_or_init(|| train("visible", "lr = 0.05"))
}

/// Likewise, of another seed.
pub(crate) fn another() -> &'static Trained {
    static ANOTHER: OnceLock<Trained> = OnceLock::new();
    ANOTHER.get_or_init(|| train("another", "lr = 0.05\nseed = 2"))
}

fn train(name: &str, keys: &str) -> Trained {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(env!("CARGO_CRATE_NAME")).join(name);
    let _ = fs::remove_dir_all(&root);
    let place = Place::with(2, keys);
    let (code, messages) = place.run("cell");
    assert_eq!(code, 0, "{messages}");
    let id = Manifest::parse(&place.read("cell/done.json")).unwrap().config_hash;
    let id = id[..ID_DIGITS].to_owned();
    let home = root.join(name);
    copy(&place.path("cell"), &home.join("cells").join(&id));
    let files = fs::read_dir(place.path("cache/judges")).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    let trees = files.find(|path| path.extension().is_some_and(|e| e == "ert")).unwrap();
    fs::copy(trees, root.join("trees.ert")).unwrap();
    Trained { home, id, trees: root.join("trees.ert") }
}

impl Trained {
    /// The cell's directory.
    pub(crate) fn cell(&self) -> PathBuf {
        self.home.join("cells").join(&self.id)
    }
}

/// The program with these words, run in `dir`.
pub(crate) fn resgan(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(cargo_bin!("resgan"));
    command.args(words).current_dir(dir);
    command
}

/// `resgan edit` with this cell, run in `dir`: exit code, output, messages.
pub(crate) fn edit(dir: &Path, cell: &Path, words: &[&str]) -> (i32, String, String) {
    outcome(resgan(dir, &["edit", "--checkpoint"]).arg(cell).args(words).output().unwrap())
}

/// Exit code, output, messages.
pub(crate) fn outcome(output: Output) -> (i32, String, String) {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// Exit code and messages of a program whose output nobody reads from the start.
pub(crate) fn unheard(mut command: Command) -> (i32, String) {
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    let (code, _, messages) = outcome(command.stdout(writer).output().unwrap());
    (code, messages)
}
