//! Curves and axes: the range that a reader wants to see, and what of a curve lies inside it.

use super::canvas::padded;

/// Values up to this size never count as out of scale, whatever lies beside them.
const ORDINARY: f64 = 1e6;
/// So many times the smallest curve's size a curve is out of scale: drawn together, the smaller one
/// would be a flat line.
const APART: f64 = 1e3;
/// So many times its median a curve that left all bounds was on its way out.
const WAY_OUT: f64 = 10.0;

/// The range of these curves but for what is out of scale, and but for the highest hundredth: neither a
/// curve that went to 1e23 nor one early peak must flatten the rest. `None` without a value.
pub(super) fn range_of(curves: &[Vec<f64>]) -> Option<(f64, f64)> {
    let least = curves.iter().filter_map(|curve| size(curve)).min_by(f64::total_cmp)?;
    let limit = ORDINARY.max(APART * least);
    let mut values: Vec<f64> =
        curves.iter().flatten().copied().filter(|value| value.abs() <= limit).collect();
    values.sort_by(f64::total_cmp);
    let lo = *values.first()?;
    let hi = values[((values.len() - 1) as f64 * 0.99).floor() as usize];
    Some(padded(lo, hi, 0.06))
}

/// The values of a curve that is known to have left all bounds, but for those on its way out.
pub(super) fn before_leaving(curve: &[f64]) -> Vec<f64> {
    let limit = quantile(curve, 2).map_or(0.0, |median| WAY_OUT * median);
    curve.iter().copied().filter(|value| value.abs() <= limit).collect()
}

/// How large a curve's values were before anything happened to it: a tenth of them are smaller.
fn size(curve: &[f64]) -> Option<f64> {
    quantile(curve, 10)
}

/// The size than which the `parts`th part of the values are smaller.
fn quantile(curve: &[f64], parts: usize) -> Option<f64> {
    let mut sizes: Vec<f64> = curve.iter().map(|value| value.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.get(sizes.len().saturating_sub(1) / parts).copied()
}

/// A curve as far as it lies between two heights.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Clipped {
    /// Its pieces.
    pub(super) pieces: Vec<Vec<(f64, f64)>>,
    /// Where it leaves through the top or the bottom, or begins outside.
    pub(super) exits: Vec<(f64, f64)>,
}

/// Cuts a curve at the edges of a range of heights.
pub(super) fn clipped(points: &[(f64, f64)], (lo, hi): (f64, f64)) -> Clipped {
    let inside = |(_, y): (f64, f64)| (lo..=hi).contains(&y);
    let edge = |y: f64| if y > hi { hi } else { lo };
    // Where the line from a point inside to one outside meets the edge.
    let crossing = |within: (f64, f64), beyond: (f64, f64)| {
        let height = edge(beyond.1);
        let share = (height - within.1) / (beyond.1 - within.1);
        (within.0 + share * (beyond.0 - within.0), height)
    };
    let mut found = Clipped::default();
    let mut piece: Vec<(f64, f64)> = Vec::new();
    let mut last: Option<(f64, f64)> = None;
    for &point in points {
        match (last, inside(point)) {
            (Some(before), true) if !inside(before) => piece = vec![crossing(point, before), point],
            (_, true) => piece.push(point),
            (Some(before), false) if inside(before) => {
                let exit = crossing(before, point);
                piece.push(exit);
                found.pieces.push(std::mem::take(&mut piece));
                found.exits.push(exit);
            }
            (None, false) => found.exits.push((point.0, edge(point.1))),
            (Some(_), false) => {}
        }
        last = Some(point);
    }
    if !piece.is_empty() {
        found.pieces.push(piece);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn falling(from: f64, count: usize) -> Vec<f64> {
        (0..count).map(|i| from / (1.0 + i as f64 / 10.0)).collect()
    }

    #[test]
    fn a_curve_that_explodes_leaves_the_others_their_range() {
        let healthy = falling(2.0, 60);
        let (lo, hi) = range_of(std::slice::from_ref(&healthy)).unwrap();
        for factor in [1e8, 1e23, 1e300] {
            let exploding: Vec<f64> = healthy.iter().map(|value| value * factor).collect();
            assert_eq!(range_of(&[healthy.clone(), exploding]), Some((lo, hi)), "{factor}");
        }
    }

    #[test]
    fn of_a_curve_that_explodes_alone_the_part_before_is_shown() {
        let mut curve = falling(2.0, 30);
        curve.extend((0..25).map(|i| 10f64.powi(i)));
        let (_, hi) = range_of(std::slice::from_ref(&curve)).unwrap();
        assert!((2.0..2e6).contains(&hi), "{hi}");
        let (_, hi) = range_of(&[before_leaving(&curve)]).unwrap();
        assert!((1.9..20.0).contains(&hi), "{hi}");
        assert_eq!(before_leaving(&[0.0, 0.0]), [0.0, 0.0]);
        // Where there is no part before, all of it.
        let (lo, hi) = range_of(&[vec![1e23, 2e23]]).unwrap();
        assert!(lo < 1e23 && hi >= 1e23);
    }

    #[test]
    fn a_term_that_one_arm_does_not_have_hides_no_other_arm() {
        let (lo, hi) = range_of(&[vec![0.0; 50], falling(900.0, 50)]).unwrap();
        assert!(lo < 0.0 && hi > 700.0, "{lo} {hi}");
    }

    #[test]
    fn one_peak_does_not_set_the_axis() {
        let mut curve = vec![1.0; 200];
        curve[0] = 100.0;
        let (_, hi) = range_of(&[curve]).unwrap();
        assert!(hi < 2.0, "{hi}");
    }

    #[test]
    fn a_curve_is_cut_where_it_meets_the_edge() {
        let found = clipped(&[(0.0, 0.0), (1.0, 2.0), (2.0, 2.0), (3.0, 0.0)], (0.0, 1.0));
        assert_eq!(found.pieces, [[(0.0, 0.0), (0.5, 1.0)], [(2.5, 1.0), (3.0, 0.0)]]);
        assert_eq!(found.exits, [(0.5, 1.0)]);
        let above = clipped(&[(0.0, 1e23), (1.0, 1e24)], (0.0, 1.0));
        assert_eq!((above.pieces.len(), above.exits), (0, vec![(0.0, 1.0)]));
        let whole = clipped(&[(0.0, 0.5)], (0.0, 1.0));
        assert_eq!((whole.pieces, whole.exits.len()), (vec![vec![(0.0, 0.5)]], 0));
    }
}
