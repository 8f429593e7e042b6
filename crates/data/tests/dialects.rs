//! Annotation lists as pandas and spreadsheets write them: read alike, or named as what they are.
#![allow(clippy::unwrap_used)]

use std::path::Path;

use config::Attribute;
use data::annotations::celeba::LabelList;
use data::annotations::{celeba, lfw, mtfl};
use data::{DataError, Part};

fn attributes(bytes: &[u8]) -> Result<LabelList, DataError> {
    celeba::attributes(Path::new("list_attr_celeba.csv"), bytes)
}

/// Image, glasses and sex of every row.
fn known(list: &LabelList) -> Vec<(&str, Option<bool>, Option<bool>)> {
    let place = |name| list.columns.place(&Attribute::of(name)).unwrap();
    let (glasses, male) = (place("eyeglasses"), place("male"));
    list.rows.iter().map(|(name, l)| (name.as_str(), l.get(glasses), l.get(male))).collect()
}

#[test]
fn attributes_read_alike_in_every_dialect() {
    let texts = [
        // CelebA itself, with and without its count.
        "2\nEyeglasses Male \na.jpg  1 -1\nb.jpg -1  1\n",
        "Eyeglasses Male\r\na.jpg 1 -1\r\nb.jpg -1 1",
        // pandas: an index without a name, one read back, the image as index, other labels.
        ",image_id,Eyeglasses,Male\n0,a.jpg,1,-1\n1,b.jpg,-1,1\n",
        "Unnamed: 0,image_id,Eyeglasses,Male\n0,a.jpg,1,0\n1,b.jpg,0,1\n",
        ",Eyeglasses,Male\na.jpg,True,False\nb.jpg,False,True\n",
        ",Eyeglasses,Male,image_id\n0,1.0,0.0,a.jpg\n1,0.0,1.0,b.jpg\n",
        "Male,image_id,Eyeglasses\n-1,a.jpg,1\n1,b.jpg,-1\n",
        "image_id\tEyeglasses\tMale\na.jpg\t1\t-1\nb.jpg\t-1\t1\n",
        "\tEyeglasses\tMale\na.jpg\t1\t-1\nb.jpg\t-1\t1\n",
        // R: the index has no name and no place in the first line.
        "\"image_id\",\"Eyeglasses\",\"Male\"\n\"1\",\"a.jpg\",1,-1\n\"2\",\"b.jpg\",-1,1\n",
        // Spreadsheets: a mark in front, semicolons, quotes, a separator line, blank rows, upper case.
        "\u{feff}image_id;Eyeglasses;Male\r\na.jpg;1;-1\r\nb.jpg;-1;1\r\n;;\r\n\r\n\r\n",
        "sep=;\n\"image_id\";\"Eyeglasses\";\"Male\"\n\"a.jpg\";\"TRUE\";\"FALSE\"\nb.jpg;FALSE;TRUE\n",
        "2;;\nimage_id;Eyeglasses;Male\na.jpg;1,0;0,0\nb.jpg;0,0;1,0\n",
        "image_id,Eyeglasses,Male,\na.jpg,1,-1,\nb.jpg,-1,1,\n",
        // A path instead of a name.
        "file_name,eyeglasses,male\nimg_align_celeba/a.jpg,1,-1\nimg_align_celeba\\b.jpg,-1,1\n",
    ];
    for text in texts {
        let list = attributes(text.as_bytes()).unwrap_or_else(|e| panic!("{text:?}: {e}"));
        let expected = [("a.jpg", Some(true), Some(false)), ("b.jpg", Some(false), Some(true))];
        assert_eq!(known(&list), expected, "{text:?}");
        assert_eq!(list.columns.attributes.len(), 2, "{text:?}");
    }
}

#[test]
fn a_single_column_is_read_whatever_separates_it() {
    for text in ["Eyeglasses\na.jpg 1\n", "Eyeglasses\na.jpg,1\n", "Eyeglasses\na.jpg;1\n"] {
        assert_eq!(attributes(text.as_bytes()).unwrap().rows[0].1.get(0), Some(true), "{text:?}");
    }
}

