//! The command line as a person meets it, with a worker that trains nothing.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::Command;
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

/// A directory with an experiment of two arms and two seeds, and its results.
struct Bench {
    dir: TempDir,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        // Small cells: however little memory the machine has left, two fit.
        let base = "[data]\nsize = 32\n[model]\nwidth = 4\n[train]\nsteps = 40\nbatch = 4\n";
        fs::write(dir.path().join("base.toml"), base).unwrap();
        let experiment = "question = \"Does it work?\"\nbase = \"base.toml\"\nseeds = [1, 2]\n\
                          [factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
                          [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n";
        fs::write(dir.path().join("tiny.toml"), experiment).unwrap();
        Bench { dir }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn results(&self) -> PathBuf {
        self.path("results")
    }

    /// Tells the worker how to behave, see fake-worker.sh.
    fn tell(&self, file: &str, content: &str) {
        let cache = self.results().join("cache");
        fs::create_dir_all(&cache).unwrap();
        fs::write(cache.join(file), content).unwrap();
    }

    fn calls(&self, word: &str) -> usize {
        let text = fs::read_to_string(self.results().join("cache/calls")).unwrap_or_default();
        text.lines().filter(|line| line.contains(word)).count()
    }

    fn command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_xtask"));
        command.current_dir(self.dir.path()).arg("--results").arg(self.results()).args(arguments);
        command
    }

    fn xtask(&self, arguments: &[&str]) -> Output {
        Command::from_std(self.command(arguments)).output().unwrap()
    }

    fn run_command(&self, arguments: &[&str]) -> std::process::Command {
        let mut command = self.command(&["run", "tiny.toml", "--jobs", "2", "--worker"]);
        command.arg(worker()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::from_std(self.run_command(arguments)).output().unwrap()
    }

    /// A run with no flag but these.
    fn run_alone(&self, arguments: &[&str]) -> Output {
        self.xtask(&[&["run", "tiny.toml"], arguments].concat())
    }

    /// Starts a run and waits until two cells are in the middle of their work.
    fn run_midway(&self) -> Child {
        self.tell("steps", "40");
        let mut command = self.run_command(&[]);
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let start = Instant::now();
        while self.midway() < 2 {
            assert!(start.elapsed() < Duration::from_secs(30), "no cell got going");
            std::thread::sleep(Duration::from_millis(20));
        }
        child
    }

    fn midway(&self) -> usize {
        let cells = fs::read_dir(self.results().join("tiny/cells")).into_iter().flatten();
        cells.flatten().filter(|cell| cell.path().join("checkpoints/step").exists()).count()
    }
}

fn worker() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/sweep/tests/fake-worker.sh")
}

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_child(child), signal).unwrap();
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_misspelt_key_is_refused_with_the_nearest_one_and_touches_nothing() {
    let bench = Bench::new();
    let output = bench.run(&["--set", "losses.perceptul=1"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("did you mean `losses.perceptual_"), "{}", err(&output));
    assert!(!bench.results().exists());
}

#[test]
fn nan_is_refused_with_file_line_and_caret_and_touches_nothing() {
    let bench = Bench::new();
    fs::write(bench.path("base.toml"), "[losses]\nalpha = nan\n").unwrap();
    let output = bench.run(&[]);
    assert_eq!(code(&output), 2);
    let text = err(&output);
    assert!(text.contains("base.toml:2") && text.contains("^^^"), "{text}");
    assert!(!bench.results().exists());
}

#[test]
fn missing_data_is_refused_before_anything_is_built() {
    let bench = Bench::new();
    let set = ["--set", "data.source=celeba", "--set", "data.root=nowhere"];
    let output = bench.xtask(&[&["run", "tiny.toml"][..], &set].concat());
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("nowhere") && err(&output).contains("--set data.root="));
    assert!(!bench.results().exists());
}

