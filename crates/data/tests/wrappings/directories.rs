//! Directories as Kaggle and others nest and name them, and lists that say two things.

use std::fs;

use crate::set::{self, expected, noted, notes, prepare, refused, same, seen, settings};

#[test]
fn kaggles_nesting_and_its_csv_files_are_the_plain_directory() {
    let dir = tempfile::tempdir().unwrap();
    set::write_images(&dir.path().join("img_align_celeba/img_align_celeba"));
    set::write_lists(dir.path(), "csv");
    same(dir.path());
}

#[test]
fn images_in_the_root_or_in_a_directory_of_another_name_are_found_and_said() {
    for name in ["", "celeba_aligned"] {
        let dir = tempfile::tempdir().unwrap();
        set::write_images(&dir.path().join(name));
        set::write_lists(&dir.path().join("Anno"), "txt");
        same(dir.path());
        noted(dir.path(), "images are read from");
    }
    let dir = tempfile::tempdir().unwrap();
    set::write_images(&dir.path().join("one"));
    set::write_images(&dir.path().join("two"));
    set::write_lists(dir.path(), "txt");
    let error = refused(dir.path());
    assert!(error.contains("images in 2 others: one, two"), "{error}");
}

/// Cells and caches of earlier versions know directories by it.
#[test]
fn the_fingerprint_of_a_directory_is_what_it_always_was() {
    let dir = tempfile::tempdir().unwrap();
    set::plain(dir.path());
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"celeba").update(&1u32.to_le_bytes());
    for (_, text) in set::lists("txt") {
        hasher.update(blake3::hash(text.as_bytes()).as_bytes());
    }
    for photo in set::photos() {
        hasher.update(photo.name().as_bytes()).update(&[0]);
        hasher.update(&(photo.jpeg.len() as u64).to_le_bytes());
    }
    let found = data::fingerprint(&settings(dir.path(), ""), dir.path()).unwrap();
    assert_eq!(found, hasher.finalize().to_hex().as_str());
}

#[test]
fn identities_and_landmarks_may_be_missing() {
    let dir = tempfile::tempdir().unwrap();
    set::plain(dir.path());
    fs::remove_file(dir.path().join("identity_CelebA.txt")).unwrap();
    fs::remove_file(dir.path().join("list_landmarks_align_celeba.txt")).unwrap();
    let prepared = prepare(dir.path(), "").unwrap();
    assert_eq!(prepared.split, expected("").1);
    assert!(seen(&prepared).iter().all(|f| f.identity.is_none() && f.landmarks.is_none()));
}

#[test]
fn a_part_of_the_images_is_used_as_far_as_it_goes() {
    let dir = tempfile::tempdir().unwrap();
    set::plain(dir.path());
    for number in 1..=8 {
        fs::remove_file(dir.path().join(format!("img_align_celeba/{number:06}.jpg"))).unwrap();
    }
    fs::copy(
        dir.path().join("img_align_celeba/000009.jpg"),
        dir.path().join("img_align_celeba/900000.jpg"),
    )
    .unwrap();
    assert!(prepare(dir.path(), "").unwrap().faces.len() >= 8);
    noted(dir.path(), "8 of the 24 images of");
    noted(dir.path(), "1 image(s) in");
}

#[test]
fn a_copy_of_a_list_is_mentioned_where_it_contradicts() {
    let dir = tempfile::tempdir().unwrap();
    set::plain(dir.path());
    set::write_lists(dir.path(), "csv");
    let quiet = notes(dir.path());
    assert!(!quiet.iter().any(|note| note.contains(".csv")), "{quiet:#?}");
    let lists = [
        ("list_attr_celeba.csv", "000005.jpg,-1", "000005.jpg,1"),
        ("list_eval_partition.csv", "000005.jpg,0", "000005.jpg,2"),
        ("identity_CelebA.csv", "000005.jpg,2", "000005.jpg,3"),
        ("list_landmarks_align_celeba.csv", "000005.jpg,71", "000005.jpg,70"),
    ];
    for (name, old, new) in lists {
        let path = dir.path().join(name);
        let sound = fs::read_to_string(&path).unwrap();
        assert!(sound.contains(old), "{name}: {sound}");
        fs::write(&path, sound.replace(old, new)).unwrap();
        noted(dir.path(), &format!("{name} says otherwise of 1 image(s), 000005.jpg among them"));
        fs::write(&path, "<html>").unwrap();
        noted(dir.path(), &format!("{name} is not usable"));
        // What is read is what is read without them.
        assert_eq!(seen(&prepare(dir.path(), "").unwrap()), expected("").0);
        fs::write(&path, sound).unwrap();
    }
}
