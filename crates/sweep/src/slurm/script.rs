//! The text of batch scripts.

use std::path::Path;

use config::Resources;
use record::quoted;

use crate::child::THREADS;
use crate::slurm::arrays::Array;

/// What every task does after its own lines.
const TASK: &str = include_str!("task.sh");

/// Where things lie that scripts of one submission name.
pub(crate) struct Places<'a> {
    /// Name of every job of the submission.
    pub(crate) job_name: &'a str,
    /// The submission's own folder.
    pub(crate) folder: &'a Path,
    /// Directories of cells.
    pub(crate) cells: &'a Path,
    /// Data and judges shared by all cells.
    pub(crate) cache: &'a Path,
    /// The pinned worker.
    pub(crate) worker: &'a Path,
}

/// The script of an array of cells.
pub(crate) fn cells(places: &Places<'_>, array: &Array, resources: &Resources) -> String {
    let body = format!(
        "dir={}/$id\n\
         requeues={}/requeues/$id progress_of=$dir/state.json\n\
         {TASK}\n\
         arguments=(cell --config \"$dir/config.toml\" --dir \"$dir\" --cache {})\n\
         [ \"$restart\" -ge 1 ] && arguments+=(--takeover)\n\
         run_worker \"$dir/log.txt\" {} \"${{arguments[@]}}\"\n",
        path(places.cells),
        path(places.folder),
        path(places.cache),
        path(places.worker),
    );
    array_script(places, array, resources, &body)
}

/// The script of an array of preparations.
pub(crate) fn preparation(places: &Places<'_>, array: &Array, resources: &Resources) -> String {
    let body = format!(
        "folder={}\n\
         requeues=$folder/requeues/prepare-$id progress_of=/dev/null\n\
         {TASK}\n\
         run_worker \"$folder/prepare-$id.log\" {} prepare --config {}/$id/config.toml --cache {}\n",
        path(places.folder),
        path(places.worker),
        path(places.cells),
        path(places.cache),
    );
    array_script(places, array, resources, &body)
}

/// The script of the job that writes tables, figures and the page at the end.
pub(crate) fn report(
    places: &Places<'_>,
    xtask: &Path,
    results: &Path,
    experiment: &str,
    resources: &Resources,
) -> String {
    let mut text = header(places, "out/report-%j.out", resources, 1);
    push_setup(&mut text, resources);
    let (xtask, results) = (path(xtask), path(results));
    text.push_str(&format!("exec {xtask} --results {results} report {}\n", quoted(experiment)));
    text
}

fn array_script(places: &Places<'_>, array: &Array, resources: &Resources, body: &str) -> String {
    let output = format!("out/{}-%A_%a.out", array.name);
    let mut text = header(places, &output, resources, array.cpus);
    let limit = resources.max_running.map_or_else(String::new, |limit| format!("%{limit}"));
    directive(&mut text, "array", &format!("0-{}{limit}", array.cells.len() - 1));
    directive(&mut text, "signal", &format!("USR1@{}", resources.grace));
    text.push_str("#SBATCH --requeue\n");
    push_setup(&mut text, resources);
    let list = path(&places.folder.join(format!("{}.list", array.name)));
    let (cpus, most) = (array.cpus, resources.max_requeues);
    let threads: Vec<String> = THREADS.iter().map(|name| format!("{name}=$cpus")).collect();
    let threads = threads.join(" ");
    text.push_str(&format!(
        "# Task number N works on line N + 1 of the list: a cell's id and burn's name of its device.\n\
         read -r id device <<<\"$(sed -n \"$((SLURM_ARRAY_TASK_ID + 1))p\" {list})\"\n\
         cpus={cpus} max_requeues={most}\n\
         export {threads}\n\
         export BURN_DEVICE=$device CUBECL_ENVIRONMENT=resgan-$id\n\
         {body}"
    ));
    text
}

/// What the scheduler reads. `output` is a pattern below the folder.
fn header(places: &Places<'_>, output: &str, resources: &Resources, cpus: u64) -> String {
    let mut text = "#!/bin/bash\n".to_owned();
    directive(&mut text, "job-name", places.job_name);
    // A % in the folder's name is none of a pattern.
    let folder = places.folder.to_string_lossy().replace('%', "%%");
    directive(&mut text, "output", &format!("{folder}/{output}"));
    text.push_str("#SBATCH --open-mode=append\n#SBATCH --nodes=1\n#SBATCH --ntasks=1\n");
    directive(&mut text, "cpus-per-task", &cpus.to_string());
    let wishes = [
        ("partition", &resources.partition),
        ("account", &resources.account),
        ("qos", &resources.qos),
        ("time", &resources.time),
        ("mem", &resources.mem),
        ("gres", &resources.gres),
        ("constraint", &resources.constraint),
    ];
    for (key, value) in wishes {
        if let Some(value) = value {
            directive(&mut text, key, value);
        }
    }
    resources.extra.iter().for_each(|option| text.push_str(&format!("#SBATCH {option}\n")));
    text
}

