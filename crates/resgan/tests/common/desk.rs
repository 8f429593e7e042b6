//! A directory with files in it; what a test does there is its own.

use std::fs;
use std::path::PathBuf;

pub(crate) struct Desk(pub(crate) tempfile::TempDir);

impl Desk {
    pub(crate) fn with(files: &[(&str, &[u8])]) -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        for (name, bytes) in files {
            fs::create_dir_all(desk.path(name).parent().unwrap()).unwrap();
            fs::write(desk.path(name), bytes).unwrap();
        }
        desk
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }
}
