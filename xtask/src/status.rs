//! `cargo xtask status`: what became of each cell, once or as long as something moves.

use std::collections::HashMap;
use std::io::{self, IsTerminal, Write};
use std::path::Path;
use std::thread;
use std::time::Duration;

use clap::Args;
use record::{CellState, CellStatus, Phase, PlanFile, Snapshot};
use serde_json::{Value, json};
use sweep::Tally;

use crate::failure::Failure;
use crate::format::Plain;
use crate::makers::Makers;
use crate::table::{self, Columns, about};
use crate::which::Which;

/// Cells (or arms) that are listed one by one without being asked.
const FEW: usize = 60;
/// Between two looks.
const PAUSE: Duration = Duration::from_secs(2);

#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    which: Which,
    /// Look again every two seconds until nothing runs or waits any more
    #[arg(long)]
    watch: bool,
    /// List every cell of a large sweep, not only those that need attention
    #[arg(long)]
    all: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t = Plain::Table)]
    format: Plain,
}

pub(crate) fn run(arguments: &Arguments, results: &Path) -> Result<(), Failure> {
    let dir = arguments.which.dir(results)?;
    let plan = PlanFile::read(&dir)?;
    match (arguments.watch, arguments.format) {
        (true, Plain::Json) => {
            let text =
                "error: --watch shows a table; ask for --format json again and again instead";
            Err(Failure::BadInput(text.to_owned()))
        }
        (true, Plain::Table) if io::stdout().is_terminal() => watch(&dir, arguments.all),
        (true, Plain::Table) => follow(&dir),
        (false, Plain::Json) => table::stream(|out| write_json(out, &dir, &plan)),
        (false, Plain::Table) => {
            table::stream(|out| write_table(out, &dir, &plan, arguments.all).map(drop))
        }
    }
}

/// One JSON document, a cell a line; no more than one cell is held at a time.
fn write_json(out: &mut dyn Write, dir: &Path, plan: &PlanFile) -> io::Result<()> {
    let mut tally = Tally::new();
    let mut makers = Makers::new(plan);
    write!(out, "{{\"experiment\":{},\"cells\":[", json!(plan.experiment))?;
    for status in record::glance(dir, plan, false) {
        let comma = if tally.total() > 0 { "," } else { "" };
        tally.add(&status, plan);
        makers.add(&status);
        write!(out, "{comma}\n{}", cell_json(&status))?;
    }
    let counts: HashMap<&str, usize> =
        CellState::ALL.iter().map(|state| (state.name(), tally.count(*state))).collect();
    let (counts, eta) = (json!(counts), json!(tally.eta_s()));
    let (part, mixed) = (json!(makers.judged_on()), json!(makers.mixed()));
    write!(out, "\n],\"counts\":{counts},\"eta_s\":{eta},")?;
    writeln!(out, "\"part\":{part},\"mixed\":{mixed}}}")
}

fn cell_json(status: &CellStatus) -> Value {
    let snapshot = status.snapshot.as_ref();
    let running = snapshot.filter(|_| status.state == CellState::Running);
    let text = |value: fn(&Snapshot) -> &String| snapshot.map(value).filter(|v| !v.is_empty());
    json!({
        "id": status.cell.id, "state": status.state.name(), "factors": status.cell.factors,
        "seed": status.cell.seed, "attempt": status.attempt, "reason": status.reason,
        "host": text(|s| &s.host), "pid": snapshot.map(|s| s.pid).filter(|pid| *pid > 0),
        "phase": snapshot.and_then(|s| s.phase), "step": snapshot.map(|s| s.step),
        "steps": snapshot.map(|s| s.steps).filter(|steps| *steps > 0),
        "rate": running.map(|s| s.rate).filter(|rate| *rate > 0.0),
        "eta_s": running.filter(|s| s.rate > 0.0).map(|s| s.eta_s),
        "error": status.error, "log": status.log, "made": status.made,
    })
}

/// Rows, then counts by arm where not every cell has a row, then the summary; rows pass through.
fn write_table(out: &mut dyn Write, dir: &Path, plan: &PlanFile, all: bool) -> io::Result<Tally> {
    let every = all || plan.cells.len() <= FEW;
    let widest = plan.cells.iter().map(|cell| cell.arm().chars().count()).max().unwrap_or(0);
    let header = ["id", "factors", "seed", "state", "reason"];
    let columns =
        Columns::new([("id", 12), ("factors", widest), ("seed", 4), ("state", 11), ("", 0)]);
    let mut tally = Tally::new();
    let mut makers = Makers::new(plan);
    let mut arms = Arms::default();
    let mut rows = 0;
    for status in record::glance(dir, plan, false) {
        tally.add(&status, plan);
        makers.add(&status);
        if !every {
            arms.add(&status, plan);
        }
        if every || !matches!(status.state, CellState::Done | CellState::Waiting) {
            if rows == 0 {
                writeln!(out, "{}", columns.line(header))?;
            }
            rows += 1;
            let (arm, seed) = (status.cell.arm(), status.cell.seed.to_string());
            let row = [&status.cell.id, arm.as_str(), &seed, status.state.name(), &detail(&status)];
            writeln!(out, "{}", columns.line(row))?;
        }
    }
    if rows > 0 {
        writeln!(out)?;
    }
    if !every {
        arms.write(out, widest)?;
    }
    let judged = makers.judged_on().map(|part| format!("; judged on {part} images"));
    writeln!(out, "{}{}", summary(plan, &tally), judged.unwrap_or_default())?;
    if let Some(mixed) = makers.mixed() {
        writeln!(out, "{mixed}")?;
    }
    Ok(tally)
}

