//! Zip archives, read in place.

use std::fs;
use std::io::Write;
use std::path::Path;

use data::Origin;
use zip::CompressionMethod;
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::set::{self, noted, notes, photos, prepare, same, settings};

/// Writes an archive of these files, in this order.
pub(crate) fn write(path: &Path, files: &[(String, Vec<u8>)], method: CompressionMethod) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut zip = ZipWriter::new(fs::File::create(path).unwrap());
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        match name.strip_suffix('/') {
            Some(directory) => zip.add_directory(directory, options).unwrap(),
            None => {
                zip.start_file(name, options).unwrap();
                zip.write_all(bytes).unwrap();
            }
        }
    }
    zip.finish().unwrap();
}

pub(crate) fn images(directory: &str) -> Vec<(String, Vec<u8>)> {
    photos().iter().map(|p| (format!("{directory}{}", p.name()), p.jpeg.clone())).collect()
}

#[test]
fn celebas_own_archive_is_read_where_it_lies() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for place in ["img_align_celeba.zip", "Img/img_align_celeba.zip", "faces.zip"] {
            let dir = tempfile::tempdir().unwrap();
            let mut files = vec![("img_align_celeba/".to_owned(), Vec::new())];
            files.extend(images("img_align_celeba/"));
            // In no order, and with what macOS adds.
            files.reverse();
            files.push(("__MACOSX/img_align_celeba/._000001.jpg".to_owned(), vec![0; 9]));
            write(&dir.path().join(place), &files, method);
            set::write_lists(&dir.path().join("Anno"), "txt");
            same(dir.path());
            let origin = &prepare(dir.path(), "").unwrap().faces[0].origin;
            assert!(matches!(origin, Origin::Entry { .. }), "{origin}");
            assert!(origin.to_string().ends_with("zip: 000001.jpg"), "{origin}");
        }
    }
}

#[test]
fn kaggles_archive_is_read_with_the_lists_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = images("img_align_celeba/img_align_celeba/");
    files.extend(set::lists("csv").into_iter().map(|(name, text)| (name, text.into_bytes())));
    files.push(("img_celeba/000001.jpg".to_owned(), vec![1]));
    write(&dir.path().join("archive.zip"), &files, CompressionMethod::Deflated);
    same(dir.path());
    noted(dir.path(), "1 in other directories of it are not");
}

#[test]
fn crops_in_an_archive_are_read_as_in_a_directory() {
    let [dir, zipped] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let image = |photo: &set::Photo| {
        let image = image::load_from_memory(&photo.jpeg).unwrap().crop_imm(0, 20, 178, 178);
        let image = image.resize_exact(64, 64, image::imageops::FilterType::Triangle);
        set::encoded(&image.into_rgb8(), image::ImageFormat::Png)
    };
    let files: Vec<(String, Vec<u8>)> =
        photos().iter().map(|p| (p.name().replace("jpg", "png"), image(p))).collect();
    write(&zipped.path().join("img_align_celeba_png.zip"), &files, CompressionMethod::Stored);
    let images = dir.path().join("img_align_celeba_png");
    fs::create_dir(&images).unwrap();
    files.iter().for_each(|(name, bytes)| fs::write(images.join(name), bytes).unwrap());
    let [a, b] = [&dir, &zipped].map(|dir| {
        set::write_lists(dir.path(), "csv");
        set::seen(&prepare(dir.path(), "crop = \"made-centre\"").unwrap())
    });
    assert_eq!(a, b);
}

#[test]
fn a_directory_goes_before_an_archive_and_that_is_said() {
    let dir = tempfile::tempdir().unwrap();
    set::plain(dir.path());
    let before = data::fingerprint(&settings(dir.path(), ""), dir.path()).unwrap();
    write(&dir.path().join("img_align_celeba.zip"), &images("")[..3], CompressionMethod::Stored);
    same(dir.path());
    noted(dir.path(), "img_align_celeba.zip is not used");
    assert_eq!(data::fingerprint(&settings(dir.path(), ""), dir.path()).unwrap(), before);
    // An archive of something else is nobody's business.
    fs::remove_file(dir.path().join("img_align_celeba.zip")).unwrap();
    write(&dir.path().join("other.zip"), &images("")[..3], CompressionMethod::Stored);
    assert!(!notes(dir.path()).iter().any(|note| note.contains("other.zip")));
}

#[test]
fn a_root_that_is_the_archive_itself_is_told_what_to_set() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("img_align_celeba.zip"), &images(""), CompressionMethod::Stored);
    let error = set::refused(&dir.path().join("img_align_celeba.zip"));
    assert!(error.contains("set data.root to the directory that holds this file"), "{error}");
}

#[test]
fn the_fingerprint_follows_what_the_archive_says_of_its_images() {
    let dir = tempfile::tempdir().unwrap();
    set::write_lists(dir.path(), "txt");
    let zip = dir.path().join("img_align_celeba.zip");
    let fingerprint = |files: &[(String, Vec<u8>)], method| {
        write(&zip, files, method);
        data::fingerprint(&settings(dir.path(), ""), dir.path()).unwrap()
    };
    let mut files = images("");
    let first = fingerprint(&files, CompressionMethod::Stored);
    // Packed another way, in another order, the images are the same.
    files.reverse();
    assert_eq!(fingerprint(&files, CompressionMethod::Deflated), first);
    // One byte of the same length is another image.
    let last = files[3].1.len() - 1;
    files[3].1[last] ^= 1;
    let other = fingerprint(&files, CompressionMethod::Stored);
    assert_ne!(other, first);
    files.pop();
    assert_ne!(fingerprint(&files, CompressionMethod::Stored), other);
}
