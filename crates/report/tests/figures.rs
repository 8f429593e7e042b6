//! Figures as files: their names, and what of a sweep that went wrong can be read from them.
#![allow(clippy::unwrap_used)]

#[allow(dead_code, reason = "other tests use all of it")]
mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use fixture::Fixture;

fn plotted(fixture: &Fixture) -> Vec<PathBuf> {
    report::plot(&report::load(&fixture.results()).unwrap()).unwrap()
}

/// Figures of these kinds: the catalogue may have others, too.
const KINDS: [&str; 6] = ["attributes", "ced", "losses", "metrics", "poses", "strength"];

/// How many of a plot's files show one of [`KINDS`].
fn of_kinds(paths: &[PathBuf]) -> usize {
    let names = paths.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
    names.filter(|name| KINDS.contains(&name.split(['-', '.']).next().unwrap())).count()
}

/// The names that differ by more than case.
fn distinct(paths: &[PathBuf]) -> BTreeSet<String> {
    paths.iter().map(|path| path.to_string_lossy().to_lowercase()).collect()
}

#[test]
fn arms_that_differ_behind_the_point_have_figures_of_their_own() {
    let rates: (&str, &[&str]) = ("train.lr", &["0.0001", "0.0002", "0.0005"]);
    let fixture = Fixture::planned(&[rates], "0.0001", 1);
    fixture.cells.iter().for_each(|cell| fixture.finish(cell, 20));
    let announced = plotted(&fixture);
    // Five figures over all arms, four error distributions per arm; each as SVG and PNG.
    assert_eq!(of_kinds(&announced), 2 * (5 + 4 * 3));
    assert_eq!(distinct(&announced).len(), announced.len());
    let written = fs::read_dir(fixture.results().join("figures")).unwrap().count();
    assert_eq!(written, announced.len());
    let name = fixture.results().join("figures/ced-ert-mixed-lr=0.0002.png");
    assert!(announced.contains(&name), "{announced:?}");
}

#[test]
fn arms_whose_levels_are_alike_to_a_file_system_have_figures_of_their_own() {
    let levels: (&str, &[&str]) =
        ("data.root", &["/a/b", "/a_b", "/A/B", "/a b", "/a, b=c", "/a · b", "x.svg", "x"]);
    let sizes: (&str, &[&str]) = ("model.norm", &["b · x", "x"]);
    let fixture = Fixture::planned(&[levels, sizes], "/a/b", 1);
    fixture.cells.iter().for_each(|cell| fixture.finish(cell, 20));
    let announced = plotted(&fixture);
    // One of scores and one of attributes; curves, strengths and poses per level of the other factor, error
    // distributions per arm.
    assert_eq!(of_kinds(&announced), 2 * (2 + 3 * 2 + 4 * 16));
    assert_eq!(distinct(&announced).len(), announced.len());
    let written = fs::read_dir(fixture.results().join("figures")).unwrap().count();
    assert_eq!(written, announced.len());
}

/// The texts of an SVG document.
fn texts(svg: &str) -> Vec<String> {
    let ends = svg.split("</text>").filter_map(|part| part.rsplit_once('>'));
    ends.map(|(_, text)| text.trim().to_owned()).filter(|text| !text.is_empty()).collect()
}

fn losses(fixture: &Fixture) -> Vec<String> {
    plotted(fixture);
    texts(&fs::read_to_string(fixture.results().join("figures/losses.svg")).unwrap())
}

/// Whether a text is a number, and what it is.
fn number(text: &str) -> Option<f64> {
    text.parse().ok()
}

#[test]
fn an_arm_that_diverged_neither_flattens_the_others_nor_hides() {
    let rates: (&str, &[&str]) = ("train.lr", &["0.0001", "1.0"]);
    let fixture = Fixture::planned(&[rates], "0.0001", 2);
    fixture.cells[..2].iter().for_each(|cell| fixture.finish(cell, 60));
    let alone = losses(&fixture);
    fixture.cells[2..].iter().for_each(|cell| fixture.end(cell, "diverged", 24));
    let both = losses(&fixture);
    // The axes are those of the arm that is sound.
    let axes = |texts: &[String]| texts.iter().filter_map(|t| number(t)).collect::<Vec<_>>();
    assert_eq!(axes(&alone), axes(&both));
    assert!(both.contains(&"1.0 (diverged after steps 240, 240)".to_owned()), "{both:?}");
    assert!(both.last().unwrap().contains("in no mean"), "{both:?}");
    assert!(!alone.last().unwrap().contains("in no mean"), "{alone:?}");
}

#[test]
fn of_a_sweep_that_diverged_altogether_the_numbers_can_be_read() {
    let fixture = Fixture::planned(&[("train.lr", &["1.0", "2.0"])], "1.0", 1);
    fixture.cells.iter().for_each(|cell| fixture.end(cell, "diverged", 8));
    let texts = losses(&fixture);
    let longest = texts.iter().filter(|t| number(t).is_some()).map(String::len).max().unwrap();
    assert!(longest <= 6, "{texts:?}");
    assert!(texts.iter().any(|text| text.contains("×10")), "{texts:?}");
}

#[test]
fn a_run_of_several_that_failed_is_counted_beside_its_arm() {
    let fixture = Fixture::planned(&[("losses.dual", &["none", "adversarial"])], "none", 2);
    fixture.cells[..3].iter().for_each(|cell| fixture.finish(cell, 30));
    fixture.end(&fixture.cells[3], "failed", 12);
    let texts = losses(&fixture);
    assert!(texts.contains(&"adversarial (1 of 2 failed after step 120)".to_owned()), "{texts:?}");
}
