//! What acts in a PDF, judged where it acts.
//!
//! A name that looks active is innocent as the name of a destination, of a font or of a structure
//! tag. It acts as the type of an action or of an annotation, or as an entry of the document's own
//! name dictionary. What runs, launches, submits, imports or plays is refused wherever it stands.
//!
//! Links wait for a click, and the reader's program shows where they lead: `URI` of any scheme that
//! runs nothing (see [`super::links`]), and `GoToR`, which office programs and LaTeX write for a
//! link to a file beside the document, as a browser writes `file:`. Neither may start by itself.
//! `GoToE`, which opens a file inside a file, and a `Thread` of another file have no such use.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};
use workflows::documents::rules::RejectionCode;

use super::links;
use super::objects::Objects;

/// Names that tell of active content in what could not be read.
pub(super) const TELLING_NAMES: &[&[u8]] = &[
    b"JavaScript",
    b"JS",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"EmbeddedFile",
    b"EmbeddedFiles",
    b"XFA",
    b"RichMedia",
    b"RichMediaContent",
    b"RichMediaExecute",
];
/// Types of actions that are refused even behind a click.
const ACTIVE: &[&[u8]] = &[
    b"JavaScript",
    b"Launch",
    b"SubmitForm",
    b"ImportData",
    b"GoToE",
    b"Rendition",
    b"Movie",
    b"Sound",
    b"RichMediaExecute",
];
/// Types of actions that may start by themselves: they stay within the document.
const QUIET: &[&[u8]] = &[
    b"GoTo",
    b"GoToDp",
    b"Named",
    b"Hide",
    b"SetOCGState",
    b"Trans",
    b"ResetForm",
    b"Thread",
];
/// Named actions that may start by themselves.
const QUIET_NAMED: &[&[u8]] = &[
    b"NextPage",
    b"PrevPage",
    b"FirstPage",
    b"LastPage",
    b"Print",
];
/// Keys that hold an action, besides `OpenAction` and those in `AA`.
const ACTION_KEYS: &[&[u8]] = &[b"A", b"PA", b"NA"];
/// Annotations that play something. Those that carry a file are in [`super::attachments`].
const ACTIVE_ANNOTATIONS: &[&[u8]] = &[b"RichMedia", b"Screen", b"Movie", b"Sound", b"3D"];
/// Actions that one may lead to, one after another.
const MOST_ACTIONS: usize = 500;

/// Refuses what acts. Attached files are not looked at here.
pub(super) fn check(objects: &Objects) -> Result<(), RejectionCode> {
    let judge = Judge { objects };
    if objects.any_dictionary(|dictionary, is_stream| judge.acts(dictionary, is_stream)) {
        return Err(RejectionCode::PdfActiveContent);
    }
    if objects.any_dictionary(|dictionary, _| judge.runs_by_link(dictionary)) {
        return Err(RejectionCode::PdfScriptLink);
    }
    Ok(())
}

struct Judge<'a> {
    objects: &'a Objects,
}

