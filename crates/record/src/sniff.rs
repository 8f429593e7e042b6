//! What a file is by its content: its name proves nothing.

/// Bytes that [`Content::of`] looks at.
const HEAD: usize = 4096;

/// What the bytes of a file begin like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Content {
    /// No bytes at all, or blanks alone.
    Empty,
    /// Zero bytes: space that was set aside and never written.
    Zeros,
    /// JPEG image.
    Jpeg,
    /// PNG image.
    Png,
    /// GIF image.
    Gif,
    /// WebP image.
    WebP,
    /// HEIC or HEIF image.
    Heic,
    /// AVIF image.
    Avif,
    /// JPEG XL image.
    JpegXl,
    /// JPEG 2000 image.
    Jpeg2000,
    /// TIFF image, or the raw file of a camera.
    Tiff,
    /// Windows bitmap.
    Bmp,
    /// Photoshop image.
    Photoshop,
    /// SVG drawing.
    Svg,
    /// PDF document.
    Pdf,
    /// Video in an ISO container.
    Video,
    /// Finder data that macOS writes beside a file, as `._name`.
    AppleDouble,
    /// HTML page.
    Html,
    /// XML document of another kind.
    Xml,
    /// JSON text.
    Json,
    /// What git-LFS leaves where a file belongs.
    LfsPointer,
    /// What git-annex leaves where a file belongs.
    AnnexPointer,
    /// gzip archive.
    Gzip,
    /// bzip2 archive.
    Bzip2,
    /// xz archive.
    Xz,
    /// Zstandard archive.
    Zstd,
    /// zip archive.
    Zip,
    /// 7z archive.
    SevenZip,
    /// RAR archive.
    Rar,
    /// tar archive.
    Tar,
    /// What `torch.save` writes.
    Torch,
    /// Python pickle of another kind.
    Pickle,
    /// Arrays in the safetensors format.
    SafeTensors,
    /// NumPy array.
    Numpy,
    /// HDF5 file (Keras weights, for instance).
    Hdf5,
    /// ONNX network.
    Onnx,
    /// Ensemble of regression trees of the crate `ert`.
    ErtModel,
    /// `shape_predictor` of dlib.
    DlibPredictor,
    /// Text of no known kind.
    Text,
    /// Anything else.
    Unknown,
}

impl Content {
    /// Looks at the first bytes; the rest may be damaged or missing.
    pub fn of(bytes: &[u8]) -> Content {
        let head = &bytes[..bytes.len().min(HEAD)];
        let trimmed = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
        match () {
            () if trimmed.is_empty() => Content::Empty,
            () if head.iter().all(|byte| *byte == 0) => Content::Zeros,
            () => by_mark(head)
                .or_else(|| by_container(head))
                .or_else(|| by_text(trimmed))
                .unwrap_or(Content::Unknown),
        }
    }

