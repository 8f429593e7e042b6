//! Faces that the frame of training cannot hold.

use std::fmt;

use data::{CELEBA_MEAN, Landmarks, Similarity};

use crate::frame::Frame;

/// Why a face cannot be edited, to be put behind its number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unfit {
    /// The crop has fewer pixels than its half, along a side, in the photograph.
    Small {
        /// Length of its side in the photograph, pixels.
        side: f32,
        /// The least that will do.
        least: f32,
    },
    /// Five points are far from those of a face that looks at the camera.
    Turned {
        /// [`misfit`].
        misfit: f32,
    },
    /// Much of the crop lies outside of the photograph.
    Outside {
        /// Share of its area, 0 to 1.
        share: f32,
    },
}

/// The crop of a face may be enlarged this often along a side: beyond, a generator sees a blur and the
/// photograph a change of a few pixels.
const MOST_ENLARGED: f32 = 2.0;
/// [`misfit`] of a face that is turned too far.
const MOST_MISFIT: f32 = 0.22;
/// Share of the crop that may lie outside of the photograph.
const MOST_OUTSIDE: f32 = 0.3;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Small { side, least } => write!(
                f,
                "is too small: its crop has {side:.0} pixels a side in the photograph where {least:.0} are the \
                 least for this cell"
            ),
            Unfit::Turned { misfit } => write!(
                f,
                "is turned too far: its points miss a frontal face's by {:.0} % of the distance of the eyes, \
                 {:.0} % at most will do",
                100.0 * misfit,
                100.0 * MOST_MISFIT
            ),
            Unfit::Outside { share } => write!(
                f,
                "lies too near the rim: {:.0} % of its crop are outside of the photograph, {:.0} % at most will do",
                100.0 * share,
                100.0 * MOST_OUTSIDE
            ),
        }
    }
}

/// Root mean square distance between five points, brought as near to CelebA's mean five points as a
/// similarity can, and those, as a share of the distance of the mean's eyes. Infinite for points that
/// place no face.
pub fn misfit(points: &Landmarks) -> f32 {
    let Some(fit) = Similarity::fit(points, &CELEBA_MEAN) else { return f32::INFINITY };
    let squares = points.iter().zip(&CELEBA_MEAN).map(|(p, mean)| {
        let [x, y] = fit.apply(*p);
        (x - mean[0]).powi(2) + (y - mean[1]).powi(2)
    });
    let eyes = CELEBA_MEAN[1][0] - CELEBA_MEAN[0][0];
    (squares.sum::<f32>() / 5.0).sqrt() / eyes
}

/// Whether a face with these points can be edited in a photograph of this width and height.
///
/// # Errors
/// The reason against it.
pub fn fits(points: &Landmarks, frame: &Frame, photo: (u32, u32)) -> Result<(), Unfit> {
    let misfit = misfit(points);
    if misfit > MOST_MISFIT {
        return Err(Unfit::Turned { misfit });
    }
    let (side, least) = (frame.side(), frame.size() as f32 / MOST_ENLARGED);
    if side < least {
        return Err(Unfit::Small { side, least });
    }
    let share = outside(frame, photo);
    if share > MOST_OUTSIDE {
        return Err(Unfit::Outside { share });
    }
    Ok(())
}

/// Share of the crop that lies outside of the photograph, by a grid of places.
pub fn outside(frame: &Frame, (width, height): (u32, u32)) -> f32 {
    const PLACES: usize = 64;
    let [corner, right, _, below] = frame.corners();
    let inside = |at: usize| {
        let step = |v: usize| (v as f32 + 0.5) / PLACES as f32;
        let (u, v) = (step(at % PLACES), step(at / PLACES));
        let along = |axis: usize| {
            corner[axis] + u * (right[axis] - corner[axis]) + v * (below[axis] - corner[axis])
        };
        let holds = |at: f32, length: u32| (-0.5..length as f32 - 0.5).contains(&at);
        holds(along(0), width) && holds(along(1), height)
    };
    let count = (0..PLACES * PLACES).filter(|&at| !inside(at)).count();
    count as f32 / (PLACES * PLACES) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(points: &Landmarks, size: usize, photo: (u32, u32)) -> Result<(), Unfit> {
        fits(points, &Frame::of_face(points, size).unwrap(), photo)
    }

    #[test]
    fn a_frontal_face_in_the_picture_fits_and_others_are_named() {
        assert_eq!(at(&CELEBA_MEAN, 64, (178, 218)), Ok(()));
        let small = CELEBA_MEAN.map(|[x, y]| [x / 8.0, y / 8.0]);
        let refused = at(&small, 64, (178, 218)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "is too small: its crop has 22 pixels a side in the photograph \
                                         where 32 are the least for this cell"
        );
        let profile = [[70.0, 111.0], [80.0, 111.0], [60.0, 135.0], [70.0, 152.0], [80.0, 152.0]];
        assert!(matches!(at(&profile, 64, (178, 218)), Err(Unfit::Turned { .. })));
        let rim = CELEBA_MEAN.map(|[x, y]| [x - 60.0, y]);
        assert!(
            matches!(at(&rim, 64, (178, 218)), Err(Unfit::Outside { share }) if (0.3..0.4).contains(&share))
        );
    }

    #[test]
    fn a_quarter_outside_is_a_quarter() {
        let frame = Frame::of_face(&CELEBA_MEAN, 64).unwrap();
        let share = outside(&frame, (178 - 178 / 4, 218));
        assert!((share - 0.25).abs() < 0.02, "{share}");
        assert_eq!(outside(&frame, (178, 218)), 0.0);
    }
}
