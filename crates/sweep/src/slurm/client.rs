//! Slurm's own programs, called and understood.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::error::SweepError;

/// A task that Slurm has in its queue: waiting, running, or on its way out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Queued {
    pub(crate) job: u64,
    /// Absent for a job that is no array.
    pub(crate) index: Option<usize>,
    pub(crate) name: String,
}

/// Calls one of Slurm's programs; gives its standard output.
fn call(program: &str, arguments: &[String]) -> Result<String, SweepError> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null());
    clean(&mut command);
    let output = command.output().map_err(|error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => format!(
                "there is no `{program}` here: run this on a machine that submits jobs to Slurm, or \
                 use --launcher local"
            ),
            _ => format!("cannot start `{program}`: {error}"),
        };
        SweepError::Launcher { reason }
    })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().map_or_else(|| "a signal".to_owned(), |code| code.to_string());
    let call = format!("{program} {}", arguments.join(" "));
    Err(SweepError::Launcher { reason: format!("`{call}` ended with {code}: {}", said.trim()) })
}

/// Submitting from inside a job must not hand that job's environment on, and variables of the user
/// must not override what scripts say: those of sbatch win over `#SBATCH` lines.
fn clean(command: &mut Command) {
    const OVERRIDES: [&str; 14] = [
        "SBATCH_ARRAY_INX",
        "SBATCH_CPUS_PER_TASK",
        "SBATCH_ERROR",
        "SBATCH_EXPORT",
        "SBATCH_JOB_NAME",
        "SBATCH_NO_REQUEUE",
        "SBATCH_OPEN_MODE",
        "SBATCH_OUTPUT",
        "SBATCH_REQUEUE",
        "SBATCH_SIGNAL",
        "SBATCH_TEST_ONLY",
        "SBATCH_WAIT",
        "SBATCH_HOLD",
        "SBATCH_NODES",
    ];
    OVERRIDES.iter().for_each(|name| {
        command.env_remove(name);
    });
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("SLURM_") && text != "SLURM_CONF" || text.starts_with("SQUEUE_") {
            command.env_remove(&name);
        }
    }
}

/// Submits a script; gives the number of the job.
pub(crate) fn submit(script: &Path, after: &[u64], hold: bool) -> Result<u64, SweepError> {
    let mut arguments = vec!["--parsable".to_owned()];
    if !after.is_empty() {
        let ids: Vec<String> = after.iter().map(u64::to_string).collect();
        arguments.push(format!("--dependency=afterany:{}", ids.join(":")));
    }
    if hold {
        arguments.push("--hold".to_owned());
    }
    arguments.push(script.display().to_string());
    let answer = call("sbatch", &arguments)?;
    job_number(&answer).ok_or_else(|| SweepError::Launcher {
        reason: format!("sbatch answered `{}` instead of a job's number", answer.trim()),
    })
}

/// `17` or, with several clusters, `17;name`, in the last line of what sbatch says.
fn job_number(answer: &str) -> Option<u64> {
    let line = answer.lines().rev().find(|line| !line.trim().is_empty())?;
    line.split(';').next()?.trim().parse().ok()
}

/// Asks whether Slurm would take a script, without submitting it.
pub(crate) fn test(script: &Path) -> Result<(), SweepError> {
    call("sbatch", &["--test-only".to_owned(), script.display().to_string()]).map(drop)
}

/// Whether this machine can submit jobs at all.
pub(crate) fn present() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join("sbatch").is_file())
}

/// Lets a job that was submitted held start.
pub(crate) fn release(job: u64) -> Result<(), SweepError> {
    call("scontrol", &["release".to_owned(), job.to_string()]).map(drop)
}

/// Takes jobs out of the queue, running or not.
pub(crate) fn cancel(jobs: &[u64]) -> Result<(), SweepError> {
    if jobs.is_empty() {
        return Ok(());
    }
    let arguments: Vec<String> =
        std::iter::once("--quiet".to_owned()).chain(jobs.iter().map(u64::to_string)).collect();
    call("scancel", &arguments).map(drop)
}

/// The tasks of these jobs that are in the queue.
pub(crate) fn queue(jobs: &[u64]) -> Result<Vec<Queued>, SweepError> {
    if jobs.is_empty() {
        return Ok(Vec::new());
    }
    let ids: Vec<String> = jobs.iter().map(u64::to_string).collect();
    let arguments = [
        "--noheader".to_owned(),
        "--array".to_owned(),
        "--format=%F|%K|%j".to_owned(),
        format!("--jobs={}", ids.join(",")),
    ];
    match call("squeue", &arguments) {
        Ok(text) => Ok(text.lines().filter_map(queued).collect()),
        // How squeue says that it knows none of them any more.
        Err(SweepError::Launcher { reason }) if reason.contains("Invalid job id") => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

fn queued(line: &str) -> Option<Queued> {
    let mut fields = line.splitn(3, '|').map(str::trim);
    let job = fields.next()?.parse().ok()?;
    let index = fields.next()?.parse().ok();
    Some(Queued { job, index, name: fields.next()?.to_owned() })
}

/// The largest number of tasks in one array.
pub(crate) fn largest_array() -> Result<usize, SweepError> {
    let text = call("scontrol", &["show".to_owned(), "config".to_owned()])?;
    let size = max_array_size(&text).ok_or_else(|| SweepError::Launcher {
        reason: "`scontrol show config` does not name MaxArraySize".to_owned(),
    })?;
    match size {
        0 | 1 => Err(SweepError::Launcher {
            reason: "this cluster allows no job arrays (MaxArraySize)".to_owned(),
        }),
        // Indices stay below MaxArraySize.
        size => Ok(size),
    }
}

fn max_array_size(config: &str) -> Option<usize> {
    let line = config.lines().find(|line| line.starts_with("MaxArraySize"))?;
    line.split('=').nth(1)?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_slurm_are_understood() {
        assert_eq!(job_number("17\n"), Some(17));
        assert_eq!(job_number("17;cluster\n"), Some(17));
        assert_eq!(job_number("sbatch: lua: welcome\n18\n"), Some(18));
        assert_eq!(job_number("refused"), None);
        let task = queued("12|3|dual-20261125-131500").unwrap();
        assert_eq!((task.job, task.index), (12, Some(3)));
        assert_eq!(task.name, "dual-20261125-131500");
        assert_eq!(queued("13|N/A|a|b").unwrap().index, None);
        assert_eq!(queued("squeue: nonsense"), None);
        assert_eq!(max_array_size("MaxArraySize            = 1001\n"), Some(1001));
        assert_eq!(max_array_size("MaxJobCount = 7"), None);
    }
}
