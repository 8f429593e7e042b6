//! What a person sees while a sweep runs: bars on a terminal, plain lines elsewhere, both on
//! standard error.

use std::collections::HashMap;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::plan::Cell;
use crate::state::Snapshot;

/// Between two looks at the workers on a terminal, and between two reports elsewhere.
const ON_TERMINAL: Duration = Duration::from_millis(500);
const IN_LINES: Duration = Duration::from_secs(30);

/// Work that lies ahead, in training steps, and how fast it goes.
#[derive(Debug, Default)]
pub(crate) struct Left {
    waiting: usize,
    running: usize,
    rates: Vec<f64>,
    longest: f64,
}

impl Left {
    pub(crate) fn waiting(&mut self, steps: usize) {
        self.waiting += steps;
    }

    pub(crate) fn running(&mut self, snapshot: &Snapshot) {
        self.running += snapshot.steps.saturating_sub(snapshot.step);
        if snapshot.rate > 0.0 {
            self.rates.push(snapshot.rate);
            self.longest = self.longest.max(snapshot.eta_s);
        }
    }

    /// Seconds of training ahead with `jobs` cells at a time at the mean rate of now; `None` before
    /// the first rate is known. Judging at the end of each cell is not counted.
    pub(crate) fn seconds(&self, jobs: usize) -> Option<f64> {
        let mean = self.rates.iter().sum::<f64>() / self.rates.len() as f64;
        let all = (self.waiting + self.running) as f64 / (mean * jobs as f64);
        (mean > 0.0).then(|| all.max(self.longest))
    }
}

/// A duration as a person says it.
fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{} s", s.ceil()),
        s if s < 5400.0 => format!("{} min", (s / 60.0).round()),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// Phase, step, rate and time left of a cell in one line.
fn activity(snapshot: &Snapshot) -> String {
    match snapshot.phase.as_str() {
        "train" if snapshot.rate > 0.0 => format!(
            "train {}/{}, {:.1} steps/s, {} left",
            snapshot.step,
            snapshot.steps,
            snapshot.rate,
            about(snapshot.eta_s)
        ),
        "train" => format!("train {}/{}", snapshot.step, snapshot.steps),
        "" => "starting".to_owned(),
        phase => phase.to_owned(),
    }
}

/// A cell as it is called on the screen.
fn label(cell: &Cell) -> String {
    format!("{} seed {} [{}]", cell.arm(), cell.seed, cell.id)
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
    shown: Instant,
}

impl Watch {
    /// `total` cells, of which `done` were finished before.
    pub(crate) fn new(total: usize, done: usize) -> Watch {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let bars = (std::io::stderr().is_terminal() && !dumb).then(|| {
            let all = MultiProgress::new();
            let bar = all.add(ProgressBar::new(total as u64));
            bar.set_style(style("{msg}"));
            Bars { all, total: bar, cells: HashMap::new() }
        });
        Watch { bars, total, done, shown: Instant::now() }
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

    pub(crate) fn started(&mut self, cell: &Cell, steps: usize) {
        let line = self.total_line(None);
        match &mut self.bars {
            Some(bars) => {
                let bar = bars.all.insert_before(&bars.total, ProgressBar::new(steps as u64));
                bar.set_style(style("{prefix} {bar:24} {msg}"));
                bar.set_prefix(label(cell));
                bar.set_message("starting");
                bars.cells.insert(cell.id.clone(), bar);
                bars.total.set_message(line);
            }
            None => self.say(&format!("start   {}", label(cell))),
        }
    }

    /// Shows every running cell and the time left over all.
    pub(crate) fn show(&mut self, rows: &[(&Cell, Snapshot)], left: Option<f64>) {
        for (cell, snapshot) in rows {
            match &self.bars {
                Some(bars) => {
                    if let Some(bar) = bars.cells.get(&cell.id) {
                        bar.set_position(snapshot.step as u64);
                        bar.set_message(activity(snapshot));
                    }
                }
                None => self.say(&format!("running {}: {}", label(cell), activity(snapshot))),
            }
        }
        let line = self.total_line(left);
        match &self.bars {
            Some(bars) => bars.total.set_message(line),
            None => self.say(&line),
        }
    }

    fn total_line(&self, left: Option<f64>) -> String {
        let left = left.map_or_else(String::new, |s| format!(", about {} left", about(s)));
        format!("cells done {}/{}{left}", self.done, self.total)
    }

    pub(crate) fn finished(&mut self, cell: &Cell) {
        self.done += 1;
        self.ended(cell, &format!("done ({}/{})", self.done, self.total));
    }

    pub(crate) fn ended(&mut self, cell: &Cell, how: &str) {
        if let Some(bar) = self.bars.as_mut().and_then(|bars| bars.cells.remove(&cell.id)) {
            bar.finish_and_clear();
        }
        if let Some(bars) = &self.bars {
            bars.total.set_message(self.total_line(None));
        }
        self.say(&format!("end     {}: {how}", label(cell)));
    }

    pub(crate) fn close(&mut self) {
        if let Some(bars) = &self.bars {
            bars.total.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(step: usize, steps: usize, rate: f64) -> Snapshot {
        let eta_s = (steps - step) as f64 / rate;
        Snapshot { phase: "train".to_owned(), step, steps, rate, eta_s, ..Snapshot::default() }
    }

    #[test]
    fn time_left_counts_waiting_cells_and_jobs() {
        let mut left = Left::default();
        assert_eq!(left.seconds(2), None);
        left.running(&training(50, 100, 10.0));
        left.running(&training(50, 100, 10.0));
        left.waiting(100);
        left.waiting(100);
        assert_eq!(left.seconds(2), Some(15.0));
    }

    #[test]
    fn time_left_is_never_less_than_that_of_the_slowest_cell() {
        let mut left = Left::default();
        left.running(&training(0, 100, 1.0));
        assert_eq!(left.seconds(4), Some(100.0));
    }

    #[test]
    fn durations_are_said_in_a_fitting_unit() {
        assert_eq!(about(12.2), "13 s");
        assert_eq!(about(250.0), "4 min");
        assert_eq!(about(9000.0), "2.5 h");
    }
}
