//! dlib's imglab XML: images with boxes, boxes with named points.

use std::error::Error;
use std::path::{Path, PathBuf};

use ert::{GreyImage, Rect, Sample};
use roxmltree::{Document, Node, ParsingOptions};

/// Everything in one list.
pub(crate) struct DataSet {
    /// Files of the images, as the list names them.
    pub(crate) names: Vec<String>,
    /// The images, in the list's order.
    pub(crate) images: Vec<GreyImage>,
    /// All boxes, in the list's order; points in the order of their names, as in dlib.
    pub(crate) samples: Vec<Sample>,
}

/// Reads a list and its images; their paths are relative to the list.
pub(crate) fn read(list: &Path) -> Result<DataSet, Box<dyn Error>> {
    let text = std::fs::read_to_string(list).map_err(|e| format!("{}: {e}", list.display()))?;
    let options = ParsingOptions { allow_dtd: true, ..ParsingOptions::default() };
    let document = Document::parse_with_options(&text, options)
        .map_err(|e| format!("{}: {e}", list.display()))?;
    let folder = list.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut data = DataSet { names: Vec::new(), images: Vec::new(), samples: Vec::new() };
    for image in document.descendants().filter(|node| node.has_tag_name("image")) {
        let name = image.attribute("file").ok_or("an image has no file")?;
        for node in image.children().filter(|node| node.has_tag_name("box")) {
            let (rect, shape) = face(node).map_err(|e| format!("{name}: {e}"))?;
            data.samples.push(Sample { image: data.images.len(), rect, shape });
        }
        data.images.push(grey(&folder.join(name))?);
        data.names.push(name.to_owned());
    }
    Ok(data)
}

/// Box and points of one face.
type Face = (Rect, Vec<[f32; 2]>);

fn face(node: Node<'_, '_>) -> Result<Face, Box<dyn Error>> {
    let [left, top, width, height] =
        ["left", "top", "width", "height"].map(|name| number(node, name));
    let (left, top) = (left?, top?);
    let rect = Rect { left, top, right: left + width? - 1.0, bottom: top + height? - 1.0 };
    let mut parts = node
        .children()
        .filter(|node| node.has_tag_name("part"))
        .map(|part| {
            let name = part.attribute("name").ok_or("a part has no name")?;
            Ok((name, [number(part, "x")?, number(part, "y")?]))
        })
        .collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    parts.sort_by_key(|(name, _)| *name);
    Ok((rect, parts.into_iter().map(|(_, point)| point).collect()))
}

fn number(node: Node<'_, '_>, name: &str) -> Result<f32, Box<dyn Error>> {
    let value = node.attribute(name).ok_or_else(|| format!("{name} is missing"))?;
    value.parse().map_err(|_| format!("{name}=\"{value}\" is not a number").into())
}

/// The pixels as they are stored: boxes and points of these lists count in them, and dlib looks at no EXIF
/// orientation, so this is not the reader of photographs.
fn grey(file: &PathBuf) -> Result<GreyImage, Box<dyn Error>> {
    let image = image::open(file).map_err(|e| format!("{}: {e}", file.display()))?;
    let (width, height) = (image.width() as usize, image.height() as usize);
    Ok(match image {
        image::DynamicImage::ImageLuma8(grey) => {
            GreyImage { width, height, pixels: grey.into_raw() }
        }
        other => GreyImage::from_rgb(width, height, other.to_rgb8().as_raw()),
    })
}
