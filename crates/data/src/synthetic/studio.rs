//! What every painter of a feature needs: the face, the pose, the picture, and the light on the face.

use super::canvas::{Canvas, HEIGHT, Pencil, Stencil, WIDTH};
use super::colour::Rgb;
use super::curve::{Point, closed};
use super::head::{self, Extents};
use super::params::FaceParams;
use super::view::View;

/// A face in front of the camera.
pub(super) struct Studio<'a> {
    pub(super) face: &'a FaceParams,
    pub(super) view: View,
    pub(super) canvas: Canvas,
    pub(super) pencil: Pencil,
    /// Right half of the head's outline.
    pub(super) half: Vec<[f32; 3]>,
    pub(super) extents: Extents,
    /// The head without hair and ears.
    pub(super) head: Stencil,
    /// Light that reaches each pixel of the face; features on the skin reflect it too.
    pub(super) light: Vec<Rgb>,
}

impl<'a> Studio<'a> {
    pub(super) fn new(face: &'a FaceParams) -> Studio<'a> {
        let view = View::new(&face.shot.pose);
        let half = head::half(face);
        let extents = Extents::new(&half, &view);
        let mut pencil = Pencil::new();
        let outline = head::whole(&half, |p| view.rim(p));
        let head = pencil.fill(closed(&outline).as_ref());
        // Beyond the face's edge features meet about this much light.
        let shot = &face.shot.light;
        let beyond = [0, 1, 2].map(|c| 0.35 * shot.key[c] + 0.7 * shot.ambient[c]);
        Studio {
            face,
            view,
            canvas: Canvas::new(),
            pencil,
            half,
            extents,
            head,
            light: vec![beyond; WIDTH * HEIGHT],
        }
    }

    /// The outline of the head in pixels.
    pub(super) fn outline(&self) -> Vec<Point> {
        head::whole(&self.half, |p| self.view.rim(p))
    }

    /// The points of a feature in pixels, mirrored to the left for `side` -1.
    pub(super) fn points(&self, side: f32, points: &[[f32; 3]]) -> Vec<Point> {
        points.iter().map(|&[x, y, z]| self.view.at([side * x, y, z])).collect()
    }
}
