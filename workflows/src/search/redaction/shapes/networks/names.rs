//! The names of networks, and the words that stand beside them at work.

use crate::search::redaction::shapes::addresses::MAIL_HOUSES;
use crate::search::redaction::vocabulary::is_ordinary;

/// Networks by their whole names, which are also tools of the trade: only what is plainly a handle
/// goes with them.
pub(super) const NETWORKS: &[&str] = &[
    "instagram",
    "facebook",
    "snapchat",
    "tiktok",
    "telegram",
    "whatsapp",
    "linkedin",
    "viber",
    "discord",
    "skype",
    "twitter",
    "messenger",
    "wechat",
    "youtube",
    "mastodon",
    "bluesky",
    "twitch",
    "github",
    "gitlab",
    "behance",
    "pinterest",
    "reddit",
];

/// Names that people give them among themselves: whatever is no ordinary word goes with them.
pub(super) const NICKNAMES: &[&str] = &[
    "insta",
    "instagrm",
    "ig",
    "fb",
    "facebok",
    "fbook",
    "wsp",
    "wapp",
    "whatsap",
    "watsap",
    "watsapp",
    "wattsapp",
    "telegramme",
    "snapchate",
    "tiktoc",
    "linkdin",
    "linkedln",
];

/// Short names that mean something else as well: only what is plainly a handle goes with them.
const SHORT: &[&str] = &[
    "snap", "tg", "wa", "x", "signal", "line", "imo", "yt", "tt", "bsky",
];

/// Networks in two words.
pub(super) const PAIRS: &[(&str, &str)] = &[
    ("tik", "tok"),
    ("snap", "chat"),
    ("face", "book"),
    ("linked", "in"),
    ("whats", "app"),
    ("you", "tube"),
];

/// Words between a network and a handle.
pub(super) const FILLERS: &[&str] = &[
    "est", "is", "c", "cest", "mon", "ma", "my", "me", "moi", "nom", "name", "compte", "account",
    "profil", "profile", "page", "contact", "perso", "as", "in", "au", "le", "la", "the", "sur",
    "on", "via", "par", "chez", "at", "de",
];

/// Words between them after which a handle follows.
pub(super) const POINTING: &[&str] = &[
    "id",
    "pseudo",
    "user",
    "username",
    "handle",
    "add",
    "ajoute",
    "ajoutez",
    "sous",
    "live",
    "nick",
    "nickname",
    "login",
    "identifiant",
];

/// Words of tools and work with a network, beside those of the trades.
const TRADE: &[&str] = &[
    "ads",
    "ad",
    "api",
    "apis",
    "bot",
    "bots",
    "business",
    "manager",
    "insights",
    "shop",
    "live",
    "reel",
    "reels",
    "story",
    "stories",
    "lens",
    "studio",
    "graph",
    "pixel",
    "sdk",
    "learning",
    "recruiter",
    "navigator",
    "premium",
    "actions",
    "action",
    "copilot",
    "pages",
    "groups",
    "groupes",
    "campaigns",
    "influence",
    "influenceur",
    "influenceuse",
    "influencer",
    "creator",
    "branding",
    "analytics",
    "desktop",
    "enterprise",
    "teams",
    "channel",
    "channels",
    "videos",
    "boost",
    "blueprint",
    "meta",
    "organique",
    "payant",
    "community",
    "pro",
    "lite",
    "bootstrap",
    "connect",
    "oauth",
    "runner",
    "flow",
    "classroom",
    "processing",
    "suite",
    "inc",
    "app",
    "apps",
    "kit",
    "core",
    "embed",
    "feed",
    "html",
    "css",
    "es",
    "web",
    "windows",
    "win",
    "log",
    "mp",
    "ipv",
    "utf",
    "sha",
    "iso",
    "cert",
    "covid",
    "php",
    "sql",
    "api",
    "rest",
    "top",
    "and",
    "pour",
    "avec",
    "les",
    "des",
    "une",
    "sur",
    "with",
    "for",
    "the",
    "via",
    "chez",
    "etc",
    "google",
    "excel",
    "word",
    "outlook",
    "react",
    "angular",
    "vue",
    "node",
    "in",
    "on",
    "at",
    "to",
    "of",
    "de",
    "la",
    "le",
    "au",
    "ui",
    "ux",
    "it",
    "ai",
    "ia",
    "js",
    "ts",
    "db",
    "os",
    "pc",
    "ci",
    "cd",
    "my",
    "case",
    "modules",
];

/// How a network is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    Whole,
    Nickname,
    Short,
}

/// How a word names a network, if it does.
pub(super) fn named(word: &str) -> Option<Named> {
    let plain = without_digits(word);
    let word = plain.as_str();
    if NETWORKS.contains(&word) || MAIL_HOUSES.contains(&word) {
        Some(Named::Whole)
    } else if NICKNAMES.contains(&word) {
        Some(Named::Nickname)
    } else if SHORT.contains(&word) {
        Some(Named::Short)
    } else {
        None
    }
}

/// "1nst4gram" as it is read; a word of digits alone stays.
fn without_digits(word: &str) -> String {
    if word.chars().filter(char::is_ascii_alphabetic).count() < 3 {
        return word.to_owned();
    }
    word.chars()
        .map(|c| match c {
            '0' => 'o',
            '1' => 'i',
            '3' => 'e',
            '4' => 'a',
            '5' => 's',
            '7' => 't',
            _ => c,
        })
        .collect()
}

/// Whether every word in it, digits apart, is ordinary.
pub(super) fn is_of_the_trade(word: &str) -> bool {
    word.split(|c: char| !c.is_alphabetic())
        .filter(|part| !part.is_empty())
        .all(|part| {
            part.len() < 2 || is_ordinary(part) || TRADE.contains(&part) || named(part).is_some()
        })
}
