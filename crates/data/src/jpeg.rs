//! The structure of a JPEG file: where its picture ends, and what kind of JPEG it is.

/// How the samples are coded, from the frame header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Process {
    /// Baseline, extended or progressive with 8 bits: what every camera and program writes.
    #[default]
    Common,
    /// More than 8 bits per sample.
    Deep,
    /// Lossless, hierarchical, or arithmetic coding.
    Rare,
}

impl Process {
    /// What the image is, if the decoder does not know it.
    pub(crate) fn unsupported(self) -> Option<&'static str> {
        match self {
            Process::Common => None,
            Process::Deep => Some("a JPEG of more than 8 bits per sample"),
            Process::Rare => Some("a JPEG with lossless, hierarchical or arithmetic coding"),
        }
    }
}

/// What the segments of a file say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Jpeg {
    /// The picture has an end. What follows it (a trailer of the camera, a second picture) is nobody's
    /// business.
    pub(crate) whole: bool,
    /// Colour components: 1 grey, 3 colour, 4 CMYK or YCCK.
    pub(crate) components: u8,
    /// Adobe's marker is there: four components are inverted inks.
    pub(crate) adobe: bool,
    /// How the samples are coded.
    pub(crate) process: Process,
}

impl Jpeg {
    /// Goes from marker to marker until the end of the picture or of the file. Thumbnails lie inside
    /// segments and are passed over with them.
    pub(crate) fn scan(bytes: &[u8]) -> Jpeg {
        let mut jpeg = Jpeg::default();
        // Behind the start of the image.
        let mut rest = bytes.get(2..).unwrap_or_default();
        while let Some((marker, after)) = next_marker(rest) {
            rest = after;
            if marker == 0xD9 {
                jpeg.whole = true;
                break;
            }
            // Starts of images and restarts have no content.
            if matches!(marker, 0x01 | 0xD0..=0xD8) {
                continue;
            }
            let Some((length, _)) = after.split_first_chunk::<2>() else { break };
            let length = usize::from(u16::from_be_bytes(*length)).max(2);
            let Some((segment, after)) = after.split_at_checked(length) else { break };
            rest = after;
            jpeg.note(marker, &segment[2..]);
        }
        jpeg
    }

    fn note(&mut self, marker: u8, content: &[u8]) {
        match marker {
            0xEE => self.adobe |= content.starts_with(b"Adobe"),
            // Frames; C4, C8 and CC are tables and an extension.
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                self.components = content.get(5).copied().unwrap_or_default();
                self.process = match (marker, content.first()) {
                    (0xC0..=0xC2, Some(8) | None) => Process::Common,
                    (0xC0..=0xC2, _) => Process::Deep,
                    _ => Process::Rare,
                };
            }
            _ => {}
        }
    }
}

/// The next marker and what follows it. Between a scan's header and the marker behind it lie coded
/// samples, in which FF is followed by 00.
fn next_marker(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let mut at = 0;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xFF)?;
        match *bytes.get(at + 1)? {
            // A filling FF before the marker's own.
            0xFF => at += 1,
            0x00 => at += 2,
            marker => return Some((marker, &bytes[at + 2..])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
        let length = (content.len() as u16 + 2).to_be_bytes();
        [&[0xFF, marker][..], &length, content].concat()
    }

    /// Adobe's marker, a frame of the given kind with four components, a scan, an end.
    fn file(frame: u8, bits: u8) -> Vec<u8> {
        [
            vec![0xFF, 0xD8],
            segment(0xE1, b"Exif\0\0 a thumbnail: \xFF\xD8 \xFF\xD9"),
            segment(0xEE, b"Adobe\0d\0\0\0\0\0"),
            segment(frame, &[bits, 0, 16, 0, 16, 4]),
            segment(0xDA, &[1, 0, 0]),
            vec![0x12, 0xFF, 0x00, 0x34, 0xFF, 0xD0, 0x56, 0xFF, 0xFF, 0xD9],
        ]
        .concat()
    }

    #[test]
    fn the_picture_ends_at_its_own_marker() {
        let bytes = file(0xC0, 8);
        let found = Jpeg { whole: true, components: 4, adobe: true, process: Process::Common };
        assert_eq!(Jpeg::scan(&bytes), found);
        assert_eq!(Jpeg::scan(&[&bytes[..], b"trailer of a phone"].concat()), found);
        for cut in 0..bytes.len() {
            assert!(!Jpeg::scan(&bytes[..cut]).whole, "cut at {cut}");
        }
    }

    #[test]
    fn the_frame_says_how_samples_are_coded() {
        let process = |frame, bits| Jpeg::scan(&file(frame, bits)).process;
        assert_eq!(process(0xC2, 8), Process::Common);
        assert_eq!(process(0xC1, 12), Process::Deep);
        assert_eq!([process(0xC3, 8), process(0xC9, 8), process(0xCA, 8)], [Process::Rare; 3]);
    }
}
