//! Work that lies ahead, and durations as a person says them.

use std::time::Duration;

use record::Snapshot;

/// Work that lies ahead, in training steps, and how fast it goes.
#[derive(Debug, Default)]
pub(crate) struct RemainingWork {
    waiting: usize,
    running: usize,
    rates: Vec<f64>,
    longest: f64,
}

impl RemainingWork {
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

    /// Seconds of training ahead with `at_once` cells at a time at the mean rate of now; `None`
    /// before the first rate is known. Judging at the end of each cell is not counted.
    pub(crate) fn seconds(&self, at_once: usize) -> Option<f64> {
        let mean = self.rates.iter().sum::<f64>() / self.rates.len() as f64;
        let all = (self.waiting + self.running) as f64 / (mean * at_once as f64);
        (mean > 0.0).then(|| all.max(self.longest))
    }
}

/// An estimated duration.
pub(crate) fn about(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{} s", s.ceil()),
        s if s < 5400.0 => format!("{} min", (s / 60.0).round()),
        s => format!("{:.1} h", s / 3600.0),
    }
}

/// A duration that was given, without loss: `1 h 30 min`.
pub(crate) fn exactly(duration: Duration) -> String {
    let whole = duration.as_secs();
    let parts = [(whole / 3600, "h"), (whole / 60 % 60, "min"), (whole % 60, "s")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let words: Vec<String> = parts.map(|(count, unit)| format!("{count} {unit}")).collect();
    match words.is_empty() {
        true => format!("{} s", duration.as_secs_f64()),
        false => words.join(" "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn training(step: usize, steps: usize, rate: f64) -> Snapshot {
        let eta_s = (steps - step) as f64 / rate;
        Snapshot {
            phase: Some(record::Phase::Train),
            step,
            steps,
            rate,
            eta_s,
            ..Snapshot::default()
        }
    }

    #[test]
    fn time_left_counts_waiting_cells_and_those_at_a_time() {
        let mut left = RemainingWork::default();
        assert_eq!(left.seconds(2), None);
        left.running(&training(50, 100, 10.0));
        left.running(&training(50, 100, 10.0));
        left.waiting(100);
        left.waiting(100);
        assert_eq!(left.seconds(2), Some(15.0));
    }

    #[test]
    fn time_left_is_never_less_than_that_of_the_slowest_cell() {
        let mut left = RemainingWork::default();
        left.running(&training(0, 100, 1.0));
        assert_eq!(left.seconds(4), Some(100.0));
    }

    #[test]
    fn durations_are_said_in_a_fitting_unit() {
        assert_eq!(about(12.2), "13 s");
        assert_eq!(about(250.0), "4 min");
        assert_eq!(about(9000.0), "2.5 h");
        let said = |seconds| exactly(Duration::from_secs_f64(seconds));
        assert_eq!([said(7200.0), said(5400.0)], ["2 h", "1 h 30 min"]);
        assert_eq!([said(90.0), said(0.25)], ["1 min 30 s", "0.25 s"]);
    }
}
