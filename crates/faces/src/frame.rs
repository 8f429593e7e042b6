//! The frame in which generators are trained, as it lies in a photograph.

use data::{CELEBA_MEAN, Landmarks, Similarity, crop, resample};
use image::RgbImage;

use crate::bicubic::Surface;

/// Share of the crop's side over which an edit fades to nothing at its rim: 11 of 178 pixels, so that
/// a chin and its beard stay inside.
const FADE: f32 = 1.0 / 16.0;

/// How a source's faces were brought into the frame, and so how a face of a photograph is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchors {
    /// By all five points: MTFL, and LFW with MTFL's points. Drawn faces are as near to it as to the other (6.9 and
    /// 7.2 of 178 pixels at the corners of the crop, over 100 faces).
    FivePoints,
    /// By the eyes, counted twice, and the corners of the mouth: CelebA, which was aligned by others. Over the
    /// first 100 rows of its list the corners of the crop are then off by 3.0 of 178 pixels in the mean, by 5.0
    /// with all five points, which make the face 3 % smaller because noses move, and by 9.9 with the eyes
    /// alone.
    EyesAndMouth,
}

/// A square crop of a photograph, turned and scaled, `size` x `size` pixels: CelebA's frame, in which all
/// sources train.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame {
    to_crop: Similarity,
    size: usize,
    faded: bool,
}

impl Frame {
    /// Of a face with these points; `None` if they place no face (they coincide, or are no numbers).
    pub fn of_face(points: &Landmarks, anchors: Anchors, size: usize) -> Option<Frame> {
        let counted = |points: &Landmarks| match anchors {
            Anchors::FivePoints => points.to_vec(),
            Anchors::EyesAndMouth => [0, 0, 1, 1, 3, 4].map(|k| points[k]).to_vec(),
        };
        let to_frame = Similarity::fit(&counted(points), &counted(&CELEBA_MEAN))?;
        Some(Frame { to_crop: to_frame.then(&crop(size)), size, faded: true })
    }

    /// Of a picture that is a crop of training already: a square one as a whole, or the part of CelebA's
    /// aligned 178 x 218 images that training takes. `None` for any other shape.
    pub fn of_crop((width, height): (u32, u32), size: usize) -> Option<Frame> {
        let a = size as f32 / width as f32;
        match (width, height) {
            (178, 218) => Some(Frame { to_crop: crop(size), size, faded: true }),
            // Nothing lies outside, and the edit reaches the rim.
            _ if width == height && width > 0 => {
                let to_crop = Similarity { a, b: 0.0, t: [0.5 * a - 0.5; 2] };
                Some(Frame { to_crop, size, faded: false })
            }
            _ => None,
        }
    }

    /// Pixels of a side of the crop.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Length of a side in pixels of the photograph.
    pub fn side(&self) -> f32 {
        self.size as f32 / self.to_crop.scale()
    }

    /// Corners in pixels of the photograph, where the edges of the crop's pixels meet: left above, right
    /// above, right below, left below.
    pub fn corners(&self) -> [[f32; 2]; 4] {
        let (first, last) = (-0.5, self.size as f32 - 0.5);
        let back = self.to_crop.inverse();
        [[first, first], [last, first], [last, last], [first, last]].map(|p| back.apply(p))
    }

    /// What a generator sees, RGB, row by row: antialiased as crops of training are.
    pub fn view(&self, photo: &RgbImage) -> Vec<u8> {
        resample(photo, &self.to_crop, self.size)
    }

    /// How much of an edit reaches a place in the photograph, 0 to 1.
    fn share(&self, [u, v]: [f32; 2]) -> f32 {
        let last = self.size as f32 - 0.5;
        let inside = |v: f32| (v + 0.5).min(last - v);
        match self.faded {
            false => f32::from(u8::from(inside(u) >= 0.0 && inside(v) >= 0.0)),
            true => {
                let share = |v: f32| {
                    let t = (inside(v) / (FADE * self.size as f32)).clamp(0.0, 1.0);
                    t * t * (3.0 - 2.0 * t)
                };
                share(u) * share(v)
            }
        }
    }

