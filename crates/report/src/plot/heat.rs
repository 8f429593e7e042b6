//! Which attributes the edits change: a cell per edit and judged attribute.

use plotters::prelude::{Color, DrawingBackend, FontTransform, RGBColor, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::canvas::{self, INK, SOFT, anchored, bold, text, write};
use super::draw::{Area, Draw, DrawResult, FigureKind, boxed};
use crate::attributes::{Effect, effects};
use crate::load::Results;

/// Which attributes the edits change.
pub(super) const ATTRIBUTES: FigureKind = FigureKind {
    name: "attributes",
    doc: "Which attributes the edits change: a row per edit, a column per judged attribute.",
    of: |results| boxed(of(results).map(|chart| ("attributes".to_owned(), chart))),
};

const MARGIN: i32 = 24;
const LINE: i32 = 34;
const LABEL: i32 = 17;
const TITLE: i32 = 76;
/// The figure is at least so wide that its caption fits.
const NARROWEST: i32 = 1100;
const WIDEST_CELL: i32 = 110;

/// A table of shares, shaded.
pub(super) struct Heat {
    title: String,
    /// Judged attributes.
    columns: Vec<String>,
    rows: Vec<Row>,
    seeds: usize,
}

struct Row {
    label: String,
    /// The attribute that was edited.
    edited: String,
    /// Share of images whose verdict changed, by column.
    changed: Vec<Option<f64>>,
}

/// The figure; none without measured attributes.
fn of(results: &Results) -> Option<Heat> {
    let effects = effects(results);
    let several = results.arms().len() > 1;
    let mut columns: Vec<String> = Vec::new();
    // Edited attributes first: their own cells form the diagonal.
    let edited = effects.iter().map(|effect| &effect.edited);
    for name in edited.chain(effects.iter().map(|effect| &effect.judged)) {
        if !columns.contains(name) && effects.iter().any(|effect| effect.judged == *name) {
            columns.push(name.clone());
        }
    }
    let mut rows: Vec<((&str, &str), Row)> = Vec::new();
    for effect in &effects {
        let key = (effect.arm.as_str(), effect.direction.as_str());
        if !rows.iter().any(|(known, _)| *known == key) {
            let changed = vec![None; columns.len()];
            let row = Row { label: label(effect, several), edited: effect.edited.clone(), changed };
            rows.push((key, row));
        }
        let row = rows.iter_mut().find(|(known, _)| *known == key);
        let column = columns.iter().position(|name| *name == effect.judged);
        if let (Some((_, row)), Some(column)) = (row, column) {
            row.changed[column] = Some(effect.changed);
        }
    }
    (!rows.is_empty()).then(|| Heat {
        title: format!("{}: attributes whose verdict the edit changes", results.experiment),
        columns,
        seeds: effects.iter().map(|effect| effect.seeds).max().unwrap_or(0),
        rows: rows.into_iter().map(|(_, row)| row).collect(),
    })
}

/// What was edited and how; the arm only where there are several.
fn label(effect: &Effect, several: bool) -> String {
    let sign = match effect.direction.as_str() {
        "add" => "+ ",
        "remove" => "− ",
        "remove-drawn" => "− drawn ",
        _ => "",
    };
    let levels = effect.arm.split(" · ").filter(|level| *level != effect.edited);
    let arm: Vec<&str> = levels.filter(|_| several).collect();
    let edit = format!("{sign}{}", effect.edited);
    if arm.is_empty() { edit } else { format!("{edit}  ({})", arm.join(" · ")) }
}

impl Heat {
    /// Width of the rows' labels.
    fn labels(&self) -> i32 {
        let widest = self.rows.iter().map(|row| canvas::width(&row.label, LABEL)).max();
        widest.unwrap_or(0).clamp(60, 520) + 16
    }

    /// Height of the columns' titles, which stand upright.
    fn titles(&self) -> i32 {
        let tallest = self.columns.iter().map(|name| canvas::width(name, LABEL)).max();
        tallest.unwrap_or(0).clamp(40, 300) + 14
    }

    /// Left and right end of a column.
    fn column(&self, index: usize) -> (i32, i32) {
        let left = MARGIN + self.labels();
        let room = (NARROWEST - MARGIN - left) / self.columns.len().max(1) as i32;
        let width = room.clamp(58, WIDEST_CELL);
        (left + index as i32 * width, left + (index as i32 + 1) * width)
    }
}

impl Draw for Heat {
    fn size(&self) -> (u32, u32) {
        let (_, right) = self.column(self.columns.len().saturating_sub(1));
        let height = TITLE + self.titles() + self.rows.len() as i32 * LINE + 70;
        ((right + MARGIN).max(NARROWEST) as u32, height as u32)
    }

    fn caption(&self) -> String {
        let seeds = match self.seeds {
            0 | 1 => "one seed".to_owned(),
            seeds => format!("mean over {seeds} seeds"),
        };
        format!(
            "Percent of images on which the judge's verdict changed, {seeds}. Outlined: the \
             edited attribute itself; everything else should stay at 0."
        )
    }

    fn draw<B: DrawingBackend>(&self, area: &Area<B>) -> DrawResult<B> {
        let left = |style| anchored(style, HPos::Left);
        write(area, &self.title, (MARGIN, MARGIN + 8), &left(bold(24)))?;
        let top = TITLE + self.titles();
        let upright = text(LABEL, INK)
            .transform(FontTransform::Rotate270)
            .pos(Pos::new(HPos::Left, VPos::Center));
        for (index, name) in self.columns.iter().enumerate() {
            let (start, end) = self.column(index);
            write(area, name, ((start + end) / 2, top - 8), &upright)?;
        }
        for (index, row) in self.rows.iter().enumerate() {
            self.draw_row(area, row, top + index as i32 * LINE)?;
        }
        let foot = self.size().1 as i32 - 26;
        write(area, &self.caption(), (MARGIN, foot), &left(text(16, SOFT)))
    }
}

impl Heat {
    fn draw_row<B: DrawingBackend>(&self, area: &Area<B>, row: &Row, top: i32) -> DrawResult<B> {
        let middle = top + LINE / 2;
        let (start, _) = self.column(0);
        write(area, &row.label, (start - 12, middle), &anchored(text(LABEL, INK), HPos::Right))?;
        for (index, share) in row.changed.iter().enumerate() {
            let (left, right) = self.column(index);
            let frame = [(left + 1, top + 1), (right - 1, top + LINE - 1)];
            let style = |paint| anchored(text(16, paint), HPos::Center);
            let at = ((left + right) / 2, middle);
            match share {
                Some(share) => {
                    area.draw(&Rectangle::new(frame, shade(*share).filled()))?;
                    let paint = if *share > 0.55 { RGBColor(255, 255, 255) } else { INK };
                    write(area, &percent(*share), at, &style(paint))?;
                }
                None => write(area, "–", at, &style(SOFT))?,
            }
        }
        let own = self.columns.iter().position(|name| *name == row.edited);
        if let Some(own) = own {
            let (left, right) = self.column(own);
            let frame = [(left + 1, top + 1), (right - 1, top + LINE - 1)];
            area.draw(&Rectangle::new(frame, INK.stroke_width(3)))?;
        }
        Ok(())
    }
}

/// White at 0, the palette's blue at 1; even steps of lightness.
fn shade(share: f64) -> RGBColor {
    let mix = |full: u8| (255.0 + (f64::from(full) - 255.0) * share.clamp(0.0, 1.0)).round() as u8;
    let RGBColor(red, green, blue) = canvas::colour(0);
    RGBColor(mix(red), mix(green), mix(blue))
}

/// Whole percents, one digit below 10.
fn percent(share: f64) -> String {
    let percent = 100.0 * share;
    if percent == 0.0 || percent >= 9.95 {
        format!("{percent:.0}")
    } else {
        format!("{percent:.1}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_printed_with_the_digits_that_they_need() {
        let texts = [0.0, 0.004, 0.0994, 0.0996, 0.87, 1.0].map(percent);
        assert_eq!(texts, ["0", "0.4", "9.9", "10", "87", "100"]);
        assert_eq!(shade(0.0), RGBColor(255, 255, 255));
        assert_eq!(shade(1.0), canvas::colour(0));
    }
}
