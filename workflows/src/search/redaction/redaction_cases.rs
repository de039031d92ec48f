//! Tables of what must go and of what must stay, a line each. The tables `*_held_out.txt` were put
//! aside while the rule was written.

use super::*;

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Whose cards the hostile texts are on.
fn jean() -> Redaction {
    Redaction::new(&RedactionContext {
        names: owned(&["Jean-Marc", "Dupont", "Awa", "Koné"]),
        employers: owned(&["Orange Côte d'Ivoire", "Sahel Data SARL", "Zyntravo"]),
        streets: owned(&["12 rue des Jardins, Cocody, Abidjan"]),
        contacts: owned(&["+2250708091011", "akissi.k92@gmail.com"]),
        places: owned(&["Abidjan", "Dakar"]),
    })
}

/// People with short names and with names that are parts of ordinary words.
fn others() -> Vec<Redaction> {
    let people = [
        (["Li", "Ba"], "BNI"),
        (["Anne", "Sall"], "SGCI"),
        (["Rémi", "Mané"], "Ecobank"),
        (["Théo", "Diop"], "MTN"),
    ];
    let people = people.iter().map(|(names, employer)| {
        Redaction::new(&RedactionContext {
            names: owned(names),
            employers: owned(&[employer]),
            ..RedactionContext::default()
        })
    });
    people.collect()
}

/// The labels of a line, with `\u{…}` for what nobody sees.
fn labels(line: &str) -> Vec<String> {
    let mut text = line.to_owned();
    while let Some(start) = text.find("\\u{") {
        let length = text[start..].find('}').expect("a code in braces") + 1;
        let code = u32::from_str_radix(&text[start + 3..start + length - 1], 16).unwrap();
        let c = char::from_u32(code).unwrap();
        text.replace_range(start..start + length, &c.to_string());
    }
    text.split(" ¦ ").map(str::to_owned).collect()
}

/// What is left of labels on a card.
fn left(redaction: &Redaction, labels: &[String]) -> Vec<String> {
    let kept: Vec<String> = labels
        .iter()
        .filter_map(|label| redaction.label(label).map(String::from))
        .collect();
    let texts: Vec<&str> = kept.iter().map(String::as_str).collect();
    let gone = redaction.telling_together(&texts);
    kept.iter()
        .zip(gone)
        .filter(|(_, gone)| !gone)
        .map(|(label, _)| label.clone())
        .collect()
}

/// What of a hostile line survives.
fn survivors(line: &str) -> Option<String> {
    let (text, telling) = line.rsplit_once(" → ").expect("what must go");
    let kept = left(&jean(), &labels(text)).join(" ¦ ");
    let seen = Look::of(&kept).text.to_lowercase();
    telling
        .split(' ')
        .any(|part| kept.contains(part) || seen.contains(&Look::of(part).text.to_lowercase()))
        .then(|| format!("{text}  ->  {kept}"))
}

/// What of an innocent line is missing.
fn losses(line: &str) -> Option<String> {
    let labels: Vec<String> = labels(line).iter().map(|text| normalise(text)).collect();
    let mut people = others();
    people.push(jean());
    let lost = people
        .iter()
        .map(|person| left(person, &labels))
        .find(|kept| *kept != labels)?;
    Some(format!("{line}  ->  {}", lost.join(" ¦ ")))
}

fn check(table: &str, wrong: impl Fn(&str) -> Option<String>) {
    let wrong: Vec<String> = table.lines().filter_map(wrong).collect();
    let all = table.lines().count();
    assert!(
        wrong.is_empty(),
        "{} of {all}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn what_tells_who_somebody_is_goes() {
    check(include_str!("cases/hostile.txt"), survivors);
}

#[test]
fn what_tells_who_somebody_is_goes_in_texts_put_aside() {
    check(include_str!("cases/hostile_held_out.txt"), survivors);
}

#[test]
fn what_tells_nothing_stays() {
    check(include_str!("cases/innocent.txt"), losses);
}

#[test]
fn what_tells_nothing_stays_in_texts_put_aside() {
    check(include_str!("cases/innocent_held_out.txt"), losses);
}
