//! Which file a row means, and which table is read.

use std::fs;

use super::{Home, label};

fn ids(home: &Home) -> Vec<String> {
    home.made().unwrap().faces.into_iter().map(|face| face.id).collect()
}

fn notes(home: &Home) -> String {
    home.made().unwrap().notes.join("\n")
}

#[test]
fn files_are_found_wherever_they_lie_and_however_their_path_is_written() {
    let images = ["images/x/1.png", "images/y/2.png", "deep/er/3.png"];
    for rows in [
        "images/x/1.png,1\nimages/y/2.png,0\ndeep/er/3.png,1\n",
        "./images\\x\\1.png,1\nimages\\y\\2.png,0\ndeep\\er\\3.png,1\n",
        "1.png,1\n2.png,0\n3.png,1\n",
        "1.jpg,1\n2.jpg,0\n3.jpg,1\n",
        "1,1\n2,0\n3,1\n",
        "C:\\set\\images\\x\\1.png,1\nC:\\set\\images\\y\\2.png,0\nC:\\set\\deep\\er\\3.png,1\n",
        "/home/ann/images/x/1.png,1\n/home/ann/images/y/2.png,0\n/home/ann/deep/er/3.png,1\n",
        "../images/x/1.png,1\n../images/y/2.png,0\n../deep/er/3.png,1\n",
    ] {
        let home = Home::new("metadata.csv", format!("file_name,hat\n{rows}"), &images, [40, 40]);
        assert_eq!(ids(&home), images, "{rows}");
        let read = home.made().unwrap();
        assert_eq!(label(&read, "images/y/2.png", "hat"), Some(false));
    }
}

#[test]
fn what_is_read_another_way_than_it_stands_is_said() {
    let home = Home::squares("file_name,hat\n/data/a.jpg,1\n/data/b.jpg,0\n");
    let told = notes(&home);
    assert!(told.contains("its paths begin with 'data/', which is not below"), "{told}");
    assert!(told.contains("2 image(s) are there with another extension"), "{told}");
}

#[test]
fn a_name_without_a_file_and_a_file_without_a_name_are_left_out_and_told() {
    let home = Home::squares("file_name,hat\na.png,1\nnone.png,1\nb.png,0\nx/c.png,1\n");
    assert_eq!(ids(&home), ["a.png", "b.png"]);
    let told = notes(&home);
    let rows = "2 of the 4 rows of ";
    let list = "are left out: 'none.png' (line 3), 'x/c.png' (line 5)";
    assert!(told.contains(rows) && told.contains(list), "{told}");
    assert!(told.contains("2 image(s) below ") && told.contains(": 'c.png', 'd.png'"), "{told}");
}

#[test]
fn a_wrong_path_is_not_taken_for_another_file_of_the_same_name() {
    let images = ["test/1.png", "train/2.png"];
    let text = "file_name,hat\ntrain/1.png,1\ntrain/2.png,0\n";
    let home = Home::new("metadata.csv", text, &images, [40, 40]);
    assert_eq!(ids(&home), ["train/2.png"]);
    home.write("metadata.csv", "file_name,hat\nother/1.png,1\nother/2.png,0\n");
    let told = home.refused("crop = \"made\"");
    assert!(
        told.contains("none of its 2 files is below") && told.contains("'other/1.png'"),
        "{told}"
    );
    // The root's own name is no other directory.
    let name = home.path().file_name().unwrap().to_str().unwrap();
    home.write("metadata.csv", format!("file_name,hat\n{name}/test/1.png,1\n"));
    assert_eq!(ids(&home), ["test/1.png"]);
}

#[test]
fn two_files_of_one_name_are_refused_until_the_path_says_which() {
    let images = ["x/1.png", "y/1.png"];
    let home = Home::new("metadata.csv", "file_name,hat\n1.png,1\n", &images, [40, 40]);
    let told = home.refused("crop = \"made\"");
    assert!(told.contains("metadata.csv:2: '1.png' may be 'x/1.png' or 'y/1.png'"), "{told}");
    home.write("metadata.csv", "file_name,hat\ny/1.png,1\n");
    assert_eq!(ids(&home), ["y/1.png"]);
    // Beside the table, without the part of the path that they share.
    home.write("y/list.csv", "file_name,hat\n1.png,1\n");
    let read = home.open("crop = \"made\"\ntable = \"y/list.csv\"").unwrap();
    assert_eq!(read.faces[0].id, "y/1.png");
}

