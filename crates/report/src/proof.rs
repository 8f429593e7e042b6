//! Whether a cell is done: `done.json` and every file that it vouches for.

use std::fs;
use std::path::Path;

use serde::Deserialize;

#[derive(Deserialize)]
struct Done {
    config_hash: String,
    files: Vec<FileProof>,
}

#[derive(Deserialize)]
struct FileProof {
    path: String,
    bytes: u64,
    blake3: String,
}

/// What tables and figures read of a complete cell.
const NEEDED: [&str; 3] = ["metrics.jsonl", "eval/images.csv", "eval/summary.json"];

/// `Ok(false)` without `done.json`, `Ok(true)` when it verifies for the cell of this hash.
///
/// # Errors
/// A sentence that says what does not verify.
pub(crate) fn verify(cell: &Path, hash: &str) -> Result<bool, String> {
    let path = cell.join("done.json");
    if !path.exists() {
        return Ok(false);
    }
    let text = fs::read(&path).map_err(|error| format!("done.json: {error}"))?;
    let done: Done =
        serde_json::from_slice(&text).map_err(|error| format!("done.json: {error}"))?;
    if done.config_hash != hash {
        return Err("done.json belongs to another configuration".to_owned());
    }
    if let Some(missing) = NEEDED.iter().find(|name| done.files.iter().all(|f| f.path != **name)) {
        return Err(format!("done.json does not vouch for {missing}"));
    }
    done.files.iter().try_for_each(|file| file.verify(cell)).map(|()| true)
}

impl FileProof {
    fn verify(&self, cell: &Path) -> Result<(), String> {
        let path = cell.join(&self.path);
        let failed = |error: std::io::Error| format!("{}: {error}", self.path);
        let bytes = fs::metadata(&path).map_err(failed)?.len();
        if bytes != self.bytes {
            return Err(format!("{} has {bytes} bytes instead of {}", self.path, self.bytes));
        }
        let mut hasher = blake3::Hasher::new();
        let file = fs::File::open(&path).map_err(failed)?;
        hasher.update_reader(file).map_err(failed)?;
        if hasher.finalize().to_hex().as_str() != self.blake3 {
            return Err(format!("{} is not what was written", self.path));
        }
        Ok(())
    }
}
