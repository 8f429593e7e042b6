//! Draws the parameters of a face from (seed, index): who is shown, then what the shot adds.

use super::Spec;
use super::dice::{Dice, Purpose};
use super::drawn_attribute::DrawnAttribute;
use super::params::{FaceParams, Person, Shot};
use super::{person, shot};

/// Images that share out their identities among themselves.
pub(super) const BLOCK: usize = 6;

/// How the images of a block are shared out: the person, 0 to 2, of each image.
const SHARES: [[u64; BLOCK]; 5] = [
    [0, 0, 1, 1, 2, 2],
    [0, 1, 0, 1, 0, 1],
    [0, 1, 2, 0, 1, 2],
    [0, 1, 1, 2, 2, 2],
    [0, 1, 1, 0, 0, 2],
];

/// Shares of faces with each attribute; on glasses see [`labels`].
const MALE: f32 = 0.5;
const YOUNG: f32 = 0.55;
const SMILING: f32 = 0.48;
const OPEN: f32 = 0.47;
const BEARD: f32 = 0.45;
const GLASSES: f32 = 0.40;

/// The face number `index` (from 0) of the data set. It depends on the seed, the correlation and
/// the index alone, not on the count.
pub fn draw(index: usize, spec: &Spec) -> FaceParams {
    let (block, place) = (index / BLOCK, index % BLOCK);
    let share = Dice::new(spec.seed, Purpose::Block, block as u64).word() as usize % SHARES.len();
    let identity = block as u64 * 3 + SHARES[share][place] + 1;

    let mut of_person = Dice::new(spec.seed, Purpose::Person, identity);
    let mut of_shot = Dice::new(spec.seed, Purpose::Shot, index as u64);
    let correlation = spec.correlation.clamp(0.0, 1.0) as f32;
    let attributes = labels(&mut of_person, &mut of_shot, correlation);
    let person: Person = person::draw(&mut of_person);
    let shot: Shot = shot::draw(&mut of_shot);
    FaceParams { index, identity, attributes, person, shot }
}

/// Male, Young and the beard belong to the person, expression and glasses to the shot. The
/// correlation moves the shares of beards among men and women, and of glasses among young and old,
/// in opposite directions such that the overall shares stay.
fn labels(person: &mut Dice, shot: &mut Dice, correlation: f32) -> [bool; 6] {
    let male = person.chance(MALE);
    let young = person.chance(YOUNG);
    let beard_share = BEARD + 0.4 * correlation * if male { 1.0 } else { -MALE / (1.0 - MALE) };
    let bearded = person.chance(beard_share);
    let glasses_share =
        GLASSES + 0.27 * correlation * if young { -1.0 } else { YOUNG / (1.0 - YOUNG) };
    let mut labels = [false; 6];
    labels[DrawnAttribute::Male.index()] = male;
    labels[DrawnAttribute::Young.index()] = young;
    labels[DrawnAttribute::NoBeard.index()] = !bearded;
    labels[DrawnAttribute::Eyeglasses.index()] = shot.chance(glasses_share);
    labels[DrawnAttribute::Smiling.index()] = shot.chance(SMILING);
    labels[DrawnAttribute::MouthSlightlyOpen.index()] = shot.chance(OPEN);
    labels
}
