//! `status`, `retry`, `clean`, `verify`, `landmarks`, `doctor`: what stands there.

use super::*;

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
