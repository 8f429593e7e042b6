//! What a run is, as hashes: what is trained, and how it is judged.

use std::fmt::Write;
use std::fs::File;
use std::sync::LazyLock;

use crate::run::{Data, RunConfig};
use crate::schema::{Key, KeyKind, Part};

/// Keys by what they can change, sorted by path.
fn sorted(wanted: impl Fn(&Key) -> bool) -> Vec<&'static Key> {
    let mut keys: Vec<&Key> = RunConfig::keys().iter().filter(|key| wanted(key)).collect();
    keys.sort_by(|a, b| a.path.cmp(&b.path));
    keys
}

static TRAINING: LazyLock<Vec<&Key>> = LazyLock::new(|| sorted(|key| key.part == Part::Training));
static JUDGEMENT: LazyLock<Vec<&Key>> = LazyLock::new(|| sorted(|key| key.part == Part::Judgement));
static EARLIER: LazyLock<Vec<&Key>> = LazyLock::new(|| sorted(|key| key.part != Part::Cosmetic));

fn hex(text: &str) -> String {
    blake3::hash(text.as_bytes()).to_hex().to_string()
}

impl RunConfig {
    /// The text that a cell's id hashes: every key that can change a training, sorted, one a line.
    /// Comments, key order, formatting, `data.root`, the cadence of checkpoints and everything in
    /// `[eval]` leave it alone.
    pub fn id_payload(&self) -> String {
        self.payload(&TRAINING)
    }

    /// The hash that names a cell: BLAKE3, in hexadecimal, over [`RunConfig::id_payload`] and the
    /// fingerprint of the data. A cell's id is its first 12 digits.
    pub fn cell_hash(&self, data_fingerprint: &str) -> String {
        hex(&format!("{}\ndata = {data_fingerprint}", self.id_payload()))
    }

    /// The hash that named the same cell when `[eval]` was still part of it.
    pub fn earlier_cell_hash(&self, data_fingerprint: &str) -> String {
        hex(&format!("{}\ndata = {data_fingerprint}", self.payload(&EARLIER)))
    }

    /// What a judgement is: BLAKE3, in hexadecimal, over every key of `[eval]`, sorted, over the
    /// content of the files that it names, and over the fingerprint of `eval.source`, which is asked
    /// for where that is not the source that trains.
    ///
    /// # Errors
    /// A file cannot be read, or the data cannot be identified; the message names key, file and remedy.
    pub fn judgement_hash(
        &self,
        fingerprint: &dyn Fn(&Data) -> Result<String, String>,
    ) -> Result<String, String> {
        let mut text = self.payload(&JUDGEMENT);
        if let Some(data) = self.judged_elsewhere() {
            let print = fingerprint(&data)
                .map_err(|why| format!("eval.source: {}", why.replace("data.root", "eval.root")))?;
            write!(text, "\neval.source = {print}").expect("a String takes any text");
        }
        for key in JUDGEMENT.iter().filter(|key| matches!(key.kind, KeyKind::Path)) {
            let value = self.get(&key.path);
            let Some(path) = value.as_ref().and_then(toml::Value::as_str) else { continue };
            if path.is_empty() {
                continue;
            }
            let mut hasher = blake3::Hasher::new();
            let read = File::open(path).and_then(|file| hasher.update_reader(file).map(drop));
            read.map_err(|e| {
                format!(
                    "`{}` cannot be read: {path}: {e}; give the path of a safetensors file, relative \
                     to the file that names it, or leave the key empty",
                    key.path
                )
            })?;
            write!(text, "\n{} = {}", key.path, hasher.finalize().to_hex())
                .expect("a String takes any text");
        }
        Ok(hex(&text))
    }

    /// Keys with their values, one a line; paths of files left out.
    fn payload(&self, keys: &[&Key]) -> String {
        let mut text = String::with_capacity(2048);
        for key in keys {
            let Some(value) = self.get(&key.path) else { continue };
            let unset = key.default.as_ref() == Some(&value);
            // A path says nothing; where there is none, it stood in the earlier hash as an empty text.
            if (key.added && unset) || (matches!(key.kind, KeyKind::Path) && !unset) {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            write!(text, "{} = {value}", key.path).expect("a String takes any text");
        }
        text
    }
}
