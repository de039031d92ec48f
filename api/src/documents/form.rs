//! The multipart form of an upload: a few small fields, then the file.

use axum::extract::multipart::MultipartError;
use axum::http::StatusCode;
use store::documents::{Attachment, extension};
use uuid::Uuid;
use workflows::documents::rules::{ContentType, DocumentKind, clean_file_name};
use workflows::fields::FieldCode;

use super::incoming::{Incoming, Part};
use super::spool::{Spool, SpoolError, Spooled};
use crate::gateway::codes::{common, documents as codes};
use crate::gateway::problem::ApiError;

/// The longest field: a kind or an id.
const LONGEST_FIELD: usize = 256;
/// How much of a refused upload is still read, so that the client gets to hear why.
const DRAINED: u64 = 64 << 20;

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

/// Reads the form. A refused one is read on, up to a bound, before it is answered.
pub(super) async fn read(
    mut incoming: Incoming,
    document_id: Uuid,
    limit: u64,
) -> Result<Form, ApiError> {
    let form = read_parts(&mut incoming, document_id, limit).await;
    if form.is_err() {
        incoming.drain(DRAINED).await;
    }
    form
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
        let file_name = clean_file_name(part.file_name());
        let content_type = declared_type(part.content_type(), &file_name)
            .ok_or_else(|| ApiError::new(common::UNSUPPORTED_MEDIA_TYPE))?;
        let mut spool = Spool::begin(document_id).map_err(not_spooled)?;
        while let Some(piece) = part.chunk().await.map_err(malformed)? {
            if spool.received() + piece.len() as u64 > limit {
                return Err(ApiError::new(common::TOO_LARGE).with("limit", limit));
            }
            spool.write(&piece).await.map_err(not_spooled)?;
        }
        if spool.received() == 0 {
            return Err(ApiError::field("/file", codes::EMPTY_FILE));
        }
        Ok(Form {
            document_id,
            kind,
            attachment: self.attachments.first().map(|(_, attachment)| *attachment),
            file_name,
            content_type,
            file: spool.finish().await.map_err(not_spooled)?,
        })
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

/// The declared type, if both it and the extension are among those accepted; whether they agree
/// with the content is for the worker to find out.
fn declared_type(content_type: Option<&str>, file_name: &str) -> Option<ContentType> {
    let by_name = ContentType::from_extension(file_name);
    if by_name.is_none() && extension(file_name).is_some() {
        return None;
    }
    content_type.map_or(by_name, ContentType::from_media_type)
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

    #[test]
    fn type_and_extension_must_both_be_accepted() {
        for (content_type, name, expected) in [
            (Some("application/pdf"), "a.pdf", Some(ContentType::Pdf)),
            (Some("Image/PNG; x=y"), "a", Some(ContentType::Png)),
            (None, "a.JPG", Some(ContentType::Jpeg)),
            (Some("image/png"), "a.pdf", Some(ContentType::Png)),
            (Some("application/pdf"), "a.exe", None),
            (Some("application/octet-stream"), "a.pdf", None),
            (Some("text/html"), "a", None),
            (None, "a", None),
        ] {
            assert_eq!(
                declared_type(content_type, name),
                expected,
                "{content_type:?} {name}"
            );
        }
    }
}