fn push_setup(text: &mut String, resources: &Resources) {
    text.push('\n');
    for line in &resources.setup {
        text.push_str(line);
        text.push('\n');
    }
}

/// One option as sbatch reads it out of a script: with double quotes where blanks are.
fn directive(text: &mut String, key: &str, value: &str) {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./,:=@%+&|[]*()".contains(c);
    let value = match value.chars().all(plain) {
        true => value.to_owned(),
        false => format!("\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\"")),
    };
    text.push_str(&format!("#SBATCH --{key}={value}\n"));
}

/// A path as the shell reads it back.
fn path(path: &Path) -> String {
    quoted(&path.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use config::SlurmProfile;

    use super::*;
    use crate::slurm::arrays::Class;

    const PROFILE: &str = "partition = \"main\"\ntime = \"04:00:00\"\nconstraint = \"a&b\"\n\
                           max_running = 2\ngrace = 150\nmax_requeues = 5\n\
                           extra = [\"--mail-type=FAIL\"]\nsetup = [\"module load gcc\"]\n";

    fn text(of: fn(&Places<'_>, &Array, &Resources) -> String, folder: &str) -> String {
        let profile = SlurmProfile::from_toml(PROFILE, "p.toml").unwrap();
        let places = Places {
            job_name: "dual-20261125-131500",
            folder: Path::new(folder),
            cells: Path::new("/r/dual/cells"),
            cache: Path::new("/r/my cache"),
            worker: Path::new("/r/dual/workers/00/resgan"),
        };
        let array = Array {
            name: "processor-2t".to_owned(),
            class: Class::Processor,
            cpus: 2,
            cells: (0..12).collect(),
            chained: false,
        };
        of(&places, &array, &profile.processor)
    }

    #[test]
    fn what_the_scheduler_reads_stands_before_the_first_command() {
        let text = text(cells, "/r/dual/slurm/1");
        let expected = "#!/bin/bash
#SBATCH --job-name=dual-20261125-131500
#SBATCH --output=/r/dual/slurm/1/out/processor-2t-%A_%a.out
#SBATCH --open-mode=append
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=2
#SBATCH --partition=main
#SBATCH --time=04:00:00
#SBATCH --constraint=a&b
#SBATCH --mail-type=FAIL
#SBATCH --array=0-11%2
#SBATCH --signal=USR1@150
#SBATCH --requeue

module load gcc
";
        assert_eq!(&text[..expected.len()], expected);
        assert!(text.contains("\ncpus=2 max_requeues=5\n"));
        assert!(text.contains(
            "arguments=(cell --config \"$dir/config.toml\" --dir \"$dir\" --cache '/r/my cache')"
        ));
        assert!(text.contains("[ \"$restart\" -ge 1 ] && arguments+=(--takeover)"));
    }

    #[test]
    fn a_preparation_takes_nothing_over() {
        let text = text(preparation, "/r/dual/slurm/1");
        assert!(
            text.contains(
                "/r/dual/workers/00/resgan prepare --config /r/dual/cells/$id/config.toml"
            )
        );
        assert!(!text.contains("--takeover"));
    }

    #[test]
    fn blanks_and_patterns_in_paths_are_kept_from_slurm_and_shell() {
        let text = text(cells, "/r/50% of \"it\"/1");
        assert!(
            text.contains(
                "#SBATCH --output=\"/r/50%% of \\\"it\\\"/1/out/processor-2t-%A_%a.out\"\n"
            )
        );
        assert!(text.contains("'/r/50% of \"it\"/1/processor-2t.list'"));
    }

    #[test]
    fn scripts_are_valid_shell() {
        for of in [cells, preparation] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("script.sh");
            std::fs::write(&path, text(of, "/r/a b/1")).unwrap();
            let status = std::process::Command::new("bash").arg("-n").arg(&path).status().unwrap();
            assert!(status.success());
        }
    }
}
