//! What the launcher knows of its cells, made ready for the screen.

use std::time::Instant;

use record::Snapshot;

use crate::job::{Job, Running, Why};
use crate::launch::Launcher;
use crate::remaining::{RemainingWork, about};
use crate::watch::{Crowd, Row, activity};

impl Launcher<'_> {
    /// Reads what the running cells say.
    pub(crate) fn listen(&mut self) {
        for running in &mut self.running {
            let index = running.job.index;
            let dir = self.plan.cell_dir(&self.plan.file.cells[index]);
            // What an earlier attempt said does not count.
            let said = Snapshot::read(&dir).filter(|said| said.pid == running.worker.id());
            if let Some(said) = said {
                self.footprints.note(&self.plan.configs[index], &said);
                running.said = Some(said);
            }
        }
    }

    pub(crate) fn show(&mut self) {
        let now = Instant::now();
        let mut crowd = Crowd {
            running: self.running.len(),
            waiting: self.queue.len(),
            to_retry: self.queue.iter().filter(|job| job.wait(now).is_some()).count(),
            short: self.queue.iter().filter(|job| job.paused || job.held).count(),
            left: None,
        };
        let mut left = RemainingWork::default();
        for job in &self.queue {
            left.waiting(self.run(job.index).train.steps);
        }
        for running in &self.running {
            match &running.said {
                Some(said) => left.running(said),
                None => left.waiting(self.run(running.job.index).train.steps),
            }
        }
        crowd.left = left.seconds(self.running.len());
        let running = self.running.iter().map(|running| Row {
            cell: self.cell(running.job.index),
            running: true,
            step: running.said.as_ref().map(|said| said.step),
            text: doing(running),
        });
        let waiting = self.queue.iter().filter_map(|job| {
            let text = self.waiting_for(job, now)?;
            Some(Row { cell: self.cell(job.index), running: false, step: None, text })
        });
        let rows: Vec<Row<'_>> = running.chain(waiting).collect();
        self.watch.show(&rows, crowd);
    }

    /// Why a cell waits that has run before in this launch.
    fn waiting_for(&self, job: &Job, now: Instant) -> Option<String> {
        if let (Some(wait), Some((trouble, _))) = (job.wait(now), &job.again) {
            let (number, of) = (job.retries, self.options.retries);
            let wait = about(wait.as_secs_f64());
            return Some(format!("retry {number} of {of} in {wait}: {}", trouble.reason));
        }
        job.paused.then(|| "paused until there is memory".to_owned())
    }
}

/// What a running cell is doing.
fn doing(running: &Running) -> String {
    let said = running.said.as_ref().map_or_else(|| "starting".to_owned(), activity);
    match running.asked {
        None => said,
        Some((Why::Launch, _)) => format!("stopping, {said}"),
        Some((Why::Time, _)) => format!("out of time, stopping, {said}"),
        Some((Why::Memory, _)) => format!("memory is short, stopping, {said}"),
    }
}
