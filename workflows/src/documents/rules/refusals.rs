//! The words for a file that was refused after it was taken in: why, with the figure that decided, and
//! what to do next. The API, the feed and the mails say the same.

use super::content::{MAX_PAGES, MAX_PIXELS, Rejection, RejectionCode, RejectionFigures};
use crate::identity::rules::Locale;

/// Why a file was refused and what helps, in one language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusalWords {
    /// Why, with its figure: the end of a sentence, without its full stop.
    pub reason: String,
    /// What to do next: whole sentences.
    pub what_to_do: &'static str,
}

impl RefusalWords {
    /// The reason as a sentence of its own.
    #[must_use]
    pub fn sentence(&self) -> String {
        let mut letters = self.reason.chars();
        let first = letters.next().map(char::to_uppercase);
        let first: String = first.into_iter().flatten().collect();
        format!("{first}{}.", letters.as_str())
    }
}

/// The words for a rejection.
#[must_use]
pub fn rejection_words(rejection: Rejection, locale: Locale) -> RefusalWords {
    let (french, english) = texts(rejection.code);
    let (reason, what_to_do) = locale.choose(french, english);
    let figure = figure(rejection, locale).unwrap_or_default();
    RefusalWords {
        reason: format!("{reason}{figure}"),
        what_to_do,
    }
}

/// The words for malware.
#[must_use]
pub fn infection_words(locale: Locale) -> RefusalWords {
    let (reason, what_to_do) = locale.choose(
        (
            "un logiciel malveillant y a été trouvé",
            "Vérifiez votre appareil avec un antivirus, puis envoyez un fichier sain.",
        ),
        (
            "malware was found in it",
            "Check your device with an antivirus, then upload a clean file.",
        ),
    );
    RefusalWords {
        reason: reason.to_owned(),
        what_to_do,
    }
}

/// Reason and next step.
type Text = (&'static str, &'static str);

fn texts(code: RejectionCode) -> (Text, Text) {
    match code {
        RejectionCode::PdfEncrypted
        | RejectionCode::PdfBroken
        | RejectionCode::PdfTooManyPages
        | RejectionCode::PdfActiveContent
        | RejectionCode::PdfScriptLink
        | RejectionCode::PdfTooComplex => of_pdf(code),
        RejectionCode::ImageBroken
        | RejectionCode::ImageTooLarge
        | RejectionCode::ImageMotionPhoto => of_image(code),
        RejectionCode::UnsupportedType
        | RejectionCode::TypeMismatch
        | RejectionCode::KindMismatch
        | RejectionCode::Polyglot
        | RejectionCode::Archive
        | RejectionCode::NotScannable
        | RejectionCode::Unreadable => of_any(code),
    }
}

fn of_pdf(code: RejectionCode) -> (Text, Text) {
    match code {
        RejectionCode::PdfEncrypted => (
            (
                "le fichier est protégé par un mot de passe",
                "Ouvrez-le avec son mot de passe, imprimez-le dans un nouveau PDF et envoyez ce dernier.",
            ),
            (
                "the file is protected by a password",
                "Open it with its password, print it to a new PDF and upload that one.",
            ),
        ),
        RejectionCode::PdfBroken => (
            (
                "le PDF est endommagé ou incomplet",
                "Enregistrez ou exportez le document à nouveau, vérifiez qu’il s’ouvre, puis renvoyez-le.",
            ),
            (
                "the PDF is damaged or incomplete",
                "Save or export the document again, check that it opens, then upload it again.",
            ),
        ),
        RejectionCode::PdfTooManyPages => (
            (
                "le PDF a trop de pages",
                "Gardez les pages utiles, ou partagez le document en plusieurs fichiers.",
            ),
            (
                "the PDF has too many pages",
                "Keep the pages that matter, or split the document into several files.",
            ),
        ),
        RejectionCode::PdfActiveContent => (
            (
                "le PDF contient des éléments actifs (scripts, actions, fichiers joints)",
                "Imprimez-le dans un nouveau PDF, ce qui les retire, et envoyez ce dernier.",
            ),
            (
                "the PDF carries active content (scripts, actions, attached files)",
                "Print it to a new PDF, which takes them out, and upload that one.",
            ),
        ),
        RejectionCode::PdfScriptLink => (
            (
                "un lien du PDF exécute un programme (javascript:, vbscript: ou data:)",
                "Retirez ce lien ou remplacez-le par une adresse https://, puis exportez le document à nouveau.",
            ),
            (
                "a link of the PDF runs a program (javascript:, vbscript: or data:)",
                "Remove that link or replace it by an https:// address, then export the document again.",
            ),
        ),
        _ => (
            (
                "les pages du PDF sont trop complexes pour être affichées",
                "Simplifiez les dessins, ou numérisez le document en images et envoyez celles-ci dans un PDF.",
            ),
            (
                "the pages of the PDF are too complex to be displayed",
                "Simplify the drawings, or scan the document as pictures and upload those in a PDF.",
            ),
        ),
    }
}

