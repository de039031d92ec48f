//! Actions in all the places that they may have, and what only looks like one.

use lopdf::{Dictionary, Document, EncryptionState, EncryptionVersion, Object, Permissions};
use workflows::documents::rules::RejectionCode;

use super::super::packing;
use super::build::{File, SCRIPT, deflate, plain};
use super::{accepted, active, judge};

const URI: &str = "<</S/URI/URI(https://collect.example/x)>>";

/// A page with an annotation.
fn annotated(annotation: &str) -> Vec<u8> {
    let page = format!("/Annots[<</Type/Annot/Rect[0 0 9 9]{annotation}>>]");
    File::page("", &page).end("")
}

/// A link that waits for a click.
fn link(action: &str) -> Vec<u8> {
    annotated(&format!("/Subtype/Link/A {action}"))
}

#[test]
fn what_runs_is_refused_behind_a_click_too() {
    for action in [
        "<</S/JavaScript/JS(1)>>",
        "<</S/J#61vaScript/#4a#53(1)>>",
        "<</S/JavaScript/JS<31>>>",
        "<</S(JavaScript)/JS(1)>>",
        "<</S/JavaScript>>",
        "<</Type/StructElem/S/JavaScript/JS(1)>>",
        "<</S/Launch/F(cmd.exe)>>",
        "<</S/Launch/Win<</F(cmd.exe)>>>>",
        "<</S/Launch/NewWindow true/Unix(x)>>",
        "<</S/SubmitForm/F(https://example.org)>>",
        "<</S/SubmitForm/F<</FS/URL/F(https://example.org)>>>>",
        "<</S/ImportData/F(x.fdf)>>",
        "<</S/GoToE/T<</R/C/N(a.pdf)>>>>",
        "<</S/GoToE/F(a.pdf)/D[0/Fit]>>",
        "<</S/Rendition/JS(1)>>",
        "<</S/Rendition/OP 0/R<</S/MR>>>>",
        "<</S/Movie/Operation/Play>>",
        "<</S/Sound/Sound 4 0 R>>",
        "<</S/RichMediaExecute/TA 3 0 R/CMD<</C(x)>>>>",
        "<</S/Thread/F(other.pdf)/D 0>>",
        "<</S/GoTo/D[3 0 R/Fit]/Next<</S/Launch/F(x)>>>>",
        "<</S/GoTo/D[3 0 R/Fit]/Next[<</S/GoTo/D(a)>><</S/JavaScript/JS(1)>>]>>",
        "<</S/GoTo/D(a)/Next<</S/GoTo/D(b)/Next<</S/Launch/F(x)>>>>>>",
    ] {
        active(action, &link(action));
        // Without anything to run it is only the name of a tag, unless an action must stand there.
        if action != "<</S/JavaScript>>" {
            let elsewhere = format!("/PieceInfo<</X {action}>>");
            active(action, &File::page("", &elsewhere).end(""));
        }
    }
}

#[test]
fn what_is_spelt_in_pieces_is_put_together() {
    let mut file = File::page("/OpenAction 10 0 R", "");
    file.object(10, "11 0 R").object(11, "12 0 R");
    file.object(12, "<</S 13 0 R/JS 14 0 R>>")
        .object(13, "/JavaScript");
    active("references", &file.stream(14, "", b"app.alert(1)").end(""));
    let mut file = File::page("/OpenAction 10 0 R", "");
    file.object(10, "<</S 13 0 R/JS 14 0 R>>").object(14, "(1)");
    file.pack(
        &[(13, "/JavaScript")],
        "/Filter/FlateDecode",
        &deflate(&plain(&[(13, "/JavaScript")])),
    );
    active("in two layers", &file.end_packed());
    let mut file = File::page("", "/Annots 10 0 R");
    file.object(10, "[[[11 0 R]]]")
        .object(11, "[[<</S/Launch/F(x)>>]]");
    active("in arrays", &file.end(""));
}

#[test]
fn what_starts_by_itself_may_not_leave_the_document() {
    for action in [
        URI,
        "<</S/GoToR/F(other.pdf)/D[0/Fit]>>",
        "<</S/Named/N/SaveAs>>",
        "<</S/GoTo/D[3 0 R/Fit]/Next<</S/URI/URI(https://collect.example/x)>>>>",
        "<</S/GoTo/D(a)/Next[<</S/Hide/T(x)>><</S/URI/URI(https://collect.example/x)>>]>>",
        "<</Next<</S/URI/URI(https://collect.example/x)>>>>",
        "<</S/Unknown>>",
        SCRIPT,
    ] {
        let catalog = format!("/OpenAction {action}");
        active(action, &File::page(&catalog, "").end(""));
        active(
            action,
            &File::page(&format!("/AA<</WC {action}>>"), "").end(""),
        );
        active(
            action,
            &File::page("", &format!("/AA<</O {action}>>")).end(""),
        );
        active(
            action,
            &annotated(&format!("/Subtype/Link/AA<</PV {action}>>")),
        );
        active(
            action,
            &annotated(&format!("/Subtype/Widget/FT/Tx/AA<</K {action}>>")),
        );
        let field = format!("/AcroForm<</Fields[<</T(a)/FT/Tx/Kids[<</AA<</E {action}>>>>]>>]>>");
        active(action, &File::page(&field, "").end(""));
    }
    let mut file = File::page("/OpenAction 10 0 R", "");
    for number in 10..700 {
        file.object(number, &format!("<</S/GoTo/D(a)/Next {} 0 R>>", number + 1));
    }
    active("a chain without end", &file.object(700, "null").end(""));
    let mut file = File::page("/OpenAction 10 0 R", "");
    file.object(10, "<</S/GoTo/D(a)/Next 11 0 R>>");
    file.object(11, "<</S/GoTo/D(b)/Next 10 0 R>>");
    accepted("a circle", &file.end(""));
}

