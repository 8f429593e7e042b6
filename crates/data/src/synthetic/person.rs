//! Draws what a person keeps from image to image.

use super::colour::{Rgb, hsv, lerp, luminance, mix, scale, srgb};
use super::dice::Dice;
use super::params::{
    Age, Beard, BeardStyle, Brows, Eyes, Hair, HairStyle, HairTone, Lips, Nose, Person, Skull,
};

/// Skin tones from the palest to the darkest, as sRGB.
const TONES: [[u8; 3]; 7] = [
    [236, 204, 186],
    [230, 190, 165],
    [217, 171, 140],
    [196, 148, 114],
    [164, 116, 86],
    [126, 82, 58],
    [88, 57, 43],
];

/// One person. Draws in a fixed order: appending keeps every earlier parameter as it was.
pub(super) fn draw(dice: &mut Dice) -> Person {
    let tone = dice.unit().powf(1.25);
    let skin = skin(dice, tone);
    let hair = hair(dice, tone);
    let beard = beard(dice, &hair, skin);
    Person {
        skin,
        tone,
        blush: dice.range(0.0, 1.0),
        freckles: if dice.chance(0.16) && tone < 0.45 { dice.range(0.4, 1.0) } else { 0.0 },
        shine: dice.range(0.25, 1.0),
        texture_seed: dice.word(),
        skull: Skull {
            width: dice.bell(1.0, 0.045),
            jaw: dice.bell(1.0, 0.06),
            chin_width: dice.bell(1.0, 0.13),
            chin_length: dice.bell(0.0, 3.0),
            cheekbones: dice.bell(1.0, 0.03),
            forehead: dice.bell(0.0, 3.0),
            fullness: dice.bell(0.0, 1.0),
            cleft: if dice.chance(0.2) { dice.range(0.4, 1.0) } else { 0.0 },
        },
        eyes: Eyes {
            spacing: dice.bell(19.3, 0.7),
            width: dice.bell(9.1, 0.65),
            openness: dice.bell(1.0, 0.14),
            tilt: dice.bell(0.7, 0.8),
            iris: iris(dice, tone),
            iris_radius: dice.bell(4.35, 0.2),
            crease: dice.range(0.3, 1.0),
            depth: dice.bell(1.0, 0.25),
        },
        brows: Brows {
            thickness: dice.bell(1.0, 0.17),
            arch: dice.bell(1.0, 0.45),
            height: dice.bell(0.0, 1.2),
            length: dice.bell(1.0, 0.06),
            density: dice.range(0.65, 1.0),
        },
        nose: Nose {
            length: dice.bell(25.5, 1.6),
            width: dice.bell(1.0, 0.12) * lerp(0.95, 1.16, tone),
            bridge: dice.bell(1.0, 0.2),
            tip: dice.bell(1.0, 0.15),
            crooked: dice.bell(0.0, 0.5),
        },
        lips: lips(dice, skin, tone),
        hair,
        beard,
        age: age(dice),
        ears: dice.bell(1.0, 0.12),
        earrings: dice.chance(0.3),
        makeup: dice.range(0.0, 1.0),
    }
}

fn skin(dice: &mut Dice, tone: f32) -> Rgb {
    let place = tone * (TONES.len() - 1) as f32;
    let i = (place as usize).min(TONES.len() - 2);
    let at = |k: usize| srgb(TONES[k][0], TONES[k][1], TONES[k][2]);
    let base = mix(at(i), at(i + 1), place - i as f32);
    // Warm against cool undertones.
    let warmth = dice.bell(0.0, 0.04);
    [base[0] * (1.0 + warmth), base[1], base[2] * (1.0 - 1.6 * warmth)]
}

fn iris(dice: &mut Dice, tone: f32) -> Rgb {
    let light = if tone < 0.4 { 1.0 } else { 0.06 };
    let base = dice.pick(&[
        (srgb(66, 40, 24), 1.0),
        (srgb(104, 66, 36), 0.8),
        (srgb(88, 124, 160), 0.7 * light),
        (srgb(104, 136, 110), 0.4 * light),
        (srgb(128, 134, 138), 0.3 * light),
    ]);
    scale(base, dice.range(0.8, 1.25))
}

