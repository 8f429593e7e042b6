//! Durations on the command line: `90s`, `30m`, `2h`, `1h30m`.

use std::time::Duration;

/// Reads a duration of at least a second.
pub(crate) fn parse(text: &str) -> Result<Duration, String> {
    let wrong = || {
        format!(
            "`{text}` is no duration; give hours, minutes and seconds, e.g. 2h, 30m, 90s or 1h30m"
        )
    };
    let mut seconds = 0_u64;
    let mut rest = text;
    // Each unit at most once, from the largest to the smallest.
    for (unit, factor) in [('h', 3600), ('m', 60), ('s', 1)] {
        let Some((number, after)) = rest.split_once(unit) else { continue };
        if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong());
        }
        let part = number.parse::<u64>().ok().and_then(|number| number.checked_mul(factor));
        seconds = part.and_then(|part| seconds.checked_add(part)).ok_or_else(wrong)?;
        rest = after;
    }
    match rest.is_empty() && seconds > 0 {
        true => Ok(Duration::from_secs(seconds)),
        false => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_minutes_and_seconds_add_up() {
        for (text, seconds) in [("90s", 90), ("30m", 1800), ("2h", 7200), ("1h30m5s", 5405)] {
            assert_eq!(parse(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused_with_examples() {
        for text in
            ["", "90", "2 h", "h", "0s", "-5m", "1.5h", "5m2h", "2h2h", "99999999999999999999h"]
        {
            let refused = parse(text).unwrap_err();
            assert!(refused.contains("e.g. 2h, 30m, 90s"), "{text}: {refused}");
        }
    }
}
