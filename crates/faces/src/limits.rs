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
    /// A point lies at the rim of the photograph, or beyond it.
    Rim {
        /// How far it lies inside, as a share of the distance of the eyes.
        inside: f32,
    },
    /// Most of the crop lies outside of the photograph.
    Outside {
        /// Share of its area, 0 to 1.
        share: f32,
    },
}

/// The crop of a face may be enlarged this often along a side: beyond, a generator sees a blur and the
/// photograph a change of a few pixels.
const MOST_ENLARGED: f32 = 2.0;
/// [`misfit`] of a face that is turned too far: 99 of 100 faces of CelebA lie below.
const MOST_MISFIT: f32 = 0.25;
/// How far inside every point lies, as a share of the distance of the eyes. Faces of MTFL that are cut off
/// there keep their points to 1.4 % of that distance; one that loses an eye does not.
const LEAST_INSIDE: f32 = 0.4;
/// Share of the crop that may lie outside of the photograph, whose edge continues there, as in training.
const MOST_OUTSIDE: f32 = 0.5;

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unfit::Small { side, least } => write!(
                f,
                "is too small: its crop has {side:.0} pixels a side in the photograph where {least:.0} are the \
                 least for one of {:.0}",
                least * MOST_ENLARGED
            ),
            Unfit::Turned { misfit } => write!(
                f,
                "is turned too far: its points miss a frontal face's by {:.0} % of the distance of the eyes, \
                 {:.0} % at most will do",
                100.0 * misfit,
                100.0 * MOST_MISFIT
            ),
            Unfit::Rim { inside } => write!(
                f,
                "is cut off by the rim: a point of it lies {:.0} % of the distance of the eyes inside, {:.0} % are \
                 the least",
                100.0 * inside,
                100.0 * LEAST_INSIDE
            ),
            Unfit::Outside { share } => write!(
                f,
                "fills too much of the photograph: {:.0} % of its crop lie outside, {:.0} % at most will do",
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
    let inside = inside(points, photo);
    if inside < LEAST_INSIDE {
        return Err(Unfit::Rim { inside });
    }
    let share = outside(frame, photo);
    if share > MOST_OUTSIDE {
        return Err(Unfit::Outside { share });
    }
    Ok(())
}

/// How far the outermost point lies inside of the photograph, as a share of the distance of the eyes.
fn inside(points: &Landmarks, (width, height): (u32, u32)) -> f32 {
    let eyes = (points[1][0] - points[0][0]).hypot(points[1][1] - points[0][1]);
    let depth = |v: f32, length: u32| (v + 0.5).min(length as f32 - 0.5 - v);
    let depths = points.iter().map(|[x, y]| depth(*x, width).min(depth(*y, height)));
    depths.fold(f32::INFINITY, f32::min) / eyes
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
    use crate::frame::Anchors;

    fn at(points: &Landmarks, size: usize, photo: (u32, u32)) -> Result<(), Unfit> {
        fits(points, &Frame::of_face(points, Anchors::FivePoints, size).unwrap(), photo)
    }

    #[test]
    fn a_frontal_face_in_the_picture_fits_and_others_are_named() {
        assert_eq!(at(&CELEBA_MEAN, 64, (178, 218)), Ok(()));
        let small = CELEBA_MEAN.map(|[x, y]| [x / 8.0, y / 8.0]);
        let refused = at(&small, 64, (178, 218)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "is too small: its crop has 22 pixels a side in the photograph \
                                         where 32 are the least for one of 64"
        );
        let profile = [[70.0, 111.0], [80.0, 111.0], [60.0, 135.0], [70.0, 152.0], [80.0, 152.0]];
        assert!(matches!(at(&profile, 64, (178, 218)), Err(Unfit::Turned { .. })));
        let rim = CELEBA_MEAN.map(|[x, y]| [x - 60.0, y]);
        assert!(
            matches!(at(&rim, 64, (178, 218)), Err(Unfit::Rim { inside }) if (0.2..0.3).contains(&inside))
        );
        let tight = CELEBA_MEAN.map(|[x, y]| [x - 40.0, y - 80.0]);
        assert!(matches!(at(&tight, 64, (100, 100)), Err(Unfit::Outside { share }) if share > 0.6));
        assert_eq!(at(&tight, 64, (178, 218)), Ok(()));
    }

    #[test]
    fn a_quarter_outside_is_a_quarter() {
        let frame = Frame::of_face(&CELEBA_MEAN, Anchors::FivePoints, 64).unwrap();
        let share = outside(&frame, (178 - 178 / 4, 218));
        assert!((share - 0.25).abs() < 0.02, "{share}");
        assert_eq!(outside(&frame, (178, 218)), 0.0);
    }
}
