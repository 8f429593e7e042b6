//! How much of the true change an edit makes.
//!
//! With `r` the change made and `r*` the true one, `r = a r* + s` where `s` is orthogonal to `r*`. Then
//! `1 = explained + missing + spurious`, in shares of `|r*|^2`.

/// The true change, divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Explained {
    /// `1 - |r - r*|^2 / |r*|^2`: 0 leaves the image alone, 1 is the true edit, below 0 is worse than
    /// nothing.
    pub explained: f64,
    /// `(1 - a)^2`: what is not done, or overdone, along the true change.
    pub missing: f64,
    /// `|s|^2 / |r*|^2`: what has nothing to do with it.
    pub spurious: f64,
}

/// Of all values, or of the pixels inside a mask (one entry per pixel). Both changes are planar and in
/// the same unit.
///
/// `None` if the true change is 0 there, lengths differ or are no whole number of planes, or a value is
/// not finite.
pub fn explained(change: &[f32], truth: &[f32], mask: Option<&[bool]>) -> Option<Explained> {
    if change.len() != truth.len() {
        return None;
    }
    let planes = |mask: &[bool]| !mask.is_empty() && change.len().is_multiple_of(mask.len());
    if !mask.is_none_or(planes) {
        return None;
    }
    let inside = |place: usize| mask.is_none_or(|mask| mask[place % mask.len()]);
    // |r|^2, |r*|^2, r r*
    let (mut made, mut wanted, mut both) = (0.0f64, 0.0f64, 0.0f64);
    for (place, (made_here, wanted_here)) in change.iter().zip(truth).enumerate() {
        if inside(place) {
            let (r, t) = (f64::from(*made_here), f64::from(*wanted_here));
            made += r * r;
            wanted += t * t;
            both += r * t;
        }
    }
    if wanted == 0.0 || !(made + wanted).is_finite() {
        return None;
    }
    let along = both / wanted;
    let missing = (1.0 - along).powi(2);
    // Rounding may leave less than nothing.
    let spurious = (made / wanted - along * along).max(0.0);
    Some(Explained { explained: 1.0 - missing - spurious, missing, spurious })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_half_all_and_twice_the_change() {
        let truth = [0.5, -0.25, 0.0, 1.0];
        for (g, share) in [(0.0, 0.0), (0.5, 0.75), (1.0, 1.0), (2.0, 0.0), (-1.0, -3.0)] {
            let found = explained(&truth.map(|t| g * t), &truth, None).unwrap();
            assert!((found.explained - share).abs() < 1e-12 && found.spurious < 1e-12, "{g}");
        }
    }

    #[test]
    fn what_is_orthogonal_to_the_true_change_is_spurious() {
        // Half of the change, and as much where nothing should change.
        let found = explained(&[1.0, 0.0, 0.0, 1.0], &[2.0, 0.0, 0.0, 0.0], None).unwrap();
        let wanted = Explained { explained: 0.5, missing: 0.25, spurious: 0.25 };
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_mask_counts_every_plane_and_nothing_outside() {
        let (change, truth) = ([1.0, 9.0, 1.0, 9.0], [1.0, 0.0, 1.0, 0.0]);
        let found = explained(&change, &truth, Some(&[true, false])).unwrap();
        assert_eq!(found.explained, 1.0);
        assert_eq!(explained(&change, &truth, Some(&[false, true])), None, "no true change there");
        assert_eq!(explained(&change, &truth, Some(&[true; 3])), None);
        assert_eq!(explained(&change, &truth[..2], None), None);
        assert_eq!(explained(&[f32::NAN; 4], &truth, None), None);
    }
}
