//! Runs that ended before their time: what is said of them, and the marks where their curves end.

use plotters::prelude::{Color, DrawingBackend, PathElement, Polygon, RGBColor};

use super::canvas::Arm;
use super::draw::{Area, DrawResult};
use record::CellState;

use crate::load::Cell;

/// So many steps are told one by one.
const FEW: usize = 4;
/// Half the width of a mark in pixels.
const MARK: i32 = 6;

/// How a run ended that came to no result; `None` of any other.
pub(super) fn ending(cell: &Cell) -> Option<&'static str> {
    matches!(cell.state, CellState::Diverged | CellState::Failed).then(|| cell.state.name())
}

/// What became of an arm's runs that came to no result: `2 of 3 diverged after steps 120, 340`. The
/// steps are the last that were logged.
pub(super) fn endings(arm: &Arm<'_>) -> Option<String> {
    let mut parts = Vec::new();
    for state in [CellState::Diverged, CellState::Failed] {
        let ended: Vec<&&Cell> = arm.cells.iter().filter(|cell| cell.state == state).collect();
        let mut steps: Vec<f64> =
            ended.iter().filter_map(|cell| cell.curves.steps.last().copied()).collect();
        steps.sort_by(f64::total_cmp);
        let after = match steps.len() {
            0 => String::new(),
            1 => format!(" after step {}", steps[0]),
            count if count <= FEW => {
                let steps: Vec<String> = steps.iter().map(f64::to_string).collect();
                format!(" after steps {}", steps.join(", "))
            }
            count => format!(" after steps {} to {}", steps[0], steps[count - 1]),
        };
        match ended.len() {
            0 => {}
            count if count == arm.cells.len() => parts.push(format!("{}{after}", state.name())),
            count => parts.push(format!("{count} of {} {}{after}", arm.cells.len(), state.name())),
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// A cross where a run ended.
pub(super) fn draw_end<B: DrawingBackend>(
    area: &Area<B>,
    (x, y): (i32, i32),
    colour: RGBColor,
) -> DrawResult<B> {
    for way in [1, -1] {
        let line = vec![(x - MARK, y - way * MARK), (x + MARK, y + way * MARK)];
        area.draw(&PathElement::new(line, colour.stroke_width(3)))?;
    }
    Ok(())
}

/// A triangle at the edge through which a curve leaves, pointing out.
pub(super) fn draw_exit<B: DrawingBackend>(
    area: &Area<B>,
    (x, y): (i32, i32),
    upwards: bool,
    colour: RGBColor,
) -> DrawResult<B> {
    let tip = if upwards { -2 * MARK } else { 2 * MARK };
    let corners = vec![(x - MARK, y), (x + MARK, y), (x, y + tip)];
    area.draw(&Polygon::new(corners, colour.filled()))
}
