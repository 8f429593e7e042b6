//! What D tells apart, and which way a generator edits.

/// A class of the discriminator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// A real image without the attribute.
    RealNegative = 0,
    /// A real image with the attribute.
    RealPositive = 1,
    /// An edited image, from either generator.
    Generated = 2,
}

/// Which generator: G0 adds the attribute to images of label 0, G1 removes it from label 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// G0: from label 0 to label 1.
    Add,
    /// G1: from label 1 to label 0.
    Remove,
}

impl Direction {
    /// In tables and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Direction::Add => "add",
            Direction::Remove => "remove",
        }
    }

    /// The class of the input images, `i`.
    pub fn source(self) -> Class {
        match self {
            Direction::Add => Class::RealNegative,
            Direction::Remove => Class::RealPositive,
        }
    }

    /// The class that edited images should look like, `1 - i`.
    pub fn target(self) -> Class {
        match self {
            Direction::Add => Class::RealPositive,
            Direction::Remove => Class::RealNegative,
        }
    }
}
