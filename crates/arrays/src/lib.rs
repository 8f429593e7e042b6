//! Named arrays in the safetensors format: readable from PyTorch, and the same bytes for the same
//! arrays. Networks, moments and judges are kept in it; no tensor library is known here.
#![cfg_attr(test, allow(clippy::unwrap_used))]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use record::Content;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView, serialize};

/// Name (dotted path of fields) to shape and values.
pub type NamedArrays = BTreeMap<String, (Vec<usize>, Vec<f32>)>;

/// Why weights could not be read.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The file could not be read.
    #[error("cannot read weights from {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not safetensors, or holds something other than f32.
    #[error("{} is not a weights file of this project: {reason}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The file is a pointer, an archive or a page where the weights belong.
    #[error("{} is not a weights file of this project: it is {what}; {remedy}", path.display())]
    Wrapped {
        /// The file.
        path: PathBuf,
        /// What it is.
        what: &'static str,
        /// How to get at the weights.
        remedy: &'static str,
    },
    /// Names or shapes do not fit the network.
    #[error("these weights belong to another network: {0}")]
    Mismatch(String),
}

/// The safetensors bytes of named arrays; equal arrays give equal bytes.
///
/// # Panics
/// An array has not as many values as its shape says.
pub fn to_bytes(arrays: &NamedArrays) -> Vec<u8> {
    let bytes: Vec<(&String, &Vec<usize>, Vec<u8>)> = arrays
        .iter()
        .map(|(name, (shape, values))| {
            (name, shape, values.iter().flat_map(|v| v.to_le_bytes()).collect())
        })
        .collect();
    let views = bytes.iter().map(|(name, shape, data)| {
        let view = TensorView::new(Dtype::F32, (*shape).clone(), data);
        ((*name).clone(), view.expect("shape and values agree"))
    });
    serialize(views, None).expect("f32 arrays serialise")
}

/// Reads named arrays from a safetensors file.
///
/// # Errors
/// The file is missing, not safetensors, or not f32.
pub fn read(path: &Path) -> Result<NamedArrays, WeightsError> {
    let bytes = std::fs::read(path)
        .map_err(|source| WeightsError::Read { path: path.to_owned(), source })?;
    from_bytes(path, &bytes)
}

/// Characters of a reason, at most: it may quote what the file holds.
const QUOTED: usize = 400;

/// A character that cannot steer a terminal.
fn plain(c: char) -> char {
    if c.is_control() { '\u{FFFD}' } else { c }
}

/// [`read`] for bytes; `path` names the file in messages.
///
/// # Errors
/// The bytes are not safetensors, or not f32.
pub fn from_bytes(path: &Path, bytes: &[u8]) -> Result<NamedArrays, WeightsError> {
    let format = |reason: String| {
        let reason = reason.chars().take(QUOTED).map(plain).collect();
        WeightsError::Format { path: path.to_owned(), reason }
    };
    let file = SafeTensors::deserialize(bytes).map_err(|e| {
        let content = Content::of(bytes);
        match (content, content.remedy()) {
            (_, Some(remedy)) => {
                WeightsError::Wrapped { path: path.to_owned(), what: content.name(), remedy }
            }
            (Content::SafeTensors | Content::Unknown, None) => format(e.to_string()),
            (_, None) => format(format!("it is {}", content.name())),
        }
    })?;
    let mut arrays = NamedArrays::new();
    for (name, view) in file.tensors() {
        if view.dtype() != Dtype::F32 {
            return Err(format(format!("`{name}` is {:?}, expected f32", view.dtype())));
        }
        let values = view.data().as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b));
        arrays.insert(name, (view.shape().to_vec(), values.collect()));
    }
    Ok(arrays)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arrays_survive_the_trip_and_equal_ones_have_equal_bytes() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("w.safetensors");
        let arrays = NamedArrays::from([
            ("conv.weight".to_owned(), (vec![2, 1], vec![0.5, -1.0])),
            ("none".to_owned(), (vec![0, 3], vec![])),
        ]);
        std::fs::write(&path, to_bytes(&arrays)).unwrap();
        assert_eq!(read(&path).unwrap(), arrays);
        assert_eq!(to_bytes(&arrays), to_bytes(&arrays.clone()));
    }

    #[test]
    fn a_cut_file_is_named() {
        let arrays = NamedArrays::from([("a".to_owned(), (vec![1], vec![2.0]))]);
        let bytes = to_bytes(&arrays);
        for at in 0..bytes.len() {
            let refused = from_bytes(Path::new("w.safetensors"), &bytes[..at]).unwrap_err();
            assert!(refused.to_string().starts_with("w.safetensors is not a weights file"));
        }
    }

    #[test]
    fn what_is_no_weights_file_is_named_with_the_way_to_the_weights() {
        let cases: [(&[u8], &str, &str); 6] = [
            (b"version https://git-lfs.github.com/spec/v1\n", "a git-LFS pointer", "git lfs pull"),
            (b"<!DOCTYPE html><html>", "an HTML page", "browser"),
            (b"PK\x03\x04\x14\0weights.safetensors", "a zip archive", "unzip"),
            (b"\x1F\x8B\x08\0", "a gzip archive", "gunzip"),
            (b"PK\x03\x04\0\0\x08\x08archive/data.pkl", "a PyTorch file", ""),
            (b"\x89PNG\r\n\x1A\n", "a PNG image", ""),
        ];
        for (bytes, what, remedy) in cases {
            let said = from_bytes(Path::new("w.safetensors"), bytes).unwrap_err().to_string();
            let start =
                format!("w.safetensors is not a weights file of this project: it is {what}");
            assert!(said.starts_with(&start) && said.contains(remedy), "{said}");
        }
    }
}
