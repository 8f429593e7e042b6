//! Logs of JSON lines.

use std::path::Path;

use report::{Curves, ReportError};

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "metrics.jsonl";

/// Fields of a line.
pub(super) const WORDS: [&str; 10] = [
    "{\"step\":",
    ",\"d_loss\":",
    ",\"crc\":\"",
    "\"}\n",
    "null",
    "1e999",
    "-0",
    "\\u0000",
    "}\n{\"step\":",
    "18446744073709551616",
];

/// A line, as it is and with a checksum of its own: then it is sound, and no change of one byte and no
/// cut goes unnoticed.
pub fn line(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let as_is = record::is_sound_line(text);
    if as_is {
        assert!(text.ends_with("}\n"), "a line without an end");
    }
    let json: Result<serde_json::Map<String, serde_json::Value>, _> =
        serde_json::from_str(text.trim_end());
    let object = json.is_ok_and(|json| !json.is_empty() && !json.contains_key("crc"));
    // Writers make one line without breaks, and JSON has no meaning for a break between its parts.
    if !object || text.trim_end().contains(['\n', '\r']) || !text.starts_with('{') {
        return if as_is { Verdict::Accepted } else { Verdict::Refused };
    }
    let line = record::checked_line(text.trim_end());
    assert!(record::is_sound_line(&line), "what was written is refused: {line}");
    assert!(serde_json::from_str::<serde_json::Value>(&line).is_ok(), "no JSON any more: {line}");
    let seed = blake3::hash(bytes);
    for pair in seed.as_bytes().chunks_exact(4) {
        let at = usize::from(u16::from_le_bytes([pair[0], pair[1]])) % line.len();
        let mut changed = line.clone().into_bytes();
        changed[at] ^= pair[2].max(1);
        if let Ok(changed) = std::str::from_utf8(&changed) {
            assert!(!record::is_sound_line(changed), "byte {at} of {line} became {changed}");
        }
        if line.is_char_boundary(at) {
            assert!(!record::is_sound_line(&line[..at]), "{line} cut to {at} bytes");
        }
    }
    Verdict::Accepted
}

/// The log as curves: columns as long as the steps, and a cut last line costs an incomplete cell
/// nothing else.
pub fn curves(bytes: &[u8]) -> Verdict {
    let Some(text) = oracle::text(bytes) else { return Verdict::Refused };
    let read = |complete| Curves::parse(Path::new(NAME), text, complete);
    let of_complete = match read(true) {
        Ok(curves) => Some(curves),
        Err(error) => {
            oracle::message(&error, NAME);
            let ReportError::Malformed { line, .. } = error else { panic!("{error}") };
            oracle::line(line, bytes);
            None
        }
    };
    let Ok(curves) = read(false) else { return Verdict::Refused };
    assert!(curves.steps.len() <= text.split_inclusive('\n').count());
    assert!(curves.steps.iter().all(|step| step.is_finite()));
    assert!(curves.steps.is_sorted_by(|a, b| a < b), "steps do not ascend: {:?}", curves.steps);
    for (name, values) in &curves.series {
        assert_eq!(values.len(), curves.steps.len(), "{name}");
    }
    if let Some(complete) = of_complete {
        assert_eq!(complete.steps, curves.steps);
    }
    Verdict::Accepted
}
