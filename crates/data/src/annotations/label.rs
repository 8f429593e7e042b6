//! Labels in one convention per column: -1 and 1, 0 and 1, or true and false.

use super::dialect::Separator;
use super::text::excerpt;

/// How a column writes "absent"; "present" is 1 in both number conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Convention {
    MinusOne,
    Zero,
    Word,
}

/// What the labels of one column have been so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Column {
    /// The first label that told the convention: it, its line and its text.
    told: Option<(Convention, usize, String)>,
    /// The first 1, which leaves open which number stands for "absent".
    one: Option<usize>,
    /// Empty fields.
    pub(crate) empty: usize,
}

/// Whether a field says that nothing is known.
pub(crate) fn is_unknown(field: &str) -> bool {
    let words = ["nan", "na", "null"];
    field.is_empty() || words.iter().any(|word| field.eq_ignore_ascii_case(word))
}

impl Column {
    /// How the column writes its labels, for a person.
    pub(crate) fn kind(&self) -> &'static str {
        match (&self.told, self.one) {
            (Some((Convention::MinusOne, ..)), _) => "1 and -1",
            (Some((Convention::Zero, ..)), _) => "1 and 0",
            (Some((Convention::Word, ..)), _) => "words for yes and no",
            (None, Some(_)) => "1 alone",
            (None, None) => "all empty",
        }
    }

    /// One label; `None` where the field is empty, which pandas writes for an unknown value.
    ///
    /// # Errors
    /// It is none, or follows another convention than the labels above it.
    pub(crate) fn read(
        &mut self,
        field: &str,
        separator: Separator,
        line: usize,
    ) -> Result<Option<bool>, String> {
        let is = |words: &[&str]| words.iter().any(|word| field.eq_ignore_ascii_case(word));
        if is_unknown(field) {
            self.empty += 1;
            return Ok(None);
        }
        let (convention, label) = if is(&["true", "yes"]) {
            (Some(Convention::Word), true)
        } else if is(&["false", "no"]) {
            (Some(Convention::Word), false)
        } else {
            match separator.number(field) {
                Some(1.0) => (None, true),
                Some(-1.0) => (Some(Convention::MinusOne), false),
                Some(0.0) => (Some(Convention::Zero), false),
                _ => {
                    return Err(format!(
                        "{} is not -1 or 1 (nor 0 or 1, true or false)",
                        excerpt(field)
                    ));
                }
            }
        };
        let differs = match (&self.told, convention) {
            (Some((told, ..)), Some(new)) => *told != new,
            (Some((told, ..)), None) => *told == Convention::Word,
            (None, Some(Convention::Word)) => self.one.is_some(),
            (None, _) => false,
        };
        if differs {
            let (other, text) = match (&self.told, self.one) {
                (Some((_, line, text)), _) => (*line, text.clone()),
                (None, one) => (one.unwrap_or(line), "'1'".to_owned()),
            };
            return Err(format!(
                "{} is another way to write labels than {text} on line {other}",
                excerpt(field)
            ));
        }
        match convention {
            Some(new) if self.told.is_none() => self.told = Some((new, line, excerpt(field))),
            None if self.one.is_none() => self.one = Some(line),
            _ => {}
        }
        Ok(Some(label))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(fields: &[&str]) -> Result<Vec<Option<bool>>, String> {
        let mut column = Column::default();
        let lines = fields.iter().zip(1..);
        lines.map(|(field, line)| column.read(field, Separator::Comma, line)).collect()
    }

    #[test]
    fn each_convention_is_read_and_an_empty_field_is_unknown() {
        let expected = Ok(vec![Some(true), Some(false), None]);
        assert_eq!(read(&["1", "-1", ""]), expected);
        assert_eq!(read(&["+1.0", "0.0", "NaN"]), expected);
        assert_eq!(read(&["TRUE", "False", "NA"]), expected);
    }

    #[test]
    fn conventions_are_not_mixed_in_one_column() {
        for mixed in [["1", "-1", "0"], ["0", "1", "-1"], ["1", "1", "True"], ["True", "1", "1"]] {
            let problem = read(&mixed).unwrap_err();
            assert!(problem.contains("another way to write labels"), "{problem}");
        }
        assert!(read(&["1", "0", "-1"]).unwrap_err().contains("'0' on line 2"));
        assert!(read(&["1", "2"]).unwrap_err().contains("'2' is not -1 or 1"));
    }
}
