//! Faces of another source than the one that trains, made ready to be judged.

use std::path::Path;

use config::{JudgedPart, RunConfig};

use crate::face::Part;
use crate::labels::{LabelColumns, Labels};
use crate::prepare::{Prepared, decoded};
use crate::split::{Split, pool};
use crate::{DataError, shortage, source};

/// The faces of `eval.source`, if that is another than `data.source`, by whose `columns` their labels are
/// kept: `split` has faces to judge and nothing else. Of a source with parts those of `eval.part`, of one
/// without all; balanced, at most `data.test_per_class` of a class, in the order of `data.seed`.
///
/// # Errors
/// One sentence with file, line and remedy.
pub fn prepare_judged(
    run: &RunConfig,
    columns: &LabelColumns,
    cache: &Path,
    progress: &dyn Fn(usize, usize),
) -> Result<Option<Prepared>, DataError> {
    let Some(data) = run.judged_elsewhere() else { return Ok(None) };
    let open = || {
        let mut collection = source::open_with(&data, cache, progress)?;
        collection.notes.iter().for_each(|note| tracing::warn!("{note}"));
        let attribute = collection.columns.require("data.attribute", &data.attribute)?;
        let split = split(run, &collection.faces, attribute, &data)?;
        let places: Vec<Option<usize>> =
            columns.attributes.iter().map(|name| collection.columns.place(name)).collect();
        for face in &mut collection.faces {
            let labels = places.iter().map(|place| place.and_then(|place| face.labels.get(place)));
            face.labels = labels.collect::<Labels>();
        }
        collection.columns = columns.clone();
        decoded(collection, &split, &data, cache, progress)
    };
    open().map(Some).map_err(elsewhere)
}

/// What the error of a data set says if it is that of `eval.source`.
fn elsewhere(error: DataError) -> DataError {
    DataError::Judged(Box::new(error))
}

fn split(
    run: &RunConfig,
    faces: &[crate::Face],
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
