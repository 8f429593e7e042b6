//! Where edits go: names that collide with nothing and replace nothing but earlier edits.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::picture;

/// What tells the files of one image apart; a part is there for all of a call's files or for none, so that
/// images of different names never share a file.
#[derive(Clone, Debug, Default)]
pub(crate) struct Suffix {
    /// A cell's id.
    pub(crate) cell: Option<String>,
    /// The strength.
    pub(crate) strength: Option<f32>,
    /// The number of a face.
    pub(crate) face: Option<usize>,
    /// The file is a grid.
    pub(crate) grid: bool,
}

/// `a.jpg` becomes `a.png`, with the suffix before the dot.
pub(crate) fn target(image: &Path, output: &Path, suffix: &Suffix) -> PathBuf {
    let mut name = image.file_stem().unwrap_or_default().to_owned();
    let parts = [
        suffix.cell.as_ref().map(|id| format!("-{id}")),
        suffix.strength.map(|g| format!("-g{g}")),
        suffix.face.map(|number| format!("-face{number}")),
        suffix.grid.then(|| "-grid".to_owned()),
    ];
    parts.into_iter().flatten().for_each(|part| name.push(part));
    name.push(".png");
    output.join(name)
}

/// Refuses images whose edits would have the same names, and an output that is no directory. Names that
/// differ in case alone are one file on some systems.
///
/// # Errors
/// One sentence with both images and what to do.
pub(crate) fn distinct(images: &[PathBuf], output: &Path) -> Result<(), Failure> {
    if output.exists() && !output.is_dir() {
        let text = format!("error: --output {} is a file, not a directory", output.display());
        return Err(Failure::BadInput(text));
    }
    let mut taken: BTreeMap<String, &PathBuf> = BTreeMap::new();
    for image in images {
        let name = image.file_stem().unwrap_or_default().to_string_lossy();
        if let Some(other) = taken.insert(name.to_lowercase(), image) {
            return Err(Failure::BadInput(format!(
                "error: {} and {} would both become {name}.png in {}\n\
                 help: nothing was written; edit them in two calls with different --output, or rename one",
                other.display(),
                image.display(),
                output.display()
            )));
        }
    }
    Ok(())
}

/// Refuses targets that are anything but earlier edits of ours.
///
/// # Errors
/// As [`picture::may_write`], for the first.
pub(crate) fn writable(
    mut targets: impl Iterator<Item = PathBuf>,
    inputs: &[PathBuf],
) -> Result<(), Failure> {
    targets.try_for_each(|target| picture::may_write(&target, inputs))
}
