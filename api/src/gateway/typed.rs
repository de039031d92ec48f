//! From JSON to the type that is asked for. Serde lets a deserializer choose its error, so this
//! one's errors are kinds, where those of `serde_json` are sentences.

use std::fmt;

use serde::de::value::{MapAccessDeserializer, MapDeserializer, SeqDeserializer};
use serde::de::{
    DeserializeOwned, Deserializer, Error, Expected, IntoDeserializer, Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use serde_json::{Map, Number, Value};
use serde_path_to_error::{Path, Segment};
use workflows::fields::FieldCode;

use super::codes::common;
use super::json::push;
use super::problem::{ApiError, FieldError, Reason};

/// The value as `T`, else 422 with a pointer to what is wrong.
pub(super) fn read<T: DeserializeOwned>(value: &Value) -> Result<T, ApiError> {
    serde_path_to_error::deserialize(Reader(value)).map_err(|error| {
        let mut pointer = pointer(error.path());
        let reason: Reason = match error.inner() {
            Wrong::Type => FieldCode::WrongType.into(),
            Wrong::Value => common::INVALID_VALUE.into(),
            Wrong::UnknownField => FieldCode::UnknownField.into(),
            Wrong::UnknownVariant => FieldCode::UnknownCode.into(),
            Wrong::Missing(field) => {
                push(&mut pointer, field);
                FieldCode::Required.into()
            }
        };
        ApiError::new(common::INVALID).with_fields([FieldError::new(pointer, reason)])
    })
}

fn pointer(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wrong {
    /// It is of another JSON type.
    Type,
    /// It is of the right type and no such value.
    Value,
    /// The type has no such field.
    UnknownField,
    /// The list has no such code.
    UnknownVariant,
    /// The object lacks this field.
    Missing(&'static str),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for Wrong {}

impl Error for Wrong {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Value
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self::Type
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self::UnknownVariant
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self::UnknownField
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

/// Reads a value. An array is no object, though `serde_json` would take its elements for fields.
#[derive(Debug, Clone, Copy)]
struct Reader<'de>(&'de Value);

impl<'de> Deserializer<'de> for Reader<'de> {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => visit_number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => {
                let mut items = SeqDeserializer::new(items.iter().map(Reader));
                let read = visitor.visit_seq(&mut items)?;
                items.end()?;
                Ok(read)
            }
            Value::Object(members) => {
                let mut members = members_of(members);
                let read = visitor.visit_map(&mut members)?;
                members.end()?;
                Ok(read)
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::Array(_) => Err(Wrong::Type),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        match self.0 {
            Value::String(text) => visitor.visit_enum(text.as_str().into_deserializer()),
            Value::Object(members) => {
                visitor.visit_enum(MapAccessDeserializer::new(members_of(members)))
            }
            _ => Err(Wrong::Type),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Wrong> for Reader<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

fn members_of(
    members: &Map<String, Value>,
) -> MapDeserializer<'_, impl Iterator<Item = (&str, Reader<'_>)>, Wrong> {
    let members = members.iter();
    MapDeserializer::new(members.map(|(key, value)| (key.as_str(), Reader(value))))
}

fn visit_number<'de, V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value, Wrong> {
    if let Some(value) = number.as_u64() {
        return visitor.visit_u64(value);
    }
    if let Some(value) = number.as_i64() {
        return visitor.visit_i64(value);
    }
    number
        .as_f64()
        .map_or(Err(Wrong::Value), |value| visitor.visit_f64(value))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use serde::Deserialize;
    use serde_json::json;
    use uuid::Uuid;
    use workflows::identity::rules::Locale;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Asked {
        count: u8,
        ratio: Option<f64>,
        #[serde(default)]
        kind: Kind,
        at: Option<DateTime<Utc>>,
        id: Option<Uuid>,
        #[serde(default)]
        list: Vec<Item>,
        flag: Option<bool>,
    }

    #[derive(Debug, Default, Deserialize, PartialEq)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        #[default]
        Small,
        Large,
        Other(u8),
    }

    #[derive(Debug, Deserialize, PartialEq)]
    struct Item(u8, u8);

    #[test]
    fn what_is_right_is_read() {
        let read: Asked = read(&json!({
            "count": 3, "ratio": 1, "kind": "large", "at": "2026-11-24T08:00:00Z", "id": null,
            "list": [[1, 2]],
        }))
        .unwrap();
        let asked = Asked {
            count: 3,
            ratio: Some(1.0),
            kind: Kind::Large,
            at: DateTime::from_timestamp(1_795_507_200, 0),
            id: None,
            list: vec![Item(1, 2)],
            flag: None,
        };
        assert_eq!(read, asked);
        let read: Asked = super::read(&json!({"count": 0, "kind": {"other": 4}})).unwrap();
        assert_eq!(read.kind, Kind::Other(4));
    }

    #[test]
    fn each_kind_of_error_has_its_code_and_place() {
        for (value, pointer, code) in [
            (json!({}), "/count", "required"),
            (json!({"count": null}), "/count", "wrong_type"),
            (json!({"count": 1.5}), "/count", "wrong_type"),
            (json!({"count": 300}), "/count", "invalid_value"),
            (json!({"count": -1}), "/count", "invalid_value"),
            (json!({"count": 1, "ratio": "1"}), "/ratio", "wrong_type"),
            (json!({"count": 1, "kind": "huge"}), "/kind", "unknown_code"),
            (json!({"count": 1, "kind": 1}), "/kind", "wrong_type"),
            (json!({"count": 1, "kind": {}}), "/kind", "wrong_type"),
            (json!({"count": 1, "at": "soon"}), "/at", "invalid_value"),
            (json!({"count": 1, "at": 5}), "/at", "wrong_type"),
            (json!({"count": 1, "id": "x"}), "/id", "invalid_value"),
            (json!({"count": 1, "list": {}}), "/list", "wrong_type"),
            (
                json!({"count": 1, "list": [[1]]}),
                "/list/0",
                "invalid_value",
            ),
            (
                json!({"count": 1, "list": [[1, 2, 3]]}),
                "/list/0",
                "invalid_value",
            ),
            (
                json!({"count": 1, "flag": "missing field `x`"}),
                "/flag",
                "wrong_type",
            ),
            (
                json!({"count": 1, "unknown field": 1}),
                "/unknown field",
                "unknown_field",
            ),
            (json!([1, 2]), "", "wrong_type"),
            (json!("unknown variant"), "", "wrong_type"),
        ] {
            let error = read::<Asked>(&value).unwrap_err();
            let shown = error.fields()[0].shown(Locale::English);
            assert_eq!((&*shown.pointer, &*shown.code), (pointer, code), "{value}");
        }
    }
}
