//! Draws what changes from image to image: pose, expression, glasses, light, place, camera.

use super::colour::{Rgb, hsv, mix, scale, srgb};
use super::dice::Dice;
use super::params::{
    Backdrop, BackdropKind, Camera, Clothes, Collar, Frame, Glasses, Light, Mouth, Pose, Shot,
};

/// One shot. Draws in a fixed order: appending keeps every earlier parameter as it was.
pub(super) fn draw(dice: &mut Dice) -> Shot {
    Shot {
        pose: Pose {
            yaw: dice.bell(0.0, 11f32.to_radians()),
            pitch: dice.bell(0.0, 4f32.to_radians()),
            roll: dice.bell(0.0, 2.2f32.to_radians()),
            scale: dice.bell(1.0, 0.03),
            shift: [dice.bell(0.0, 0.8), dice.bell(0.0, 0.8)],
        },
        gaze: [dice.bell(0.0, 0.7), dice.bell(0.0, 0.35)],
        lids: dice.bell(1.0, 0.1),
        mouth: Mouth {
            lift: dice.range(4.6, 7.0),
            stretch: dice.range(1.14, 1.26),
            gap: dice.range(6.0, 10.0),
            teeth: dice.unit(),
            tongue: dice.unit(),
            skew: dice.bell(0.0, 0.5),
        },
        glasses: glasses(dice),
        light: light(dice),
        backdrop: backdrop(dice),
        clothes: clothes(dice),
        camera: Camera {
            exposure: dice.bell(1.0, 0.11),
            contrast: dice.bell(1.0, 0.12),
            cast: [dice.bell(1.0, 0.04), 1.0, dice.bell(1.0, 0.05)],
            saturation: dice.bell(1.0, 0.12),
            blur: dice.range(0.35, 0.95),
            noise: dice.range(0.4, 3.2),
            vignette: dice.range(0.0, 0.35),
            seed: dice.word(),
        },
    }
}

fn glasses(dice: &mut Dice) -> Glasses {
    let frame = dice.pick(&[
        (Frame::Thick, 1.2),
        (Frame::Thin, 1.0),
        (Frame::Wire, 0.9),
        (Frame::HalfRim, 0.6),
        (Frame::Sunglasses, 0.75),
    ]);
    let (dark, hue, pale) = (dice.unit(), dice.range(0.0, 360.0), dice.unit());
    let plastic = dice.pick(&[
        (srgb(18, 17, 20), 1.6),
        (mix(srgb(54, 30, 18), srgb(112, 66, 34), dark), 1.0),
        (hsv(hue, 0.65, 0.22 + 0.25 * dark), 0.6),
        (srgb(92, 20, 28), 0.3),
        (srgb(30, 40, 78), 0.3),
    ]);
    let metal = dice.pick(&[
        (srgb(42, 42, 46), 1.0),
        (srgb(104, 106, 112), 0.7),
        (srgb(140, 104, 44), 0.7),
        (srgb(82, 54, 34), 0.5),
    ]);
    let is_metal = matches!(frame, Frame::Wire)
        || (matches!(frame, Frame::Sunglasses | Frame::HalfRim) && dice.chance(0.5));
    let shape = dice.unit();
    let squareness = if shape < 0.35 { 2.0 } else { 2.4 + 3.0 * shape };
    let sun = matches!(frame, Frame::Sunglasses);
    let rim = match frame {
        Frame::Thick => dice.range(3.0, 4.4),
        Frame::Thin => dice.range(2.0, 2.8),
        Frame::Wire => dice.range(1.5, 1.9),
        Frame::HalfRim => dice.range(2.2, 3.2),
        Frame::Sunglasses => dice.range(1.6, 3.2),
    };
    let tint_colour = dice.pick(&[
        (srgb(14, 14, 18), 1.4),
        (srgb(44, 26, 16), 0.8),
        (srgb(20, 34, 30), 0.5),
        (srgb(24, 30, 58), 0.4),
    ]);
    let clear = mix(srgb(196, 206, 214), srgb(214, 204, 188), pale);
    let width = dice.range(14.0, 16.6) + if sun { 0.8 } else { 0.0 };
    Glasses {
        frame,
        colour: if is_metal { metal } else { plastic },
        rim,
        half_width: width,
        half_height: width * dice.range(0.66, 0.92) * if squareness > 2.0 { 0.95 } else { 1.0 },
        squareness,
        taper: if dice.chance(if sun { 0.6 } else { 0.25 }) { dice.range(0.1, 0.28) } else { 0.0 },
        cat: if dice.chance(0.2) { dice.range(1.0, 3.2) } else { 0.0 },
        drop: dice.range(0.4, 2.4),
        tint: if sun { tint_colour } else { clear },
        tint_alpha: if sun { dice.range(0.78, 0.96) } else { dice.range(0.04, 0.13) },
        reflection: dice.range(0.1, 0.5),
        reflection_at: dice.range(-0.4, 0.6),
        metallic: if is_metal { 1.0 } else { 0.35 },
    }
}

