//! What is wrong with one field of an input, in a form that every domain and every answer shares.

pub(crate) mod formats;
pub(crate) mod phone;
pub(crate) mod reader;

use serde::{Deserialize, Serialize};

use crate::codes;

pub use formats::{clean_line, clean_text};
pub use phone::warm_up;

codes! {
    /// Why a field is refused, or why it keeps a profile from being submitted.
    pub enum FieldCode {
        /// The field does not exist here.
        UnknownField = "unknown_field",
        /// The JSON type is not the field's.
        WrongType = "wrong_type",
        /// The text holds NUL, which no database keeps.
        InvalidCharacter = "invalid_character",
        /// More characters than the field takes.
        TooLong = "too_long",
        /// More entries than the list takes.
        TooMany = "too_many",
        /// The code is not in its list.
        UnknownCode = "unknown_code",
        /// Not a day of the calendar written `YYYY-MM-DD`.
        InvalidDate = "invalid_date",
        /// Not a telephone number in international form.
        InvalidPhone = "invalid_phone",
        /// A telephone number that its country's plan does not have: a warning.
        PhoneNotDialled = "phone_not_dialled",
        /// Not an ISO 3166-1 alpha-2 code.
        UnknownCountry = "unknown_country",
        /// Not an ISO 639-1 code.
        UnknownLanguage = "unknown_language",
        /// Not an `http` or `https` address.
        InvalidUrl = "invalid_url",
        /// Not a mail address.
        InvalidEmail = "invalid_email",
        /// Not a UUID.
        InvalidId = "invalid_id",
        /// Younger than 16.
        UnderAge = "under_age",
        /// A number or date outside what the field takes.
        OutOfRange = "out_of_range",
        /// No entry has this id.
        UnknownId = "unknown_id",
        /// Two entries have this id.
        DuplicateId = "duplicate_id",
        /// The same entry twice.
        Duplicate = "duplicate",
        /// No document of the person's own has this id and kind.
        UnknownDocument = "unknown_document",
        /// A name that reads like a link or a message.
        NotAName = "not_a_name",
        /// Missing.
        Required = "required",
        /// Fewer characters than needed.
        TooShort = "too_short",
        /// The end lies before the start.
        EndBeforeStart = "end_before_start",
        /// A moment that should have passed has not come yet.
        InFuture = "in_future",
        /// Some parts of the field are there, others are missing.
        Incomplete = "incomplete",
        /// The lower bound is above the upper one.
        RangeInverted = "range_inverted",
        /// The password is too easy to guess.
        WeakPassword = "weak_password",
        /// The completion gauge is under what submission needs.
        CompletionTooLow = "completion_too_low",
    }
}

impl FieldCode {
    /// One sentence in French for the person who reads the answer.
    #[must_use]
    pub const fn message_fr(self) -> &'static str {
        match self {
            Self::UnknownField => "Ce champ n'existe pas.",
            Self::WrongType => "Le type de cette valeur n'est pas celui attendu.",
            Self::InvalidCharacter => "Ce texte contient un caractère interdit.",
            Self::TooLong => "Ce texte est trop long.",
            Self::TooMany => "Cette liste contient trop d'éléments.",
            Self::UnknownCode => "Cette valeur ne figure pas dans la liste.",
            Self::InvalidDate => "Cette date n'est pas valide (AAAA-MM-JJ).",
            Self::InvalidPhone => "Ce numéro n'est pas au format international (+225…).",
            Self::PhoneNotDialled => {
                "Ce numéro ne se compose pas ainsi aujourd'hui dans son pays : vérifiez ses chiffres."
            }
            Self::UnknownCountry => "Ce code de pays n'existe pas.",
            Self::UnknownLanguage => "Ce code de langue n'existe pas.",
            Self::InvalidUrl => "Cette adresse web n'est pas valide.",
            Self::InvalidEmail => "Cette adresse électronique n'est pas valide.",
            Self::InvalidId => "Cet identifiant n'est pas valide.",
            Self::UnderAge => "Il faut avoir au moins 16 ans.",
            Self::OutOfRange => "Cette valeur est hors des limites.",
            Self::UnknownId => "Aucun élément ne porte cet identifiant.",
            Self::DuplicateId => "Cet identifiant est envoyé deux fois.",
            Self::Duplicate => "Cet élément est envoyé deux fois.",
            Self::UnknownDocument => "Aucun de vos documents ne correspond.",
            Self::NotAName => {
                "Ce nom ressemble à un lien ou à un message : ni adresse, ni chiffre, ni « / », et une espace après un point."
            }
            Self::Required => "Ce champ est obligatoire.",
            Self::TooShort => "Ce texte est trop court.",
            Self::EndBeforeStart => "La fin précède le début.",
            Self::InFuture => "Cette date est dans le futur.",
            Self::Incomplete => "Ce champ est incomplet.",
            Self::RangeInverted => "Le minimum dépasse le maximum.",
            Self::WeakPassword => "Ce mot de passe est trop facile à deviner.",
            Self::CompletionTooLow => "Le profil doit être complet à 80 % au moins.",
        }
    }

    /// One sentence in English for the person who reads the answer.
    #[must_use]
    pub const fn message_en(self) -> &'static str {
        match self {
            Self::UnknownField => "This field does not exist.",
            Self::WrongType => "This value has the wrong type.",
            Self::InvalidCharacter => "This text contains a forbidden character.",
            Self::TooLong => "This text is too long.",
            Self::TooMany => "This list has too many entries.",
            Self::UnknownCode => "This value is not in the list.",
            Self::InvalidDate => "This date is not valid (YYYY-MM-DD).",
            Self::InvalidPhone => "This number is not in international form (+225…).",
            Self::PhoneNotDialled => {
                "This number is not dialled like that in its country today: check its digits."
            }
            Self::UnknownCountry => "This country code does not exist.",
            Self::UnknownLanguage => "This language code does not exist.",
            Self::InvalidUrl => "This web address is not valid.",
            Self::InvalidEmail => "This mail address is not valid.",
            Self::InvalidId => "This id is not valid.",
            Self::UnderAge => "You must be at least 16 years old.",
            Self::OutOfRange => "This value is out of range.",
            Self::UnknownId => "No entry has this id.",
            Self::DuplicateId => "This id is sent twice.",
            Self::Duplicate => "This entry is sent twice.",
            Self::UnknownDocument => "None of your documents matches.",
            Self::NotAName => {
                "This name reads like a link or a message: no address, no digit, no “/”, and a space after a full stop."
            }
            Self::Required => "This field is required.",
            Self::TooShort => "This text is too short.",
            Self::EndBeforeStart => "The end is before the start.",
            Self::InFuture => "This date is in the future.",
            Self::Incomplete => "This field is incomplete.",
            Self::RangeInverted => "The minimum is above the maximum.",
            Self::WeakPassword => "This password is too easy to guess.",
            Self::CompletionTooLow => "The profile must be at least 80 % complete.",
        }
    }
}

/// One refused field: where it is in the request's body (a JSON pointer) and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// JSON pointer (RFC 6901) into the body; empty for the body itself.
    pub pointer: String,
    /// The stable reason.
    pub code: FieldCode,
}

impl FieldError {
    /// An error at that place.
    pub fn new(pointer: impl Into<String>, code: FieldCode) -> Self {
        Self {
            pointer: pointer.into(),
            code,
        }
    }
}

/// Escapes one member name for use in a JSON pointer.
#[must_use]
pub fn pointer_token(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