#[test]
fn partitions_and_identities_read_alike_in_every_dialect() {
    let texts = [
        "a.jpg 0\nb.jpg 2\n",
        "a.jpg,0\nb.jpg,2\n",
        "a.jpg;0\r\nb.jpg;2\r\n",
        "0,a.jpg,0\n1,b.jpg,2\n",
        "image_id,partition\na.jpg,0\nb.jpg,2\n",
        ",image_id,partition\n0,a.jpg,0\n1,b.jpg,2\n",
        ",image_id,partition\n0,a.jpg,0.0\n1,b.jpg,2.0\n",
        "image_id;whatever\na.jpg;0\nb.jpg;2\n",
        ",partition\na.jpg,0\nb.jpg,2\n",
        "\u{feff}\"partition\"\t\"image_id\"\r\n0\ta.jpg\r\n2\tb.jpg\r\n",
        "image_id split\na.jpg train\nb.jpg test\n",
    ];
    for text in texts {
        let list = celeba::partition(Path::new("list"), text.as_bytes());
        let list = list.unwrap_or_else(|e| panic!("{text:?}: {e}"));
        let rows = [("a.jpg".to_owned(), Part::Train), ("b.jpg".to_owned(), Part::Test)];
        assert_eq!(list.rows, rows, "{text:?}");
        if !text.contains("train") {
            let text = text.replace("partition", "identity");
            let list = celeba::identities(Path::new("list"), text.as_bytes()).unwrap();
            assert_eq!(list.rows[1], ("b.jpg".to_owned(), "2".to_owned()), "{text:?}");
        }
    }
}

#[test]
fn landmarks_read_alike_in_every_dialect() {
    let names = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y \
                 rightmouth_x rightmouth_y";
    let row = "69 109 106 113 77 142 73 152 108 154";
    let comma = |text: &str| text.replace(' ', ",");
    let decimal = row.replace(' ', ",0;");
    let texts = [
        format!("1\n{names}\na.jpg {row}\n"),
        format!("image_id,{}\na.jpg,{}\n", comma(names), comma(row)),
        format!(",image_id,{}\n0,a.jpg,{}\n", comma(names), comma(&row.replace(' ', ".0 "))),
        format!("image_id;{}\r\na.jpg;{decimal},0\r\n", names.replace(' ', ";")),
    ];
    for text in texts {
        let list = celeba::landmarks(Path::new("list"), text.as_bytes());
        let list = list.unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(list.rows[0].1.unwrap()[4], [108.0, 154.0], "{text:?}");
    }
    let text = format!("{}\na.jpg {row}\n", names.replace("nose_x", "nose_u"));
    let error = celeba::landmarks(Path::new("list"), text.as_bytes()).unwrap_err().to_string();
    assert!(error.starts_with("list:1: no column nose_x; those that are there"), "{error}");
    assert!(error.contains("nearest first: 'nose_u', 'nose_y'"), "{error}");
}

#[test]
fn lfw_scores_read_alike_in_every_dialect() {
    let texts = [
        "#\tLFW\n#\tperson\timagenum\tMale\tEyeglasses\nJo Ann Doe\t2\t-0.5\t1.5\n",
        "person,imagenum,Male,Eyeglasses\nJo Ann Doe,2,-0.5,1.5\n",
        ",person,imagenum,Male,Eyeglasses\r\n0,Jo Ann Doe,2,-0.5,1.5\r\n\r\n",
        "\u{feff}person;imagenum;Male;Eyeglasses\n\"Jo Ann Doe\";2,0;-0,5;1,5\n;;;\n",
    ];
    for text in texts {
        let list = lfw::scores(Path::new("list"), text.as_bytes());
        let list = list.unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!(known(&list), [("Jo_Ann_Doe_0002", Some(true), Some(false))], "{text:?}");
        assert_eq!(list.columns.attributes.len(), 2, "{text:?}");
    }
    let error =
        |text: &str| lfw::scores(Path::new("list"), text.as_bytes()).unwrap_err().to_string();
    let text = error("person\timage\tMale\nJo\t2\t1.5\n");
    assert!(text.contains("no column imagenum") && text.contains("'image'"), "{text}");
    let text = error("person,imagenum,Male\nJo,2,1\nJo,2,-1\n");
    assert!(
        text.contains("list:3: 'Jo_0002' is listed twice, first on line 2 and contradicts"),
        "{text}"
    );
    let text = error("person,imagenum,Remark\nJo,2,fine\n");
    assert!(text.contains("list:1: has no column of scores"), "{text}");
}