#[test]
fn a_dry_run_lists_every_cell_with_its_reason_and_touches_nothing() {
    let bench = Bench::new();
    let output = bench.run(&["--dry-run"]);
    assert_eq!(code(&output), 0);
    assert_eq!(out(&output).matches("new: never ran").count(), 4);
    assert!(out(&output).contains("4 cells, 4 of them would run, 2 at a time"));
    assert!(!bench.results().exists());
}

#[test]
fn a_dry_run_needs_no_data() {
    let bench = Bench::new();
    let set = "data.source=celeba";
    for extra in [&["--set", set][..], &["--set", set, "--set", "data.root=nowhere"]] {
        let output = bench.run(&[&["--dry-run"], extra].concat());
        assert_eq!(code(&output), 0, "{}", err(&output));
        assert_eq!(out(&output).matches("data not found").count(), 4);
        assert!(out(&output).contains("4 cells, 0 of them would run"));
    }
}

#[test]
fn a_complete_run_compares_and_plots_and_runs_nothing_twice() {
    let bench = Bench::new();
    let output = bench.run(&[]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("report.html"), "{}", out(&output));
    assert!(bench.results().join("tiny/report.html").exists());

    let again = bench.run(&[]);
    assert_eq!((code(&again), bench.calls("start")), (0, 4));
    let compared = bench.xtask(&["compare", "tiny", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&compared.stdout).unwrap();
    assert_eq!((&json["experiment"], &json["complete"]), (&"tiny".into(), &true.into()));
}

#[test]
fn a_sweep_with_its_factor_fixed_is_complete_without_a_comparison() {
    let bench = Bench::new();
    let output = bench.run(&["--set", "losses.dual=none"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(out(&output).contains("nothing to compare"), "{}", out(&output));
    assert_eq!(bench.calls("start"), 2);
}

#[test]
fn a_failing_cell_makes_the_exit_code_1_and_shows_its_log() {
    let bench = Bench::new();
    let listed = out(&bench.run(&["--dry-run"]));
    let id = listed.lines().nth(1).unwrap().split_whitespace().next().unwrap();
    bench.tell(&format!("behave-{id}"), "fail");
    let output = bench.run(&[]);
    assert_eq!((code(&output), bench.calls("start")), (1, 4));
    let text = err(&output);
    assert!(text.contains("| the loss was sad") && text.contains("3 of 4 cells done"), "{text}");

    // Without being asked nothing is retried, and the sweep stays incomplete.
    let again = bench.run(&[]);
    assert_eq!((code(&again), bench.calls("start")), (1, 4));
    assert!(err(&again).contains("--retry-failed"));
    // Nothing is claimed of a part of a sweep; what is missing is named with its remedy.
    let refused = bench.xtask(&["compare", "tiny"]);
    assert_eq!((code(&refused), out(&refused).as_str()), (2, ""));
    let text = err(&refused);
    assert!(text.contains("3 of 4 cells are complete") && text.contains(id), "{text}");
    assert!(text.contains("tiny.toml --retry-failed` completes it"), "{text}");
    let partial = bench.xtask(&["compare", "tiny", "--partial", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&partial.stdout).unwrap();
    let rows = json["rows"].as_array().unwrap();
    assert!(rows.iter().all(|r| r["verdict"] == "incomplete" && r["p_t"].is_null()));
    assert_eq!(code(&bench.xtask(&["report", "tiny"])), 0);

    bench.tell(&format!("behave-{id}"), "");
    assert_eq!(code(&bench.run(&["--retry-failed"])), 0);
    assert_eq!(code(&bench.xtask(&["compare", "tiny"])), 0);
}

#[test]
fn what_is_left_out_of_the_data_is_said_on_the_screen() {
    let bench = Bench::new();
    bench.tell("warn", "");
    let output = bench.run(&[]);
    assert_eq!(code(&output), 0);
    assert!(err(&output).contains("warning: 2 images are left out"), "{}", err(&output));
}

#[test]
fn data_that_cannot_be_prepared_are_bad_input() {
    let bench = Bench::new();
    bench.tell("behave-prepare", "fail");
    let output = bench.run(&[]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("| no faces"), "{}", err(&output));
}

#[test]
fn a_stopped_sweep_saves_its_cells_and_resumes_them() {
    for stop in [Signal::INT, Signal::TERM] {
        let bench = Bench::new();
        let child = bench.run_midway();
        signal(&child, stop);
        let output = child.wait_with_output().unwrap();
        assert_eq!(code(&output), 75);
        assert!(err(&output).contains("resume with: cargo xtask"), "{}", err(&output));
        assert_eq!((bench.calls("start"), bench.calls("interrupted")), (2, 2));
        let status = out(&bench.xtask(&["status", "tiny"]));
        assert_eq!(status.matches("interrupted at step").count(), 2, "{status}");

        let resumed = bench.run(&[]);
        assert_eq!(code(&resumed), 0, "{}", err(&resumed));
        // Two cells from the start, the other two from where they were.
        assert_eq!((bench.calls("start"), bench.calls(" 0 threads")), (6, 4));
    }
}

#[test]
fn a_second_signal_ends_workers_that_do_not_stop() {
    let bench = Bench::new();
    bench.tell("behave-all", "stubborn");
    let child = bench.run_midway();
    signal(&child, Signal::TERM);
    std::thread::sleep(Duration::from_millis(300));
    signal(&child, Signal::TERM);
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), bench.calls("end")), (75, 0));
    let status = out(&bench.xtask(&["status", "tiny"]));
    assert_eq!(status.matches("ended without a word").count(), 2, "{status}");
}

#[test]
fn status_is_one_json_document() {
    let bench = Bench::new();
    bench.run(&[]);
    let output = bench.xtask(&["status", "tiny", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cells = json["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 4);
    assert!(cells.iter().all(|cell| cell["state"] == "done" && cell["attempt"] == "a"));
    assert_eq!(cells[0]["factors"]["losses.dual"], "adversarial");
}

#[test]
fn status_follows_a_sweep_to_its_end_and_lists_running_cells() {
    let bench = Bench::new();
    let child = bench.run_midway();
    let follow = bench.xtask(&["status", "tiny", "--watch"]);
    child.wait_with_output().unwrap();
    let text = out(&follow);
    assert!(text.lines().last().unwrap().contains("4 of 4 cells done (4 done)"), "{text}");
    assert!(text.lines().count() > 1, "no change was seen: {text}");
    let refused = bench.xtask(&["status", "tiny", "--watch", "--format", "json"]);
    assert_eq!(code(&refused), 2);
}

#[test]
fn a_failed_cell_shows_its_error_and_is_retried_alone_with_the_options_of_the_last_run() {
    let bench = Bench::new();
    let set = ["--set", "train.lr=1e-3"];
    let listed = out(&bench.run(&[&["--dry-run"], &set[..]].concat()));
    let ids: Vec<&str> =
        listed.lines().skip(1).take(4).map(|l| l.split_whitespace().next().unwrap()).collect();
    bench.tell(&format!("behave-{}", ids[0]), "fail");
    bench.tell(&format!("behave-{}", ids[1]), "fail");
    assert_eq!(code(&bench.run(&set)), 1);
    let output = bench.xtask(&["status", "tiny", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let cell = &json["cells"][0];
    assert_eq!((&cell["state"], &cell["error"]), (&"failed".into(), &"the loss was sad".into()));
    assert!(cell["log"].as_str().unwrap().ends_with("log.txt"));
    assert_eq!(json["counts"]["failed"], 2);

    let retry = |cells: &[&str]| {
        let worker = worker();
        let options = ["--", "--worker", worker.to_str().unwrap()];
        bench.xtask(&[&["retry", "tiny"], cells, &options].concat())
    };
    for (name, hint) in [("", "begin with"), ("zzz", "did you mean"), (ids[2], "is done")] {
        let refused = retry(&[name]);
        assert_eq!(code(&refused), 2, "{name}");
        assert!(err(&refused).contains(hint), "{name}: {}", err(&refused));
    }
    bench.tell(&format!("behave-{}", ids[0]), "");
    let one = retry(&[&ids[0][..8]]);
    assert_eq!((code(&one), bench.calls("start")), (0, 5), "{}", err(&one));
    assert!(out(&one).contains("3 of 4 cells are"), "{}", out(&one));
    bench.tell(&format!("behave-{}", ids[1]), "");
    assert_eq!((code(&retry(&[])), bench.calls("start")), (0, 6));
    assert!(out(&retry(&[])).contains("no cell has failed"));
}

#[test]
fn cells_of_an_edited_experiment_stay_until_they_are_cleaned() {
    let bench = Bench::new();
    bench.run(&[]);
    fs::write(bench.path("base.toml"), "[train]\nsteps = 50\n").unwrap();
    let output = bench.run(&["--dry-run", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&json["orphans"], &json["runs"]), (&4.into(), &4.into()));
    let reason = json["cells"][0]["reason"].as_str().unwrap();
    assert!(reason.contains("train.steps 40 -> 50"), "{reason}");
    assert_eq!(json["cells"][0]["state"], "waiting");
    assert!(json["cells"][0]["expected"]["memory_mib"].is_null(), "nothing was measured");
    assert!(json["free"]["disk_mib"].as_f64().unwrap() > 0.0);

    let run = bench.run(&[]);
    assert!(err(&run).contains("nothing is deleted"), "{}", err(&run));
    let cells = || fs::read_dir(bench.results().join("tiny/cells")).unwrap().count();
    let refused = bench.xtask(&["clean", "tiny", "--orphans"]);
    assert_eq!((code(&refused), cells()), (2, 8));
    assert!(out(&refused).contains("losses.dual=none"), "{}", out(&refused));
    assert_eq!(code(&bench.xtask(&["clean", "tiny", "--orphans", "--yes"])), 0);
    assert_eq!(cells(), 4);
    assert_eq!(code(&bench.xtask(&["verify", "tiny"])), 0);
}

#[test]
fn verify_reads_tables_and_figures_and_says_when_they_are_outdated() {
    let bench = Bench::new();
    bench.run(&[]);
    let sound = bench.xtask(&["verify", "tiny"]);
    assert!(!err(&sound).contains("warning"), "{}", err(&sound));
    let page = bench.results().join("tiny/report.html");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text.replacen("Does it work?", "Does it walk?", 1)).unwrap();
    let output = bench.xtask(&["verify", "tiny"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("report.html was changed"), "{}", err(&output));
    assert_eq!(code(&bench.xtask(&["report", "tiny"])), 0);
    assert_eq!(code(&bench.xtask(&["verify", "tiny"])), 0);
    // Tables of four cells are no tables of two.
    bench.run(&["--set", "losses.dual=none"]);
    fs::remove_file(bench.results().join("tiny/outputs.json")).unwrap();
    assert!(out(&bench.xtask(&["verify", "tiny"])).contains("no tables and figures"));
}

#[test]
fn verify_names_the_file_that_was_changed() {
    let bench = Bench::new();
    bench.run(&[]);
    assert_eq!(code(&bench.xtask(&["verify", "tiny"])), 0);
    let cells = bench.results().join("tiny/cells");
    let cell = fs::read_dir(cells).unwrap().next().unwrap().unwrap().path();
    fs::write(cell.join("eval/summary.json"), "{}").unwrap();
    let output = bench.xtask(&["verify", "tiny"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("eval/summary.json has 2 bytes"), "{}", err(&output));
}

#[test]
fn results_of_an_experiment_that_never_ran_are_bad_input() {
    let bench = Bench::new();
    for command in ["status", "compare", "landmarks", "plot", "report", "verify"] {
        let output = bench.xtask(&[command, "tiny.toml"]);
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains("has not run yet"), "{}", err(&output));
    }
}

#[test]
fn landmarks_say_when_there_are_none_and_show_what_a_cell_has() {
    let bench = Bench::new();
    bench.run(&[]);
    let none = bench.xtask(&["landmarks", "tiny"]);
    assert_eq!(code(&none), 2);
    assert!(err(&none).contains("no complete cell has eval/landmarks.csv"), "{}", err(&none));

    for cell in fs::read_dir(bench.results().join("tiny/cells")).unwrap() {
        add_landmarks(&cell.unwrap().path());
    }
    let shown = bench.xtask(&["landmarks", "tiny"]);
    assert_eq!(code(&shown), 0, "{}", err(&shown));
    // With 6 and 8, removed 5 and 6: 1.5 of the 3 to the faces without.
    let text = out(&shown);
    assert!(text.contains("+1.50 [") && text.contains("50 %"), "{text}");
    let arm = bench.xtask(&["landmarks", "tiny", "--arm", "none", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&arm.stdout).unwrap();
    assert_eq!(json["arms"].as_array().unwrap().len(), 1);
    assert_eq!(json["arms"][0]["rows"][0]["gain"]["difference"], 1.5);
    let unknown = bench.xtask(&["landmarks", "tiny", "--arm", "nonne"]);
    assert_eq!(code(&unknown), 2);
    assert!(err(&unknown).contains("did you mean `none`?"), "{}", err(&unknown));
    // At the end of a run the table stands below the comparison.
    assert!(out(&bench.run(&[])).contains("landmarks before and after the edit"));
}

/// Writes landmark errors into a finished cell and proves them.
fn add_landmarks(cell: &Path) {
    let mut text = String::from(
        "image,group,detector,training,nme,left_eye,right_eye,nose,left_mouth,right_mouth\n",
    );
    for (image, group, nme) in [
        ("a.png", "with", 6),
        ("b.png", "with", 8),
        ("a.png", "removed", 5),
        ("b.png", "removed", 6),
        ("c.png", "without", 4),
    ] {
        text += &format!("{image},{group},cnn,mixed,{nme},1,2,3,4,5\n");
    }
    fs::write(cell.join("eval/landmarks.csv"), &text).unwrap();
    let done = fs::read_to_string(cell.join("done.json")).unwrap();
    let mut done: serde_json::Value = serde_json::from_str(&done).unwrap();
    let blake3 = blake3::hash(text.as_bytes()).to_hex().to_string();
    let proof = serde_json::json!(
        {"path": "eval/landmarks.csv", "bytes": text.len(), "blake3": blake3}
    );
    done["files"].as_array_mut().unwrap().push(proof);
    fs::write(cell.join("done.json"), done.to_string()).unwrap();
}

#[test]
fn doctor_knows_every_backend_and_flex_is_always_usable() {
    let output = Bench::new().xtask(&["doctor", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let backends = json["backends"].as_array().unwrap();
    assert_eq!(backends.len(), 3);
    assert_eq!((&backends[0]["kind"], &backends[0]["usable"]), (&"flex".into(), &true.into()));
    assert!(backends.iter().all(|b| b["usable"] == true || b["remedy"].is_string()));
}

#[test]
fn the_reference_page_is_current() {
    let output = Bench::new().xtask(&["docs", "--check"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
}

/// A pipe that nobody reads.
fn closed_pipe() -> Stdio {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer.into()
}

#[test]
fn printing_into_a_closed_pipe_ends_quietly() {
    use std::os::unix::process::ExitStatusExt;
    let bench = Bench::new();
    bench.run(&[]);
    for arguments in [&["status", "tiny"][..], &["verify", "tiny"], &["doctor"], &["--help"]] {
        let mut command = bench.command(arguments);
        let child = command.stdout(closed_pipe()).stderr(Stdio::piped()).spawn().unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(err(&output), "", "{arguments:?}");
        assert_eq!(output.status.signal(), Some(Signal::PIPE.as_raw()), "{arguments:?}");
    }
}

#[test]
fn a_sweep_goes_on_when_nobody_reads_what_it_says() {
    let bench = Bench::new();
    let mut command = bench.run_command(&[]);
    command.stdout(closed_pipe()).stderr(closed_pipe()).spawn().unwrap().wait().unwrap();
    let status = out(&bench.xtask(&["status", "tiny"]));
    assert!(status.contains("4 of 4 cells done"), "{status}");
}

#[test]
fn a_timeout_fails_the_cell_and_says_how_to_go_on() {
    let bench = Bench::new();
    bench.tell("steps", "100");
    let output = bench.run(&["--timeout", "1s", "--seeds", "1"]);
    assert_eq!(code(&output), 1);
    let text = err(&output);
    assert!(text.contains("did not finish within 1 s") && text.contains("go on with: cargo xtask"));
    assert!(!text.contains("--retry-failed"), "{text}");
    bench.tell("steps", "2");
    assert_eq!(code(&bench.run(&["--seeds", "1"])), 0);
}

#[test]
fn durations_that_are_none_and_contradictions_are_refused() {
    let bench = Bench::new();
    let output = bench.run(&["--timeout", "soon"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("`soon` is no duration"), "{}", err(&output));
    let output = bench.run(&["--fail-fast", "--keep-going"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("cannot be used with"), "{}", err(&output));
    assert!(!bench.results().exists());
}

#[test]
fn a_crash_is_tried_again_as_often_as_asked() {
    let bench = Bench::new();
    bench.tell("behave-all", "crash 1");
    let output = bench.run(&["--retries", "0", "--seeds", "1", "--fail-fast"]);
    assert_eq!(code(&output), 1);
    assert!(err(&output).contains("was killed (signal 9"), "{}", err(&output));
    let bench = Bench::new();
    bench.tell("behave-all", "crash 1");
    let output = bench.run(&["--retries", "1", "--seeds", "1"]);
    assert_eq!((code(&output), bench.calls("start")), (0, 4), "{}", err(&output));
    assert!(err(&output).contains("retry 1 of 1 in 5 s"), "{}", err(&output));
}

#[test]
fn what_the_machine_failed_goes_on_by_the_same_command() {
    let bench = Bench::new();
    bench.tell("behave-all", "infrastructure 1");
    let output = bench.run(&["--retries", "0"]);
    let text = err(&output);
    assert_eq!(code(&output), 1, "{text}");
    assert!(text.contains("go on with: ") && !text.contains("--retry-failed"), "{text}");
    assert_eq!(code(&bench.run(&[])), 0);
}

#[test]
fn cells_share_a_gpu_only_when_asked() {
    let bench = Bench::new();
    let arguments = ["--dry-run", "--backend", "wgpu", "--jobs", "3"];
    assert!(out(&bench.run_alone(&arguments)).contains("4 of them would run, 1 at a time"));
    let arguments = [&arguments[..], &["--per-device", "2"]].concat();
    assert!(out(&bench.run_alone(&arguments)).contains("4 of them would run, 2 at a time"));
}

#[test]
fn a_target_of_the_fuzzer_that_there_is_not_is_bad_input_with_the_list() {
    let bench = Bench::new();
    let output = bench.xtask(&["fuzz", "plam", "--runs", "1"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("no target `plam`"), "{}", err(&output));
    assert!(err(&output).contains("run-config, experiment"), "{}", err(&output));
    let list = bench.xtask(&["fuzz", "list"]);
    assert_eq!(code(&list), 0);
    assert!(out(&list).contains("plan.json with its seal"), "{}", out(&list));
}
