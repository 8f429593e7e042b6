//! Words of others in messages and commands of ours.

/// Characters of a quotation, at most.
const MOST: usize = 400;

/// What somebody wrote, for a message of one line: cut where it is long, and without characters that
/// could steer a terminal.
pub fn quotation(text: &str) -> String {
    let plain = |c: char| if c.is_control() { '\u{FFFD}' } else { c };
    let mut short: String = text.chars().take(MOST).map(plain).collect();
    if text.chars().nth(MOST).is_some() {
        short.push_str("...");
    }
    short
}

/// A word as a shell reads it back.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@%+".contains(c);
    match !word.is_empty() && word.chars().all(plain) {
        true => word.to_owned(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_is_short_and_steers_nothing() {
        assert_eq!(
            quotation("Grüße, \u{1B}[31m\nred\u{9B}"),
            "Grüße, \u{FFFD}[31m\u{FFFD}red\u{FFFD}"
        );
        let long = quotation(&"ä".repeat(500));
        assert!(long.chars().count() == 403 && long.ends_with("ä..."));
        assert_eq!(quotation(&"ä".repeat(400)).chars().count(), 400);
    }
}
