//! The tables of a run. Defaults are the paper's where the paper speaks.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::attribute::{Attribute, JudgedAttributes};
use crate::backends::{BackendKind, JudgeBackend};
use crate::choices::*;
use crate::schema::{Key, table};
use crate::sources::{JudgedSource, Source};

const BIG: u64 = i64::MAX as u64;

table! {
    /// Which faces, which attribute, which split.
    Data "data" {
        /// Where faces come from.
        source: Source = "synthetic", KeyKind::Word(Source::WORDS);
        /// Directory of the data set, relative to the working directory. Empty only for
        /// `synthetic`, which is drawn into the cache.
        root: String = "", KeyKind::Text, cosmetic;
        /// The table of `folder`: a path below `data.root` (`lists/labels.tsv`), or if nothing lies there one
        /// from the working directory. Empty looks for `metadata.csv`, `labels.csv`, or the only table in
        /// `data.root`. What counts is the content, not the path.
        table: String = "", KeyKind::Text, cosmetic;
        /// The attribute that G0 adds and G1 removes: any that the data label, by the name of its
        /// column in small letters and with hyphens (`Wearing_Hat`: `wearing-hat`).
        attribute: Attribute = "eyeglasses", KeyKind::Attribute;
        /// Side of the square images in pixels.
        size: usize = 128, KeyKind::OneOf(&[16, 32, 64, 128, 256]);
        /// How an image becomes a square. `align`: the centre 178x178 of CelebA's aligned frame
        /// (178x218), to which the other sources are brought by their points. The others are for copies
        /// of CelebA and folders whose images are square crops already (128x128, 64x64, ...), which are
        /// taken whole. `made`: which crop it is is unknown, and CelebA's list of landmarks, which speaks
        /// of the 178x218 frame, is left out; a folder's points are pixels of its images. `made-centre`: it
        /// is the centre 178x178, resized (`CenterCrop(178)`, `Resize`); landmarks are brought along.
        crop: Crop = "align", KeyKind::Word(Crop::WORDS), added;
        /// What brings faces to CelebA's frame. `given`: CelebA's and a folder's images show it already,
        /// MTFL's faces are brought there by their five points, and LFW's by those of MTFL's list or, without
        /// them, by one fixed window. `five-point`: every face by its five points (`lfw`, `mtfl`, `folder`),
        /// through one least-squares similarity to CelebA's mean points; faces without points are left out.
        alignment: Alignment = "given", KeyKind::Word(Alignment::WORDS), added;
        /// `paper`: random test images per class, the rest balanced for training; a folder whose table
        /// says who is shown keeps people apart. `official`: the data set's own partition,
        /// identity-disjoint in CelebA; a folder's column `split`.
        split: SplitRule = "paper", KeyKind::Word(SplitRule::WORDS);
        /// Test images per class. A set too small for it gets a smaller number, which is printed.
        test_per_class: usize = 1000, KeyKind::Integer { min: 1, max: 1_000_000 };
        /// Validation images per class, for `eval.part = "validation"`. 0: where `split` keeps to a
        /// validation part of the data set's own (`official` on `celeba`, `synthetic`, `folder`), as many as
        /// that has, at most `test_per_class`; none elsewhere. Above 0: that many of the own part at
        /// most; where there is none they are drawn from the training images, which then are without
        /// them, as is what judges learn from. A set too small for it gets a smaller number, which is
        /// printed.
        validation_per_class: usize = 0, KeyKind::Integer { min: 0, max: 1_000_000 }, added;
        /// Training images per class at most; 0 takes the whole minority class and as many of the
        /// majority class.
        train_per_class: usize = 0, KeyKind::Integer { min: 0, max: 1_000_000 };
        /// Images that the judges may learn from, at most: the whole training part's, not only the
        /// balanced training images of one attribute, and never a test or validation image.
        judge_pool: usize = 20000, KeyKind::Integer { min: 2, max: 10_000_000 };
        /// Seed of the split.
        seed: u64 = 0, KeyKind::Integer { min: 0, max: BIG };
        /// Mirror training images at random.
        flip: bool = true, KeyKind::Bool;
        /// Number of synthetic faces.
        synthetic_count: usize = 6000, KeyKind::Integer { min: 16, max: 1_000_000 };
        /// Seed of the synthetic faces.
        synthetic_seed: u64 = 1, KeyKind::Integer { min: 0, max: BIG };
        /// Strength of the correlations between synthetic attributes (beard with male, glasses
        /// with age): 0 independent, 1 strong.
        synthetic_correlation: f64 = 0.5, KeyKind::Real { min: 0.0, max: 1.0 };
    }
}

