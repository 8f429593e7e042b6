#![allow(clippy::unwrap_used)]
//! What the judges of attributes are worth on photographs: CelebA's official test part at 64 pixels.
//!
//! Takes the data from `../shared/data/celeba` of the workspace, and minutes:
//! `cargo test -p eval --test photographs -- --ignored --nocapture`.

use std::path::Path;

use burn::tensor::Device;
use config::RunConfig;
use eval::judges::{self, JudgedList, Juror};

#[test]
#[ignore = "trains two judges for minutes"]
fn judges_are_right_on_photographs_of_people_they_never_saw() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/celeba");
    if !root.exists() {
        eprintln!("skipped: no photographs at {}", root.display());
        return;
    }
    let attribute = std::env::var("ATTRIBUTE").unwrap_or("eyeglasses".to_owned());
    let steps = std::env::var("STEPS").unwrap_or("3000".to_owned());
    let text = format!(
        "[data]\nsource = \"celeba\"\nroot = {root:?}\nattribute = \"{attribute}\"\nsize = 64\n\
         split = \"official\"\n[eval]\nclassifier_steps = {steps}\njudge_batch = 32\njudge_width = 16\n"
    );
    let run = RunConfig::from_toml(&text, "test").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let cache = std::env::var("CACHE").map_or(dir.path().to_owned(), Into::into);
    let data = data::prepare(&run.data, run.eval.part, &cache, &|_, _| {}).unwrap();
    let list = JudgedList::of(&run, &data).unwrap();
    let device = Device::flex();
    let jury: Vec<_> = std::thread::scope(|scope| {
        let train = |juror| {
            let (run, data, device, cache) = (&run, &data, &device, &cache);
            scope.spawn(move || judges::classifier(juror, run, data, device, cache).unwrap().judge)
        };
        let both = Juror::ALL.map(train);
        both.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let test = [&data.split.test_negative, &data.split.test_positive];
    for (juror, network) in Juror::ALL.iter().zip(&jury) {
        // Right and all, by attribute and label.
        let mut counts = vec![[[0usize; 2]; 2]; list.len()];
        for faces in test.into_iter().flat_map(|faces| faces.chunks(64)) {
            let mut values = Vec::new();
            data::gather(&data.images, faces, &vec![false; faces.len()], &mut values);
            let opinions = judges::opinions(network, values, 64, &device);
            for (face, opinion) in faces.iter().zip(opinions) {
                for (place, counts) in
                    list.places.iter().zip(&mut counts).enumerate().map(|(i, (p, c))| ((i, p), c))
                {
                    let (i, place) = place;
                    let Some(label) = data.faces[*face].labels.get(*place) else { continue };
                    let [right, all] = &mut counts[usize::from(label)];
                    *right += usize::from((opinion.attributes[i] >= 0.5) == label);
                    *all += 1;
                }
            }
        }
        for (attribute, counts) in list.attributes.iter().zip(&counts) {
            let share = |[right, all]: [usize; 2]| right as f64 / all as f64;
            let [without, with] = counts.map(share);
            let all = (counts[0][0] + counts[1][0]) as f64 / (counts[0][1] + counts[1][1]) as f64;
            println!(
                "{juror:?} {}: balanced {:.4}, plain {all:.4}, without {without:.4}, with {with:.4}, n {:?}",
                attribute.name(),
                (without + with) / 2.0,
                counts.map(|c| c[1])
            );
        }
    }
}
