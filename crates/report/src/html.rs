//! `report.html`: one file that holds everything.

use std::fs;
use std::path::PathBuf;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use crate::ReportError;
use crate::compare::{Comparison, JudgeQuality, NamedCell};
use crate::files;
use crate::landmarks::{self, LandmarkTable, landmarks};
use crate::load::{Results, step_of};
use crate::plot;
use crate::render::{NUMERIC, Section, cells_of, judged_on, progress, sections, titles};

const STYLE: &str = include_str!("report.css");

/// Writes `report.html`: the question, the comparison, landmarks, the judges, missing cells, figures
/// and the last sample grid of each arm's first seed, in one file without scripts or links.
///
/// # Errors
/// A sample cannot be read, or the directory cannot be written.
pub fn html(results: &Results, comparison: &Comparison) -> Result<PathBuf, ReportError> {
    let path = results.dir.join("report.html");
    let mut figures = Vec::new();
    for figure in plot::figures(results) {
        let failed = |problem| ReportError::Drawing { path: path.clone(), problem };
        figures.push((figure.svg().map_err(failed)?, figure.caption));
    }
    let samples = samples(results)?;
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (comparison.experiment) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    p.kicker { (comparison.experiment) }
                    h1 { (headline(comparison)) }
                    p.state.unfinished[!comparison.complete] {
                        (progress(comparison)) ". " (judged_on(&comparison.part))
                        @if let Some(asked) = &comparison.asked { " " (asked) }
                        @if !comparison.complete { " No verdicts before all are." }
                    }
                    @if let Some(mixed) = &comparison.mixed { p.state.unfinished { (mixed) } }
                }
                main {
                    (comparison_section(comparison))
                    @if let Ok(table) = landmarks(results, None) { (landmark_section(&table)) }
                    (judge_section(&comparison.judges, &comparison.part))
                    (missing("Cells that are not complete", &comparison.incomplete))
                    (missing("Cells without a twin", &comparison.without_twin))
                    @for (svg, caption) in &figures {
                        figure {
                            div.wide { (PreEscaped(svg)) }
                            figcaption { (caption) }
                        }
                    }
                    @if !samples.is_empty() {
                        h2 { "Samples" }
                        p { "The last sample grid of each arm's first seed. Residuals are shown around mid-grey." }
                        @for sample in &samples { (sample) }
                    }
                }
            }
        }
    };
    files::write(&path, page.into_string().as_bytes())?;
    Ok(path)
}

fn headline(comparison: &Comparison) -> &str {
    if comparison.question.is_empty() { &comparison.experiment } else { &comparison.question }
}

fn comparison_section(comparison: &Comparison) -> Markup {
    markup! {
        h2 { "Comparison: " code { (comparison.factor) } " against " code { (comparison.baseline) } }
        @for section in sections(comparison) { (table(&section)) }
        ul.notes { @for note in &comparison.notes { li { (note) } } }
    }
}

fn table(section: &Section<'_>) -> Markup {
    let class = |index: usize| if NUMERIC.contains(&index) { "number" } else { "word" };
    markup! {
        h3 { (section.heading) }
        div.wide {
            table {
                thead {
                    tr {
                        @for (index, title) in titles(section.rows[0]).iter().enumerate() {
                            th scope="col" class=(class(index)) { (title) }
                        }
                    }
                }
                tbody {
                    @for row in &section.rows {
                        tr class=(row.verdict.name().replace(' ', "-")) {
                            @for (index, cell) in cells_of(row, section.pairs, true).iter().enumerate() {
                                td class=(class(index)) { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn landmark_section(table: &LandmarkTable) -> Markup {
    markup! {
        h2 { "Landmarks" }
        @for screen in landmarks::screens(table) {
            h3 { (screen.heading) }
            (words_and_numbers(&screen.errors))
            (words_and_numbers(&screen.curves))
            @for line in &screen.lines { p { (line) } }
        }
        ul.notes { @for note in &table.notes { li { (note) } } }
    }
}

fn words_and_numbers((titles, rows): &(Vec<String>, Vec<Vec<String>>)) -> Markup {
    let class = |index: usize| if index < landmarks::WORDS { "word" } else { "number" };
    markup! {
        div.wide {
            table {
                thead {
                    tr {
                        @for (index, title) in titles.iter().enumerate() {
                            th scope="col" class=(class(index)) { (title) }
                        }
                    }
                }
                tbody {
                    @for row in rows {
                        tr {
                            @for (index, cell) in row.iter().enumerate() {
                                td class=(class(index)) { (cell) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn judge_section(judges: &[JudgeQuality], part: &str) -> Markup {
    markup! {
        h2 { "Judges" }
        p { "Trained on the training split, measured here on real " (part) " images, shared by all arms." }
        div.wide {
            table {
                thead {
                    tr {
                        th scope="col" { "attribute" }
                        th scope="col" { "judge" }
                        th scope="col" { "figure" }
                        th.number scope="col" { "value" }
                        th.number scope="col" { "cells judged" }
                    }
                }
                tbody {
                    @for judge in judges {
                        @for (kind, figure, value) in judge.figures() {
                            tr {
                                td { (judge.attribute) }
                                td { (kind) }
                                td { (figure) }
                                td.number { (value_text(value)) }
                                td.number { (judge.cells) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Counts as they are, everything else with four digits.
fn value_text(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() >= 2.0 {
        value.to_string()
    } else {
        format!("{value:.4}")
    }
}

fn missing(title: &str, cells: &[NamedCell]) -> Markup {
    markup! {
        @if !cells.is_empty() {
            h2 { (title) }
            div.wide {
                table {
                    thead {
                        tr {
                            th scope="col" { "cell" }
                            th scope="col" { "arm" }
                            th.number scope="col" { "seed" }
                            th scope="col" { "why" }
                        }
                    }
                    tbody {
                        @for cell in cells {
                            tr {
                                td { code { (cell.id) } }
                                td { (cell.arm) }
                                td.number { (cell.seed) }
                                td.why { (cell.reason) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The last grid of each arm's first seed that has one.
fn samples(results: &Results) -> Result<Vec<Markup>, ReportError> {
    let mut samples = Vec::new();
    for arm in results.arms() {
        let cells = results.cells.iter().filter(|cell| results.arm(cell) == arm);
        let first = cells.filter(|cell| cell.sample.is_some()).min_by_key(|cell| cell.seed);
        let Some((cell, path)) = first.and_then(|cell| Some((cell, cell.sample.as_ref()?))) else {
            continue;
        };
        let remedy = "remove the file; the cell draws it again when it runs";
        let bytes = fs::read(path).map_err(ReportError::io(path, remedy))?;
        let uri = format!("data:image/png;base64,{}", STANDARD.encode(bytes));
        let step = step_of(path).unwrap_or_default();
        let text = format!("{arm}, seed {}, step {step}", cell.seed);
        samples.push(markup! {
            figure {
                img src=(uri) alt=(format!("Sample grid: {text}"));
                figcaption { (text) }
            }
        });
    }
    Ok(samples)
}
