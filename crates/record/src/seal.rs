//! JSON texts that carry a checksum of themselves.

/// Before and behind the 64 hexadecimal digits; the last field of a sealed text.
const OPEN: &str = "\"seal\": \"";
const CLOSE: &str = "\"\n}\n";
const DIGITS: usize = 64;

/// Adds a last field `"seal"` to the text of a JSON object: BLAKE3, in hexadecimal, of every byte
/// before it. Any other change of a byte breaks the field's own form.
///
/// # Panics
/// The text is not that of a JSON object with at least one field.
pub fn seal(json: String) -> String {
    let body = json.trim_end().strip_suffix('}').expect("a JSON object ends with a brace");
    let body = format!("{},\n  ", body.trim_end());
    let hash = blake3::hash(body.as_bytes()).to_hex();
    format!("{body}{OPEN}{hash}{CLOSE}")
}

/// Checks the seal of a text. A JSON text without one is older than seals and passes.
///
/// # Errors
/// The text is not what was written.
pub(crate) fn unseal(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "is not text".to_owned())?;
    let at = text.len().saturating_sub(OPEN.len() + DIGITS + CLOSE.len());
    let (body, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    let sound = match tail.strip_prefix(OPEN).and_then(|rest| rest.strip_suffix(CLOSE)) {
        Some(digits) => digits == blake3::hash(body.as_bytes()).to_hex().as_str(),
        None => !text.contains(OPEN) && !ends_like_a_seal(text),
    };
    if sound { Ok(()) } else { Err("was changed: its own checksum differs".to_owned()) }
}

/// Whether a text ends with the digits of a seal whose beginning is broken.
fn ends_like_a_seal(text: &str) -> bool {
    let before = text.strip_suffix(CLOSE).unwrap_or("");
    before.bytes().rev().take_while(u8::is_ascii_hexdigit).count() >= DIGITS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_and_every_cut_is_seen() {
        let text = seal("{\n  \"a\": [1, 2],\n  \"b\": \"x\"\n}".to_owned()).into_bytes();
        assert_eq!(unseal(&text), Ok(()));
        let value: serde_json::Value = serde_json::from_slice(&text).unwrap();
        assert_eq!(value["b"], "x");
        for position in 0..text.len() {
            for flip in [0x01, 0x2a, 0x20, 0x80] {
                let mut changed = text.clone();
                changed[position] ^= flip;
                assert!(unseal(&changed).is_err(), "byte {position} flipped by {flip}");
            }
            let cut = &text[..position];
            let read: Result<serde_json::Value, _> = serde_json::from_slice(cut);
            assert!(unseal(cut).is_err() || read.is_err(), "cut to {position} bytes");
        }
    }

    #[test]
    fn texts_older_than_seals_pass() {
        assert_eq!(unseal(b"{\"files\": [{\"blake3\": \"00\"}]}\n"), Ok(()));
    }
}
