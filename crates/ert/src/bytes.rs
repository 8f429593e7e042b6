//! This crate's own file: sizes, arrays, checksum.

use crate::ErtError;
use crate::model::{Cascade, Ert, Sizes, Split};
use crate::options::{MAX_DEPTH, MAX_POOL};

const MAGIC: &[u8; 8] = b"ertmodel";
const VERSION: u32 = 1;
const HEADER: usize = 8 + 4 + 5 * 4;
const CHECKSUM: usize = blake3::OUT_LEN;

impl Ert {
    /// The model as bytes, all numbers little endian:
    ///
    /// * `ertmodel`; u32 version 1; u32 points K, cascade levels, trees per level, tree depth d,
    ///   pool pixels per level;
    /// * mean shape, `2K` f32;
    /// * per level: anchors, `pool` u16; deltas, `pool x 2` f32; splits of
    ///   `trees x (2^d - 1)`, each u16 u16 f32; leaves, `trees x 2^d x 2K` f32;
    /// * BLAKE3 of everything before, 32 bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let Sizes { points, cascades, trees, depth, pool } = self.sizes;
        let mut out = MAGIC.to_vec();
        out.extend(VERSION.to_le_bytes());
        for size in [points, cascades, trees, depth, pool] {
            out.extend((size as u32).to_le_bytes());
        }
        let floats = |out: &mut Vec<u8>, values: &[f32]| {
            out.extend(values.iter().flat_map(|value| value.to_le_bytes()));
        };
        floats(&mut out, &self.initial);
        for cascade in &self.cascades {
            out.extend(cascade.anchors.iter().flat_map(|anchor| anchor.to_le_bytes()));
            floats(&mut out, cascade.deltas.as_flattened());
            for split in &cascade.splits {
                out.extend(split.first.to_le_bytes());
                out.extend(split.second.to_le_bytes());
                out.extend(split.threshold.to_le_bytes());
            }
            floats(&mut out, &cascade.leaves);
        }
        let checksum = blake3::hash(&out);
        out.extend(checksum.as_bytes());
        out
    }

    /// The model in the bytes of [`to_bytes`](Ert::to_bytes). Memory stays within a small
    /// multiple of the length of `bytes`.
    ///
    /// # Errors
    /// Another format or version, sizes that disagree with the length, a wrong checksum, an index
    /// out of range or a number that is not finite.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ErtError> {
        if !bytes.starts_with(MAGIC) {
            return Err(ErtError::Bytes("it does not start with `ertmodel`"));
        }
        if bytes.len() < HEADER + CHECKSUM {
            return Err(ErtError::Bytes("it is cut short"));
        }
        let (body, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
        let mut reader = Reader { rest: &body[MAGIC.len()..] };
        if reader.u32()? != VERSION {
            return Err(ErtError::Bytes("it has a version other than 1"));
        }
        let sizes = Sizes {
            points: reader.u32()? as usize,
            cascades: reader.u32()? as usize,
            trees: reader.u32()? as usize,
            depth: reader.u32()? as usize,
            pool: reader.u32()? as usize,
        };
        sizes.check().map_err(ErtError::Bytes)?;
        if body_length(&sizes) != Some(body.len()) {
            return Err(ErtError::Bytes("its length disagrees with its sizes"));
        }
        if blake3::hash(body).as_bytes() != checksum {
            return Err(ErtError::Bytes("its checksum is wrong: it is damaged"));
        }
        let initial = reader.floats(sizes.dims())?;
        let cascades =
            (0..sizes.cascades).map(|_| reader.cascade(&sizes)).collect::<Result<_, _>>()?;
        let ert = Self { sizes, initial, cascades };
        ert.check().map_err(ErtError::Bytes)?;
        Ok(ert)
    }

    /// What detection relies on: indices in range; numbers that are finite.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let Sizes { points, pool, .. } = self.sizes;
        let finite = |values: &[f32]| values.iter().all(|value| value.is_finite());
        let mut good = finite(&self.initial);
        for cascade in &self.cascades {
            if cascade.anchors.iter().any(|&anchor| anchor as usize >= points) {
                return Err("a pixel is tied to a point that does not exist");
            }
            if cascade.splits.iter().any(|s| s.first.max(s.second) as usize >= pool) {
                return Err("a split compares a pixel that does not exist");
            }
            good &= finite(cascade.deltas.as_flattened()) && finite(&cascade.leaves);
            good &= cascade.splits.iter().all(|split| split.threshold.is_finite());
        }
        if good { Ok(()) } else { Err("a number is not finite") }
    }
}

