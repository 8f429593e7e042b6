#![allow(clippy::unwrap_used)]
//! A frame that is half faded is no success to a strict judge, and may be one to a judge that is not.

use config::RunConfig;
use eval::judges::{JudgedList, Juror, attribute_judge};
use metrics::pixels::{as_seen, planar};

/// The true removal made to these degrees: shares of faces that the plain and the strict verdict take for
/// done.
fn done(degrees: &[f32]) -> Vec<[f64; 2]> {
    let text = "[data]\nsize = 64\nsplit = \"official\"\nsynthetic_count = 1200\n\
                [eval]\nclassifier_steps = 400\njudge_width = 8\n";
    let run = RunConfig::from_toml(text, "test").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let data = data::prepare(&run.data, run.eval.part, dir.path(), &|_, _| {}).unwrap();
    let device = backend::host();
    let (judge, _) = attribute_judge(Juror::First, &run, &data, &device, dir.path()).unwrap();
    let list = JudgedList::of(&run, &data).unwrap();
    let target = list.attributes.iter().position(|a| *a == run.data.attribute).unwrap();
    let faces = &data.split.test_positive;
    let pairs: Vec<_> = faces
        .iter()
        .map(|face| {
            let truth = data.truth(*face, &run.data.attribute).unwrap();
            (planar(data.images.image(*face)), planar(&truth))
        })
        .collect();
    let of = |degree: &f32| {
        let mix = |(x, truth): &(Vec<f32>, Vec<f32>)| -> Vec<f32> {
            x.iter().zip(truth).map(|(x, t)| as_seen(x + degree * (t - x))).collect()
        };
        let values = pairs.iter().flat_map(mix).collect();
        let opinions = judge.opinions(values, &run, &device);
        let share = |count: usize| count as f64 / opinions.len() as f64;
        [
            share(opinions.iter().filter(|o| o.attributes[target] < 0.5).count()),
            share(opinions.iter().filter(|o| o.completion.unwrap()[0] >= 0.5).count()),
        ]
    };
    degrees.iter().map(of).collect()
}

#[test]
fn half_a_removal_passes_the_plain_verdict_more_often_than_the_strict_one() {
    let found = done(&[0.0, 0.5, 0.75, 1.0]);
    eprintln!("plain and strict at 0, 0.5, 0.75 and 1: {found:?}");
    let [[_, strict_none], [plain_half, strict_half], [plain_most, strict_most], [_, strict_all]] =
        found[..]
    else {
        panic!("four degrees")
    };
    assert!(strict_none < 0.05 && strict_half < 0.2, "a faded frame is taken for none: {found:?}");
    assert!(strict_all > 0.85, "a true removal is not seen: {found:?}");
    assert!(plain_half > strict_half + 0.05 && plain_most > strict_most + 0.1, "{found:?}");
}
