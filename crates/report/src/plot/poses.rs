//! What edits come to on faces that are turned to the side.

use plotters::prelude::{Circle, Color, DrawingBackend, PathElement};
use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{self, SOFT, anchored, arms, bold, colour, legend, padded, text, write};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use crate::load::Results;
use crate::poses::{self, GROUPS, PoseScore, title};

/// Judged success, other attributes kept and true change explained, by how far faces are turned.
pub(super) const POSES: FigureKind = FigureKind {
    name: "poses",
    doc: "Judged success (strict where it is measured), other attributes kept and the share of the true change \
          explained, by how far faces are turned to the side, where their five points are known.",
    of: |results| boxed(of(results)),
};

const MARGIN: i32 = 24;
const PANEL: (i32, i32) = (520, 350);
/// What a panel shows: the metric, and its name for a person.
const PANELS: [(&str, &str); 3] = [
    ("success", "judged success"),
    ("preservation", "other attributes kept"),
    ("explained", "true change explained"),
];
const STRICT: (&str, &str) = ("success_strict", "strict success");

/// One arm's mean on one group of faces, smallest and largest of a deviation of one.
struct Dot {
    group: usize,
    mean: f64,
    ends: [f64; 2],
}

struct Line {
    colour: usize,
    dots: Vec<Dot>,
}

struct Panel {
    title: String,
    range: (f64, f64),
    /// Images of each group.
    images: [usize; GROUPS],
    lines: Vec<Line>,
}

/// A row of panels per direction.
pub(super) struct Poses {
    title: String,
    legend: Vec<(String, usize)>,
    rows: Vec<Vec<Panel>>,
    seeds: usize,
}

/// The figures with their names; none where no face's points are known.
fn of(results: &Results) -> Vec<(String, Poses)> {
    let scores = poses::scores(results);
    let arms = arms(results);
    let figure = |part: canvas::Part<'_, '_>| {
        let chart = Poses::of(results, &part.group, &part.arms, &scores)?;
        Some((part.name(POSES.name), chart))
    };
    canvas::parts(results, &arms).into_iter().filter_map(figure).collect()
}

