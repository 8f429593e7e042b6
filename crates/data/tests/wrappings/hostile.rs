//! Archives and tables that are damaged, or made to do harm: one error that names file and image, and
//! nothing outside of the cache is touched.

use std::fs;
use std::path::Path;

use data::DataError;
use parquet::basic::Compression;
use proptest::prelude::*;
use zip::CompressionMethod;

use crate::set::{self, noted, photos, prepare, refused};
use crate::tables::{self, IMAGE, Values};
use crate::zips;

const ZIP: &str = "img_align_celeba.zip";

fn zipped(dir: &Path, files: &[(String, Vec<u8>)]) {
    set::write_lists(dir, "txt");
    zips::write(&dir.join(ZIP), files, CompressionMethod::Deflated);
}

/// Changes the bytes of a file.
fn harm(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

/// Places of a mark in bytes.
fn places(bytes: &[u8], mark: &[u8]) -> Vec<usize> {
    (0..bytes.len()).filter(|at| bytes[*at..].starts_with(mark)).collect()
}

#[test]
fn an_archive_that_is_cut_off_or_something_else_is_named() {
    let dir = tempfile::tempdir().unwrap();
    zipped(dir.path(), &zips::images(""));
    let whole = fs::read(dir.path().join(ZIP)).unwrap();
    for keep in [whole.len() - 1, whole.len() - 30, whole.len() / 2, 60] {
        fs::write(dir.path().join(ZIP), &whole[..keep]).unwrap();
        let error = refused(dir.path());
        assert!(error.contains("img_align_celeba.zip: is no whole zip archive"), "{error}");
    }
    for (bytes, what) in [
        (&b"<!DOCTYPE html><html>quota"[..], "is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0", "is a git-LFS pointer"),
        (b"", "is an empty file"),
        (&[0; 100], "is a file of zero bytes"),
    ] {
        fs::write(dir.path().join(ZIP), bytes).unwrap();
        let error = refused(dir.path());
        assert!(error.contains(what) && error.contains("img_align_celeba.zip"), "{error}");
    }
}

#[test]
fn a_damaged_entry_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = zips::images("img_align_celeba/");
    zips::write(&dir.path().join(ZIP), &files, CompressionMethod::Stored);
    set::write_lists(dir.path(), "txt");
    let third = files[2].1.clone();
    harm(&dir.path().join(ZIP), |bytes| {
        let at = places(bytes, &third)[0] + third.len() / 2;
        bytes[at] ^= 1;
    });
    let error = refused(dir.path());
    let named = "img_align_celeba.zip: 000003.jpg is damaged: Invalid checksum";
    assert!(error.contains(named), "{error}");
    assert!(error.contains("1 image(s) cannot be used") && error.contains("the archive again"));
    // Sound as an entry, damaged as a picture.
    let cut = files[4].1.len() / 2;
    files[4].1.truncate(cut);
    zips::write(&dir.path().join(ZIP), &files, CompressionMethod::Deflated);
    let error = refused(dir.path());
    assert!(error.contains("img_align_celeba.zip: 000005.jpg is cut off"), "{error}");
}

#[test]
fn names_that_lead_outside_are_left_out() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("a/b/root");
    fs::create_dir_all(&root).unwrap();
    let mut files = zips::images("img_align_celeba/");
    let evil = files.pop().unwrap().1;
    for name in ["../000024.jpg", "/tmp/000024.jpg", "img_align_celeba/../../../000024.jpg"] {
        files.push((name.to_owned(), evil.clone()));
    }
    zipped(&root, &files);
    assert!(prepare(&root, "").unwrap().faces.iter().all(|face| face.id != "000024.jpg"));
    noted(&root, "1 of the 24 images of");
    let found: Vec<_> = fs::read_dir(dir.path().join("a/b")).unwrap().flatten().collect();
    assert_eq!(found.len(), 1, "{found:?}");
}

#[test]
fn an_encrypted_entry_is_named() {
    let dir = tempfile::tempdir().unwrap();
    zipped(dir.path(), &zips::images(""));
    // The flag of encryption, in the entry's own header and in the directory.
    harm(&dir.path().join(ZIP), |bytes| {
        let names = places(bytes, b"000007.jpg");
        for (at, header) in names.into_iter().zip([30 - 6, 46 - 8]) {
            bytes[at - header] |= 1;
        }
    });
    let error = refused(dir.path());
    assert!(error.contains("img_align_celeba.zip: 000007.jpg is encrypted"), "{error}");
}

