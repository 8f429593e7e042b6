//! The recipes of `docs/extending.md`, applied to a copy of this tree, built, tested and run.
//!
//! It builds this workspace a second time (libraries of others are taken over), which takes minutes.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod page;
mod tree;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// Runs a program in the copy; its words if it failed.
fn run(program: &Path, arguments: &[&str], root: &Path, target: &Path) -> String {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root).env("CARGO_TARGET_DIR", target);
    // What is computed here is little: compiling fast beats running fast.
    command.env("CARGO_PROFILE_DEV_OPT_LEVEL", "0");
    // This test's own variables are not the copy's.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("CARGO_PKG_")) {
        command.env_remove(name);
    }
    let output = command.env_remove("CARGO_MANIFEST_DIR").output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    assert!(output.status.success(), "{} {arguments:?}\n{}", program.display(), said.concat());
    said.concat()
}

/// Pictures of the source's recipe: bright above in one class, below in the other.
fn pictures(root: &Path) {
    for (class, directory) in ["with", "without"].into_iter().enumerate() {
        fs::create_dir_all(root.join(directory)).unwrap();
        for number in 0..24u8 {
            let pixel = |x: u32, y: u32| {
                let bright = (y < 109) == (class == 0);
                let noise = (x * 7 + y * 13 + u32::from(number) * 29) % 60;
                image::Rgb([if bright { 180 } else { 40 } + noise as u8, 100, number * 5])
            };
            let picture = image::RgbImage::from_fn(178, 218, pixel);
            picture.save(root.join(directory).join(format!("{number:02}.png"))).unwrap();
        }
    }
}

const EXPERIMENT: &str = "question = \"Do the recipes work?\"
base = \"../configs/quickstart.toml\"
seeds = [1]

[set]
\"data.source\" = \"sorted\"
\"data.split\" = \"paper\"
\"data.attribute\" = \"beret\"
\"data.size\" = 16
\"model.width\" = 4
\"losses.perceptual_layer\" = 2
\"train.steps\" = 12
\"train.batch\" = 2
\"train.log_every\" = 1
\"eval.classifier_steps\" = 2
\"eval.judge_width\" = 2
\"eval.least_accuracy\" = 0.01

[factors]
\"losses.colour\" = [0.0, 1.0]
";

#[test]
fn every_recipe_of_the_page_builds_and_shows_what_it_adds() {
    let dir = tempfile::tempdir().unwrap();
    let (root, target) = (dir.path().join("tree"), dir.path().join("target"));
    if tree::copy(&root).is_none() {
        eprintln!("SKIPPED: no git checkout to copy");
        return;
    }
    let page = fs::read_to_string(root.join("docs/extending.md")).unwrap();
    let sections = [
        ("A loss term", 3),
        ("An attribute", 3),
        ("A data source", 3),
        ("A metric or judge", 3),
        ("A figure", 3),
        ("A backend", 5),
    ];
    for (section, most) in sections {
        let steps = page::steps(&page, |heading| heading == section);
        assert!((1..=most).contains(&steps.len()), "{section}: {} files", steps.len());
        for step in &steps {
            eprintln!("{section}: {}", step.file());
            step.apply(&root);
        }
    }
    tree::seed(&target);

    // As a reader would go on: the pages, the new tests, a sweep.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let cargo = Path::new(&cargo);
    run(cargo, &["fmt", "--all", "--check"], &root, &target);
    let mut features = std::env::var("RESGAN_FEATURES").unwrap_or_default();
    let has_wgpu = features.split(',').any(|feature| feature.ends_with("wgpu"));
    if has_wgpu {
        features += ",resgan/software";
    }
    let with = |words: &[&'static str]| [words, &["--features", features.as_str()]].concat();
    run(cargo, &with(&["build", "--package", "resgan", "--package", "xtask"]), &root, &target);
    // The crates that the recipes touch.
    let touched = ["-p", "losses", "-p", "metrics", "-p", "data", "-p", "resgan"];
    let mut tests = with(&[&["test", "--lib"][..], &touched].concat());
    tests.extend(["--", "colour", "below_the_threshold", "every_source"]);
    let told = run(cargo, &tests, &root, &target);
    for test in
        ["changes_that_cancel_leave", "a_change_below_the_threshold", "every_source_has_one_reader"]
    {
        assert!(told.contains(test), "{test} did not run:\n{told}");
    }
    let [xtask, worker] = ["xtask", "resgan"].map(|name| target.join("debug").join(name));
    let probe = Command::new(&worker).args(["probe", "software"]).output().unwrap();
    let said = String::from_utf8_lossy(&[probe.stdout, probe.stderr].concat()).into_owned();
    match has_wgpu {
        true => assert!(probe.status.success(), "no Vulkan driver on the processor: {said}"),
        false => assert!(said.contains("build it with") && said.contains("software"), "{said}"),
    }
    pictures(&root.join("pictures"));
    fs::write(root.join("experiments/recipes.toml"), EXPERIMENT).unwrap();
    let words = ["run", "recipes", "--set", "data.root=pictures", "--worker"];
    run(&xtask, &[&words[..], &[worker.to_str().unwrap()]].concat(), &root, &target);

    let results = root.join("results/recipes");
    let plan: Value =
        serde_json::from_slice(&fs::read(results.join("plan.json")).unwrap()).unwrap();
    let mut terms = Vec::new();
    for cell in plan["cells"].as_array().unwrap() {
        let cell = results.join("cells").join(cell["id"].as_str().unwrap());
        let read = |name: &str| fs::read_to_string(cell.join(name)).unwrap();
        let log = read("metrics.jsonl");
        let line: Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
        terms.push(line["g_colour"].as_f64());
        let table = read("eval/images.csv");
        assert!(table.lines().next().unwrap().contains(",changed_share,"), "{table}");
        assert!(read("eval/attributes.csv").contains(",beret,"));
        assert!(read("config.toml").contains("alpha = 0.0005"), "the base's alpha");
    }
    // One arm has the term, the other never computed it.
    terms.sort_by_key(Option::is_some);
    assert!(terms[0].is_none() && terms[1].is_some_and(|term| term > 0.0), "{terms:?}");
    let losses = fs::read_to_string(results.join("figures/losses.svg")).unwrap();
    assert!(losses.contains("G: colour term (weighted)"));
    let bars = fs::read_to_string(results.join("figures/removed.svg")).unwrap();
    assert!(bars.contains("recipes: judged success of removing"));
}
