//! Keys whose value is one of a few words, written in kebab-case in TOML.

macro_rules! choice {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];
            /// The words as written in TOML, in the order of [`Self::ALL`].
            pub const WORDS: &'static [&'static str] = &[$($word),+];

            /// The word as written in TOML.
            pub fn name(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }
    };
}
pub(crate) use choice;

/// A choice with one word more, which stands for what is said elsewhere.
macro_rules! choice_or {
    ($(#[$meta:meta])* $name:ident = $word:literal | $choice:ty) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub Option<$choice>);

        impl $name {
            /// What the key accepts.
            pub(crate) const KIND: $crate::schema::KeyKind =
                $crate::schema::KeyKind::WordOr($word, <$choice>::WORDS);
        }

        impl TryFrom<String> for $name {
            type Error = String;

            fn try_from(word: String) -> Result<Self, String> {
                if word == $word {
                    return Ok($name(None));
                }
                let found = <$choice>::ALL.iter().find(|known| known.name() == word);
                found.map(|known| $name(Some(*known))).ok_or_else(|| format!("unknown word {word}"))
            }
        }

        impl From<$name> for String {
            fn from(chosen: $name) -> String {
                chosen.0.map_or($word, |known| known.name()).to_owned()
            }
        }
    };
}
pub(crate) use choice_or;

choice! {
    /// Which part of a face the square images show.
    Crop {
        /// The centre 178 x 178 of CelebA's aligned frame, cut here.
        Align = "align",
        /// The images are square crops already, of an unknown kind.
        Made = "made",
        /// The images are the centre 178 x 178 of CelebA's aligned frame already.
        MadeCentre = "made-centre",
    }
}

choice! {
    /// What brings a face to CelebA's frame.
    Alignment {
        /// What the source has always done: images as they are, or points where it has them.
        Given = "given",
        /// The five points of every face, and nothing else.
        FivePoint = "five-point",
    }
}

choice! {
    /// A part of the face that edits of an attribute belong to.
    Region {
        /// A band over the eyes.
        Eyes = "eyes",
        /// Around the mouth.
        Mouth = "mouth",
        /// Mouth to chin.
        LowerFace = "lower-face",
        /// Above the brows and beside the face.
        Hair = "hair",
        /// An ellipse around all of it.
        WholeFace = "whole-face",
    }
}

choice_or! {
    /// Which region is scored: `auto` is the attribute's own, if that is known.
    RegionChoice = "auto" | Region
}

choice! {
    /// How test images are chosen.
    SplitRule {
        /// Random test images per class, the rest balanced for training (the paper's draw).
        Paper = "paper",
        /// The data set's own, identity-disjoint partition.
        Official = "official",
    }
}

choice! {
    /// The part of the data whose images are judged.
    JudgedPart {
        /// Test images, which a finished claim is reported on.
        Test = "test",
        /// Validation images, which settings are chosen on.
        Validation = "validation",
    }
}

choice! {
    /// How the generator doubles its resolution.
    Upsample {
        /// Transposed convolution 3x3, stride 2 (the paper).
        Deconv = "deconv",
        /// Nearest-neighbour upsampling followed by a 3x3 convolution: no checkerboard.
        NearestConv = "nearest-conv",
    }
}

choice! {
    /// Normalisation after every hidden convolution.
    Norm {
        /// Batch normalisation (the paper).
        Batch = "batch",
        /// Instance normalisation.
        Instance = "instance",
        /// None.
        None = "none",
    }
}

choice! {
    /// Normalisation of the discriminator.
    DiscriminatorNorm {
        /// The generators' (the paper).
        Same = "same",
        /// Batch normalisation.
        Batch = "batch",
        /// Instance normalisation.
        Instance = "instance",
        /// None.
        None = "none",
        /// Of weights, by their largest singular value.
        Spectral = "spectral",
    }
}

choice! {
    /// How images are changed before D sees them.
    Augment {
        /// Not at all (the paper).
        None = "none",
        /// Brightness, saturation, contrast.
        Colour = "colour",
        /// A shift along both axes.
        Shift = "shift",
        /// Both.
        ColourShift = "colour-shift",
    }
}

choice! {
    /// What a generator puts out.
    Output {
        /// A residual image that is added to the input (the paper).
        Residual = "residual",
        /// The whole image through a tanh (the paper's ablation).
        Image = "image",
        /// A residual image and a mask that it is multiplied by.
        Masked = "masked",
    }
}

choice! {
    /// Where inside a layer of D the perceptual features are taken.
    Tap {
        /// After the leaky ReLU.
        Activation = "activation",
        /// After normalisation, before the activation.
        Norm = "norm",
        /// Straight after the convolution.
        Conv = "conv",
    }
}

choice! {
    /// Reading of the adversarial term of the generators.
    AdversarialForm {
        /// `-log p_{1-i}`: the edited image must look like the other class.
        TargetClass = "target-class",
        /// The paper's scalar notation taken literally: G0 maximises `p_1`, G1 minimises it.
        Literal = "literal",
    }
}

choice! {
    /// What the second pass `G_{1-i}(x~_i)` is asked for.
    Dual {
        /// `-log p_i` of the second pass (the paper).
        Adversarial = "adversarial",
        /// No second pass.
        None = "none",
        /// `lambda * || G_{1-i}(x~_i) - x_i ||_1`.
        Reconstruction = "reconstruction",
        /// Both terms.
        Both = "both",
    }
}

impl Dual {
    /// Whether the second pass is judged by D.
    pub fn adversarial(self) -> bool {
        matches!(self, Dual::Adversarial | Dual::Both)
    }

    /// Whether the second pass is compared with the original image.
    pub fn reconstruction(self) -> bool {
        matches!(self, Dual::Reconstruction | Dual::Both)
    }
}

choice! {
    /// Which generator learns from the dual term.
    DualTrains {
        /// The one that made the first pass and the one that made the second.
        Both = "both",
        /// Only the one that made the first pass; the second is held fixed.
        First = "first",
    }
}

choice! {
    /// Learning rate over training.
    Schedule {
        /// The same rate throughout.
        Constant = "constant",
        /// Constant for the first half, then linearly to zero.
        Linear = "linear",
    }
}

choice! {
    /// The numbers that convolutions multiply.
    Precision {
        /// Single precision.
        F32 = "f32",
        /// bfloat16.
        Bf16 = "bf16",
        /// Half precision.
        F16 = "f16",
    }
}
