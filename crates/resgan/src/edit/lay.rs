//! From a photograph and its faces to the edited photograph, and to what shows the change.

use faces::Frame;
use image::{Rgb, RgbImage, imageops};

use super::cells::Editor;
use super::survey::Spot;

/// The photograph with its faces edited by `steps`, one after the other; every step sees all faces as
/// the step before left them.
pub(crate) fn edited(
    photo: &RgbImage,
    spots: &[Spot],
    steps: &[&Editor],
    strength: f32,
) -> RgbImage {
    let mut edited = photo.clone();
    for editor in steps {
        let frame = |spot: &Spot| spot.frame(editor.anchors, editor.size);
        let frames: Vec<Frame> = spots.iter().map(frame).collect();
        let answers: Vec<Vec<f32>> =
            frames.iter().map(|frame| editor.residual(&frame.view(&edited))).collect();
        for (frame, residual) in frames.iter().zip(&answers) {
            frame.lay(&mut edited, residual, strength);
        }
    }
    edited
}

/// What a cell's network sees of a face, as a picture.
pub(crate) fn view(photo: &RgbImage, spot: &Spot, editor: &Editor) -> RgbImage {
    square(spot.frame(editor.anchors, editor.size).view(photo), editor.size)
}

/// Pixels between the pictures of a grid.
const GAP: u32 = 4;
/// The least side of a picture in a grid.
const LEAST: usize = 192;

/// A row for each face, in the frame of this cell: before, then for each edited photograph the change around
/// mid-grey and the face after.
pub(crate) fn grid(
    photo: &RgbImage,
    edits: &[RgbImage],
    spots: &[Spot],
    editor: &Editor,
) -> RgbImage {
    let side = editor.size.max(LEAST);
    let step = side as u32 + GAP;
    let columns = 1 + 2 * edits.len() as u32;
    let (width, height) = (columns * step - GAP, spots.len() as u32 * step - GAP);
    let mut grid = RgbImage::from_pixel(width, height, Rgb([255; 3]));
    for (row, spot) in spots.iter().enumerate() {
        let frame = spot.frame(editor.anchors, side);
        let before = square(frame.view(photo), side);
        let mut put = |column: usize, picture: &RgbImage| {
            let (x, y) = (column as u32 * step, row as u32 * step);
            imageops::replace(&mut grid, picture, x.into(), y.into());
        };
        put(0, &before);
        for (index, edit) in edits.iter().enumerate() {
            let after = square(frame.view(edit), side);
            put(1 + 2 * index, &change(&before, &after));
            put(2 + 2 * index, &after);
        }
    }
    grid
}

fn change(before: &RgbImage, after: &RgbImage) -> RgbImage {
    RgbImage::from_fn(before.width(), before.height(), |x, y| {
        let (before, after) = (before.get_pixel(x, y), after.get_pixel(x, y));
        let level = |c: usize| 128 + i16::from(after[c]) - i16::from(before[c]);
        Rgb([0, 1, 2].map(|c| level(c).clamp(0, 255) as u8))
    })
}

fn square(bytes: Vec<u8>, side: usize) -> RgbImage {
    RgbImage::from_raw(side as u32, side as u32, bytes).expect("as many bytes as a square has")
}