#[test]
fn mtfl_rows_read_alike_in_every_dialect() {
    let row = "net\\a.jpg 1 2 3 4 5 6 7 8 9 10 1 2 2 3";
    let names = "path x1 x2 x3 x4 x5 y1 y2 y3 y4 y5 gender smile glasses pose";
    let texts = [
        format!(" {row}\r\n"),
        format!("{names}\n{row}\n"),
        format!("{}\n{}\n", names.replace(' ', ","), row.replace(' ', ",")),
        format!(
            ",{}\n0,{}\n",
            names.replace(' ', ","),
            row.replace(' ', ".0,").replace("jpg.0", "jpg")
        ),
        format!("\u{feff}{}\r\n\r\n", row.replace(' ', ";")),
        format!("{}\n", row.replace(' ', "\t")),
    ];
    for text in texts {
        let rows = mtfl::rows(Path::new("training.txt"), text.as_bytes());
        let rows = rows.unwrap_or_else(|e| panic!("{text:?}: {e}"));
        assert_eq!((rows.len(), rows[0].image.as_str()), (1, "net/a.jpg"), "{text:?}");
        assert_eq!((rows[0].landmarks[1], rows[0].labels.get(2)), ([2.0, 7.0], Some(false)));
    }
    let text = format!("{row}\n{}", row.replace("1 2 2 3", "1 1 2 3"));
    let error = mtfl::rows(Path::new("training.txt"), text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains(":2: 'net/a.jpg' is listed twice, first on line 1 and contradicts"));
}

#[test]
fn conventions_and_images_that_contradict_are_refused_with_both_lines() {
    let error = |text: &str| attributes(text.as_bytes()).unwrap_err().to_string();
    let text = error("Eyeglasses Male\na.jpg 1 -1\nb.jpg -1 1\nc.jpg 0 1\n");
    assert!(text.contains(":4: Eyeglasses: '0' is another way"), "{text}");
    assert!(text.contains("'-1' on line 3"), "{text}");
    // Each column may have its own.
    assert!(attributes(b"Eyeglasses Male\na.jpg -1 0\nb.jpg 1 1\n").is_ok());
    let text = error("Eyeglasses\na.jpg 1\na.jpg -1\n");
    assert!(
        text.contains(":3: 'a.jpg' is listed twice, first on line 2 and contradicts it"),
        "{text}"
    );
    // Images are found whatever their extension.
    let text = error("Eyeglasses\na.jpg 1\na.png -1\n");
    assert!(
        text.contains("'a.png' is listed twice, first on line 2 as 'a.jpg' and contradicts"),
        "{text}"
    );
    let text = error("Eyeglasses Eye_glasses Male\na.jpg 1 1 1\n");
    assert!(text.contains(":1: two columns are called Eyeglasses"), "{text}");
}

#[test]
fn an_empty_label_is_unknown_and_counted() {
    let list = attributes(b"image_id,Eyeglasses,Male\na.jpg,,1\nb.jpg,nan,0\n").unwrap();
    assert_eq!((list.rows[0].1.get(0), list.rows[1].1.get(0)), (None, None));
    assert!(list.notes.iter().any(|note| note.contains("2 empty field(s) of Eyeglasses")));
}

#[test]
fn a_missing_column_is_told_with_those_that_are_there() {
    let list = attributes(b"image_id,Eye_Glass,Male,Young\na.jpg,1,1,1\n").unwrap();
    let glasses = Attribute::of("eyeglasses");
    let error = list.columns.require("data.attribute", &glasses).unwrap_err().to_string();
    assert!(error.contains("list_attr_celeba.csv:1: no column eyeglasses"), "{error}");
    assert!(error.contains("nearest first: 'eye-glass', "), "{error}");
}

#[test]
fn every_column_of_labels_is_an_attribute_and_no_other_is() {
    let text = "image_id,Male,Beret,age,name\na.jpg,1,0,34,Ann\nb.jpg,-1,1,1,Bo\n";
    let list = attributes(text.as_bytes()).unwrap();
    assert_eq!(list.columns.attributes, ["male", "beret"].map(Attribute::of));
    let error = list.columns.require("data.attribute", &Attribute::of("age")).unwrap_err();
    assert!(error.to_string().contains("csv:2: age is no attribute: '34' is not"), "{error}");
}

