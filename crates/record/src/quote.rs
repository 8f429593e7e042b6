//! Words of others in messages and commands of ours.

use std::borrow::Cow;

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

/// A word as a shell reads it back; a plain one stays as it is. No word of a command line can hold a
/// zero byte.
pub fn quoted(word: &str) -> String {
    // More than shlex leaves alone: `train.steps=5` needs no quotes behind an option.
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@%+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    let quoter = shlex::Quoter::new().allow_nul(true);
    quoter.quote(word).map_or_else(|_| word.to_owned(), Cow::into_owned)
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

    #[test]
    fn a_shell_reads_a_quoted_word_back() {
        for word in ["", "plain-1.toml", "a b", "it's", "$HOME", "a\nb", "*", "-x", "ü", "\"'`\\"]
        {
            assert_eq!(shlex::split(&quoted(word)), Some(vec![word.to_owned()]), "{word:?}");
        }
    }
}
