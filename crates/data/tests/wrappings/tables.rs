//! Parquet tables as the copies on Hugging Face have them.

use std::fs::{self, File};
use std::path::Path;
use std::sync::Arc;

use data::Origin;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use crate::set::{self, ATTRIBUTES, Photo, noted, photos, prepare, refused, same, settings};

/// The values of a column, one a row.
#[derive(Clone)]
pub(crate) enum Values {
    /// Of the `bytes` or `path` of a struct, where both may be missing.
    Inner(Vec<Option<Vec<u8>>>),
    /// Of a column of its own.
    Bytes(Vec<Option<Vec<u8>>>),
    Whole(Vec<Option<i64>>),
    Truth(Vec<Option<bool>>),
}

/// Writes a table whose row groups have `group` rows at most.
pub(crate) fn write(
    path: &Path,
    (fields, columns): (&str, &[Values]),
    group: usize,
    compression: Compression,
) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_data_page_row_count_limit(3)
        .set_write_batch_size(2)
        .build();
    let mut table =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties))
            .unwrap();
    fn there<T, V>(values: &[Option<T>], most: i16, of: impl Fn(&T) -> V) -> (Vec<V>, Vec<i16>) {
        let levels = values.iter().map(|value| if value.is_some() { most } else { 0 }).collect();
        (values.iter().flatten().map(of).collect(), levels)
    }
    let rows = match &columns[0] {
        Values::Inner(values) | Values::Bytes(values) => values.len(),
        Values::Whole(values) => values.len(),
        Values::Truth(values) => values.len(),
    };
    for first in (0..rows).step_by(group) {
        let range = first..(first + group).min(rows);
        let mut group = table.next_row_group().unwrap();
        for values in columns {
            let mut column = group.next_column().unwrap().unwrap();
            match values {
                Values::Inner(bytes) | Values::Bytes(bytes) => {
                    let most = if matches!(values, Values::Inner(_)) { 2 } else { 1 };
                    let (values, levels) =
                        there(&bytes[range.clone()], most, |b| ByteArray::from(b.clone()));
                    column.typed::<ByteArrayType>().write_batch(&values, Some(&levels), None)
                }
                Values::Whole(values) => {
                    let (values, levels) = there(&values[range.clone()], 1, |n| *n);
                    column.typed::<Int64Type>().write_batch(&values, Some(&levels), None)
                }
                Values::Truth(values) => {
                    let (values, levels) = there(&values[range.clone()], 1, |b| *b);
                    column.typed::<BoolType>().write_batch(&values, Some(&levels), None)
                }
            }
            .unwrap();
            column.close().unwrap();
        }
        group.close().unwrap();
    }
    table.close().unwrap();
}

pub(crate) const IMAGE: &str =
    "optional group image { optional binary bytes; optional binary path (STRING); } ";

/// Bytes and paths of images.
pub(crate) fn images(
    photos: &[Photo],
    bytes: impl Fn(&Photo) -> Vec<u8>,
    named: bool,
) -> [Values; 2] {
    let name = |photo: &Photo| named.then(|| photo.name().into_bytes());
    [
        Values::Inner(photos.iter().map(|photo| Some(bytes(photo))).collect()),
        Values::Inner(photos.iter().map(name).collect()),
    ]
}

/// The faces of each part of the partition.
fn parts() -> [Vec<Photo>; 3] {
    let photos = photos();
    [0, 1, 2].map(|part| photos.iter().filter(|p| p.part() == part).cloned().collect())
}

/// PNG bytes, `celeb_id`, truth values, the splits train, valid and test in two files or one.
fn flwrlabs(root: &Path, named: bool, compression: Compression) {
    let fields = ATTRIBUTES.map(|name| format!("optional boolean {name}; ")).concat();
    let fields = format!("{IMAGE} optional int64 celeb_id; {fields}");
    for (word, faces) in ["train", "valid", "test"].into_iter().zip(parts()) {
        let shards = if word == "train" { 2 } else { 1 };
        for (shard, faces) in faces.chunks(faces.len() / shards).enumerate() {
            let mut columns: Vec<Values> = images(faces, Photo::png, named).into();
            let people = faces.iter().map(|photo| Some(photo.person() as i64));
            columns.push(Values::Whole(people.collect()));
            for attribute in 0..ATTRIBUTES.len() {
                let labels = faces.iter().map(|photo| Some(photo.label(attribute)));
                columns.push(Values::Truth(labels.collect()));
            }
            let name = format!("img_align+identity+attr/{word}-{shard:05}-of-{shards:05}.parquet");
            write(&root.join(name), (&fields, &columns), 4, compression);
        }
    }
}

/// -1 and 1, the splits by these words.
fn signed(root: &Path, name: impl Fn(&str) -> String, splits: &[(&str, Vec<Photo>)]) {
    let fields = ATTRIBUTES.map(|name| format!("optional int64 {name}; ")).concat();
    let fields = format!("{fields} {IMAGE} optional binary prompt_string (STRING);");
    for (word, faces) in splits {
        let label = |attribute: usize| {
            let labels = faces.iter().map(|p| Some(if p.label(attribute) { 1 } else { -1 }));
            Values::Whole(labels.collect())
        };
        let mut columns: Vec<Values> = [0, 1, 2].map(label).into();
        columns.extend(images(faces, |photo| photo.jpeg.clone(), true));
        let prompts =
            faces.iter().map(|photo| Some(format!("a face, {}", photo.number).into_bytes()));
        columns.push(Values::Bytes(prompts.collect()));
        write(&root.join(name(word)), (&fields, &columns), 1000, Compression::SNAPPY);
    }
}

