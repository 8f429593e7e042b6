//! Waiting for a sweep that Slurm runs.

use std::thread;
use std::time::{Duration, Instant};

use record::{CellState, inspect};

use crate::error::SweepError;
use crate::outcome::{Outcome, judged};
use crate::plan::Plan;
use crate::signals::Requests;
use crate::slurm::in_queue;

/// Between two questions to Slurm: often at first, then so rarely that it is no burden.
const FIRST: Duration = Duration::from_secs(1);
const LAST: Duration = Duration::from_secs(30);
/// How long Slurm may be out of reach.
const PATIENCE: Duration = Duration::from_secs(900);
const POLL: Duration = Duration::from_millis(100);

/// Blocks until no task of the experiment is in Slurm's queue any more, then judges the `cells` (ids)
/// by their files. SIGINT and SIGTERM end the waiting, not the jobs. `say` is told what changes.
///
/// # Errors
/// Slurm is out of reach for a quarter of an hour.
pub fn wait(plan: &Plan, cells: &[String], say: &dyn Fn(&str)) -> Result<Outcome, SweepError> {
    let mut requests =
        Requests::listen().map_err(SweepError::io("listen to signals for", &plan.dir))?;
    let mut pause = FIRST;
    let mut silent: Option<Instant> = None;
    let mut last = None;
    let mut stopped = false;
    while !stopped {
        match in_queue(&plan.dir) {
            Ok(queue) => {
                silent = None;
                let statuses = inspect(&plan.dir, &plan.file, false);
                let done = statuses.iter().filter(|s| s.state == CellState::Done).count();
                let now = (queue.tasks, done);
                if last != Some(now) {
                    let total = statuses.len();
                    say(&format!("cells done {done}/{total}, tasks in the queue {}", queue.tasks));
                    pause = FIRST;
                }
                last = Some(now);
                if queue.tasks == 0 {
                    break;
                }
            }
            Err(error) => {
                let since = silent.get_or_insert_with(Instant::now);
                if since.elapsed() > PATIENCE {
                    return Err(error);
                }
                say(&format!("cannot ask Slurm, trying again: {error}"));
            }
        }
        let until = Instant::now() + pause;
        while Instant::now() < until && !stopped {
            thread::sleep(POLL);
            stopped = requests.count() > 0;
        }
        pause = (pause * 3 / 2).min(LAST);
    }
    Ok(Outcome { stopped, ..judged(plan, cells) })
}
