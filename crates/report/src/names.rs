//! Names of files, made of words and levels: two different ones never share a name.

use std::fmt::Write;

use record::FileProof;

use crate::load::{Cell, Results};

/// Bytes of a name at most, without its ending. File systems take 255, some 143; while a file is being
/// written its name is 40 longer.
const LONGEST: usize = 110;
/// Hexadecimal digits that stand for what was cut off.
const DIGITS: usize = 20;

/// The name of a file without its ending: what it shows, words that tell it from others of its kind,
/// levels under their keys, and its number among several parts, from 0.
///
/// `ced-ert-without-dual=none,lr=0.0001`. Lower-case letters, digits, `.`, `_` and `-` stand as they are;
/// a capital is `+` and its small letter, because some file systems do not tell them apart; any other
/// byte is `%` and two digits. What is too long ends in `~` and a hash of all of it. Different arguments
/// give names that differ by more than case.
pub(crate) fn file_name(
    kind: &str,
    words: &[&str],
    levels: &[(&str, &str)],
    part: usize,
) -> String {
    let mut name = String::new();
    for word in [kind].iter().chain(words) {
        let dash = if name.is_empty() { "" } else { "-" };
        name += dash;
        push(&mut name, word, b"._");
    }
    for (index, (key, level)) in levels.iter().enumerate() {
        name += if index == 0 { "-" } else { "," };
        push(&mut name, key, b"._");
        name.push('=');
        // The key has no `=`: the first one is the sign between them.
        push(&mut name, level, b"._-=");
    }
    if part > 0 {
        let _ = write!(name, "@{}", part + 1);
    }
    bounded(name)
}

/// Adds a text, with every byte escaped that is neither a small letter, a digit nor among `plain`.
fn push(name: &mut String, text: &str, plain: &[u8]) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'0'..=b'9' => name.push(byte.into()),
            b'A'..=b'Z' => name.extend(['+', byte.to_ascii_lowercase().into()]),
            _ if plain.contains(&byte) => name.push(byte.into()),
            _ => {
                let _ = write!(name, "%{byte:02x}");
            }
        }
    }
}

fn bounded(mut name: String) -> String {
    if name.len() <= LONGEST {
        return name;
    }
    let hash = FileProof::of_bytes("", name.as_bytes()).blake3;
    let mut end = LONGEST - DIGITS - 1;
    // No escape is cut in two.
    end -= name[end - 2..end].rfind('%').map_or(0, |at| 2 - at);
    end -= usize::from(name[..end].ends_with('+'));
    name.truncate(end);
    name + "~" + &hash[..DIGITS]
}

/// Keys and levels.
pub(crate) type Levels<'r> = Vec<(&'r str, &'r str)>;

/// A cell's levels under the last part of their keys, in the plan's order; under the whole key where two
/// end alike. Without the factor `but`.
pub(crate) fn levels<'r>(results: &'r Results, cell: &'r Cell, but: Option<&str>) -> Levels<'r> {
    let unique = |key: &str| {
        results.factors.iter().filter(|(other, _)| last(other) == last(key)).count() == 1
    };
    let keys = results.factors.iter().map(|(key, _)| key.as_str());
    keys.filter(|key| Some(*key) != but)
        .filter_map(|key| {
            let level = cell.factors.get(key)?.as_str();
            Some((if unique(key) { last(key) } else { key }, level))
        })
        .collect()
}

/// The last part of a key.
fn last(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    /// What a name that was not cut was made of.
    type Parts = (Vec<String>, Vec<(String, String)>, usize);

    fn decoded(name: &str) -> Parts {
        let (name, part) = match name.rsplit_once('@') {
            Some((rest, number)) => (rest, number.parse::<usize>().unwrap() - 1),
            None => (name, 0),
        };
        let words = name.split('-').take_while(|section| !section.contains('=')).count();
        let mut sections = name.splitn(words + 1, '-');
        let words = sections.by_ref().take(words).map(plain).collect();
        let levels = sections.next().into_iter().flat_map(|rest| rest.split(','));
        let pair = |pair: &str| {
            let (key, level) = pair.split_once('=').unwrap();
            (plain(key), plain(level))
        };
        (words, levels.map(pair).collect(), part)
    }

    fn plain(escaped: &str) -> String {
        let mut bytes = Vec::new();
        let mut rest = escaped.bytes();
        while let Some(byte) = rest.next() {
            bytes.push(match byte {
                b'+' => rest.next().unwrap().to_ascii_uppercase(),
                b'%' => {
                    let digits = [rest.next().unwrap(), rest.next().unwrap()];
                    u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                }
                byte => byte,
            });
        }
        String::from_utf8(bytes).unwrap()
    }

    fn made(parts: &Parts) -> String {
        let words: Vec<&str> = parts.0.iter().map(String::as_str).collect();
        let levels: Vec<(&str, &str)> =
            parts.1.iter().map(|(key, level)| (key.as_str(), level.as_str())).collect();
        file_name(words[0], &words[1..], &levels, parts.2)
    }

    /// Texts full of what names are made of.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof!["[aAb01.,=@%+~_/ é-]{0,6}", "[a-zA-Z0-9.]{0,8}", any::<String>()]
    }

    fn parts(most: usize) -> impl Strategy<Value = Parts> {
        let first = "[a-z]{1,8}".boxed();
        let words = (first, vec(text(), 0..most)).prop_map(|(first, rest)| {
            let mut words = vec![first];
            words.extend(rest);
            words
        });
        (words, vec((text(), text()), 0..most), 0..4_usize)
    }

    proptest! {
        #[test]
        fn what_a_name_was_made_of_can_be_read_from_it(parts in parts(3)) {
            let name = made(&parts);
            let kept = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            prop_assert!(name.bytes().all(|b| kept(b) || b"._-=,@+%~".contains(&b)), "{}", name);
            prop_assert!(name.len() <= LONGEST);
            if !name.contains('~') {
                prop_assert_eq!(decoded(&name), parts);
            }
        }

        #[test]
        fn what_was_cut_off_still_tells_names_apart(
            parts in parts(3),
            long in "[a-zA-Z é]{120,300}",
            (one, other) in (text(), text()),
        ) {
            let with = |end: &str| {
                let mut parts = parts.clone();
                parts.1.push(("key".to_owned(), format!("{long}{end}")));
                made(&parts)
            };
            prop_assert!(with(&one).contains('~') && with(&one).len() <= LONGEST);
            prop_assert_eq!(with(&one) == with(&other), one == other);
        }
    }

    #[test]
    fn names_are_readable() {
        let levels = [("dual", "none"), ("lr", "0.0001")];
        assert_eq!(file_name("losses", &[], &levels, 0), "losses-dual=none,lr=0.0001");
        let name = file_name("ced", &["ert", "without"], &[("attribute", "Big-Nose")], 1);
        assert_eq!(name, "ced-ert-without-attribute=+big-+nose@2");
        assert_eq!(file_name("x", &[], &[("root", "/a b")], 0), "x-root=%2fa%20b");
    }

    #[test]
    fn no_escape_is_cut_in_two() {
        for shift in 0..4 {
            for filling in ["é", "A"] {
                let level = "x".repeat(shift) + &filling.repeat(200);
                let name = file_name("losses", &[], &[("k", &level)], 0);
                let (head, hash) = name.split_once('~').unwrap();
                assert_eq!(hash.len(), DIGITS);
                let ends = head.rfind(['%', '+']).map_or(3, |at| head.len() - at);
                let whole = if head[head.len() - ends..].starts_with('%') { 3 } else { 2 };
                assert!(ends >= whole, "{name}");
            }
        }
    }
}
