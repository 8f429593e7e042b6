//! What an experiment is called: its file's name without `.toml`.

use std::path::Path;

use crate::error::ConfigError;

/// What experiments and configurations end in.
const ENDING: &str = ".toml";
/// What lies in the results directory beside the experiments' own directories.
const TAKEN: [&str; 2] = ["cache", "README.md"];

/// The name of an experiment's file: everything that precedes `.toml`, dots included, so that
/// `sweep.v2.toml` is `sweep.v2` and never `sweep`. A name without that ending is taken whole.
///
/// # Errors
/// The name cannot be that of a directory among the results: it is empty, `.` or `..`, it is taken
/// by what all experiments share, or it is not UTF-8.
pub fn experiment_name(path: &Path) -> Result<String, ConfigError> {
    let refuse = |why: &str| {
        let title = format!("`{}` cannot name an experiment: {why}", path.display());
        Err(ConfigError::bare(title, "rename the file; results lie in results/NAME"))
    };
    // A path that ends in `..` has no file name.
    let Some(file) = path.file_name() else { return refuse("it names no file") };
    let Some(file) = file.to_str() else { return refuse("its name is not UTF-8") };
    let name = stem(file);
    match name {
        "" => refuse("nothing precedes `.toml`"),
        "." | ".." => refuse("its results would lie command_line of their directory"),
        // Some file systems do not tell upper from lower case.
        _ if TAKEN.iter().any(|taken| taken.eq_ignore_ascii_case(name)) => {
            refuse(&format!("results/{name} belongs to all experiments"))
        }
        _ => Ok(name.to_owned()),
    }
}

/// What precedes `.toml`, if it is there.
pub fn stem(file: &str) -> &str {
    file.strip_suffix(ENDING).unwrap_or(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_precedes_the_ending_dots_included() {
        let name = |path: &str| experiment_name(Path::new(path)).unwrap();
        assert_eq!(name("a/sweep.toml"), "sweep");
        assert_eq!(name("sweep.v2.toml"), "sweep.v2");
        assert_eq!(name("sweep.v2"), "sweep.v2");
        assert_eq!(name("lr1e-4..toml"), "lr1e-4.");
        assert_eq!(name("sweep.toml.toml"), "sweep.toml");
        assert_eq!(name(".hidden.toml"), ".hidden");
    }

    #[test]
    fn names_that_leave_the_results_or_meet_what_lies_there_are_refused() {
        for path in ["..", "a/..", "...toml", "..toml", ".toml", "", "/", "cache.toml", "Cache"] {
            let refused = experiment_name(Path::new(path)).unwrap_err().to_string();
            assert!(refused.contains("cannot name an experiment"), "{path}: {refused}");
        }
        assert!(experiment_name(Path::new("readme.md.toml")).is_err());
        assert!(experiment_name(Path::new("caches.toml")).is_ok());
    }

    #[test]
    #[cfg(unix)]
    fn a_name_that_is_no_text_is_refused_rather_than_changed() {
        use std::os::unix::ffi::OsStrExt;
        let name = std::ffi::OsStr::from_bytes(b"sw\xffep.toml");
        assert!(experiment_name(Path::new(name)).unwrap_err().to_string().contains("UTF-8"));
    }
}
