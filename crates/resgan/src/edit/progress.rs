//! How far a call over many images is, now and then.

use std::time::{Duration, Instant};

use crate::say;

/// Nothing is said of work that is done before this, and then no oftener.
const PERIOD: Duration = Duration::from_secs(5);

/// Counts images of one pass.
pub(crate) struct Progress {
    doing: &'static str,
    total: usize,
    done: usize,
    said: Instant,
}

impl Progress {
    pub(crate) fn new(doing: &'static str, total: usize) -> Progress {
        Progress { doing, total, done: 0, said: Instant::now() }
    }

    /// One more is done.
    pub(crate) fn step(&mut self) {
        if let Some(text) = self.text(Instant::now()) {
            say::aside(text);
        }
    }

    fn text(&mut self, now: Instant) -> Option<String> {
        self.done += 1;
        if now.duration_since(self.said) < PERIOD || self.done == self.total {
            return None;
        }
        self.said = now;
        Some(format!("{} {} of {} images", self.doing, self.done, self.total))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_speaks_now_and_then_and_not_at_the_end() {
        let mut progress = Progress::new("edited", 4);
        let start = progress.said;
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(progress.text(at(1)), None);
        assert_eq!(progress.text(at(6)).unwrap(), "edited 2 of 4 images");
        assert_eq!(progress.text(at(7)), None);
        assert_eq!(progress.text(at(60)), None);
    }
}
