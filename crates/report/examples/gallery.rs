//! Figures and reports of made-up sweeps (two arms, eight arms, an unfinished one), to look at:
//! `cargo run -p report --example gallery -- DIRECTORY`.
#![allow(clippy::unwrap_used)]

#[path = "../tests/fixture/mod.rs"]
#[allow(dead_code, reason = "the tests use all of it")]
mod fixture;

use std::fs;

use fixture::Fixture;
use report::{CompareOptions, Format};

fn main() {
    let directory = std::env::args_os().nth(1).unwrap_or_else(|| "gallery".into());
    let gallery = std::path::PathBuf::from(directory);
    let dual: (&str, &[&str]) = ("losses.dual", &["none", "adversarial", "reconstruction", "both"]);
    let two: (&str, &[&str]) = ("losses.dual", &["adversarial", "none"]);
    let attribute: (&str, &[&str]) = ("data.attribute", &["eyeglasses", "mouth-slightly-open"]);
    let sweeps = [
        ("two", Fixture::planned(&[two], "none", 2), 60),
        ("eight", Fixture::planned(&[dual, attribute], "none", 5), 2000),
    ];
    for (name, fixture, logged) in sweeps {
        fixture.cells.iter().for_each(|cell| fixture.finish(cell, logged));
        show(&fixture, &gallery.join(name));
    }
    let fixture = Fixture::planned(&[two], "none", 2);
    fixture.finish(&fixture.cells[0], 60);
    fixture.finish(&fixture.cells[2], 60);
    fixture.say(&fixture.cells[1], "interrupted", None);
    fixture.say(&fixture.cells[3], "diverged", Some("a loss is not finite at step 120"));
    show(&fixture, &gallery.join("unfinished"));
    // An arm that diverged, another that lost one run so and one otherwise.
    let rates: (&str, &[&str]) = ("train.lr", &["0.0001", "0.001", "1.0"]);
    let fixture = Fixture::planned(&[rates], "0.0001", 3);
    for (index, cell) in fixture.cells.iter().enumerate() {
        match index {
            3 => fixture.end(cell, "diverged", 44),
            4 => fixture.end(cell, "failed", 20),
            6.. => fixture.end(cell, "diverged", 10 + 7 * index as u64 % 20),
            _ => fixture.finish(cell, 60),
        }
    }
    show(&fixture, &gallery.join("diverged"));
    // Nothing but runs that diverged.
    let fixture = Fixture::planned(&[rates], "0.0001", 1);
    fixture.finish(&fixture.cells[0], 0);
    fixture.cells[1..].iter().for_each(|cell| fixture.end(cell, "diverged", 40));
    show(&fixture, &gallery.join("all-diverged"));
}

fn show(fixture: &Fixture, to: &std::path::Path) {
    let results = report::load(&fixture.results()).unwrap();
    let partial = !results.complete();
    let options = CompareOptions { partial, ..CompareOptions::default() };
    let comparison = report::compare(&results, &options).unwrap();
    fs::create_dir_all(to).unwrap();
    for file in report::plot(&results).unwrap() {
        fs::copy(&file, to.join(file.file_name().unwrap())).unwrap();
    }
    let page = report::html(&results, &comparison).unwrap();
    fs::copy(page, to.join("report.html")).unwrap();
    fs::write(to.join("table.txt"), report::render(&comparison, Format::Table)).unwrap();
}