#[test]
fn a_doubled_row_is_refused_with_both_lines_however_it_is_written() {
    for (second, said) in [("a.png,1", "line 2;"), ("./a.png,0", "line 2 and contradicts it")] {
        let home = Home::squares(&format!("file_name,hat\na.png,1\nb.png,0\n{second}\n"));
        let told = home.refused("crop = \"made\"");
        assert!(
            told.contains("metadata.csv:4: ") && told.contains("is listed twice, first on"),
            "{told}"
        );
        assert!(told.contains(said), "{told}");
    }
}

#[test]
fn paths_that_lead_out_of_themselves_are_refused_and_strange_trees_are_walked() {
    let home = Home::squares("file_name,hat\nx/../a.png,1\n");
    let told = home.refused("crop = \"made\"");
    assert!(told.contains("metadata.csv:2: 'x/../a.png' is no path of a file below"), "{told}");
    // No image at all.
    let home = Home::new("metadata.csv", "file_name,hat\na.png,1\n", &[], [1, 1]);
    let told = home.refused("");
    assert!(told.contains("none of its 1 files is below") && told.contains("0 images"), "{told}");
    // Content decides, not the extension; a text beside an image is no second image.
    let home =
        Home::new("metadata.csv", "file_name,hat\n1.jpeg,1\nraw,0\n", &["1.jpeg", "raw"], [40, 40]);
    home.write("1.txt", "a caption");
    assert_eq!(ids(&home), ["1.jpeg", "raw"]);
    assert_eq!(notes(&home), "");
}

#[test]
fn the_table_is_found_or_named() {
    let text = "file_name,hat\na.png,1\nb.png,0\n";
    let home = Home::new("faces.tsv", text.replace(',', "\t"), &["a.png", "b.png"], [40, 40]);
    assert_eq!(ids(&home).len(), 2);
    home.write("other.csv", text);
    let told = home.refused("");
    assert!(told.contains("there are 'faces.tsv', 'other.csv'"), "{told}");
    assert!(told.contains("set data.table"), "{told}");
    home.write("labels.csv", "file_name,hat\na.png,1\n");
    assert_eq!(ids(&home), ["a.png"]);
    assert!(notes(&home).contains("labels.csv is read; not read: 'faces.tsv', 'other.csv'"));
    let told = home.refused("table = \"lables.csv\"");
    assert!(told.contains("data.table, 'lables.csv', was not found in"), "{told}");

    let none = Home::new("train/metadata.jsonl", "{}", &["train/a.png"], [40, 40]);
    let told = none.refused("");
    assert!(told.contains("a table (metadata.csv, metadata.tsv"), "{told}");
    assert!(told.contains("found were 'train/metadata.jsonl'"), "{told}");
    fs::remove_file(none.path().join("train/metadata.jsonl")).unwrap();
    assert!(none.refused("").contains("a first line with file_name"));
}

#[test]
fn the_fingerprint_follows_rows_files_and_frame_and_nothing_else() {
    let home = Home::squares("file_name,hat\na.png,1\nb.png,0\n");
    let print = |more: &str| data::fingerprint(&home.settings(more), home.path()).unwrap();
    let first = print("crop = \"made\"");
    assert_eq!(first, home.made().unwrap().fingerprint);
    // No row names this one.
    home.image("c.png", 9, [50, 50]);
    assert_eq!(first, print("crop = \"made\""));
    assert_ne!(first, print(""));
    assert_ne!(print("alignment = \"five-point\""), print(""));
    home.image("a.png", 9, [50, 50]);
    let second = print("crop = \"made\"");
    assert_ne!(first, second);
    home.write("metadata.csv", "file_name,hat\na.png,0\nb.png,1\n");
    assert_ne!(second, print("crop = \"made\""));
}

#[test]
fn a_table_may_lie_outside_of_the_root_and_counts_by_its_content() {
    let text = "file_name,hat\na.png,1\nb.png,0\n";
    let home = Home::squares(text);
    let elsewhere = tempfile::tempdir().unwrap();
    let outside = elsewhere.path().join("other.csv");
    fs::write(&outside, text).unwrap();
    let named = format!("crop = \"made\"\ntable = \"{}\"", outside.display());
    let (own, other) = (home.made().unwrap(), home.open(&named).unwrap());
    assert_eq!((own.fingerprint, own.faces.len()), (other.fingerprint, other.faces.len()));
    assert_eq!(other.faces.len(), 2);
    // From the working directory only where nothing lies below the root: this file has a name of its own.
    let here = "crop = \"made\"\ntable = \"Cargo.toml\"";
    assert!(home.refused(here).starts_with("Cargo.toml"), "{}", home.refused(here));
    home.write("Cargo.toml", text);
    let read = home.open(here).unwrap();
    let note = "Cargo.toml is read; not read: 'Cargo.toml' in the working directory";
    assert!(read.notes.iter().any(|known| known.ends_with(note)), "{:?}", read.notes);
}
