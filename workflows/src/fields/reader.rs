//! Reads the members of a patch one by one and keeps what is wrong with each.
//!
//! The contract of an autosave: an absent member changes nothing, `null` and a blank text clear,
//! anything that was not asked for is an unknown field.

use serde_json::{Map, Value};
use uuid::Uuid;

use super::formats::{self, MAX_ITEMS, MAX_LABEL, MAX_LINE, MAX_LONG_TEXT};
use super::{FieldCode, FieldError, pointer_token};
use crate::codes::Code;
use crate::reference;

/// More errors than anybody reads; the rest is left out.
const MAX_ERRORS: usize = 100;

/// What was found wrong so far.
#[derive(Debug, Default)]
pub(crate) struct Errors(Vec<FieldError>);

impl Errors {
    pub(crate) fn push(&mut self, pointer: String, code: FieldCode) {
        if self.0.len() < MAX_ERRORS {
            self.0.push(FieldError { pointer, code });
        }
    }

    pub(crate) fn into_result(self) -> Result<(), Vec<FieldError>> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(self.0)
        }
    }
}

/// An entry of a list whose entries keep their id.
pub(crate) trait Item: Clone + Default {
    fn id(&self) -> Uuid;
    fn set_id(&mut self, id: Uuid);
}

/// One JSON object of a patch.
pub(crate) struct Reader<'a> {
    pointer: String,
    members: Map<String, Value>,
    errors: &'a mut Errors,
}

impl<'a> Reader<'a> {
    /// Reads an object; anything else is an error at that place.
    pub(crate) fn open(pointer: String, value: Value, errors: &'a mut Errors) -> Option<Self> {
        if let Value::Object(members) = value {
            return Some(Self {
                pointer,
                members,
                errors,
            });
        }
        errors.push(pointer, FieldCode::WrongType);
        None
    }

    /// Reports what nobody asked for.
    pub(crate) fn finish(self) {
        for name in self.members.keys() {
            let pointer = format!("{}/{}", self.pointer, pointer_token(name));
            self.errors.push(pointer, FieldCode::UnknownField);
        }
    }

    /// Reads a member with its own parser; answers whether it was sent with a value.
    pub(crate) fn value<T>(
        &mut self,
        name: &str,
        target: &mut Option<T>,
        parse: impl FnOnce(&Value) -> Result<Option<T>, FieldCode>,
    ) -> bool {
        match self.take(name) {
            None => return false,
            Some(Value::Null) => {
                *target = None;
                return false;
            }
            Some(value) => match parse(&value) {
                Ok(parsed) => *target = parsed,
                Err(code) => self.refuse(name, code),
            },
        }
        true
    }

    /// Takes a member. A front end clears a field by an empty text, whatever the field is.
    fn take(&mut self, name: &str) -> Option<Value> {
        match self.members.remove(name)? {
            Value::String(text) if formats::is_blank(&text) => Some(Value::Null),
            value => Some(value),
        }
    }

    /// Reads a member that is a string of some form.
    pub(crate) fn string<T>(
        &mut self,
        name: &str,
        target: &mut Option<T>,
        parse: impl FnOnce(&str) -> Result<T, FieldCode>,
    ) -> bool {
        self.value(name, target, |value| {
            parse(value.as_str().ok_or(FieldCode::WrongType)?).map(Some)
        })
    }

    /// A name or label of at most 80 characters.
    pub(crate) fn label(&mut self, name: &str, target: &mut Option<String>) {
        self.value(name, target, |value| text(value, MAX_LABEL));
    }

    /// A line of at most 200 characters.
    pub(crate) fn line(&mut self, name: &str, target: &mut Option<String>) {
        self.value(name, target, |value| text(value, MAX_LINE));
    }

    /// A text of at most 3,000 characters.
    pub(crate) fn long_text(&mut self, name: &str, target: &mut Option<String>) {
        self.value(name, target, |value| text(value, MAX_LONG_TEXT));
    }

    /// A code of a closed list.
    pub(crate) fn code<T: Code>(&mut self, name: &str, target: &mut Option<T>) -> bool {
        self.string(name, target, |code| {
            T::parse(code).ok_or(FieldCode::UnknownCode)
        })
    }

