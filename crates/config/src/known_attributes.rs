//! The catalogue of attributes: one row for each that is known.
//!
//! A row is needed for nothing but its defaults: any column of labels can be edited and judged, known
//! or not.

use crate::choices::Region;

/// What is known about an attribute.
#[derive(Clone, Copy, Debug)]
pub struct KnownAttribute {
    /// Its name, as [`Attribute::of`](crate::Attribute::of) makes it of a column's.
    pub name: &'static str,
    /// Where an edit of it belongs; `None` if that is no part of the face.
    pub region: Option<Region>,
    /// Whether an edit is small: `losses.alpha` is 5e-4 then, else 1e-6.
    pub local: bool,
    /// Whose lists have it.
    pub lists: Lists,
    /// The best accuracy published for CelebA's own labels (Liu et al. 2015, Table 3), which disagree with
    /// people now and then.
    pub published: Option<f64>,
    /// What its name does not say.
    pub note: &'static str,
}

/// Whose lists have an attribute.
#[derive(Clone, Copy, Debug)]
pub struct Lists {
    /// CelebA's 40.
    pub celeba: bool,
    /// The 73 of Kumar et al. for LFW.
    pub lfw: bool,
    /// MTFL's three.
    pub mtfl: bool,
    /// The synthetic faces' six, which are exact.
    pub synthetic: bool,
}

/// A row; `lists` has a letter for each list: C, L, M, S.
const fn row(
    name: &'static str,
    region: Option<Region>,
    local: bool,
    lists: &str,
    note: &'static str,
) -> KnownAttribute {
    let lists = Lists {
        celeba: has(lists, b'C'),
        lfw: has(lists, b'L'),
        mtfl: has(lists, b'M'),
        synthetic: has(lists, b'S'),
    };
    KnownAttribute { name, region, local, lists, published: None, note }
}

impl KnownAttribute {
    const fn published(self, accuracy: f64) -> KnownAttribute {
        KnownAttribute { published: Some(accuracy), ..self }
    }
}

const fn has(lists: &str, list: u8) -> bool {
    let (bytes, mut i) = (lists.as_bytes(), 0);
    while i < bytes.len() {
        if bytes[i] == list {
            return true;
        }
        i += 1;
    }
    false
}

const EYES: Option<Region> = Some(Region::Eyes);
const MOUTH: Option<Region> = Some(Region::Mouth);
const LOWER: Option<Region> = Some(Region::LowerFace);
const HAIR: Option<Region> = Some(Region::Hair);
const FACE: Option<Region> = Some(Region::WholeFace);

