//! The memory guard: no cell starts that will not fit, and one gives way when memory runs short.

use std::time::Instant;

use crate::job::{Job, Running, Why};
use crate::launch::Launcher;

/// MiB that further cells may take while one look at the queue lasts.
pub(crate) struct Budget {
    free: Option<f64>,
    /// The least that was refused.
    refused: f64,
}

impl Launcher<'_> {
    /// MiB that a cell will need.
    pub(crate) fn expected_mib(&self, job: &Job) -> f64 {
        self.footprints.expected_mib(self.run(job.index)).max(job.seen_mib)
    }

    pub(crate) fn budget(&self) -> Budget {
        Budget { free: None, refused: f64::INFINITY }
    }

    /// Whether the memory suffices for the waiting cell at this place of the queue. One cell may
    /// always run: if it does not fit alone, waiting will not help.
    pub(crate) fn affords(&mut self, at: usize, budget: &mut Budget) -> bool {
        let wanted = self.expected_mib(&self.queue[at]);
        if self.running.is_empty() {
            return true;
        }
        if wanted >= budget.refused {
            return false;
        }
        let free = *budget.free.get_or_insert_with(|| self.free_mib());
        if wanted <= free {
            budget.free = Some(free - wanted);
            return true;
        }
        budget.refused = wanted;
        self.refused = Some(Instant::now());
        self.queue[at].held = true;
        // Once is enough: the total says from then on how many wait.
        if !self.queue[at].paused && !std::mem::replace(&mut self.told_of_memory, true) {
            let said =
                format!("needs about {wanted:.0} MiB of memory, {:.0} are left", free.max(0.0));
            self.watch.tell("waiting", self.cell(self.queue[at].index), &said);
        }
        false
    }

    /// MiB above the reserve that no running cell will need; infinite where memory is unknown.
    fn free_mib(&self) -> f64 {
        let Some(memory) = (self.options.machine.memory)() else { return f64::INFINITY };
        // What a cell has taken is missing from the available memory already.
        let to_come = |running: &Running| (running.expected_mib - running.peak_mib()).max(0.0);
        memory.free_mib() - self.running.iter().map(to_come).sum::<f64>()
    }

    /// Stops the youngest cell if memory runs short and others run too; it goes on later.
    pub(crate) fn relieve(&mut self) {
        // Those that were asked to stop will free what they hold.
        if self.running.len() < 2 || self.running.iter().any(|running| running.asked.is_some()) {
            return;
        }
        let Some(memory) = (self.options.machine.memory)() else { return };
        let reserve = memory.reserve_mib();
        if memory.available_mib >= reserve {
            return;
        }
        if let Some(youngest) = self.running.iter_mut().max_by_key(|running| running.started) {
            youngest.job.seen_mib = youngest.job.seen_mib.max(youngest.peak_mib());
            youngest.ask(Why::Memory);
            let said = format!(
                "memory is short ({:.0} MiB available, {reserve:.0} are to stay free); it saves a \
                 checkpoint and goes on later",
                memory.available_mib
            );
            self.watch.tell("pause", &self.plan.file.cells[youngest.job.index], &said);
        }
    }
}
