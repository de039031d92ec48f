//! The multipart form of an upload: a few small fields, then the file.

use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use store::documents::Attachment;
use uuid::Uuid;
use workflows::documents::rules::{
    ContentType, Declared, DocumentKind, FIRST_BYTES, begins_as_heic, clean_file_name,
};
use workflows::fields::FieldCode;

use super::incoming::{Incoming, Part};
use super::refusals;
use super::spool::{Spool, SpoolError, Spooled};
use crate::gateway::codes::{common, documents as codes};
use crate::gateway::problem::ApiError;

/// The longest field: a kind or an id.
const LONGEST_FIELD: usize = 256;

/// An upload that arrived whole.
pub(super) struct Form {
    /// The id that the file is bound to.
    pub(super) document_id: Uuid,
    /// What it is.
    pub(super) kind: DocumentKind,
    /// What it belongs to.
    pub(super) attachment: Option<Attachment>,
    /// Its cleaned name.
    pub(super) file_name: String,
    /// Its declared type.
    pub(super) content_type: ContentType,
    /// The file.
    pub(super) file: Spooled,
}

impl Form {
    /// What makes this upload the same as another one, whatever its boundary was.
    pub(super) fn fingerprint(&self) -> Vec<u8> {
        let (item, id) = match self.attachment {
            None => ("", Uuid::nil()),
            Some(Attachment::Experience(id)) => ("experience_id", id),
            Some(Attachment::Education(id)) => ("education_id", id),
            Some(Attachment::Certification(id)) => ("certification_id", id),
        };
        format!("{}\n{item}\n{id}\n{}", self.kind, self.file.sha256).into_bytes()
    }
}

/// Reads the form. What is left of a refused one is read by nobody who waits for it.
pub(super) async fn read(
    mut incoming: Incoming,
    document_id: Uuid,
    limit: u64,
) -> Result<Form, Refused> {
    match read_parts(&mut incoming, document_id, limit).await {
        Ok(form) => Ok(form),
        Err(_) if incoming.was_too_slow() => Err(Refused::TooSlow),
        Err(error) => {
            incoming.leave();
            Err(Refused::Said(error))
        }
    }
}

/// Why a form was not taken.
#[derive(Debug)]
pub(super) enum Refused {
    /// The client sends less than the least.
    TooSlow,
    /// Anything else, in its own words.
    Said(ApiError),
}

#[derive(Default)]
struct Fields {
    kind: Option<DocumentKind>,
    attachments: Vec<(&'static str, Attachment)>,
}

async fn read_parts(
    incoming: &mut Incoming,
    document_id: Uuid,
    limit: u64,
) -> Result<Form, ApiError> {
    let mut fields = Fields::default();
    while let Some(part) = incoming.next_part().await.map_err(malformed)? {
        let name = part.name().to_owned();
        if name != "file" {
            fields.take(&name, part).await?;
            continue;
        }
        let form = fields.take_file(part, document_id, limit).await?;
        return match incoming.next_part().await.map_err(malformed)? {
            None => Ok(form),
            Some(late) => {
                let pointer = format!("/{}", late.name());
                Err(ApiError::field(pointer, codes::FIELD_AFTER_FILE))
            }
        };
    }
    Err(ApiError::field("/file", FieldCode::Required))
}

impl Fields {
    async fn take(&mut self, name: &str, mut part: Part<'_>) -> Result<(), ApiError> {
        let pointer = format!("/{name}");
        let text = small_text(&mut part, &pointer).await?;
        let item: (&'static str, fn(Uuid) -> Attachment) = match name {
            "kind" => {
                let kind = DocumentKind::from_code(&text)
                    .ok_or_else(|| ApiError::field("/kind", FieldCode::UnknownCode))?;
                return match self.kind.replace(kind) {
                    None => Ok(()),
                    Some(_) => Err(ApiError::field("/kind", codes::REPEATED_FIELD)),
                };
            }
            "experience_id" => ("/experience_id", Attachment::Experience),
            "education_id" => ("/education_id", Attachment::Education),
            "certification_id" => ("/certification_id", Attachment::Certification),
            _ => return Err(ApiError::field(pointer, FieldCode::UnknownField)),
        };
        let id =
            Uuid::parse_str(&text).map_err(|_| ApiError::field(item.0, FieldCode::InvalidId))?;
        if let Some((other, _)) = self.attachments.first() {
            let code = if *other == item.0 {
                codes::REPEATED_FIELD
            } else {
                codes::ONE_ITEM_ONLY
            };
            return Err(ApiError::field(item.0, code));
        }
        self.attachments.push((item.0, item.1(id)));
        Ok(())
    }

