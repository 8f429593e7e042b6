//! Training curves: small multiples, a line per arm.

use std::collections::BTreeMap;

use plotters::prelude::{Color, DrawingBackend, PathElement, Polygon, RGBColor};
use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{self, SOFT, anchored, arms, bold, colour, legend, text, write};
use super::clip::{Clipped, before_leaving, clipped, range_of};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use super::ends::{draw_end, draw_exit, ending, endings};
use record::CellState;
use record::tables::LogColumn;

use crate::load::{Cell, Curves, Results};

/// Training curves, a line per arm with the spread over seeds.
pub(super) const LOSSES: FigureKind = FigureKind {
    name: "losses",
    doc: "Training curves, a line per arm with the spread over seeds: what `provenance.json` says that the log is worth showing. More than eight arms are parted by the other factors.",
    of: |results| boxed(of(results)),
};

/// Points of a curve: more logged steps are averaged.
const POINTS: usize = 60;

const WIDTH: u32 = 1500;
const COLUMNS: usize = 3;
const PANEL: (i32, i32) = (496, 300);
const MARGIN: i32 = 24;

/// One arm's curve of one column.
struct Band {
    colour: usize,
    /// Step, mean, smallest and largest over seeds.
    points: Vec<[f64; 4]>,
}

/// The end of a run that came to no result.
struct End {
    colour: usize,
    /// The curve itself of a run that diverged, which is in no mean; of others its last point.
    points: Vec<(f64, f64)>,
}

struct Panel {
    title: String,
    range: (f64, f64),
    bands: Vec<Band>,
    ends: Vec<End>,
}

/// Small multiples of training curves.
pub(super) struct Losses {
    title: String,
    legend: Vec<(String, usize)>,
    panels: Vec<Panel>,
    steps: (f64, f64),
    /// Logged steps per point.
    averaged: usize,
    seeds: usize,
    /// Whether a run ended before its time.
    ended: bool,
}

/// The figures with their names; none without a training log.
fn of(results: &Results) -> Vec<(String, Losses)> {
    let arms: Vec<_> = arms(results)
        .into_iter()
        .filter(|arm| arm.cells.iter().any(|cell| !cell.curves.steps.is_empty()))
        .collect();
    let parts = canvas::parts(results, &arms);
    let figure = |part: canvas::Part<'_, '_>| {
        Some((part.name("losses"), Losses::of(results, &part.group, &part.arms)?))
    };
    parts.into_iter().filter_map(figure).collect()
}

impl Losses {
    fn of(results: &Results, group: &str, arms: &[&canvas::Arm<'_>]) -> Option<Losses> {
        let cells = || arms.iter().flat_map(|arm| &arm.cells).map(|cell| &cell.curves);
        let longest = cells().map(|curves| curves.steps.len()).max().filter(|count| *count > 0)?;
        let averaged = longest.div_ceil(POINTS);
        let panels: Vec<Panel> = columns(cells())
            .iter()
            .filter_map(|column| {
                let name = column.name.as_str();
                let bands = arms.iter().map(|arm| Band::of(arm, name, averaged));
                let bands: Vec<Band> = bands.filter(|band| !band.points.is_empty()).collect();
                let ends: Vec<End> =
                    arms.iter().flat_map(|arm| End::of(arm, name, averaged)).collect();
                let range = match column.share {
                    true => (-0.03, 1.03),
                    false => scale(&bands, &ends)?,
                };
                let any = !bands.is_empty() || !ends.is_empty();
                any.then(|| Panel { title: title(column), range, bands, ends })
            })
            .collect();
        let last =
            cells().filter_map(|curves| curves.steps.last()).fold(0.0, |a: f64, b| a.max(*b));
        let keys = canvas::arm_keys(results);
        let title = match group {
            "" => format!("{}: training curves by {keys}", results.experiment),
            group => format!("{}: training curves by {keys}; {group}", results.experiment),
        };
        let legend = arms.iter().map(|arm| {
            let endings = endings(arm).map_or_else(String::new, |said| format!(" ({said})"));
            (arm.name.clone() + &endings, arm.colour)
        });
        let seeds = arms.iter().map(|arm| averageable(&arm.cells).count()).max().unwrap_or(0);
        let ended = panels.iter().any(|panel| !panel.ends.is_empty());
        let (legend, steps) = (legend.collect(), (0.0, last.max(1.0)));
        Some(Losses { title, legend, panels, steps, averaged, seeds, ended })
    }

    /// How to read the curves.
    fn curves(&self) -> String {
        let smooth = match self.averaged {
            1 => "Every logged step is drawn, nothing is smoothed.".to_owned(),
            count => format!("Every point is the mean of {count} consecutive logged steps."),
        };
        let spread = match self.seeds {
            0 | 1 => "One seed.".to_owned(),
            seeds => format!(
                "Line: mean over the (at most {seeds}) seeds that reached the step; band: smallest \
                 to largest seed."
            ),
        };
        format!("{spread} {smooth} ▲: leaves the picture.")
    }

    /// What the crosses mean, where there are any.
    fn crosses(&self) -> &'static str {
        match self.ended {
            true => {
                "×: here a run failed or diverged; one that diverged is a thin line and in no mean."
            }
            false => "",
        }
    }

