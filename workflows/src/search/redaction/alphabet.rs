//! What a character looks like to a reader of the Latin alphabet.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use unicode_security::skeleton;

/// What a character is read as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    /// Plain letters or digits where it looks like some, else the character itself.
    pub(super) text: String,
    /// Whether it is a letter of another alphabet, however it looks.
    pub(super) is_foreign: bool,
}

/// Format characters: soft hyphen, zero widths, directions, variation selectors, tags.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        u32::from(c),
        0x00AD
            | 0x034F
            | 0x061C
            | 0x115F..=0x1160
            | 0x17B4..=0x17B5
            | 0x180B..=0x180F
            | 0x200B..=0x200F
            | 0x202A..=0x202E
            | 0x2060..=0x206F
            | 0x3164
            | 0xFE00..=0xFE0F
            | 0xFEFF
            | 0xFFA0
            | 0xFFF9..=0xFFFB
            | 0xE0000..=0xE0FFF
    )
}

/// Reads one character that is no combining mark.
pub(super) fn seen(c: char) -> Seen {
    let known = |text: String| Seen {
        text,
        is_foreign: false,
    };
    if c.is_ascii() {
        return known(c.to_string());
    }
    if let Some(plain) = digit(c).or_else(|| emblem(c)) {
        return known(plain.to_string());
    }
    if is_apostrophe(c) {
        return known("'".to_owned());
    }
    let mut text = String::new();
    let mut is_foreign = false;
    for part in std::iter::once(c)
        .nfd()
        .filter(|part| !is_combining_mark(*part))
    {
        match latin(part) {
            Some(plain) => text.push_str(&plain),
            None => {
                is_foreign |= part.is_alphabetic();
                text.push_str(&double(part));
            }
        }
    }
    Seen { text, is_foreign }
}

/// Letters of the Latin alphabet that decomposition leaves whole but people write plainly, small
/// capitals among them.
fn latin(c: char) -> Option<String> {
    if c.is_ascii() {
        return Some(c.to_string());
    }
    let lower = c.to_lowercase().next()?;
    let plain = match lower {
        'œ' => "oe",
        'æ' | 'ᴁ' => "ae",
        'ß' => "ss",
        'ᴀ' | 'ɑ' | 'ɐ' => "a",
        'ʙ' | 'ɓ' | 'ƀ' => "b",
        'ᴄ' | 'ƈ' => "c",
        'ᴅ' | 'đ' | 'ð' | 'ɖ' | 'ɗ' => "d",
        'ᴇ' | 'ɛ' | 'ǝ' | 'ə' => "e",
        'ꜰ' | 'ƒ' => "f",
        'ɢ' | 'ɡ' | 'ɠ' | 'ɣ' => "g",
        'ʜ' | 'ħ' => "h",
        'ɪ' | 'ı' | 'ɩ' | 'ɨ' => "i",
        'ᴊ' | 'ȷ' | 'ɉ' => "j",
        'ᴋ' | 'ƙ' => "k",
        'ʟ' | 'ł' | 'ƚ' => "l",
        'ᴍ' => "m",
        'ɴ' | 'ŋ' | 'ɲ' => "n",
        'ᴏ' | 'ø' | 'ɔ' => "o",
        'ᴘ' | 'ƥ' => "p",
        'ꞯ' => "q",
        'ʀ' | 'ɍ' => "r",
        'ꜱ' | 'ʃ' => "s",
        'ᴛ' | 'ŧ' | 'ƭ' => "t",
        'ᴜ' | 'ʉ' | 'ʊ' => "u",
        'ᴠ' | 'ʋ' => "v",
        'ᴡ' => "w",
        'ʏ' | 'ƴ' => "y",
        'ᴢ' | 'ƶ' => "z",
        'þ' => "th",
        _ => return None,
    };
    Some(if c == lower {
        plain.to_owned()
    } else {
        plain.to_uppercase()
    })
}

/// The plain letter that a letter of another alphabet looks like (the confusables of UTS 39), else
/// the letter itself.
fn double(c: char) -> String {
    if !c.is_alphabetic() {
        return c.to_string();
    }
    let skeleton: String = skeleton(&c.to_string()).collect();
    match skeleton.as_str() {
        // The table makes one of I and l, and two letters of m.
        "l" if c.is_uppercase() => "I".to_owned(),
        "rn" => "m".to_owned(),
        plain if plain.chars().all(|c| c.is_ascii_alphabetic()) && !plain.is_empty() => skeleton,
        _ => c.to_string(),
    }
}

/// The plain digit for a digit of any script, also one in a circle.
fn digit(c: char) -> Option<char> {
    let code = u32::from(c);
    let value = match code {
        0x24EA | 0x24FF => 0,
        0x2776..=0x277E => code - 0x2775,
        0x2780..=0x2788 => code - 0x277F,
        0x278A..=0x2792 => code - 0x2789,
        0x24F5..=0x24FD => code - 0x24F4,
        _ if c.is_numeric() => decimal(code),
        _ => return None,
    };
    char::from_digit(value % 10, 10)
}

/// Ten digits of a script stand together, from a code that ends with 0 or with 6.
fn decimal(code: u32) -> u32 {
    let (row, place) = (code & !0xF, code & 0xF);
    let is_digit = |code: u32| char::from_u32(code).is_some_and(char::is_numeric);
    if place >= 6 && !is_digit(row) {
        place - 6
    } else {
        place
    }
}

/// The letter in a square, a circle or a flag.
fn emblem(c: char) -> Option<char> {
    let code = u32::from(c);
    let place = match code {
        0x1F130..=0x1F149 => code - 0x1F130,
        0x1F150..=0x1F169 => code - 0x1F150,
        0x1F170..=0x1F189 => code - 0x1F170,
        0x1F1E6..=0x1F1FF => code - 0x1F1E6,
        _ => return None,
    };
    char::from_u32(u32::from('A') + place)
}

/// Letters by class that are written as an apostrophe (`NʼGuessan`).
const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\u{2B9}'..='\u{2BF}' | '\u{2C8}' | '\u{2CA}'..='\u{2CB}' | '\u{2EE}' | 'ꞌ' | '’' | '‘')
}
