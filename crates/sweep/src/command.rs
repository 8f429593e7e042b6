//! The command launcher: a template of the user's starts cells, one by one or all from a list.

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use config::RunConfig;
use record::{Cell, inspect, quoted};
use rustix::process::{Pid, Signal, kill_process_group};

use crate::child::{THREADS, Threads, Worker};
use crate::command_template::{CommandTemplate, Values};
use crate::error::SweepError;
use crate::launch::{POLL, launch_with};
use crate::options::Options;
use crate::outcome::{Outcome, judged};
use crate::plan::Plan;
use crate::prepare::shares_preparation;
use crate::program::{Direct, Paths, Program};
use crate::signals::Requests;
use crate::slurm::submit::new_folder;

/// Runs every cell that has to run with the commands of a template; data and judges are made ready
/// here, by `worker` itself. With `{list}` the template runs once and decides how many cells run at
/// a time; otherwise it runs once per cell, as [`launch`](crate::launch()) would run the worker.
///
/// # Errors
/// As [`launch`](crate::launch()); a list's command that ends badly before any cell has begun.
pub fn launch_command(
    plan: &Plan,
    options: &Options,
    worker: &Path,
    template: &CommandTemplate,
    say: &dyn Fn(&str),
) -> Result<Outcome, SweepError> {
    match template.is_list() {
        true => launch_list(plan, options, worker, template, say),
        false => launch_with(plan, options, worker, &Templated { template, worker }),
    }
}

/// Commands from a template, through the shell.
struct Templated<'a> {
    template: &'a CommandTemplate,
    worker: &'a Path,
}

impl Program for Templated<'_> {
    fn name(&self) -> String {
        "the command of --launcher command".to_owned()
    }

    fn prepare(&self, run: &RunConfig, paths: Paths<'_>) -> Command {
        Direct(self.worker.to_owned()).prepare(run, paths)
    }

    fn cell(&self, cell: &Cell, run: &RunConfig, paths: Paths<'_>) -> Command {
        let text = self.template.cell(&Values {
            worker: self.worker,
            config: paths.config,
            dir: paths.dir,
            cache: paths.cache,
            id: &cell.id,
            threads: run.backend.threads,
            log: &paths.dir.join("log.txt"),
        });
        let mut command = Command::new("sh");
        command.arg("-c").arg(text);
        command
    }
}

fn launch_list(
    plan: &Plan,
    options: &Options,
    worker: &Path,
    template: &CommandTemplate,
    say: &dyn Fn(&str),
) -> Result<Outcome, SweepError> {
    plan.write(Some(worker))?;
    let statuses = inspect(&plan.dir, &plan.file, options.retry_failed);
    let wanted = |id: &str| options.only.as_ref().is_none_or(|only| only.contains(id));
    let due: Vec<usize> = (0..statuses.len())
        .filter(|&index| statuses[index].will_run && wanted(&statuses[index].cell.id))
        .collect();
    let mut requests =
        Requests::listen().map_err(SweepError::io("listen to signals for", &plan.dir))?;
    for &index in &due {
        plan.write_config(&plan.file.cells[index], &plan.configs[index])?;
    }
    let ids: Vec<String> = due.iter().map(|&index| plan.file.cells[index].id.clone()).collect();
    prepare(plan, &options.cache, worker, &due, &mut requests, say)?;
    if requests.count() == 0 {
        let (list, lines) = write_list(plan, &options.cache, worker, &due)?;
        say(&format!("starting the command with {lines} lines in {}", list.display()));
        let text = template.list(&list, worker, &options.cache);
        let mut command = Command::new("sh");
        command.arg("-c").arg(text).stdin(Stdio::null()).process_group(0);
        let start = || SweepError::io("start a shell for", &list);
        let status =
            command.spawn().and_then(|child| wait(child, &mut requests, say)).map_err(start())?;
        let outcome = judged(plan, &ids);
        let begun = outcome.finished.len() + outcome.failures.len() + outcome.elsewhere.len() > 0;
        if !status.success() && !begun && requests.count() == 0 {
            let reason = format!("the command of --launcher command ended with {status}");
            return Err(SweepError::Launcher { reason });
        }
        return Ok(Outcome { stopped: requests.count() > 0, ..outcome });
    }
    Ok(Outcome { stopped: true, ..judged(plan, &ids) })
}

