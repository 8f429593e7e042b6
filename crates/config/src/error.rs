//! The one error of this crate: which file, which line, what is wrong, what to do.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// A text and where it came from (a file's path, or `--set`).
#[derive(Debug, PartialEq)]
pub(crate) struct SourceText {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Where its relative paths start; `None` for the working directory.
    pub(crate) home: Option<PathBuf>,
}

impl SourceText {
    /// The line (from 1) of a place in the text.
    pub(crate) fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// A place in a text: what a value remembers of its origin.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: Arc<SourceText>,
    pub(crate) key: Range<usize>,
    pub(crate) value: Range<usize>,
}

/// Why a configuration was refused. The message names file, line and remedy.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file could not be read.
    #[error("error: cannot read {}: {source}\nhelp: {help}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
        /// What to do.
        help: String,
    },
    /// The text was refused; the message shows the place with a caret.
    #[error("{rendered}")]
    Invalid {
        /// What is wrong, in one line.
        title: String,
        /// Where it stands: file name and line (from 1).
        at: Option<(String, usize)>,
        /// The whole message.
        rendered: String,
    },
}

impl ConfigError {
    /// An error that points at a place in a text.
    pub(crate) fn at(
        source: &SourceText,
        span: Range<usize>,
        title: impl Into<String>,
        label: &str,
        help: Option<String>,
    ) -> Self {
        let title = title.into();
        let span =
            source.text.floor_char_boundary(span.start)..source.text.ceil_char_boundary(span.end);
        let line = source.line(span.start);
        let snippet = Snippet::source(&source.text)
            .path(&source.name)
            .annotation(AnnotationKind::Primary.span(span).label(label));
        let mut group = Level::ERROR.primary_title(&title).element(snippet);
        if let Some(help) = &help {
            group = group.element(Level::HELP.message(help));
        }
        let rendered = printable(&Renderer::plain().render(&[group]));
        ConfigError::Invalid { title, at: Some((source.name.clone(), line)), rendered }
    }

    /// An error of a combination that no single place shows.
    pub(crate) fn bare(title: impl Into<String>, help: &str) -> Self {
        let title = title.into();
        let rendered = printable(&format!("error: {title}\nhelp: {help}"));
        ConfigError::Invalid { title, at: None, rendered }
    }
}

/// A message without the characters that could steer a terminal, which a file may hold.
fn printable(message: &str) -> String {
    message.replace(|c: char| c.is_control() && c != '\n', "\u{FFFD}")
}