impl Sizes {
    /// Sizes that a model can have, whatever its length.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.points == 0 || self.points > u16::MAX as usize {
            return Err("the number of points is not 1 to 65535");
        }
        if self.cascades == 0 || self.trees == 0 {
            return Err("it has no trees");
        }
        if self.depth == 0 || self.depth > MAX_DEPTH {
            return Err("the depth of the trees is not 1 to 12");
        }
        if self.pool == 0 || self.pool > MAX_POOL {
            return Err("the pool does not have 1 to 65535 pixels");
        }
        Ok(())
    }
}

/// Bytes before the checksum; `None` beyond the address space.
fn body_length(sizes: &Sizes) -> Option<usize> {
    let tree = sizes.splits() * 8 + sizes.leaves() * sizes.dims() * 4;
    let level = sizes.trees.checked_mul(tree)?.checked_add(sizes.pool * 10)?;
    level.checked_mul(sizes.cascades)?.checked_add(HEADER + sizes.dims() * 4)
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn array<const N: usize>(&mut self) -> Result<[u8; N], ErtError> {
        let (head, rest) =
            self.rest.split_first_chunk::<N>().ok_or(ErtError::Bytes("it is cut short"))?;
        self.rest = rest;
        Ok(*head)
    }

    fn u32(&mut self) -> Result<u32, ErtError> {
        self.array().map(u32::from_le_bytes)
    }

    fn u16(&mut self) -> Result<u16, ErtError> {
        self.array().map(u16::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, ErtError> {
        self.array().map(f32::from_le_bytes)
    }

    fn floats(&mut self, n: usize) -> Result<Vec<f32>, ErtError> {
        (0..n).map(|_| self.f32()).collect()
    }

    fn cascade(&mut self, sizes: &Sizes) -> Result<Cascade, ErtError> {
        let anchors = (0..sizes.pool).map(|_| self.u16()).collect::<Result<_, _>>()?;
        let deltas =
            (0..sizes.pool).map(|_| Ok([self.f32()?, self.f32()?])).collect::<Result<_, _>>()?;
        let splits = (0..sizes.trees * sizes.splits())
            .map(|_| Ok(Split { first: self.u16()?, second: self.u16()?, threshold: self.f32()? }))
            .collect::<Result<_, _>>()?;
        let leaves = self.floats(sizes.trees * sizes.leaves() * sizes.dims())?;
        Ok(Cascade { anchors, deltas, splits, leaves })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::tiny_model;

    #[test]
    fn a_model_survives_the_trip() {
        let ert = tiny_model();
        assert_eq!(Ert::from_bytes(&ert.to_bytes()), Ok(ert));
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let bytes = tiny_model().to_bytes();
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert!(Ert::from_bytes(&damaged).is_err(), "byte {at}");
            assert!(Ert::from_bytes(&bytes[..at]).is_err(), "cut at {at}");
        }
    }

    /// Bytes with a good checksum whose content would break detection.
    #[test]
    fn a_good_checksum_does_not_excuse_bad_content() {
        let mut far = tiny_model();
        far.cascades[0].anchors[0] = far.sizes.points as u16;
        assert!(Ert::from_bytes(&far.to_bytes()).is_err());
        let mut far = tiny_model();
        far.cascades[1].splits[2].second = far.sizes.pool as u16;
        assert!(Ert::from_bytes(&far.to_bytes()).is_err());
        let mut nan = tiny_model();
        nan.cascades[0].leaves[3] = f32::NAN;
        assert_eq!(
            Ert::from_bytes(&nan.to_bytes()),
            Err(ErtError::Bytes("a number is not finite"))
        );
    }

    #[test]
    fn huge_sizes_are_refused_before_memory_is_taken() {
        let mut bytes = tiny_model().to_bytes();
        bytes[16..24].fill(0xff);
        let body = bytes.len() - CHECKSUM;
        let checksum = blake3::hash(&bytes[..body]);
        bytes[body..].copy_from_slice(checksum.as_bytes());
        let refused = ErtError::Bytes("its length disagrees with its sizes");
        assert_eq!(Ert::from_bytes(&bytes), Err(refused));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(
            start in 0usize..40, noise in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            let bytes = tiny_model().to_bytes();
            let mut mixed = bytes[..start].to_vec();
            mixed.extend(noise);
            prop_assert!(Ert::from_bytes(&mixed).is_err());
        }
    }
}