#[test]
fn an_entry_that_unpacks_to_more_than_it_promises_is_not_unpacked() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = zips::images("");
    files[8].1 = vec![0; 40 << 20];
    zipped(dir.path(), &files);
    let sound = fs::read(dir.path().join(ZIP)).unwrap();
    for (promise, what) in
        [(1000u32, "is damaged: File is larger than its declared"), (600 << 20, "limit of 512 MiB")]
    {
        fs::write(dir.path().join(ZIP), &sound).unwrap();
        harm(&dir.path().join(ZIP), |bytes| {
            let at = places(bytes, b"000009.jpg")[1] - 46 + 24;
            bytes[at..at + 4].copy_from_slice(&promise.to_le_bytes());
        });
        let error = refused(dir.path());
        assert!(error.contains("000009.jpg is") && error.contains(what), "{error}");
    }
}

#[test]
fn a_compression_that_is_not_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    zipped(dir.path(), &zips::images(""));
    harm(&dir.path().join(ZIP), |bytes| {
        let names = places(bytes, b"000007.jpg");
        for (at, header) in names.into_iter().zip([30 - 8, 46 - 10]) {
            bytes[at - header] = 12;
        }
    });
    let error = refused(dir.path());
    assert!(error.contains("000007.jpg is compressed by"), "{error}");
}

fn labels(change: impl Fn(usize) -> Option<i64>) -> Values {
    Values::Whole(photos().iter().map(|photo| change(photo.number)).collect())
}

/// A table of images and glasses.
fn table(dir: &Path, images: [Values; 2], glasses: Values, group: usize) {
    packed(dir, images, glasses, group, Compression::SNAPPY);
}

fn packed(dir: &Path, images: [Values; 2], glasses: Values, group: usize, how: Compression) {
    let [bytes, names] = images;
    let fields = format!("{IMAGE} optional int64 Eyeglasses;");
    let columns = [bytes, names, glasses];
    tables::write(&dir.join("train.parquet"), (&fields, &columns), group, how);
}

fn sound_images() -> [Values; 2] {
    tables::images(&photos(), |photo| photo.jpeg.clone(), true)
}

fn alternating(number: usize) -> Option<i64> {
    Some(if number.is_multiple_of(2) { 1 } else { -1 })
}

#[test]
fn a_table_without_images_or_with_other_values_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let fields = "optional int64 Eyeglasses; optional binary caption (STRING);";
    let captions = Values::Bytes(vec![Some(b"a face".to_vec()); set::COUNT]);
    let columns = [labels(alternating), captions];
    let path = dir.path().join("train.parquet");
    tables::write(&path, (fields, &columns), 9, Compression::SNAPPY);
    let error = refused(dir.path());
    assert!(error.contains("train.parquet: has no column of images"), "{error}");
    assert!(error.contains("its columns: Eyeglasses, caption"), "{error}");

    table(dir.path(), sound_images(), labels(|i| if i == 6 { Some(7) } else { alternating(i) }), 9);
    let error = refused(dir.path());
    assert!(error.contains("train.parquet: row 5: Eyeglasses: '7' is not -1 or 1"), "{error}");

    let fields = format!("{IMAGE} optional binary Eyeglasses (STRING);");
    let [bytes, names] = sound_images();
    let words = Values::Bytes(vec![Some(b"maybe".to_vec()); set::COUNT]);
    tables::write(&path, (&fields, &[bytes, names, words]), 9, Compression::SNAPPY);
    let error = refused(dir.path());
    assert!(error.contains("row 0: Eyeglasses: 'maybe' is not"), "{error}");

    // Images as numbers are none.
    let fields = "optional int64 image; optional int64 Eyeglasses;";
    tables::write(
        &path,
        (fields, &[labels(|_| Some(3)), labels(alternating)]),
        9,
        Compression::SNAPPY,
    );
    assert!(refused(dir.path()).contains("has no column of images"));
}

