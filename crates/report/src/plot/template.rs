//! A figure to start from: copy this file, rename its row, and add the file and the row to `mod.rs`.
//!
//! This one is compiled and drawn by a test and is in no report: a bar per arm, the mean of judged success
//! over its cells and directions.

use plotters::prelude::{Color, DrawingBackend, Rectangle};
use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{INK, anchored, arms, bold, colour, text, write};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use crate::load::Results;

/// The row of the catalogue.
pub(super) const TEMPLATE: FigureKind = FigureKind {
    // What its files' names begin with.
    name: "template",
    doc: "Mean judged success, a bar per arm.",
    // Name and content of every figure of this kind; no figure where nothing was measured. A kind of
    // which there can be several adds what tells them apart to the name, see `crate::names`.
    of: |results| boxed(of(results).map(|chart| ("template".to_owned(), chart))),
};

/// What is drawn: numbers that are ready, so that drawing cannot fail for want of them.
struct TemplateChart {
    title: String,
    /// Name, colour and value by arm.
    bars: Vec<(String, usize, f64)>,
}

fn of(results: &Results) -> Option<TemplateChart> {
    let bars = arms(results).into_iter().filter_map(|arm| {
        let scores = arm.cells.iter().flat_map(|cell| {
            ["add", "remove"].into_iter().filter_map(|direction| cell.score(direction, "success"))
        });
        Some((arm.name, arm.colour, stats::mean(&scores.collect::<Vec<f64>>())?))
    });
    let bars: Vec<_> = bars.collect();
    let title = format!("{}: judged success", results.experiment);
    (!bars.is_empty()).then_some(TemplateChart { title, bars })
}

impl Draw for TemplateChart {
    fn size(&self) -> (u32, u32) {
        (900, 420)
    }

    fn caption(&self) -> String {
        "Bar: mean over cells and directions.".to_owned()
    }

    // `area` is white and of that size. Colours, fonts and texts come from `canvas`, axes from `Axes`.
    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        write(area, &self.title, (24, 32), &anchored(bold(24), HPos::Left))?;
        let count = self.bars.len() as f64;
        let (x, y) = ((0.0, count), (0.0, 1.0));
        let axes = Axes { left: 90, right: 870, top: 60, bottom: 350, x, y };
        axes.draw(area, "arm")?;
        for (index, (name, arm, value)) in self.bars.iter().enumerate() {
            let left = axes.at(index as f64 + 0.2, *value);
            let right = axes.at(index as f64 + 0.8, 0.0);
            area.draw(&Rectangle::new([left, right], colour(*arm).filled()))?;
            write(area, name, (left.0, left.1 - 12), &anchored(text(16, INK), HPos::Left))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use record::CellState;

    use super::*;
    use crate::load::{Cell, Curves, ImageRow, Images, Landmarks};

    fn cell(arm: &str, success: f64) -> Cell {
        let row = ImageRow {
            image: "1.jpg".to_owned(),
            direction: "add".to_owned(),
            values: vec![Some(success)],
        };
        Cell {
            id: arm.to_owned(),
            seed: 1,
            factors: BTreeMap::from([("losses.dual".to_owned(), arm.to_owned())]),
            state: CellState::Done,
            note: None,
            made: None,
            curves: Curves::default(),
            images: Some(Images { metrics: vec!["success".to_owned()], rows: vec![row] }),
            landmarks: Landmarks::default(),
            strength: Vec::new(),
            attributes: Vec::new(),
            scores: Vec::new(),
            judge: None,
            sample: None,
        }
    }

    #[test]
    fn the_template_draws_a_bar_per_arm_and_nothing_without_scores() {
        let arms = ["both", "none"].map(str::to_owned).to_vec();
        let mut results = Results {
            dir: "results/test".into(),
            experiment: "test".to_owned(),
            command: String::new(),
            asked: Vec::new(),
            question: String::new(),
            factors: vec![("losses.dual".to_owned(), arms)],
            seeds: vec![1],
            compare: None,
            cells: vec![cell("both", 0.75), cell("none", 0.5)],
        };
        let charts = (TEMPLATE.of)(&results);
        assert_eq!((charts.len(), charts[0].0.as_str()), (1, TEMPLATE.name));
        let figure = crate::plot::Figure {
            name: charts[0].0.clone(),
            caption: charts[0].1.caption(),
            note: None,
            chart: charts.into_iter().next().unwrap().1,
        };
        let svg = figure.svg().unwrap();
        assert!(svg.contains("test: judged success") && svg.matches("<rect").count() >= 2);
        results.cells.clear();
        assert!((TEMPLATE.of)(&results).is_empty());
    }
}
