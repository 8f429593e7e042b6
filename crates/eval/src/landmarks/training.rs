//! Which faces a detector learns from.

use config::RunConfig;
use data::Prepared;

use metrics::landmarks::Points;

use super::detector::TrainedOn;

/// Faces of the judges' pool with usable landmarks and this label, in the pool's order.
fn labelled(label: bool, run: &RunConfig, data: &Prepared) -> Vec<usize> {
    let place = data.columns.place(&run.data.attribute);
    let wanted = |face: &usize| {
        let face = &data.faces[*face];
        place.and_then(|place| face.labels.get(place)) == Some(label)
            && metrics::landmarks::check(face.landmarks.as_ref(), run.data.size).is_ok()
    };
    data.split.judges.iter().copied().filter(wanted).collect()
}

/// Whether the data can train detectors of both kinds.
pub(crate) fn possible(run: &RunConfig, data: &Prepared) -> bool {
    [false, true].into_iter().all(|label| labelled(label, run, data).len() > 1)
}

/// The faces that a detector learns from: `eval.landmark_images` at most, and equally many whether
/// it sees the attribute or not, so that the two differ in nothing else.
pub(super) fn training_faces(on: TrainedOn, run: &RunConfig, data: &Prepared) -> Vec<usize> {
    let mut without = labelled(false, run, data);
    let count = run.eval.landmark_images.min(without.len());
    match on {
        TrainedOn::Without => {
            without.truncate(count);
            without
        }
        TrainedOn::Mixed => {
            let mut mixed = labelled(true, run, data);
            mixed.truncate(count / 2);
            without.truncate(count - mixed.len());
            mixed.extend(without);
            mixed
        }
    }
}

/// The mean of the faces' shapes, in pixels.
pub(crate) fn mean_shape(faces: &[usize], data: &Prepared) -> Points {
    let shapes: Vec<Points> = faces.iter().filter_map(|f| data.faces[*f].landmarks).collect();
    let mean = |point: usize, axis: usize| {
        let sum: f64 = shapes.iter().map(|shape| f64::from(shape[point][axis])).sum();
        (sum / shapes.len() as f64) as f32
    };
    std::array::from_fn(|point| [mean(point, 0), mean(point, 1)])
}
