//! Named arrays.

use std::path::Path;

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "g0.safetensors";

/// Fields of the header.
pub(super) const WORDS: [&str; 12] = [
    "\"dtype\":\"F32\"",
    "\"shape\":[",
    "\"data_offsets\":[0,",
    "\"__metadata__\":{",
    "\"F16\"",
    "\"F64\"",
    "\"BOOL\"",
    "\"F4\"",
    "18446744073709551615",
    "4611686018427387904",
    "\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}",
    "},\"",
];

/// A file of named arrays. What is accepted has as many values as its shapes say.
pub fn safetensors(bytes: &[u8]) -> Verdict {
    let read = |bytes: &[u8]| arrays::from_bytes(Path::new(NAME), bytes);
    let found = match read(bytes) {
        Ok(found) => found,
        Err(error) => {
            oracle::message(&error, NAME);
            return Verdict::Refused;
        }
    };
    for (name, (shape, values)) in &found {
        let count = shape.iter().try_fold(1usize, |product, side| product.checked_mul(*side));
        assert_eq!(count, Some(values.len()), "{name} of {shape:?}");
    }
    let written = arrays::to_bytes(&found);
    let again = read(&written).unwrap_or_else(|error| panic!("{error} in what was written"));
    // By bytes: a NaN is not equal to itself.
    assert_eq!(arrays::to_bytes(&again), written);
    assert_eq!(again.keys().collect::<Vec<_>>(), found.keys().collect::<Vec<_>>());
    Verdict::Accepted
}