    /// An ISO 3166-1 alpha-2 code.
    pub(crate) fn country(&mut self, name: &str, target: &mut Option<String>) {
        self.string(name, target, |code| {
            if reference::is_country(code) {
                Ok(code.to_owned())
            } else {
                Err(FieldCode::UnknownCountry)
            }
        });
    }

    /// A boolean.
    pub(crate) fn boolean(&mut self, name: &str, target: &mut Option<bool>) {
        self.value(name, target, |value| {
            value.as_bool().map(Some).ok_or(FieldCode::WrongType)
        });
    }

    /// A whole number within bounds.
    pub(crate) fn integer(
        &mut self,
        name: &str,
        target: &mut Option<i64>,
        min: i64,
        max: i64,
    ) -> bool {
        self.value(name, target, |value| {
            let number = whole(value)?;
            if (min..=max).contains(&number) {
                Ok(Some(number))
            } else {
                Err(FieldCode::OutOfRange)
            }
        })
    }

    /// A count of years, 0 to 80.
    pub(crate) fn years(&mut self, name: &str, target: &mut Option<u32>) {
        self.value(name, target, |value| {
            u32::try_from(whole(value)?)
                .ok()
                .filter(|years| *years <= formats::MAX_YEARS)
                .map(Some)
                .ok_or(FieldCode::OutOfRange)
        });
    }

    /// A whole number from zero on.
    pub(crate) fn count(&mut self, name: &str, target: &mut Option<u32>) {
        self.value(name, target, |value| {
            let number = u32::try_from(whole(value)?).map_err(|_| FieldCode::OutOfRange)?;
            Ok(Some(number))
        });
    }

    /// A year of the calendar.
    pub(crate) fn year(&mut self, name: &str, target: &mut Option<i32>) {
        self.value(name, target, |value| {
            let year = i32::try_from(whole(value)?).map_err(|_| FieldCode::OutOfRange)?;
            formats::year_in_range(year).map(Some)
        });
    }

    /// A list of labels; blank ones and repetitions are left out.
    pub(crate) fn labels(&mut self, name: &str, target: &mut Vec<String>, max: usize) {
        self.list(name, target, max, |value| text(value, MAX_LABEL));
    }

    /// A list of values to look for; repetitions are left out. A blank one stays: it is a value that
    /// nothing has, not a value left out.
    pub(crate) fn values(&mut self, name: &str, target: &mut Vec<String>, max: usize) {
        self.list(name, target, max, |value| {
            text(value, MAX_LINE).map(|line| Some(line.unwrap_or_default()))
        });
    }

    /// A value to look for, which must be there. A blank one stays: nothing has it.
    pub(crate) fn sought(&mut self, name: &str) -> String {
        let read = match self.members.remove(name) {
            None | Some(Value::Null) => Err(FieldCode::Required),
            Some(value) => text(&value, MAX_LINE),
        };
        match read {
            Ok(line) => line.unwrap_or_default(),
            Err(code) => {
                self.refuse(name, code);
                String::new()
            }
        }
    }

    /// A list of codes; blank ones and repetitions are left out.
    pub(crate) fn codes<T: PartialEq>(
        &mut self,
        name: &str,
        target: &mut Vec<T>,
        parse: impl Fn(&str) -> Option<T>,
    ) {
        self.list(name, target, MAX_ITEMS, |value| {
            let code = value.as_str().ok_or(FieldCode::WrongType)?;
            if formats::is_blank(code) {
                return Ok(None);
            }
            parse(code).map(Some).ok_or(FieldCode::UnknownCode)
        });
    }

    fn list<T: PartialEq>(
        &mut self,
        name: &str,
        target: &mut Vec<T>,
        max: usize,
        parse: impl Fn(&Value) -> Result<Option<T>, FieldCode>,
    ) {
        let Some(values) = self.array(name, max) else {
            return;
        };
        target.clear();
        for (index, value) in values.iter().enumerate() {
            match parse(value) {
                Ok(Some(entry)) if !target.contains(&entry) => target.push(entry),
                Ok(_) => {}
                Err(code) => self.refuse(&format!("{name}/{index}"), code),
            }
        }
    }

