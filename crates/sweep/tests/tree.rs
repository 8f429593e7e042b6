//! A thousand finished cells: looked at quickly, and no changed byte goes unnoticed.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot set up its files should fail")]
#![allow(clippy::print_stdout, reason = "a test that measures says what it found")]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use config::{Experiment, Overrides};
use record::CellState;
use record::{FileProof, Manifest};
use sweep::{Earlier, Estimates, Plan, Removal, Tally};
use tempfile::TempDir;

/// Files that a cell's proof vouches for.
const RESULTS: [&str; 6] = [
    "config.toml",
    "provenance.json",
    "metrics.jsonl",
    "weights/g0.safetensors",
    "eval/images.csv",
    "samples/step-000040.png",
];

fn experiment(dir: &Path, seeds: u64, steps: usize) -> Experiment {
    fs::write(dir.join("base.toml"), format!("[train]\nsteps = {steps}\n")).unwrap();
    let seeds: Vec<String> = (1..=seeds).map(|seed| seed.to_string()).collect();
    let text = format!(
        "base = \"base.toml\"\nseeds = [{}]\n[factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n",
        seeds.join(", ")
    );
    fs::write(dir.join("big.toml"), text).unwrap();
    Experiment::load(&dir.join("big.toml"), &Overrides::default()).unwrap()
}