table! {
    /// The two generators and the discriminator (paper, Table 1).
    Model "model" {
        /// Channels of the first layer of G and D; every other width scales with it. The paper: 64.
        width: usize = 64, KeyKind::Integer { min: 2, max: 512 };
        /// How G doubles its resolution.
        upsample: Upsample = "deconv", KeyKind::Word(Upsample::WORDS);
        /// Normalisation after every hidden convolution of G, and of D unless `discriminator_norm` says
        /// otherwise.
        norm: Norm = "batch", KeyKind::Word(Norm::WORDS);
        /// `residual`: G makes `r`, the edited image is `x + r`. `image`: G makes the edited image.
        /// `masked`: G makes `r'` and a mask m in (0, 1), one number per pixel, and `r = m r'` (an
        /// attention mask as in Zhang et al. 2018).
        output: Output = "residual", KeyKind::Word(Output::WORDS);
        /// Whether D's first convolution is normalised too.
        discriminator_first_norm: bool = false, KeyKind::Bool;
        /// Normalisation of D. `same`: `norm`. `spectral`: every weight of D is divided by its largest
        /// singular value instead (Miyato et al. 2018; one power iteration per step of D).
        discriminator_norm: DiscriminatorNorm = "same", KeyKind::Word(DiscriminatorNorm::WORDS), added;
        /// Residual blocks between G's encoder and decoder (He et al. 2016; two convolutions 3x3 each,
        /// as Johnson et al. 2016 have them in image transformation networks).
        residual_blocks: usize = 0, KeyKind::Integer { min: 0, max: 32 }, added;
        /// Add the encoder's maps to the decoder's of the same size (Chaurasia and Culurciello 2017).
        skips: bool = false, KeyKind::Bool, added;
    }
}

table! {
    /// Weights and readings of the loss terms: `L_G = L_GAN + L_dual + alpha L_pix + beta L_per`.
    Losses "losses" {
        /// Weight of the pixel term `||r||_1`, a sum over pixels and channels averaged over the
        /// batch. Stated for 128x128x3 in [-1, 1]: at side S the code multiplies by
        /// `128*128 / (S*S)`, so one alpha keeps its meaning. Default 5e-4 for local attributes
        /// (glasses, mouth, smile, beard) and those that are not known, 1e-6 for global ones
        /// (`young`, `male`); docs/catalogues.md says which are which.
        alpha: f64 = derived, KeyKind::Real { min: 0.0, max: f64::MAX };
        /// Weight of the perceptual term, a sum over features averaged over the batch, with the
        /// same size factor as `alpha`. Default `0.1 * alpha`.
        beta: f64 = derived, KeyKind::Real { min: 0.0, max: f64::MAX };
        /// Reading of the adversarial term of the generators.
        adversarial: AdversarialForm = "target-class", KeyKind::Word(AdversarialForm::WORDS);
        /// Layer of D whose features the perceptual term compares, counted from 1.
        perceptual_layer: usize = 3, KeyKind::Integer { min: 1, max: 6 };
        /// Where inside that layer.
        perceptual_tap: Tap = "activation", KeyKind::Word(Tap::WORDS);
        /// What the second pass is asked for.
        dual: Dual = "adversarial", KeyKind::Word(Dual::WORDS);
        /// Which generators the dual term trains.
        dual_trains: DualTrains = "both", KeyKind::Word(DualTrains::WORDS);
        /// Weight of the reconstruction form of the dual term, same unit as `alpha`; used when
        /// `dual` is `reconstruction` or `both`. Default: alpha's.
        lambda: f64 = derived, KeyKind::Real { min: 0.0, max: f64::MAX };
        /// Weight of pairs, same unit as `alpha`: G1 also takes off what was drawn on training faces, with
        /// the photograph as the truth, and D must see nothing there. Drawn can be eyeglasses alone.
        /// This is not the paper's unpaired method, and tables say so.
        paired: f64 = 0.0, KeyKind::Real { min: 0.0, max: f64::MAX }, added;
        /// Share of `alpha` that acts inside the attribute's region, as docs/catalogues.md has it: below 1, an
        /// edit that stays in its place is pulled less towards none.
        alpha_inside: f64 = 1.0, KeyKind::Real { min: 0.0, max: 1.0 }, added;
        /// `alpha` in the end as a share of itself at the first step; a straight line between.
        alpha_end: f64 = 1.0, KeyKind::Real { min: 0.0, max: 1.0 }, added;
    }
}

