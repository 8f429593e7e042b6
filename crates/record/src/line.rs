//! JSON lines that carry a checksum each.

/// Before the checksum: the last field of a checked line.
const FIELD: &str = ",\"crc\":\"";

/// One line of an event log: the text of a JSON object, with a last field `"crc"` (CRC-32 in eight
/// hexadecimal digits of everything before that field) and a line break.
///
/// # Panics
/// The text is not that of a JSON object with at least one field.
pub fn checked_line(json: &str) -> String {
    let body = json.strip_suffix('}').expect("a JSON object ends with a brace");
    format!("{body}{FIELD}{:08x}\"}}\n", crc32fast::hash(body.as_bytes()))
}

/// Whether a line, with its line break, is what [`checked_line`] wrote. A whole JSON line without a
/// checksum is older than checksums and passes.
pub fn is_sound_line(line: &str) -> bool {
    let Some(text) = line.strip_suffix("}\n") else { return false };
    let Some((body, rest)) = text.rsplit_once(FIELD) else {
        let json: Result<serde_json::Value, _> = serde_json::from_str(line);
        let older = json.is_ok_and(|json| json.get("step").is_some() && json.get("crc").is_none());
        // Older lines end with a number or null; a quote is what a broken checksum leaves.
        return older && !text.ends_with('"');
    };
    rest.strip_suffix('"') == Some(format!("{:08x}", crc32fast::hash(body.as_bytes())).as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_changed_byte_is_seen() {
        let line = checked_line("{\"step\":10,\"d_loss\":1.5}");
        assert_eq!(line, "{\"step\":10,\"d_loss\":1.5,\"crc\":\"01bee26f\"}\n");
        assert!(is_sound_line(&line));
        let bytes = line.as_bytes();
        for position in 0..bytes.len() {
            for flip in [0x01, 0x02, 0x20, 0x2a] {
                let mut changed = bytes.to_vec();
                changed[position] ^= flip;
                let changed = String::from_utf8(changed).unwrap();
                assert!(!is_sound_line(&changed), "byte {position} flipped by {flip}: {changed}");
            }
            assert!(!is_sound_line(&line[..position]));
        }
    }

    #[test]
    fn lines_older_than_checksums_pass_when_they_are_whole() {
        assert!(is_sound_line("{\"step\":10,\"d_loss\":1.5}\n"));
        assert!(!is_sound_line("{\"step\":10,\"d_loss\":1.5\n"));
        assert!(!is_sound_line("{\"step\":10,\"d_loss\":1.5}"));
        assert!(!is_sound_line("[1, 2]}\n"));
    }
}
