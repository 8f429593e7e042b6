//! What a person sees while a sweep runs: bars on a terminal, plain lines elsewhere, both on
//! standard error.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use record::{Cell, Phase, Snapshot};

use crate::remaining::about;

/// Between two looks at the workers on a terminal, and between two reports elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(500);
const IN_LINES: Duration = Duration::from_secs(30);

/// Phase, step, rate and time left of a cell in one line.
pub(crate) fn activity(snapshot: &Snapshot) -> String {
    match snapshot.phase {
        Some(Phase::Train) if snapshot.rate > 0.0 => format!(
            "train {}/{}, {:.1} steps/s, {} left",
            snapshot.step,
            snapshot.steps,
            snapshot.rate,
            about(snapshot.eta_s)
        ),
        Some(Phase::Train) => format!("train {}/{}", snapshot.step, snapshot.steps),
        None => "starting".to_owned(),
        Some(phase) => phase.name().to_owned(),
    }
}

/// A cell as a person calls it.
fn name(cell: &Cell) -> String {
    format!("{} seed {}", cell.arm(), cell.seed)
}

/// A cell as lines that stay call it: its directory can be found.
fn label(cell: &Cell) -> String {
    format!("{} [{}]", name(cell), cell.id)
}

/// The line of a cell, with a bar only where that leaves room for the words, which say more.
fn template(name: &str, columns: usize) -> &'static str {
    const BAR: usize = 20;
    const WORDS: usize = 44;
    match name.chars().count() + BAR + WORDS + 2 <= columns {
        true => "{prefix} {bar:20} {wide_msg}",
        false => "{prefix} {wide_msg}",
    }
}

/// The width of the terminal.
fn columns() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr()).map_or(80, |size| size.ws_col.into())
}

/// A cell that has begun and what it is doing.
pub(crate) struct Row<'a> {
    pub(crate) cell: &'a Cell,
    /// Whether a process works on it now.
    pub(crate) running: bool,
    /// The step it is at, if known.
    pub(crate) step: Option<usize>,
    pub(crate) text: String,
}

/// Cells that are not at their end.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Crowd {
    pub(crate) running: usize,
    /// Those that follow included.
    pub(crate) waiting: usize,
    /// Waiting for the moment of their retry.
    pub(crate) to_retry: usize,
    /// Waiting for memory.
    pub(crate) short: usize,
    /// Seconds of training ahead.
    pub(crate) left: Option<f64>,
}

impl Crowd {
    /// The whole sweep in one line.
    fn line(&self, done: usize, total: usize) -> String {
        let mut line = format!("cells done {done}/{total}");
        if self.running > 0 {
            line += &format!(", {} running", self.running);
        }
        if self.waiting > 0 {
            line += &format!(", {} waiting", self.waiting);
        }
        let reasons = [(self.to_retry, "to retry"), (self.short, "for memory")];
        let reasons = reasons.iter().filter(|(count, _)| *count > 0);
        let reasons: Vec<String> = reasons.map(|(count, why)| format!("{count} {why}")).collect();
        if !reasons.is_empty() {
            line += &format!(" ({})", reasons.join(", "));
        }
        if let Some(seconds) = self.left {
            line += &format!(", about {} left", about(seconds));
        }
        line
    }
}

struct Bars {
    all: MultiProgress,
    total: ProgressBar,
    cells: HashMap<String, ProgressBar>,
}

/// The display of one launch.
pub(crate) struct Watch {
    bars: Option<Bars>,
    total: usize,
    done: usize,
    crowd: Crowd,
    shown: Instant,
}

impl Watch {
    /// `total` cells, of which `done` were finished before.
    pub(crate) fn new(total: usize, done: usize) -> Watch {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let bars = (std::io::stderr().is_terminal() && !dumb).then(|| {
            let all = MultiProgress::new();
            let bar = all.add(ProgressBar::new(total as u64));
            bar.set_style(style("{wide_msg}"));
            Bars { all, total: bar, cells: HashMap::new() }
        });
        Watch { bars, total, done, crowd: Crowd::default(), shown: Instant::now() }
    }

    /// A line that stays.
    pub(crate) fn say(&self, line: &str) {
        match &self.bars {
            Some(bars) => {
                let _ = bars.all.println(line);
            }
            // Nobody can be told that nobody can be told.
            None => {
                let _ = writeln!(std::io::stderr(), "{line}");
            }
        }
    }

