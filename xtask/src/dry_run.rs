//! `cargo xtask run --dry-run`: what would run, why, and what it is expected to cost; touches nothing.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use record::{Cell, CellState};
use serde_json::{Value, json};
use sweep::{Draft, Earlier, Estimates, Expected, Forecast, Room};

use crate::failure::Failure;
use crate::format::Plain;
use crate::libtorch;
use crate::table::{self, Columns, about, amount, cells};

/// What a look ahead found out about one cell.
struct Row {
    /// `None` as long as the data that train it cannot be identified.
    id: Option<String>,
    arm: String,
    factors: BTreeMap<String, String>,
    seed: u64,
    state: Option<CellState>,
    runs: bool,
    reason: String,
    expected: Expected,
}

/// A sweep as it would run.
struct Ahead {
    experiment: String,
    rows: Vec<Row>,
    jobs: usize,
    forecast: Forecast,
    room: Room,
    orphans: usize,
    warnings: Vec<String>,
}

/// Prints what a run of these cells, `jobs` at a time, would do with what lies in `dir`.
pub(crate) fn print(
    experiment: &str,
    drafts: &[Draft],
    dir: &Path,
    jobs: usize,
    retry_failed: bool,
    format: Plain,
) -> Result<(), Failure> {
    let ahead = look(experiment, drafts, dir, jobs, retry_failed);
    match format {
        Plain::Json => table::stream(|out| write_json(out, &ahead)),
        Plain::Table => {
            table::stream(|out| write_table(out, &ahead))?;
            ahead.warnings.iter().for_each(|warning| eprintln!("warning: {warning}"));
            Ok(())
        }
    }
}

fn look(experiment: &str, drafts: &[Draft], dir: &Path, jobs: usize, retry_failed: bool) -> Ahead {
    let ids = || drafts.iter().filter_map(|draft| Some((draft.id()?, &draft.spec.config)));
    let estimates = Estimates::measure(dir, ids());
    let earlier = Earlier::read(dir);
    let row = |draft: &Draft| row(draft, dir, retry_failed, &estimates, &earlier);
    let rows: Vec<Row> = drafts.iter().map(row).collect();
    let due: Vec<Expected> = rows.iter().filter(|row| row.runs).map(|row| row.expected).collect();
    let (forecast, room) = (Forecast::of(&due, jobs), Room::at(dir, &libtorch::machine()));
    let warnings = forecast.warnings(&room);
    // Without ids every cell would seem to be left over.
    let identified = drafts.iter().all(|draft| draft.id().is_some());
    let orphans =
        if identified { sweep::orphan_ids(dir, ids().map(|(id, _)| id)).len() } else { 0 };
    let experiment = experiment.to_owned();
    Ahead { experiment, rows, jobs, forecast, room, orphans, warnings }
}

fn row(
    draft: &Draft,
    dir: &Path,
    retry_failed: bool,
    estimates: &Estimates,
    earlier: &Earlier,
) -> Row {
    let (spec, arm) = (&draft.spec, draft.arm());
    let (factors, seed) = (spec.factors.clone(), spec.seed);
    let (hash, judgement) = match (&draft.hash, &draft.judgement) {
        (Ok(hash), Ok(judgement)) => (hash.clone(), judgement.clone()),
        (Err(reason), _) | (_, Err(reason)) => {
            let (reason, expected) = (reason.clone(), Expected::default());
            return Row {
                id: draft.id().map(str::to_owned),
                arm,
                factors,
                seed,
                state: None,
                runs: false,
                reason,
                expected,
            };
        }
    };
    let id = draft.id().unwrap_or_default().to_owned();
    let cell = Cell { id: id.clone(), hash, judgement, seed, factors };
    let status = record::glance_cell(dir, &cell, retry_failed);
    let reason = match status.state {
        CellState::Waiting => earlier.reason(&cell, &spec.config),
        _ => status.reason,
    };
    let behind = status.snapshot.filter(|_| status.state == CellState::Interrupted);
    let expected = match status.will_run {
        true => estimates.of(&spec.config, behind.map_or(0, |s| s.step)),
        false => Expected::default(),
    };
    let (factors, state, runs) = (cell.factors, Some(status.state), status.will_run);
    Row { id: Some(id), arm, factors, seed, state, runs, reason, expected }
}