fn light(dice: &mut Dice) -> Light {
    let azimuth = dice.bell(0.0, 34f32.to_radians());
    let elevation = dice.range(8.0, 48.0).to_radians();
    let warmth = dice.bell(0.0, 0.06);
    let key = dice.range(0.72, 1.12);
    let ambient = dice.range(0.16, 0.42);
    let sky = dice.bell(0.0, 0.05);
    Light {
        direction: [
            azimuth.sin() * elevation.cos(),
            -elevation.sin(),
            azimuth.cos() * elevation.cos(),
        ],
        key: [key * (1.0 + warmth), key, key * (1.0 - 1.3 * warmth)],
        ambient: [ambient * (1.0 - sky), ambient, ambient * (1.0 + 1.3 * sky)],
        fill: dice.range(0.05, 0.25),
        wrap: dice.range(0.05, 0.5),
        rim: if dice.chance(0.3) { dice.range(0.2, 0.7) } else { 0.0 },
    }
}

fn backdrop(dice: &mut Dice) -> Backdrop {
    let kind = dice.pick(&[
        (BackdropKind::Studio, 1.3),
        (BackdropKind::Bokeh, 1.2),
        (BackdropKind::Stripes, 0.7),
        (BackdropKind::Foliage, 0.7),
        (BackdropKind::Steps, 0.6),
    ]);
    let hue = dice.range(0.0, 360.0);
    let mut colour = |spread: f32| -> Rgb {
        hsv(
            hue + dice.bell(0.0, spread),
            dice.range(0.05, 1.0).powi(2) * 0.6,
            dice.range(0.1, 0.96),
        )
    };
    Backdrop {
        kind,
        colours: [colour(10.0), colour(40.0), colour(90.0)],
        angle: dice.range(0.0, std::f32::consts::TAU),
        contrast: dice.range(0.3, 1.0),
        seed: dice.word(),
    }
}

fn clothes(dice: &mut Dice) -> Clothes {
    let collar = dice.pick(&[
        (Collar::Crew, 1.0),
        (Collar::Vee, 0.9),
        (Collar::Shirt, 1.0),
        (Collar::Suit, 0.9),
        (Collar::Roll, 0.5),
        (Collar::Strap, 0.4),
    ]);
    let colour = hsv(dice.range(0.0, 360.0), dice.unit() * 0.75, dice.range(0.08, 0.85));
    let second = hsv(dice.range(0.0, 360.0), dice.unit() * 0.7, dice.range(0.2, 0.95));
    Clothes {
        collar,
        colour: if collar == Collar::Suit { scale(colour, 0.35) } else { colour },
        second,
        shoulders: dice.bell(1.0, 0.1),
        pattern: if dice.chance(0.35) { dice.range(0.3, 1.0) } else { 0.0 },
        seed: dice.word(),
    }
}