#[test]
fn what_is_not_a_list_is_named_as_what_it_is() {
    let utf16 = |text: &str, big: bool| -> Vec<u8> {
        let units = text.encode_utf16();
        units.flat_map(|u| if big { u.to_be_bytes() } else { u.to_le_bytes() }).collect()
    };
    let zip = |name: &str| {
        let mut bytes = b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0".to_vec();
        bytes.extend([0; 16]);
        bytes.extend(name.as_bytes());
        bytes
    };
    let mut tar = b"list_attr_celeba.txt".to_vec();
    tar.resize(257, 0);
    tar.extend(b"ustar");
    let cases: [(Vec<u8>, &str); 16] = [
        (utf16("\u{feff}image_id;Eyeglasses\r\n", false), "is UTF-16 text"),
        (utf16("\u{feff}image_id;Eyeglasses\r\n", true), "is UTF-16 text"),
        (utf16("image_id;Eyeglasses\r\n", false), "is UTF-16 text"),
        (b"\xEF\xBB\xBF<!DOCTYPE html><html>".to_vec(), "is an HTML page"),
        (b"<script>location='login'</script>".to_vec(), "is an HTML page"),
        (b"version https://git-lfs.github.com/spec/v1\noid x".to_vec(), "git-LFS pointer"),
        (zip("[Content_Types].xml"), "is an Excel workbook"),
        (zip("mimetypeapplication/vnd.oasis.opendocument.spreadsheet"), "OpenDocument spreadsheet"),
        (zip("list_attr_celeba.csv"), "is a zip archive"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec(), "is an old Excel workbook"),
        (b"\x1f\x8b\x08\0".to_vec(), "is a gzip archive"),
        (tar, "is a tar archive"),
        (b"PAR1\x15\x04".to_vec(), "is a Parquet table"),
        (b"\xFF\xD8\xFF\xE0".to_vec(), "is a JPEG image"),
        (b"{\"code\": 401, \"message\": \"Unauthorized\"}".to_vec(), "is JSON"),
        (b"image_id;Eyeglasses\n\xFCber.jpg;1\n".to_vec(), ":2: is not UTF-8 text"),
    ];
    for (bytes, expected) in cases {
        let readers: [Result<usize, DataError>; 5] = [
            attributes(&bytes).map(|l| l.rows.len()),
            celeba::partition(Path::new("list_attr_celeba.csv"), &bytes).map(|l| l.rows.len()),
            celeba::landmarks(Path::new("list_attr_celeba.csv"), &bytes).map(|l| l.rows.len()),
            lfw::scores(Path::new("list_attr_celeba.csv"), &bytes).map(|l| l.rows.len()),
            mtfl::rows(Path::new("list_attr_celeba.csv"), &bytes).map(|l| l.len()),
        ];
        for error in readers.map(|result| result.unwrap_err().to_string()) {
            assert!(error.contains(expected), "{expected}: {error}");
            assert!(!error.contains("cut off"), "{error}");
        }
    }
}

#[test]
fn a_list_may_begin_with_a_name_that_marks_another_format() {
    for name in ["GIF89a.jpg", "8BPS.jpg", "ertmodel.jpg", "faceftyp.jpg", "PAR1.jpg", "%PDF-1.jpg"]
    {
        let text = format!("{name} 2\n");
        let list = celeba::partition(Path::new("list"), text.as_bytes());
        assert_eq!(list.unwrap().rows, [(name.to_owned(), Part::Test)]);
    }
}

#[test]
fn only_a_file_that_ends_inside_a_line_is_called_cut_off() {
    let error = |text: &str| attributes(text.as_bytes()).unwrap_err().to_string();
    let cut = error("Eyeglasses Male Young\na.jpg 1 1 1\nb.jpg 1");
    assert!(cut.contains(":3:") && cut.contains("was cut off"), "{cut}");
    let uneven = error("image_id;Eyeglasses;Male\na.jpg;1;1\nb.jpg;1\nc.jpg;1;1\n");
    assert!(
        uneven.contains(":3: 2 fields where 3 belong, with semicolons between them"),
        "{uneven}"
    );
    assert!(uneven.contains("as line 1 names them") && !uneven.contains("cut off"), "{uneven}");
    let quote = error("image_id,Eyeglasses\n\"a.jpg,1\n");
    assert!(quote.contains(":2: a quoted field has no closing quote"), "{quote}");
}
