//! The parameters of one face. Lengths are pixels of the 178x218 frame at unit scale, angles
//! radians, colours linear. Parts that an attribute switches off are drawn all the same, so that
//! the attribute can be flipped and nothing else moves.

use super::colour::{Rgb, lerp, mix};
use super::drawn_attribute::DrawnAttribute;

/// Every parameter of one face; [`super::draw`] makes it, [`super::render`] paints it.
#[derive(Clone, Debug, PartialEq)]
pub struct FaceParams {
    pub(super) index: usize,
    pub(super) identity: u64,
    pub(super) attributes: [bool; 6],
    pub(super) person: Person,
    pub(super) shot: Shot,
}

impl FaceParams {
    /// Whether the face has the attribute.
    pub fn has(&self, attribute: DrawnAttribute) -> bool {
        self.attributes[attribute.index()]
    }

    /// All six labels, in the order of [`DrawnAttribute::ALL`].
    pub fn attributes(&self) -> [bool; 6] {
        self.attributes
    }

    /// The position of the image in its data set, from 0.
    pub fn index(&self) -> usize {
        self.index
    }

    /// The person shown, from 1; several images may show the same one.
    pub fn identity(&self) -> u64 {
        self.identity
    }

    /// The same face under the same light before the same camera, noise included, with only this
    /// attribute the other way round: the true edit.
    pub fn with_flipped(&self, attribute: DrawnAttribute) -> FaceParams {
        let mut flipped = self.clone();
        flipped.attributes[attribute.index()] ^= true;
        flipped
    }

    pub(super) fn male(&self) -> bool {
        self.has(DrawnAttribute::Male)
    }

    pub(super) fn young(&self) -> bool {
        self.has(DrawnAttribute::Young)
    }

    pub(super) fn bearded(&self) -> bool {
        !self.has(DrawnAttribute::NoBeard)
    }

    /// `then` for the attribute, `otherwise` without it.
    pub(super) fn choose<T>(&self, attribute: DrawnAttribute, then: T, otherwise: T) -> T {
        if self.has(attribute) { then } else { otherwise }
    }

    /// The hairstyle that the face's sex wears.
    pub(super) fn hairstyle(&self) -> HairStyle {
        if self.male() { self.person.hair.male_style } else { self.person.hair.female_style }
    }

    /// Hair colour after what age did to it.
    pub(super) fn hair_colour(&self) -> Rgb {
        let grey = if self.young() { 0.0 } else { self.person.age.grey };
        mix(self.person.hair.colour, self.person.age.grey_colour, grey)
    }

    /// Beard colour: near the hair's, greyer sooner.
    pub(super) fn beard_colour(&self) -> Rgb {
        let grey = if self.young() { 0.0 } else { lerp(self.person.age.grey, 1.0, 0.3).min(0.95) };
        mix(self.person.beard.colour, self.person.age.grey_colour, grey)
    }
}

/// What a person keeps from image to image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Person {
    /// Linear albedo of the skin.
    pub skin: Rgb,
    /// Position on the scale of skin tones, 0 the palest, 1 the darkest.
    pub tone: f32,
    /// Strength of the red of cheeks, nose and ears.
    pub blush: f32,
    pub freckles: f32,
    pub shine: f32,
    pub texture_seed: u32,
    pub skull: Skull,
    pub eyes: Eyes,
    pub brows: Brows,
    pub nose: Nose,
    pub lips: Lips,
    pub hair: Hair,
    pub beard: Beard,
    pub age: Age,
    pub ears: f32,
    pub earrings: bool,
    /// Strength of eye make-up, worn only by women.
    pub makeup: f32,
}

