//! How much memory a cell will need: what others of its shape were seen to need, else an estimate.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use config::{BackendKind, RunConfig};
use record::Snapshot;

use crate::slots::on_processor;

const MIB: f64 = 1024.0 * 1024.0;

/// What a cell's memory depends on most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Shape {
    size: usize,
    width: usize,
    batch: usize,
    backend: BackendKind,
}

impl Shape {
    fn of(run: &RunConfig) -> Shape {
        let (size, width, batch) = (run.data.size, run.model.width, run.train.batch);
        Shape { size, width, batch, backend: run.backend.kind }
    }
}

/// The largest resident sets that cells reported, by shape.
#[derive(Debug, Default)]
pub(crate) struct Footprints {
    reported: HashMap<Shape, f64>,
    /// Whether libtorch computes on CUDA devices.
    cuda: bool,
}

impl Footprints {
    /// What the cells of a sweep's directory have reported, those of earlier plans included.
    pub(crate) fn read(dir: &Path, cuda: bool) -> Footprints {
        let mut footprints = Footprints { cuda, ..Footprints::default() };
        for cell in fs::read_dir(dir.join("cells")).into_iter().flatten().flatten() {
            let cell = cell.path();
            let Some(snapshot) = Snapshot::read(&cell) else { continue };
            if let Ok(run) = RunConfig::load(&cell.join("config.toml"), &[]) {
                footprints.note(&run, &snapshot);
            }
        }
        footprints
    }

    /// Takes a cell's report into account. Before its first step has been measured a cell has not
    /// allocated what it will need.
    pub(crate) fn note(&mut self, run: &RunConfig, snapshot: &Snapshot) {
        let Some(peak) = snapshot.peak_mib.filter(|peak| *peak > 0.0 && snapshot.rate > 0.0) else {
            return;
        };
        let known = self.reported.entry(Shape::of(run)).or_default();
        *known = known.max(peak);
    }

    /// MiB that a cell of this configuration is expected to need at its peak.
    pub(crate) fn expected_mib(&self, run: &RunConfig) -> f64 {
        let reported = self.reported.get(&Shape::of(run)).copied();
        reported.unwrap_or_else(|| estimate_mib(run, self.cuda))
    }
}

/// MiB that a cell is estimated to need as long as none of its shape has reported.
///
/// - A base for program, libraries, data and judges, as the backend's row has it.
/// - Activations in single precision. An image's maps at full resolution with `model.width` channels
///   are one unit. A generator keeps about 10 (six layers, each with convolution, normalisation and
///   activation, most of them smaller), the discriminator 1.5; a pair is two images, dual learning
///   runs the generators twice and D looks at six images: 2 * 2 * 10 + 6 * 1.5, about 50 per pair.
/// - D's weights, which double their channels layer by layer down to 4 x 4 pixels and outweigh the
///   generators: each with gradient, two moments of Adam and two copies under way.
///
/// 64 pixels, width 16, batch 16 on flex: 455 MiB (430 to 550 measured); 128, 64, 2: 909 MiB measured,
/// 900 estimated.
fn estimate_mib(run: &RunConfig, cuda: bool) -> f64 {
    let [processor, gpu] = run.backend.kind.row().base_mib;
    let base = if on_processor(run.backend.kind, cuda) { processor } else { gpu };
    let (size, width) = (run.data.size as f64, run.model.width as f64);
    let unit = size * size * width * 4.0;
    let activations = 50.0 * run.train.batch as f64 * unit;
    let layers = RunConfig::discriminator_layers(run.data.size);
    let channels = (1..layers).map(|layer| f64::from(1_u32 << (2 * layer - 1)));
    let weights = 16.0 * width * width * channels.sum::<f64>();
    base + (activations + weights * 4.0 * 6.0) / MIB
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(size: usize, width: usize, batch: usize) -> RunConfig {
        let text =
            format!("[data]\nsize = {size}\n[model]\nwidth = {width}\n[train]\nbatch = {batch}\n");
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("run.toml"), text).unwrap();
        RunConfig::load(&dir.path().join("run.toml"), &[]).unwrap()
    }

    fn report(peak: f64, rate: f64) -> Snapshot {
        Snapshot { peak_mib: Some(peak), rate, ..Snapshot::default() }
    }

    #[test]
    fn estimates_are_near_what_was_measured() {
        let near = |run: RunConfig, low: f64, high: f64| {
            let estimate = estimate_mib(&run, false);
            assert!((low..high).contains(&estimate), "{estimate}");
        };
        near(run(64, 16, 16), 420.0, 550.0);
        near(run(128, 64, 2), 850.0, 1000.0);
        near(run(32, 16, 16), 280.0, 430.0);
        near(run(32, 4, 4), 250.0, 300.0);
    }

    #[test]
    fn the_largest_report_of_the_same_shape_outweighs_the_estimate() {
        let mut known = Footprints::default();
        let (cell, other) = (run(64, 16, 16), run(64, 16, 8));
        for peak in [300.0, 700.0, 500.0] {
            known.note(&cell, &report(peak, 2.0));
        }
        assert_eq!(known.expected_mib(&cell), 700.0);
        assert_eq!(known.expected_mib(&other), estimate_mib(&other, false));
    }

    #[test]
    fn a_report_from_before_the_first_step_says_nothing() {
        let mut known = Footprints::default();
        let cell = run(64, 16, 16);
        known.note(&cell, &report(20.0, 0.0));
        assert_eq!(known.expected_mib(&cell), estimate_mib(&cell, false));
    }

    #[test]
    fn reports_are_read_from_the_directory_whatever_plan_made_them() {
        let dir = tempfile::tempdir().unwrap();
        let (cell, home) = (run(64, 16, 16), dir.path().join("cells/0123"));
        fs::create_dir_all(&home).unwrap();
        fs::write(home.join("config.toml"), cell.to_toml()).unwrap();
        fs::write(home.join("state.json"), r#"{"peak_mib": 612.5, "rate": 3.0}"#).unwrap();
        assert_eq!(Footprints::read(dir.path(), false).expected_mib(&cell), 612.5);
    }
}
