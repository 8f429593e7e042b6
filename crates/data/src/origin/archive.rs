//! Zip archives, read in place: nothing of them is unpacked, and no name in them is a path on the disk.

use std::io::{ErrorKind, Read};
use std::path::Path;

use record::{Content, quotation};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::positioned::Positioned;
use crate::DataError;
use crate::photo::LARGEST;

/// An open archive. Its directory is in memory (200 bytes an entry), its entries are not.
#[derive(Debug)]
pub(crate) struct Archive {
    zip: ZipArchive<Positioned>,
}

/// What the directory says of a file in the archive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    /// Directories and name, as written there.
    pub(crate) name: String,
    /// Unpacked.
    pub(crate) bytes: u64,
    pub(crate) crc: u32,
}

const AGAIN: &str = "copy or download it again";

impl Archive {
    /// Reads the directory.
    ///
    /// # Errors
    /// The file cannot be read, or is no whole zip archive.
    pub(crate) fn open(path: &Path) -> Result<Archive, DataError> {
        let mut file = Positioned::open(path).map_err(DataError::io("read", path))?;
        let mut head = Vec::new();
        let read = file.by_ref().take(4096).read_to_end(&mut head);
        read.map_err(DataError::io("read", path))?;
        let refuse =
            |problem: String, remedy: &str| Err(DataError::annotation(path, None, problem, remedy));
        match Content::of(&head) {
            Content::Zip => {}
            other => {
                let problem = format!("is {}, not a zip archive", other.name());
                return refuse(problem, other.remedy().unwrap_or(AGAIN));
            }
        }
        match ZipArchive::new(file) {
            Ok(zip) => Ok(Archive { zip }),
            Err(ZipError::Io(source)) if source.kind() != ErrorKind::UnexpectedEof => {
                Err(DataError::io("read", path)(source))
            }
            Err(error) => {
                let reason = quotation(&error.to_string());
                refuse(
                    format!(
                        "is no whole zip archive ({reason}): its directory, which stands at its end, is \
                         missing or damaged"
                    ),
                    AGAIN,
                )
            }
        }
    }

    /// The files in it, sorted by name. Left out is what no program would unpack below the archive's
    /// own directory (`../x`, `/x`), and what macOS puts beside files.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let all = (0..self.zip.len()).filter_map(|index| self.zip.by_index_data(index).ok());
        let mut entries: Vec<Entry> = all
            .filter(|entry| entry.is_file() && entry.enclosed_name().is_some())
            .filter_map(|entry| {
                let name = entry.name().ok()?.into_owned();
                let own = !name.starts_with("__MACOSX/") && !base(&name).starts_with("._");
                own.then(|| Entry { name, bytes: entry.size(), crc: entry.crc32() })
            })
            .collect();
        entries.sort();
        entries
    }

    /// The bytes of an entry, checked against the directory's size and checksum.
    ///
    /// # Errors
    /// Why there are none, to be put behind the entry's name.
    pub(crate) fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        // A handle of its own for each thread; the directory is shared.
        let mut zip = self.zip.clone();
        let mut entry = zip.by_name(name).map_err(refused)?;
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            let method = entry.compression();
            return Err(format!(
                "is compressed by {method}, which is not read; unpack the archive"
            ));
        }
        let promised = entry.size();
        if promised > LARGEST {
            return Err("is larger than the limit of 512 MiB".to_owned());
        }
        // Room for what a photograph takes: a size that is a lie costs nothing.
        let mut bytes = Vec::with_capacity(promised.min(1 << 20) as usize);
        let read = entry.by_ref().take(promised + 1).read_to_end(&mut bytes);
        read.map_err(|e| format!("is damaged: {}", quotation(&e.to_string())))?;
        if bytes.len() as u64 != promised {
            let found = bytes.len();
            return Err(format!("is damaged: {found} bytes of the {promised} that it promises"));
        }
        Ok(bytes)
    }
}

/// A name without directories before it.
pub(crate) fn base(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or_default()
}

fn refused(error: ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) => {
            "is encrypted; unpack the archive with its password and take the zip away".to_owned()
        }
        ZipError::FileNotFound => "is not in the archive any more".to_owned(),
        other => format!("is damaged: {}", quotation(&other.to_string())),
    }
}
