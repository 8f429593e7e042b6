//! CelebA's 40 attributes of a synthetic face. The six of [`DrawnAttribute`] are exact; of the
//! others those that follow from a parameter are derived, the rest are -1 (absent).

use super::colour::luminance;
use super::drawn_attribute::DrawnAttribute;
use super::params::{BeardStyle, FaceParams, HairStyle, HairTone};

/// CelebA's column names, in its order.
pub(super) const NAMES: [&str; 40] = [
    "5_o_Clock_Shadow",
    "Arched_Eyebrows",
    "Attractive",
    "Bags_Under_Eyes",
    "Bald",
    "Bangs",
    "Big_Lips",
    "Big_Nose",
    "Black_Hair",
    "Blond_Hair",
    "Blurry",
    "Brown_Hair",
    "Bushy_Eyebrows",
    "Chubby",
    "Double_Chin",
    "Eyeglasses",
    "Goatee",
    "Gray_Hair",
    "Heavy_Makeup",
    "High_Cheekbones",
    "Male",
    "Mouth_Slightly_Open",
    "Mustache",
    "Narrow_Eyes",
    "No_Beard",
    "Oval_Face",
    "Pale_Skin",
    "Pointy_Nose",
    "Receding_Hairline",
    "Rosy_Cheeks",
    "Sideburns",
    "Smiling",
    "Straight_Hair",
    "Wavy_Hair",
    "Wearing_Earrings",
    "Wearing_Hat",
    "Wearing_Lipstick",
    "Wearing_Necklace",
    "Wearing_Necktie",
    "Young",
];

/// The labels of a face in the order of [`NAMES`].
pub(super) fn celeba(face: &FaceParams) -> [bool; 40] {
    NAMES.map(|name| {
        DrawnAttribute::ALL
            .iter()
            .find(|a| a.column() == name)
            .map_or_else(|| derived(face, name), |a| face.has(*a))
    })
}

fn derived(face: &FaceParams, name: &str) -> bool {
    let p = &face.person;
    let (old, woman) = (!face.young(), !face.male());
    let style = face.hairstyle();
    let bald = style == HairStyle::Bald;
    let grey = old && !bald && p.age.grey > 0.55;
    let coloured = |tone| !bald && !grey && p.hair.tone == tone;
    let beard = |styles: &[BeardStyle]| face.bearded() && styles.contains(&p.beard.style);
    match name {
        "5_o_Clock_Shadow" => beard(&[BeardStyle::Stubble]),
        "Arched_Eyebrows" => woman && p.brows.arch > 1.2,
        "Bags_Under_Eyes" => old && p.age.bags > 0.6,
        "Bald" => bald,
        "Bangs" => matches!(
            style,
            HairStyle::BangsLong | HairStyle::BangsBob | HairStyle::Shaggy | HairStyle::Pixie
        ),
        "Big_Lips" => p.lips.upper + p.lips.lower > 10.0,
        "Big_Nose" => p.nose.width > 1.15,
        "Black_Hair" => coloured(HairTone::Black),
        "Blond_Hair" => coloured(HairTone::Blond),
        "Blurry" => face.shot.camera.blur > 0.9,
        "Brown_Hair" => coloured(HairTone::Brown),
        "Bushy_Eyebrows" => face.male() && p.brows.thickness > 1.15,
        "Chubby" => p.skull.fullness > 1.4,
        "Goatee" => beard(&[BeardStyle::Goatee]),
        "Gray_Hair" => grey,
        "Heavy_Makeup" => woman && p.makeup > 0.6,
        "High_Cheekbones" => p.skull.cheekbones > 1.03,
        "Mustache" => beard(&[BeardStyle::Short, BeardStyle::Full, BeardStyle::Goatee]),
        "Narrow_Eyes" => p.eyes.openness * face.shot.lids < 0.82,
        "Oval_Face" => p.skull.width < 0.98,
        "Pale_Skin" => luminance(p.skin) > 0.6,
        "Pointy_Nose" => p.nose.width < 0.9,
        "Receding_Hairline" => {
            style == HairStyle::Receding || (face.male() && old && p.age.recession > 0.6)
        }
        "Rosy_Cheeks" => p.blush > 0.7 && p.tone < 0.5,
        "Sideburns" => beard(&[BeardStyle::Short, BeardStyle::Full, BeardStyle::ChinCurtain]),
        "Straight_Hair" => matches!(
            style,
            HairStyle::Long | HairStyle::Bob | HairStyle::BangsLong | HairStyle::BangsBob
        ),
        "Wavy_Hair" => matches!(style, HairStyle::LongWavy | HairStyle::Curls | HairStyle::Afro),
        "Wearing_Earrings" => woman && p.earrings,
        "Wearing_Lipstick" => woman && p.lips.lipstick > 0.3,
        "Wearing_Necktie" => face.shot.clothes.collar == super::params::Collar::Suit,
        _ => false,
    }
}
