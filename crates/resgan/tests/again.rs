//! Finished cells that are judged or trained again: what stands counts until something whole takes
//! its place.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use common::trace::{self, Unmet, can_trace, numbered, on_all_cores, scratch};
use common::{Place, content, copy};
use record::{Again, Proof};

/// Another judgement of the same training.
const OTHER: &str = "eval.judge_seed=7";

/// A place whose cell `before` is finished, and whose cell `after` is the same, judged as [`OTHER`].
fn place() -> Place {
    static MADE: LazyLock<Place> = LazyLock::new(|| {
        let place = Place::new(4);
        let (code, messages) = place.run("before");
        assert_eq!(code, 0, "{messages}");
        copy(&place.path("before"), &place.path("after"));
        judged(&place, "after");
        place
    });
    MADE.copied()
}

fn judged(place: &Place, dir: &str) {
    let output = place.rejudge(&[], dir, &[OTHER]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn done(place: &Place, dir: &str) -> serde_json::Value {
    serde_json::from_slice(&place.read(&format!("{dir}/done.json"))).unwrap()
}

/// Whether everything stands that `done.json` lists.
fn is_whole(place: &Place, dir: &str) -> bool {
    let hash = done(place, "before")["config_hash"].as_str().unwrap().to_owned();
    Proof::read(&place.path(dir), "done.json", &hash) == Proof::Sound
}

/// A judgement's tables.
fn tables(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut tables = content(dir);
    tables.retain(|path, _| !path.ends_with("provenance.json"));
    tables
}

#[test]
fn judging_again_replaces_the_judgement_and_nothing_of_the_training() {
    let place = place();
    for file in ["trained.json", "config.toml", "provenance.json", "weights/g1.safetensors"] {
        assert_eq!(place.read(&format!("before/{file}")), place.read(&format!("after/{file}")));
    }
    assert_ne!(tables(&place.path("before/eval")), tables(&place.path("after/eval")));
    let text = String::from_utf8(place.read("after/eval/config.toml")).unwrap();
    assert!(text.contains("judge_seed = 7"), "{text}");
    let (before, after) = (done(&place, "before"), done(&place, "after"));
    assert_eq!(before["made"]["training"], after["made"]["training"]);
    for key in ["keys", "judges", "quality"] {
        let judged = |done: &serde_json::Value| done["made"]["judged"][key].clone();
        assert!(!judged(&before).is_null());
        assert_ne!(judged(&before), judged(&after), "{key}");
    }
    // Every judge by its weights: those in the cache now.
    for judge in after["made"]["judged"]["judges"].as_array().unwrap() {
        let weights = judge["weights"].as_str().unwrap();
        let files = fs::read_dir(place.path("cache/judges")).unwrap().flatten();
        let same = |bytes: Vec<u8>| blake3::hash(&bytes).to_hex().as_str() == weights;
        assert!(files.into_iter().any(|file| same(fs::read(file.path()).unwrap())), "{judge}");
    }
    assert!(is_whole(&place, "after"));
    assert_eq!(scratch(&place.path("after")), [""; 0].map(PathBuf::from));

    // Asked as before, it is judged as before.
    let output = place.rejudge(&[], "after", &["eval.judge_seed=1000"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(
        content(&place.path("before/eval")).keys().collect::<Vec<_>>(),
        content(&place.path("after/eval")).keys().collect::<Vec<_>>()
    );
    let [before, after] = ["before", "after"].map(|dir| tables(&place.path(dir).join("eval")));
    assert_eq!(before, after);
}

#[test]
fn what_somebody_keeps_in_a_cell_outlasts_its_being_made_again() {
    let place = place();
    let mine =
        ["notes.md", "eval/plots/p.png", "eval/notes.md", "weights/best.txt", "samples/mine.png"];
    for name in mine {
        let path = place.path("before").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    let all_there = |what: &str| {
        for name in mine {
            let kept = fs::read_to_string(place.path("before").join(name));
            assert_eq!(kept.ok().as_deref(), Some(name), "{what}");
        }
    };
    judged(&place, "before");
    all_there("judged again");
    Again::Training.ask(&place.path("before")).unwrap();
    fs::create_dir_all(place.path("before/replaced")).unwrap();
    fs::write(place.path("before/replaced/mine"), "mine").unwrap();
    let (code, messages) = place.run("before");
    assert_eq!(code, 0, "{messages}");
    all_there("trained again");
    assert_eq!(content(&place.path("before/replaced")).len(), 1);
}

#[test]
fn a_cell_is_judged_on_faces_of_another_source_by_judges_of_its_own() {
    let place = place();
    let faces = data::synthetic::Spec { count: 200, seed: 9, correlation: 0.5 };
    data::synthetic::write(&place.path("faces"), &faces, &|_, _| {}).unwrap();
    let root = format!("eval.root={}", serde_json::json!(place.path("faces")));
    let elsewhere = ["eval.source=celeba", root.as_str()];
    let output = place.rejudge(&[], "after", &elsewhere).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let (before, after) = (done(&place, "before"), done(&place, "after"));
    let judged = |done: &serde_json::Value, key: &str| done["made"]["judged"][key].clone();
    assert_eq!(judged(&before, "judges"), judged(&after, "judges"));
    assert_ne!(judged(&before, "keys"), judged(&after, "keys"));
    assert_eq!(
        (judged(&before, "part"), judged(&after, "part")),
        ("test".into(), "CelebA test".into())
    );
    let rows = |dir: &str| {
        let text = String::from_utf8(place.read(&format!("{dir}/eval/images.csv"))).unwrap();
        text.lines()
            .skip(1)
            .map(|row| row.split(',').next().unwrap().to_owned())
            .collect::<BTreeSet<_>>()
    };
    // The data that trained have 64 images, numbered from 1.
    let other = |name: &String| name.as_str() > "000064.jpg";
    assert!(rows("after").iter().any(other) && !rows("before").iter().any(other));

    // Other faces in the same place are another judgement; none are refused before anything is touched.
    let sound = content(&place.path("after"));
    fs::remove_file(place.path("faces/list_attr_celeba.txt")).unwrap();
    let output = place.rejudge(&[], "after", &elsewhere).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && told.contains("eval.source: "), "{told}");
    assert_eq!(content(&place.path("after")), sound);
}

#[test]
fn what_is_no_trained_cell_or_no_key_of_eval_is_refused_before_anything_is_judged() {
    let place = place();
    let sound = content(&place.path("before"));
    for (dir, set, words) in [
        ("cache", OTHER, "is no trained cell"),
        ("before", "train.steps=9", "is no key of [eval]"),
        ("before", "eval.judge_sed=9", "did you mean `eval.judge_seed`"),
    ] {
        let output = place.rejudge(&[], dir, &[set]).output().unwrap();
        let messages = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && messages.contains(words), "{messages}");
    }
    assert_eq!(content(&place.path("before")), sound);
    // Nor is a wish left in a cell that somebody works on.
    let held = record::Lock::exclusive(&place.path("before/lock")).unwrap();
    let output = place.rejudge(&[], "before", &[OTHER]).output().unwrap();
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(1) && messages.contains("another process"), "{messages}");
    assert_eq!(content(&place.path("before")), sound);
    drop(held);
}

#[test]
fn killed_anywhere_while_it_is_judged_again_a_cell_keeps_one_whole_judgement() {
    if !can_trace() {
        return;
    }
    let place = place();
    copy(&place.path("before"), &place.path("traced"));
    let lines =
        trace::calls(&place.path("trace"), |strace| place.rejudge(strace, "traced", &[OTHER]));
    let [old, new] = ["before", "after"].map(|dir| tables(&place.path(dir).join("eval")));
    let faults = numbered(&lines, 0..lines.len());
    assert!(faults.len() > 20, "{lines:?}");
    let unmet = Unmet::among(faults.len());
    on_all_cores(&faults, |index, (kind, number)| {
        let (dir, what) = (format!("kill-{index}"), format!("{kind} {number}, killed"));
        copy(&place.path("before"), &place.path(&dir));
        let fault = format!("{kind}:signal=KILL:when={number}");
        let (status, _) = trace::faulty(&fault, |strace| place.rejudge(strace, &dir, &[OTHER]));
        if !unmet.killed(status, &what) {
            return;
        }
        let kept = [dir.clone() + "/eval", dir.clone() + "/eval.before"];
        let kept = kept.map(|kept| tables(&place.path(&kept)));
        match is_whole(&place, &dir) {
            true => assert!(kept[0] == old || kept[0] == new, "{what}: a mixture counts"),
            false => assert!(kept[1] == old, "{what}: the old judgement is gone"),
        }
        let asked = place.path(&dir).join(Again::FILE).exists();
        // A sweep that goes on does what was asked for.
        let (code, messages) = place.run(&dir);
        assert_eq!(code, 0, "after {what}: {messages}");
        assert!(is_whole(&place, &dir), "after {what}");
        let now = tables(&place.path(&dir).join("eval"));
        assert!(now == new || (now == old && !asked), "after {what}");
        let left = [Again::FILE, "eval.before"].map(|left| place.path(&dir).join(left).exists());
        assert_eq!(left, [false; 2], "after {what}");
        assert_eq!(scratch(&place.path(&dir)), [""; 0].map(PathBuf::from), "after {what}");
        fs::remove_dir_all(place.path(&dir)).unwrap();
    });
}

#[test]
fn killed_anywhere_while_it_is_trained_again_a_cell_comes_to_the_same_bytes() {
    if !can_trace() {
        return;
    }
    let place = Place::new(4);
    assert_eq!(place.run("straight").0, 0);
    let asked = |dir: &str| {
        copy(&place.path("straight"), &place.path(dir));
        Again::Training.ask(&place.path(dir)).unwrap();
    };
    asked("traced");
    let lines = trace::calls(&place.path("trace"), |strace| place.command(strace, "traced"));
    let faults = numbered(&lines, 0..lines.len());
    assert!(lines.iter().any(|line| line.contains("replaced")), "nothing was put aside");
    let sound = content(&place.path("straight"));
    let unmet = Unmet::among(faults.len());
    on_all_cores(&faults, |index, (kind, number)| {
        let (dir, what) = (format!("kill-{index}"), format!("{kind} {number}, killed"));
        asked(&dir);
        let fault = format!("{kind}:signal=KILL:when={number}");
        let (status, _) = trace::faulty(&fault, |strace| place.command(strace, &dir));
        if !unmet.killed(status, &what) {
            return;
        }
        // Until the new results count, every old one is here or aside.
        if !place.path(&dir).join("done.json").exists() {
            let places =
                [place.path(&dir), place.path(&dir).join("replaced")].map(|dir| content(&dir));
            for name in ["done.json", "trained.json", "eval/images.csv", "weights/g0.safetensors"] {
                let kept =
                    places.iter().any(|all| all.get(Path::new(name)) == sound.get(Path::new(name)));
                assert!(kept, "{what}: {name} is gone");
            }
        }
        let (code, messages) = place.run(&dir);
        assert_eq!(code, 0, "after {what}: {messages}");
        place.assert_equal("straight", &dir);
        assert!(!place.path(&dir).join("replaced").exists(), "after {what}");
        fs::remove_dir_all(place.path(&dir)).unwrap();
    });
}
