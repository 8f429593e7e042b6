//! Cumulative error distributions of a landmark detector on the groups of one arm.

use std::collections::BTreeMap;

use metrics::landmarks::{auc, ced_curve, failure_rate};
use plotters::element::DashedPathElement;
use plotters::prelude::{Color, DrawingBackend, PathElement, RGBColor};
use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{INK, SOFT, anchored, bold, colour, text, write};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use crate::landmarks::{rank_of_group, rank_of_trial};
use crate::load::{Cell, Results};
use crate::names;

/// Cumulative error distributions of landmark detectors, per arm.
pub(super) const CED: FigureKind = FigureKind {
    name: "ced",
    doc: "Cumulative error distributions of landmark detectors, per arm: a figure per detector and training.",
    of: |results| boxed(of(results)),
};

const WIDTH: i32 = 1100;
const HEIGHT: i32 = 640;
const MARGIN: i32 = 24;
/// Where the legend begins.
const LEGEND: i32 = 740;
/// Points of a curve.
const POINTS: f64 = 400.0;

/// The baseline that every detector is drawn beside.
const MEAN_SHAPE: &str = "mean-shape";

/// One group's curve.
struct Curve {
    name: String,
    colour: RGBColor,
    /// Length and gap of the dashes; drawn whole without.
    dash: Option<(i32, i32)>,
    /// Error threshold in percent, share of images.
    points: Vec<(f64, f64)>,
    auc: f64,
    failures: f64,
}

/// Curves of every group.
pub(super) struct Ced {
    title: String,
    subtitle: String,
    /// Largest error drawn, in percent.
    up_to: f64,
    curves: Vec<Curve>,
    seeds: usize,
}

/// A figure per arm, detector and kind of training faces; none without landmarks.
fn of(results: &Results) -> Vec<(String, Ced)> {
    let arms = results.arms();
    let mut figures = Vec::new();
    for arm in &arms {
        let own = |cell: &&Cell| results.arm(cell) == *arm && !cell.landmarks.trials.is_empty();
        let cells: Vec<&Cell> = results.cells.iter().filter(own).collect();
        let mut trials: Vec<&(String, String)> =
            cells.iter().flat_map(|cell| cell.landmarks.trials.keys()).collect();
        trials.sort_by_key(|trial| (rank_of_trial((&trial.0, &trial.1)), *trial));
        trials.dedup();
        for trial in trials.into_iter().filter(|(detector, _)| detector != MEAN_SHAPE) {
            let levels = match arms.len() {
                1 => Vec::new(),
                _ => names::levels(results, cells[0], None),
            };
            let name = names::file_name("ced", &[&trial.0, &trial.1], &levels, 0);
            let arm = (arms.len() > 1).then_some(arm.as_str());
            figures.extend(Ced::of(results, arm, &cells, trial).map(|ced| (name, ced)));
        }
    }
    figures
}

/// All seeds' errors by group.
fn pooled(cells: &[&Cell], trial: &(String, String)) -> BTreeMap<String, Vec<f64>> {
    let mut groups: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for found in cells.iter().filter_map(|cell| cell.landmarks.trials.get(trial)) {
        for (group, detections) in found {
            let errors = groups.entry(group.clone()).or_default();
            errors.extend(detections.iter().map(|detection| detection.nme));
        }
    }
    groups
}

impl Ced {
    fn of(
        results: &Results,
        arm: Option<&str>,
        cells: &[&Cell],
        trial: &(String, String),
    ) -> Option<Ced> {
        let groups = pooled(cells, trial);
        let up_to = up_to(groups.values().flatten().copied())?;
        let mut names: Vec<&String> = groups.keys().collect();
        names.sort_by_key(|name| (rank_of_group(name), *name));
        let mut curves: Vec<Curve> =
            names.into_iter().filter_map(|name| curve(name, &groups[name], up_to)).collect();
        let shape = pooled(cells, &(MEAN_SHAPE.to_owned(), trial.1.clone()));
        curves.extend(shape.get("with").and_then(|errors| curve(MEAN_SHAPE, errors, up_to)));
        let arm = arm.map_or_else(String::new, |arm| format!(", {arm}"));
        let (detector, training) = trial;
        let learned = match training.as_str() {
            "without" => "learned from faces without the attribute",
            "mixed" => "learned from faces with and without the attribute",
            other => other,
        };
        Some(Ced {
            title: format!("{}: landmark errors of {detector}{arm}", results.experiment),
            subtitle: format!("{detector} {learned}"),
            up_to,
            curves,
            seeds: cells.len(),
        })
    }

    fn axes(&self) -> Axes {
        Axes {
            left: MARGIN + 66,
            right: LEGEND - 36,
            top: 92,
            bottom: HEIGHT - 110,
            x: (0.0, self.up_to),
            y: (0.0, 1.0),
        }
    }
}