/// The paper's six first, then CelebA's others, then LFW's.
pub(crate) const KNOWN: &[KnownAttribute] = &[
    row("eyeglasses", EYES, true, "CLMS", "MTFL's list calls it glasses.").published(0.99),
    row("mouth-slightly-open", MOUTH, true, "CLS", "").published(0.92),
    row("smiling", MOUTH, true, "CLMS", "MTFL's list calls it smile.").published(0.92),
    row("no-beard", LOWER, true, "CLS", "Present means that there is none.").published(0.95),
    row("young", FACE, false, "CLS", "LFW's list calls it Youth.").published(0.87),
    row("male", FACE, false, "CLMS", "MTFL's list calls it gender.").published(0.98),
    row("5-o-clock-shadow", LOWER, true, "CL", ""),
    row("arched-eyebrows", EYES, true, "CL", ""),
    row("attractive", FACE, false, "C", ""),
    row("bags-under-eyes", EYES, true, "CL", ""),
    row("bald", HAIR, true, "CL", ""),
    row("bangs", HAIR, true, "CL", ""),
    row("big-lips", MOUTH, true, "CL", ""),
    row("big-nose", FACE, true, "CL", ""),
    row("black-hair", HAIR, true, "CL", ""),
    row("blond-hair", HAIR, true, "CL", ""),
    row("blurry", None, false, "CL", ""),
    row("brown-hair", HAIR, true, "CL", ""),
    row("bushy-eyebrows", EYES, true, "CL", ""),
    row("chubby", FACE, false, "CL", ""),
    row("double-chin", LOWER, true, "CL", ""),
    row("goatee", LOWER, true, "CL", ""),
    row("gray-hair", HAIR, true, "CL", ""),
    row("heavy-makeup", FACE, false, "CL", ""),
    row("high-cheekbones", FACE, true, "CL", ""),
    row("mustache", MOUTH, true, "CL", ""),
    row("narrow-eyes", EYES, true, "CL", ""),
    row("oval-face", FACE, false, "CL", ""),
    row("pale-skin", FACE, false, "CL", ""),
    row("pointy-nose", FACE, true, "CL", ""),
    row("receding-hairline", HAIR, true, "CL", ""),
    row("rosy-cheeks", FACE, true, "CL", ""),
    row("sideburns", LOWER, true, "CL", ""),
    row("straight-hair", HAIR, true, "CL", ""),
    row("wavy-hair", HAIR, true, "CL", ""),
    row("wearing-earrings", None, true, "CL", ""),
    row("wearing-hat", HAIR, true, "CL", ""),
    row("wearing-lipstick", MOUTH, true, "CL", ""),
    row("wearing-necklace", None, true, "CL", ""),
    row("wearing-necktie", None, true, "CL", ""),
    row("asian", FACE, false, "L", ""),
    row("white", FACE, false, "L", ""),
    row("black", FACE, false, "L", ""),
    row("baby", FACE, false, "L", ""),
    row("child", FACE, false, "L", ""),
    row("middle-aged", FACE, false, "L", ""),
    row("senior", FACE, false, "L", ""),
    row("no-eyewear", EYES, true, "L", ""),
    row("sunglasses", EYES, true, "L", "Not counted as eyeglasses."),
    row("frowning", MOUTH, true, "L", ""),
    row("harsh-lighting", None, false, "L", ""),
    row("flash", None, false, "L", ""),
    row("soft-lighting", None, false, "L", ""),
    row("outdoor", None, false, "L", ""),
    row("curly-hair", HAIR, true, "L", ""),
    row("fully-visible-forehead", HAIR, true, "L", ""),
    row("partially-visible-forehead", HAIR, true, "L", ""),
    row("obstructed-forehead", HAIR, true, "L", ""),
    row("eyes-open", EYES, true, "L", ""),
    row("mouth-closed", MOUTH, true, "L", ""),
    row("mouth-wide-open", MOUTH, true, "L", ""),
    row("teeth-not-visible", MOUTH, true, "L", ""),
    row("round-jaw", LOWER, true, "L", ""),
    row("square-face", FACE, false, "L", ""),
    row("round-face", FACE, false, "L", ""),
    row("color-photo", None, false, "L", ""),
    row("posed-photo", None, false, "L", ""),
    row("attractive-man", FACE, false, "L", ""),
    row("attractive-woman", FACE, false, "L", ""),
    row("indian", FACE, false, "L", ""),
    row("shiny-skin", FACE, false, "L", ""),
    row("strong-nose-mouth-lines", FACE, true, "L", ""),
    row("flushed-face", FACE, false, "L", ""),
    row("brown-eyes", EYES, true, "L", ""),
];

/// Every known attribute: the paper's six first, then CelebA's others, then LFW's.
pub fn known_attributes() -> &'static [KnownAttribute] {
    KNOWN
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::Attribute;

    #[test]
    fn every_row_is_an_attribute_of_its_own_and_the_lists_are_whole() {
        let names: BTreeSet<&str> = KNOWN.iter().map(|known| known.name).collect();
        assert_eq!(names.len(), KNOWN.len());
        assert!(KNOWN.iter().all(|known| Attribute::of(known.name).name() == known.name));
        let count = |has: fn(&Lists) -> bool| KNOWN.iter().filter(|k| has(&k.lists)).count();
        let counts =
            [count(|l| l.celeba), count(|l| l.lfw), count(|l| l.mtfl), count(|l| l.synthetic)];
        assert_eq!(counts, [40, 73, 3, 6]);
    }

    #[test]
    fn the_papers_six_come_first_and_its_global_ones_are_the_papers() {
        let six: Vec<&str> = KNOWN[..6].iter().map(|known| known.name).collect();
        assert!(Attribute::of_the_paper().map(|a| a.name().to_owned()).eq(six.iter().copied()));
        let global = KNOWN[..6].iter().filter(|known| !known.local).map(|known| known.name);
        assert_eq!(global.collect::<Vec<_>>(), ["young", "male"]);
    }
}
