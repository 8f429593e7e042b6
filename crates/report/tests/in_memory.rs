//! Claims on sweeps that never touched a disk: false alarms, refusals, landmark groups by hand.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use rand::{Rng, RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use record::CellState;
use report::{
    Cell, CompareOptions, Curves, Detection, Format, ImageRow, Images, Landmarks, Results, Verdict,
};

fn cell(arm: &str, seed: u64) -> Cell {
    Cell {
        id: format!("{arm}-{seed}"),
        seed,
        factors: BTreeMap::from([("losses.dual".to_owned(), arm.to_owned())]),
        state: CellState::Done,
        made: None,
        note: None,
        curves: Curves::default(),
        images: None,
        landmarks: Landmarks::default(),
        strength: Vec::new(),
        attributes: Vec::new(),
        scores: Vec::new(),
        judge: None,
        sample: None,
    }
}

fn results(cells: Vec<Cell>) -> Results {
    let levels = ["adversarial", "none"].map(str::to_owned).to_vec();
    Results {
        dir: "results/made-up".into(),
        command: "cargo xtask run".to_owned(),
        asked: Vec::new(),
        experiment: "made-up".to_owned(),
        question: String::new(),
        factors: vec![("losses.dual".to_owned(), levels)],
        seeds: Vec::new(),
        compare: Some(("losses.dual".to_owned(), "none".to_owned())),
        cells,
    }
}

