//! Same seed, same metrics, byte for byte: run twice, resumed, and resumed past a damaged checkpoint.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use config::RunConfig;
use data::Prepared;
use model::weights;
use record::{Build, Claim, Contest};
use train::{Outcome, Progress, Stop, Training};

fn settings(steps: usize, more: &str) -> RunConfig {
    let text = format!(
        "[data]\nsize = 16\nsynthetic_count = 48\n[model]\nwidth = 4\n\
         [losses]\ndual = \"both\"\nperceptual_layer = 2\n[train]\nsteps = {steps}\nbatch = 4\nlog_every = 1\n\
         checkpoint_every = 2\nsample_every = 100\nema = 0.9\n{more}"
    );
    RunConfig::from_toml(&text, "test").unwrap()
}

fn faces(cache: &Path) -> Prepared {
    data::prepare(&settings(1, "").data, config::JudgedPart::Test, cache, &|_, _| {}).unwrap()
}

fn train(run: &RunConfig, data: &Prepared, dir: &Path, stop: &Stop) -> Outcome {
    fs::create_dir_all(dir).unwrap();
    let device = backend::open(&run.backend).unwrap();
    let claim = Claim::take(dir, Contest::Refuse).unwrap();
    let training = Training {
        run,
        config_hash: "the same run",
        build: &Build::default(),
        claim: &claim,
        dir,
        data,
        device: &device,
        stop,
    };
    training.run(&Progress::new(dir, run.train.steps, &claim)).unwrap()
}

/// The metrics as written, and the weights of both generators.
fn trained(run: &RunConfig, data: &Prepared, dir: &Path) -> (Vec<u8>, Vec<u8>) {
    let Outcome::Finished { g0, g1, .. } = train(run, data, dir, &Stop::default()) else {
        panic!("training did not finish");
    };
    let mut bytes = weights::to_bytes(&weights::collect(&g0));
    bytes.extend(weights::to_bytes(&weights::collect(&g1)));
    (fs::read(dir.join("metrics.jsonl")).unwrap(), bytes)
}

fn checkpoint(dir: &Path, step: usize) -> PathBuf {
    dir.join("checkpoints").join(format!("{step:08}"))
}

#[test]
fn a_run_repeats_and_resumes_byte_for_byte() {
    for kind in backend::compiled().into_iter().filter(|kind| kind.row().repeats) {
        repeats_and_resumes(&format!("\n[backend]\nkind = \"{kind}\""));
    }
}

#[test]
fn what_is_drawn_for_a_batch_and_old_edits_resume_too() {
    let root = tempfile::tempdir().unwrap();
    let data = faces(&root.path().join("cache"));
    let more = "replay = 6\ninstance_noise = 0.1\naugment_discriminator = \"colour-shift\"";
    let run = settings(7, more);
    let straight = trained(&run, &data, &root.path().join("straight"));
    let cut = root.path().join("cut");
    trained(&run, &data, &cut);
    fs::remove_dir_all(checkpoint(&cut, 7)).unwrap();
    assert!(checkpoint(&cut, 6).join("replay.safetensors").is_file());
    assert!(trained(&run, &data, &cut) == straight);

    // Stopped before there was an edit to keep.
    let (stopped, stop) = (root.path().join("stopped"), Stop::default());
    stop.request();
    train(&run, &data, &stopped, &stop);
    assert!(trained(&run, &data, &stopped) == straight);
}

fn repeats_and_resumes(backend: &str) {
    let settings = |steps, more: &str| settings(steps, &format!("{more}{backend}"));
    let root = tempfile::tempdir().unwrap();
    let data = faces(&root.path().join("cache"));
    let straight = trained(&settings(7, ""), &data, &root.path().join("straight"));
    let lines = String::from_utf8(straight.0.clone()).unwrap();
    assert_eq!(lines.lines().count(), 7);

    let again = trained(&settings(7, ""), &data, &root.path().join("again"));
    assert!(straight == again, "the same seed gives the same bytes");
    let seed = trained(&settings(7, "seed = 2"), &data, &root.path().join("seed"));
    assert!(straight.0 != seed.0, "another seed gives others");

    // Cut at step 5, whose checkpoint stands beside that of step 4.
    let resumed = root.path().join("resumed");
    trained(&settings(5, ""), &data, &resumed);
    assert!(trained(&settings(7, ""), &data, &resumed) == straight);
    assert!(!checkpoint(&resumed, 4).exists(), "only the newest two are kept");

    // One flipped byte in the newest checkpoint: the older one is taken, steps 5 to 7 run again.
    let damaged = root.path().join("damaged");
    trained(&settings(5, ""), &data, &damaged);
    let file = checkpoint(&damaged, 5).join("d.safetensors");
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&file, bytes).unwrap();
    assert!(trained(&settings(7, ""), &data, &damaged) == straight);
}

#[test]
fn a_stop_leaves_a_checkpoint_to_resume_from() {
    let root = tempfile::tempdir().unwrap();
    let data = faces(&root.path().join("cache"));
    let straight = trained(&settings(3, ""), &data, &root.path().join("straight"));
    let stop = Stop::default();
    stop.request();
    let dir = root.path().join("stopped");
    assert!(matches!(
        train(&settings(3, ""), &data, &dir, &stop),
        Outcome::Interrupted { step: 0 }
    ));
    assert!(checkpoint(&dir, 0).join("manifest.json").exists());
    assert!(trained(&settings(3, ""), &data, &dir) == straight);
}

#[test]
fn a_sample_grid_shows_both_directions() {
    let root = tempfile::tempdir().unwrap();
    let data = faces(&root.path().join("cache"));
    trained(&settings(2, ""), &data, root.path());
    let grid = image::open(root.path().join("samples/step-000002.png")).unwrap().to_rgb8();
    // Three rows per direction and a column per test face, each at least 96 pixels.
    let columns = data.split.test_positive.len().min(8) as u32;
    assert!(columns > 1 && grid.width() > columns * 96 && grid.height() > 6 * 96);
}