/// What only lists know: the tables have none of it.
fn landmarks(root: &Path) {
    set::write_lists(root, "csv");
    for name in ["list_attr_celeba", "list_eval_partition", "identity_CelebA"] {
        fs::remove_file(root.join(format!("{name}.csv"))).unwrap();
    }
}

#[test]
fn tables_with_truth_values_and_people_are_the_plain_directory() {
    let zstd = Compression::ZSTD(ZstdLevel::default());
    let gzip = Compression::GZIP(Default::default());
    for compression in [Compression::SNAPPY, Compression::UNCOMPRESSED, zstd, gzip] {
        let dir = tempfile::tempdir().unwrap();
        flwrlabs(dir.path(), true, compression);
        landmarks(dir.path());
        same(dir.path());
        let origin = &prepare(dir.path(), "").unwrap().faces[7].origin;
        let Origin::Row { table, row } = origin else { panic!("{origin}") };
        assert!(table.ends_with("train-00001-of-00002.parquet") && *row == 1, "{origin}");
    }
}

#[test]
fn tables_whose_images_have_no_names_are_told_apart_by_part_and_row() {
    let dir = tempfile::tempdir().unwrap();
    flwrlabs(dir.path(), false, Compression::SNAPPY);
    // Lists have nothing to know images by.
    set::write_lists(dir.path(), "txt");
    let prepared = prepare(dir.path(), "split = \"official\"").unwrap();
    let (expected, split) = set::expected("split = \"official\"");
    assert_eq!(prepared.split, split);
    let mut seen = set::seen(&prepared);
    assert_eq!(seen[0].id, "train/000000");
    assert_eq!(seen.last().unwrap().id, "test/000005");
    for (face, expected) in seen.iter_mut().zip(&expected) {
        (face.id, face.landmarks) = (expected.id.clone(), expected.landmarks);
    }
    assert_eq!(seen, expected);
    noted(dir.path(), "the images have no names of their own");
}

#[test]
fn tables_with_signed_labels_are_the_plain_directory() {
    let words = ["train", "validation", "test"];
    let splits: Vec<_> = words.into_iter().zip(parts()).collect();
    let names: [fn(&str) -> String; 2] = [
        |word| format!("data/{word}-00000-of-00001.parquet"),
        |word| format!("default/{word}/0000.parquet"),
    ];
    for name in names {
        let dir = tempfile::tempdir().unwrap();
        signed(dir.path(), name, &splits);
        set::write_lists(&dir.path().join("Anno"), "txt");
        for list in ["list_attr_celeba.txt", "list_eval_partition.txt"] {
            fs::remove_file(dir.path().join("Anno").join(list)).unwrap();
        }
        same(dir.path());
    }
}

#[test]
fn one_table_of_all_images_needs_the_list_of_parts() {
    let dir = tempfile::tempdir().unwrap();
    signed(dir.path(), |word| format!("{word}.parquet"), &[("train", photos())]);
    let error = prepare(dir.path(), "split = \"official\"").unwrap_err().to_string();
    assert!(error.contains("0 with and 0 without in the test part"), "{error}");
    // The list goes before the files' names, and before columns.
    set::write_lists(dir.path(), "csv");
    same(dir.path());
    noted(dir.path(), "labels are read from");
}

#[test]
fn images_alone_are_joined_to_lists_by_their_names() {
    let table = |dir: &Path, named| {
        let columns = images(&photos(), |photo| photo.jpeg.clone(), named);
        write(&dir.join("data/train-00000.parquet"), (IMAGE, &columns), 10, Compression::SNAPPY);
    };
    let dir = tempfile::tempdir().unwrap();
    table(dir.path(), true);
    let error = refused(dir.path());
    assert!(error.contains("list_attr_celeba.txt (or .csv) was not found"), "{error}");
    set::write_lists(dir.path(), "csv");
    same(dir.path());
    table(dir.path(), false);
    let error = refused(dir.path());
    assert!(error.contains("have neither labels nor names"), "{error}");
}

#[test]
fn tables_of_two_sets_are_not_mixed() {
    let dir = tempfile::tempdir().unwrap();
    for set in ["one", "two"] {
        flwrlabs(&dir.path().join(set), true, Compression::SNAPPY);
    }
    let error = refused(dir.path());
    assert!(error.contains("parquet tables of several sets") && error.contains("one/"), "{error}");
    let one = dir.path().join("one");
    landmarks(&one);
    same(&one);
}

#[test]
fn the_fingerprint_follows_labels_and_sizes() {
    let dir = tempfile::tempdir().unwrap();
    let fingerprint = |photos: Vec<Photo>| {
        signed(dir.path(), |word| format!("{word}.parquet"), &[("train", photos)]);
        data::fingerprint(&settings(dir.path(), ""), dir.path()).unwrap()
    };
    let first = fingerprint(photos());
    assert_eq!(fingerprint(photos()), first);
    let mut changed = photos();
    changed.swap(2, 3);
    assert_ne!(fingerprint(changed), first);
    let mut changed = photos();
    changed[4].jpeg = changed[5].jpeg.clone();
    assert_ne!(fingerprint(changed), first);
}
