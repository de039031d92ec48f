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
            prop_assert!(redaction.spans(kept.as_str()).is_empty());
        }
    }
}

/// A digit as it may be written.
fn written(digit: u8, style: u8) -> String {
    const FRENCH: [&str; 10] = [
        "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf",
    ];
    const ENGLISH: [&str; 10] = [
        "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    ];
    let place = usize::from(digit);
    let at = |zero: u32| char::from_u32(zero + u32::from(digit)).unwrap().to_string();
    match (style % 8, digit) {
        (1, 0) => "O".to_owned(),
        (1, 1) => "l".to_owned(),
        (2, _) => FRENCH[place].to_owned(),
        (3, _) => ENGLISH[place].to_owned(),
        (4, _) => at(0x0660),
        (5, _) => at(0xFF10),
        (6, _) => at(0x1D7D8),
        (7, _) => format!("{digit}\u{20E3}"),
        _ => digit.to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn seven_digits_over_anything_but_letters_go(
        digits in prop::collection::vec((0_u8..10, prop::sample::select(vec![0_u8, 0, 0, 2, 3, 4, 5, 6, 7])), 7..14),
        separator in "[^\\p{L}\\p{N}\\p{M}]{1,4}",
    ) {
        // "№" is two letters when it is made plain.
        prop_assume!(!normalise(&separator).contains(char::is_alphanumeric));
        let redaction = Redaction::new(&RedactionContext::default());
        let written: Vec<String> = digits.iter().map(|(digit, style)| written(*digit, *style)).collect();
        let text = format!("Rust {} Go", written.join(&separator));
        let kept = redaction.label(&text).map(String::from).unwrap_or_default();
        let words = fold::words(&kept);
        prop_assert!(words.iter().all(|word| ["rust", "go"].contains(&word.as_str())), "{text:?} left {kept:?}");
    }

    #[test]
    fn letters_for_digits_hide_no_number(groups in prop::collection::vec("[2-9][0-9]", 4..6), separator in "[ .,:;'=~/-]") {
        let redaction = Redaction::new(&RedactionContext::default());
        let text = groups.join(&separator).replace('0', "O").replace('1', "l");
        let kept = redaction.label(&format!("Rust {text}")).map(String::from).unwrap_or_default();
        prop_assert_eq!(kept, "Rust", "{}", text);
    }

    #[test]
    fn a_number_spread_over_labels_goes(
        groups in prop::collection::vec("[0-9]{2,3}", 4..6), places in prop::collection::vec(0_usize..5, 6),
    ) {
        let redaction = Redaction::new(&RedactionContext::default());
        let mut labels = vec!["Rust".to_owned(), "Docker".to_owned(), "Kubernetes".to_owned()];
        for (group, place) in groups.iter().zip(places) {
            labels.insert(place.min(labels.len()), group.clone());
        }
        let texts: Vec<&str> = labels.iter().map(String::as_str).collect();
        let gone = redaction.telling_together(&texts);
        for (label, gone) in labels.iter().zip(gone) {
            prop_assert_eq!(gone, !label.starts_with(char::is_alphabetic), "{} of {:?}", label, labels);
        }
    }

    #[test]
    fn a_long_name_inside_a_word_goes(before in "[a-z]{0,6}", name in "[B-Z][b-z]{5,9}", after in "([a-z]{0,6}|_?[0-9]{0,4})") {
        let redaction = Redaction::new(&RedactionContext {
            names: vec![name.clone()],
            ..RedactionContext::default()
        });
        let text = format!("Rust {before}{name}{after}");
        let kept = redaction.label(&text).map(String::from).unwrap_or_default();
        let name = fold::words(&name).concat();
        prop_assert!(!fold::words(&kept).concat().contains(&name), "{text:?} left {kept:?}");
    }
}