table! {
    /// Optimisation: Adam, alternating steps of D and of both generators.
    Train "train" {
        /// Seed of weights, sampling order and augmentation.
        seed: u64 = 1, KeyKind::Integer { min: 0, max: BIG };
        /// Generator steps.
        steps: usize = 20000, KeyKind::Integer { min: 1, max: 100_000_000 };
        /// Pairs (one negative, one positive image) per step.
        batch: usize = 64, KeyKind::Integer { min: 1, max: 65_536 };
        /// Learning rate of all three Adam optimisers.
        lr: f64 = 2e-4, KeyKind::Real { min: 0.0, max: 1.0 };
        /// Learning rate of D's Adam instead of `lr` (two time scales; Heusel et al. 2017); 0 is `lr`.
        lr_discriminator: f64 = 0.0, KeyKind::Real { min: 0.0, max: 1.0 }, added;
        /// What is done to every image, real or edited, before D sees it, so that D cannot learn the
        /// training images by heart (Zhao et al. 2020): other light, a shift by up to an eighth, or both.
        augment_discriminator: Augment = "none", KeyKind::Word(Augment::WORDS), added;
        /// Standard deviation of noise on all that D sees, in units of pixels in [-1, 1], at the first
        /// step; it falls to nothing along a straight line (Arjovsky and Bottou 2017).
        instance_noise: f64 = 0.0, KeyKind::Real { min: 0.0, max: 10.0 }, added;
        /// Old edits kept for D, of each generator; each edit that D learns from is with a chance of one
        /// half an old one, in whose place it is kept (Shrivastava et al. 2017).
        replay: usize = 0, KeyKind::Integer { min: 0, max: 10_000 }, added;
        /// Adam's first decay.
        beta1: f64 = 0.5, KeyKind::Real { min: 0.0, max: 0.999_999 };
        /// Adam's second decay.
        beta2: f64 = 0.999, KeyKind::Real { min: 0.0, max: 0.999_999_9 };
        /// Adam's epsilon.
        epsilon: f64 = 1e-8, KeyKind::Real { min: 1e-12, max: 1.0 };
        /// Discriminator steps per generator step.
        d_steps: usize = 1, KeyKind::Integer { min: 1, max: 100 };
        /// Learning rate over training.
        schedule: Schedule = "constant", KeyKind::Word(Schedule::WORDS);
        /// Decay of an exponential moving average of the generators' weights, used for evaluation;
        /// 0 evaluates the weights themselves.
        ema: f64 = 0.0, KeyKind::Real { min: 0.0, max: 0.999_999 };
        /// Steps between two lines of the metrics log.
        log_every: usize = 10, KeyKind::Integer { min: 1, max: 1_000_000 };
        /// Steps between two sample grids.
        sample_every: usize = 500, KeyKind::Integer { min: 1, max: 100_000_000 }, cosmetic;
        /// Steps between two checkpoints.
        checkpoint_every: usize = 500, KeyKind::Integer { min: 1, max: 100_000_000 }, cosmetic;
        /// Checkpoints kept; older ones are removed.
        keep_checkpoints: usize = 2, KeyKind::Integer { min: 2, max: 1_000_000 }, cosmetic;
    }
}

