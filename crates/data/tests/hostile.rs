//! Whatever the bytes of an annotation file, its reader answers with values or with one error that
//! names the file.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use data::DataError;
use data::annotations::{celeba, folder, lfw, mtfl};
use proptest::collection::vec;
use proptest::prelude::*;

type Reader = fn(&Path, &[u8]) -> Result<usize, DataError>;

/// Every reader with a sound file, whose damages reach deeper than noise does.
fn readers() -> Vec<(&'static str, Reader, String)> {
    let names = |line: &str| (1..=4).map(|i| format!("{i:06}.jpg {line}\n")).collect::<String>();
    let points = "69 109 106 113 77 142 73 152 108 154";
    vec![
        (
            "list_attr_celeba.txt",
            |path, bytes| celeba::attributes(path, bytes).map(|list| list.rows.len()),
            format!("4\nEyeglasses Male Smiling\n{}", names("-1  1 -1")),
        ),
        (
            "list_attr_celeba.csv",
            |path, bytes| celeba::attributes(path, bytes).map(|list| list.rows.len()),
            format!("image_id,Eyeglasses,Male\n{}", names("1").replace(' ', ",-1,")),
        ),
        (
            "list_attr_celeba.pandas.csv",
            |path, bytes| celeba::attributes(path, bytes).map(|list| list.rows.len()),
            "\u{feff};image_id;Eyeglasses;Male\r\n0;\"a.jpg\";True;False\r\n1;\"b.jpg\";False;\r\n"
                .to_owned(),
        ),
        (
            "list_eval_partition.csv",
            |path, bytes| celeba::partition(path, bytes).map(|list| list.rows.len()),
            ",image_id,partition\n0,a.jpg,2.0\n1,b.jpg,0.0\n".to_owned(),
        ),
        (
            "list_eval_partition.txt",
            |path, bytes| celeba::partition(path, bytes).map(|list| list.rows.len()),
            names("2"),
        ),
        (
            "identity_CelebA.txt",
            |path, bytes| celeba::identities(path, bytes).map(|list| list.rows.len()),
            names("2880"),
        ),
        (
            "list_landmarks_align_celeba.txt",
            |path, bytes| celeba::landmarks(path, bytes).map(|list| list.rows.len()),
            format!(
                "4\nlefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y \
                 rightmouth_x rightmouth_y\n{}",
                names(points)
            ),
        ),
        (
            "lfw_attributes.txt",
            |path, bytes| lfw::scores(path, bytes).map(|scores| scores.rows.len()),
            "#\tlfw_attributes.txt\n#\tperson\timagenum\tMale\tEyeglasses\n\
             Aaron Eckhart\t1\t1.5\t-0.25\nAaron Guiel\t1\t0.5\t2.0\n"
                .to_owned(),
        ),
        (
            "metadata.csv",
            |path, bytes| folder::table(path, bytes).map(|table| table.rows.len()),
            "file_name;hat;person;split;x1;y1;x2;y2;x3;y3;x4;y4;x5;y5\r\n\
             \"a.jpg\";1;30;2;30;60;45;34;58;40;40;50;70;71\r\nb\\b.jpg;0;Bo;;;;;;;;;;;\r\n"
                .to_owned(),
        ),
        (
            "training.txt",
            |path, bytes| mtfl::rows(path, bytes).map(|rows| rows.len()),
            ["a", "b", "c"]
                .map(|name| {
                    format!(" net_7876\\{name}.jpg 30 60 45 34 58 40 40 50 70 71 1 2 2 3\n")
                })
                .concat(),
        ),
    ]
}

fn holds(name: &str, reader: Reader, bytes: &[u8]) -> Result<(), TestCaseError> {
    if let Err(error) = reader(Path::new(name), bytes) {
        let text = error.to_string();
        prop_assert!(text.contains(name), "{text}");
        prop_assert!(text.len() < 2000, "an error of {} bytes", text.len());
    }
    Ok(())
}

#[test]
fn the_sound_files_are_sound() {
    for (name, reader, text) in readers() {
        let rows = reader(Path::new(name), text.as_bytes());
        assert!(rows.as_ref().is_ok_and(|rows| *rows > 1), "{name}: {rows:?}");
    }
}

proptest! {
    #[test]
    fn noise_is_answered(bytes in vec(any::<u8>(), 0..400)) {
        for (name, reader, _) in readers() {
            holds(name, reader, &bytes)?;
        }
    }

    #[test]
    fn text_is_answered(text in "[-0-9a-z_., \t\r\n#\\\\]{0,300}") {
        for (name, reader, _) in readers() {
            holds(name, reader, text.as_bytes())?;
        }
    }

    /// Replaces a piece of a sound file.
    #[test]
    fn damage_is_answered(from in 0.0..1.0, length in 0usize..12, new in vec(any::<u8>(), 0..12)) {
        for (name, reader, text) in readers() {
            let mut bytes = text.into_bytes();
            let from = (from * bytes.len() as f64) as usize;
            let to = (from + length).min(bytes.len());
            bytes.splice(from..to, new.clone());
            holds(name, reader, &bytes)?;
            holds(name, reader, &bytes[..from])?;
        }
    }

    /// Numbers that overflow, are not finite, or are far from any image.
    #[test]
    fn absurd_numbers_are_answered(number in "-?[0-9]{1,40}|nan|inf|-inf|1e400|0x10|[.]|--") {
        for (name, reader, text) in readers() {
            for old in ["69", "2880", "-1", "1.5", "30", "4", "2"] {
                holds(name, reader, text.replace(old, &format!("{number} ")).as_bytes())?;
            }
        }
    }
}
