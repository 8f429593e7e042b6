//! Columns that say the same in every row of a table: what holds for all of its numbers.

/// A CSV text with the part of the data that its numbers are of in a last column `part`.
pub(crate) fn parted(text: String, part: &str) -> String {
    with_last(&text, "part", part)
}

/// A CSV text with the sentence in a last column `note`, if there is one.
pub(crate) fn noted(text: String, note: Option<&str>) -> String {
    match note {
        Some(note) => with_last(&text, "note", note),
        None => text,
    }
}

fn with_last(text: &str, title: &str, value: &str) -> String {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let mut writer = csv::Writer::from_writer(Vec::new());
    for (index, record) in reader.records().flatten().enumerate() {
        let last = if index == 0 { title } else { value };
        writer.write_record(record.iter().chain([last])).expect("memory takes every record");
    }
    let bytes = writer.into_inner().expect("memory takes every record");
    String::from_utf8(bytes).expect("text was read")
}
