//! dlib's `shape_predictor` files, read and written.
//!
//! The format, from dlib's `serialize.h`, `float_details.h` and `shape_predictor.h`:
//!
//! * An integer is a control byte, whose low four bits count the bytes that follow and whose high
//!   bit is the sign, then the magnitude, least significant byte first. Zero takes one byte.
//! * A float is an integer mantissa and an integer exponent, value `mantissa * 2^exponent`;
//!   exponents from 32000 mean infinities and NaN.
//! * A vector is its length, then its elements; a matrix is `-rows`, `-columns`, then its
//!   elements row by row.
//! * A predictor is version 1, the mean shape (a column), forests `[levels][trees]` of (splits,
//!   leaves), anchors `[levels][pool]`, deltas `[levels][pool]`. A split is two pool indices and
//!   a threshold.

use crate::ErtError;
use crate::model::{Cascade, Ert, Sizes, Split};
use crate::options::{MAX_DEPTH, MAX_POOL};

impl Ert {
    /// The model in a file that dlib wrote (`shape_predictor.save`,
    /// `train_shape_predictor(..., output)`). Memory stays within a small multiple of the length
    /// of `bytes`. Detections are dlib's before it rounds them to whole pixels.
    ///
    /// # Errors
    /// Not such a file, damage, or a cascade whose levels differ in trees, depth or pool; dlib's
    /// trainer makes none of those.
    pub fn from_dlib(bytes: &[u8]) -> Result<Self, ErtError> {
        let mut reader = Reader { bytes, at: 0 };
        reader.model().map_err(|what| ErtError::Dlib { what, at: reader.at })
    }

    /// The model as dlib's own file, which `dlib::shape_predictor` loads.
    pub fn to_dlib(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_int(&mut out, 1);
        write_column(&mut out, &self.initial);
        write_int(&mut out, self.cascades.len() as i64);
        for cascade in &self.cascades {
            write_int(&mut out, self.sizes.trees as i64);
            let leaves = cascade.leaves.chunks_exact(self.sizes.leaves() * self.sizes.dims());
            for (splits, leaves) in cascade.splits.chunks_exact(self.sizes.splits()).zip(leaves) {
                write_int(&mut out, splits.len() as i64);
                for split in splits {
                    write_int(&mut out, split.first.into());
                    write_int(&mut out, split.second.into());
                    write_float(&mut out, split.threshold);
                }
                write_int(&mut out, self.sizes.leaves() as i64);
                leaves
                    .chunks_exact(self.sizes.dims())
                    .for_each(|leaf| write_column(&mut out, leaf));
            }
        }
        write_int(&mut out, self.cascades.len() as i64);
        for cascade in &self.cascades {
            write_int(&mut out, cascade.anchors.len() as i64);
            cascade.anchors.iter().for_each(|&anchor| write_int(&mut out, anchor.into()));
        }
        write_int(&mut out, self.cascades.len() as i64);
        for cascade in &self.cascades {
            write_int(&mut out, cascade.deltas.len() as i64);
            cascade.deltas.as_flattened().iter().for_each(|&value| write_float(&mut out, value));
        }
        out
    }
}

fn write_int(out: &mut Vec<u8>, value: i64) {
    let magnitude = value.unsigned_abs();
    let bytes = (64 - magnitude.leading_zeros()).div_ceil(8).max(1) as usize;
    out.push(bytes as u8 | if value < 0 { 0x80 } else { 0 });
    out.extend(&magnitude.to_le_bytes()[..bytes]);
}

/// A finite float. dlib scales the mantissa to 24 bits and then drops zero bytes, at most eight.
fn write_float(out: &mut Vec<u8>, value: f32) {
    let bits = value.to_bits();
    let (field, fraction) = ((bits >> 23 & 0xff) as i64, i64::from(bits & 0x7f_ffff));
    let (mut mantissa, mut exponent) =
        if field == 0 { (fraction, -149) } else { (fraction | 0x80_0000, field - 150) };
    if mantissa == 0 {
        exponent = -24;
    }
    // Subnormals: `frexp` normalises them too.
    while mantissa != 0 && mantissa < 0x80_0000 {
        mantissa <<= 1;
        exponent -= 1;
    }
    for _ in 0..8 {
        if mantissa & 0xff == 0 {
            mantissa >>= 8;
            exponent += 8;
        }
    }
    write_int(out, if value < 0.0 { -mantissa } else { mantissa });
    write_int(out, exponent);
}

