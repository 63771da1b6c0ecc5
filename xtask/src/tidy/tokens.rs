//! Rust's tokens, as far as the rules need them: words, texts, and the marks between.
//! Comments, numbers, characters and lifetimes are passed over.

/// A piece of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// A name or a keyword.
    Word(&'a str),
    /// What stands in a string, escapes as written.
    Text(&'a str),
    /// `::`
    Colons,
    /// Any other character.
    Mark(char),
}

/// The tokens of a source, each with its line.
pub(super) fn tokens(source: &str) -> Vec<(Token<'_>, usize)> {
    let mut tokens = Vec::new();
    let (mut rest, mut line) = (source, 1);
    while let Some(first) = rest.chars().next() {
        let (length, token) = next(rest, first);
        let (taken, left) = rest.split_at(length);
        if let Some(token) = token {
            tokens.push((token, line));
        }
        // Words and marks are on one line: most of a source is not looked at twice.
        if matches!(token, None | Some(Token::Text(_))) {
            line += taken.matches('\n').count();
        }
        rest = left;
    }
    tokens
}

/// How long the next piece of a source is, and the token in it.
fn next(rest: &str, first: char) -> (usize, Option<Token<'_>>) {
    match first {
        it if it.is_whitespace() => return (rest.len() - rest.trim_start().len(), None),
        '/' if rest.starts_with("//") => return (rest.find('\n').unwrap_or(rest.len()), None),
        '/' if rest.starts_with("/*") => return (block_comment(rest), None),
        ':' if rest.starts_with("::") => return (2, Some(Token::Colons)),
        '"' | 'b' | 'c' | 'r' => {
            if let Some((length, text)) = text(rest) {
                return (length, Some(Token::Text(text)));
            }
        }
        _ => {}
    }
    if first == '\'' || rest.starts_with("b'") {
        return (character(rest), None);
    }
    if is_word(first) {
        let raw = rest.strip_prefix("r#").map_or(0, |_| 2);
        let word = &rest[raw..];
        let word = &word[..word.find(|it| !is_word(it)).unwrap_or(word.len())];
        let token = (!first.is_ascii_digit()).then_some(Token::Word(word));
        return (raw + word.len(), token);
    }
    (first.len_utf8(), Some(Token::Mark(first)))
}

fn is_word(it: char) -> bool {
    it.is_alphanumeric() || it == '_'
}

/// Block comments hold others.
fn block_comment(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let (mut at, mut depth) = (0, 0);
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

/// The string of any kind a source begins with: how long it is, and what stands in it.
fn text(rest: &str) -> Option<(usize, &str)> {
    let prefix = ["br", "cr", "b", "c", "r"]
        .into_iter()
        .find(|&it| rest.starts_with(it))
        .unwrap_or_default();
    let after = &rest[prefix.len()..];
    if !prefix.ends_with('r') {
        let inner = after.strip_prefix('"')?;
        let mut escaped = false;
        let end = inner.bytes().position(|byte| {
            let ends = byte == b'"' && !escaped;
            escaped = byte == b'\\' && !escaped;
            ends
        });
        let end = end.unwrap_or(inner.len());
        return Some(((prefix.len() + end + 2).min(rest.len()), &inner[..end]));
    }
    let inner = after.trim_start_matches('#');
    let hashes = &after[..after.len() - inner.len()];
    let inner = inner.strip_prefix('"')?;
    let close = format!("\"{hashes}");
    let end = inner.find(&close).unwrap_or(inner.len());
    let length = prefix.len() + hashes.len() + 1 + end + close.len();
    Some((length.min(rest.len()), &inner[..end]))
}

/// How long a character is, or a lifetime.
fn character(rest: &str) -> usize {
    let begin = rest.find('\'').unwrap_or(0) + 1;
    let mut inner = rest[begin..].chars();
    let length = match (inner.next(), inner.next()) {
        (Some('\\'), Some(escape)) => {
            let skipped = 1 + escape.len_utf8();
            let end = rest[begin + skipped..].find('\'');
            skipped + end.map_or(0, |it| it + 1)
        }
        (Some(one), Some('\'')) => one.len_utf8() + 1,
        (Some(_), _) => {
            let name = rest[begin..].find(|it| !is_word(it));
            name.unwrap_or(rest.len() - begin)
        }
        (None, _) => 0,
    };
    begin + length
}

#[cfg(test)]
mod tests {
    use super::Token::{Colons, Mark, Text, Word};
    use super::*;

    fn told(source: &str) -> Vec<Token<'_>> {
        tokens(source).into_iter().map(|(token, _)| token).collect()
    }

    #[test]
    fn reads_words_marks_and_the_lines_they_are_on() {
        assert_eq!(
            tokens("use a::{\n    r#type,\n};"),
            [
                (Word("use"), 1),
                (Word("a"), 1),
                (Colons, 1),
                (Mark('{'), 1),
                (Word("type"), 2),
                (Mark(','), 2),
                (Mark('}'), 3),
                (Mark(';'), 3),
            ]
        );
    }

    #[test]
    fn passes_over_comments_also_one_in_another() {
        assert_eq!(
            tokens("// a::b\n/* c /* d */ \"e */ f /// g\n"),
            [(Word("f"), 2)]
        );
        assert_eq!(told("/* never closed"), []);
    }

    #[test]
    fn reads_strings_of_every_kind_to_their_end() {
        assert_eq!(
            told(r##"a"b\"c" r"\" r#"d"e"# br"f" b"g" c"h" i"##),
            [
                Word("a"),
                Text(r#"b\"c"#),
                Text("\\"),
                Text("d\"e"),
                Text("f"),
                Text("g"),
                Text("h"),
                Word("i"),
            ]
        );
        assert_eq!(
            tokens("\"two\nlines\\\\\" a"),
            [(Text("two\nlines\\\\"), 1), (Word("a"), 2)]
        );
        assert_eq!(told("\"never closed"), [Text("never closed")]);
    }

    #[test]
    fn knows_a_character_from_a_lifetime() {
        assert_eq!(
            told(r#"'"' b'"' '\'' '\u{1f600}' 'ü' &'static str 'a: a"#),
            [Mark('&'), Word("str"), Mark(':'), Word("a")]
        );
    }

    #[test]
    fn passes_over_numbers() {
        assert_eq!(told("0xff_u8 x1"), [Word("x1")]);
    }
}
