//! Scores per arm: a dot per seed, mean and standard deviation.

use plotters::prelude::{Circle, Color, DrawingBackend, PathElement, Rectangle};
use plotters::style::text_anchor::HPos;

use super::canvas::{
    self, GRID, INK, SOFT, anchored, arms, bold, colour, padded, text, tick_label, ticks, write,
};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use super::ends::endings;
use crate::load::Results;
use metrics::{Better, Metric, catalogue};

/// A dot per seed, mean and standard deviation per arm, for the headline metrics.
pub(super) const SCORES: FigureKind = FigureKind {
    name: "metrics",
    doc: "A dot per seed, mean and standard deviation per arm, for the headline metrics.",
    of: |results| boxed(of(results).map(|chart| ("metrics".to_owned(), chart))),
};

const WIDTH: i32 = 1300;
const MARGIN: i32 = 24;
const LINE: i32 = 30;
const HEADER: i32 = 92;
/// Title above and numbers below a panel's lines.
const ABOVE: i32 = 40;
const BELOW: i32 = 42;
const LABEL: i32 = 17;

/// One arm in one direction.
struct Dots {
    seeds: Vec<f64>,
    mean: f64,
    sd: Option<f64>,
}

struct Row {
    metric: &'static Metric,
    range: (f64, f64),
    /// By direction, by arm; `None` where an arm has no complete cell.
    dots: Vec<Vec<Option<Dots>>>,
}

/// Dot plots of scores.
pub(super) struct Scores {
    title: String,
    keys: String,
    arms: Vec<(String, usize)>,
    /// By arm, what is said where it has no score.
    absent: Vec<String>,
    directions: Vec<String>,
    rows: Vec<Row>,
}

/// The figure; none without a complete cell.
fn of(results: &Results) -> Option<Scores> {
    let arms = arms(results);
    let directions: Vec<String> = results.directions().into_iter().map(str::to_owned).collect();
    let row = |metric: &'static Metric| {
        let name = metric.name;
        let dots: Vec<Vec<Option<Dots>>> = directions
            .iter()
            .map(|direction| arms.iter().map(|arm| Dots::of(arm, direction, name)).collect())
            .collect();
        let range = range_of(metric, &dots)?;
        Some(Row { metric, range, dots })
    };
    let rows: Vec<Row> =
        catalogue::METRICS.iter().filter(|metric| metric.drawn).filter_map(row).collect();
    let absent = arms.iter().map(|arm| match endings(arm) {
        Some(endings) => format!("no complete cell: {endings}"),
        None => "no complete cell".to_owned(),
    });
    let absent = absent.collect();
    (!rows.is_empty()).then(|| Scores {
        absent,
        title: format!("{}: scores on {} images", results.experiment, results.judged_on()),
        keys: canvas::arm_keys(results),
        arms: arms.into_iter().map(|arm| (arm.name, arm.colour)).collect(),
        directions,
        rows,
    })
}

impl Dots {
    fn of(arm: &canvas::Arm<'_>, direction: &str, metric: &str) -> Option<Dots> {
        let scores = arm.cells.iter().filter_map(|cell| cell.score(direction, metric));
        let seeds: Vec<f64> = scores.collect();
        Some(Dots { mean: stats::mean(&seeds)?, sd: stats::sample_sd(&seeds), seeds })
    }
}

/// One range for both directions, so that they can be compared; gains show their 0.
fn range_of(metric: &Metric, dots: &[Vec<Option<Dots>>]) -> Option<(f64, f64)> {
    let mut ends: Vec<f64> = Vec::new();
    for dots in dots.iter().flatten().flatten() {
        ends.extend(&dots.seeds);
        ends.extend(dots.sd.iter().flat_map(|sd| [dots.mean - sd, dots.mean + sd]));
    }
    if ends.is_empty() {
        return None;
    }
    if metric.is_gain() {
        ends.push(0.0);
    }
    let lo = ends.iter().copied().fold(f64::INFINITY, f64::min);
    let hi = ends.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    Some(padded(lo, hi, 0.06))
}

impl Scores {
    fn row_height(&self) -> i32 {
        ABOVE + self.arms.len() as i32 * LINE + BELOW
    }

    /// Width of the arms' names.
    fn labels(&self) -> i32 {
        let widest = self.arms.iter().map(|(name, _)| canvas::width(name, LABEL)).max();
        widest.unwrap_or(0).clamp(60, 520) + 16
    }

    /// Left and right end of a direction's panels.
    fn column(&self, index: usize) -> (i32, i32) {
        let left = MARGIN + self.labels();
        let width = (WIDTH - MARGIN - left) / self.directions.len().max(1) as i32;
        let start = left + index as i32 * width;
        (start, start + width - 28)
    }
}