fn hair(dice: &mut Dice, tone: f32) -> Hair {
    let fair = if tone < 0.45 { 1.0 } else { 0.05 };
    let hair_tone = dice.pick(&[
        (HairTone::Black, 0.5 + 2.0 * tone),
        (HairTone::Brown, 1.0),
        (HairTone::Blond, 0.75 * fair),
        (HairTone::Red, 0.28 * fair),
        (HairTone::Dyed, 0.05),
    ]);
    let shade = dice.unit();
    let hue = dice.range(0.0, 360.0);
    let colour = match hair_tone {
        HairTone::Black => mix(srgb(20, 17, 18), srgb(44, 34, 30), shade),
        HairTone::Brown => mix(srgb(66, 42, 28), srgb(128, 88, 58), shade),
        HairTone::Blond => mix(srgb(168, 128, 80), srgb(226, 196, 142), shade),
        HairTone::Red => mix(srgb(112, 48, 24), srgb(184, 92, 44), shade),
        HairTone::Dyed => hsv(hue, 0.6, 0.6),
    };
    let afro = if tone > 0.5 { 1.0 } else { 0.08 };
    let male_style = dice.pick(&[
        (HairStyle::Buzz, 0.8 + 0.8 * afro),
        (HairStyle::SidePart, 1.3),
        (HairStyle::Quiff, 1.2),
        (HairStyle::Curls, 0.8),
        (HairStyle::Receding, 0.5),
        (HairStyle::Bald, 0.35),
        (HairStyle::Shaggy, 0.8),
        (HairStyle::Long, 0.25),
        (HairStyle::Afro, 0.5 * afro),
    ]);
    let female_style = dice.pick(&[
        (HairStyle::Long, 1.5),
        (HairStyle::LongWavy, 1.5),
        (HairStyle::Bob, 0.9),
        (HairStyle::BangsLong, 0.7),
        (HairStyle::BangsBob, 0.5),
        (HairStyle::Updo, 0.7),
        (HairStyle::Afro, 0.8 * afro + 0.1),
        (HairStyle::Pixie, 0.25),
    ]);
    Hair {
        tone: hair_tone,
        colour,
        male_style,
        female_style,
        volume: dice.range(0.0, 1.0),
        side: dice.range(0.0, 1.0),
        part: dice.range(-16.0, 16.0),
        length: dice.range(0.0, 1.0),
        wave: dice.range(0.0, 1.0),
        hairline: dice.bell(0.0, 2.0),
        gloss: dice.range(0.3, 1.0),
        seed: dice.word(),
    }
}

fn beard(dice: &mut Dice, hair: &Hair, skin: Rgb) -> Beard {
    let natural = if hair.tone == HairTone::Dyed { srgb(70, 48, 34) } else { hair.colour };
    // A beard must stand out from the skin, or the label would be a guess.
    let limit = 0.38 * luminance(skin);
    let colour = scale(natural, (limit / luminance(natural)).min(1.0) * dice.range(0.7, 1.0));
    Beard {
        style: dice.pick(&[
            (BeardStyle::Stubble, 0.8),
            (BeardStyle::Short, 1.3),
            (BeardStyle::Full, 1.3),
            (BeardStyle::Goatee, 0.8),
            (BeardStyle::ChinCurtain, 0.35),
        ]),
        colour,
        length: dice.unit(),
        density: dice.range(0.0, 1.0),
        cheek_line: dice.bell(0.0, 2.5),
        seed: dice.word(),
    }
}

fn lips(dice: &mut Dice, skin: Rgb, tone: f32) -> Lips {
    let rose = mix(srgb(202, 116, 112), srgb(112, 60, 58), tone);
    let full = dice.bell(1.0, 0.2) * lerp(0.95, 1.3, tone);
    Lips {
        level: dice.bell(42.0, 1.5),
        half_width: dice.bell(15.6, 1.1),
        upper: 3.6 * full * dice.bell(1.0, 0.12),
        lower: 4.9 * full * dice.bell(1.0, 0.12),
        bow: dice.range(0.4, 1.6),
        droop: dice.bell(0.5, 0.7),
        colour: mix(skin, rose, dice.range(0.55, 0.9)),
        lipstick: if dice.chance(0.6) { dice.range(0.4, 0.9) } else { 0.1 },
        lipstick_colour: dice.pick(&[
            (srgb(186, 30, 44), 1.0),
            (srgb(206, 70, 92), 1.0),
            (srgb(150, 36, 62), 0.7),
            (srgb(204, 104, 92), 0.8),
        ]),
    }
}

fn age(dice: &mut Dice) -> Age {
    Age {
        grey: dice.range(0.45, 1.0),
        grey_colour: mix(srgb(128, 126, 126), srgb(222, 220, 216), dice.unit()),
        wrinkles: dice.range(0.6, 1.0),
        folds: dice.range(0.6, 1.0),
        bags: dice.range(0.5, 1.0),
        recession: dice.range(0.0, 1.0),
        spots: dice.range(0.0, 1.0),
        seed: dice.word(),
    }
}
