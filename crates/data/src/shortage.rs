//! What is said where a split has too few faces: how many it needs, how many there are, and the remedy.

use config::Source;

use crate::DataError;
use crate::face::{Face, Part};

/// The parts of a partition, in its order.
const PARTS: [(&str, Part); 3] =
    [("training", Part::Train), ("validation", Part::Validation), ("test", Part::Test)];

/// Too few faces to train and to test.
pub(crate) fn of_training_or_test(
    faces: &[Face],
    attribute: usize,
    data: &config::Data,
) -> DataError {
    let apart = data.source.row().apart(data.split);
    let needs = match apart {
        true => "1 face with and 1 without in the training part and as many in the test part",
        false => "2 faces with and 2 without, one of each to train and one to test",
    };
    let found = found(faces, attribute, apart);
    DataError::Split {
        problem: format!("data.attribute = \"{}\" needs {needs}; found {found}", data.attribute),
        remedy: match (apart, data.source) {
            (_, Source::Mtfl) => "check that lfw_5590 and net_7876 hold images".to_owned(),
            (true, _) => "use data.split = \"paper\", or another data.attribute".to_owned(),
            (false, Source::Synthetic) => "raise data.synthetic_count".to_owned(),
            (false, _) => "choose another data.attribute, or more images".to_owned(),
        },
    }
}

/// Enough faces, but no choice of people has both classes and leaves both to train with.
pub(crate) fn of_people(faces: &[Face], attribute: usize, data: &config::Data) -> DataError {
    let labelled = |face: &&Face| face.labels.get(attribute).is_some();
    let known = faces.iter().filter(labelled).filter_map(|face| face.identity.as_deref());
    let people = known.collect::<std::collections::HashSet<_>>().len();
    let found = found(faces, attribute, false);
    DataError::Split {
        problem: format!(
            "people are kept apart, and no choice of test people has faces with and without \
             data.attribute = \"{}\" and leaves both to train with; found {found}, of {people} people",
            data.attribute
        ),
        remedy: "add people, use data.split = \"official\" with a column of parts, or take the column of \
                 people away"
            .to_owned(),
    }
}

/// No validation faces where they are to be judged.
pub(crate) fn of_validation(faces: &[Face], attribute: usize, data: &config::Data) -> DataError {
    let row = data.source.row();
    let own = row.has_validation(data.split);
    let needs = match own {
        true => "1 face with and 1 without in the validation part",
        false => "2 training faces with and 2 without, one of each to validate",
    };
    let found = found(faces, attribute, row.apart(data.split));
    let (problem, remedy) = match (own, data.validation_per_class) {
        (false, 0) => (
            "needs validation images, and data.validation_per_class = 0 draws none".to_owned(),
            "set data.validation_per_class above 0",
        ),
        (true, _) => (
            format!("needs {needs} (\"{}\"); found {found}", data.attribute),
            "use data.split = \"paper\" with data.validation_per_class above 0",
        ),
        (false, _) => (
            format!("needs {needs} (\"{}\"); found {found}", data.attribute),
            "data.validation_per_class has none to draw from: choose another data.attribute, or more \
             images",
        ),
    };
    let problem = format!("eval.part = \"validation\" {problem}");
    DataError::Split { problem, remedy: remedy.to_owned() }
}

/// No faces to judge in another source than the one that trains.
pub(crate) fn of_judged(
    faces: &[Face],
    attribute: usize,
    data: &config::Data,
    part: Part,
) -> DataError {
    let parted = faces.iter().any(|face| face.part != Part::Unassigned);
    let of = PARTS.iter().find(|(_, known)| *known == part && (parted || part == Part::Validation));
    let of = of.map_or(String::new(), |(name, _)| format!(" in the {name} part"));
    let found = found(faces, attribute, parted);
    DataError::Split {
        problem: format!(
            "data.attribute = \"{}\" needs 1 face with and 1 without{of}; found {found}",
            data.attribute
        ),
        remedy: "choose another eval.source, or another eval.part".to_owned(),
    }
}

/// How many faces there are with and without the attribute, by part where parts count.
fn found(faces: &[Face], attribute: usize, by_part: bool) -> String {
    let count = |part: Option<Part>| {
        let of_part = || faces.iter().filter(|face| part.is_none_or(|part| face.part == part));
        let of = |label| of_part().filter(|face| face.labels.get(attribute) == label).count();
        let unknown = match of(None) {
            0 => String::new(),
            count => format!(" ({count} more are not labelled)"),
        };
        format!("{} with and {} without{unknown}", of(Some(true)), of(Some(false)))
    };
    if !by_part {
        return count(None);
    }
    let parts = PARTS.map(|(name, part)| format!("{} in the {name} part", count(Some(part))));
    let outside = faces.iter().filter(|face| face.part == Part::Unassigned).count();
    format!("{}, {outside} faces in no part", parts.join(", "))
}
