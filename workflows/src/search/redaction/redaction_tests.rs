//! Nothing that tells who a person is survives.

use proptest::prelude::*;

use super::*;

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn awa() -> Redaction {
    Redaction::new(&RedactionContext {
        names: owned(&["Awa-Marie", "N'Guessan Koné"]),
        employers: owned(&[
            "Orange Côte d'Ivoire",
            "Sahel Data SARL",
            "Banque Atlantique",
        ]),
        streets: owned(&["12 rue des Jardins, Cocody, Abidjan"]),
        contacts: owned(&["+2250707070707", "akissi92@gmail.com"]),
        places: owned(&["Abidjan"]),
    })
}

fn label(text: &str) -> String {
    awa().label(text).map(String::from).unwrap_or_default()
}

#[test]
fn names_go_however_they_are_spelled() {
    for text in [
        "Awa",
        "AWA",
        "awá",
        "Awa-Marie",
        "AwaMarie",
        "awa.marie",
        "A.w.a",
        "a w a",
        "Koné",
        "KONE",
        "kone",
        "ko-né",
        "NGuessan",
        "N\u{2019}guessan",
        "n guessan",
        "AwaMarie92 ",
        "Ａｗａ",
        "A\u{200B}wa",
        "A\u{AD}wa",
        "aw\u{202E}a",
        "akoné",
        "Akissi92",
        "ﾠAwa",
        "𝐀𝐰𝐚",
        "K o n é",
        "Kones",
        "akissiofficiel",
        "ateliernguessan",
    ] {
        let kept = label(text);
        assert!(
            !kept.chars().any(char::is_alphabetic),
            "{text:?} left {kept:?}"
        );
    }
    assert_eq!(
        label("Développeuse Rust (Awa Marie Koné)"),
        "Développeuse Rust"
    );
    assert_eq!(label("Koné, développeuse backend"), "développeuse backend");
}

#[test]
fn halves_that_clearing_brings_together_go_too() {
    for text in ["Ko Koné né", "Ko (0707070707) né", "07 07 Awa 07 07 07"] {
        assert_eq!(label(text), "", "{text}");
    }
}

#[test]
fn employers_go_whole_in_parts_and_by_their_initials() {
    assert_eq!(label("Orange data mining"), "data mining");
    assert_eq!(label("Ex-Orange Côte d’Ivoire"), "Ex");
    assert_eq!(label("SahelData"), "");
    assert_eq!(label("Orangeraie"), "");
    assert_eq!(label("Ingénieure chez Sahel-Data"), "Ingénieure chez");
    assert_eq!(label("Banque Atlantique"), "");
    assert_eq!(label("banque-atlantique.ci"), "");
    let sib = Redaction::new(&RedactionContext {
        employers: owned(&["Société Ivoirienne de Banque"]),
        ..RedactionContext::default()
    });
    assert_eq!(
        sib.label("Analyste crédit SIB")
            .map(String::from)
            .as_deref(),
        Some("Analyste crédit")
    );
}

#[test]
fn words_that_tell_nothing_stay() {
    for text in [
        "Banque et microfinance",
        "Data analyst",
        "Côte d'Ivoire",
        "Abidjan",
        "Node.js",
        "ASP.NET",
        "Vue.js",
        ".NET",
        "C++",
        "M.Sc",
        "B.A",
        "Ph.D",
        "ISO 9001",
        "Développeur.se web",
        "Technicien.ne réseau",
        "2015-2020",
        "Web3 & DevOps",
        "S.A.",
        "Rust 2024",
        "C# .NET",
        "Contact (Rust)",
    ] {
        assert_eq!(label(text), text, "{text}");
    }
}

#[test]
fn streets_go_and_the_city_stays() {
    assert_eq!(label("12, rue des Jardins"), "");
    assert_eq!(label("Place du marché aux Jardins"), "Place du marché aux");
    assert_eq!(label("Rue des jardins Cocody Abidjan"), "Abidjan");
    assert_eq!(label("12 rue des Jardins, Cocody, Abidjan"), "");
}

#[test]
fn telephone_numbers_go() {
    for text in [
        "+225 07 07 07 07 07",
        "0707070707",
        "07.07.07.07.07",
        "(07) 07-07-07-07",
        "07/07/07/07",
        "00225-0707070707",
        "+33 (0)6 12 34 56 78",
        "٠٧٠٧٠٧٠٧٠٧",
        "０７０７０７０７",
        "771 234 567",
        "07–07–07–07",
        "07 . 07 . 07 . 07",
        "0 7 0 7 0 7 0 7",
        "07\u{200B}07\u{200B}0707",
    ] {
        assert_eq!(label(text), "", "{text}");
    }
    assert_eq!(label("Tel 0707070707 WhatsApp"), "Tel WhatsApp");
}

