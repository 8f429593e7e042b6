//! Success by edit strength, and what it costs: `x + g r` for g from 0 to 2; and the share of the true change
//! explained, where it is known.

use plotters::prelude::{Circle, Color, DrawingBackend, PathElement, Polygon};
use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{self, SOFT, anchored, arms, bold, colour, legend, padded, text, write};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use crate::load::{Results, Strength};

/// Judged success and what it costs, over the strength g of `x + g r`, one against the other, and the share
/// of the true change explained.
pub(super) const STRENGTH: FigureKind = FigureKind {
    name: "strength",
    doc: "Judged success (strict where it is measured) and what it costs, over the strength g of `x + g r`, one \
          against the other, and the share of the true change explained where it is known.",
    of: |results| boxed(of(results)),
};

const MARGIN: i32 = 24;
const PANEL: (i32, i32) = (496, 330);

/// One arm in one direction at one strength.
struct Point {
    strength: f64,
    /// Mean, smallest and largest seed.
    success: [f64; 3],
    kept: Option<[f64; 3]>,
    explained: Option<[f64; 3]>,
}

struct Line {
    colour: usize,
    points: Vec<Point>,
}

/// A row of panels per direction: success, preservation, one against the other, and the share of the true
/// change explained.
pub(super) struct StrengthChart {
    title: String,
    legend: Vec<(String, usize)>,
    /// Each with whether its success is strict.
    directions: Vec<(String, bool, Vec<Line>)>,
    strengths: (f64, f64),
    /// The axis of preservation.
    kept: (f64, f64),
    /// The axis of the share explained, where some truth is known.
    explained: Option<(f64, f64)>,
    seeds: usize,
}

/// The figures with their names; none without measured strengths.
fn of(results: &Results) -> Vec<(String, StrengthChart)> {
    let arms: Vec<_> = arms(results)
        .into_iter()
        .filter(|arm| arm.cells.iter().any(|cell| !cell.strength.is_empty()))
        .collect();
    let figure = |part: canvas::Part<'_, '_>| {
        Some((part.name("strength"), StrengthChart::of(results, &part.group, &part.arms)?))
    };
    canvas::parts(results, &arms).into_iter().filter_map(figure).collect()
}

impl StrengthChart {
    fn of(results: &Results, group: &str, arms: &[&canvas::Arm<'_>]) -> Option<StrengthChart> {
        let all = || arms.iter().flat_map(|arm| &arm.cells).flat_map(|cell| &cell.strength);
        let mut names: Vec<&str> = all().map(|point| point.direction.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let most = all().map(|point| point.strength).fold(0.0, f64::max);
        let direction = |name: &str| {
            let mut own = all().filter(|point| point.direction == name);
            let is_strict = own.any(|point| point.success_strict.is_some());
            let lines: Vec<Line> = arms.iter().map(|arm| Line::of(arm, name)).collect();
            (name.to_owned(), is_strict, lines)
        };
        let directions: Vec<_> = names.into_iter().map(direction).collect();
        let every = || directions.iter().flat_map(|(.., lines)| lines).flat_map(|l| &l.points);
        let least = every().filter_map(|point| point.kept).map(|kept| kept[1]).fold(1.0, f64::min);
        let shares: Vec<f64> = every().filter_map(|point| Some(point.explained?[1])).collect();
        // Beyond -1 an edit is so much worse than none that it need not be drawn.
        let lowest = shares.iter().copied().fold(0.0, f64::min).max(-1.0);
        let of_group = if group.is_empty() { String::new() } else { format!("; {group}") };
        let measured = |arm: &&canvas::Arm<'_>| {
            arm.cells.iter().filter(|cell| !cell.strength.is_empty()).count()
        };
        (!directions.is_empty() && most > 0.0).then(|| StrengthChart {
            title: format!("{}: what success costs{of_group}", results.experiment),
            legend: arms.iter().map(|arm| (arm.name.clone(), arm.colour)).collect(),
            directions,
            strengths: (0.0, most),
            kept: padded(least, 1.0, 0.04),
            explained: (!shares.is_empty()).then(|| padded(lowest, 1.0, 0.04)),
            seeds: arms.iter().map(measured).max().unwrap_or(0),
        })
    }

    fn width(&self) -> i32 {
        12 + PANEL.0 * if self.explained.is_some() { 4 } else { 3 }
    }

    fn header(&self) -> i32 {
        MARGIN + 44 + canvas::legend_height(&self.legend, MARGIN, self.width() - MARGIN) + 8
    }
}

impl Line {
    fn of(arm: &canvas::Arm<'_>, direction: &str) -> Line {
        let measured = || arm.cells.iter().flat_map(|cell| &cell.strength);
        let own = || measured().filter(|point| point.direction == direction);
        let mut strengths: Vec<f64> = own().map(|point| point.strength).collect();
        strengths.sort_by(f64::total_cmp);
        strengths.dedup();
        let at = |strength: f64| {
            let seeds: Vec<&Strength> = own().filter(|p| p.strength == strength).collect();
            let strict = |point: &&Strength| point.success_strict.or(point.success);
            let success: Vec<f64> = seeds.iter().filter_map(strict).collect();
            let explained: Vec<f64> = seeds.iter().filter_map(|point| point.explained).collect();
            let kept: Vec<f64> = seeds.iter().filter_map(|point| point.preservation).collect();
            let (kept, explained) = (spread(&kept), spread(&explained));
            Some(Point { strength, success: spread(&success)?, kept, explained })
        };
        Line { colour: arm.colour, points: strengths.into_iter().filter_map(at).collect() }
    }
}

/// Mean, smallest and largest value.
fn spread(values: &[f64]) -> Option<[f64; 3]> {
    let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
    let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some([stats::mean(values)?, lo, hi])
}

impl Draw for StrengthChart {
    fn size(&self) -> (u32, u32) {
        let height = self.header() + self.directions.len() as i32 * PANEL.1 + 58;
        (self.width() as u32, height as u32)
    }