/// Outline of head and jaw; factors around 1 unless stated otherwise.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Skull {
    pub width: f32,
    pub jaw: f32,
    pub chin_width: f32,
    /// Pixels added to the length of the chin.
    pub chin_length: f32,
    pub cheekbones: f32,
    /// Pixels added to the height of the forehead.
    pub forehead: f32,
    pub fullness: f32,
    pub cleft: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Eyes {
    /// Half the distance between the eyes.
    pub spacing: f32,
    /// Half the width of an opening.
    pub width: f32,
    pub openness: f32,
    /// How much higher the outer corner sits.
    pub tilt: f32,
    pub iris: Rgb,
    pub iris_radius: f32,
    pub crease: f32,
    pub depth: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Brows {
    pub thickness: f32,
    pub arch: f32,
    pub height: f32,
    pub length: f32,
    pub density: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Nose {
    /// Height of the tip below the eyes.
    pub length: f32,
    pub width: f32,
    pub bridge: f32,
    pub tip: f32,
    pub crooked: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Lips {
    /// Height of the mouth below the eyes.
    pub level: f32,
    pub half_width: f32,
    pub upper: f32,
    pub lower: f32,
    pub bow: f32,
    /// How far the corners droop (positive) at rest.
    pub droop: f32,
    pub colour: Rgb,
    /// Lipstick of women: opacity and colour.
    pub lipstick: f32,
    pub lipstick_colour: Rgb,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HairStyle {
    Buzz,
    SidePart,
    Quiff,
    Curls,
    Receding,
    Bald,
    Shaggy,
    Long,
    LongWavy,
    Bob,
    BangsLong,
    BangsBob,
    Updo,
    Afro,
    Pixie,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HairTone {
    Black,
    Brown,
    Blond,
    Red,
    Dyed,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Hair {
    pub tone: HairTone,
    pub colour: Rgb,
    pub male_style: HairStyle,
    pub female_style: HairStyle,
    /// Height above the skull.
    pub volume: f32,
    /// Bulge at the sides.
    pub side: f32,
    /// Position of the parting.
    pub part: f32,
    /// Lowest point of long hair below the eyes.
    pub length: f32,
    pub wave: f32,
    pub hairline: f32,
    pub gloss: f32,
    pub seed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BeardStyle {
    Stubble,
    Short,
    Full,
    Goatee,
    ChinCurtain,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Beard {
    pub style: BeardStyle,
    pub colour: Rgb,
    pub length: f32,
    pub density: f32,
    pub cheek_line: f32,
    pub seed: u32,
}

/// What shows when the person is not young.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Age {
    pub grey: f32,
    pub grey_colour: Rgb,
    pub wrinkles: f32,
    pub folds: f32,
    pub bags: f32,
    pub recession: f32,
    pub spots: f32,
    pub seed: u32,
}

/// What changes from image to image.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shot {
    pub pose: Pose,
    pub gaze: [f32; 2],
    pub lids: f32,
    pub mouth: Mouth,
    pub glasses: Glasses,
    pub light: Light,
    pub backdrop: Backdrop,
    pub clothes: Clothes,
    pub camera: Camera,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pose {
    pub yaw: f32,
    pub pitch: f32,
    pub roll: f32,
    pub scale: f32,
    /// Displacement of the point between the eyes from the frame's nominal place.
    pub shift: [f32; 2],
}

/// The mouth's expressions; which of them show is up to the attributes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mouth {
    /// How far a smile lifts the corners.
    pub lift: f32,
    /// How much wider a smile makes the mouth, as a factor.
    pub stretch: f32,
    /// Height of the gap of an open mouth.
    pub gap: f32,
    pub teeth: f32,
    pub tongue: f32,
    pub skew: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    Thick,
    Thin,
    Wire,
    HalfRim,
    Sunglasses,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Glasses {
    pub frame: Frame,
    pub colour: Rgb,
    /// Width of the rim's line.
    pub rim: f32,
    pub half_width: f32,
    pub half_height: f32,
    /// Exponent of the superellipse: 2 is round.
    pub squareness: f32,
    /// Narrowing towards the bottom, as on aviators.
    pub taper: f32,
    pub cat: f32,
    pub drop: f32,
    pub tint: Rgb,
    pub tint_alpha: f32,
    pub reflection: f32,
    pub reflection_at: f32,
    pub metallic: f32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Light {
    /// Direction to the key light: x right, y down, z to the viewer; a unit vector.
    pub direction: [f32; 3],
    pub key: Rgb,
    pub ambient: Rgb,
    pub fill: f32,
    /// How far light wraps around: 0 hard sun, 1 overcast sky.
    pub wrap: f32,
    pub rim: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BackdropKind {
    Studio,
    Bokeh,
    Stripes,
    Foliage,
    Steps,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Backdrop {
    pub kind: BackdropKind,
    pub colours: [Rgb; 3],
    pub angle: f32,
    pub contrast: f32,
    pub seed: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Collar {
    Crew,
    Vee,
    Shirt,
    Suit,
    Roll,
    Strap,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Clothes {
    pub collar: Collar,
    pub colour: Rgb,
    pub second: Rgb,
    pub shoulders: f32,
    pub pattern: f32,
    pub seed: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Camera {
    pub exposure: f32,
    pub contrast: f32,
    pub cast: Rgb,
    pub saturation: f32,
    pub blur: f32,
    pub noise: f32,
    pub vignette: f32,
    pub seed: u32,
}
