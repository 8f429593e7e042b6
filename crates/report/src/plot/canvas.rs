//! What figures share: type, colours, axes, legends.

use std::sync::OnceLock;

use plotters::prelude::{Color, DrawingBackend, FontStyle, IntoFont, PathElement, RGBColor, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{TextStyle, register_font};

use super::draw::{Area, DrawResult};
use crate::compare::group_of;
use crate::load::{Cell, Results};
use crate::names::{Levels, file_name, levels};

pub(super) const INK: RGBColor = RGBColor(34, 34, 34);
const WARNING: RGBColor = RGBColor(178, 34, 34);
pub(super) const SOFT: RGBColor = RGBColor(110, 110, 110);
pub(super) const GRID: RGBColor = RGBColor(228, 228, 228);

/// Okabe and Ito 2008, "Color universal design", told apart by colour-blind readers. Their yellow
/// vanishes on white as a line; grey stands in for it.
const PALETTE: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
    RGBColor(140, 140, 140),
];

/// Arms that one set of axes can tell apart.
pub(super) const MAX_ARMS: usize = PALETTE.len();

pub(super) fn colour(index: usize) -> RGBColor {
    PALETTE[index % PALETTE.len()]
}

/// The embedded typeface, once per process: no figure depends on the machine's fonts.
pub(super) fn register_fonts() -> Result<(), String> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        let faces =
            [(FontStyle::Normal, dejavu::sans::regular()), (FontStyle::Bold, dejavu::sans::bold())];
        faces.into_iter().all(|(style, face)| register_font("sans-serif", style, face).is_ok())
    });
    if *done { Ok(()) } else { Err("the embedded font was refused".to_owned()) }
}

/// Text of this size in pixels.
pub(super) fn text(size: i32, colour: RGBColor) -> TextStyle<'static> {
    ("sans-serif", size).into_font().color(&colour)
}

pub(super) fn bold(size: i32) -> TextStyle<'static> {
    ("sans-serif", size, FontStyle::Bold).into_font().color(&INK)
}

/// The same text, placed by its left, centre or right and by its middle line.
pub(super) fn anchored(style: TextStyle<'static>, horizontal: HPos) -> TextStyle<'static> {
    style.pos(Pos::new(horizontal, VPos::Center))
}

pub(super) fn write<B: DrawingBackend>(
    area: &Area<B>,
    content: &str,
    at: (i32, i32),
    style: &TextStyle<'static>,
) -> DrawResult<B> {
    area.draw(&Text::new(content.to_owned(), at, style.clone()))
}

/// Width of a text in pixels, a little generous: a viewer of the SVG may use a wider typeface.
pub(super) fn width(content: &str, size: i32) -> i32 {
    let font = ("sans-serif", size).into_font();
    let estimated = font.box_size(content).map_or(0, |(width, _)| width);
    estimated as i32 + 4
}

const NOTE: i32 = 15;
const NOTE_LINE: i32 = 22;
const NOTE_EDGE: i32 = 24;

/// A note in lines that fit below a figure of this width.
fn note_lines(note: &str, wide: i32) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in note.split(' ') {
        let last = lines.last_mut().expect("there is a line");
        let longer = if last.is_empty() { word.to_owned() } else { format!("{last} {word}") };
        if !last.is_empty() && width(&longer, NOTE) > wide - 2 * NOTE_EDGE {
            lines.push(word.to_owned());
        } else {
            *last = longer;
        }
    }
    lines
}

/// Pixels that a note below a figure of this width takes.
pub(super) fn note_height(note: &str, wide: u32) -> u32 {
    note_lines(note, wide as i32).len() as u32 * NOTE_LINE as u32 + NOTE_LINE as u32 / 2
}

/// What a reader must know before the figure is believed.
pub(super) fn write_note<B: DrawingBackend>(area: &Area<B>, note: &str) -> DrawResult<B> {
    let wide = area.dim_in_pixel().0 as i32;
    for (line, y) in note_lines(note, wide).iter().zip(0..) {
        let at = (NOTE_EDGE, NOTE_LINE / 2 + y * NOTE_LINE);
        write(area, line, at, &anchored(text(NOTE, WARNING), HPos::Left))?;
    }
    Ok(())
}

/// Arms with their index into the palette.
pub(super) struct Arm<'r> {
    pub(super) name: String,
    pub(super) colour: usize,
    pub(super) cells: Vec<&'r Cell>,
}

