//! The names in a PDF as its bytes spell them, whatever its tables say is in use.
//!
//! A PDF may hold several versions of an object, and programs differ in which one they take. This
//! reader follows no table: it looks at every name outside strings, comments and stream data, in
//! every revision, and inside every object stream, with `#` escapes undone.

use lopdf::{Dictionary, Object, Stream};

/// Most bytes that one object stream may unpack to.
const MOST_UNPACKED: usize = 64 << 20;
/// What ends a name or a keyword, white space apart.
const DELIMITERS: &[u8] = b"()<>[]{}/%";

/// Calls `visit` with each name of a PDF, without its slash.
pub(super) fn each_name(bytes: &[u8], visit: &mut dyn FnMut(&[u8])) {
    let mut reader = Reader {
        bytes,
        at: 0,
        strings_end: true,
        names: Vec::new(),
    };
    while let Some(token) = reader.next_token() {
        match token {
            Token::Name(name) => {
                visit(&name);
                reader.names.push(name);
            }
            Token::Word(b"obj") => reader.names.clear(),
            Token::Word(b"stream") => {
                let data = reader.take_stream();
                if reader.names.iter().any(|name| name == b"ObjStm") {
                    each_name_unpacked(&reader.names, data, visit);
                }
                reader.names.clear();
            }
            Token::Word(_) | Token::Other => {}
        }
    }
}

/// Looks into an object stream. Objects in it are no streams, so there is no deeper level.
fn each_name_unpacked(names: &[Vec<u8>], data: &[u8], visit: &mut dyn FnMut(&[u8])) {
    let filters: Vec<Object> = names
        .iter()
        .filter(|name| {
            name.ends_with(b"Decode") || matches!(name.as_slice(), b"Fl" | b"AHx" | b"A85")
        })
        .map(|name| Object::Name(name.clone()))
        .collect();
    let mut dictionary = Dictionary::new();
    if !filters.is_empty() {
        dictionary.set("Filter", Object::Array(filters));
    }
    let stream = Stream::new(dictionary, data.to_vec());
    let Ok(content) = stream.get_plain_content_with_limit(MOST_UNPACKED) else {
        return;
    };
    let mut reader = Reader {
        bytes: &content,
        at: 0,
        strings_end: true,
        names: Vec::new(),
    };
    while let Some(token) = reader.next_token() {
        if let Token::Name(name) = token {
            visit(&name);
        }
    }
}

enum Token<'a> {
    Name(Vec<u8>),
    Word(&'a [u8]),
    Other,
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Whether strings still close: after one that does not, parentheses hide nothing.
    strings_end: bool,
    /// Names since the present object began.
    names: Vec<Vec<u8>>,
}

impl<'a> Reader<'a> {
    fn next_token(&mut self) -> Option<Token<'a>> {
        let byte = *self.bytes.get(self.at)?;
        self.at += 1;
        Some(match byte {
            b'/' => Token::Name(unescaped(self.take_word())),
            b'%' => {
                self.skip_while(|byte| byte != b'\r' && byte != b'\n');
                Token::Other
            }
            b'(' => {
                self.skip_string();
                Token::Other
            }
            _ if is_regular(byte) => {
                self.at -= 1;
                Token::Word(self.take_word())
            }
            _ => Token::Other,
        })
    }

    fn take_word(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip_while(is_regular);
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    fn skip_while(&mut self, condition: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at += rest
            .iter()
            .position(|byte| !condition(*byte))
            .unwrap_or(rest.len());
    }

    fn skip_string(&mut self) {
        if !self.strings_end {
            return;
        }
        let mut depth = 1_u32;
        let mut at = self.at;
        while let Some(byte) = self.bytes.get(at) {
            match byte {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                self.at = at;
                return;
            }
        }
        self.strings_end = false;
    }

    /// Takes the data of a stream up to its end mark; without one, nothing is skipped.
    fn take_stream(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let start = match rest {
            [b'\r', b'\n', ..] => 2,
            [b'\r' | b'\n', ..] => 1,
            _ => 0,
        };
        let end = rest.windows(9).position(|window| window == b"endstream");
        let Some(end) = end.filter(|end| *end >= start) else {
            return &[];
        };
        self.at += end;
        rest.get(start..end).unwrap_or_default()
    }
}

fn is_regular(byte: u8) -> bool {
    !matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ') && !DELIMITERS.contains(&byte)
}

/// Undoes `#xx` in a name.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let digit = |at: usize| {
        name.get(at)
            .and_then(|byte| char::from(*byte).to_digit(16))
            .and_then(|digit| u8::try_from(digit).ok())
    };
    let mut plain = Vec::with_capacity(name.len());
    let mut at = 0;
    while let Some(byte) = name.get(at) {
        match (byte, digit(at + 1), digit(at + 2)) {
            (b'#', Some(high), Some(low)) => {
                plain.push(high << 4 | low);
                at += 3;
            }
            _ => {
                plain.push(*byte);
                at += 1;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &[u8]) -> Vec<String> {
        let mut names = Vec::new();
        each_name(text, &mut |name| {
            names.push(String::from_utf8_lossy(name).into_owned());
        });
        names
    }

    #[test]
    fn names_are_found_however_they_are_spelt() {
        assert_eq!(
            names(b"<</S/J#61va#53cript/K 1>>"),
            ["S", "JavaScript", "K"]
        );
        assert_eq!(names(b"/A[/B(x /C \\) /D)/E]%/F\n/G"), ["A", "B", "E", "G"]);
    }

    #[test]
    fn stream_data_is_skipped_and_a_string_without_end_hides_nothing() {
        assert_eq!(names(b"1 0 obj<</A 1>>stream\n/B\nendstream/C"), ["A", "C"]);
        assert_eq!(names(b"1 0 obj<</A 1>>stream\n/B"), ["A", "B"]);
        assert_eq!(names(b"/A ( /B ( /C"), ["A", "B", "C"]);
    }

    #[test]
    fn object_streams_are_looked_into() {
        let text = b"1 0 obj<</Type/ObjStm>>stream\n3 0 <</JS 1>>\nendstream";
        assert_eq!(names(text), ["Type", "ObjStm", "JS"]);
    }
}