    /// A member that is one object, merged into what is there.
    pub(crate) fn object<T: Default>(
        &mut self,
        name: &str,
        target: &mut Option<T>,
        read: impl FnOnce(&mut Reader<'_>, &mut T),
    ) {
        let Some(value) = self.take(name) else {
            return;
        };
        if value.is_null() {
            *target = None;
            return;
        }
        let pointer = format!("{}/{name}", self.pointer);
        if let Some(mut reader) = Reader::open(pointer, value, self.errors) {
            read(&mut reader, target.get_or_insert_default());
            reader.finish();
        }
    }

    /// A list of objects without ids, replaced as a whole.
    pub(crate) fn objects<T: Default>(
        &mut self,
        name: &str,
        target: &mut Vec<T>,
        read: impl Fn(&mut Reader<'_>, &mut T),
    ) {
        let Some(values) = self.array(name, MAX_ITEMS) else {
            return;
        };
        target.clear();
        for (index, value) in values.into_iter().enumerate() {
            let pointer = format!("{}/{name}/{index}", self.pointer);
            if let Some(mut reader) = Reader::open(pointer, value, self.errors) {
                let mut entry = T::default();
                read(&mut reader, &mut entry);
                reader.finish();
                target.push(entry);
            }
        }
    }

    /// A list of objects with ids: the list is replaced, an entry whose id is sent is kept and
    /// changed, one without gets a new id.
    pub(crate) fn items<T: Item>(
        &mut self,
        name: &str,
        target: &mut Vec<T>,
        new_id: &mut dyn FnMut() -> Uuid,
        read: impl Fn(&mut Reader<'_>, &mut T),
    ) {
        let Some(values) = self.array(name, MAX_ITEMS) else {
            return;
        };
        let before = std::mem::take(target);
        for (index, value) in values.into_iter().enumerate() {
            let pointer = format!("{}/{name}/{index}", self.pointer);
            let Some(mut reader) = Reader::open(pointer, value, self.errors) else {
                continue;
            };
            let mut sent = None;
            reader.string("id", &mut sent, parse_id);
            let mut entry = match sent {
                None => T::default(),
                Some(id) => reader.kept(id, &before, target),
            };
            read(&mut reader, &mut entry);
            reader.finish();
            if sent.is_none() {
                entry.set_id(new_id());
            }
            target.push(entry);
        }
    }

    fn kept<T: Item>(&mut self, id: Uuid, before: &[T], after: &[T]) -> T {
        if after.iter().any(|entry| entry.id() == id) {
            self.refuse("id", FieldCode::DuplicateId);
        }
        let found = before.iter().find(|entry| entry.id() == id);
        if found.is_none() {
            self.refuse("id", FieldCode::UnknownId);
        }
        found.cloned().unwrap_or_default()
    }

    /// Takes a list; `null` is an empty one.
    fn array(&mut self, name: &str, max: usize) -> Option<Vec<Value>> {
        match self.take(name)? {
            Value::Null => Some(Vec::new()),
            Value::Array(values) if values.len() <= max => Some(values),
            Value::Array(_) => {
                self.refuse(name, FieldCode::TooMany);
                None
            }
            _ => {
                self.refuse(name, FieldCode::WrongType);
                None
            }
        }
    }

    /// Reports a member as wrong.
    pub(crate) fn refuse(&mut self, name: &str, code: FieldCode) {
        self.errors.push(format!("{}/{name}", self.pointer), code);
    }
}

/// A UUID in its usual form.
pub(crate) fn parse_id(value: &str) -> Result<Uuid, FieldCode> {
    Uuid::try_parse(value).map_err(|_| FieldCode::InvalidId)
}

fn text(value: &Value, max: usize) -> Result<Option<String>, FieldCode> {
    formats::text(value.as_str().ok_or(FieldCode::WrongType)?, max)
}

/// A whole number; JSON writes 5 and 5.0 for the same one.
fn whole(value: &Value) -> Result<i64, FieldCode> {
    if let Some(number) = value.as_i64() {
        return Ok(number);
    }
    if value.as_u64().is_some() {
        return Err(FieldCode::OutOfRange);
    }
    let number = value.as_f64().ok_or(FieldCode::WrongType)?;
    if number.fract() != 0.0 {
        return Err(FieldCode::WrongType);
    }
    format!("{number:.0}")
        .parse()
        .map_err(|_| FieldCode::OutOfRange)
}