/// The factor that tells arms apart by colour when there are too many for a colour each.
pub(super) fn main_factor(results: &Results) -> Option<&str> {
    let planned = results.compare.as_ref().map(|(factor, _)| factor.as_str());
    planned.or(results.factors.first().map(|(key, _)| key.as_str()))
}

/// Every arm in the plan's order, a colour each, or a colour per level of the main factor.
pub(super) fn arms(results: &Results) -> Vec<Arm<'_>> {
    let names = results.arms();
    let crowded = names.len() > MAX_ARMS;
    let level = |cell: &Cell| {
        let factor = main_factor(results)?;
        let (_, levels) = results.factors.iter().find(|(key, _)| key == factor)?;
        levels.iter().position(|level| cell.factors.get(factor) == Some(level))
    };
    let arm = |(index, name): (usize, String)| {
        let cells: Vec<&Cell> =
            results.cells.iter().filter(|cell| results.arm(cell) == name).collect();
        let level = cells.first().and_then(|cell| level(cell)).filter(|_| crowded);
        Arm { name, colour: level.unwrap_or(index), cells }
    };
    names.into_iter().enumerate().map(arm).collect()
}

/// Arms that one figure tells apart by colour.
pub(super) struct Part<'a, 'r> {
    /// The levels that all of them share, under their keys.
    levels: Levels<'r>,
    /// Its number among the figures of these levels, from 0.
    index: usize,
    /// The shared levels in words; empty if one figure shows every arm.
    pub(super) group: String,
    pub(super) arms: Vec<&'a Arm<'r>>,
}

impl Part<'_, '_> {
    /// The name of the figure of this kind.
    pub(super) fn name(&self, kind: &str) -> String {
        file_name(kind, &[], &self.levels, self.index)
    }
}

/// One figure while there are few arms, else one per combination of the other factors.
pub(super) fn parts<'a, 'r>(results: &'r Results, arms: &'a [Arm<'r>]) -> Vec<Part<'a, 'r>> {
    if arms.len() <= MAX_ARMS {
        let (levels, group, arms) = (Vec::new(), String::new(), arms.iter().collect());
        return vec![Part { levels, index: 0, group, arms }];
    }
    let factor = main_factor(results).unwrap_or_default();
    let mut groups: Vec<(Levels<'_>, Vec<&Arm<'_>>)> = Vec::new();
    for arm in arms {
        let shared = levels(results, arm.cells[0], Some(factor));
        match groups.iter_mut().find(|(known, _)| *known == shared) {
            Some((_, members)) => members.push(arm),
            None => groups.push((shared, vec![arm])),
        }
    }
    let mut parts = Vec::new();
    for (levels, members) in groups {
        let group = group_of(results, members[0].cells[0], factor);
        for (index, members) in members.chunks(MAX_ARMS).enumerate() {
            let (levels, group, arms) = (levels.clone(), group.clone(), members.to_vec());
            parts.push(Part { levels, index, group, arms });
        }
    }
    parts
}

/// What the arms' names stand for.
pub(super) fn arm_keys(results: &Results) -> String {
    let keys: Vec<&str> = results.factors.iter().map(|(key, _)| key.as_str()).collect();
    keys.join(" · ")
}

/// A legend on as many lines as it needs; nothing is drawn where `area` is `None`. Returns its
/// height.
pub(super) fn legend<B: DrawingBackend>(
    area: &Area<B>,
    entries: &[(String, usize)],
    top: i32,
    from: i32,
    to: i32,
) -> DrawResult<B> {
    for (entry, (x, y)) in entries.iter().zip(legend_places(entries, from, to)) {
        let (name, index) = entry;
        let y = top + y;
        let line = PathElement::new(vec![(x, y), (x + 26, y)], colour(*index).stroke_width(4));
        area.draw(&line)?;
        write(area, name, (x + 34, y), &anchored(text(LEGEND, INK), HPos::Left))?;
    }
    Ok(())
}

const LEGEND: i32 = 18;
const LEGEND_LINE: i32 = 26;

pub(super) fn legend_height(entries: &[(String, usize)], from: i32, to: i32) -> i32 {
    legend_places(entries, from, to).last().map_or(0, |(_, y)| y + LEGEND_LINE)
}

fn legend_places(entries: &[(String, usize)], from: i32, to: i32) -> Vec<(i32, i32)> {
    let (mut x, mut y) = (from, 0);
    let mut places = Vec::new();
    for (name, _) in entries {
        let needed = 34 + width(name, LEGEND) + 26;
        if x > from && x + needed > to {
            (x, y) = (from, y + LEGEND_LINE);
        }
        places.push((x, y));
        x += needed;
    }
    places
}

/// Round tick positions inside a range, about `wanted` of them.
pub(super) fn ticks(lo: f64, hi: f64, wanted: usize) -> Vec<f64> {
    if !(hi - lo).is_finite() || hi <= lo {
        return Vec::new();
    }
    let raw = (hi - lo) / wanted as f64;
    let power = 10f64.powf(raw.log10().floor());
    let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|f| f * power >= raw * 0.75);
    let step = factor.unwrap_or(10.0) * power;
    let first = (lo / step - 1e-9).ceil() as i64;
    let last = (hi / step + 1e-9).floor() as i64;
    (first..=last).map(|index| index as f64 * step).collect()
}