table! {
    /// The judges, trained once per data set on the training split and shared by every cell. These
    /// keys are no part of what a training is: after a change `run` judges finished cells again and
    /// trains nothing. An experiment can set them, not vary them.
    Eval "eval" {
        /// Optimisation steps of each network of the two attribute judges: of labels, and of completeness.
        classifier_steps: usize = 2000, KeyKind::Integer { min: 1, max: 10_000_000 };
        /// Optimisation steps of the convolutional landmark detector.
        landmark_steps: usize = 2000, KeyKind::Integer { min: 1, max: 10_000_000 };
        /// Images that a landmark detector learns from, at most. Each detector is trained twice on
        /// equally many: on faces without the attribute alone, and on a mixture of both.
        landmark_images: usize = 2000, KeyKind::Integer { min: 2, max: 10_000_000 };
        /// Levels of the cascade of regression trees (Kazemi and Sullivan 2014; dlib: 10).
        ert_cascade_depth: usize = 10, KeyKind::Integer { min: 1, max: 100 };
        /// Trees per level of the cascade (dlib: 500).
        ert_trees: usize = 500, KeyKind::Integer { min: 1, max: 10_000 };
        /// Depth of a tree (dlib: 4).
        ert_tree_depth: usize = 4, KeyKind::Integer { min: 1, max: 10 };
        /// Starts per training image, spread over up to four similarities of it (dlib: 20).
        ert_oversampling: usize = 20, KeyKind::Integer { min: 1, max: 1000 };
        /// Optimisation steps of the identity embedding, where the data set says who is shown.
        identity_steps: usize = 1500, KeyKind::Integer { min: 1, max: 10_000_000 };
        /// ArcFace weights (`backbone.pth` of an iresnet) for identity instead of the embedding trained
        /// here; empty for none. What counts is the content, not the path.
        identity_weights: String = "", KeyKind::Path;
        /// LPIPS weights (AlexNet, `.pth`); empty leaves the LPIPS columns out. What counts is the
        /// content, not the path.
        lpips_weights: String = "", KeyKind::Path;
        /// Channels of the judges' first layer; attribute judges have half as many again.
        judge_width: usize = 16, KeyKind::Integer { min: 2, max: 512 };
        /// Images per step of a judge.
        judge_batch: usize = 32, KeyKind::Integer { min: 2, max: 65_536 };
        /// Seed of the judges.
        judge_seed: u64 = 1000, KeyKind::Integer { min: 0, max: BIG };
        /// What the attribute judge learns beside the edited attribute: `paper`, the paper's six as
        /// far as the data label them; `all` that they label; or a list of names.
        attributes: JudgedAttributes = "paper", KeyKind::Attributes, added;
        /// Least balanced accuracy on real images with which an attribute judge may speak of success: the
        /// columns of a judge that is below it by more than the figure's standard error are left out and
        /// say so. `0`: 0.02 below the best published for CelebA where docs/catalogues.md has it, 0.85 for
        /// other attributes; 0.01 takes any judge.
        least_accuracy: f64 = 0.0, KeyKind::Real { min: 0.0, max: 1.0 }, added;
        /// Where an edit of the attribute belongs, for `residual_energy_in_region`. `auto`: as
        /// docs/catalogues.md has it; of an attribute that is not there the region is not scored.
        region: RegionChoice = "auto", RegionChoice::KIND, added;
        /// The backend that trains and runs the judges; `cell`: the cell's own. A sweep over
        /// backends needs one yardstick for all its arms, and gives no verdict without.
        judge_backend: JudgeBackend = "cell", JudgeBackend::KIND, added;
        /// Whose images are judged, and shown in sample grids. `validation`: choose settings on these
        /// (`data.validation_per_class`). `test`: report on these, once per finished claim.
        part: JudgedPart = "test", KeyKind::Word(JudgedPart::WORDS), added;
        /// Whose images are judged. `own`: those of `data.source`. Another source: what it calls test images,
        /// or, where it has no parts, all that it has, at most `data.test_per_class` of a class; each with its
        /// own label and in CelebA's frame, a folder's by five points (the paper trains on CelebA and shows
        /// LFW). Judges stay those of `data.source`; their accuracy is counted on the images that are judged.
        source: JudgedSource = "own", JudgedSource::KIND, added;
        /// Directory of `eval.source`, relative to the working directory.
        root: String = "", KeyKind::Text, cosmetic;
    }
}

table! {
    /// What computes.
    Backend "backend" {
        /// The library.
        kind: BackendKind = "flex", KeyKind::Word(BackendKind::WORDS);
        /// Device index for GPU backends.
        index: usize = 0, KeyKind::Integer { min: 0, max: 1024 };
        /// Threads of a processor backend. One thread per cell and one cell per core is the
        /// fastest way to run a sweep.
        threads: usize = 1, KeyKind::Integer { min: 1, max: 4096 };
        /// What convolutions multiply while training; they add up, and everything else is, in single
        /// precision (as PyTorch's autocast does it). Judges always see single precision. `flex` has
        /// `f32` alone; the others refuse what their device lacks.
        precision: Precision = "f32", KeyKind::Word(Precision::WORDS), added;
    }
}

