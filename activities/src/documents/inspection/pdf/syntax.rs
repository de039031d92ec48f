//! The objects of a PDF, read strictly: where two programs could read two things, there is none.
//!
//! `lopdf` repairs and skips what it cannot read, as most programs do, each in its own way. What
//! is judged here must be what every reader sees, so a name, a number, a string or a dictionary
//! that is not written as ISO 32000-1, 7.3 says is a [`Fault`].

use std::ops::Range;

use lopdf::{Dictionary, Object, StringFormat};

/// Arrays and dictionaries inside each other; real files have a dozen.
const MOST_NESTED: u32 = 64;

/// Keys of the document's information (ISO 32000-1, table 317), whose texts are only shown.
const INFORMATION: &[&[u8]] = &[
    b"Title",
    b"Author",
    b"Subject",
    b"Keywords",
    b"Creator",
    b"Producer",
    b"CreationDate",
    b"ModDate",
];

/// Why a text is no PDF object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Not written as the format says, or with a key twice and two values that matter.
    Malformed,
    /// Nested deeper, or with more objects, than any honest file.
    TooComplex,
}

/// Reads objects from a place on.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    nested: u32,
}

impl<'a> Reader<'a> {
    /// A reader of these bytes from a place on.
    pub(super) const fn new(bytes: &'a [u8], at: usize) -> Self {
        Self {
            bytes,
            at,
            nested: 0,
        }
    }

    /// Where the reader stands.
    pub(super) const fn position(&self) -> usize {
        self.at
    }

    /// The byte at which the reader stands.
    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Goes on to a place.
    pub(super) const fn seek(&mut self, at: usize) {
        self.at = at;
    }