#[test]
fn mail_and_web_addresses_go() {
    for text in [
        "x.y@example.org",
        "x @ example . org",
        "x (at) example (dot) org",
        "x[at]example[point]org",
        "x at gmail dot com",
        "x arobase gmail point com",
        "x at gmail",
        "x (a) example.org",
        "@handle_x",
        "x＠example．org",
        "https://x.example/y?z",
        "http://localhost",
        "www.example.test",
        "www . example . com",
        "example.ci",
        "sub.example.co/x",
        "t.co/x",
        "linkedin.com/in/x",
        "example point com",
        "example (dot) fr",
        "EXAMPLE . COM",
        "mailto:x@y.ci",
    ] {
        let kept = label(text);
        let harmless = ["", "mailto"].contains(&kept.as_str());
        assert!(harmless, "{text:?} left {kept:?}");
    }
}

#[test]
fn long_texts_say_where_something_was() {
    let kept = awa().text("Chez Sahel Data, Awa a dirigé six personnes. Contact : x@y.ci.");
    assert_eq!(
        kept.unwrap().as_str(),
        "Chez …, … a dirigé six personnes. Contact : …."
    );
}

#[test]
fn an_excerpt_ends_between_words() {
    let text = Redaction::new(&RedactionContext::default())
        .text("Une personne très sûre")
        .unwrap();
    assert_eq!(text.excerpt(100), "Une personne très sûre");
    assert_eq!(text.excerpt(15), "Une personne…");
    assert_eq!(text.excerpt(2), "Un…");
}

/// One way of writing a word that a reader still reads as the word.
fn spelled(word: &str, style: u8) -> String {
    let letters = |between: &str| {
        let letters: Vec<_> = word.chars().map(String::from).collect();
        letters.join(between)
    };
    match style % 7 {
        0 => word.to_owned(),
        1 => word.to_uppercase(),
        2 => letters("."),
        3 => letters("-"),
        4 => letters("\u{200D}"),
        5 => word.replace('a', "à").replace('e', "É"),
        _ => letters(" "),
    }
}

fn shape() -> impl Strategy<Value = String> {
    let sep = prop::sample::select(vec!["", " ", ".", "-", "/", " - "]);
    let phone =
        (prop::collection::vec("[0-9]{2}", 4..6), sep).prop_map(|(groups, sep)| groups.join(sep));
    let at = prop::sample::select(vec!["@", " @ ", " (at) ", "[at]", " arobase "]);
    let dot = prop::sample::select(vec![".", " . ", " (dot) ", "[.]", " point "]);
    let mail = (
        "[qxz]{3,8}",
        at,
        "[qxz]{3,8}",
        dot,
        prop::sample::select(vec!["com", "org", "ci"]),
    )
        .prop_map(|(name, at, house, dot, top)| format!("{name}{at}{house}{dot}{top}"));
    let web = "(https?://|www\\.)[qxz]{3,8}\\.(com|ci)(/[qxz]{1,5})?";
    prop_oneof![phone, mail, web]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn an_own_name_never_survives(
        before in "[ a-zéà,.()-]{0,20}", after in "[ a-zéà,.()-]{0,20}",
        name in "[A-Z][a-zé]{2,8}", employer in "[A-Z][a-z]{3,8} [A-Z][a-z]{3,8}", style in any::<u8>(),
    ) {
        let redaction = Redaction::new(&RedactionContext {
            names: vec![name.clone()],
            employers: vec![employer.clone()],
            ..RedactionContext::default()
        });
        for own in [&name, &employer] {
            let text = format!("{before} {} {after}", spelled(own, style));
            let kept = redaction.text(&text).map(String::from).unwrap_or_default();
            let words = fold::words(&kept);
            let own = fold::words(own).concat();
            let joined = (0..words.len()).any(|from| {
                (from..words.len()).any(|to| words[from..=to].concat() == own)
            });
            prop_assert!(!joined, "{text:?} left {kept:?}");
        }
    }

    #[test]
    fn a_contact_never_survives(before in "[a-zé ,]{0,20}", after in "[a-zé ,]{0,20}", contact in shape()) {
        let redaction = Redaction::new(&RedactionContext::default());
        let text = format!("{before}, {contact}, {after}");
        let kept = redaction.text(&text).map(String::from).unwrap_or_default();
        let digits = kept.chars().filter(|c| c.is_numeric()).count();
        prop_assert!(digits < 7, "{text:?} left {kept:?}");
        prop_assert!(!kept.contains('@') && !kept.contains("://"), "{text:?} left {kept:?}");
        let telling = contact.split(|c: char| !c.is_ascii_alphabetic()).filter(|w| w.len() > 2 && w.chars().all(|c| "qxz".contains(c)));
        for word in telling {
            prop_assert!(!kept.contains(word), "{text:?} left {kept:?}");
        }
    }

    #[test]
    fn any_text_is_cleared_for_good(text in "(?s).{0,80}", name in "\\PC{1,12}") {
        let redaction = Redaction::new(&RedactionContext {
            names: vec![name],
            ..RedactionContext::default()
        });
        if let Some(kept) = redaction.text(&text) {
            prop_assert_eq!(redaction.spans(kept.as_str()), []);
        }
    }
}
