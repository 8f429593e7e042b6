//! What a person sees when a configuration is wrong: file, line, caret, remedy.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::PathBuf;

use config::{Experiment, Overrides, RunConfig};

fn refusal(text: &str) -> String {
    RunConfig::from_toml(text, "run.toml").expect_err("must be refused").to_string()
}

#[test]
fn a_misspelt_key_proposes_the_nearest_one() {
    insta::assert_snapshot!(refusal("[losses]\nperceptul_layer = 1\n"));
}

#[test]
fn nan_is_refused_with_a_caret_under_the_value() {
    insta::assert_snapshot!(refusal("[losses]\nalpha = nan\n"));
}

#[test]
fn infinity_is_out_of_range() {
    assert!(refusal("[losses]\nalpha = inf\n").contains("number >= 0"));
    assert!(refusal("[train]\nlr = -inf\n").contains("run.toml:2"));
}

#[test]
fn a_wrong_type_says_what_was_expected_and_found() {
    insta::assert_snapshot!(refusal("[train]\nsteps = \"many\"\n"));
}

#[test]
fn a_misspelt_word_proposes_the_nearest_one() {
    insta::assert_snapshot!(refusal("[losses]\ndual = \"adverserial\"\n"));
}

#[test]
fn broken_toml_points_at_the_place() {
    insta::assert_snapshot!(refusal("[train]\nsteps = = 3\n"));
}

#[test]
fn a_key_given_twice_is_refused() {
    assert!(refusal("\"train.steps\" = 1\n[train]\nsteps = 2\n").contains("given twice"));
}

#[test]
fn an_impossible_combination_points_at_the_key_to_change() {
    insta::assert_snapshot!(refusal("[data]\nsize = 32\n[losses]\nperceptual_layer = 4\n"));
    assert!(refusal("[data]\nsource = \"celeba\"\n").contains("data.root"));
    assert!(
        refusal("[data]\nsource = \"mtfl\"\nroot = \"x\"\nattribute = \"young\"\n")
            .contains("MTFL labels eyeglasses")
    );
    assert!(refusal("[losses]\nperceptual_layer = 1\nperceptual_tap = \"norm\"\n").contains("tap"));
    assert!(refusal("[losses]\ndual = \"both\"\nlambda = 0\n").contains("lambda"));
    let beard = refusal("data.attribute = \"no-beard\"\nlosses.paired = 1e-3\n");
    assert!(beard.contains("run.toml:2") && beard.contains("cannot be drawn"), "{beard}");
    let hat = refusal(
        "data.source = \"celeba\"\ndata.root = \"x\"\ndata.attribute = \"hat\"\nlosses.alpha_inside = 0.5\n\
         eval.region = \"eyes\"\n",
    );
    assert!(hat.contains("run.toml:4") && hat.contains("has no region of \"hat\""), "{hat}");
}

#[test]
fn keys_of_a_folder_are_refused_where_they_would_do_nothing() {
    let of = |source: &str, key: &str| {
        refusal(&format!("[data]\nsource = \"{source}\"\nroot = \"x\"\n{key}\n"))
    };
    let five = "alignment = \"five-point\"";
    for (told, said) in [
        (of("celeba", five), "images of source \"celeba\" are aligned already"),
        (of("folder", &format!("{five}\ncrop = \"made\"")), "takes images whole"),
        (of("celeba", "table = \"labels.csv\""), "reads the lists of its data set"),
        (of("lfw", "crop = \"made\""), "for copies of CelebA and folders"),
    ] {
        assert!(told.contains(said) && told.contains("run.toml:4"), "{told}");
    }
    let text = "[data]\nroot = \"x\"\nalignment = \"five-point\"\nsource = ";
    for source in ["folder", "lfw", "mtfl"] {
        assert!(RunConfig::from_toml(&format!("{text}\"{source}\""), "run.toml").is_ok());
    }
}

#[test]
fn a_part_without_images_cannot_be_judged() {
    let with = |data: &str| {
        let text = format!("[data]\n{data}[eval]\npart = \"validation\"\n");
        RunConfig::from_toml(&text, "run.toml").map(|run| run.eval.part)
    };
    let refused = |data: &str| with(data).expect_err("must be refused").to_string();
    let text = refused("");
    assert!(text.contains("run.toml:3") && text.contains("no validation images"), "{text}");
    assert!(text.contains("set data.validation_per_class above 0, or use data.split"), "{text}");
    // MTFL's test images are apart under either rule, and it has no others beside the web images.
    let mtfl = "source = \"mtfl\"\nroot = \"x\"\nsplit = \"official\"\n";
    let text = refused(mtfl);
    assert!(text.contains("set data.validation_per_class above 0"), "{text}");
    assert!(!text.contains("data.split ="), "{text}");
    for data in [
        "split = \"official\"\n",
        "source = \"celeba\"\nroot = \"x\"\nsplit = \"official\"\n",
        "validation_per_class = 1\n",
        &format!("{mtfl}validation_per_class = 100\n"),
    ] {
        assert_eq!(with(data).unwrap(), config::JudgedPart::Validation, "{data}");
    }
}

