//! Durations on the command line: `90s`, `30m`, `2h`, `1h30m`.

use std::time::Duration;

use jiff::SignedDuration;

/// Reads a duration of at least a second.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let parsed = text.parse::<SignedDuration>().ok().and_then(|d| Duration::try_from(d).ok());
    parsed.filter(|duration| duration.as_secs() > 0).ok_or_else(|| {
        format!(
            "`{text}` is no duration; give hours, minutes and seconds, e.g. 2h, 30m, 90s or 1h30m"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_minutes_and_seconds_add_up() {
        for (text, seconds) in
            [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m5s", 5405), ("1.5h", 5400)]
        {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for text in ["", "90", "h", "0s", "0.5s", "-5m", "5m2h", "2h2h", "99999999999999999999h"] {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains("e.g. 2h, 30m, 90s"), "{text}: {refused}");
        }
    }
}