fn write_column(out: &mut Vec<u8>, values: &[f32]) {
    write_int(out, -(values.len() as i64));
    write_int(out, -1);
    values.iter().for_each(|&value| write_float(out, value));
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

type Read<T> = Result<T, &'static str>;

impl Reader<'_> {
    fn model(&mut self) -> Read<Ert> {
        if self.int()? != 1 {
            return Err("its version is not 1");
        }
        let initial = self.column(None)?;
        if initial.is_empty() || initial.len() % 2 == 1 {
            return Err("the mean shape is not a list of points");
        }
        let cascades = self.count(1)?;
        let mut sizes = Sizes { points: initial.len() / 2, cascades, trees: 0, depth: 0, pool: 0 };
        let forests =
            (0..cascades).map(|level| self.forest(level, &mut sizes)).collect::<Read<Vec<_>>>()?;
        self.expect(cascades, "levels and anchors disagree")?;
        let mut anchors = Vec::new();
        for level in 0..cascades {
            let pool = self.count(MIN_INT)?;
            if level == 0 {
                sizes.pool = pool;
            }
            if pool != sizes.pool || pool > MAX_POOL {
                return Err("levels differ in their pool, or it has more than 65535 pixels");
            }
            anchors.push((0..pool).map(|_| self.u16()).collect::<Read<Vec<_>>>()?);
        }
        self.expect(cascades, "levels and deltas disagree")?;
        let mut levels = Vec::new();
        for ((splits, leaves), anchors) in forests.into_iter().zip(anchors) {
            self.expect(sizes.pool, "anchors and deltas disagree")?;
            let deltas = (0..sizes.pool)
                .map(|_| Ok([self.float()?, self.float()?]))
                .collect::<Read<Vec<_>>>()?;
            levels.push(Cascade { anchors, deltas, splits, leaves });
        }
        if self.at != self.bytes.len() {
            return Err("bytes are left over");
        }
        sizes.check()?;
        let ert = Ert { sizes, initial, cascades: levels };
        ert.check()?;
        Ok(ert)
    }

    /// Splits and leaves of one level; the first tree of the first level sets the sizes.
    fn forest(&mut self, level: usize, sizes: &mut Sizes) -> Read<(Vec<Split>, Vec<f32>)> {
        let trees = self.count(1)?;
        if level == 0 {
            sizes.trees = trees;
        }
        if trees != sizes.trees {
            return Err("levels differ in their number of trees");
        }
        let (mut splits, mut leaves) = (Vec::new(), Vec::new());
        for tree in 0..trees {
            let nodes = self.count(MIN_INT)?;
            if level == 0 && tree == 0 {
                sizes.depth = (nodes + 1).trailing_zeros() as usize;
            }
            if sizes.depth == 0 || sizes.depth > MAX_DEPTH || nodes != sizes.splits() {
                return Err("trees differ in depth, or are not full trees of depth 1 to 12");
            }
            for _ in 0..nodes {
                let (first, second) = (self.u16()?, self.u16()?);
                splits.push(Split { first, second, threshold: self.float()? });
            }
            self.expect(sizes.leaves(), "splits and leaves disagree")?;
            for _ in 0..sizes.leaves() {
                leaves.extend(self.column(Some(sizes.dims()))?);
            }
        }
        Ok((splits, leaves))
    }

    fn byte(&mut self) -> Read<u8> {
        let byte = *self.bytes.get(self.at).ok_or("it is cut short")?;
        self.at += 1;
        Ok(byte)
    }

    fn int(&mut self) -> Read<i64> {
        let control = self.byte()?;
        let bytes = control & 0x0f;
        if bytes == 0 || bytes > 8 || control & 0x70 != 0 {
            return Err("an integer has no valid length");
        }
        let mut magnitude = 0u64;
        for shift in 0..bytes {
            magnitude |= u64::from(self.byte()?) << (8 * shift);
        }
        let value = i64::try_from(magnitude).map_err(|_| "an integer is out of range")?;
        Ok(if control & 0x80 == 0 { value } else { -value })
    }

    fn u16(&mut self) -> Read<u16> {
        u16::try_from(self.int()?).map_err(|_| "an index is negative or above 65535")
    }

    /// A length whose elements take at least `element` bytes each, so that it cannot exceed
    /// what is left of the file.
    fn count(&mut self, element: usize) -> Read<usize> {
        let count = usize::try_from(self.int()?).map_err(|_| "a length is negative")?;
        let left = self.bytes.len() - self.at;
        if count > left / element { Err("a length exceeds the file") } else { Ok(count) }
    }

    fn expect(&mut self, expected: usize, otherwise: &'static str) -> Read<()> {
        if self.count(1)? == expected { Ok(()) } else { Err(otherwise) }
    }

    fn float(&mut self) -> Read<f32> {
        let (mantissa, exponent) = (self.int()?, self.int()?);
        // Beyond these the value is 0 or not finite in 32 bits, whatever the mantissa.
        let exponent = exponent.clamp(-300, 300) as i32;
        let value = (mantissa as f64 * f64::from(exponent).exp2()) as f32;
        if value.is_finite() { Ok(value) } else { Err("a number is not finite") }
    }

    fn column(&mut self, expected: Option<usize>) -> Read<Vec<f32>> {
        let (rows, columns) = (self.int()?, self.int()?);
        let rows = usize::try_from(-rows).map_err(|_| "a matrix has no valid size")?;
        let left = self.bytes.len() - self.at;
        if columns != -1 || rows > left / (2 * MIN_INT) || expected.is_some_and(|n| n != rows) {
            return Err("a matrix is not a column of the right size");
        }
        (0..rows).map(|_| self.float()).collect()
    }
}

