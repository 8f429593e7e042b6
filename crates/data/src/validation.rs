//! Validation images: the data set's own, or drawn from those that would train.

/// Validating takes at most this share of the faces that the smaller class has left for training.
const LARGEST_VALIDATION_SHARE: usize = 4;

/// Of the data set's own validation part, given by class: `data.validation_per_class`, or as many as
/// may test.
pub(crate) fn own(part: [Vec<usize>; 2], data: &config::Data) -> [Vec<usize>; 2] {
    let wanted = match data.validation_per_class {
        0 => data.test_per_class,
        count => count,
    };
    let count = wanted.min(smaller(&part));
    part.map(|mut list| {
        list.truncate(count);
        list
    })
}

/// Taken out of the training faces, given by class; a face is left to train with. People are not kept
/// apart, for the test images of these data sets are not drawn by person either, or their training images do
/// not say who is shown; a folder's are drawn by [`people`](crate::people).
pub(crate) fn drawn(training: &mut [Vec<usize>; 2], data: &config::Data) -> [Vec<usize>; 2] {
    let count = count(training, data);
    training.each_mut().map(|list| list.drain(..count).collect())
}

/// How many of each class are drawn.
pub(crate) fn count(training: &[Vec<usize>; 2], data: &config::Data) -> usize {
    let left = smaller(training);
    let available = (left / LARGEST_VALIDATION_SHARE).max(1).min(left.saturating_sub(1));
    data.validation_per_class.min(available)
}

fn smaller(classes: &[Vec<usize>; 2]) -> usize {
    classes[0].len().min(classes[1].len())
}
