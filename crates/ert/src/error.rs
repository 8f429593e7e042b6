//! What can be wrong with training data, options and model files.

/// Why there is no model. Samples and images are counted from 0.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ErtError {
    /// Nothing to learn from.
    #[error("no samples: training needs at least one")]
    NoSamples,
    /// The first sample has an empty shape.
    #[error("the samples have no points")]
    NoPoints,
    /// Shapes of different lengths.
    #[error("sample {sample} has {found} points, sample 0 has {expected}")]
    PointCount {
        /// Index of the sample.
        sample: usize,
        /// Points of sample 0.
        expected: usize,
        /// Points of this sample.
        found: usize,
    },
    /// A coordinate is NaN or infinite.
    #[error("sample {sample}, point {point}: a coordinate is not finite")]
    NotFinite {
        /// Index of the sample.
        sample: usize,
        /// Index of the point.
        point: usize,
    },
    /// The box has no width or no height, or a side that is not finite.
    #[error("sample {sample}: the box needs finite sides, left < right and top < bottom")]
    EmptyRect {
        /// Index of the sample.
        sample: usize,
    },
    /// A sample names an image that was not given.
    #[error("sample {sample} is of image {image}, but there are {images} images")]
    ImageIndex {
        /// Index of the sample.
        sample: usize,
        /// Index of the image it asks for.
        image: usize,
        /// Number of images given.
        images: usize,
    },
    /// The number of pixels disagrees with width and height.
    #[error("image {image}: {pixels} pixels for {width} x {height}")]
    ImageSize {
        /// Index of the image.
        image: usize,
        /// Width in pixels.
        width: usize,
        /// Height in pixels.
        height: usize,
        /// Number of pixel values found.
        pixels: usize,
    },
    /// An option is out of its range.
    #[error("{option} = {value}: it must be {range}")]
    Option {
        /// Name of the field of [`Options`](crate::Options).
        option: &'static str,
        /// Value found.
        value: String,
        /// What is allowed.
        range: &'static str,
    },
    /// The mean shape spans no area, so the pixels that trees compare would all be the same.
    #[error("the mean shape spans no area and padding is 0: raise padding")]
    NoArea,
    /// The bytes are not a model of this crate, or damaged.
    #[error("not a readable ert model: {0}")]
    Bytes(&'static str),
    /// The bytes are not a `shape_predictor` of dlib, or damaged.
    #[error("not a readable dlib shape_predictor: {what} (byte {at})")]
    Dlib {
        /// What is wrong.
        what: &'static str,
        /// Offset at which reading stopped.
        at: usize,
    },
}
