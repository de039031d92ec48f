//! Words as both sides of search take them.

use super::*;

fn alternatives(question: &str) -> Vec<Vec<String>> {
    asked(question)
        .into_iter()
        .map(|asked| asked.alternatives)
        .collect()
}

#[test]
fn case_accents_and_spaces_do_not_count() {
    assert_eq!(fold("  Développeuse   BACK-END "), "developpeuse back-end");
    assert_eq!(fold("Main-d’œuvre"), "main-d'oeuvre");
    assert_eq!(fold("Côte d'Ivoire"), fold("cote D'IVOIRE"));
}

#[test]
fn technical_names_keep_their_meaning() {
    assert_eq!(
        words("C++, C# et .NET"),
        ["cplusplus", "csharp", "et", "dotnet"]
    );
    assert_eq!(words("Node.js"), ["node", "js"]);
}

#[test]
fn operators_are_no_words() {
    assert!(words("& | ! <-> ''  :*").is_empty());
    assert_eq!(words("l'équipe"), ["l", "équipe"]);
}

#[test]
fn common_words_are_not_asked_for() {
    let asked = alternatives("les données de la santé");
    let typed: Vec<&str> = asked.iter().map(|found| found[0].as_str()).collect();
    assert_eq!(typed, ["données", "santé"]);
}

#[test]
fn a_phrase_is_found_with_its_synonyms() {
    let asked = alternatives("responsable ressources humaines");
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1][0], "ressources humaines");
    assert!(asked[1].contains(&"rh".to_owned()));
}

#[test]
fn every_synonym_leads_to_the_others() {
    for set in synonyms() {
        assert!(set.len() > 1, "{set:?}");
        for term in set {
            let asked = asked(term);
            assert_eq!(asked.len(), 1, "{term}");
            assert!(asked[0].alternatives.len() >= set.len(), "{term}");
        }
    }
}

/// Whether one spelling asks for the other, as PostgreSQL and its lexicon would take it.
fn meets(typed: &str, spelled: &str) -> bool {
    let spelled = words(spelled).join(" ");
    alternatives(typed)[0].iter().any(|found| {
        let is_cut = cuts(found)
            .iter()
            .any(|(first, second)| format!("{first} {second}") == spelled);
        fold(found) == fold(&spelled) || is_cut
    })
}

#[test]
fn joined_and_hyphened_spellings_meet() {
    for (joined, hyphened) in [
        ("frontend", "front-end"),
        ("backend", "back-end"),
        ("fullstack", "full-stack"),
        ("ecommerce", "e-commerce"),
        ("powerbi", "Power BI"),
        ("sagefemme", "sage-femme"),
        ("webdesigner", "web designer"),
        ("backoffice", "back-office"),
        ("elearning", "e-learning"),
        ("opensource", "open source"),
        ("bigdata", "big data"),
        ("vuejs", "Vue.js"),
        ("springboot", "Spring Boot"),
        ("teambuilding", "team-building"),
        ("microfinance", "micro-finance"),
    ] {
        assert!(meets(joined, hyphened), "{joined}, {hyphened}");
        if hyphened.contains('-') {
            assert!(meets(hyphened, joined), "{hyphened}, {joined}");
        }
    }
}

#[test]
fn two_words_may_be_one_in_an_entry() {
    let asked = alternatives("team building Dakar");
    assert!(asked[0].contains(&"teambuilding".to_owned()));
    assert!(asked[1].contains(&"teambuilding".to_owned()));
    assert_eq!(asked[2][0], "dakar");
}

#[test]
fn a_word_is_not_cut_at_a_common_one() {
    for word in [
        "desserveur",
        "parcours",
        "lavage",
        "surveillance",
        "encadreur",
    ] {
        let common = ["des", "par", "la", "sur", "en"];
        assert!(
            cuts(word).iter().all(|(first, _)| !common.contains(first)),
            "{word}"
        );
    }
    assert!(cuts("dev").is_empty() && cuts("a b c d e").is_empty());
}

#[test]
fn both_genders_have_the_same_synonyms() {
    for (he, she) in [
        ("enseignant", "enseignante"),
        ("vendeur", "vendeuse"),
        ("recruteur", "recruteuse"),
        ("directeur", "directrice"),
    ] {
        let sorted = |word: &str| {
            let mut words: Vec<String> = alternatives(word)[0].iter().map(|w| fold(w)).collect();
            words.sort();
            words.dedup();
            words
        };
        assert!(
            sorted(he).iter().all(|word| sorted(she).contains(word)),
            "{he}"
        );
        assert!(
            sorted(she).iter().all(|word| sorted(he).contains(word)),
            "{she}"
        );
    }
}

#[test]
fn slips_of_the_finger_are_forgiven() {
    for (typed, known) in [
        ("pyhton", "python"),
        ("javascrpt", "javascript"),
        ("developeur", "developpeur"),
        ("comptabel", "comptable"),
        ("kubernets", "kubernetes"),
    ] {
        assert!(may_be_meant(typed, known), "{typed}");
    }
    for (typed, known) in [
        ("java", "lava"),
        ("php", "phd"),
        ("rust", "ruby"),
        ("marketing", "meeting"),
    ] {
        assert!(!may_be_meant(typed, known), "{typed}");
    }
}