    async fn take_file(
        self,
        mut part: Part<'_>,
        document_id: Uuid,
        limit: u64,
    ) -> Result<Form, ApiError> {
        let kind = self
            .kind
            .ok_or_else(|| ApiError::field("/kind", FieldCode::Required))?;
        let was_named = !part.file_name().is_empty();
        let file_name = clean_file_name(part.file_name());
        let first = first_pieces(&mut part).await?;
        if first.is_empty() {
            // What a browser sends for a file that was not chosen has no name either.
            return Err(if was_named {
                refusals::empty(&file_name)
            } else {
                ApiError::field("/file", FieldCode::Required)
            });
        }
        let content_type = type_of(part.content_type(), &file_name, &first)?;
        Ok(Form {
            document_id,
            kind,
            attachment: self.attachments.first().map(|(_, attachment)| *attachment),
            file: spooled(part, first, (document_id, &file_name), limit).await?,
            file_name,
            content_type,
        })
    }
}

/// The pieces that hold the first bytes of the file, or the whole of it.
async fn first_pieces(part: &mut Part<'_>) -> Result<Vec<Bytes>, ApiError> {
    let (mut pieces, mut length) = (Vec::new(), 0);
    while length < FIRST_BYTES {
        match part.chunk().await.map_err(malformed)? {
            Some(piece) if piece.is_empty() => {}
            Some(piece) => {
                length += piece.len();
                pieces.push(piece);
            }
            None => break,
        }
    }
    Ok(pieces)
}

/// The rest of the file after its first pieces, all of it in the spool.
async fn spooled(
    mut part: Part<'_>,
    first: Vec<Bytes>,
    (document_id, file_name): (Uuid, &str),
    limit: u64,
) -> Result<Spooled, ApiError> {
    let mut spool = Spool::begin(document_id).map_err(not_spooled)?;
    let mut first = first.into_iter();
    loop {
        let piece = match first.next() {
            Some(piece) => Some(piece),
            None => part.chunk().await.map_err(malformed)?,
        };
        let Some(piece) = piece else {
            return spool.finish().await.map_err(not_spooled);
        };
        if spool.received() + piece.len() as u64 > limit {
            return Err(refusals::too_large(file_name, limit));
        }
        spool.write(&piece).await.map_err(not_spooled)?;
    }
}

async fn small_text(part: &mut Part<'_>, pointer: &str) -> Result<String, ApiError> {
    let refused = |code: FieldCode| ApiError::field(pointer, code);
    let mut bytes = Vec::new();
    while let Some(piece) = part.chunk().await.map_err(malformed)? {
        if bytes.len() + piece.len() > LONGEST_FIELD {
            return Err(refused(FieldCode::TooLong));
        }
        bytes.extend_from_slice(&piece);
    }
    String::from_utf8(bytes).map_err(|_| refused(FieldCode::InvalidCharacter))
}

/// The type that the file is taken for: the declared one, else the extension's, else that of its first
/// bytes. Both that are said must be among those accepted; whether they agree with the content is for
/// the worker to find out. A HEIC photograph is told from other types, because its owner can do
/// something about it.
fn type_of(
    content_type: Option<&str>,
    file_name: &str,
    first: &[Bytes],
) -> Result<ContentType, ApiError> {
    let mut head = Vec::with_capacity(FIRST_BYTES);
    for piece in first {
        let room = FIRST_BYTES - head.len();
        head.extend_from_slice(&piece[..piece.len().min(room)]);
    }
    let (declared, named) = (
        Declared::by_media_type(content_type),
        Declared::by_name(file_name),
    );
    if begins_as_heic(&head) || declared == Declared::Heic || named == Declared::Heic {
        return Err(refusals::heic(file_name));
    }
    let found = match (declared, named) {
        (Declared::Other, _) | (_, Declared::Other) => None,
        (Declared::Type(declared), _) => Some(declared),
        (_, Declared::Type(named)) => Some(named),
        _ => ContentType::from_first_bytes(&head),
    };
    found.ok_or_else(|| refusals::unsupported(file_name))
}

fn malformed(error: MultipartError) -> ApiError {
    match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::new(common::TOO_LARGE),
        StatusCode::REQUEST_TIMEOUT => ApiError::new(common::REQUEST_TIMEOUT),
        _ => ApiError::new(common::MALFORMED),
    }
}