fn write_json(out: &mut dyn Write, ahead: &Ahead) -> io::Result<()> {
    write!(out, "{{\"experiment\":{},\"cells\":[", json!(ahead.experiment))?;
    for (index, row) in ahead.rows.iter().enumerate() {
        let comma = if index > 0 { "," } else { "" };
        write!(out, "{comma}\n{}", row_json(row))?;
    }
    let rest = json!({
        "runs": ahead.rows.iter().filter(|row| row.runs).count(), "jobs": ahead.jobs,
        "expected": ahead.forecast, "free": ahead.room, "orphans": ahead.orphans,
        "warnings": ahead.warnings,
    });
    let rest = rest.to_string();
    writeln!(out, "\n],{}", rest.trim_start_matches('{'))
}

fn row_json(row: &Row) -> Value {
    json!({
        "id": row.id, "factors": row.factors, "seed": row.seed,
        "state": row.state.map(CellState::name), "runs": row.runs, "reason": row.reason,
        "expected": row.expected,
    })
}

fn write_table(out: &mut dyn Write, ahead: &Ahead) -> io::Result<()> {
    let widest = ahead.rows.iter().map(|row| row.arm.chars().count()).max().unwrap_or(0);
    let columns = Columns::new([
        ("id", 12),
        ("factors", widest),
        ("seed", 4),
        ("state", 11),
        ("runs", 4),
        ("time", 7),
        ("disk", 8),
        ("memory", 8),
        ("reason", 0),
    ]);
    let titles = ["id", "factors", "seed", "state", "runs", "time", "disk", "memory", "reason"];
    writeln!(out, "{}", columns.line(titles))?;
    let dash = || "-".to_owned();
    for row in &ahead.rows {
        let runs = if row.runs { "yes" } else { "no" };
        let Expected { seconds, disk_mib, memory_mib } = row.expected;
        let line = columns.line([
            row.id.as_deref().unwrap_or("-"),
            &row.arm,
            &row.seed.to_string(),
            row.state.map_or("-", CellState::name),
            runs,
            &seconds.map_or_else(dash, about),
            &disk_mib.map_or_else(dash, amount),
            &memory_mib.map_or_else(dash, amount),
            &row.reason,
        ]);
        writeln!(out, "{line}")?;
    }
    let (all, runs) = (ahead.rows.len(), ahead.rows.iter().filter(|row| row.runs).count());
    writeln!(out, "\n{}, {runs} of them would run, {} at a time", cells(all), ahead.jobs)?;
    if runs > 0 {
        writeln!(out, "{}", expectation(ahead))?;
    }
    if ahead.orphans > 0 {
        writeln!(out, "{}", left_over(ahead.orphans, &ahead.experiment))?;
    }
    Ok(())
}

fn expectation(ahead: &Ahead) -> String {
    let Forecast { seconds, disk_mib, memory_mib, not_measured, .. } = ahead.forecast;
    let free = |mib: Option<f64>, word: &str| {
        mib.map_or_else(String::new, |mib| format!(" ({} {word})", amount(mib)))
    };
    let said = |value: Option<f64>, words: &dyn Fn(f64) -> String, what: &str| match value {
        Some(value) => words(value),
        None => format!("{what} not measured yet"),
    };
    let time = said(seconds, &|s| format!("about {}", about(s)), "time");
    let disk = said(disk_mib, &|mib| format!("{} of disk", amount(mib)), "disk");
    let memory = said(memory_mib, &|mib| format!("{} of memory", amount(mib)), "memory");
    let disk = disk + &free(ahead.room.disk_mib, "free");
    let memory = memory + &free(ahead.room.memory_mib, "available");
    let without = match (seconds, not_measured) {
        (Some(_), 1..) => {
            format!("; without {}, of which nothing alike ran yet", cells(not_measured))
        }
        _ => String::new(),
    };
    format!("expected: {time}, {disk}, {memory}{without}")
}

/// What an edited experiment has left behind.
pub(crate) fn left_over(orphans: usize, experiment: &str) -> String {
    format!(
        "{} of earlier versions of this experiment stay where they are: nothing is deleted; \
         `cargo xtask clean {experiment} --orphans` lists and removes them",
        cells(orphans)
    )
}
