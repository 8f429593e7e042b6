//! Faces of another source than the one that trains, made ready to be judged.

use std::collections::HashSet;
use std::path::Path;

use config::{JudgedPart, RunConfig};

use crate::face::{Face, Part};
use crate::labels::Labels;
use crate::origin::Origin;
use crate::prepare::{Prepared, decoded};
use crate::split::{Split, pool};
use crate::{DataError, shortage, source};

/// The faces of `eval.source`, if that is another than `data.source`: those of `own` are what trains, and by its
/// columns labels are kept. `split` has faces to judge and nothing else. Of a source with parts those of
/// `eval.part`, of one without all; balanced, at most `data.test_per_class` of a class, in the order of
/// `data.seed`.
///
/// # Errors
/// One sentence with file, line and remedy; of faces that train or teach judges too.
pub fn prepare_judged(
    run: &RunConfig,
    own: &Prepared,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Option<Prepared>, DataError> {
    let Some(data) = run.judged_elsewhere() else { return Ok(None) };
    let open = || {
        let mut collection = source::open_with(&data, cache, progress)?;
        collection.notes.iter().for_each(|note| tracing::warn!("{note}"));
        let attribute = collection.columns.require("data.attribute", &data.attribute)?;
        let split = split(run, &collection.faces, attribute, &data)?;
        if data.source == run.data.source {
            apart(own, split.members().into_iter().map(|face| &collection.faces[face]))?;
        }
        let columns = &own.columns;
        let places: Vec<Option<usize>> =
            columns.attributes.iter().map(|name| collection.columns.place(name)).collect();
        for face in &mut collection.faces {
            let labels = places.iter().map(|place| place.and_then(|place| face.labels.get(place)));
            face.labels = labels.collect::<Labels>();
        }
        collection.columns = columns.clone();
        decoded(collection, &split, &data, cache, progress)
    };
    open().map(Some).map_err(|error| DataError::Judged(Box::new(error)))
}

/// Whether none of these faces trains, or teaches a judge: the source may be the same once more.
fn apart<'a>(own: &Prepared, judged: impl Iterator<Item = &'a Face>) -> Result<(), DataError> {
    let place = |face: &Face| match &face.origin {
        Origin::File(path) => path.canonicalize().unwrap_or_else(|_| path.clone()),
        other => other.to_string().into(),
    };
    let split = &own.split;
    let learned = [&split.train_negative, &split.train_positive, &split.judges];
    let learned: HashSet<_> =
        learned.into_iter().flatten().map(|face| place(&own.faces[*face])).collect();
    let count = judged.filter(|face| learned.contains(&place(face))).count();
    match count {
        0 => Ok(()),
        _ => Err(DataError::Split {
            problem: format!(
                "{count} of the faces to be judged are among those that train or teach judges"
            ),
            remedy:
                "leave eval.source at \"own\", whose test images are apart, or give other images"
                    .to_owned(),
        }),
    }
}

fn split(
    run: &RunConfig,
    faces: &[Face],
    attribute: usize,
    data: &config::Data,
) -> Result<Split, DataError> {
    let wanted = match run.eval.part {
        JudgedPart::Test => Part::Test,
        JudgedPart::Validation => Part::Validation,
    };
    let parted = faces.iter().any(|face| face.part != Part::Unassigned);
    let part = parted.then_some(wanted);
    let [mut without, mut with] =
        [false, true].map(|label| pool(faces, attribute, data, (part, label)));
    let count = data.test_per_class.min(without.len()).min(with.len());
    if count == 0 || (!parted && wanted == Part::Validation) {
        return Err(shortage::of_judged(faces, attribute, data, wanted));
    }
    without.truncate(count);
    with.truncate(count);
    Ok(match wanted {
        Part::Validation => {
            Split { validation_negative: without, validation_positive: with, ..Split::default() }
        }
        _ => Split { test_negative: without, test_positive: with, ..Split::default() },
    })
}