impl Model {
    /// How D's maps are normalised; spectral normalisation is of weights.
    pub fn maps_of_d(&self) -> Norm {
        match self.discriminator_norm {
            DiscriminatorNorm::Same => self.norm,
            DiscriminatorNorm::Batch => Norm::Batch,
            DiscriminatorNorm::Instance => Norm::Instance,
            DiscriminatorNorm::None | DiscriminatorNorm::Spectral => Norm::None,
        }
    }
}

/// One run, complete and checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunConfig {
    /// `[data]`
    pub data: Data,
    /// `[model]`
    pub model: Model,
    /// `[losses]`
    pub losses: Losses,
    /// `[train]`
    pub train: Train,
    /// `[eval]`
    pub eval: Eval,
    /// `[backend]`
    pub backend: Backend,
}

static KEYS: LazyLock<Vec<Key>> = LazyLock::new(|| {
    let tables =
        [Data::keys(), Model::keys(), Losses::keys(), Train::keys(), Eval::keys(), Backend::keys()];
    tables.into_iter().flatten().collect()
});

impl RunConfig {
    /// Every key of a run, in the order of the file.
    pub fn keys() -> &'static [Key] {
        &KEYS
    }

    /// The tables with what they are for, in the order of the file.
    pub(crate) fn tables() -> [(&'static str, &'static str); 6] {
        [
            ("data", Data::DOC),
            ("model", Model::DOC),
            ("losses", Losses::DOC),
            ("train", Train::DOC),
            ("eval", Eval::DOC),
            ("backend", Backend::DOC),
        ]
    }

    /// The resolved configuration as TOML, every key written out; it loads again to an equal value.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("a run is plain TOML")
    }

    /// The backend that trains and runs the judges: the cell's or the one that `eval.judge_backend`
    /// names, with the cell's threads, in single precision.
    pub fn judging(&self) -> Backend {
        let Backend { kind: own, index, threads, .. } = self.backend;
        let kind = self.eval.judge_backend.0.unwrap_or(own);
        let index = if kind == own { index } else { 0 };
        Backend { kind, index, threads, precision: Precision::F32 }
    }

    /// The data of `eval.source`, if that is another than what trains, in CelebA's frame: a folder's faces by
    /// their five points, others as they come there by themselves. Parts of its own count under either rule
    /// of `split`.
    pub fn judged_elsewhere(&self) -> Option<Data> {
        let source = self.eval.source.0?;
        let alignment = match source {
            Source::Folder => Alignment::FivePoint,
            _ => Alignment::Given,
        };
        Some(Data {
            source,
            root: self.eval.root.clone(),
            table: String::new(),
            crop: Crop::Align,
            alignment,
            split: SplitRule::Paper,
            ..self.data.clone()
        })
    }

    /// The least balanced accuracy of a judge of success, in [0, 1].
    pub fn least_accuracy(&self) -> f64 {
        let published = self.data.attribute.known().and_then(|known| known.published);
        match self.eval.least_accuracy {
            0.0 => published.map_or(0.85, |published| published - 0.02),
            least => least,
        }
    }

    /// Where an edit of the attribute belongs, if that is known, for those who judge.
    pub fn region(&self) -> Option<Region> {
        self.eval.region.0.or_else(|| self.catalogued_region())
    }

    /// The same for training, which no key of `[eval]` may change.
    pub fn catalogued_region(&self) -> Option<Region> {
        self.data.attribute.known().and_then(|known| known.region)
    }

    /// The backends that the program which trains and judges this run must have.
    pub fn backends(&self) -> [BackendKind; 2] {
        [self.backend.kind, self.judging().kind]
    }

    /// The value of a dotted key such as `losses.dual`.
    pub fn get(&self, key: &str) -> Option<toml::Value> {
        let (table, field) = key.split_once('.')?;
        match table {
            "data" => self.data.get(field),
            "model" => self.model.get(field),
            "losses" => self.losses.get(field),
            "train" => self.train.get(field),
            "eval" => self.eval.get(field),
            "backend" => self.backend.get(field),
            _ => None,
        }
    }

    /// Replaces the value of a dotted key by one that the key accepts.
    pub(crate) fn set(&mut self, key: &str, value: toml::Value) {
        let (table, field) = key.split_once('.').expect("every key has a table");
        match table {
            "data" => self.data.set(field, value),
            "model" => self.model.set(field, value),
            "losses" => self.losses.set(field, value),
            "train" => self.train.set(field, value),
            "eval" => self.eval.set(field, value),
            "backend" => self.backend.set(field, value),
            _ => unreachable!("the key was checked"),
        }
    }
}
