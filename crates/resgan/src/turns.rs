//! How far the faces that a cell has learned from are turned, and whether others are turned farther.

use data::Prepared;
use serde::Deserialize;

/// The central share of training faces whose yaw counts as seen.
const SEEN: f64 = 0.98;

/// Lowest and highest yaw in degrees of the central 98 % of the faces that train, mirrored ones included where
/// training mirrors them; `None` where no face's points are known.
pub(crate) fn seen(data: &Prepared, flip: bool) -> Option<[f32; 2]> {
    let faces = data.split.train_negative.iter().chain(&data.split.train_positive);
    let yaw = |face: &usize| data.faces[*face].landmarks.and_then(|points| data::yaw(&points));
    let mut yaws: Vec<f32> = faces.filter_map(yaw).collect();
    if flip {
        yaws.extend(yaws.clone().iter().map(|yaw| -yaw));
    }
    central(yaws)
}

fn central(mut yaws: Vec<f32>) -> Option<[f32; 2]> {
    yaws.sort_by(f32::total_cmp);
    let beyond = ((1.0 - SEEN) / 2.0 * yaws.len() as f64).floor() as usize;
    Some([*yaws.get(beyond)?, *yaws.get(yaws.len() - 1 - beyond)?])
}

/// What a cell's `provenance.json` says of it, if anything; cells older than this field say nothing.
pub(crate) fn recorded(provenance: &[u8]) -> Option<[f32; 2]> {
    #[derive(Deserialize)]
    struct Recorded {
        yaw: Option<[f32; 2]>,
    }
    serde_json::from_slice::<Recorded>(provenance).ok()?.yaw
}

/// The warning, to be put behind a face's number, if its yaw lies beyond what was seen.
pub(crate) fn warning(yaw: f32, seen: [f32; 2], cell: &str) -> Option<String> {
    let [lo, hi] = seen;
    (yaw < lo || yaw > hi).then(|| {
        let side = if yaw < 0.0 { "left" } else { "right" };
        format!(
            "is turned by {:.0} degrees to the picture's {side}, and 98 of 100 faces that cell {cell} has learned \
             from by {lo:.0} to {hi:.0}: look at what it makes of this one",
            yaw.abs()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_central_98_of_100_count_as_seen() {
        let yaws: Vec<f32> = (0..200).map(|i| i as f32 - 100.0).rev().collect();
        assert_eq!(central(yaws), Some([-98.0, 97.0]));
        assert_eq!(central(vec![3.0]), Some([3.0, 3.0]));
        assert_eq!(central(Vec::new()), None);
    }

    #[test]
    fn a_warning_names_side_and_range() {
        let of = |yaw| warning(yaw, [-21.0, 22.0], "abc");
        assert_eq!((of(-21.0), of(22.0)), (None, None));
        let told = of(-35.4).unwrap();
        assert!(
            told.contains("35 degrees to the picture's left") && told.contains("-21 to 22"),
            "{told}"
        );
        assert_eq!(recorded(br#"{"yaw":[-1.5,2.0],"x":1}"#), Some([-1.5, 2.0]));
        assert_eq!((recorded(br#"{"x":1}"#), recorded(b"{")), (None, None));
    }
}
