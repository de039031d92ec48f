//! Words that tell nothing of a person when they stand alone.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::fold::words;
use crate::reference;

/// Words too common in names of people to tell anything alone.
pub(super) const PARTICLES: &[&str] = &[
    "al", "ben", "bin", "d", "da", "de", "del", "den", "der", "des", "di", "dit", "dos", "du", "e",
    "el", "epouse", "et", "ibn", "l", "la", "le", "les", "m", "mc", "n", "o", "van", "veuve",
    "von", "y",
];

/// Words too common in names of companies or streets to tell anything alone.
const COMMON: &[&str] = &[
    "africa",
    "africaine",
    "african",
    "afrique",
    "agence",
    "agency",
    "and",
    "appartement",
    "associates",
    "associes",
    "assurance",
    "assurances",
    "avec",
    "avenue",
    "backend",
    "bank",
    "banque",
    "bat",
    "batiment",
    "boite",
    "boulevard",
    "building",
    "bureau",
    "cabinet",
    "capital",
    "center",
    "centre",
    "chemin",
    "chez",
    "cite",
    "city",
    "cloud",
    "commerce",
    "commune",
    "compagnie",
    "company",
    "conseil",
    "consulting",
    "corporation",
    "dans",
    "development",
    "developpement",
    "digital",
    "direction",
    "east",
    "education",
    "energie",
    "energy",
    "engineering",
    "entreprise",
    "est",
    "etablissement",
    "etablissements",
    "etage",
    "factory",
    "filiale",
    "finance",
    "finances",
    "fondation",
    "formation",
    "foundation",
    "france",
    "frontend",
    "fullstack",
    "general",
    "generale",
    "global",
    "gmbh",
    "group",
    "groupe",
    "health",
    "holding",
    "hotel",
    "ilot",
    "impasse",
    "inc",
    "industrie",
    "industries",
    "informatique",
    "ingenierie",
    "institut",
    "institute",
    "international",
    "internationale",
    "invest",
    "junior",
    "labs",
    "lead",
    "limited",
    "llc",
    "logiciel",
    "logiciels",
    "logistique",
    "lot",
    "lotissement",
    "ltd",
    "mairie",
    "management",
    "marche",
    "media",
    "medias",
    "ministere",
    "ministry",
    "mobile",
    "national",
    "nationale",
    "nord",
    "north",
    "nouvelle",
    "numerique",
    "online",
    "ouest",
    "par",
    "partners",
    "place",
    "plc",
    "porte",
    "pour",
    "projet",
    "public",
    "publique",
    "quartier",
    "residence",
    "road",
    "route",
    "rue",
    "sante",
    "sarl",
    "sas",
    "sasu",
    "senior",
    "service",
    "services",
    "social",
    "sociale",
    "societe",
    "software",
    "solution",
    "solutions",
    "south",
    "square",
    "street",
    "studio",
    "sud",
    "sur",
    "system",
    "systeme",
    "systemes",
    "systems",
    "team",
    "tech",
    "technologie",
    "technologies",
    "technology",
    "telecom",
    "telecoms",
    "the",
    "training",
    "transport",
    "transports",
    "union",
    "universite",
    "university",
    "villa",
    "ville",
    "voie",
    "web",
    "west",
    "world",
    "zone",
];

/// Words of ordinary prose, without accents.
static ORDINARY: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let lines = include_str!("ordinary.txt").lines();
    lines
        .filter(|line| !line.starts_with('#'))
        .flat_map(str::split_whitespace)
        .collect()
});

/// Endings of plurals and feminines.
const INFLECTIONS: [&str; 9] = ["", "s", "e", "es", "x", "ne", "nes", "le", "les"];

/// Whether a folded word is one of the trades or of ordinary prose, in the singular or the plural.
pub(super) fn is_ordinary(word: &str) -> bool {
    INFLECTIONS
        .iter()
        .filter_map(|ending| word.strip_suffix(ending).map(|stem| (stem, *ending)))
        // What is left of a short word may be anything.
        .filter(|(stem, ending)| ending.is_empty() || stem.chars().count() > 3)
        .any(|(stem, _)| ORDINARY.contains(stem) || VOCABULARY.contains(stem))
}

/// Legal forms, which people leave out.
pub(super) const LEGAL_FORMS: &[&str] = &[
    "sa", "sarl", "sarlu", "sas", "sasu", "suarl", "snc", "gie", "eurl", "inc", "llc", "ltd",
    "plc", "gmbh", "corp", "limited",
];

/// Words of the reference lists: they name a trade, a skill or a country, not an employer.
pub(super) static VOCABULARY: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let lists = [
        "sectors",
        "occupations",
        "skills",
        "behavioural-skills",
        "countries",
        "languages",
    ];
    let entries = lists
        .iter()
        .filter_map(|list| reference::lookup(list))
        .flatten();
    entries
        .flat_map(|entry| words(&format!("{} {}", entry.label_fr, entry.label_en)))
        .chain(COMMON.iter().map(|word| (*word).to_owned()))
        .collect()
});
