//! What a training is, and what a judgement is.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::Path;

use config::{Experiment, Overrides, RunConfig, Source, SplitRule};

fn run(text: &str) -> RunConfig {
    RunConfig::from_toml(text, "run.toml").unwrap()
}

#[test]
fn the_part_that_is_judged_is_no_part_of_a_training_and_drawn_images_are() {
    let official = |text: &str| run(&format!("[data]\nsplit = \"official\"\n{text}"));
    let (test, validation) = (official(""), official("[eval]\npart = \"validation\"\n"));
    assert_eq!(test.cell_hash("faces"), validation.cell_hash("faces"));
    assert_ne!(test.judgement_hash(&unasked), validation.judgement_hash(&unasked));
    // Written out, a default is the same cell and judgement as before there was the key.
    let written = official("validation_per_class = 0\n[eval]\npart = \"test\"\n");
    assert_eq!(test.cell_hash("faces"), written.cell_hash("faces"));
    assert_eq!(test.judgement_hash(&unasked), written.judgement_hash(&unasked));
    assert!(!test.id_payload().contains("validation"));
    let fewer = official("validation_per_class = 50\n");
    assert_ne!(test.cell_hash("faces"), fewer.cell_hash("faces"));
}

/// For runs that judge what they were trained on.
fn unasked(_: &config::Data) -> Result<String, String> {
    panic!("no other data are judged")
}

#[test]
fn faces_of_another_source_change_the_judgement_by_what_they_are_and_not_by_where() {
    let of = |root: &str| run(&format!("[eval]\nsource = \"mtfl\"\nroot = \"{root}\"\n"));
    let print = |what: &'static str| {
        move |data: &config::Data| {
            assert_eq!((data.source, data.split), (Source::Mtfl, SplitRule::Paper));
            Ok(what.to_owned())
        }
    };
    let (here, there) = (of("here"), of("there"));
    assert_eq!(here.cell_hash("faces"), run("").cell_hash("faces"));
    assert_ne!(here.judgement_hash(&print("a")), run("").judgement_hash(&unasked));
    assert_eq!(here.judgement_hash(&print("a")), there.judgement_hash(&print("a")));
    assert_ne!(here.judgement_hash(&print("a")), there.judgement_hash(&print("b")));
    let none = here.judgement_hash(&|_| Err("set data.root".to_owned())).unwrap_err();
    assert_eq!(none, "eval.source: set eval.root");
    assert_eq!(run("").judged_elsewhere(), None);
}

#[test]
fn keys_of_eval_change_the_judgement_and_never_the_training() {
    let (plain, other) = (run(""), run("[eval]\njudge_seed = 7\n"));
    assert_eq!(plain.cell_hash("faces"), other.cell_hash("faces"));
    assert_ne!(plain.judgement_hash(&unasked).unwrap(), other.judgement_hash(&unasked).unwrap());
    let longer = run("[train]\nsteps = 7\n");
    assert_ne!(plain.cell_hash("faces"), longer.cell_hash("faces"));
    assert_eq!(plain.judgement_hash(&unasked).unwrap(), longer.judgement_hash(&unasked).unwrap());
}

#[test]
fn foreign_weights_count_by_content_and_start_at_the_file_that_names_them() {
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    };
    let named = |weights: &str| format!("[eval]\nlpips_weights = \"{weights}\"\n");
    file("weights/a.safetensors", "one");
    file("deep/b.safetensors", "one");
    file("deep/c.safetensors", "two");
    let load = |path: &Path| RunConfig::load(path, &[]).unwrap();
    let a = load(&file("deep/run-a.toml", &named("../weights/a.safetensors")));
    let b = load(&file("deep/run-b.toml", &named("b.safetensors")));
    let c = load(&file("deep/run-c.toml", &named("c.safetensors")));
    let hash = |run: &RunConfig| run.judgement_hash(&unasked).unwrap();
    assert_eq!(hash(&a), hash(&b));
    assert_ne!(hash(&a), hash(&c));
    assert_ne!(hash(&a), hash(&run("")));
    assert_eq!(a.cell_hash("faces"), run("").cell_hash("faces"));
    // A base's paths start at the base; the written-out configuration can be read from anywhere.
    let built = load(&file("run-d.toml", "base = \"deep/run-b.toml\"\n"));
    assert_eq!(hash(&built), hash(&b));
    assert_eq!(hash(&run(&built.to_toml())), hash(&b));
}

#[test]
fn judgements_cannot_vary_inside_an_experiment() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("base.toml"), "").unwrap();
    let load = |text: &str| {
        let path = dir.path().join("sweep.toml");
        fs::write(&path, format!("question = \"?\"\nbase = \"base.toml\"\n{text}")).unwrap();
        Experiment::load(&path, &Overrides::default())
    };
    assert!(load("[set]\n\"eval.judge_seed\" = 7\n").is_ok());
    for text in [
        "[factors]\n\"eval.judge_seed\" = [1, 2]\n",
        "[[zip]]\n\"eval.judge_seed\" = [1, 2]\n\"train.lr\" = [0.1, 0.2]\n",
        "[[include]]\n\"eval.judge_seed\" = 7\n",
    ] {
        let refused = load(text).unwrap_err().to_string();
        assert!(refused.contains("belong to the judgement"), "{refused}");
    }
}