    /// Height that the crosses' line takes.
    fn second_line(&self) -> i32 {
        if self.ended { 24 } else { 0 }
    }

    fn header(&self) -> i32 {
        MARGIN + 44 + canvas::legend_height(&self.legend, MARGIN, WIDTH as i32 - MARGIN) + 8
    }
}

/// What to show: every column that some log wants shown, in the first log's order; what only another
/// arm has goes before the column that follows it there. Logs that describe nothing show all they hold.
fn columns<'c>(logs: impl Iterator<Item = &'c Curves>) -> Vec<LogColumn> {
    let mut shown: Vec<LogColumn> = Vec::new();
    let mut undescribed: BTreeMap<&str, LogColumn> = BTreeMap::new();
    for log in logs {
        let mut at = 0;
        for column in log.columns.iter().filter(|column| column.shown) {
            at = match shown.iter().position(|known| known.name == column.name) {
                Some(place) => place,
                None => {
                    shown.insert(at, column.clone());
                    at
                }
            } + 1;
        }
        if log.columns.is_empty() {
            undescribed.extend(log.series.keys().map(|name| (name.as_str(), plain(name))));
        }
    }
    let known: Vec<String> = shown.iter().map(|column| column.name.clone()).collect();
    shown.extend(undescribed.into_values().filter(|column| !known.contains(&column.name)));
    shown
}

/// A column that nobody describes.
fn plain(name: &str) -> LogColumn {
    let (title, unit) = (name.to_owned(), String::new());
    LogColumn { name: name.to_owned(), title, unit, share: false, shown: true }
}

fn title(column: &LogColumn) -> String {
    match column.unit.as_str() {
        "" => column.title.clone(),
        unit => format!("{} ({unit})", column.title),
    }
}

/// Those of runs that did not diverge: what a run did on its way out says nothing about its arm.
fn averageable<'a>(cells: &'a [&'a Cell]) -> impl Iterator<Item = &'a Curves> {
    let stable = cells.iter().filter(|cell| cell.state != CellState::Diverged);
    stable.map(|cell| &cell.curves).filter(|curves| !curves.steps.is_empty())
}

impl End {
    /// The ends of an arm's runs.
    fn of(arm: &canvas::Arm<'_>, column: &str, averaged: usize) -> Vec<End> {
        let ended = arm.cells.iter().filter(|cell| ending(cell).is_some());
        let end = |cell: &&Cell| {
            let mut points = binned(&cell.curves, column, averaged);
            if cell.state != CellState::Diverged {
                points.drain(..points.len().saturating_sub(1));
            }
            (!points.is_empty()).then_some(End { colour: arm.colour, points })
        };
        ended.filter_map(end).collect()
    }
}

impl Band {
    fn of(arm: &canvas::Arm<'_>, column: &str, averaged: usize) -> Band {
        let seeds: Vec<Vec<(f64, f64)>> =
            averageable(&arm.cells).map(|curves| binned(curves, column, averaged)).collect();
        let mut steps: Vec<f64> = seeds.iter().flatten().map(|(step, _)| *step).collect();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        let point = |step: f64| {
            let at = |seed: &Vec<(f64, f64)>| seed.iter().find(|p| p.0 == step).map(|p| p.1);
            let values: Vec<f64> = seeds.iter().filter_map(at).collect();
            let lo = values.iter().copied().fold(f64::INFINITY, f64::min);
            let hi = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            Some([step, stats::mean(&values)?, lo, hi])
        };
        Band { colour: arm.colour, points: steps.into_iter().filter_map(point).collect() }
    }
}

/// Means of whole bins of `count` logged steps, at the bins' last steps; values that are not
/// finite are left out.
fn binned(curves: &Curves, column: &str, count: usize) -> Vec<(f64, f64)> {
    let Some(values) = curves.series.get(column) else { return Vec::new() };
    let bins = curves.steps.chunks(count).zip(values.chunks(count));
    let point = |(steps, values): (&[f64], &[f64])| {
        let finite: Vec<f64> = values.iter().copied().filter(|v| v.is_finite()).collect();
        Some((*steps.last()?, stats::mean(&finite).filter(|mean| mean.is_finite())?))
    };
    bins.filter_map(point).collect()
}

/// The range of the means, else of the runs that diverged.
fn scale(bands: &[Band], ends: &[End]) -> Option<(f64, f64)> {
    let band = |band: &Band| band.points.iter().flat_map(|p| [p[2], p[3]]).collect();
    let end =
        |end: &End| before_leaving(&end.points.iter().map(|point| point.1).collect::<Vec<_>>());
    match bands.is_empty() {
        false => range_of(&bands.iter().map(band).collect::<Vec<_>>()),
        true => range_of(&ends.iter().map(end).collect::<Vec<_>>()),
    }
}

impl Draw for Losses {
    fn size(&self) -> (u32, u32) {
        let rows = self.panels.len().div_ceil(COLUMNS) as i32;
        (WIDTH, (self.header() + rows * PANEL.1 + 58 + self.second_line()) as u32)
    }

    fn caption(&self) -> String {
        format!("{} {}", self.curves(), self.crosses()).trim_end().to_owned()
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        let (_, height) = self.size();
        write(area, &self.title, (MARGIN, MARGIN + 8), &anchored(bold(24), HPos::Left))?;
        legend(area, &self.legend, MARGIN + 48, MARGIN, WIDTH as i32 - MARGIN)?;
        for (index, panel) in self.panels.iter().enumerate() {
            let (row, column) = ((index / COLUMNS) as i32, (index % COLUMNS) as i32);
            let origin = (column * PANEL.0 + 6, self.header() + row * PANEL.1);
            self.draw_panel(area, panel, origin)?;
        }
        let foot = anchored(text(16, SOFT), HPos::Left);
        let first = height as i32 - 28 - self.second_line();
        write(area, &self.curves(), (MARGIN, first), &foot)?;
        write(area, self.crosses(), (MARGIN, height as i32 - 28), &foot)
    }
}

impl Losses {
    fn draw_panel<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        panel: &Panel,
        (x, y): (i32, i32),
    ) -> DrawResult<B> {
        let axes = Axes {
            left: x + 78,
            right: x + PANEL.0 - 36,
            top: y + 34,
            bottom: y + PANEL.1 - 52,
            x: self.steps,
            y: panel.range,
        };
        write(area, &panel.title, (axes.left, y + 16), &anchored(bold(18), HPos::Left))?;
        axes.draw(area, "generator step")?;
        // Many arms overlap: thinner and paler, or nothing is left to see.
        let (shade, stroke) = if panel.bands.len() <= 4 { (0.18, 3) } else { (0.10, 2) };
        for band in panel.bands.iter().filter(|band| band.points.len() > 1) {
            let upper = band.points.iter().map(|p| axes.at(p[0], p[3]));
            let lower = band.points.iter().rev().map(|p| axes.at(p[0], p[2]));
            let outline: Vec<(i32, i32)> = upper.chain(lower).collect();
            area.draw(&Polygon::new(outline, colour(band.colour).mix(shade).filled()))?;
        }
        for band in &panel.bands {
            let mean: Vec<(f64, f64)> = band.points.iter().map(|p| (p[0], p[1])).collect();
            draw_curve(area, &axes, &mean, colour(band.colour), stroke)?;
        }
        for End { colour: index, points } in &panel.ends {
            draw_curve(area, &axes, points, colour(*index), 1)?;
            if let Some((x, y)) = points.last() {
                draw_end(area, axes.at(*x, *y), colour(*index))?;
            }
        }
        Ok(())
    }
}