    /// A line that stays, about a cell; `what` in one word of at most seven letters.
    pub(crate) fn tell(&self, what: &str, cell: &Cell, how: &str) {
        let colon = if how.is_empty() { "" } else { ": " };
        self.say(&format!("{what:<7} {}{colon}{how}", label(cell)));
    }

    pub(crate) fn prepare(&mut self, number: usize, total: usize) {
        let count = if total > 1 { format!(" ({number}/{total})") } else { String::new() };
        self.say(&format!("preparing data and judges{count}"));
    }

    /// Whether it is time to show something again.
    pub(crate) fn due(&mut self) -> bool {
        let pause = if self.bars.is_some() { ON_TERMINAL } else { IN_LINES };
        let due = self.shown.elapsed() >= pause;
        if due {
            self.shown = Instant::now();
        }
        due
    }

    /// The last word of a preparation.
    pub(crate) fn detail(&mut self, line: Option<String>) {
        let Some(line) = line else { return };
        match &self.bars {
            Some(bars) => bars.total.set_message(line),
            None => self.say(&line),
        }
    }

    /// A process works on a cell now, for the `attempt`th time in this launch.
    pub(crate) fn started(&mut self, cell: &Cell, steps: usize, attempt: usize) {
        let again = if attempt > 1 { format!("attempt {attempt}") } else { String::new() };
        self.begin(cell, steps, "start", &again);
    }

    /// A process of a launch that is gone works on a cell.
    pub(crate) fn found(&mut self, cell: &Cell, steps: usize, pid: u32) {
        let how = format!("process {pid} of an earlier run goes on with it");
        self.begin(cell, steps, "running", &how);
    }

    fn begin(&mut self, cell: &Cell, steps: usize, what: &str, how: &str) {
        match &mut self.bars {
            // A cell that was here before has its line still.
            Some(bars) if bars.cells.contains_key(&cell.id) => {}
            Some(bars) => {
                let bar = bars.all.insert_before(&bars.total, ProgressBar::new(steps as u64));
                let name = name(cell);
                bar.set_style(style(template(&name, columns())));
                bar.set_prefix(name);
                bar.set_message("starting");
                bars.cells.insert(cell.id.clone(), bar);
            }
            None => self.tell(what, cell, how),
        }
        self.show_total();
    }

    /// Shows every cell that has begun, and all in one line.
    pub(crate) fn show(&mut self, rows: &[Row<'_>], crowd: Crowd) {
        self.crowd = crowd;
        for Row { cell, running, step, text } in rows {
            match &self.bars {
                Some(bars) => {
                    if let Some(bar) = bars.cells.get(&cell.id) {
                        step.iter().for_each(|step| bar.set_position(*step as u64));
                        bar.set_message(text.clone());
                    }
                }
                None => self.tell(if *running { "running" } else { "waiting" }, cell, text),
            }
        }
        match self.bars.is_some() {
            true => self.show_total(),
            false => self.say(&self.crowd.line(self.done, self.total)),
        }
    }

    fn show_total(&self) {
        if let Some(bars) = &self.bars {
            bars.total.set_message(self.crowd.line(self.done, self.total));
        }
    }

    pub(crate) fn finished(&mut self, cell: &Cell) {
        self.done += 1;
        self.ended(cell, &format!("done ({}/{})", self.done, self.total));
    }

    pub(crate) fn ended(&mut self, cell: &Cell, how: &str) {
        if let Some(bar) = self.bars.as_mut().and_then(|bars| bars.cells.remove(&cell.id)) {
            bar.finish_and_clear();
        }
        self.show_total();
        self.tell("end", cell, how);
    }

    pub(crate) fn close(&mut self) {
        if let Some(bars) = &self.bars {
            bars.cells.values().chain([&bars.total]).for_each(ProgressBar::finish_and_clear);
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_before_the_bar() {
        assert!(template("dual=none seed 1", 82).contains("{bar:20}"));
        assert!(!template("dual=none seed 1", 81).contains("bar"));
    }

    #[test]
    fn one_line_counts_every_cell_and_says_what_it_waits_for() {
        let mut crowd = Crowd::default();
        assert_eq!(crowd.line(4, 4), "cells done 4/4");
        crowd.running = 2;
        crowd.waiting = 5;
        assert_eq!(crowd.line(1, 8), "cells done 1/8, 2 running, 5 waiting");
        crowd = Crowd { to_retry: 1, short: 2, left: Some(250.0), ..crowd };
        let line =
            "cells done 1/8, 2 running, 5 waiting (1 to retry, 2 for memory), about 4 min left";
        assert_eq!(crowd.line(1, 8), line);
    }
}