fn not_spooled(error: SpoolError) -> ApiError {
    ApiError::internal(format_args!(
        "{error}: {:?}",
        std::error::Error::source(&error)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken_for(content_type: Option<&str>, name: &str, content: &[u8]) -> String {
        let pieces: Vec<_> = content.chunks(3).map(Bytes::copy_from_slice).collect();
        match type_of(content_type, name, &pieces) {
            Ok(found) => found.as_str().to_owned(),
            Err(error) => {
                let reason = &error.fields()[0];
                reason
                    .shown(workflows::identity::rules::Locale::French)
                    .code
            }
        }
    }

    #[test]
    fn type_and_extension_must_both_be_accepted() {
        for (content_type, name, expected) in [
            (Some("application/pdf"), "a.pdf", "application/pdf"),
            (Some("Image/PNG; x=y"), "a", "image/png"),
            (None, "a.JPG", "image/jpeg"),
            (None, "a.jfif", "image/jpeg"),
            (Some("image/png"), "a.pdf", "image/png"),
            (Some("application/pdf"), "CV M. Koné", "application/pdf"),
            (Some("application/pdf"), "CV v1.2", "application/pdf"),
            (Some("application/octet-stream"), "a.pdf", "application/pdf"),
            (Some("*/*"), "a.pdf", "application/pdf"),
            (Some("text/pdf"), "a.pdf", "application/pdf"),
            (Some("application/pdf"), "a.exe", "unsupported_file"),
            (
                Some("application/octet-stream"),
                "a.exe",
                "unsupported_file",
            ),
            (Some("text/html"), "a", "unsupported_file"),
            (Some("text/html"), "a.pdf", "unsupported_file"),
            (Some("image/heic"), "a", "heic_photograph"),
            (
                Some("application/octet-stream"),
                "IMG_1.HEIC",
                "heic_photograph",
            ),
        ] {
            let found = taken_for(content_type, name, b"anything");
            assert_eq!(found, expected, "{content_type:?} {name}");
        }
    }

    #[test]
    fn what_nobody_said_the_first_bytes_say() {
        for (content, expected) in [
            (&b"%PDF-1.7"[..], "application/pdf"),
            (b"\xff\xd8\xff\xe0", "image/jpeg"),
            (b"MZ", "unsupported_file"),
        ] {
            assert_eq!(taken_for(None, "CV M. Koné", content), expected);
        }
        let heic = b"\0\0\0\x18ftypheic\0\0\0\0";
        let found = taken_for(Some("image/jpeg"), "a.jpg", heic);
        assert_eq!(found, "heic_photograph");
        // What the content contradicts is the worker's to judge.
        let found = taken_for(Some("application/pdf"), "a.pdf", b"\x89PNG\r\n\x1a\n");
        assert_eq!(found, "application/pdf");
    }
}