/// Bytes of the shortest integer.
const MIN_INT: usize = 2;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::tiny_model;

    /// Bytes by hand after `serialize.h` and `float_details.h`.
    #[test]
    fn integers_and_floats_by_hand() {
        let int = |value| {
            let mut out = Vec::new();
            write_int(&mut out, value);
            out
        };
        assert_eq!(int(0), [1, 0]);
        assert_eq!(int(-300), [0x82, 0x2c, 0x01]);
        let float = |value| {
            let mut out = Vec::new();
            write_float(&mut out, value);
            out
        };
        // 0.5 * 2^24 is 2^23; two zero bytes go: 128 * 2^-8.
        assert_eq!(float(0.5), [1, 128, 0x81, 8]);
        // frexp(0) is 0 with exponent 0; eight shifts: -24 + 64.
        assert_eq!(float(0.0), [1, 0, 1, 40]);
    }

    #[test]
    fn a_model_survives_the_trip() {
        let ert = tiny_model();
        assert_eq!(Ert::from_dlib(&ert.to_dlib()), Ok(ert));
    }

    #[test]
    fn a_cut_file_or_a_longer_one_is_refused() {
        let mut bytes = tiny_model().to_dlib();
        for at in 0..bytes.len() {
            assert!(Ert::from_dlib(&bytes[..at]).is_err(), "cut at {at}");
        }
        bytes.push(0);
        let at = bytes.len() - 1;
        assert_eq!(Ert::from_dlib(&bytes), Err(ErtError::Dlib { what: "bytes are left over", at }));
    }

    #[test]
    fn a_hostile_length_is_refused_before_memory_is_taken() {
        // Version 1, then a column of 2^40 numbers.
        let bytes = [1, 1, 0x86, 0, 0, 0, 0, 0, 1, 0x81, 1, 0, 0];
        let refused = "a matrix is not a column of the right size";
        assert_eq!(Ert::from_dlib(&bytes), Err(ErtError::Dlib { what: refused, at: 11 }));
    }

    proptest! {
        #[test]
        fn every_finite_float_survives(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            let mut out = Vec::new();
            write_float(&mut out, value);
            let read = Reader { bytes: &out, at: 0 }.float();
            prop_assert_eq!(read, Ok(value));
        }

        #[test]
        fn damaged_bytes_never_panic(
            at in 0usize..400, noise in prop::collection::vec(any::<u8>(), 0..60)
        ) {
            let mut bytes = tiny_model().to_dlib();
            let end = (at + noise.len()).min(bytes.len());
            bytes.splice(at.min(end)..end, noise);
            // A changed number can make another valid model, which must then work.
            if let Ok(ert) = Ert::from_dlib(&bytes) {
                let image = crate::GreyImage { width: 2, height: 2, pixels: vec![9; 4] };
                let rect = crate::Rect { left: 0.0, top: 0.0, right: 1.0, bottom: 1.0 };
                prop_assert_eq!(ert.detect(&image, &rect).len(), ert.points());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = Ert::from_dlib(&noise);
        }
    }
}
