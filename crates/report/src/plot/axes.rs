//! Axes of one panel: a frame, ticks, grid lines, titles.

use plotters::prelude::{Color, DrawingBackend, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;

use super::canvas::{GRID, INK, SOFT, anchored, text, tick_label, ticks, write};
use super::draw::{Area, DrawResult};

/// Places of a panel's data in pixels.
pub(super) struct Axes {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) x: (f64, f64),
    pub(super) y: (f64, f64),
}

impl Axes {
    /// The pixel of a point; what lies outside is drawn at the edge.
    pub(super) fn at(&self, x: f64, y: f64) -> (i32, i32) {
        let share = |value: f64, (lo, hi): (f64, f64)| ((value - lo) / (hi - lo)).clamp(0.0, 1.0);
        let across = share(x, self.x) * f64::from(self.right - self.left);
        let up = share(y, self.y) * f64::from(self.bottom - self.top);
        (self.left + across.round() as i32, self.bottom - up.round() as i32)
    }

    /// Frame, ticks and the title of the horizontal axis.
    pub(super) fn draw<B: DrawingBackend>(&self, area: &Area<B>, across: &str) -> DrawResult<B> {
        let columns = ticks(self.x.0, self.x.1, 4);
        let names = columns.iter().map(|value| (*value, tick_label(*value, &columns)));
        self.draw_named(area, across, &names.collect::<Vec<_>>())
    }

    /// The same with ticks of these names along the horizontal axis.
    pub(super) fn draw_named<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        across: &str,
        columns: &[(f64, String)],
    ) -> DrawResult<B> {
        let number = text(16, INK);
        let rows = ticks(self.y.0, self.y.1, 4);
        for value in &rows {
            let (_, y) = self.at(self.x.0, *value);
            let line = vec![(self.left, y), (self.right, y)];
            area.draw(&PathElement::new(line, GRID.stroke_width(1)))?;
            let style = anchored(number.clone(), HPos::Right);
            write(area, &tick_label(*value, &rows), (self.left - 8, y), &style)?;
        }
        for (value, name) in columns {
            let (x, _) = self.at(*value, self.y.0);
            let tick = vec![(x, self.bottom), (x, self.bottom + 5)];
            area.draw(&PathElement::new(tick, INK.stroke_width(1)))?;
            let style = anchored(number.clone(), HPos::Center);
            write(area, name, (x, self.bottom + 16), &style)?;
        }
        let frame = [(self.left, self.top), (self.right, self.bottom)];
        area.draw(&Rectangle::new(frame, SOFT.stroke_width(1)))?;
        let middle = (self.left + self.right) / 2;
        let style = anchored(text(16, SOFT), HPos::Center);
        write(area, across, (middle, self.bottom + 36), &style)
    }

    /// A dashed vertical line.
    pub(super) fn mark<B: DrawingBackend>(&self, area: &Area<B>, x: f64) -> DrawResult<B> {
        let (x, _) = self.at(x, self.y.0);
        for y in (self.top..self.bottom).step_by(8) {
            let dash = vec![(x, y), (x, (y + 4).min(self.bottom))];
            area.draw(&PathElement::new(dash, SOFT.stroke_width(1)))?;
        }
        Ok(())
    }
}
