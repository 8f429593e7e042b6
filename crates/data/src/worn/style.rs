//! What a pair of glasses looks like.

use rand::{Rng, RngExt};

use crate::synthetic::colour::{Rgb, hsv, srgb};

/// Two families of glasses whose outlines (squareness) and frame colours do not overlap; rims, sizes and
/// tints are drawn alike. What learns from one has never seen a pair of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Styles {
    /// For training: generators with `losses.paired`, and judges.
    Training,
    /// For images that are judged.
    Test,
}

/// How a lens is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rim {
    /// All around.
    Full,
    /// Above alone; below is a thread.
    Upper,
    /// Only where the light catches the edge.
    None,
}

/// One pair of glasses; lengths in units of the distance between the eyes.
#[derive(Clone, Debug)]
pub(super) struct Style {
    pub(super) rim: Rim,
    /// Thickness of the rim.
    pub(super) thickness: f32,
    pub(super) colour: Rgb,
    /// 0 matt, 1 polished metal.
    pub(super) gloss: f32,
    pub(super) half_width: f32,
    pub(super) half_height: f32,
    /// Exponent of the outline: 2 is an ellipse, larger is nearer a rectangle.
    pub(super) squareness: f32,
    /// How much narrower a lens is below than above.
    pub(super) taper: f32,
    /// How far the outer upper corners are drawn up.
    pub(super) cat: f32,
    /// Distance of a lens's centre from the middle, and below the eyes.
    pub(super) centre: [f32; 2],
    pub(super) tint: Rgb,
    /// Share of light that the tint takes above and below.
    pub(super) tint_alpha: [f32; 2],
    /// Strength, place and width of reflected light.
    pub(super) glare: [f32; 3],
    pub(super) shadow: f32,
    /// How much the camera blurs it, in pixels of the crop.
    pub(super) softness: f32,
    /// Height of the temples at the hinge, relative to the lens's half height.
    pub(super) hinge: f32,
}

/// Width of the bands of squareness that belong to one family and the other by turns.
const BAND: f32 = 0.4;
const ROUNDEST: f32 = 1.8;
const BANDS: u32 = 10;

const TRAINING: [[u8; 3]; 9] = [
    [18, 17, 18],
    [52, 36, 28],
    [84, 52, 30],
    [150, 148, 146],
    [176, 148, 92],
    [24, 30, 52],
    [96, 22, 26],
    [70, 70, 74],
    [206, 200, 190],
];
const TEST: [[u8; 3]; 9] = [
    [30, 28, 27],
    [40, 24, 16],
    [112, 74, 44],
    [122, 124, 128],
    [198, 174, 128],
    [36, 56, 60],
    [120, 46, 70],
    [92, 88, 82],
    [178, 184, 192],
];
/// The last colours of a palette that are metal.
fn is_metal(place: usize) -> bool {
    matches!(place, 3 | 4 | 7 | 8)
}

impl Style {
    /// Draws one of a family.
    pub(super) fn draw(rng: &mut impl Rng, styles: Styles) -> Style {
        let (palette, odd) = match styles {
            Styles::Training => (&TRAINING, 0),
            Styles::Test => (&TEST, 1),
        };
        let dark = rng.random_bool(0.27);
        // Dark plastic is the most common, in pictures as in shops.
        let place = if rng.random_bool(0.45) {
            rng.random_range(0..2)
        } else {
            rng.random_range(0..palette.len())
        };
        let [r, g, b] = palette[place];
        let metal = is_metal(place);
        let rim = match rng.random_range(0..20u8) {
            0..14 => Rim::Full,
            14..18 => Rim::Upper,
            _ => Rim::None,
        };
        let thickness = match (metal, dark) {
            (true, _) => rng.random_range(0.022..0.05),
            (false, false) => rng.random_range(0.04..0.115),
            (false, true) => rng.random_range(0.05..0.13),
        };
        let band = (2 * rng.random_range(0..BANDS / 2) + odd) as f32;
        let squareness = ROUNDEST + BAND * (band + rng.random_range(0.02..0.98));
        let half_width = rng.random_range(0.37..0.49) + if dark { 0.05 } else { 0.0 };
        let low = if squareness > 2.6 { 0.54 } else { 0.64 };
        let half_height = half_width * rng.random_range(low..low + 0.33);
        let gap = rng.random_range(0.09..0.16);
        let (tint, tint_alpha) = tint(rng, dark);
        Style {
            rim,
            thickness,
            colour: srgb(r, g, b),
            gloss: if metal { rng.random_range(0.5..1.0) } else { rng.random_range(0.05..0.5) },
            half_width,
            half_height,
            squareness,
            taper: if rng.random_bool(0.5) { rng.random_range(0.0..0.22) } else { 0.0 },
            cat: if rng.random_bool(0.2) { rng.random_range(0.02..0.08) } else { 0.0 },
            centre: [half_width + gap, rng.random_range(0.0..0.13)],
            tint,
            tint_alpha,
            glare: [
                if rng.random_bool(0.45) { rng.random_range(0.05..0.5) } else { 0.0 },
                rng.random_range(-0.6..0.6),
                rng.random_range(0.06..0.3),
            ],
            shadow: rng.random_range(0.05..0.4),
            softness: rng.random_range(0.0..0.8),
            hinge: rng.random_range(-0.75..-0.1),
        }
    }
}

/// A tint and what it takes above and below: dark glasses, or lenses that are hardly there.
fn tint(rng: &mut impl Rng, dark: bool) -> (Rgb, [f32; 2]) {
    if !dark {
        let veil = rng.random_range(0.35..0.75);
        return ([veil; 3], [rng.random_range(0.0..0.14), rng.random_range(0.0..0.1)]);
    }
    let colour = match rng.random_range(0..4u8) {
        0..2 => srgb(12, 12, 15),
        2 => hsv(rng.random_range(15.0..40.0), 0.6, 0.25),
        _ => hsv(rng.random_range(150.0..250.0), 0.4, 0.25),
    };
    let above = rng.random_range(0.68..0.995);
    let fade = if rng.random_bool(0.4) { rng.random_range(0.4..1.0) } else { 1.0 };
    (colour, [above, above * fade])
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand_chacha::ChaCha8Rng;

    use super::*;

    #[test]
    fn the_families_share_no_outline_and_no_colour() {
        assert!(TRAINING.iter().all(|colour| !TEST.contains(colour)));
        let mut rng = ChaCha8Rng::seed_from_u64(2);
        for (styles, odd) in [(Styles::Training, 0), (Styles::Test, 1)] {
            for _ in 0..300 {
                let style = Style::draw(&mut rng, styles);
                let band = ((style.squareness - ROUNDEST) / BAND) as u32;
                assert_eq!(band % 2, odd, "{}", style.squareness);
            }
        }
    }

    #[test]
    fn about_a_quarter_is_dark() {
        let mut rng = ChaCha8Rng::seed_from_u64(3);
        let dark = |_: &i32| Style::draw(&mut rng, Styles::Training).tint_alpha[0] > 0.3;
        let count = (0..1000).filter(dark).count();
        assert!((220..320).contains(&count), "{count}");
    }
}