fn of_image(code: RejectionCode) -> (Text, Text) {
    match code {
        RejectionCode::ImageBroken => (
            (
                "l’image est endommagée ou incomplète",
                "Reprenez la photo, ou enregistrez l’image à nouveau en JPEG ou PNG, puis renvoyez-la.",
            ),
            (
                "the picture is damaged or incomplete",
                "Take the photograph again, or save the picture again as JPEG or PNG, then upload it.",
            ),
        ),
        RejectionCode::ImageTooLarge => (
            (
                "l’image est trop grande",
                "Réduisez-la, ou choisissez une définition plus basse dans l’appareil photo, puis renvoyez-la.",
            ),
            (
                "the picture is too large",
                "Make it smaller, or choose a lower resolution in the camera, then upload it again.",
            ),
        ),
        _ => (
            (
                "la photo contient une vidéo",
                "Désactivez la photo animée dans l’appareil photo, ou exportez l’image seule, puis renvoyez-la.",
            ),
            (
                "the photograph carries a film",
                "Switch motion photos off in the camera, or export the still picture, then upload it again.",
            ),
        ),
    }
}

fn of_any(code: RejectionCode) -> (Text, Text) {
    match code {
        RejectionCode::UnsupportedType => (
            (
                "le contenu n’est ni un PDF, ni un JPEG, ni un PNG",
                "Exportez le document en PDF, ou l’image en JPEG ou PNG, puis renvoyez-le.",
            ),
            (
                "the content is neither PDF nor JPEG nor PNG",
                "Export the document as PDF, or the picture as JPEG or PNG, then upload it again.",
            ),
        ),
        RejectionCode::TypeMismatch => (
            (
                "le contenu n’est pas du type que le nom ou l’envoi annonce",
                "Donnez au fichier l’extension de son vrai format (.pdf, .jpg ou .png), puis renvoyez-le.",
            ),
            (
                "the content is not of the type that its name or the upload declares",
                "Give the file the extension of its real format (.pdf, .jpg or .png), then upload it again.",
            ),
        ),
        RejectionCode::KindMismatch => (
            (
                "ce format ne convient pas à ce type de document",
                "Envoyez un CV en PDF et une photo en JPEG ou PNG.",
            ),
            (
                "this format does not suit this kind of document",
                "Upload a CV as PDF and a photograph as JPEG or PNG.",
            ),
        ),
        RejectionCode::Polyglot => (
            (
                "le fichier contient un autre format que le sien",
                "Exportez le document à nouveau depuis le logiciel qui l’a créé, puis envoyez ce fichier.",
            ),
            (
                "the file holds another format beside its own",
                "Export the document again from the program that made it, then upload that file.",
            ),
        ),
        RejectionCode::Archive => (
            (
                "les archives (ZIP, RAR, 7z…) ne sont pas acceptées",
                "Ouvrez l’archive et envoyez les documents un par un.",
            ),
            (
                "archives (ZIP, RAR, 7z…) are not accepted",
                "Open the archive and upload the documents one by one.",
            ),
        ),
        RejectionCode::NotScannable => (
            (
                "l’antivirus n’a pas pu examiner tout le fichier",
                "Retirez chiffrement et fichiers joints, ou imprimez le document dans un nouveau PDF, puis renvoyez-le.",
            ),
            (
                "the antivirus could not look into the whole of the file",
                "Take out encryption and attached files, or print the document to a new PDF, then upload it again.",
            ),
        ),
        _ => (
            (
                "le contenu du fichier n’a pas pu être vérifié",
                "Créez le fichier à nouveau sous une forme plus simple, puis renvoyez-le.",
            ),
            (
                "the content of the file could not be verified",
                "Make the file again in a simpler form, then upload it.",
            ),
        ),
    }
}

/// The figure that decided, in brackets. Where none came with the rejection, the limit is said all
/// the same.
fn figure(rejection: Rejection, locale: Locale) -> Option<String> {
    let figures = rejection.figures;
    let found = figures.map(|figures| figures.found);
    match rejection.code {
        RejectionCode::PdfTooManyPages => {
            let limit = figures.map_or(MAX_PAGES as u64, |figures| figures.limit);
            Some(pages(found, limit, locale))
        }
        RejectionCode::ImageTooLarge => {
            let limit = figures.map_or(MAX_PIXELS, |figures| figures.limit);
            Some(pixels(figures, limit, locale))
        }
        RejectionCode::PdfTooComplex => figures.map(|figures| seconds(figures, locale)),
        _ => figures.map(|figures| plain(figures, locale)),
    }
}

