//! A page of recipes: files to add and changes to make, as a reader would take them from it.

use std::fs;
use std::path::Path;

/// What a block of the page asks for.
enum Block {
    /// A whole file.
    New(String),
    /// Lines between lines that are there, hunk by hunk.
    Change(Vec<Vec<String>>),
}

/// One block with the file that it is for.
pub(crate) struct Step {
    file: String,
    block: Block,
}

/// The steps of every section whose heading is wanted, in the page's order.
pub(crate) fn steps(page: &str, wanted: impl Fn(&str) -> bool) -> Vec<Step> {
    let (mut steps, mut is_wanted, mut named) = (Vec::new(), false, None);
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(heading) = line.strip_prefix("## ") {
            is_wanted = wanted(heading);
        } else if let Some(rest) = line.strip_prefix('`').filter(|_| line.ends_with(':')) {
            named = rest.split_once('`').map(|(file, more)| (file.to_owned(), more == ", new:"));
        } else if let Some(language) = line.strip_prefix("```") {
            let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            let Some((file, is_new)) = named.take().filter(|_| is_wanted) else { continue };
            let block = match (is_new, language) {
                (true, "rust") => Block::New(block.join("\n") + "\n"),
                (false, "diff") => Block::Change(hunks(&block)),
                _ => panic!("{file}: a block of {language} that is no file and no change"),
            };
            steps.push(Step { file, block });
        }
    }
    steps
}

fn hunks(block: &[&str]) -> Vec<Vec<String>> {
    let hunks = block.split(|line| line.starts_with("@@"));
    hunks.map(|hunk| hunk.iter().map(|line| (*line).to_owned()).collect()).collect()
}

impl Step {
    /// Does it below `root`.
    pub(crate) fn apply(&self, root: &Path) {
        let path = root.join(&self.file);
        match &self.block {
            Block::New(text) => {
                assert!(!path.exists(), "{} is there already", self.file);
                fs::write(path, text).unwrap();
            }
            Block::Change(hunks) => {
                let mut text = fs::read_to_string(&path).unwrap();
                for hunk in hunks {
                    let side = |without: char| -> String {
                        let lines = hunk.iter().filter(|line| !line.starts_with(without));
                        lines
                            .map(|line| line.get(1..).unwrap_or_default().to_owned() + "\n")
                            .collect()
                    };
                    let (before, after) = (side('+'), side('-'));
                    let count = text.matches(&before).count();
                    assert_eq!(count, 1, "{} has these lines {count} times:\n{before}", self.file);
                    text = text.replacen(&before, &after, 1);
                }
                fs::write(path, text).unwrap();
            }
        }
    }

    /// Files that the steps touch.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }
}
