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

choice! {
    /// Which region is scored.
    RegionChoice {
        /// The attribute's own; none is scored where it is not known.
        Auto = "auto",
        /// As [`Region::Eyes`].
        Eyes = "eyes",
        /// As [`Region::Mouth`].
        Mouth = "mouth",
        /// As [`Region::LowerFace`].
        LowerFace = "lower-face",
        /// As [`Region::Hair`].
        Hair = "hair",
        /// As [`Region::WholeFace`].
        WholeFace = "whole-face",
    }
}

impl RegionChoice {
    /// The region itself, for an attribute whose own is `own`.
    pub fn of(self, own: Option<Region>) -> Option<Region> {
        match self {
            RegionChoice::Auto => own,
            RegionChoice::Eyes => Some(Region::Eyes),
            RegionChoice::Mouth => Some(Region::Mouth),
            RegionChoice::LowerFace => Some(Region::LowerFace),
            RegionChoice::Hair => Some(Region::Hair),
            RegionChoice::WholeFace => Some(Region::WholeFace),
        }
    }
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
    /// What a generator puts out.
    Output {
        /// A residual image that is added to the input (the paper).
        Residual = "residual",
        /// The whole image through a tanh (the paper's ablation).
        Image = "image",
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
    /// What trains and runs the judges.
    JudgeBackend {
        /// The backend of the cell that is judged.
        Cell = "cell",
        /// Always flex.
        Flex = "flex",
        /// Always wgpu.
        Wgpu = "wgpu",
        /// Always libtorch.
        Libtorch = "libtorch",
    }
}

impl JudgeBackend {
    /// The backend itself, for a cell on `own`.
    pub fn of(self, own: BackendKind) -> BackendKind {
        match self {
            JudgeBackend::Cell => own,
            JudgeBackend::Flex => BackendKind::Flex,
            JudgeBackend::Wgpu => BackendKind::Wgpu,
            JudgeBackend::Libtorch => BackendKind::Libtorch,
        }
    }
}

choice! {
    /// The library that computes.
    BackendKind {
        /// burn-flex: the processor, pure Rust, always there.
        Flex = "flex",
        /// burn-wgpu: a GPU through Vulkan, Metal or DirectX.
        Wgpu = "wgpu",
        /// burn-tch: libtorch, processor or CUDA.
        Libtorch = "libtorch",
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
