//! The attributes that faces are drawn by.

use config::Attribute;

/// An attribute that a face is drawn with or without; the paper's six.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DrawnAttribute {
    /// Glasses.
    Eyeglasses,
    /// An open mouth.
    MouthSlightlyOpen,
    /// A smile.
    Smiling,
    /// No beard.
    NoBeard,
    /// Young.
    Young,
    /// Male.
    Male,
}

impl DrawnAttribute {
    /// All, in the order of [`FaceParams::attributes`](super::FaceParams::attributes).
    pub const ALL: [DrawnAttribute; 6] = [
        DrawnAttribute::Eyeglasses,
        DrawnAttribute::MouthSlightlyOpen,
        DrawnAttribute::Smiling,
        DrawnAttribute::NoBeard,
        DrawnAttribute::Young,
        DrawnAttribute::Male,
    ];

    /// The column's name in CelebA's list.
    pub(super) fn column(self) -> &'static str {
        match self {
            DrawnAttribute::Eyeglasses => "Eyeglasses",
            DrawnAttribute::MouthSlightlyOpen => "Mouth_Slightly_Open",
            DrawnAttribute::Smiling => "Smiling",
            DrawnAttribute::NoBeard => "No_Beard",
            DrawnAttribute::Young => "Young",
            DrawnAttribute::Male => "Male",
        }
    }

    /// As the configuration names it.
    pub fn attribute(self) -> Attribute {
        Attribute::of(self.column())
    }

    /// The attribute of that name, if faces are drawn by it.
    pub fn of(attribute: &Attribute) -> Option<DrawnAttribute> {
        DrawnAttribute::ALL.into_iter().find(|drawn| drawn.attribute() == *attribute)
    }

    /// Position in [`DrawnAttribute::ALL`].
    pub(super) fn index(self) -> usize {
        self as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faces_are_drawn_by_what_the_configuration_says_that_they_label() {
        let drawn: Vec<Attribute> = DrawnAttribute::ALL.map(DrawnAttribute::attribute).to_vec();
        assert_eq!(config::Source::Synthetic.attributes(), Some(drawn));
        assert_eq!(DrawnAttribute::of(&Attribute::of("bangs")), None);
    }
}