#[test]
fn faces_of_another_source_are_judged_where_they_can_be_placed_and_are_labelled() {
    let judged = |eval: &str, data: &str| {
        let text = format!("[eval]\n{eval}\n[data]\n{data}");
        RunConfig::from_toml(&text, "run.toml").map(|run| run.judged_elsewhere())
    };
    let mtfl = "source = \"mtfl\"\nroot = \"x\"";
    for (eval, data, said) in [
        ("source = \"mtfl\"", "", "needs `eval.root`"),
        ("root = \"x\"", "", "`eval.root` without `eval.source`"),
        (mtfl, "source = \"lfw\"\nroot = \"y\"", "MTFL's test images are of LFW, which trains"),
        (mtfl, "attribute = \"no-beard\"", "source \"mtfl\" does not label \"no-beard\""),
        (mtfl, "source = \"folder\"\nroot = \"y\"\ncrop = \"made\"", "nobody knows which frame"),
        (&format!("{mtfl}\npart = \"validation\""), "split = \"official\"", "no validation images"),
    ] {
        let told = judged(eval, data).expect_err("must be refused").to_string();
        assert!(told.contains(said) && told.contains("run.toml:"), "{told}");
    }
    let data = judged(mtfl, "size = 32\nattribute = \"male\"").unwrap().unwrap();
    assert_eq!((data.root.as_str(), data.size, data.attribute.name()), ("x", 32, "male"));
    assert!(judged("source = \"synthetic\"", "").unwrap().is_some());
}

#[test]
fn weights_are_asked_for_by_who_judges_alone() {
    for key in ["identity_weights", "lpips_weights"] {
        let text = format!("[eval]\n{key} = \"nowhere.safetensors\"\n");
        let refused = RunConfig::from_toml(&text, "run.toml")
            .unwrap()
            .judgement_hash(&|_| unreachable!())
            .unwrap_err();
        assert!(refused.contains(key) && refused.contains("nowhere.safetensors"), "{refused}");
    }
    let text = refusal(
        "[data]\nsize = 16\n[losses]\nperceptual_layer = 2\n[eval]\nlpips_weights = \"x\"\n",
    );
    assert!(text.contains("31 pixels"), "{text}");
}

/// A directory with a base run and an experiment; the path of the experiment.
fn experiment(base: &str, text: &str) -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("base.toml"), base).unwrap();
    let path = dir.path().join("sweep.toml");
    fs::write(&path, text).unwrap();
    (dir, path)
}

fn set(assignments: &[&str]) -> Overrides {
    Overrides { set: assignments.iter().map(|s| s.to_string()).collect(), ..Overrides::default() }
}

#[test]
fn an_unknown_key_on_the_command_line_names_the_option() {
    let (_dir, path) = experiment("", "base = \"base.toml\"\n");
    let error = Experiment::load(&path, &set(&["losses.perceptul=1"])).unwrap_err();
    insta::assert_snapshot!(error.to_string());
}

#[test]
fn a_factor_level_is_checked_like_any_value() {
    let (_dir, path) =
        experiment("", "base = \"base.toml\"\n[factors]\n\"losses.dual\" = [\"none\", \"nine\"]\n");
    let error = Experiment::load(&path, &Overrides::default()).unwrap_err().to_string();
    assert!(error.contains("sweep.toml:3") && error.contains("did you mean \"none\"?"), "{error}");
}

#[test]
fn a_missing_base_is_shown_where_it_is_named() {
    let (_dir, path) = experiment("", "base = \"nowhere.toml\"\n");
    let error = Experiment::load(&path, &Overrides::default()).unwrap_err().to_string();
    assert!(error.contains("nowhere.toml") && error.contains("sweep.toml:1"), "{error}");
}