    /// The content in words, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Content::Empty => "an empty file",
            Content::Zeros => "a file of zero bytes (a copy or download that never finished)",
            Content::Jpeg => "a JPEG image",
            Content::Png => "a PNG image",
            Content::Gif => "a GIF image",
            Content::WebP => "a WebP image",
            Content::Heic => "a HEIC image (a phone's photograph)",
            Content::Avif => "an AVIF image",
            Content::JpegXl => "a JPEG XL image",
            Content::Jpeg2000 => "a JPEG 2000 image",
            Content::Tiff => "a TIFF image or the raw file of a camera",
            Content::Bmp => "a Windows bitmap",
            Content::Photoshop => "a Photoshop image",
            Content::Svg => "an SVG drawing",
            Content::Pdf => "a PDF document",
            Content::Video => "a video",
            Content::AppleDouble => "a companion file that macOS writes beside the file itself",
            Content::Html => "an HTML page (a log-in or quota page saved under this name)",
            Content::Xml => "an XML document",
            Content::Json => "JSON text",
            Content::LfsPointer => "a git-LFS pointer, not the file itself",
            Content::AnnexPointer => "a git-annex pointer, not the file itself",
            Content::Gzip => "a gzip archive",
            Content::Bzip2 => "a bzip2 archive",
            Content::Xz => "an xz archive",
            Content::Zstd => "a Zstandard archive",
            Content::Zip => "a zip archive",
            Content::SevenZip => "a 7z archive",
            Content::Rar => "a RAR archive",
            Content::Tar => "a tar archive",
            Content::Torch => "a PyTorch file (torch.save)",
            Content::Pickle => "a Python pickle",
            Content::SafeTensors => "a safetensors file",
            Content::Numpy => "a NumPy array",
            Content::Hdf5 => "an HDF5 file",
            Content::Onnx => "an ONNX network",
            Content::ErtModel => "an ensemble of regression trees",
            Content::DlibPredictor => "a shape_predictor of dlib",
            Content::Text => "text",
            Content::Unknown => "a file of an unknown kind",
        }
    }

    /// How to get at the file that was meant, where the content says so by itself.
    pub fn remedy(self) -> Option<&'static str> {
        Some(match self {
            Content::Empty | Content::Zeros => "copy or download it again",
            Content::Html => "download the file again in a browser that is logged in",
            Content::LfsPointer => "fetch the file with `git lfs pull`",
            Content::AnnexPointer => "fetch the file with `git annex get`",
            Content::AppleDouble => "leave out files whose names begin with `._`",
            Content::Gzip => "unpack it first (`gunzip`, or `tar xzf` for a .tar.gz)",
            Content::Bzip2 => "unpack it first (`bunzip2`, or `tar xjf` for a .tar.bz2)",
            Content::Xz => "unpack it first (`unxz`, or `tar xJf` for a .tar.xz)",
            Content::Zstd => "unpack it first (`unzstd`)",
            Content::Zip => "unpack it first (`unzip`)",
            Content::SevenZip => "unpack it first (`7z x`)",
            Content::Rar => "unpack it first (`unrar x`)",
            Content::Tar => "unpack it first (`tar xf`)",
            _ => return None,
        })
    }

    /// Whether it is a picture of some format, to be converted.
    pub fn is_image(self) -> bool {
        matches!(
            self,
            Content::Jpeg
                | Content::Png
                | Content::Gif
                | Content::WebP
                | Content::Heic
                | Content::Avif
                | Content::JpegXl
                | Content::Jpeg2000
                | Content::Tiff
                | Content::Bmp
                | Content::Photoshop
                | Content::Svg
                | Content::Pdf
        )
    }
}

/// Formats that begin with a mark of their own. A pickle of protocol 2 has two bytes of it alone,
/// hence the opcodes that may follow.
fn by_mark(head: &[u8]) -> Option<Content> {
    const MARKS: [(&[u8], Content); 36] = [
        (b"\xFF\xD8\xFF", Content::Jpeg),
        (b"\x89PNG\r\n\x1A\n", Content::Png),
        (b"GIF87a", Content::Gif),
        (b"GIF89a", Content::Gif),
        (b"\x00\x00\x00\x0CJXL ", Content::JpegXl),
        (b"\xFF\x0A", Content::JpegXl),
        (b"\x00\x00\x00\x0CjP  ", Content::Jpeg2000),
        (b"\xFF\x4F\xFF\x51", Content::Jpeg2000),
        (b"II*\x00", Content::Tiff),
        (b"MM\x00*", Content::Tiff),
        (b"II+\x00", Content::Tiff),
        (b"MM\x00+", Content::Tiff),
        (b"8BPS", Content::Photoshop),
        (b"%PDF-", Content::Pdf),
        (b"\x00\x05\x16\x07", Content::AppleDouble),
        (b"\x1F\x8B\x08", Content::Gzip),
        (b"\xFD7zXZ\x00", Content::Xz),
        (b"\x28\xB5\x2F\xFD", Content::Zstd),
        (b"7z\xBC\xAF\x27\x1C", Content::SevenZip),
        (b"Rar!\x1A\x07", Content::Rar),
        (b"\x93NUMPY", Content::Numpy),
        (b"\x89HDF\r\n\x1A\n", Content::Hdf5),
        (b"ertmodel", Content::ErtModel),
        // Version 1 and a column of up to 65535 numbers, in dlib's own integers.
        (b"\x01\x01\x81", Content::DlibPredictor),
        (b"\x01\x01\x82", Content::DlibPredictor),
        // The magic number that `torch.save` pickled before it wrote zip archives.
        (b"\x80\x02\x8A\x0A\x6C\xFC\x9C\x46\xF9\x20\x6A\xA8\x50\x19", Content::Torch),
        (b"\x80\x02}", Content::Pickle),
        (b"\x80\x02]", Content::Pickle),
        (b"\x80\x02c", Content::Pickle),
        (b"\x80\x03}", Content::Pickle),
        (b"\x80\x03]", Content::Pickle),
        (b"\x80\x03c", Content::Pickle),
        (b"\x80\x04\x95", Content::Pickle),
        (b"\x80\x05\x95", Content::Pickle),
        (b"\x08\x07\x12", Content::Onnx),
        (b"\x08\x08\x12", Content::Onnx),
    ];
    MARKS.iter().find(|(mark, _)| head.starts_with(mark)).map(|(_, content)| *content)
}

