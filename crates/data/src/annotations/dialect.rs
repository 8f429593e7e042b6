//! How a line falls into fields, and what a field says: CelebA's blanks, and what pandas and
//! spreadsheets write.

/// What stands between two fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Separator {
    /// Any number of blanks or TABs.
    Blanks,
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    /// The separator that a line uses most, outside quotes; blanks if it uses none.
    pub(crate) fn of(line: &str) -> Separator {
        let mut quoted = false;
        let mut counts = [0usize; 3];
        for c in line.chars() {
            match c {
                '"' => quoted = !quoted,
                ';' if !quoted => counts[0] += 1,
                ',' if !quoted => counts[1] += 1,
                '\t' if !quoted => counts[2] += 1,
                _ => {}
            }
        }
        let kinds = [Separator::Semicolon, Separator::Comma, Separator::Tab];
        // Of equals the first: with semicolons between fields, commas are decimal.
        let most = counts.iter().copied().max().unwrap_or_default();
        let first = counts.iter().position(|&count| count == most).unwrap_or_default();
        if most == 0 { Separator::Blanks } else { kinds[first] }
    }

    /// The one character that it is; `None` for blanks.
    pub(super) fn char(self) -> Option<char> {
        match self {
            Separator::Blanks => None,
            Separator::Comma => Some(','),
            Separator::Semicolon => Some(';'),
            Separator::Tab => Some('\t'),
        }
    }

    /// The word for it in a message.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Separator::Blanks => "blanks",
            Separator::Comma => "commas",
            Separator::Semicolon => "semicolons",
            Separator::Tab => "TABs",
        }
    }

    /// Puts the fields of a line into `fields`, without blanks and quotes around them.
    ///
    /// # Errors
    /// What is wrong with a quoted field.
    pub(crate) fn split<'a>(
        self,
        line: &'a str,
        fields: &mut Vec<&'a str>,
    ) -> Result<(), &'static str> {
        fields.clear();
        match self.char() {
            None if !line.contains('"') => fields.extend(line.split_whitespace()),
            Some(c) if !line.contains('"') => fields.extend(line.split(c).map(str::trim)),
            separator => {
                let ends = |c: char| separator.map_or(c.is_whitespace(), |s| s == c);
                let mut rest = Some(line);
                while let Some(text) = rest {
                    let start = match separator {
                        // A TAB between fields is no blank before one.
                        Some(s) => text.trim_start_matches(|c: char| c.is_whitespace() && c != s),
                        None => text.trim_start(),
                    };
                    if separator.is_none() && start.is_empty() {
                        break;
                    }
                    let (field, behind) = match start.strip_prefix('"') {
                        Some(inside) => quoted(inside)?,
                        None => start.split_at(start.find(ends).unwrap_or(start.len())),
                    };
                    let end = behind.find(ends).unwrap_or(behind.len());
                    if !behind[..end].trim().is_empty() {
                        return Err("text follows the closing quote of a field");
                    }
                    fields.push(field.trim());
                    let mut behind = behind[end..].chars();
                    rest = behind.next().map(|_| behind.as_str());
                }
            }
        }
        Ok(())
    }

    /// A number as a spreadsheet may write it: a decimal comma where commas separate nothing, and the
    /// typographic minus. Not checked for being finite.
    pub(crate) fn number(self, field: &str) -> Option<f64> {
        if let Ok(number) = field.parse() {
            return Some(number);
        }
        let mut field = field.replace('\u{2212}', "-");
        if self != Separator::Comma && !field.contains('.') {
            field = field.replace(',', ".");
        }
        field.parse().ok()
    }

    /// A whole number, `2` or `2.0`.
    pub(crate) fn whole(self, field: &str) -> Option<u64> {
        if let Ok(number) = field.parse() {
            return Some(number);
        }
        let number = self.number(field)?;
        let whole = number.fract() == 0.0 && (0.0..9e15).contains(&number);
        whole.then_some(number as u64)
    }
}

/// The inside of a quoted field and what follows its closing quote; two quotes are one of the text.
fn quoted(inside: &str) -> Result<(&str, &str), &'static str> {
    let mut from = 0;
    while let Some(at) = inside[from..].find('"').map(|at| from + at) {
        if !inside[at + 1..].starts_with('"') {
            return Ok((&inside[..at], &inside[at + 1..]));
        }
        from = at + 2;
    }
    Err("a quoted field has no closing quote on its line")
}

/// Whether a field is the name of an image file.
pub(crate) fn is_image_name(field: &str) -> bool {
    let extension = field.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["jpg", "jpeg", "png", "bmp", "webp"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Result<Vec<&str>, &'static str> {
        let mut fields = Vec::new();
        Separator::of(line).split(line, &mut fields).map(|()| fields)
    }

    #[test]
    fn every_separator_is_found_and_quotes_hide_the_others() {
        assert_eq!(split("a.jpg  -1   1 ").unwrap(), ["a.jpg", "-1", "1"]);
        assert_eq!(split("a.jpg,-1, 1").unwrap(), ["a.jpg", "-1", "1"]);
        assert_eq!(split(";a.jpg;0,5;1,5").unwrap(), ["", "a.jpg", "0,5", "1,5"]);
        assert_eq!(split("a b\t\t1").unwrap(), ["a b", "", "1"]);
        assert_eq!(split("\"a,b;c\";\"1\" ;").unwrap(), ["a,b;c", "1", ""]);
        assert_eq!(split("\"a b\" \"1\"  2").unwrap(), ["a b", "1", "2"]);
        assert_eq!(split("\t\"a\"\t").unwrap(), ["", "a", ""]);
        assert_eq!(split("\"say \"\"x\"\"\",1").unwrap(), ["say \"\"x\"\"", "1"]);
    }

    #[test]
    fn broken_quotes_are_named() {
        assert!(split("\"a,1").unwrap_err().contains("no closing quote"));
        assert!(split("\"a\"b,1").unwrap_err().contains("follows the closing quote"));
    }

    #[test]
    fn numbers_are_read_as_spreadsheets_write_them() {
        assert_eq!(Separator::Semicolon.number("1,5"), Some(1.5));
        assert_eq!(Separator::Comma.number("1,5"), None);
        assert_eq!(Separator::Comma.number("\u{2212}1"), Some(-1.0));
        assert_eq!(Separator::Comma.whole("2880.0"), Some(2880));
        assert_eq!(Separator::Comma.whole("2880.5"), None);
        assert_eq!(Separator::Comma.whole("-1"), None);
    }
}
