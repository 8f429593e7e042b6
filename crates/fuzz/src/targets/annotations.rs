//! Annotation lists of data sets.

use std::collections::HashSet;
use std::fmt::Write;
use std::path::Path;

use config::Attribute;
use data::annotations::celeba::{self, LabelList, List};
use data::annotations::folder::{self, FolderTable, Role};
use data::annotations::marked::marked;
use data::annotations::{lfw, mtfl};
use data::{DataError, Labels, Mark, Part};

use crate::oracle;
use crate::target::Verdict;

const NAME: &str = "list.txt";

/// Column names and odd beginnings.
pub(super) const WORDS: [&str; 44] = [
    ";",
    "True",
    "False",
    "Unnamed: 0",
    "sep=;",
    "1,0",
    "image_id",
    "Eyeglasses",
    "Mouth_Slightly_Open",
    "Smiling",
    "No_Beard",
    "Young",
    "Male",
    "partition",
    "identity",
    "lefteye_x",
    "lefteye_y",
    "righteye_x",
    "righteye_y",
    "nose_x",
    "nose_y",
    "leftmouth_x",
    "leftmouth_y",
    "rightmouth_x",
    "rightmouth_y",
    "#\tperson\timagenum\t",
    "Mouth Slightly Open",
    "No Beard",
    "Youth",
    "lfw_5590\\",
    "net_7876/",
    "000001.jpg",
    "-1",
    "1.0",
    "nan",
    "inf",
    "1e39",
    "\u{FEFF}",
    "\r\n",
    "<!doctype",
    "version https://git-lfs",
    "\"",
    "\u{0}",
    "\u{85}",
];

/// The error is one sentence about this file, at one of its lines, with a remedy.
fn refused(error: &DataError, bytes: &[u8]) -> Verdict {
    oracle::message(error, NAME);
    assert!(!error.to_string().contains('\n'), "{error}");
    assert!(error.is_bad_input(), "{error}");
    let DataError::Annotation { line, problem, remedy, .. } = error else { panic!("{error}") };
    assert!(!problem.is_empty() && !remedy.is_empty());
    line.iter().for_each(|line| oracle::line(*line, bytes));
    Verdict::Refused
}

/// Characters that a name would have to be quoted for, in a text of some dialect.
fn odd(c: char) -> bool {
    c.is_whitespace() || c.is_control() || ",;\"\u{FEFF}".contains(c)
}

/// A list's promises, and the same list from what `write` makes of it, as text and as tables; `None`
/// where the separator cannot hold the list.
fn list<T: PartialEq + std::fmt::Debug>(
    bytes: &[u8],
    read: fn(&Path, &[u8]) -> Result<List<T>, DataError>,
    write: impl Fn(&List<T>, char) -> Option<String>,
) -> Verdict {
    let list = match read(Path::new(NAME), bytes) {
        Ok(list) => list,
        Err(error) => return refused(&error, bytes),
    };
    assert!(!list.rows.is_empty(), "a list without rows");
    let mut seen = HashSet::new();
    for (image, _) in &list.rows {
        assert!(!image.is_empty(), "an image without a name");
        assert!(seen.insert(image), "{image} twice");
    }
    for note in &list.notes {
        assert!(note.contains(NAME) && !note.contains(char::is_control), "{note:?}");
    }
    // Names that would have to be quoted are not worth a writer here.
    let plain = list.rows.iter().all(|(image, _)| !image.contains(odd));
    for separator in [' ', ',', ';', '\t'].into_iter().filter(|_| plain) {
        let Some(text) = write(&list, separator) else { continue };
        let again = read(Path::new(NAME), text.as_bytes());
        let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{text}"));
        assert_eq!(again.rows, list.rows, "from\n{text}");
    }
    Verdict::Accepted
}

/// Labels by the names of their attributes.
type Named = Vec<(Attribute, Option<bool>)>;

fn named(list: LabelList) -> List<Named> {
    let LabelList { rows, columns, notes } = list;
    let of = |labels: Labels| {
        let attributes = columns.attributes.iter().cloned().enumerate();
        attributes.map(|(place, attribute)| (attribute, labels.get(place))).collect()
    };
    let rows = rows.into_iter().map(|(image, labels)| (image, of(labels))).collect();
    List { rows, notes }
}