#[test]
fn what_starts_by_itself_may_move_in_the_document() {
    for action in [
        "[3 0 R/Fit]",
        "(chapter)",
        "/chapter",
        "<</S/GoTo/D[3 0 R/Fit]>>",
        "<</D[3 0 R/Fit]>>",
        "<</S/Named/N/Print>>",
        "<</S/Named/N/FirstPage>>",
        "<</S/GoTo/D(a)/Next<</S/Named/N/NextPage>>>>",
    ] {
        accepted(
            action,
            &File::page(&format!("/OpenAction {action}"), "").end(""),
        );
    }
}

#[test]
fn the_documents_own_names_and_forms_may_hold_no_program() {
    for catalog in [
        "/Names<</JavaScript<</Names[(a) 10 0 R]>>>>",
        "/Names<</JavaScript 11 0 R>>",
        "/Names 12 0 R",
        "/Names<</AlternatePresentations<</Names[]>>>>",
        "/AcroForm<</Fields[]/XFA(x)>>",
        "/AcroForm<</Fields[]/XFA[(a) 4 0 R]>>",
        "/AcroForm 13 0 R",
        "/AcroForm<</Fields[]/X#46A 4 0 R>>",
    ] {
        let mut file = File::page(catalog, "");
        file.object(10, "<<>>").object(11, "<</Kids[]>>");
        file.object(12, "<</JavaScript<</Names[]>>>>")
            .object(13, "<</XFA 4 0 R>>");
        active(catalog, &file.end(""));
    }
}

#[test]
fn what_plays_or_fetches_is_refused() {
    for annotation in [
        "/Subtype/RichMedia/RichMediaContent<<>>",
        "/Subtype/Screen",
        "/Subtype/Movie/Movie<</F(x.avi)>>",
        "/Subtype/Sound/Sound 4 0 R",
        "/Subtype/3D",
        "/Subtype/FileAttachment/FS<</F(a.exe)>>",
        "/Subtype(Screen)",
        "/Subtype 10 0 R",
    ] {
        let mut file = File::page(
            "",
            &format!("/Annots[<</Type/Annot/Rect[0 0 9 9]{annotation}>>]"),
        );
        active(annotation, &file.object(10, "/Screen").end(""));
    }
    for dictionary in [
        "/F(elsewhere.bin)",
        "/FFilter/FlateDecode",
        "/Type/XObject/Subtype/PS",
        "/Type/XObject/Subtype/Form/Subtype2/PS",
        "/Type/XObject/Subtype/Form/Ref<</F(x.pdf)/Page 0>>",
    ] {
        let mut file = File::page("", "");
        active(dictionary, &file.stream(10, dictionary, b"q Q").end(""));
    }
}

#[test]
fn links_wait_for_a_click() {
    for target in [
        "https://example.org/?a=b:c",
        "www.example.org",
        "mailto:a@example.org",
        "file:///C:/Users/aya/cv.pdf",
        "skype:aya?chat",
        "callto:+22507080910",
        "Email:aya@example.org",
        "localhost:3000",
        "htpps://example.org",
        "sms:+225",
        "#top",
        "\\\\\\\\server\\\\share",
        "whatsapp://send?text=data:x",
    ] {
        accepted(target, &link(&format!("<</S/URI/URI({target})>>")));
    }
    for action in [
        "<</S/GoTo/D[3 0 R/Fit]>>",
        "<</S/GoToR/F(annexe.pdf)/D[0/Fit]>>",
        "<</S/GoToR/F<</Type/Filespec/F(annexe.pdf)/UF(annexe.pdf)>>/D[0/Fit]>>",
        "<</S/URI/URI(https://example.org)/Next<</S/GoTo/D(a)>>>>",
        "<</S/Named/N/NextPage>>",
        "<</S/ResetForm>>",
        "<</S/Thread/D 0>>",
    ] {
        accepted(action, &link(action));
    }
    for action in [
        "<</S/URI/URI(javascript:alert\\(1\\))>>",
        "<</S/URI/URI(java\\\nscript:alert\\(1\\))>>",
        "<</S/URI/URI<6a617661736372697074 3a31>>>",
        "<</URI(\\152avascript:1)/S/URI>>",
        "<</S/URI/URI 10 0 R>>",
        "<</S/URI/URI(VBScript:x)>>",
        "<</S/URI/URI(data:text/html,x)>>",
        "<</S/GoToR/F(javascript:1)>>",
        "<</S/GoToR/F<</FS/URL/F(data:text/html,x)>>>>",
    ] {
        let mut file = File::page("", &format!("/Annots[<</Subtype/Link/A {action}>>]"));
        let judged = judge(&file.object(10, "(javascript:1)").end(""));
        assert_eq!(judged, Err(RejectionCode::PdfScriptLink), "{action}");
    }
    let base = File::page("/URI<</Base(javascript:)>>", "").end("");
    assert_eq!(judge(&base), Err(RejectionCode::PdfScriptLink));
}

