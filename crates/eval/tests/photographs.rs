#![allow(clippy::unwrap_used, clippy::print_stderr)]
//! What the judges of attributes are worth on photographs: CelebA's official test part at 64 pixels.
//!
//! Takes the data from `../shared/data/celeba` beside the workspace, and an hour:
//! `cargo test --workspace --test photographs -- --ignored --nocapture`.

use std::path::Path;

use config::RunConfig;
use data::Prepared;
use eval::judges::{AttributeJudge, JudgedList, Juror, attribute_judge};
use metrics::pixels::{as_seen, planar};

/// Right verdicts and all, by attribute and label.
type Counts = Vec<[[usize; 2]; 2]>;

fn tried(judge: &AttributeJudge, run: &RunConfig, data: &Prepared) -> Counts {
    let (list, device) = (JudgedList::of(run, data).unwrap(), backend::host());
    let mut counts = vec![[[0; 2]; 2]; list.len()];
    let judged = data.split.judged(run.eval.part);
    for faces in judged.into_iter().flat_map(|faces| faces.chunks(64)) {
        let mut values = Vec::new();
        data::gather(&data.images, faces, &vec![false; faces.len()], &mut values);
        let opinions = judge.opinions(values, run, &device);
        for (face, opinion) in faces.iter().zip(opinions) {
            for ((place, score), counts) in
                list.places.iter().zip(&opinion.attributes).zip(&mut counts)
            {
                if let Some(label) = data.faces[*face].labels.get(*place) {
                    let [right, all] = &mut counts[usize::from(label)];
                    *right += usize::from((*score >= 0.5) == label);
                    *all += 1;
                }
            }
        }
    }
    counts
}

/// Shares of drawn glasses, taken off and put on to this degree, that the strict verdict takes for done.
fn accepted(judge: &AttributeJudge, run: &RunConfig, data: &Prepared, degree: f32) -> [f64; 2] {
    let (attribute, device) = (&run.data.attribute, backend::host());
    let [negative, _] = data.split.judged(run.eval.part);
    [false, true].map(|adds| {
        let edited = |face: &usize| -> Vec<f32> {
            let without = planar(data.images.image(*face));
            let with = planar(&data.worn(*face, attribute, data::Styles::Test, 0).unwrap());
            let (from, to) = if adds { (without, with) } else { (with, without) };
            from.iter().zip(to).map(|(from, to)| as_seen(from + degree * (to - from))).collect()
        };
        let opinions = negative.chunks(64).flat_map(|faces| {
            judge.opinions(faces.iter().flat_map(edited).collect(), run, &device)
        });
        let done = opinions.filter(|o| o.completion.unwrap()[if adds { 2 } else { 0 }] >= 0.5);
        done.count() as f64 / negative.len() as f64
    })
}

#[test]
#[ignore = "trains four networks: about 60 minutes of one core"]
fn judges_are_right_on_photographs_of_people_they_never_saw() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/celeba");
    if !root.exists() {
        eprintln!("SKIPPED: no photographs at {}", root.display());
        return;
    }
    let text = format!(
        "[data]\nsource = \"celeba\"\nroot = {root:?}\nsize = 64\nsplit = \"official\"\n\
         [eval]\nclassifier_steps = 3000\n"
    );
    let run = RunConfig::from_toml(&text, "test").unwrap();
    // Kept: a second run with the same code finds its judges there. Not under the name of this file, which
    // a test of another crate has too, and its directory.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges-of-photographs");
    let data = data::prepare(&run.data, run.eval.part, &cache, &|_, _| {}).unwrap();
    let jury = std::thread::scope(|scope| {
        let train = |juror| {
            let (run, data, cache) = (&run, &data, cache.as_path());
            let judge = move || attribute_judge(juror, run, data, &backend::host(), cache);
            scope.spawn(move || judge().unwrap().0)
        };
        Juror::ALL.map(train).map(|thread| thread.join().unwrap())
    });
    let list = JudgedList::of(&run, &data).unwrap();
    for (juror, judge) in Juror::ALL.iter().zip(&jury) {
        for (attribute, counts) in list.attributes.iter().zip(tried(judge, &run, &data)) {
            let [without, with] = counts.map(|[right, all]| right as f64 / all as f64);
            let [right, all] =
                counts.into_iter().fold([0; 2], |sum, c| [sum[0] + c[0], sum[1] + c[1]]);
            let balanced = (without + with) / 2.0;
            let plain = right as f64 / all as f64;
            eprintln!("{juror:?} of {attribute}: {balanced:.4}, plain {plain:.4}");
            // 0.973 and 0.963 on the 410 faces of the validation part, when this was written.
            assert!(*attribute != run.data.attribute || balanced > 0.945, "{juror:?}: {balanced}");
        }
        for degree in [0.0, 0.25, 0.5, 0.75, 1.0] {
            let [removed, added] = accepted(judge, &run, &data, degree);
            eprintln!(
                "{juror:?}, done to {degree}: removal {removed:.3}, adding {added:.3} taken for done"
            );
            match degree {
                0.0..=0.5 => assert!(removed < 0.15, "{juror:?}: {removed} at {degree}"),
                1.0 => assert!(removed > 0.8, "{juror:?}: {removed} of true removals"),
                _ => {}
            }
        }
    }
}