    fn caption(&self) -> String {
        let spread = match self.seeds {
            0 | 1 => "One seed.".to_owned(),
            seeds => {
                format!("Line: mean over {seeds} seeds; band: smallest to largest seed.")
            }
        };
        format!(
            "Images x + g r. {spread} Dashed and large dots: g = 1, the generator's own edit. \
             Third: from g = 0 at the upper left to the largest g."
        )
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        write(area, &self.title, (MARGIN, MARGIN + 8), &anchored(bold(24), HPos::Left))?;
        legend(area, &self.legend, MARGIN + 48, MARGIN, self.width() - MARGIN)?;
        for (row, (direction, is_strict, lines)) in self.directions.iter().enumerate() {
            let top = self.header() + row as i32 * PANEL.1;
            let title = |what: &str| format!("{direction}: {what}");
            let success = self.panel(0, top, self.strengths, (-0.02, 1.02));
            let success_points = |p: &Point| Some((p.strength, p.success));
            let of_success = if *is_strict { "strict success" } else { "judged success" };
            draw_bands(area, &success, &title(of_success), lines, success_points)?;
            let kept = self.panel(1, top, self.strengths, self.kept);
            let kept_points = |p: &Point| Some((p.strength, p.kept?));
            draw_bands(area, &kept, &title("other attributes kept"), lines, kept_points)?;
            let trade = self.panel(2, top, (-0.02, 1.02), self.kept);
            draw_trade(area, &trade, (&title("kept against success"), of_success), lines)?;
            let is_known =
                lines.iter().flat_map(|line| &line.points).any(|p| p.explained.is_some());
            if let (Some(shares), true) = (self.explained, is_known) {
                let truth = self.panel(3, top, self.strengths, shares);
                let points = |p: &Point| Some((p.strength, p.explained?.map(|v| v.max(shares.0))));
                draw_bands(area, &truth, &title("true change explained"), lines, points)?;
            }
        }
        let foot = anchored(text(16, SOFT), HPos::Left);
        write(area, &self.caption(), (MARGIN, self.size().1 as i32 - 28), &foot)
    }
}

impl StrengthChart {
    fn panel(&self, column: i32, top: i32, x: (f64, f64), y: (f64, f64)) -> Axes {
        let left = column * PANEL.0 + 6;
        Axes {
            left: left + 78,
            right: left + PANEL.0 - 36,
            top: top + 34,
            bottom: top + PANEL.1 - 56,
            x,
            y,
        }
    }
}

fn heading<B: DrawingBackend>(area: &Area<B>, axes: &Axes, title: &str) -> DrawResult<B> {
    write(area, title, (axes.left, axes.top - 18), &anchored(bold(18), HPos::Left))
}

/// A mean line and a band per arm over the strengths.
fn draw_bands<B: DrawingBackend>(
    area: &Area<B>,
    axes: &Axes,
    title: &str,
    lines: &[Line],
    value: impl Fn(&Point) -> Option<(f64, [f64; 3])>,
) -> DrawResult<B> {
    heading(area, axes, title)?;
    axes.draw(area, "edit strength g")?;
    axes.mark(area, 1.0)?;
    let series = |line: &Line| line.points.iter().filter_map(&value).collect::<Vec<_>>();
    for line in lines {
        let points = series(line);
        let upper = points.iter().map(|(x, [_, _, hi])| axes.at(*x, *hi));
        let lower = points.iter().rev().map(|(x, [_, lo, _])| axes.at(*x, *lo));
        let outline: Vec<(i32, i32)> = upper.chain(lower).collect();
        if points.len() > 1 {
            area.draw(&Polygon::new(outline, colour(line.colour).mix(0.18).filled()))?;
        }
    }
    for line in lines {
        let points = series(line);
        let mean = points.iter().map(|(x, [mean, ..])| axes.at(*x, *mean)).collect::<Vec<_>>();
        area.draw(&PathElement::new(mean, colour(line.colour).stroke_width(3)))?;
        for (strength, [mean, ..]) in &points {
            let size = if *strength == 1.0 { 6 } else { 3 };
            let at = axes.at(*strength, *mean);
            area.draw(&Circle::new(at, size, colour(line.colour).filled()))?;
        }
    }
    Ok(())
}

/// Preservation over success: the upper right corner is a perfect edit.
fn draw_trade<B: DrawingBackend>(
    area: &Area<B>,
    axes: &Axes,
    (title, success): (&str, &str),
    lines: &[Line],
) -> DrawResult<B> {
    heading(area, axes, title)?;
    axes.draw(area, success)?;
    for line in lines {
        let paint = colour(line.colour);
        let known = line.points.iter().filter_map(|p| Some((p.strength, p.success, p.kept?)));
        let points: Vec<(f64, (i32, i32))> =
            known.map(|(g, success, kept)| (g, axes.at(success[0], kept[0]))).collect();
        let path: Vec<(i32, i32)> = points.iter().map(|(_, at)| *at).collect();
        area.draw(&PathElement::new(path, paint.stroke_width(3)))?;
        for (strength, at) in &points {
            let size = if *strength == 1.0 { 7 } else { 3 };
            area.draw(&Circle::new(*at, size, paint.filled()))?;
        }
    }
    Ok(())
}
