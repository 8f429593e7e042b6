//! The cache on disk: damage is found before use and made good, whatever it is; a full disk leaves
//! nothing that could be taken for whole.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use config::RunConfig;
use data::synthetic::{self, Outcome, Spec};
use data::{DataError, Prepared, verify_cache};

fn settings(text: &str) -> config::Data {
    let text = format!("[data]\nsize = 32\nsynthetic_count = 24\nsynthetic_seed = 5\n{text}");
    RunConfig::from_toml(&text, "test").unwrap().data
}

fn prepare(cache: &Path) -> Result<Prepared, DataError> {
    data::prepare(&settings(""), config::JudgedPart::Test, cache, &|_, _| {})
}

/// Every pixel.
fn pixels(prepared: &Prepared) -> Vec<u8> {
    (0..prepared.images.len()).flat_map(|i| prepared.images.image(i).to_vec()).collect()
}

/// The one file of `dir` with this extension, or the directory without one.
fn only(dir: &Path, extension: &str) -> PathBuf {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let hidden = |path: &Path| path.file_name().unwrap().to_string_lossy().starts_with('.');
    let mut found = entries.filter(|path| {
        !hidden(path) && path.extension().unwrap_or_default().to_string_lossy() == extension
    });
    let path = found.next().unwrap();
    assert_eq!(found.next(), None);
    path
}

fn faces(cache: &Path) -> PathBuf {
    only(&cache.join("synthetic"), "")
}

/// One kind of damage.
type Harm = (&'static str, fn(&Path));

const HARMS: [Harm; 4] = [
    ("one flipped bit", |path| {
        let mut bytes = fs::read(path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs::write(path, bytes).unwrap();
    }),
    ("cut", |path| {
        let bytes = fs::read(path).unwrap();
        fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
    }),
    ("empty", |path| fs::write(path, "").unwrap()),
    ("missing", |path| fs::remove_file(path).unwrap()),
];

#[test]
fn whatever_happens_to_a_file_of_the_cache_it_is_found_and_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path();
    let whole = pixels(&prepare(cache).unwrap());
    assert_eq!(verify_cache(cache), []);
    let images = cache.join("images");
    let files = [
        only(&images, "rgb"),
        only(&images, "json"),
        faces(cache).join("img_align_celeba/000007.jpg"),
        faces(cache).join("list_attr_celeba.txt"),
        faces(cache).join("synthetic.json"),
        faces(cache).join("manifest.json"),
    ];
    for path in &files {
        let sound = fs::read(path).unwrap();
        for (what, harm) in HARMS {
            harm(path);
            let what = format!("{what}: {}", path.display());
            let damages = verify_cache(cache);
            // Without its manifest it is the vouched-for that nothing vouches for.
            let named = damages.iter().any(|d| {
                d.path == *path
                    || !path.exists() && d.path == path.with_extension("rgb")
                    || !path.exists() && path.parent() == Some(&d.path)
            });
            assert!(named, "{what}: {damages:?}");
            assert!(pixels(&prepare(cache).unwrap()) == whole, "{what} was used");
            assert!(fs::read(path).unwrap() == sound, "{what} was not made good");
            assert_eq!(verify_cache(cache), [], "{what}");
        }
    }
}

#[test]
fn damaged_faces_are_not_decoded_into_new_images() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path();
    let whole = pixels(&prepare(cache).unwrap());
    fs::remove_dir_all(cache.join("images")).unwrap();
    // Another sound JPEG in the place of one.
    let images = faces(cache).join("img_align_celeba");
    for entry in fs::read_dir(&images).unwrap() {
        let path = entry.unwrap().path();
        if !path.ends_with("000001.jpg") {
            fs::copy(images.join("000001.jpg"), path).unwrap();
        }
    }
    assert!(pixels(&prepare(cache).unwrap()) == whole);
}

#[test]
fn an_entry_of_an_older_version_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path();
    let whole = pixels(&prepare(cache).unwrap());
    let rgb = only(&cache.join("images"), "rgb");
    let key = rgb.file_stem().unwrap().to_str().unwrap().to_owned();
    let wrong = vec![7; whole.len()];
    fs::write(&rgb, &wrong).unwrap();
    let count = whole.len() / (3 * 32 * 32);
    let card = format!("{{\"key\":\"{key}\",\"count\":{count},\"size\":32}}");
    fs::write(rgb.with_extension("json"), card).unwrap();
    assert_eq!(verify_cache(cache).len(), 2, "{:?}", verify_cache(cache));
    assert!(pixels(&prepare(cache).unwrap()) == whole);
}