impl Draw for Scores {
    fn size(&self) -> (u32, u32) {
        let height = HEADER + self.rows.len() as i32 * self.row_height() + 52;
        (WIDTH as u32, height as u32)
    }

    fn caption(&self) -> String {
        "Circle: one seed (mean over its images); bar: mean over seeds; line: ± one standard \
         deviation over seeds. Dashed: 0, the image left alone."
            .to_owned()
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        let left = |style| anchored(style, HPos::Left);
        write(area, &self.title, (MARGIN, MARGIN + 8), &left(bold(24)))?;
        write(area, &self.keys, (MARGIN, HEADER - 22), &left(text(LABEL, SOFT)))?;
        for (index, direction) in self.directions.iter().enumerate() {
            let (start, _) = self.column(index);
            write(area, direction, (start, HEADER - 22), &left(bold(20)))?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            let top = HEADER + index as i32 * self.row_height();
            self.draw_row(area, row, top)?;
        }
        let foot = self.size().1 as i32 - 26;
        write(area, &self.caption(), (MARGIN, foot), &left(text(16, SOFT)))
    }
}

impl Scores {
    fn draw_row<B: DrawingBackend>(&self, area: &Area<B>, row: &Row, top: i32) -> DrawResult<B> {
        let Metric { title, unit, better, .. } = row.metric;
        let sign = match better {
            Some(Better::Up) => "more is better",
            Some(Better::Down) => "less is better",
            None => "",
        };
        let reading: Vec<&str> = [*unit, sign].into_iter().filter(|s| !s.is_empty()).collect();
        let (start, _) = self.column(0);
        let heading = format!("{title} ({})", reading.join("; "));
        write(area, &heading, (start, top + 20), &anchored(bold(18), HPos::Left))?;
        for (index, (name, _)) in self.arms.iter().enumerate() {
            let y = line_middle(top, index);
            let style = anchored(text(LABEL, INK), HPos::Right);
            write(area, name, (start - 12, y), &style)?;
        }
        for (index, dots) in row.dots.iter().enumerate() {
            self.draw_panel(area, row, dots, self.column(index), top)?;
        }
        Ok(())
    }

    fn draw_panel<B: DrawingBackend>(
        &self,
        area: &Area<B>,
        row: &Row,
        dots: &[Option<Dots>],
        (left, right): (i32, i32),
        top: i32,
    ) -> DrawResult<B> {
        let (upper, lower) = (top + ABOVE, top + ABOVE + self.arms.len() as i32 * LINE);
        let (lo, hi) = row.range;
        let x =
            |value: f64| left + ((value - lo) / (hi - lo) * f64::from(right - left)).round() as i32;
        let marks = ticks(lo, hi, 4);
        for value in &marks {
            let line = vec![(x(*value), upper), (x(*value), lower)];
            area.draw(&PathElement::new(line, GRID.stroke_width(1)))?;
            let style = anchored(text(16, INK), HPos::Center);
            write(area, &tick_label(*value, &marks), (x(*value), lower + 14), &style)?;
        }
        if row.metric.is_gain() {
            for y in (upper..lower).step_by(8) {
                let dash = vec![(x(0.0), y), (x(0.0), (y + 4).min(lower))];
                area.draw(&PathElement::new(dash, INK.stroke_width(1)))?;
            }
        }
        area.draw(&Rectangle::new([(left, upper), (right, lower)], SOFT.stroke_width(1)))?;
        for (index, dots) in dots.iter().enumerate() {
            let y = line_middle(top, index);
            match dots {
                Some(dots) => draw_dots(area, dots, colour(self.arms[index].1), y, x)?,
                None => {
                    let style = anchored(text(15, SOFT), HPos::Left);
                    write(area, &self.absent[index], (left + 8, y), &style)?;
                }
            }
        }
        Ok(())
    }
}

fn line_middle(top: i32, index: usize) -> i32 {
    top + ABOVE + index as i32 * LINE + LINE / 2
}

fn draw_dots<B: DrawingBackend>(
    area: &Area<B>,
    dots: &Dots,
    colour: plotters::style::RGBColor,
    y: i32,
    x: impl Fn(f64) -> i32,
) -> DrawResult<B> {
    if let Some(sd) = dots.sd {
        let line = vec![(x(dots.mean - sd), y), (x(dots.mean + sd), y)];
        area.draw(&PathElement::new(line, colour.stroke_width(2)))?;
    }
    let mean = vec![(x(dots.mean), y - 9), (x(dots.mean), y + 9)];
    area.draw(&PathElement::new(mean, colour.stroke_width(4)))?;
    for seed in &dots.seeds {
        area.draw(&Circle::new((x(*seed), y), 6, colour.mix(0.35).filled()))?;
        area.draw(&Circle::new((x(*seed), y), 6, colour.stroke_width(1)))?;
    }
    Ok(())
}