/// About normal: the sum of 12 uniform numbers.
fn normal(random: &mut impl Rng) -> f64 {
    (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0
}

/// Two arms that differ in name only: both share the seed's effect, each run adds one of its own,
/// each image another.
fn same_arms(metrics: &[&str], seeds: u64, images: usize, key: u64) -> Results {
    let mut random = ChaCha8Rng::seed_from_u64(key);
    let mut cells = Vec::new();
    for seed in 1..=seeds {
        let shared: Vec<f64> = metrics.iter().map(|_| normal(&mut random)).collect();
        for arm in ["adversarial", "none"] {
            let own: Vec<f64> =
                shared.iter().map(|shared| shared + 0.5 * normal(&mut random)).collect();
            let row = |image: usize, random: &mut ChaCha8Rng| ImageRow {
                image: format!("{image:05}"),
                direction: "remove".to_owned(),
                values: own.iter().map(|own| Some(own + normal(random))).collect(),
            };
            let rows = (0..images).map(|image| row(image, &mut random)).collect();
            let metrics = metrics.iter().map(|metric| (*metric).to_owned()).collect();
            cells.push(Cell { images: Some(Images { metrics, rows }), ..cell(arm, seed) });
        }
    }
    results(cells)
}

const TEN: [&str; 10] = [
    "preservation",
    "psnr_gain",
    "ssim_gain",
    "change_iou",
    "residual_energy_in_region",
    "hoyer",
    "cycle_l1",
    "landmark_gain",
    "identity_kept",
    "success",
];

/// The central 99 % of 200 tries at 5 %: binomial quantiles.
const BAND: std::ops::RangeInclusive<usize> = 3..=19;
const SWEEPS: u64 = 200;

#[test]
fn arms_that_differ_in_name_only_are_told_apart_as_seldom_as_promised() {
    let claims = |row: &report::ComparisonRow| row.verdict != Verdict::NoEvidence;
    let (mut alone, mut any, mut uncorrected) = (0, 0, 0);
    for key in 0..SWEEPS {
        let options = CompareOptions::default();
        let one = report::compare(&same_arms(&TEN[..1], 5, 6, key), &options).unwrap();
        alone += usize::from(one.rows.iter().any(claims));
        let ten = report::compare(&same_arms(&TEN, 5, 6, 1000 + key), &options).unwrap();
        assert_eq!((ten.rows.len(), ten.rows[0].family), (10, 10));
        any += usize::from(ten.rows.iter().any(claims));
        uncorrected += usize::from(ten.rows.iter().any(|row| row.p_t.unwrap() <= 0.05));
    }
    eprintln!("of {SWEEPS}: {alone} with one metric, {any} with ten, {uncorrected} uncorrected");
    assert!(BAND.contains(&alone), "{alone} of {SWEEPS} sweeps claim a difference");
    assert!(any <= *BAND.end(), "{any} of {SWEEPS} sweeps claim one of ten differences");
    // Why p is corrected: a sweep with ten metrics would cry wolf.
    assert!(uncorrected > *BAND.end(), "{uncorrected}");
}

#[test]
fn metrics_beside_the_headline_are_corrected_among_themselves() {
    let metrics = ["psnr_gain", "hoyer", "residual_l1", "residual_l2", "ssim_input"];
    let sweep = same_arms(&metrics, 5, 6, 3);
    let comparison = report::compare(&sweep, &CompareOptions::default()).unwrap();
    let families: Vec<(&str, usize)> =
        comparison.rows.iter().map(|row| (row.metric.as_str(), row.family)).collect();
    let expected =
        [("psnr_gain", 2), ("hoyer", 2), ("residual_l1", 3), ("residual_l2", 3), ("ssim_input", 3)];
    assert!(expected.iter().all(|row| families.contains(row)), "{families:?}");
}

#[test]
fn a_difference_that_is_there_is_found_and_named_by_its_better_side() {
    let mut sweep = same_arms(&["preservation", "cycle_l1", "residual_l1"], 6, 20, 1);
    for cell in sweep.cells.iter_mut().filter(|cell| cell.id.starts_with("adversarial")) {
        for row in &mut cell.images.as_mut().unwrap().rows {
            row.values.iter_mut().for_each(|value| *value = value.map(|value| value + 9.0));
        }
    }
    let comparison = report::compare(&sweep, &CompareOptions::default()).unwrap();
    let verdicts: Vec<Verdict> = comparison.rows.iter().map(|row| row.verdict).collect();
    assert_eq!(verdicts, [Verdict::Better, Verdict::Worse, Verdict::Higher]);
    for row in &comparison.rows {
        let [lo, hi] = row.bootstrap.unwrap();
        assert!(lo < row.difference && row.difference < hi && row.cliffs_delta == Some(1.0));
        // All of one sign: both exact tests give the least they can.
        assert_eq!((row.p_uncorrected, row.p_wilcoxon), (row.p_floor, row.wilcoxon_floor));
    }
}

#[test]
fn pairs_of_images_are_counted_by_name() {
    let sweep = |arms: [[(&str, f64); 4]; 2]| {
        let cells = ["adversarial", "none"].into_iter().zip(arms).map(|(arm, images)| {
            let row = |(image, value): (&str, f64)| ImageRow {
                image: image.to_owned(),
                direction: "add".to_owned(),
                values: vec![Some(value)],
            };
            let rows = images.into_iter().map(row).collect();
            let images = Images { metrics: vec!["success".to_owned()], rows };
            Cell { images: Some(images), ..cell(arm, 1) }
        });
        results(cells.collect())
    };
    // The level alone got a, b and c right, the baseline alone none: p = 2 / 8.
    let level = [("a", 1.0), ("b", 1.0), ("c", 1.0), ("d", 1.0)];
    let baseline = [("d", 1.0), ("c", 0.0), ("b", 0.0), ("a", 0.0)];
    let comparison = report::compare(&sweep([level, baseline]), &CompareOptions::default());
    let row = comparison.unwrap().rows.remove(0);
    assert!((row.p_mcnemar.unwrap() - 0.25).abs() < 1e-12, "{row:?}");
    assert_eq!((row.p_t, row.verdict, row.n_pairs), (None, Verdict::NoEvidence, 1));
}

#[test]
fn a_refusal_names_twenty_cells_and_counts_the_rest() {
    let mut sweep = same_arms(&TEN[..1], 15, 2, 1);
    for (index, cell) in sweep.cells.iter_mut().enumerate().skip(5) {
        cell.state = if index % 2 == 0 { CellState::Diverged } else { CellState::Interrupted };
        cell.images = None;
    }
    let text = report::compare(&sweep, &CompareOptions::default()).unwrap_err().to_string();
    assert_eq!(
        text.lines().filter(|line| line.starts_with("  ") && line.contains("seed")).count(),
        20
    );
    assert!(text.contains("5 of 30 cells are complete (5 done, 13 interrupted, 12 diverged)"));
    assert!(text.contains("  and 5 more\n"), "{text}");
    assert!(text.contains("  none-3 (none, seed 3): interrupted\n"), "{text}");
}

/// Errors of one detector, by group, image and seed.
fn landmark_cell(arm: &str, seed: u64, groups: &[(&str, &[(&str, f64)])]) -> Cell {
    let detections = |errors: &[(&str, f64)]| {
        let one = |(image, nme): &(&str, f64)| Detection {
            image: (*image).to_owned(),
            nme: *nme,
            points: [*nme; 5],
        };
        errors.iter().map(one).collect::<Vec<_>>()
    };
    let groups = groups.iter().map(|(name, errors)| ((*name).to_owned(), detections(errors)));
    let trial = ("cnn".to_owned(), "mixed".to_owned());
    let trials = BTreeMap::from([(trial, groups.collect())]);
    Cell { landmarks: Landmarks { trials }, ..cell(arm, seed) }
}

#[test]
fn three_groups_by_hand() {
    let with: &[(&str, f64)] = &[("a", 6.0), ("b", 12.0)];
    let without: &[(&str, f64)] = &[("c", 5.0), ("d", 5.0)];
    let cells = vec![
        landmark_cell(
            "none",
            1,
            &[
                ("with", with),
                ("zero", with),
                ("noise", &[("a", 7.0), ("b", 12.0)]),
                ("removed", &[("a", 5.0), ("b", 9.0)]),
                ("removed-noise", &[("a", 6.0), ("b", 10.0)]),
                ("without", without),
            ],
        ),
        landmark_cell(
            "none",
            2,
            &[
                ("with", with),
                ("zero", with),
                ("noise", &[("a", 6.0), ("b", 13.0)]),
                ("removed", &[("a", 6.0), ("b", 8.0)]),
                ("removed-noise", &[("a", 7.0), ("b", 9.0)]),
                ("without", without),
            ],
        ),
    ];
    let sweep = results(cells);
    let table = report::landmarks(&sweep, None).unwrap();
    let row = &table.arms[0].rows[0];
    let nme = |group: &str| row.group(group).unwrap().nme;
    assert_eq!((nme("with"), nme("removed"), nme("without")), (9.0, 7.0, 5.0));
    // Both seeds edit to the same mean: no spread. A group without a generator has none to show.
    assert_eq!(row.group("removed").unwrap().nme_sd, Some(0.0));
    assert_eq!(row.group("with").unwrap().nme_sd, None);
    // Half of the way from 9 to 5.
    assert_eq!((row.gain.as_ref().unwrap().difference, row.gap_closed), (2.0, Some(50.0)));
    // Image by image 1, 3 and 0, 4: all that resampling can reach lies between 0 and 4.
    let [lo, hi] = row.gain.as_ref().unwrap().bootstrap.unwrap();
    assert!((0.0..2.0).contains(&lo) && hi > 2.0 && hi <= 4.0, "{lo} {hi}");
    assert_eq!(row.gain.as_ref().unwrap().t_interval, Some([2.0, 2.0]));
    let controls: Vec<(&str, f64)> =
        row.controls.iter().map(|change| (change.of.as_str(), change.difference)).collect();
    assert_eq!(controls, [("zero", 0.0), ("noise", 0.5), ("removed-noise", 1.0)]);
    let with = row.group("with").unwrap();
    // Errors 6 and 12: AUC@10 = (4 + 0) / 2 / 10, AUC@8 = (2 + 0) / 2 / 8.
    assert_eq!((with.failure_rate_10, with.failure_rate_8), (0.5, 0.5));
    assert_eq!((with.auc_10, with.auc_8), (0.2, 0.125));
    let text = report::render_landmarks(&table, Format::Table);
    assert!(text.contains("50 %") && !text.contains("zero differs"), "{text}");
}

#[test]
fn an_edit_path_that_changes_images_is_pointed_out_and_one_seed_says_so() {
    let groups: [(&str, &[(&str, f64)]); 4] = [
        ("with", &[("a", 4.0), ("b", 5.0)]),
        ("zero", &[("a", 4.0), ("b", 5.1)]),
        ("removed", &[("b", 4.0), ("a", 4.0)]),
        ("without", &[("c", 6.0)]),
    ];
    let sweep = results(vec![landmark_cell("none", 1, &groups)]);
    let table = report::landmarks(&sweep, None).unwrap();
    let row = &table.arms[0].rows[0];
    assert_eq!(row.gap_closed, None, "faces with the attribute are no harder here");
    assert_eq!(row.gain.as_ref().unwrap().t_interval, None);
    let text = report::render_landmarks(&table, Format::Table);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("zero differs from with"), "{text}");
    assert!(text.contains("One seed: the interval is over images only"), "{text}");
}