/// Whether a column of this name is read as the same attribute.
fn is_plain(attribute: &Attribute) -> bool {
    let name = attribute.name();
    !name.is_empty() && !name.contains(odd) && name != "index" && name.parse::<f64>().is_err()
}

/// Attributes of CelebA.
pub fn celeba_attributes(bytes: &[u8]) -> Verdict {
    let read = |path: &Path, bytes: &[u8]| celeba::attributes(path, bytes).map(named);
    list(bytes, read, |list: &List<Named>, separator| {
        let columns = &list.rows[0].1;
        assert!(!columns.is_empty(), "a list without attributes");
        let mut text = "image_id".to_owned();
        for (attribute, _) in columns {
            write!(text, "{separator}{attribute}").expect("memory");
        }
        for (image, labels) in &list.rows {
            write!(text, "\n{image}").expect("memory");
            for (_, label) in labels {
                let label = label.map_or("", |label| if label { "1" } else { "-1" });
                write!(text, "{separator}{label}").expect("memory");
            }
        }
        // Blanks cannot hold an empty field.
        let is_hole = |labels: &Named| labels.iter().any(|(_, label)| label.is_none());
        let holes = separator == ' ' && list.rows.iter().any(|(_, labels)| is_hole(labels));
        let plain = columns.iter().all(|(attribute, _)| is_plain(attribute));
        (plain && !holes).then_some(text)
    })
}

/// Parts of CelebA.
pub fn celeba_partition(bytes: &[u8]) -> Verdict {
    list(bytes, celeba::partition, |list, separator| {
        let number = |part: &Part| match part {
            Part::Train => 0,
            Part::Validation => 1,
            Part::Test => 2,
            Part::Unassigned => panic!("a row without a part"),
        };
        let row = |(image, part): &(String, Part)| format!("{image}{separator}{}\n", number(part));
        let rows: String = list.rows.iter().map(row).collect();
        Some(format!("image_id{separator}partition\n{rows}"))
    })
}

/// People of CelebA.
pub fn celeba_identities(bytes: &[u8]) -> Verdict {
    list(bytes, celeba::identities, |list, separator| {
        let row = |(image, who): &(String, String)| {
            assert!(!who.is_empty() && who.bytes().all(|b| b.is_ascii_digit()), "{who:?}");
            format!("{image}{separator}{who}\n")
        };
        let rows: String = list.rows.iter().map(row).collect();
        Some(format!("image_id{separator}identity\n{rows}"))
    })
}

/// Points of CelebA. Those that were dropped are written as a point outside the frame.
pub fn celeba_landmarks(bytes: &[u8]) -> Verdict {
    list(bytes, celeba::landmarks, |list, separator| {
        let names = "image_id lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x \
                     leftmouth_y rightmouth_x rightmouth_y";
        let mut text = names.replace(' ', &separator.to_string());
        for (image, points) in &list.rows {
            write!(text, "\n{image}").expect("memory");
            for value in points.unwrap_or([[-1e6; 2]; 5]).as_flattened() {
                write!(text, "{separator}{value}").expect("memory");
            }
            if let Some(points) = points {
                let inside = |p: &[f32; 2]| p.iter().all(|v| v.is_finite() && v.abs() <= 1000.0);
                assert!(points.iter().all(inside), "{points:?} lie outside any frame");
                assert_ne!(points[0], points[1], "both eyes in one place");
            }
        }
        Some(text)
    })
}

/// Scores of LFW.
pub fn lfw_scores(bytes: &[u8]) -> Verdict {
    let scores = match lfw::scores(Path::new(NAME), bytes) {
        Ok(scores) => scores,
        Err(error) => return refused(&error, bytes),
    };
    let scores = named(scores);
    assert!(!scores.rows.is_empty(), "a list without rows");
    let columns = &scores.rows[0].1;
    let mut text = "#\tperson\timagenum".to_owned();
    columns.iter().for_each(|(attribute, _)| text.extend(["\t", attribute.name()]));
    // A name that would have to be quoted is not worth a writer here.
    let mut twin = columns.iter().all(|(attribute, _)| is_plain(attribute));
    for (image, labels) in &scores.rows {
        let (person, number) = image.rsplit_once('_').expect("person and number");
        assert!(number.len() >= 4 && number.parse::<u32>().is_ok(), "{image}");
        twin &= !person.starts_with('#') && !person.contains(odd);
        write!(text, "\n{person}\t{number}").expect("memory");
        for (_, label) in labels {
            let score = label.map_or("", |label| if label { "0.5" } else { "-0.5" });
            write!(text, "\t{score}").expect("memory");
        }
    }
    if twin {
        let again = lfw::scores(Path::new(NAME), text.as_bytes());
        let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{text}"));
        assert_eq!(named(again).rows, scores.rows, "from\n{text}");
    }
    Verdict::Accepted
}