/// Formats whose marks stand elsewhere, or are shared and need a second look.
fn by_container(head: &[u8]) -> Option<Content> {
    let at = |from: usize, mark: &[u8]| head.get(from..from + mark.len()) == Some(mark);
    let has = |part: &[u8]| head.windows(part.len()).any(|window| window == part);
    if at(0, b"PK\x03\x04") || at(0, b"PK\x05\x06") {
        return Some(if has(b"/data.pkl") { Content::Torch } else { Content::Zip });
    }
    if at(0, b"BZh") && at(4, b"1AY&SY") {
        return Some(Content::Bzip2);
    }
    if at(0, b"RIFF") && at(8, b"WEBP") {
        return Some(Content::WebP);
    }
    if at(4, b"ftyp") {
        let brands = &head[8..head.len().min(64)];
        let named = |brand: &[u8; 4]| brands.chunks(4).any(|chunk| chunk == brand);
        return Some(match () {
            () if named(b"avif") || named(b"avis") => Content::Avif,
            () if named(b"heic") || named(b"heix") || named(b"mif1") || named(b"msf1") => {
                Content::Heic
            }
            () => Content::Video,
        });
    }
    // A bitmap's second header has one of a few lengths.
    if at(0, b"BM") && [12, 40, 52, 56, 108, 124].iter().any(|n| at(14, &[*n, 0, 0, 0])) {
        return Some(Content::Bmp);
    }
    if at(257, b"ustar") {
        return Some(Content::Tar);
    }
    // The length of a JSON object, then the object.
    if let Some((length, rest)) = head.split_first_chunk::<8>() {
        let length = u64::from_le_bytes(*length);
        if (2..1 << 32).contains(&length) && rest.starts_with(b"{\"") {
            return Some(Content::SafeTensors);
        }
    }
    None
}

/// Texts that are no text for a reader of binary files.
fn by_text(head: &[u8]) -> Option<Content> {
    let lower = head.to_ascii_lowercase();
    let is = |prefix: &str| lower.starts_with(prefix.as_bytes());
    let has = |part: &[u8]| lower.windows(part.len()).any(|window| window == part);
    if is("version https://git-lfs") {
        return Some(Content::LfsPointer);
    }
    if is("/annex/objects/") || is(".git/annex/objects/") {
        return Some(Content::AnnexPointer);
    }
    let pages = ["<!doctype html", "<html", "<head", "<body", "<script"];
    if pages.iter().any(|page| is(page)) || (is("<") && has(b"<html")) {
        return Some(Content::Html);
    }
    if is("<svg") || (is("<") && has(b"<svg")) {
        return Some(Content::Svg);
    }
    if is("<?xml") || is("<!doctype") || is("<!--") {
        return Some(Content::Xml);
    }
    // The last character may be cut.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(e) if e.error_len().is_none() => std::str::from_utf8(&head[..e.valid_up_to()]).ok()?,
        Err(_) => return None,
    };
    let control = |c: char| c.is_control() && !c.is_whitespace();
    match text {
        _ if text.chars().any(control) => None,
        _ if is("{") || is_json_list(text) => Some(Content::Json),
        _ => Some(Content::Text),
    }
}