/// A tick's number with the digits that its distance to the next tick needs; as a multiple of a power
/// of ten where it would have many.
pub(super) fn tick_label(value: f64, ticks: &[f64]) -> String {
    let step = ticks.windows(2).map(|pair| pair[1] - pair[0]).next().unwrap_or(value.abs());
    if step <= 0.0 {
        return format!("{value}");
    }
    let largest = ticks.iter().fold(0.0, |largest: f64, tick| largest.max(tick.abs()));
    if !(1e-4..1e6).contains(&largest) {
        return multiple(value, step, largest);
    }
    let decimals = (-(step * 1.001).log10().floor()).clamp(0.0, 8.0) as usize;
    let value = if value.abs() < step * 1e-6 { 0.0 } else { value };
    format!("{value:.decimals$}")
}

/// `0.5×10²³`, with the power of the largest tick.
fn multiple(value: f64, step: f64, largest: f64) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let power = |number: f64| (number * 1.001).log10().floor() as i32;
    let exponent = power(largest);
    let decimals = (exponent - power(step)).clamp(0, 6) as usize;
    let factor = value / 10f64.powi(exponent);
    let text = format!("{factor:.decimals$}");
    if text.chars().all(|c| matches!(c, '-' | '0' | '.')) {
        return "0".to_owned();
    }
    let raised = exponent.unsigned_abs().to_string();
    let digits = raised.bytes().map(|digit| DIGITS[usize::from(digit - b'0')]);
    let sign = if exponent < 0 { "⁻" } else { "" };
    format!("{text}×10{sign}{}", digits.collect::<String>())
}

/// A range that has a width, widened on both sides by this share.
pub(super) fn padded(lo: f64, hi: f64, share: f64) -> (f64, f64) {
    let width = hi - lo;
    let least = 1e-3 * lo.abs().max(hi.abs()).max(1e-3);
    let pad = if width < least { least } else { width * share };
    (lo - pad, hi + pad)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 600.0, 4), vec![0.0, 200.0, 400.0, 600.0]);
        let found = ticks(0.61, 0.94, 4);
        assert_eq!(
            found.iter().map(|t| tick_label(*t, &found)).collect::<Vec<_>>(),
            ["0.7", "0.8", "0.9"]
        );
        let small = ticks(-0.0012, 0.0031, 4);
        assert_eq!(tick_label(small[1], &small), "0.000");
    }

    #[test]
    fn large_and_small_numbers_are_powers_of_ten() {
        let labels = |lo, hi| {
            let found = ticks(lo, hi, 4);
            found.iter().map(|tick| tick_label(*tick, &found)).collect::<Vec<_>>()
        };
        assert_eq!(labels(0.0, 1.3e23), ["0", "0.5×10²³", "1.0×10²³"]);
        assert_eq!(labels(-2.1e6, 2.1e6), ["-2×10⁶", "-1×10⁶", "0", "1×10⁶", "2×10⁶"]);
        assert_eq!(labels(0.0, 4e-5), ["0", "1×10⁻⁵", "2×10⁻⁵", "3×10⁻⁵", "4×10⁻⁵"]);
        assert_eq!(labels(0.0, 400_000.0)[1], "100000");
        // What is no range has no ticks, and takes no time.
        assert!(ticks(0.0, f64::INFINITY, 4).is_empty() && ticks(f64::NAN, 1.0, 4).is_empty());
        assert!(ticks(1.0, 1.0, 4).is_empty());
    }

    #[test]
    fn an_empty_range_gets_a_width() {
        let (lo, hi) = padded(0.5, 0.5, 0.05);
        assert!(lo < 0.5 && hi > 0.5);
        let (lo, hi) = padded(0.0, 0.0, 0.05);
        assert!(lo < 0.0 && hi > 0.0);
    }
}