#[test]
fn rows_without_a_usable_image_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let [_, names] = sound_images();
    let bytes = |number: usize| match number {
        5 => None,
        6 => Some(b"<html>log in</html>".to_vec()),
        _ => Some(photos()[number - 1].jpeg.clone()),
    };
    let bytes = Values::Inner((1..=set::COUNT).map(bytes).collect());
    table(dir.path(), [bytes, names], labels(alternating), 5);
    let error = refused(dir.path());
    assert!(error.contains("train.parquet: row 4 has no image"), "{error}");
    assert!(error.contains("train.parquet: row 5 is an HTML page"), "{error}");
    assert!(error.contains("2 image(s) cannot be used"), "{error}");
}

#[test]
fn a_damaged_row_group_leaves_the_others_readable() {
    let dir = tempfile::tempdir().unwrap();
    packed(dir.path(), sound_images(), labels(alternating), 6, Compression::UNCOMPRESSED);
    let jpeg = photos()[8].jpeg.clone();
    harm(&dir.path().join("train.parquet"), |bytes| {
        // The length that stands before the image's bytes.
        let at = places(bytes, &jpeg)[0];
        bytes[at - 4..at].fill(0xFF);
    });
    let error = refused(dir.path());
    assert!(error.contains("6 image(s) cannot be used"), "{error}");
    assert!(error.contains("train.parquet: row 6 is damaged"), "{error}");
    assert!(error.contains("train.parquet: row 7 likewise"), "{error}");
}

/// The library panics at it.
#[test]
fn a_dictionary_of_more_values_than_there_are_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    table(dir.path(), sound_images(), labels(alternating), 6);
    harm(&dir.path().join("train.parquet"), |bytes| {
        // A dictionary's description and its number of values, 6, as a varint in zigzag.
        let at = places(&bytes[..40], &[0x4C, 0x15, 12])[0] + 2;
        bytes[at] = 2 * 50;
    });
    let error = refused(dir.path());
    assert!(error.contains("train.parquet: row 0 is damaged"), "{error}");
    assert!(error.contains("6 image(s) cannot be used"), "{error}");
}

#[test]
fn a_table_that_is_cut_off_or_something_else_is_named() {
    let dir = tempfile::tempdir().unwrap();
    table(dir.path(), sound_images(), labels(alternating), 6);
    let path = dir.path().join("train.parquet");
    let whole = fs::read(&path).unwrap();
    for keep in [whole.len() - 1, whole.len() / 2, 100, 4] {
        fs::write(&path, &whole[..keep]).unwrap();
        let error = refused(dir.path());
        assert!(error.contains("train.parquet: is no whole parquet table"), "{error}");
    }
    fs::write(&path, "version https://git-lfs.github.com/spec/v1\noid sha256:0").unwrap();
    let error = refused(dir.path());
    assert!(error.contains("train.parquet: is a git-LFS pointer"), "{error}");
}

/// What may come of damage: the faces, or an error that names the file.
fn answered(dir: &Path, name: &str) -> Result<(), TestCaseError> {
    match prepare(dir, "") {
        Ok(_) => {}
        Err(DataError::Split { .. }) => {}
        Err(error) => {
            let text = error.to_string();
            let named = text.contains(name) || text.contains(&dir.display().to_string());
            prop_assert!(named, "{text}");
            prop_assert!(text.len() < 4000, "an error of {} bytes", text.len());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Most of a file are pixels: damage is aimed at its end, where archives and tables describe themselves,
    /// and at its first bytes.
    #[test]
    fn damage_is_answered(
        at in prop_oneof![0.0..0.002, 0.97..1.0, 0.0..1.0],
        new in proptest::collection::vec(any::<u8>(), 1..6),
        cut in any::<bool>(),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let change = |bytes: &mut Vec<u8>| {
            let at = ((at * bytes.len() as f64) as usize).min(bytes.len() - 1);
            let end = (at + new.len()).min(bytes.len());
            if cut {
                bytes.drain(at..end);
            } else {
                bytes.splice(at..end, new.clone());
            }
        };
        zipped(dir.path(), &zips::images("img_align_celeba/"));
        harm(&dir.path().join(ZIP), change);
        answered(dir.path(), ZIP)?;
        fs::remove_file(dir.path().join(ZIP)).unwrap();
        fs::remove_file(dir.path().join("list_attr_celeba.txt")).unwrap();
        table(dir.path(), sound_images(), labels(alternating), 6);
        harm(&dir.path().join("train.parquet"), change);
        answered(dir.path(), "train.parquet")?;
    }
}