    /// What is still to be read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Passes over white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.at += 1;
            } else if byte == b'%' {
                self.skip_while(|byte| byte != b'\r' && byte != b'\n');
            } else {
                return;
            }
        }
    }

    /// Takes a run of regular characters: a keyword or a number. Empty where there is none.
    pub(super) fn word(&mut self) -> &'a [u8] {
        let start = self.at;
        self.skip_while(is_regular);
        self.bytes.get(start..self.at).unwrap_or_default()
    }

    /// Takes this word after white space, or stays where it is.
    pub(super) fn take_word(&mut self, expected: &[u8]) -> bool {
        let start = self.at;
        self.skip_space();
        let found = self.word() == expected;
        if !found {
            self.at = start;
        }
        found
    }

    /// Takes a number without sign or fraction after white space, or stays where it is.
    pub(super) fn take_natural(&mut self) -> Option<u64> {
        let start = self.at;
        self.skip_space();
        let number = natural(self.word());
        if number.is_none() {
            self.at = start;
        }
        number
    }

    /// Takes the head of an indirect object, `12 0 obj`, or stays where it is.
    pub(super) fn take_head(&mut self) -> Option<(u32, u16)> {
        let start = self.at;
        let head = (|| {
            let number = u32::try_from(self.take_natural()?).ok()?;
            let generation = u16::try_from(self.take_natural()?).ok()?;
            self.take_word(b"obj").then_some((number, generation))
        })();
        if head.is_none() {
            self.at = start;
        }
        head
    }

    /// Reads an object.
    pub(super) fn object(&mut self) -> Result<Object, Fault> {
        self.skip_space();
        match self.peek().ok_or(Fault::Malformed)? {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal(),
            b'[' => self.deeper(Self::array),
            b'<' if self.rest().starts_with(b"<<") => self.dictionary().map(Object::Dictionary),
            b'<' => self.hexadecimal(),
            byte if byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.') => self.number(),
            _ => match self.word() {
                b"true" => Ok(Object::Boolean(true)),
                b"false" => Ok(Object::Boolean(false)),
                b"null" => Ok(Object::Null),
                _ => Err(Fault::Malformed),
            },
        }
    }

    /// Reads a dictionary. A key that is there twice with two values is a fault: programs differ
    /// in which one they take.
    pub(super) fn dictionary(&mut self) -> Result<Dictionary, Fault> {
        self.skip_space();
        if !self.rest().starts_with(b"<<") {
            return Err(Fault::Malformed);
        }
        self.at += 2;
        self.deeper(Self::entries)
    }

    fn entries(&mut self) -> Result<Dictionary, Fault> {
        let mut dictionary = Dictionary::new();
        loop {
            self.skip_space();
            if self.rest().starts_with(b">>") {
                self.at += 2;
                return Ok(dictionary);
            }
            let key = self.name()?;
            let value = self.object()?;
            if dictionary
                .get(&key)
                .is_ok_and(|known| !are_alike(&key, known, &value))
            {
                return Err(Fault::Malformed);
            }
            dictionary.set(key, value);
        }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.nested == MOST_NESTED {
            return Err(Fault::TooComplex);
        }
        self.nested += 1;
        let read = read(self);
        self.nested -= 1;
        read
    }

    fn array(&mut self) -> Result<Object, Fault> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.peek() == Some(b']') {
                self.at += 1;
                return Ok(Object::Array(items));
            }
            items.push(self.object()?);
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, Fault> {
        if self.peek() != Some(b'/') {
            return Err(Fault::Malformed);
        }
        self.at += 1;
        let name = unescaped(self.word());
        // Programs that keep names as C strings see only what stands before a null character.
        if name.contains(&0) {
            return Err(Fault::Malformed);
        }
        Ok(name)
    }

    /// A number, or a reference when two numbers and an `R` follow each other.
    fn number(&mut self) -> Result<Object, Fault> {
        let word = self.word();
        if let Some(number) = natural(word).and_then(|number| u32::try_from(number).ok())
            && let Some(generation) = self.take_reference()
        {
            return Ok(Object::Reference((number, generation)));
        }
        let text = std::str::from_utf8(word).map_err(|_| Fault::Malformed)?;
        if let Ok(integer) = text.parse() {
            return Ok(Object::Integer(integer));
        }
        // Some programs write `--5` or `1.2.3`: no number that matters here, but not hidden text.
        let plain = text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
        plain
            .then(|| Object::Real(text.parse().unwrap_or_default()))
            .ok_or(Fault::Malformed)
    }

    fn take_reference(&mut self) -> Option<u16> {
        let start = self.at;
        let generation = self
            .take_natural()
            .and_then(|generation| u16::try_from(generation).ok())
            .filter(|_| self.take_word(b"R"));
        if generation.is_none() {
            self.at = start;
        }
        generation
    }

    /// A string in parentheses, its escapes undone.
    fn literal(&mut self) -> Result<Object, Fault> {
        self.at += 1;
        let mut text = Vec::new();
        let mut open = 1_u32;
        loop {
            let byte = self.next_byte()?;
            match byte {
                b'(' => open += 1,
                b')' if open == 1 => {
                    return Ok(Object::String(text, StringFormat::Literal));
                }
                b')' => open -= 1,
                b'\\' => {
                    self.escape(&mut text)?;
                    continue;
                }
                b'\r' => {
                    self.skip_line_feed();
                    text.push(b'\n');
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
    }

    fn escape(&mut self, text: &mut Vec<u8>) -> Result<(), Fault> {
        match self.next_byte()? {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => self.skip_line_feed(),
            digit @ b'0'..=b'7' => {
                let mut value = u32::from(digit - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push((value & 0xff) as u8);
            }
            other => text.push(other),
        }
        Ok(())
    }

    fn skip_line_feed(&mut self) {
        if self.peek() == Some(b'\n') {
            self.at += 1;
        }
    }

    fn next_byte(&mut self) -> Result<u8, Fault> {
        let byte = self.peek().ok_or(Fault::Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    fn hexadecimal(&mut self) -> Result<Object, Fault> {
        self.at += 1;
        let mut digits = Vec::new();
        loop {
            match self.next_byte()? {
                b'>' => break,
                byte if is_space(byte) => {}
                byte => digits.push(hex_digit(byte).ok_or(Fault::Malformed)?),
            }
        }
        let bytes = digits
            .chunks(2)
            .map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or_default());
        Ok(Object::String(bytes.collect(), StringFormat::Hexadecimal))
    }

    fn skip_while(&mut self, condition: impl Fn(u8) -> bool) {
        let rest = self.rest();
        self.at += rest
            .iter()
            .position(|byte| !condition(*byte))
            .unwrap_or(rest.len());
    }
}

/// Whether names in these bytes say that something acts, wherever they stand. For what could not
/// be read: such a file is refused in any case, and this tells why.
pub(super) fn mentions(bytes: &[u8], names: &[&[u8]]) -> bool {
    memchr::memchr_iter(b'/', bytes).any(|at| {
        let mut reader = Reader::new(bytes, at);
        reader
            .name()
            .is_ok_and(|name| names.contains(&name.as_slice()))
    })
}

/// Where heads of indirect objects stand, in strings, comments and data too.
pub(super) fn heads(bytes: &[u8]) -> impl Iterator<Item = Range<usize>> {
    memchr::memmem::find_iter(bytes, b"obj").filter_map(|at| {
        let before = |end: usize, wanted: fn(u8) -> bool| {
            let text = bytes.get(..end).unwrap_or_default();
            text.iter()
                .rposition(|byte| !wanted(*byte))
                .map_or(0, |last| last + 1)
        };
        let generation_end = before(at, is_space);
        let generation = before(generation_end, |byte| byte.is_ascii_digit());
        let number_end = before(generation, is_space);
        let number = before(number_end, |byte| byte.is_ascii_digit());
        let is_head = generation < generation_end && number_end < generation && number < number_end;
        is_head.then_some(number..at + 3)
    })
}

/// Whether it is all the same which of a key's two values a program takes. LaTeX writes a document's
/// title and author twice where its writer and a package both give them.
fn are_alike(key: &[u8], known: &Object, value: &Object) -> bool {
    let both_text = matches!((known, value), (Object::String(..), Object::String(..)));
    known == value || (both_text && INFORMATION.contains(&key))
}

/// White space between tokens (ISO 32000-1, table 1).
pub(super) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !b"()<>[]{}/%".contains(&byte)
}

/// A number of digits alone.
fn natural(word: &[u8]) -> Option<u64> {
    let digits = !word.is_empty() && word.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(word)
        .ok()
        .filter(|_| digits)
        .and_then(|word| word.parse().ok())
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|digit| u8::try_from(digit).ok())
}

/// Undoes `#xx` in a name.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let digit = |at: usize| name.get(at).and_then(|byte| hex_digit(*byte));
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

    fn read(text: &[u8]) -> Result<Object, Fault> {
        Reader::new(text, 0).object()
    }

    #[test]
    fn objects_are_read_as_the_format_writes_them() {
        let text = b"<</S/J#61va%x\n/K[1 -2.5 3 0 R(a\\(b\\051\\\r\nc)<4 1>]/N null>>";
        let object = read(text).unwrap();
        let dictionary = object.as_dict().unwrap();
        assert_eq!(dictionary.get(b"S").unwrap().as_name().unwrap(), b"Java");
        let items = dictionary.get(b"K").unwrap().as_array().unwrap();
        assert_eq!(items[0], Object::Integer(1));
        assert_eq!(items[2], Object::Reference((3, 0)));
        assert_eq!(items[3].as_str().unwrap(), b"a(b)c");
        assert_eq!(items[4].as_str().unwrap(), b"A");
        assert_eq!(items.len(), 5);
    }

    #[test]
    fn what_two_readers_could_read_differently_is_none() {
        for text in [
            b"<</A 1/A 2>>".as_slice(),
            b"<</A foo>>",
            b"<</S/JavaScript#00x>>",
            b"<</A>>",
            b"<</A 1",
            b"<</A 1]>>",
            b"(never closed",
            b"<4g>",
            b"[1 2",
            b"{1}",
            b"1x",
            b")",
        ] {
            assert_eq!(read(text), Err(Fault::Malformed), "{}", text.escape_ascii());
        }
        assert_eq!(read(&[b'['; 5_000]), Err(Fault::TooComplex));
        assert!(read(b"<</A 1/#41 1>>").is_ok(), "twice the same");
        assert!(read(b"<</Author(a)/Author()>>").is_ok(), "LaTeX");
        assert_eq!(read(b"<</Author(a)/Author 5 0 R>>"), Err(Fault::Malformed));
    }

    #[test]
    fn heads_are_found_wherever_they_hide() {
        let found: Vec<_> = heads(b"(x 10 0 obj) % 3 1\nobj endobj 4 obj").collect();
        assert_eq!(found, [3..11, 15..22]);
    }

    #[test]
    fn names_are_found_however_they_are_spelt() {
        assert!(mentions(b"(/J#61vaScript)", &[b"JavaScript"]));
        assert!(!mentions(b"/JavaScripts JavaScript", &[b"JavaScript"]));
    }
}