fn plan(dir: &Path, seeds: u64, steps: usize) -> Plan {
    let experiment = experiment(dir, seeds, steps);
    let fingerprint = |_: &config::Data| Ok("faces".to_owned());
    let origin = sweep::origin(&experiment.path, &Overrides::default());
    Plan::new(&experiment, &dir.join("results"), &fingerprint).unwrap().made_by(origin)
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn seal(dir: &Path, name: &str, hash: &str, files: &[&str]) {
    let files = files.iter().map(|file| FileProof::of(dir, file).unwrap()).collect();
    let manifest = Manifest { config_hash: hash.to_owned(), files, ..Manifest::default() };
    fs::write(dir.join(name), manifest.to_sealed().unwrap()).unwrap();
}

/// Every cell of the plan as a worker leaves it.
fn finish(plan: &Plan) {
    plan.write(None).unwrap();
    for (cell, run) in plan.runs() {
        let dir = plan.cell_dir(cell);
        RESULTS.iter().for_each(|name| write(&dir.join(name), &format!("{name} of {}", cell.id)));
        write(&dir.join("config.toml"), &run.to_toml());
        let log = |text: &str| record::checked_line(text);
        write(&dir.join("metrics.jsonl"), &log("{\"step\":40,\"g_loss\":1.5}"));
        let timing = "{\"step\":40,\"seconds\":80.0,\"pairs_per_second\":4.0}";
        write(&dir.join("timing.jsonl"), &log(timing));
        write(&dir.join("checkpoints/00000040/g0.safetensors"), &cell.id);
        seal(&dir.join("checkpoints/00000040"), "manifest.json", &cell.hash, &["g0.safetensors"]);
        seal(&dir, "done.json", &cell.hash, &RESULTS);
        write(
            &dir.join("state.json"),
            r#"{"state":"done","step":40,"steps":40,"attempt":"a-1","updated":1100,"peak_mib":300}"#,
        );
        write(
            &dir.join("owner.json"),
            r#"{"number":1,"attempt":"a-1","host":"here","pid":7,"started":1000}"#,
        );
    }
    for name in ["tables/cells.csv", "figures/losses.svg", "figures/losses.png", "report.html"] {
        write(&plan.dir.join(name), name);
    }
    let outputs = ["tables/cells.csv", "figures/losses.svg", "figures/losses.png", "report.html"];
    seal(&plan.dir, "outputs.json", "shown", &outputs);
}

fn tree(seeds: u64) -> (TempDir, Plan) {
    let dir = tempfile::tempdir().unwrap();
    let plan = plan(dir.path(), seeds, 40);
    finish(&plan);
    (dir, plan)
}

/// A number that only depends on its argument.
fn noise(n: u64) -> usize {
    let x = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((x ^ (x >> 31)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 33) as usize
}

#[test]
fn a_flipped_byte_anywhere_in_a_thousand_cells_is_found_and_its_file_named() {
    let (_dir, plan) = tree(500);
    let sound = sweep::verify(&plan.dir).unwrap();
    assert_eq!((sound.cells, sound.done, sound.checkpoints), (1000, 1000, 1000));
    assert_eq!((sound.outputs, sound.damages.len()), (Some(4), 0));
    let of_cells = ["done.json", "timing.jsonl", "checkpoints/00000040/manifest.json"];
    let of_cells = RESULTS.iter().chain(&of_cells).chain(&["checkpoints/00000040/g0.safetensors"]);
    let in_cells = of_cells.enumerate().map(|(kind, name)| {
        let cell = &plan.file.cells[noise(kind as u64) % plan.file.cells.len()];
        plan.cell_dir(cell).join(name)
    });
    let beside = ["plan.json", "outputs.json", "tables/cells.csv", "figures/losses.svg"];
    let beside = beside.iter().chain(&["figures/losses.png", "report.html"]);
    let files: Vec<PathBuf> = in_cells.chain(beside.map(|name| plan.dir.join(name))).collect();
    for (round, path) in files.iter().enumerate() {
        let whole = fs::read(path).unwrap();
        let mut changed = whole.clone();
        let position = noise(1000 + round as u64) % whole.len();
        changed[position] ^= 1 << (round % 7);
        fs::write(path, &changed).unwrap();
        let found = sweep::verify(&plan.dir).unwrap().damages;
        let named: Vec<&PathBuf> = found.iter().map(|damage| &damage.path).collect();
        assert_eq!(named, [path], "byte {position}: {found:?}");
        fs::write(path, whole).unwrap();
    }
    assert!(sweep::verify(&plan.dir).unwrap().damages.is_empty());
}

#[test]
fn planning_and_looking_at_finished_cells_is_quick() {
    for (seeds, limit) in [(500, 1), (2000, 2)] {
        let (dir, _) = tree(seeds);
        let start = Instant::now();
        let plan = plan(dir.path(), seeds, 40);
        let mut tally = Tally::new();
        record::glance(&plan.dir, &plan.file, false).for_each(|s| tally.add(&s, &plan.file));
        let (elapsed, cells) = (start.elapsed(), plan.file.cells.len());
        assert_eq!((tally.count(CellState::Done), tally.settled()), (cells, true));
        println!("{cells} finished cells planned and looked at in {elapsed:.2?}");
        assert!(elapsed < Duration::from_secs(limit), "{cells} cells took {elapsed:?}");
    }
}

#[test]
fn what_was_measured_is_expected_and_nothing_else() {
    let (dir, done) = tree(2);
    let longer = plan(dir.path(), 2, 100);
    let ids = |plan: &Plan| -> Vec<_> {
        plan.runs().map(|(cell, run)| (cell.id.clone(), run.clone())).collect()
    };
    let cells = ids(&longer);
    let pairs = || cells.iter().map(|(id, run)| (id.as_str(), run));
    // 2 s a step, and 20 s besides training; none of these cells ran, but cells of their shape.
    let expected = Estimates::measure(&done.dir, pairs()).of(&cells[0].1, 0);
    assert_eq!((expected.seconds, expected.memory_mib), (Some(220.0), Some(300.0)));
    assert!(expected.disk_mib.is_some_and(|mib| mib > 0.0));
    let behind = Estimates::measure(&done.dir, pairs()).of(&cells[0].1, 50);
    assert_eq!(behind.seconds, Some(120.0));
    // Another experiment beside it knows as well; another shape nobody.
    let other = done.dir.with_file_name("other");
    assert_eq!(Estimates::measure(&other, pairs()).of(&cells[0].1, 0), expected);
    let mut wider = cells[0].1.clone();
    wider.model.width += 2;
    let one = std::iter::once(("0123456789ab", &wider));
    let nothing = Estimates::measure(&done.dir, one).of(&wider, 0);
    assert_eq!(nothing, sweep::Expected::default());
}

#[test]
fn an_edited_experiment_says_what_changed_and_leaves_orphans() {
    let (dir, old) = tree(2);
    let new = plan(dir.path(), 2, 100);
    let (cell, run) = new.runs().next().unwrap();
    let reason = Earlier::read(&new.dir).reason(cell, run);
    assert!(reason.starts_with("new: train.steps 40 -> 100;"), "{reason}");
    new.write(None).unwrap();
    assert_eq!(Earlier::read(&new.dir).reason(cell, run), "new: never ran");

    let orphans = sweep::orphans(&new.dir, &new.file).unwrap();
    assert_eq!(orphans.len(), 4);
    assert!(orphans.iter().all(|o| o.state == CellState::Done && o.size_mib > 0.0));
    let factors = orphans[0].factors.as_ref().unwrap();
    assert!(factors.contains_key("losses.dual") && orphans[0].seed.is_some());
    let lock = fs::File::create(new.dir.join("cells").join(&orphans[1].id).join("lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(sweep::remove_orphan(&new.dir, &orphans[0]).unwrap(), Removal::Removed);
    assert_eq!(sweep::remove_orphan(&new.dir, &orphans[1]).unwrap(), Removal::Busy);
    let left = || fs::read_dir(new.dir.join("cells")).unwrap().count();
    assert_eq!((left(), old.file.cells.len()), (3, 4));

    // What is removed is decided by the plan of that moment, and only by one of this directory.
    old.write(None).unwrap();
    assert_eq!(sweep::remove_orphan(&new.dir, &orphans[2]).unwrap(), Removal::Planned);
    let mut foreign = new.clone();
    foreign.file.experiment += ".v2";
    foreign.write(None).unwrap();
    let refused = sweep::remove_orphan(&new.dir, &orphans[2]).unwrap_err().to_string();
    assert!(refused.contains("nothing was removed"), "{refused}");
    assert!(sweep::orphans(&new.dir, &foreign.file).is_err());
    assert_eq!(left(), 3);
}

#[test]
fn a_worker_elsewhere_is_running_as_long_as_it_speaks() {
    let (_dir, plan) = tree(1);
    let cell = &plan.file.cells[0];
    let home = plan.cell_dir(cell);
    fs::remove_file(home.join("done.json")).unwrap();
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    for (ago, state) in [(10, CellState::Running), (400, CellState::Interrupted)] {
        let updated = now.as_secs() - ago;
        let text = format!(
            r#"{{"state":"running","phase":"train","step":10,"steps":40,"rate":2.0,"eta_s":15.0,
               "host":"node7","pid":9,"attempt":"b-1","updated":{updated}}}"#
        );
        fs::write(home.join("state.json"), text).unwrap();
        let status = record::glance_cell(&plan.dir, cell, false);
        assert_eq!(status.state, state);
        let mut tally = Tally::new();
        tally.add(&status, &plan.file);
        assert_eq!(tally.eta_s(), (state == CellState::Running).then_some(15.0));
    }
}
