//! Which columns a list has, and how a missing one is told.

use super::text::excerpt;

/// Case, blanks, underscores and hyphens do not tell two columns apart.
pub(crate) fn same(a: &str, b: &str) -> bool {
    plain(a) == plain(b)
}

fn plain(name: &str) -> String {
    name.replace([' ', '_', '-'], "").to_ascii_lowercase()
}

/// Names of columns that say who is shown, in tables that have no fixed ones.
pub(crate) const PERSON: [&str; 10] = [
    "person",
    "person_id",
    "identity",
    "identity_id",
    "celeb_id",
    "celebrity",
    "subject",
    "subject_id",
    "people",
    "who",
];
/// Names of columns that say which part an image belongs to.
pub(crate) const PART: [&str; 5] = ["split", "partition", "part", "set", "subset"];
/// What `cargo xtask data locate` says of a row's image: the detector's score, and how many faces it found.
pub(crate) const LOCATED: [&str; 2] = ["face_score", "faces_found"];

/// Whether a column is called by one of these names.
pub(crate) fn is_one_of(names: &[&str], name: &str) -> bool {
    names.iter().any(|known| same(known, name))
}

/// Column names in one message at most.
const NAMED: usize = 12;

/// That columns are missing, and those that are there, the nearest to the first missing one first.
pub(crate) fn missing(wanted: &[&str], there: &[&str]) -> String {
    let first = plain(wanted.first().copied().unwrap_or_default());
    let mut there: Vec<&str> = there.iter().copied().filter(|name| !name.is_empty()).collect();
    let nearness = |name: &&str| -strsim::jaro_winkler(&first, &plain(name));
    there.sort_by(|a, b| nearness(a).total_cmp(&nearness(b)));
    let names: Vec<String> = there.iter().take(NAMED).map(|name| excerpt(name)).collect();
    let more = match there.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let what = match wanted {
        [one] => format!("no column {one}"),
        _ => format!("none of the columns {}", wanted.join(", ")),
    };
    match there.len() {
        0 => format!("{what}: it names no columns"),
        1 => format!("{what}; the one that is there is {}", names.join("")),
        _ => format!("{what}; those that are there, nearest first: {}{more}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_column_comes_first_and_a_long_list_is_cut() {
        let text =
            missing(&["Eyeglasses"], &["Male", "", "Glasses_Eye", "eye glasses on", "Young"]);
        assert!(text.starts_with("no column Eyeglasses; those that are there"), "{text}");
        assert!(text.contains("nearest first: 'eye glasses on', 'Glasses_Eye'"), "{text}");
        let many: Vec<String> = (0..40).map(|i| format!("column{i}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(missing(&["x"], &many).ends_with("and 28 more"));
    }
}