#[test]
fn files_of_others_are_named_and_stay() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path();
    prepare(cache).unwrap();
    let others = [
        cache.join("images/notes.txt"),
        faces(cache).join("mine.txt"),
        faces(cache).join("img_align_celeba/mine.jpg"),
        cache.join("synthetic/mine.txt"),
    ];
    others.iter().for_each(|path| fs::write(path, "mine").unwrap());
    fs::write(cache.join("images/0.rgb.tmp-1"), "x").unwrap();
    fs::write(cache.join("images/0.lock"), "").unwrap();
    let mut named: Vec<PathBuf> = verify_cache(cache).into_iter().map(|d| d.path).collect();
    named.sort();
    let mut expected = others.to_vec();
    expected.sort();
    assert_eq!(named, expected);
    // A repair leaves them alone too.
    fs::remove_file(faces(cache).join("manifest.json")).unwrap();
    prepare(cache).unwrap();
    assert!(others.iter().all(|path| fs::read(path).unwrap() == b"mine"));
}

#[test]
fn an_entry_that_is_being_written_is_no_damage() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path();
    prepare(cache).unwrap();
    let manifest = only(&cache.join("images"), "json");
    fs::remove_file(&manifest).unwrap();
    let lock = record::Lock::exclusive(&manifest.with_extension("lock")).unwrap();
    assert_eq!(verify_cache(cache), []);
    drop(lock);
    assert_eq!(verify_cache(cache).len(), 1);
}

#[test]
fn a_directory_that_the_user_named_is_never_repaired() {
    let dir = tempfile::tempdir().unwrap();
    let faces = dir.path().join("faces");
    let spec = Spec { count: 16, seed: 3, correlation: 0.5 };
    let write = |spec: &Spec| synthetic::write(&faces, spec, &|_, _| {});
    assert_eq!(write(&spec).unwrap(), Outcome::Generated);
    assert_eq!(write(&spec).unwrap(), Outcome::Found);
    let other = write(&Spec { seed: 4, ..spec.clone() }).unwrap_err();
    assert!(other.is_bad_input() && other.to_string().contains("seed: 3"), "{other}");
    let list = faces.join("list_attr_celeba.txt");
    let edited = fs::read_to_string(&list).unwrap().replacen(" -1", "  1", 1);
    fs::write(&list, &edited).unwrap();
    let error = write(&spec).unwrap_err();
    assert!(error.is_bad_input() && error.to_string().contains("list_attr_celeba.txt was changed"));
    assert_eq!(fs::read_to_string(&list).unwrap(), edited);
}

/// A file system of its own; unmounted in the end.
struct Disk(PathBuf);

impl Disk {
    /// `None`, visibly, where a test may not mount one.
    fn new(path: PathBuf, kibibytes: usize) -> Option<Disk> {
        fs::create_dir_all(&path).unwrap();
        let size = format!("size={kibibytes}k");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path).output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(Disk(path));
        }
        let _ = std::io::stderr().write_all(b"SKIPPED: may not mount a small disk here\n");
        None
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// What stays of a directory, locks apart.
fn remains(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.extension().is_none_or(|e| e != "lock")).collect()
}

#[test]
fn a_full_disk_is_the_machines_fault_and_leaves_nothing_half_written() {
    let dir = tempfile::tempdir().unwrap();
    let full = |cache: &Path| match prepare(cache).unwrap_err() {
        DataError::Io { source, .. } => assert_eq!(source.kind(), std::io::ErrorKind::StorageFull),
        other => panic!("{other}"),
    };
    // Too small for the faces.
    let Some(disk) = Disk::new(dir.path().join("small"), 160) else { return };
    full(&disk.0);
    assert_eq!(remains(&disk.0.join("synthetic")), Vec::<PathBuf>::new());
    // Large enough for the faces, too small for the images.
    let whole = dir.path().join("whole");
    let expected = pixels(&prepare(&whole).unwrap());
    let Some(disk) = Disk::new(dir.path().join("larger"), 1024) else { return };
    let to = disk.0.join("synthetic");
    fs::create_dir_all(&to).unwrap();
    let copied = Command::new("cp").arg("-a").arg(faces(&whole)).arg(&to).status().unwrap();
    assert!(copied.success());
    let filler = disk.0.join("filler");
    let _ = fs::write(&filler, vec![0; 1 << 20]);
    let length = fs::metadata(&filler).unwrap().len();
    fs::File::options().write(true).open(&filler).unwrap().set_len(length - 20_000).unwrap();
    full(&disk.0);
    assert_eq!(remains(&disk.0.join("images")), Vec::<PathBuf>::new());
    // With room again the work is done.
    fs::remove_file(filler).unwrap();
    assert!(pixels(&prepare(&disk.0).unwrap()) == expected);
}