impl Judge<'_> {
    fn acts(&self, dictionary: &Dictionary, is_stream: bool) -> bool {
        self.is_active_action(dictionary)
            || self.holds_active_action(dictionary)
            || self.starts_by_itself(dictionary)
            || self.is_active_annotation(dictionary)
            || self.names_active_content(dictionary)
            || (is_stream && self.fetches(dictionary))
    }

    /// An action by its own shape, whatever leads to it: its type with an entry that it acts by.
    /// Structure tags are named at will and have neither.
    fn is_active_action(&self, dictionary: &Dictionary) -> bool {
        let has = |keys: &[&[u8]]| keys.iter().any(|key| dictionary.has(key));
        let leads_to_dictionary = |key| !self.objects.dictionaries(dictionary, key).is_empty();
        let runs_text = matches!(dictionary.get(b"JS"), Ok(Object::String(..)));
        runs_text
            || self
                .objects
                .names(dictionary, b"S")
                .into_iter()
                .any(|kind| match kind {
                    b"JavaScript" => has(&[b"JS"]),
                    b"Launch" => has(&[b"F", b"Win", b"Mac", b"Unix"]),
                    b"SubmitForm" | b"ImportData" | b"Thread" => has(&[b"F"]),
                    b"GoToE" => has(&[b"F"]) || leads_to_dictionary(b"T"),
                    b"Rendition" => has(&[b"JS", b"OP"]) || leads_to_dictionary(b"R"),
                    b"Movie" => has(&[b"Annotation", b"Operation"]),
                    b"Sound" => has(&[b"Sound"]),
                    b"RichMediaExecute" => has(&[b"TA", b"CMD"]),
                    _ => false,
                })
    }

    /// An action by its place: behind a link, a bookmark, a button or another action.
    fn holds_active_action(&self, dictionary: &Dictionary) -> bool {
        let follows = dictionary.has(b"S").then_some(b"Next".as_slice());
        ACTION_KEYS
            .iter()
            .copied()
            .chain(follows)
            .flat_map(|key| self.objects.values(dictionary, key))
            .flat_map(|held| self.listed(held))
            .any(|action| self.is_one_of(action, b"S", ACTIVE))
    }

    /// An action that the document, a page, a field or an annotation starts without a click, and
    /// what follows it.
    fn starts_by_itself(&self, dictionary: &Dictionary) -> bool {
        let opens = self.objects.dictionaries(dictionary, b"OpenAction");
        let triggers = self.objects.dictionaries(dictionary, b"AA");
        let triggered = triggers
            .into_iter()
            .flat_map(|triggers| triggers.iter())
            .flat_map(|(_, action)| self.objects.resolve(action))
            .filter_map(|action| action.as_dict().ok());
        let mut waiting: Vec<&Dictionary> = opens.into_iter().chain(triggered).collect();
        let mut seen = HashSet::new();
        while let Some(action) = waiting.pop() {
            if !seen.insert(std::ptr::from_ref(action)) {
                continue;
            }
            if seen.len() > MOST_ACTIONS || !self.is_quiet(action) {
                return true;
            }
            let next = self.objects.values(action, b"Next");
            waiting.extend(next.into_iter().flat_map(|next| self.listed(next)));
        }
        false
    }

    fn is_quiet(&self, action: &Dictionary) -> bool {
        let names = |key| self.objects.names(action, key);
        names(b"S").into_iter().all(|kind| QUIET.contains(&kind))
            && names(b"N").into_iter().all(|name| {
                !self.is_one_of(action, b"S", &[b"Named"]) || QUIET_NAMED.contains(&name)
            })
            && !(self.is_one_of(action, b"S", &[b"Thread"]) && action.has(b"F"))
    }

    /// The dictionaries of what is one or a list of them.
    fn listed<'a>(&'a self, object: &'a Object) -> Vec<&'a Dictionary> {
        match object {
            Object::Dictionary(dictionary) => vec![dictionary],
            Object::Array(items) => items
                .iter()
                .flat_map(|item| self.objects.resolve(item))
                .filter_map(|item| item.as_dict().ok())
                .collect(),
            _ => Vec::new(),
        }
    }

    fn is_one_of(&self, dictionary: &Dictionary, key: &[u8], names: &[&[u8]]) -> bool {
        self.objects
            .names(dictionary, key)
            .iter()
            .any(|name| names.contains(name))
    }

    fn is_active_annotation(&self, dictionary: &Dictionary) -> bool {
        self.is_one_of(dictionary, b"Subtype", ACTIVE_ANNOTATIONS)
            || dictionary.has(b"RichMediaContent")
            || dictionary.has(b"RichMediaSettings")
    }

    /// Scripts of the whole document, and forms that are programs.
    fn names_active_content(&self, dictionary: &Dictionary) -> bool {
        let has = |key: &[u8], wanted: &[&[u8]]| {
            self.objects
                .dictionaries(dictionary, key)
                .into_iter()
                .any(|held| wanted.iter().any(|wanted| held.has(wanted)))
        };
        has(b"Names", &[b"JavaScript", b"AlternatePresentations"]) || has(b"AcroForm", &[b"XFA"])
    }

    /// A stream whose data, or whose picture, lies in another file, or that is a program of a
    /// printer.
    fn fetches(&self, dictionary: &Dictionary) -> bool {
        let keys: [&[u8]; 4] = [b"F", b"FFilter", b"FDecodeParms", b"Ref"];
        keys.iter().any(|key| dictionary.has(key))
            || self.is_one_of(dictionary, b"Subtype", &[b"PS"])
            || self.is_one_of(dictionary, b"Subtype2", &[b"PS"])
    }

    /// A link that runs what it names instead of leading anywhere.
    fn runs_by_link(&self, dictionary: &Dictionary) -> bool {
        let targets = |dictionary: &Dictionary, key: &[u8]| {
            self.objects
                .values(dictionary, key)
                .into_iter()
                .any(|target| matches!(target, Object::String(text, _) if links::runs(text)))
        };
        let leads =
            |dictionary: &Dictionary| targets(dictionary, b"F") || targets(dictionary, b"UF");
        let elsewhere = self.is_one_of(dictionary, b"S", &[b"GoToR"]);
        let files = self.objects.dictionaries(dictionary, b"F");
        let bases = self.objects.dictionaries(dictionary, b"URI");
        targets(dictionary, b"URI")
            || bases.into_iter().any(|base| targets(base, b"Base"))
            || (elsewhere && (leads(dictionary) || files.into_iter().any(leads)))
    }
}