/// The next multiple of 5 above the 98th percentile, at least 10.
fn up_to(errors: impl Iterator<Item = f64>) -> Option<f64> {
    let mut errors: Vec<f64> = errors.collect();
    errors.sort_by(f64::total_cmp);
    let high = errors.get((errors.len().checked_sub(1)? as f64 * 0.98) as usize)?;
    Some(((high / 5.0).ceil() * 5.0).clamp(10.0, 100.0))
}

fn curve(name: &str, errors: &[f64], up_to: f64) -> Option<Curve> {
    let (colour, dash) = style(name);
    Some(Curve {
        name: name.to_owned(),
        colour,
        dash,
        points: ced_curve(errors, up_to, up_to / POINTS),
        auc: auc(errors, 10.0)?,
        failures: failure_rate(errors, 10.0)?,
    })
}

/// The paper's three groups in strong colours, controls dashed in the colour of what they control.
fn style(group: &str) -> (RGBColor, Option<(i32, i32)>) {
    match group {
        "with" => (colour(1), None),
        "zero" => (RGBColor(0, 0, 0), Some((3, 9))),
        "noise" => (colour(1), Some((10, 6))),
        "removed" => (colour(0), None),
        "removed-noise" => (colour(0), Some((10, 6))),
        "true-edit" => (colour(3), None),
        "without" => (colour(2), None),
        _ => (colour(7), Some((4, 5))),
    }
}

impl Draw for Ced {
    fn size(&self) -> (u32, u32) {
        (WIDTH as u32, HEIGHT as u32)
    }

    fn caption(&self) -> String {
        let seeds = match self.seeds {
            1 => "one seed".to_owned(),
            seeds => format!("images of {seeds} seeds together"),
        };
        format!(
            "Share of images with at most this error, {seeds}. with to true-edit: the same faces \
             and annotations; without: others."
        )
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        let left = |style| anchored(style, HPos::Left);
        write(area, &self.title, (MARGIN, MARGIN + 8), &left(bold(24)))?;
        write(area, &self.subtitle, (MARGIN, MARGIN + 40), &left(text(17, SOFT)))?;
        let axes = self.axes();
        axes.draw(area, "NME (% of inter-ocular distance)")?;
        axes.mark(area, 10.0)?;
        // In reverse, the groups that the question is about lie on top; dashes over whole lines,
        // so that curves that coincide are both seen.
        let whole = self.curves.iter().rev().filter(|curve| curve.dash.is_none());
        let dashed = self.curves.iter().rev().filter(|curve| curve.dash.is_some());
        for curve in whole.chain(dashed) {
            let points: Vec<(i32, i32)> =
                curve.points.iter().map(|(x, y)| axes.at(*x, *y)).collect();
            draw_line(area, &points, curve)?;
        }
        self.draw_legend(area)?;
        let foot = left(text(16, SOFT));
        write(area, &self.caption(), (MARGIN, HEIGHT - 28), &foot)
    }
}

impl Ced {
    fn draw_legend<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        let (left, right) =
            (|style| anchored(style, HPos::Left), |style| anchored(style, HPos::Right));
        let top = 110;
        write(area, "AUC@10", (WIDTH - 118, top), &right(bold(16)))?;
        write(area, "FR@10", (WIDTH - MARGIN, top), &right(bold(16)))?;
        for (index, curve) in self.curves.iter().enumerate() {
            let y = top + 34 * (index as i32 + 1);
            draw_line(area, &[(LEGEND, y), (LEGEND + 44, y)], curve)?;
            write(area, &curve.name, (LEGEND + 56, y), &left(text(17, INK)))?;
            let (area_text, rate) =
                (format!("{:.3}", curve.auc), format!("{:.1} %", 100.0 * curve.failures));
            write(area, &area_text, (WIDTH - 118, y), &right(text(17, INK)))?;
            write(area, &rate, (WIDTH - MARGIN, y), &right(text(17, INK)))?;
        }
        Ok(())
    }
}

/// A line through pixels, dashed where the curve is.
fn draw_line<B: DrawingBackend>(
    area: &Area<B>,
    points: &[(i32, i32)],
    curve: &Curve,
) -> DrawResult<B> {
    let style = curve.colour.stroke_width(if curve.dash.is_some() { 2 } else { 3 });
    match curve.dash {
        None => area.draw(&PathElement::new(points.to_vec(), style)),
        Some((on, off)) => area.draw(&DashedPathElement::new(points.to_vec(), on, off, style)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_axis_ends_above_nearly_all_errors() {
        assert_eq!(up_to([1.0, 2.0].into_iter()), Some(10.0));
        let errors = (0..1000).map(|i| f64::from(i) * 0.017);
        assert_eq!(up_to(errors), Some(20.0));
        // One detection in another world does not flatten the rest.
        assert_eq!(up_to((0..200).map(|i| if i == 7 { 900.0 } else { 6.0 })), Some(10.0));
        assert_eq!(up_to(std::iter::empty()), None);
    }
}