    /// Adds `strength` times a residual image, planes `[3, size, size]` in units of [-1, 1], to the photograph:
    /// interpolated, and faded to nothing at the rim of the crop. A pixel that it changes by less than half a
    /// level keeps its value, and so does every pixel outside.
    ///
    /// # Panics
    /// The residual has not as many numbers as the crop.
    pub fn lay(&self, photo: &mut RgbImage, residual: &[f32], strength: f32) {
        assert_eq!(residual.len(), 3 * self.size * self.size, "a residual of this crop");
        let surface = Surface::new(residual, self.size);
        // Most of a residual image is too small for a level, and most of a photograph's time goes here.
        let still = surface.still(0.499 / (127.5 * strength.abs().max(f32::MIN_POSITIVE)));
        let corners = self.corners();
        let range = |axis: usize, length: u32| {
            let along = corners.map(|corner| corner[axis]);
            let (low, high) =
                along.iter().fold((f32::MAX, f32::MIN), |(l, h), &v| (l.min(v), h.max(v)));
            // Casts end at the type's bounds.
            low.ceil().max(0.0) as u32..((high.floor() + 1.0).max(0.0) as u32).min(length)
        };
        let (columns, rows) = (range(0, photo.width()), range(1, photo.height()));
        let width = photo.width() as usize;
        let pixels: &mut [u8] = photo;
        for y in rows {
            let line = &mut pixels[y as usize * width * 3..][..width * 3];
            for x in columns.clone() {
                let place = self.to_crop.apply([x as f32, y as f32]);
                let share = self.share(place);
                if share <= 0.0 {
                    continue;
                }
                let [column, row] = place.map(|v| (v + 1.0) as usize);
                if still[row * (self.size + 1) + column] {
                    continue;
                }
                let change = surface.at(place[0], place[1]);
                let pixel = &mut line[x as usize * 3..][..3];
                for (level, change) in pixel.iter_mut().zip(change) {
                    let value = f32::from(*level) + 127.5 * strength * share * change;
                    // Rounds half up; the cast ends at 0 and 255.
                    *level = (value + 0.5) as u8;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Rgb;

    fn photo(width: u32, height: u32) -> RgbImage {
        RgbImage::from_fn(width, height, |x, y| {
            Rgb([(x * 7 + y) as u8, (y * 5) as u8, 200 - (x as u8 % 100)])
        })
    }

    /// CelebA's mean face, turned by `angle`, `scale` times as large, around (`x`, `y`).
    fn turned(angle: f32, scale: f32, [x, y]: [f32; 2]) -> Landmarks {
        let (a, b) = (scale * angle.cos(), scale * angle.sin());
        CELEBA_MEAN.map(|[u, v]| {
            let (u, v) = (u - 88.5, v - 108.5);
            [a * u - b * v + x, b * u + a * v + y]
        })
    }

    #[test]
    fn a_face_is_seen_upright_wherever_it_lies() {
        let frame =
            Frame::of_face(&turned(0.0, 1.0, [88.5, 108.5]), Anchors::FivePoints, 178).unwrap();
        let aligned = photo(178, 218);
        let whole = Frame::of_crop((178, 218), 178).unwrap();
        let far = |a: &[u8], b: &[u8]| a.iter().zip(b).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
        assert!(far(&frame.view(&aligned), &whole.view(&aligned)) <= 1);
        // Lying on its side.
        let lying = image::imageops::rotate90(&aligned);
        let points = CELEBA_MEAN.map(|[x, y]| [217.0 - y, x]);
        let frame = Frame::of_face(&points, Anchors::FivePoints, 178).unwrap();
        assert!(far(&frame.view(&lying), &whole.view(&aligned)) <= 2);
    }

    #[test]
    fn the_change_is_the_residual_inside_and_nothing_outside() {
        let before = RgbImage::from_pixel(400, 300, Rgb([100; 3]));
        for (angle, scale) in [(0.0, 1.0), (0.5, 0.7), (-0.3, 1.3)] {
            let points = turned(angle, scale, [200.0, 150.0]);
            let frame = Frame::of_face(&points, Anchors::FivePoints, 32).unwrap();
            let mut after = before.clone();
            frame.lay(&mut after, &[0.41; 3 * 32 * 32], 0.5);
            let mut touched = 0;
            for (x, y, pixel) in after.enumerate_pixels() {
                let [u, v] = frame.to_crop.apply([x as f32, y as f32]);
                let rim = (u + 0.5).min(v + 0.5).min(31.5 - u).min(31.5 - v);
                match rim {
                    ..=0.0 => assert_eq!(pixel.0, [100; 3]),
                    // Smoothly: a sixteenth of the change at a seventh of the way.
                    ..=0.3 => assert!((100..=102).contains(&pixel.0[0])),
                    2.001.. => assert_eq!(pixel.0, [126; 3]),
                    _ => assert!((100..=126).contains(&pixel.0[0])),
                }
                touched += usize::from(pixel.0 != [100; 3]);
            }
            assert!(touched > 10_000, "{touched}");
        }
    }

    #[test]
    fn strength_zero_changes_nothing_and_levels_end_at_black_and_white() {
        let before = photo(178, 218);
        let frame = Frame::of_face(&CELEBA_MEAN, Anchors::FivePoints, 64).unwrap();
        let mut after = before.clone();
        frame.lay(&mut after, &vec![1.9; 3 * 64 * 64], 0.0);
        assert_eq!(after, before);
        frame.lay(&mut after, &vec![1.9; 3 * 64 * 64], 2.0);
        assert_eq!(after.get_pixel(88, 108).0, [255; 3]);
        frame.lay(&mut after, &vec![-1.9; 3 * 64 * 64], 2.0);
        assert_eq!(after.get_pixel(88, 108).0, [0; 3]);
    }

    #[test]
    fn an_edit_of_a_whole_crop_reaches_its_rim() {
        let frame = Frame::of_crop((60, 60), 16).unwrap();
        let mut picture = RgbImage::from_pixel(60, 60, Rgb([100; 3]));
        frame.lay(&mut picture, &[0.4; 3 * 16 * 16], 1.0);
        assert!(picture.pixels().all(|pixel| pixel.0 == [151; 3]));
        assert_eq!(Frame::of_crop((60, 61), 16), None);
    }

    #[test]
    fn a_nose_moves_no_frame_by_eyes_and_mouth() {
        let face = turned(0.4, 1.7, [300.0, 200.0]);
        let mut other = face;
        other[2][0] += 20.0;
        let frames = |anchors| [face, other].map(|p| Frame::of_face(&p, anchors, 64).unwrap());
        let [one, two] = frames(Anchors::EyesAndMouth);
        assert_eq!(one, two);
        assert!((one.side() - 1.7 * 178.0).abs() < 0.1);
        let [one, two] = frames(Anchors::FivePoints);
        assert_ne!(one, two);
    }

    #[test]
    fn a_crop_partly_outside_touches_what_is_inside() {
        let frame =
            Frame::of_face(&turned(0.2, 1.0, [5.0, 10.0]), Anchors::FivePoints, 32).unwrap();
        let mut picture = RgbImage::from_pixel(50, 40, Rgb([100; 3]));
        frame.lay(&mut picture, &[0.4; 3 * 32 * 32], 1.0);
        assert_eq!(picture.get_pixel(5, 10).0, [151; 3]);
        let far =
            Frame::of_face(&turned(0.2, 1.0, [-500.0, -900.0]), Anchors::FivePoints, 32).unwrap();
        let before = picture.clone();
        far.lay(&mut picture, &[0.4; 3 * 32 * 32], 1.0);
        assert_eq!(picture, before);
    }
}
