//! Which columns of a parquet table hold images and their names.

use parquet::basic::{ConvertedType, LogicalType, Type};
use parquet::schema::types::{ColumnDescriptor, SchemaDescriptor};

/// Bytes of images: in a struct (of which `image` is preferred), or a column of bytes that is no text.
pub(super) fn image_column(schema: &SchemaDescriptor) -> Option<usize> {
    let is_image = |column: &ColumnDescriptor| {
        let parts = column.path().parts();
        let bytes = column.physical_type() == Type::BYTE_ARRAY && column.max_rep_level() == 0;
        bytes
            && match parts {
                [_, part] => part == "bytes",
                [name] => !is_text(column) || ["image", "img", "bytes"].contains(&name.as_str()),
                _ => false,
            }
    };
    let columns = schema.columns().iter().enumerate();
    let mut found: Vec<(usize, &str)> = columns
        .filter(|(_, column)| is_image(column))
        .map(|(place, column)| (place, column.path().parts()[0].as_str()))
        .collect();
    found.sort_by_key(|(place, name)| (*name != "image", *place));
    found.first().map(|(place, _)| *place)
}

/// The images' names: `path` beside their bytes, or a column of texts that is called so.
pub(super) fn name_column(schema: &SchemaDescriptor, image: usize) -> Option<usize> {
    let group = &schema.column(image).path().parts()[0].clone();
    let text = |column: &ColumnDescriptor| {
        column.physical_type() == Type::BYTE_ARRAY && column.max_rep_level() == 0
    };
    let named = |column: &ColumnDescriptor| match column.path().parts() {
        [first, part] => first == group && part == "path",
        [name] => ["image_id", "file_name", "filename", "image_name"].contains(&name.as_str()),
        _ => false,
    };
    // A column of its own goes before what a program may have left beside the bytes.
    let columns = schema.columns().iter().enumerate();
    let mut found: Vec<(usize, usize)> = columns
        .filter(|(_, column)| text(column) && named(column))
        .map(|(place, column)| (column.path().parts().len(), place))
        .collect();
    found.sort_unstable();
    found.first().map(|(_, place)| *place)
}

pub(super) fn is_text(column: &ColumnDescriptor) -> bool {
    column.converted_type() == ConvertedType::UTF8
        || matches!(column.logical_type_ref(), Some(LogicalType::String))
}