fn summary(plan: &PlanFile, tally: &Tally) -> String {
    let (done, all) = (tally.count(CellState::Done), tally.total());
    let left = tally.eta_s().map_or_else(String::new, |s| format!("; about {} left", about(s)));
    format!("{}: {done} of {all} cells done ({}){left}", plan.experiment, tally.words())
}

/// What there is to know about a cell in its state.
fn detail(status: &CellStatus) -> String {
    match (status.state, &status.snapshot, &status.log) {
        (CellState::Running, Some(snapshot), _) => {
            let attempt = status.attempt.as_deref().unwrap_or("?");
            format!("{}, attempt {attempt}, {}", status.reason, activity(snapshot))
        }
        (CellState::Failed | CellState::Diverged, _, Some(log)) => {
            format!("{}; log: {}", status.reason, log.display())
        }
        _ => status.reason.clone(),
    }
}

fn activity(snapshot: &Snapshot) -> String {
    let Snapshot { phase, step, steps, rate, eta_s, .. } = snapshot;
    match phase {
        Some(Phase::Train) if *rate > 0.0 => {
            format!("train {step}/{steps}, {rate:.1} steps/s, {} left", about(*eta_s))
        }
        Some(Phase::Train) => format!("train {step}/{steps}"),
        None => "starting".to_owned(),
        Some(phase) => phase.name().to_owned(),
    }
}

/// Counts by arm, in the plan's order.
#[derive(Default)]
struct Arms {
    index: HashMap<String, usize>,
    tallies: Vec<(String, Tally)>,
}

impl Arms {
    fn add(&mut self, status: &CellStatus, plan: &PlanFile) {
        let arm = status.cell.arm();
        let index = *self.index.entry(arm.clone()).or_insert_with(|| {
            self.tallies.push((arm, Tally::new()));
            self.tallies.len() - 1
        });
        self.tallies[index].1.add(status, plan);
    }

    fn write(&self, out: &mut dyn Write, widest: usize) -> io::Result<()> {
        let columns = Columns::new([("factors", widest), ("cells", 5), ("states", 0)]);
        if self.tallies.len() > FEW {
            return writeln!(out, "{} arms: --all lists every cell\n", self.tallies.len());
        }
        writeln!(out, "{}", columns.line(["factors", "cells", "states"]))?;
        for (arm, tally) in &self.tallies {
            writeln!(out, "{}", columns.line([arm, &tally.total().to_string(), &tally.words()]))?;
        }
        writeln!(out, "\n--all lists every cell")
    }
}

/// Draws the table anew every two seconds.
fn watch(dir: &Path, all: bool) -> Result<(), Failure> {
    loop {
        // The sweep may be planned anew in the meantime.
        let plan = PlanFile::read(dir)?;
        let mut frame = Vec::new();
        let tally = write_table(&mut frame, dir, &plan, all)
            .map_err(|e| Failure::Failed(format!("error: {e}")))?;
        let text = String::from_utf8_lossy(&frame);
        let size = rustix::termios::tcgetwinsize(io::stdout()).ok();
        let size = size.map_or((24, 80), |size| (size.ws_row.into(), size.ws_col.into()));
        table::stream(|out| out.write_all(screen(&text, size).as_bytes()))?;
        if tally.settled() {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
}

/// A frame that fits the screen, over the one before: its end, the summary, is always there.
fn screen(text: &str, (height, width): (usize, usize)) -> String {
    const HOME: &str = "\x1b[H";
    const REST_OF_LINE: &str = "\x1b[K\n";
    const BELOW: &str = "\x1b[J";
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let room = height.saturating_sub(1).max(4);
    if lines.len() > room {
        let end = lines.split_off(lines.len() - 1);
        let hidden = lines.len() - (room - 2);
        lines.truncate(room - 2);
        lines.push(format!("... {hidden} more lines, see `status` without --watch"));
        lines.extend(end);
    }
    let cut = |line: &String| line.chars().take(width.max(20)).collect::<String>() + REST_OF_LINE;
    format!("{HOME}{}{BELOW}", lines.iter().map(cut).collect::<String>())
}

/// A line whenever the counts have changed.
fn follow(dir: &Path) -> Result<(), Failure> {
    let mut last = String::new();
    loop {
        let plan = PlanFile::read(dir)?;
        let mut tally = Tally::new();
        record::glance(dir, &plan, false).for_each(|status| tally.add(&status, &plan));
        if tally.words() != last {
            last = tally.words();
            table::stream(|out| writeln!(out, "{}", summary(&plan, &tally)))?;
        }
        if tally.settled() {
            return Ok(());
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_fits_the_screen_and_keeps_its_summary() {
        let text: String = (0..100).map(|n| format!("row {n} {}\n", "x".repeat(50))).collect();
        let frame = screen(&format!("{text}the summary\n"), (10, 40));
        assert_eq!(frame.matches('\n').count(), 9);
        assert!(frame.contains("93 more lines") && frame.contains("the summary\x1b[K"), "{frame}");
        assert!(frame.contains("row 6 ") && !frame.contains("row 7 "));
        assert!(!frame.contains(&"x".repeat(40)));
        let whole = screen("one\ntwo\n", (10, 40));
        assert_eq!(whole.matches('\n').count(), 2);
    }
}
