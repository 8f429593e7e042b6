//! Images of two lists, matched by name.

/// Places of the names that stand in both sorted lists.
pub(crate) fn same_names(a: &[(&str, usize)], b: &[(&str, usize)]) -> Vec<(usize, usize)> {
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while let (Some(x), Some(y)) = (a.get(i), b.get(j)) {
        match x.0.cmp(y.0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                found.push((x.1, y.1));
                (i, j) = (i + 1, j + 1);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_matched_by_name_whatever_their_order() {
        let a = [("a", 4), ("b", 0), ("d", 2)];
        let b = [("b", 1), ("c", 0), ("d", 7), ("e", 3)];
        assert_eq!(same_names(&a, &b), [(0, 1), (2, 7)]);
        assert!(same_names(&a, &[]).is_empty());
    }
}
