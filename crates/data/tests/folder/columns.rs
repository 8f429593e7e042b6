//! What a table's columns are taken for.

use config::Attribute;
use data::annotations::folder::{self, FolderTable, Role};
use data::{DataError, Part};

use super::{Home, label};

fn table(text: impl AsRef<[u8]>) -> Result<FolderTable, DataError> {
    folder::table("metadata.csv".as_ref(), text.as_ref())
}

fn refused(text: &str) -> String {
    table(text).unwrap_err().to_string()
}

fn values<'t>(table: &'t FolderTable, column: &str) -> &'t str {
    &table.understood.iter().find(|known| known.column == column).unwrap().values
}

#[test]
fn every_kind_of_label_is_read_and_an_empty_field_is_unknown() {
    let home = Home::squares(
        "file_name,Wearing_Hat,beard,Smile?,glasses on,scarf\n\
         a.png,1,-1,True,yes,\nb.png,0,1,False,no,\nc.png,,1,TRUE,NO,\nd.png,1.0,,,YES,\n",
    );
    let read = home.made().unwrap();
    let of = |attribute: &str| {
        ["a.png", "b.png", "c.png", "d.png"].map(|face| label(&read, face, attribute))
    };
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(of("wearing-hat"), [yes, no, None, yes]);
    assert_eq!(of("beard"), [no, yes, yes, None]);
    assert_eq!(of("smile"), [yes, no, yes, None]);
    assert_eq!(of("glasses-on"), [yes, no, no, yes]);
    assert_eq!(of("scarf"), [None; 4]);
    let text = home.overview("crop = \"made\"");
    for said in [
        "folder: 4 faces",
        "metadata.csv, 4 rows, commas between fields",
        "square crops, taken whole; 40 x 40 (4) pixels, 4 images looked at",
        "Wearing_Hat         2        1        1  attribute \"wearing-hat\"; 1 and 0",
        "beard               2        1        1  attribute \"beard\"; 1 and -1",
        "Smile?              2        1        1  attribute \"smile\"; words for yes and no",
        "scarf               0        0        4  attribute \"scarf\"; all empty",
        "file_name                                the image file; the first is 'a.png'",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn dialects_of_pandas_and_spreadsheets_say_the_same() {
    let plain = table("file_name,hat,note\na b.jpg,1,x\nc.jpg,0,y\n").unwrap();
    for (text, separator) in [
        ("file_name\that\tnote\na b.jpg\t1\tx\nc.jpg\t0\ty\n", "TABs"),
        ("\u{feff}file_name;hat;note\r\n\"a b.jpg\";1;x\r\nc.jpg;0;y\r\n", "semicolons"),
        ("sep=;\nfile_name;hat;note\na b.jpg;1;\"x\"\nc.jpg;0;y", "semicolons"),
        (",file_name,hat,note\n0,a b.jpg,1,x\n1,c.jpg,0,y\n", "commas"),
        ("hat,note,file_name\n1,x,a b.jpg\n0,y,c.jpg\n", "commas"),
        ("Unnamed: 0,hat,note,path\n0,1,x,a b.jpg\n1,0,y,c.jpg\n", "commas"),
    ] {
        let read = table(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(read.separator, separator);
        let of = |table: &FolderTable| -> Vec<_> {
            table.rows.iter().map(|row| (row.file.clone(), row.labels)).collect()
        };
        assert_eq!(of(&read), of(&plain), "{text}");
        assert_eq!(read.columns.attributes, [Attribute::of("hat")]);
    }
    let control = table("file_name,ha\u{1b}t\na.jpg,1\n").unwrap();
    assert_eq!(control.understood[1].column, "ha\\u{1b}t");
    let quoted = table("file_name,hat\n\"a, b;c.jpg\",1\n").unwrap();
    assert_eq!(quoted.rows[0].file, "a, b;c.jpg");
}

#[test]
fn a_column_that_holds_something_else_is_named_with_line_and_value() {
    let text = "file_name,hat,age,mixed,note\na.jpg,1,0,1,\nb.jpg,0,34,0,\nc.jpg,0,35,-1,tall\n";
    let read = table(text).unwrap();
    assert_eq!(read.columns.attributes, [Attribute::of("hat")]);
    assert!(values(&read, "age").starts_with("line 3: '34' is not -1 or 1"), "{read:?}");
    let mixed = "line 4: '-1' is another way to write labels than '0' on line 3";
    assert!(values(&read, "mixed").starts_with(mixed), "{read:?}");
    assert!(values(&read, "note").starts_with("line 4: 'tall' is not"), "{read:?}");
    // Asked for, it is an error at that line.
    let home = Home::squares("file_name,hat,age\na.png,1,0\nb.png,0,34\nc.png,0,1\nd.png,1,0\n");
    let data = home.settings("crop = \"made\"\nattribute = \"age\"");
    let told = data::check(&data, config::JudgedPart::Test, home.path()).unwrap_err().to_string();
    assert!(told.contains("metadata.csv:3: age is no attribute: '34' is not"), "{told}");
    // What CelebA or LFW label under this name has to be labels.
    let told = refused("file_name,Male\na.jpg,1\nb.jpg,f\n");
    assert!(told.starts_with("metadata.csv:3: Male: 'f' is not -1 or 1"), "{told}");
}

#[test]
fn people_and_parts_are_found_by_name() {
    let read = table(
        "image,celeb_id,Split\na.jpg,12.0,train\nb.jpg,12,Valid\nc.jpg,,validation\nd.jpg,Ann,TEST\n\
         e.jpg,NaN,\n",
    )
    .unwrap();
    let people: Vec<_> = read.rows.iter().map(|row| row.person.as_deref()).collect();
    assert_eq!(people, [Some("12"), Some("12"), None, Some("Ann"), None]);
    let parts: Vec<_> = read.rows.iter().map(|row| row.part).collect();
    let validation = Part::Validation;
    assert_eq!(parts, [Part::Train, validation, validation, Part::Test, Part::Unassigned]);
    assert_eq!(values(&read, "celeb_id"), "2 different, 2 rows without");
    assert_eq!(values(&read, "Split"), "none 1, train 1, validation 2, test 1");
    let numbers = table("image,partition,hat\na.jpg,0,1\nb.jpg,1,1\nc.jpg,2.0,1\n").unwrap();
    let parts: Vec<_> = numbers.rows.iter().map(|row| row.part).collect();
    assert_eq!(parts, [Part::Train, validation, Part::Test]);
    // Somebody's own parts are not ours.
    let other = table("image,set\na.jpg,train\nb.jpg,blue\n").unwrap();
    assert!(other.rows.iter().all(|row| row.part == Part::Unassigned));
    assert!(values(&other, "set").starts_with("line 3: 'blue' is not 0 (train)"), "{other:?}");
    assert_eq!(other.understood[1].role, Role::Nothing);
}

const CELEBA: &str = "lefteye_x,lefteye_y,righteye_x,righteye_y,nose_x,nose_y,leftmouth_x,leftmouth_y,\
                      rightmouth_x,rightmouth_y";

#[test]
fn ten_columns_are_five_points() {
    let ten = "69,111,108,111.5,88,135,72,152,105,152";
    let points =
        Some([[69.0, 111.0], [108.0, 111.5], [88.0, 135.0], [72.0, 152.0], [105.0, 152.0]]);
    let others = "Left_Eye_X,Left_Eye_Y,Right_Eye_X,Right_Eye_Y,Nose_X,Nose_Y,Mouth_Left_X,\
                  Mouth_Left_Y,Mouth_Right_X,Mouth_Right_Y";
    for names in [CELEBA, "x1,y1,x2,y2,x3,y3,x4,y4,x5,y5", others] {
        let read =
            table(format!("file,{names},hat\na.jpg,{ten},1\nb.jpg,,{},1\n", &ten[3..])).unwrap();
        assert_eq!([read.rows[0].points, read.rows[1].points], [points, None]);
        assert_eq!(read.columns.attributes, [Attribute::of("hat")]);
        assert_eq!(read.understood[4].values, "y of the right eye");
    }
    // A box is not five points.
    let boxed = table("file,x1,y1,x2,y2\na.jpg,10,10,50,50\n").unwrap();
    assert_eq!((boxed.rows[0].points, boxed.understood[1].role.clone()), (None, Role::Nothing));
    let told =
        refused(&format!("file,{CELEBA}\na.jpg,{ten}\nb.jpg,{}\n", ten.replace("88", "eighty")));
    assert!(told.starts_with("metadata.csv:3: 'eighty' is not a number"), "{told}");
    let told = refused("file,lefteye_x,lefteye_y,righteye_x\na.jpg,1,1,1\n");
    assert!(told.contains(":1: five points need ten columns: no column righteye_y"), "{told}");
    let told = refused(&format!("file,{CELEBA}\na.jpg,108,111,69,111,88,135,105,152,72,152\n"));
    assert!(told.contains("the left eye lies right of the right eye"), "{told}");
}

#[test]
fn what_is_no_table_is_told_with_a_remedy() {
    for (text, said) in [
        ("", "is empty"),
        ("file_name,hat\n", "has no rows"),
        ("file_name,hat\na.jpg\n", ":2: 1 fields where 2 belong"),
        ("file_name,hat,Hat\na.jpg,1,1\n", ":1: two columns are called hat"),
        ("file_name,person,Person\na.jpg,1,1\n", ":1: two columns are called person"),
        ("file_name,hat\n,1\n", ":2: the image's name is empty"),
        ("name_of_it,hat\nx,1\n", "the images' names: no column image_id"),
        ("{\"file_name\": \"a.jpg\"}\n", "is JSON text"),
        ("PAR1\u{0}\u{1}", "is a Parquet table"),
    ] {
        let told = refused(text);
        assert!(told.starts_with("metadata.csv") && told.contains(said), "{told}");
    }
}

/// Whatever is cut out of a sound table, the answer is rows or one sentence that names the file.
#[test]
fn damage_is_answered() {
    let sound = format!(
        "\u{feff}file_name;hat;person;split;{}\r\n\"a.jpg\";1;Ann;train;1;2;3;2;2;3;1;4;3;4\r\n\
         b.jpg;0;7;2;1;2;3;2;2;3;1;4;3;4\r\n",
        CELEBA.replace(',', ";")
    );
    assert_eq!(table(&sound).unwrap().rows.len(), 2);
    let bytes = sound.as_bytes();
    for from in 0..bytes.len() {
        for (to, new) in
            [(from, &b"\"\xff"[..]), (from + 1, b"\n"), (from + 3, b""), (from + 2, b";nan")]
        {
            let rest = bytes.get(to..).unwrap_or_default();
            for damaged in [[&bytes[..from], new, rest].concat(), [&bytes[..from], new].concat()] {
                if let Err(error) = table(&damaged) {
                    let told = error.to_string();
                    assert!(told.starts_with("metadata.csv") && told.len() < 2000, "{told}");
                    assert!(error.is_bad_input() && !told.contains('\n'), "{told}");
                }
            }
        }
    }
}
