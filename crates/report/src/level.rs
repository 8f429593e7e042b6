//! Levels of factors in sentences.

use std::borrow::Cow;

/// A level as a part of a sentence: in quotes where it could be taken for more than one.
pub(crate) fn quoted_level(level: &str) -> Cow<'_, str> {
    match level.contains(['·', ',', '"']) {
        true => Cow::Owned(format!("{level:?}")),
        false => Cow::Borrowed(level),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_that_looks_like_two_is_quoted() {
        assert_eq!(quoted_level("0.5"), "0.5");
        assert_ne!(format!("{} · {}", quoted_level("a · b"), quoted_level("c")), "a · b · c");
    }
}