impl Poses {
    fn of(
        results: &Results,
        group: &str,
        arms: &[&canvas::Arm<'_>],
        scores: &[PoseScore],
    ) -> Option<Poses> {
        let row = |direction: &str| -> Vec<Panel> {
            let has = |metric: &str| {
                scores.iter().any(|score| score.direction == direction && score.metric == metric)
            };
            let metrics = PANELS.map(|panel| match panel.0 {
                "success" if has(STRICT.0) => STRICT,
                _ => panel,
            });
            let panel = |metric| Panel::of(direction, metric, arms, scores);
            metrics.into_iter().filter_map(panel).collect()
        };
        let rows: Vec<Vec<Panel>> = results.directions().into_iter().map(row).collect();
        let rows: Vec<_> = rows.into_iter().filter(|row| !row.is_empty()).collect();
        let of_group = if group.is_empty() { String::new() } else { format!("; {group}") };
        (!rows.is_empty()).then(|| Poses {
            title: format!(
                "{}: turned faces, {} images{of_group}",
                results.experiment,
                results.judged_on()
            ),
            legend: arms.iter().map(|arm| (arm.name.clone(), arm.colour)).collect(),
            rows,
            seeds: scores.iter().map(|score| score.seeds).max().unwrap_or(0),
        })
    }

    fn width(&self) -> i32 {
        12 + PANEL.0 * self.rows.iter().map(|row| row.len() as i32).max().unwrap_or(1)
    }

    fn header(&self) -> i32 {
        MARGIN + 44 + canvas::legend_height(&self.legend, MARGIN, self.width() - MARGIN) + 8
    }
}

impl Panel {
    /// None where no arm was scored.
    fn of(
        direction: &str,
        (metric, name): (&str, &str),
        arms: &[&canvas::Arm<'_>],
        scores: &[PoseScore],
    ) -> Option<Panel> {
        let mut images = [0; GROUPS];
        let line = |arm: &&canvas::Arm<'_>| {
            let own = scores.iter().filter(|score| {
                score.arm == arm.name && score.direction == direction && score.metric == metric
            });
            let dot = |score: &PoseScore| {
                images[score.group] = images[score.group].max(score.images);
                let sd = score.sd.unwrap_or(0.0);
                let ends = [score.mean - sd, score.mean + sd];
                Dot { group: score.group, mean: score.mean, ends }
            };
            Line { colour: arm.colour, dots: own.map(dot).collect() }
        };
        let lines: Vec<Line> = arms.iter().map(line).collect();
        let ends = || lines.iter().flat_map(|line| &line.dots).flat_map(|dot| dot.ends);
        let (lo, hi) = (ends().fold(1.0, f64::min), ends().fold(0.0, f64::max));
        let some = lines.iter().any(|line| !line.dots.is_empty());
        some.then(|| Panel {
            title: format!("{direction}: {name}"),
            // As in the figure of strengths: what is far worse than no edit need not be drawn.
            range: padded(lo.clamp(-1.0, 0.9), hi.max(1.0), 0.04),
            images,
            lines,
        })
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>, left: i32, top: i32) -> DrawResult<B> {
        let axes = Axes {
            left: left + 78,
            right: left + PANEL.0 - 36,
            top: top + 34,
            bottom: top + PANEL.1 - 76,
            x: (-0.5, GROUPS as f64 - 0.5),
            y: self.range,
        };
        let place = |style| anchored(style, HPos::Left);
        write(area, &self.title, (axes.left, axes.top - 18), &place(bold(18)))?;
        let names: Vec<_> = (0..GROUPS).map(|group| (group as f64, title(group))).collect();
        axes.draw_named(area, "", &names)?;
        let style = anchored(text(15, SOFT), HPos::Center);
        for (group, images) in self.images.iter().enumerate() {
            let (x, _) = axes.at(group as f64, self.range.0);
            write(area, &format!("n = {images}"), (x, axes.bottom + 36), &style)?;
        }
        let middle = (axes.left + axes.right) / 2;
        let across = "degrees turned to either side";
        write(area, across, (middle, axes.bottom + 56), &anchored(text(16, SOFT), HPos::Center))?;
        for (index, line) in self.lines.iter().enumerate() {
            // Arms stand beside one another.
            let shift = (index as f64 + 0.5) / self.lines.len() as f64 - 0.5;
            let paint = colour(line.colour);
            let x = |dot: &Dot| dot.group as f64 + 0.5 * shift;
            let means = line.dots.iter().map(|dot| axes.at(x(dot), dot.mean));
            area.draw(&PathElement::new(
                means.collect::<Vec<_>>(),
                paint.mix(0.35).stroke_width(2),
            ))?;
            for dot in &line.dots {
                let ends = dot.ends.map(|end| axes.at(x(dot), end)).to_vec();
                area.draw(&PathElement::new(ends, paint.stroke_width(2)))?;
                area.draw(&Circle::new(axes.at(x(dot), dot.mean), 6, paint.filled()))?;
            }
        }
        Ok(())
    }
}

impl Draw for Poses {
    fn size(&self) -> (u32, u32) {
        let height = self.header() + self.rows.len() as i32 * PANEL.1 + 58;
        (self.width() as u32, height as u32)
    }

    fn caption(&self) -> String {
        let spread = match self.seeds {
            0 | 1 => "One seed.".to_owned(),
            seeds => format!("Line: ± one standard deviation over {seeds} seeds."),
        };
        format!(
            "Dot: mean over the faces of a group, n of them. {spread} Yaw from the five points."
        )
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        write(area, &self.title, (MARGIN, MARGIN + 8), &anchored(bold(24), HPos::Left))?;
        legend(area, &self.legend, MARGIN + 48, MARGIN, self.width() - MARGIN)?;
        for (row, panels) in self.rows.iter().enumerate() {
            let top = self.header() + row as i32 * PANEL.1;
            for (column, panel) in panels.iter().enumerate() {
                panel.draw(area, column as i32 * PANEL.0 + 6, top)?;
            }
        }
        let foot = anchored(text(16, SOFT), HPos::Left);
        write(area, &self.caption(), (MARGIN, self.size().1 as i32 - 28), &foot)
    }
}