#[test]
fn names_are_judged_where_they_act() {
    for catalog in [
        "/Dests<</JavaScript[3 0 R/Fit]/JS[3 0 R/Fit]/Launch[3 0 R/Fit]/EmbeddedFiles[3 0 R/Fit]>>",
        "/Names<</Dests<</Names[(JavaScript)[3 0 R/Fit]]>>>>",
        "/StructTreeRoot<</Type/StructTreeRoot/RoleMap<</Sound/P/JavaScript/P>>/K[<</S/Sound/P 1 0 R/K[]>><</S/JavaScript/T(x)/K[]>><</S/Launch/K 0/A<</O/Layout>>>>]>>",
        "/Note(see /JavaScript, /Launch and 10 0 object)",
        "/AcroForm<</Fields[]/DR<</Font<</XFA 5 0 R>>>>>>",
        "/PageLabels<</Nums[0<</S/D>>]>>",
        "/ViewerPreferences<</DisplayDocTitle true>>",
    ] {
        let mut file = File::page(catalog, "");
        file.object(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        accepted(catalog, &file.end(""));
    }
    let resources = [
        "JS",
        "JavaScript",
        "EF",
        "AA",
        "A",
        "Next",
        "URI",
        "EmbeddedFile",
        "XFA",
    ]
    .map(|name| format!("/{name} 5 0 R"))
    .concat();
    let mut file = File::page("", &format!("/X<</Font<<{resources}>>>>"));
    file.object(5, "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
    accepted("resources", &file.end(""));
}

#[test]
fn nesting_and_numbers_have_an_end() {
    let deep = format!("{}{}", "[".repeat(90), "]".repeat(90));
    let file = File::page(&format!("/X {deep}"), "").end("");
    assert_eq!(judge(&file), Err(RejectionCode::PdfTooComplex));
    let (mut dictionary, bomb) = (Dictionary::new(), deflate(&[b' '; 1_001]));
    dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
    let unpack = |most| packing::unpack(&dictionary, &bomb, most).map(|plain| plain.len());
    assert_eq!(unpack(1_000), Err(RejectionCode::PdfTooComplex));
    assert_eq!(unpack(1_001), Ok(1_001));
}

/// Encrypts a file, to be opened with this password.
fn encrypted(bytes: &[u8], user_password: &str) -> Vec<u8> {
    let mut document = Document::load_mem(bytes).unwrap();
    let id = Object::string_literal("0123456789abcdef");
    document
        .trailer
        .set("ID", Object::Array(vec![id.clone(), id]));
    let version = EncryptionVersion::V2 {
        document: &document,
        owner_password: "owner",
        user_password,
        key_length: 128,
        permissions: Permissions::PRINTABLE,
    };
    let state = EncryptionState::try_from(version).unwrap();
    document.encrypt(&state).unwrap();
    let mut out = Vec::new();
    document.save_to(&mut out).unwrap();
    out
}

#[test]
fn a_file_locked_for_changes_alone_is_judged_like_any_other() {
    let honest = link("<</S/URI/URI(https://example.org)>>");
    accepted("locked for changes", &encrypted(&honest, ""));
    assert_eq!(
        judge(&encrypted(&honest, "secret")),
        Err(RejectionCode::PdfEncrypted)
    );
    active("a script", &encrypted(&link(SCRIPT), ""));
    let script = encrypted(&link("<</S/URI/URI(javascript:1)>>"), "");
    assert_eq!(judge(&script), Err(RejectionCode::PdfScriptLink));
    refused_as_encrypted(
        &File::page("", "").end("/Encrypt<</Filter/Standard/V 1/R 2/O(x)/U(y)/P -4>>"),
    );
    refused_as_encrypted(&File::page("", "").end("/Encrypt<</Filter/Other/V 9>>"));
    refused_as_encrypted(&File::page("", "").end("/Encrypt 99 0 R"));
}

#[track_caller]
fn refused_as_encrypted(bytes: &[u8]) {
    assert_eq!(judge(bytes), Err(RejectionCode::PdfEncrypted));
}
