//! Which sources can change which numbers.

use std::path::{Path, PathBuf};

/// Sources whose change makes other numbers.
pub(crate) struct Part {
    /// The environment variable that carries its hash.
    pub(crate) name: &'static str,
    /// Files and directories below the workspace's root.
    pub(crate) sources: &'static [&'static str],
    /// Files and directories among them that change no number, beside [`SHOWN`].
    pub(crate) without: &'static [&'static str],
}

/// What reads and makes faces.
macro_rules! data {
    ($($more:literal),* $(,)?) => {
        &["crates/data/src", "crates/backend/src", "crates/ops/src", "crates/ops/build.rs", $($more),*]
    };
}

/// Errors, checks, what is only shown, and what writes tables for people: no part has them.
pub(crate) const SHOWN: [&str; 6] = [
    "crates/data/src/annotations/marked.rs",
    "crates/data/src/check.rs",
    "crates/data/src/error.rs",
    "crates/data/src/metadata.rs",
    "crates/data/src/overview.rs",
    "crates/data/src/source/unmarked.rs",
];

pub(crate) const PARTS: [Part; 3] = [
    Part {
        name: "CODE_TRAINING",
        sources: data![
            "crates/config/src/depth.rs",
            "crates/model/src",
            "crates/losses/src",
            "crates/train/src"
        ],
        without: &[
            "crates/data/src/judged.rs",
            "crates/model/src/iresnet.rs",
            "crates/model/src/judges",
            "crates/model/src/lpips.rs",
            "crates/losses/src/objective/template.rs",
            "crates/losses/src/testing.rs",
            "crates/train/src/grid.rs",
            "crates/train/src/memory.rs",
            "crates/train/src/peer.rs",
            "crates/train/src/progress.rs",
            "crates/train/src/signals.rs",
        ],
    },
    Part {
        name: "CODE_JUDGES",
        sources: data![
            "crates/model/src",
            "crates/ert/src",
            "crates/eval/src/augment.rs",
            "crates/eval/src/jitter.rs",
            "crates/eval/src/judges",
            "crates/eval/src/landmarks",
        ],
        without: &[
            "crates/data/src/judged.rs",
            "crates/ert/src/error.rs",
            "crates/eval/src/judges/cache.rs",
            "crates/model/src/discriminator.rs",
            "crates/model/src/generator.rs",
            "crates/model/src/residual_block.rs",
            "crates/model/src/spectral.rs",
        ],
    },
    Part {
        name: "CODE_JUDGING",
        sources: data![
            "crates/model/src",
            "crates/ert/src",
            "crates/eval/src",
            "crates/losses/src/class.rs",
            "crates/metrics/src",
        ],
        without: &[
            "crates/ert/src/error.rs",
            "crates/eval/src/judges/cache.rs",
            "crates/model/src/discriminator.rs",
        ],
    },
];

/// Crates of the workspace whose libraries count.
pub(crate) const CRATES: [&str; 9] =
    ["backend", "data", "ert", "eval", "losses", "metrics", "model", "ops", "train"];

impl Part {
    /// Every file of the part below `root`, sorted by its name.
    pub(crate) fn files(&self, root: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        self.sources.iter().for_each(|source| gather(&root.join(source), &mut files));
        files.retain(|file| {
            let mut without = self.without.iter().chain(&SHOWN);
            !without.any(|without| file.starts_with(root.join(without)))
        });
        files.sort();
        files
    }
}

fn gather(path: &Path, files: &mut Vec<PathBuf>) {
    if path.is_file() {
        return files.push(path.to_owned());
    }
    for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
        gather(&entry.path(), files);
    }
}