/// Makes ready what cells share, on this machine.
fn prepare(
    plan: &Plan,
    cache: &Path,
    worker: &Path,
    due: &[usize],
    requests: &mut Requests,
    say: &dyn Fn(&str),
) -> Result<(), SweepError> {
    let mut done: Vec<usize> = Vec::new();
    for &index in due {
        let run = &plan.configs[index];
        let known = done.iter().any(|&first| shares_preparation(&plan.configs[first], run));
        if known || requests.count() > 0 {
            continue;
        }
        done.push(index);
        say("preparing data and judges");
        let dir = plan.cell_dir(&plan.file.cells[index]);
        let config = dir.join("config.toml");
        let command =
            Direct(worker.to_owned()).prepare(run, Paths { config: &config, dir: &dir, cache });
        let log = plan.dir.join("prepare.log");
        let start = SweepError::io("start", worker);
        let mut child =
            Worker::start(command, &run.backend, "prepare", Threads::All, &log).map_err(start)?;
        let mut told = false;
        let status = loop {
            match child.ended().map_err(SweepError::io("wait for", worker))? {
                Some(status) => break status,
                None if requests.count() > 1 => child.kill(),
                None if requests.count() > 0 && !told => {
                    child.ask_to_stop();
                    told = true;
                }
                None => {}
            }
            thread::sleep(POLL);
        };
        if !status.success() && requests.count() == 0 {
            let reason =
                format!("preparing data and judges ended with {status}; see {}", log.display());
            return Err(SweepError::Launcher { reason });
        }
    }
    Ok(())
}

/// Waits for the command of a list. The first request to stop is passed on, the second one kills.
fn wait(mut child: Child, requests: &mut Requests, say: &dyn Fn(&str)) -> io::Result<ExitStatus> {
    let mut heard = 0;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        let count = requests.count();
        if count > heard {
            let signal = if count > 1 { Signal::KILL } else { Signal::TERM };
            if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
                // A group that has ended already needs no signal.
                let _ = kill_process_group(group, signal);
            }
            if heard == 0 {
                say("stopping: the command was told; once more to end it at once");
            }
            heard = count;
        }
        thread::sleep(POLL);
    }
}

/// Writes the list of commands and the script that they share into a folder of their own.
fn write_list(
    plan: &Plan,
    cache: &Path,
    worker: &Path,
    due: &[usize],
) -> Result<(PathBuf, usize), SweepError> {
    let home = plan.dir.join("command");
    fs::create_dir_all(&home).map_err(SweepError::io("create", &home))?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (folder, _) = new_folder(&home, now)?;
    let script = folder.join("cell.sh");
    let put = |path: &Path, text: &str| {
        record::write_atomic(path, text.as_bytes()).map_err(SweepError::io("write", path))
    };
    put(&script, &cell_script(&plan.dir.join("cells"), cache, worker))?;
    let line = |&index: &usize| {
        let (cell, backend) = (&plan.file.cells[index], &plan.configs[index].backend);
        let (device, threads) = (backend.kind.row().burn_device, backend.threads);
        format!("/bin/sh {} {} {device} {threads}\n", path(&script), cell.id)
    };
    let list = folder.join("list");
    put(&list, &due.iter().map(line).collect::<String>())?;
    Ok((list, due.len()))
}

fn cell_script(cells: &Path, cache: &Path, worker: &Path) -> String {
    let threads: Vec<String> = THREADS.iter().map(|name| format!("{name}=$3")).collect();
    format!(
        "# cell.sh ID DEVICE THREADS: one cell, its output appended to its log.\n\
         dir={cells}/$1\n\
         export {threads}\n\
         export BURN_DEVICE=$2 CUBECL_ENVIRONMENT=resgan-$1\n\
         set -- {worker} cell --config \"$dir/config.toml\" --dir \"$dir\" --cache {cache}\n\
         attempt=$(grep -c '^=== attempt ' \"$dir/log.txt\" 2>/dev/null)\n\
         exec >>\"$dir/log.txt\" 2>&1\n\
         echo \"=== attempt $((${{attempt:-0}} + 1)), started $(date +%s) (unix seconds): $*\"\n\
         exec \"$@\"\n",
        cells = path(cells),
        threads = threads.join(" "),
        worker = path(worker),
        cache = path(cache),
    )
}

fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}