/// Whether what stands behind the brackets is a value of JSON's: a table of TOML begins with one too.
fn is_json_list(text: &str) -> bool {
    let first = text.trim_start_matches(|c: char| c == '[' || c.is_whitespace());
    let words = ["true", "false", "null"];
    text.trim_start().starts_with('[')
        && (first.starts_with(|c: char| "{\"]-".contains(c) || c.is_ascii_digit())
            || words.iter().any(|word| first.starts_with(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_told_by_its_content() {
        let torch =
            b"PK\x03\x04\0\0\x08\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\x12\0arch/data.pkl";
        let bitmap = b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0";
        let mut tar = vec![b'a'; 257];
        tar.extend(b"ustar\x0000");
        let cases: [(&[u8], Content); 39] = [
            (b"", Content::Empty),
            (b"\xEF\xBB\xBF \r\n", Content::Empty),
            (&[0; 600], Content::Zeros),
            (b"\xFF\xD8\xFF\xE0", Content::Jpeg),
            (b"\x89PNG\r\n\x1A\n", Content::Png),
            (b"GIF89a\x01", Content::Gif),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Content::WebP),
            (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", Content::Heic),
            (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif", Content::Avif),
            (b"\0\0\0\x18ftypmp42\0\0\0\0isommp42", Content::Video),
            (b"II*\0\x08", Content::Tiff),
            (bitmap, Content::Bmp),
            (b"%PDF-1.7", Content::Pdf),
            (b"\n<!DOCTYPE html>", Content::Html),
            (b"<?xml version='1.0'?><!DOCTYPE html><html>", Content::Html),
            (b"<!-- saved --><HTML lang=en>", Content::Html),
            (b"<?xml version='1.0'?>\n<svg width='1'>", Content::Svg),
            (b"<?xml version='1.0'?><opencv_storage>", Content::Xml),
            (b"{\"error\": 404}", Content::Json),
            (b"version https://git-lfs.github.com/spec/v1\n", Content::LfsPointer),
            (b"/annex/objects/MD5E-s1--0.jpg\n", Content::AnnexPointer),
            (b"\0\x05\x16\x07\0\x02\0\0", Content::AppleDouble),
            (b"\x1F\x8B\x08\0", Content::Gzip),
            (b"BZh91AY&SY\x01", Content::Bzip2),
            (b"\xFD7zXZ\0\0", Content::Xz),
            (b"\x28\xB5\x2F\xFD\x04", Content::Zstd),
            (b"PK\x03\x04\x14\0photo.jpg", Content::Zip),
            (b"7z\xBC\xAF\x27\x1C", Content::SevenZip),
            (b"Rar!\x1A\x07\x01\0", Content::Rar),
            (&tar, Content::Tar),
            (torch, Content::Torch),
            (b"\x80\x02\x8A\nl\xFC\x9CF\xF9 j\xA8P\x19.", Content::Torch),
            (b"\x80\x04\x95\x10\0", Content::Pickle),
            (b"\x10\0\0\0\0\0\0\0{\"a\":{}}", Content::SafeTensors),
            (b"\x93NUMPY\x01\0", Content::Numpy),
            (b"ertmodel\x01\0\0\0", Content::ErtModel),
            (b"\x01\x01\x81\x0A\x81\x01", Content::DlibPredictor),
            ("schöne Grüße".as_bytes(), Content::Text),
            (b"\x07\x01\xF0\xF1", Content::Unknown),
        ];
        for (bytes, content) in cases {
            assert_eq!(Content::of(bytes), content, "{}", String::from_utf8_lossy(bytes));
        }
    }

    /// A cut inside a character is still text; the words of a sentence do not make it a bitmap.
    #[test]
    fn text_is_text_however_it_begins() {
        assert_eq!(Content::of(&"ö".repeat(HEAD).as_bytes()[..HEAD - 1]), Content::Text);
        for text in ["BM is short for bitmap, see above", "PK", "BZh91 is a name", "RIFF raff"] {
            assert_eq!(Content::of(text.as_bytes()), Content::Text, "{text}");
        }
    }

    #[test]
    fn a_list_is_json_and_a_table_of_toml_is_not() {
        for text in ["[1, 2]", "[ [\"a\"]]", "[]", "[true]", "[{}]", "[null, -1]"] {
            assert_eq!(Content::of(text.as_bytes()), Content::Json, "{text}");
        }
        for text in ["[data]\nsize = 64\n", "[[zip]]\n", "[train]\n", "[..."] {
            assert_eq!(Content::of(text.as_bytes()), Content::Text, "{text}");
        }
    }

    #[test]
    fn what_can_be_unpacked_says_how() {
        for content in [Content::Gzip, Content::Bzip2, Content::Xz, Content::Zip, Content::Tar] {
            assert!(content.remedy().is_some_and(|remedy| remedy.starts_with("unpack it")));
            assert!(content.name().ends_with("archive"));
        }
        assert_eq!(Content::Unknown.remedy(), None);
    }
}