fn pages(found: Option<u64>, limit: u64, locale: Locale) -> String {
    match (found, locale) {
        (Some(found), Locale::French) => format!(" ({found} pages, {limit} au plus)"),
        (Some(found), Locale::English) => format!(" ({found} pages, {limit} at most)"),
        (None, Locale::French) => format!(" ({limit} au plus)"),
        (None, Locale::English) => format!(" ({limit} at most)"),
    }
}

fn pixels(figures: Option<RejectionFigures>, limit: u64, locale: Locale) -> String {
    let limit = megapixels(limit, locale);
    let most = match locale {
        Locale::French => format!("{limit} mégapixels au plus"),
        Locale::English => format!("{limit} megapixels at most"),
    };
    let Some(figures) = figures else {
        return format!(" ({most})");
    };
    let found = megapixels(figures.found, locale);
    let found = match locale {
        Locale::French => format!("{found} mégapixels"),
        Locale::English => format!("{found} megapixels"),
    };
    match figures.dimensions {
        Some((width, height)) => format!(" ({width} × {height} pixels, {found}; {most})"),
        None => format!(" ({found}; {most})"),
    }
}

/// With one decimal where it tells something, rounded up: what is over a limit never reads as the
/// limit.
fn megapixels(pixels: u64, locale: Locale) -> String {
    let tenths = pixels.div_ceil(100_000);
    let (whole, tenth) = (tenths / 10, tenths % 10);
    match (tenth, locale) {
        (0, _) => whole.to_string(),
        (tenth, Locale::French) => format!("{whole},{tenth}"),
        (tenth, Locale::English) => format!("{whole}.{tenth}"),
    }
}

fn seconds(RejectionFigures { found, limit, .. }: RejectionFigures, locale: Locale) -> String {
    match locale {
        Locale::French => format!(" ({found} s de calcul, {limit} s au plus)"),
        Locale::English => format!(" ({found} s of computing, {limit} s at most)"),
    }
}

fn plain(RejectionFigures { found, limit, .. }: RejectionFigures, locale: Locale) -> String {
    match locale {
        Locale::French => format!(" ({found}, {limit} au plus)"),
        Locale::English => format!(" ({found}, {limit} at most)"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn with(code: RejectionCode, found: u64, limit: u64) -> Rejection {
        Rejection {
            code,
            figures: Some(RejectionFigures {
                found,
                limit,
                dimensions: None,
            }),
        }
    }

    #[test]
    fn each_code_has_its_reason_and_next_step_in_both_languages() {
        for locale in [Locale::French, Locale::English] {
            let words: Vec<_> = RejectionCode::ALL
                .iter()
                .map(|code| rejection_words((*code).into(), locale))
                .chain([infection_words(locale)])
                .collect();
            let reasons: HashSet<_> = words.iter().map(|words| &words.reason).collect();
            let steps: HashSet<_> = words.iter().map(|words| words.what_to_do).collect();
            assert_eq!(reasons.len(), words.len(), "{reasons:?}");
            assert_eq!(steps.len(), words.len(), "{steps:?}");
            for words in words {
                assert!(words.what_to_do.ends_with('.') && !words.reason.ends_with('.'));
            }
        }
        for code in RejectionCode::ALL {
            let french = rejection_words((*code).into(), Locale::French);
            let english = rejection_words((*code).into(), Locale::English);
            assert_ne!(french.reason, english.reason, "{code}");
            assert_ne!(french.what_to_do, english.what_to_do, "{code}");
        }
    }

    #[test]
    fn a_figure_is_said_with_its_limit() {
        let pages = with(RejectionCode::PdfTooManyPages, 240, 200);
        let words = rejection_words(pages, Locale::French);
        assert_eq!(
            words.reason,
            "le PDF a trop de pages (240 pages, 200 au plus)"
        );
        assert_eq!(
            words.sentence(),
            "Le PDF a trop de pages (240 pages, 200 au plus)."
        );
        let mut large = with(RejectionCode::ImageTooLarge, 64_000_001, 64_000_000);
        let words = rejection_words(large, Locale::English);
        assert!(
            words
                .reason
                .ends_with("(64.1 megapixels; 64 megapixels at most)"),
            "{}",
            words.reason
        );
        if let Some(figures) = &mut large.figures {
            figures.dimensions = Some((9000, 8000));
        }
        let words = rejection_words(large, Locale::French);
        assert!(
            words.reason.contains("9000 × 8000 pixels, 64,1 mégapixels"),
            "{}",
            words.reason
        );
        let bare = rejection_words(RejectionCode::PdfTooManyPages.into(), Locale::English);
        assert!(bare.reason.ends_with("(200 at most)"));
        let slow = with(RejectionCode::PdfTooComplex, 9, 8);
        let words = rejection_words(slow, Locale::French);
        assert!(words.reason.ends_with("(9 s de calcul, 8 s au plus)"));
    }
}