/// A curve as far as it lies inside, with a mark wherever it leaves.
fn draw_curve<B: DrawingBackend>(
    area: &Area<B>,
    axes: &Axes,
    points: &[(f64, f64)],
    paint: RGBColor,
    stroke: u32,
) -> DrawResult<B> {
    let Clipped { pieces, exits } = clipped(points, axes.y);
    for piece in pieces {
        let line: Vec<(i32, i32)> = piece.iter().map(|(x, y)| axes.at(*x, *y)).collect();
        area.draw(&PathElement::new(line, paint.stroke_width(stroke)))?;
    }
    for (x, y) in exits {
        draw_exit(area, axes.at(x, y), y > axes.y.0, paint)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bins_average_whole_stretches_and_skip_what_is_not_finite() {
        let curves = Curves {
            steps: vec![10.0, 20.0, 30.0, 40.0, 50.0],
            series: [("d_loss".to_owned(), vec![1.0, 3.0, f64::NAN, 5.0, 7.0])].into(),
            columns: Vec::new(),
        };
        assert_eq!(binned(&curves, "d_loss", 2), vec![(20.0, 2.0), (40.0, 5.0), (50.0, 7.0)]);
        assert_eq!(binned(&curves, "absent", 2), vec![]);
    }

    fn described(names: &[&str]) -> Curves {
        let columns = names.iter().map(|name| plain(name)).collect();
        Curves { columns, ..Curves::default() }
    }

    fn shown(logs: &[Curves]) -> Vec<String> {
        columns(logs.iter()).into_iter().map(|column| column.name).collect()
    }

    #[test]
    fn what_one_arm_alone_has_stands_where_its_own_log_has_it() {
        let logs = [
            described(&["d_loss", "g_adv", "d_fake"]),
            described(&["d_loss", "g_adv", "g_dual", "d_fake"]),
        ];
        assert_eq!(shown(&logs), ["d_loss", "g_adv", "g_dual", "d_fake"]);
    }

    #[test]
    fn columns_that_are_not_for_figures_are_left_out_and_undescribed_logs_show_theirs() {
        let mut log = described(&["d_loss", "g_loss"]);
        log.columns[1].shown = false;
        let series = [("d_loss".to_owned(), vec![]), ("older".to_owned(), vec![])].into();
        let older = Curves { series, ..Curves::default() };
        assert_eq!(shown(&[log, older]), ["d_loss", "older"]);
    }
}