#[test]
fn the_product_is_factors_times_zip_times_seeds_without_the_excluded() {
    let (_dir, path) = experiment(
        "[train]\nsteps = 7\n",
        "base = \"base.toml\"\nseeds = [1, 2]\n\
         [factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
         [[zip]]\n\"data.attribute\" = [\"eyeglasses\", \"male\"]\n\"train.batch\" = [8, 16]\n\
         [[exclude]]\n\"losses.dual\" = \"none\"\n\"data.attribute\" = \"male\"\n\
         [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n",
    );
    let sweep = Experiment::load(&path, &Overrides::default()).unwrap();
    assert_eq!(sweep.cells.len(), (2 * 2 - 1) * 2);
    let male = sweep.cells.iter().find(|c| c.factors["data.attribute"] == "male").unwrap();
    assert_eq!((male.config.train.batch, male.config.train.steps), (16, 7));
    // The default of alpha follows the attribute of the cell.
    assert_eq!(male.config.losses.alpha, 1e-6);
    assert_eq!(sweep.compare.unwrap().baseline, "none");
}

#[test]
fn a_key_set_outside_is_no_factor_any_more() {
    let (_dir, path) = experiment(
        "",
        "base = \"base.toml\"\n[factors]\n\"losses.dual\" = [\"adversarial\", \"none\"]\n\
         [compare]\nfactor = \"losses.dual\"\nbaseline = \"none\"\n",
    );
    let sweep = Experiment::load(&path, &set(&["losses.dual=both"])).unwrap();
    assert_eq!(sweep.cells.len(), 1);
    assert!(sweep.factors.is_empty() && sweep.compare.is_none());
}

#[test]
fn repeated_backends_are_a_factor() {
    let (_dir, path) = experiment("", "base = \"base.toml\"\n");
    let backends = vec!["flex".to_owned(), "libtorch".to_owned()];
    let overrides = Overrides { backends, ..Overrides::default() };
    let sweep = Experiment::load(&path, &overrides).unwrap();
    assert_eq!(
        sweep.factors,
        [("backend.kind".to_owned(), vec!["flex".into(), "libtorch".into()])]
    );
    let wrong = Overrides { backends: vec!["tpu".into()], ..Overrides::default() };
    assert!(Experiment::load(&path, &wrong).unwrap_err().to_string().contains("--backend"));
}

#[test]
fn a_resolved_run_loads_again_to_the_same_value_and_id() {
    let run = RunConfig::from_toml("[data]\nattribute = \"young\"\n", "run.toml").unwrap();
    let again = RunConfig::from_toml(&run.to_toml(), "resolved.toml").unwrap();
    assert_eq!(run, again);
    assert_eq!(run.id_payload(), again.id_payload());
}

#[test]
fn the_id_ignores_formatting_and_cosmetic_keys_but_no_other() {
    let id = |text: &str| RunConfig::from_toml(text, "run.toml").unwrap().id_payload();
    let plain = id("[train]\nsteps = 10\nbatch = 4\n");
    assert_eq!(plain, id("# a comment\n[train]\nbatch=4\nsteps = 10\ncheckpoint_every = 3\n"));
    assert_ne!(plain, id("[train]\nsteps = 11\nbatch = 4\n"));
    assert_ne!(plain, id("[train]\nsteps = 10\nbatch = 4\n[losses]\nbeta = 1e-9\n"));
}

#[test]
fn every_key_has_a_meaning_and_the_committed_page_is_current() {
    assert!(RunConfig::keys().iter().all(|key| key.doc.len() > 8));
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/configuration.md");
    let committed = fs::read_to_string(page).unwrap_or_default();
    assert!(
        committed == config::reference_page(),
        "docs/configuration.md is out of date: run `cargo xtask docs`"
    );
}

/// What is shipped, by folder. What else lies there is the user's: it need not even load.
const SHIPPED: [(&str, &[&str]); 4] = [
    (
        "configs",
        &[
            "backends",
            "celeba",
            "folder",
            "landmarks",
            "lfw",
            "mtfl",
            "paper",
            "quickstart",
            "small",
            "synthetic",
        ],
    ),
    (
        "experiments",
        &[
            "backends",
            "dual",
            "folder",
            "landmark-gain",
            "loss-terms",
            "mtfl-glasses",
            "paper",
            "quickstart",
            "residual",
        ],
    ),
    ("configs/slurm", &["example"]),
    ("configs/command", &["parallel"]),
];

#[test]
fn every_shipped_configuration_and_experiment_loads() {
    let root = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    for (folder, names) in SHIPPED {
        for name in names {
            let path = root.join(folder).join(format!("{name}.toml"));
            let loaded = match folder {
                "configs" => RunConfig::load(&path, &["data.root=somewhere".to_owned()]).map(drop),
                "configs/slurm" => config::SlurmProfile::load(&path).map(drop),
                "configs/command" => config::CommandProfile::load(&path).map(drop),
                _ => Experiment::load(&path, &set(&["data.root=somewhere"])).map(|sweep| {
                    assert!(sweep.question.ends_with('?'), "{name} opens with its question");
                }),
            };
            loaded.unwrap_or_else(|e| panic!("{e}"));
        }
    }
}