/// Rows of MTFL.
pub fn mtfl_rows(bytes: &[u8]) -> Verdict {
    let rows = match mtfl::rows(Path::new(NAME), bytes) {
        Ok(rows) => rows,
        Err(error) => return refused(&error, bytes),
    };
    let mut text = String::new();
    for row in &rows {
        let path = Path::new(&row.image);
        let inside = |part| matches!(part, std::path::Component::Normal(_));
        assert!(path.components().all(inside), "{} leads out of the data set", row.image);
        assert!(row.landmarks.as_flattened().iter().all(|value| value.is_finite()));
        assert!((1..=5).contains(&row.pose));
        let axis = |axis: usize| row.landmarks.map(|p| p[axis].to_string()).join(" ");
        let label = |place: usize| match row.labels.get(place) {
            Some(true) => 1,
            Some(false) => 2,
            None => panic!("{} is unknown", mtfl::ATTRIBUTES[place]),
        };
        let [male, smile, glasses] = [0, 1, 2].map(label);
        writeln!(
            text,
            "{} {} {} {male} {smile} {glasses} {}",
            row.image,
            axis(0),
            axis(1),
            row.pose
        )
        .expect("memory");
    }
    if rows.iter().any(|row| row.image.contains(odd)) {
        return Verdict::Accepted;
    }
    let again = mtfl::rows(Path::new(NAME), text.as_bytes());
    let again = again.unwrap_or_else(|error| panic!("{error}\nin what was written:\n{text}"));
    assert_eq!(again, rows, "from\n{text}");
    Verdict::Accepted
}

/// Tables of folders: every column has a role, and what stands in rows is what the roles say.
pub fn folder_table(bytes: &[u8]) -> Verdict {
    let table = match folder::table(Path::new(NAME), bytes) {
        Ok(table) => table,
        Err(error) => return refused(&error, bytes),
    };
    assert!(!table.rows.is_empty(), "a table without rows");
    assert!(table.rows.windows(2).all(|rows| rows[0].line < rows[1].line));
    let count = |role: &Role| table.understood.iter().filter(|column| column.role == *role).count();
    assert_eq!(count(&Role::File), 1);
    assert!([0, 10].contains(&count(&Role::Point)));
    let attributes = &table.columns.attributes;
    for attribute in attributes {
        assert_eq!(count(&Role::Attribute(attribute.clone())), 1, "{attribute}");
    }
    for column in &table.understood {
        let printable = |text: &str| !text.contains(char::is_control);
        assert!(printable(&column.column) && printable(&column.values), "{column:?}");
    }
    for row in &table.rows {
        oracle::line(row.line, bytes);
        assert!(!row.file.is_empty() && row.person.as_deref() != Some(""));
        assert!(row.person.is_none() || count(&Role::Person) == 1);
        assert!(row.part == Part::Unassigned || count(&Role::Part) == 1);
        assert!(row.points.is_none() || count(&Role::Point) == 10);
        assert!(row.points.iter().flatten().flatten().all(|value| value.is_finite()));
        assert!(row.labels.get(attributes.len()).is_none(), "a label without a column");
    }
    with_points(&table, bytes);
    Verdict::Accepted
}

/// A copy with points has them, and is refused where it would say something else.
fn with_points(table: &FolderTable, bytes: &[u8]) {
    let points = std::array::from_fn(|k| [k as f32 + 0.5, 1024.0]);
    let mark = Mark { points: Some(points), score: Some(12.25), faces: Some(1) };
    let Ok(copy) = marked(Path::new(NAME), bytes, &vec![mark; table.rows.len()]) else { return };
    let again = folder::table(Path::new(NAME), &copy);
    let again = again.unwrap_or_else(|e| panic!("{e}\nin {}", String::from_utf8_lossy(&copy)));
    assert_eq!(again.rows.len(), table.rows.len());
    assert!(again.rows.iter().all(|row| row.points == Some(points)));
    assert_eq!(again.columns.attributes, table.columns.attributes);
}
