//! The words that addresses are made of.

/// Ends of web addresses that no other word is.
pub(super) const TOP_LEVEL: &[&str] = &[
    "africa",
    "agency",
    "ai",
    "app",
    "biz",
    "blog",
    "cloud",
    "club",
    "co",
    "com",
    "cv",
    "design",
    "dev",
    "digital",
    "edu",
    "eu",
    "gov",
    "group",
    "info",
    "int",
    "io",
    "jobs",
    "link",
    "live",
    "me",
    "mobi",
    "name",
    "net",
    "online",
    "org",
    "page",
    "pro",
    "shop",
    "site",
    "social",
    "solutions",
    "space",
    "store",
    "studio",
    "team",
    "tech",
    "tel",
    "top",
    "tv",
    "uk",
    "website",
    "work",
    "world",
    "xyz",
];

/// Those of them that give an address away even when it is taken apart.
pub(super) const TELLING_TOP_LEVEL: &[&str] = &[
    "com", "net", "org", "io", "info", "biz", "fr", "ci", "sn", "ml", "bf", "tg", "bj", "cm", "ga",
    "cd", "eu", "co", "dev", "app", "africa",
];

/// Houses whose name after "at" makes a mail address.
pub(in crate::search::redaction::shapes) const MAIL_HOUSES: &[&str] = &[
    "gmail",
    "googlemail",
    "yahoo",
    "hotmail",
    "outlook",
    "icloud",
    "live",
    "proton",
    "protonmail",
    "laposte",
    "aol",
    "gmx",
    "yandex",
    "ymail",
    "msn",
];

/// Tools and courses whose names look like web addresses.
pub(super) const TOOLS: &[&str] = &[
    "asp.net",
    "vb.net",
    "ado.net",
    "ml.net",
    "json.net",
    "paint.net",
    "framework.net",
    "socket.io",
    "draw.io",
    "deeplearning.ai",
    "fast.ai",
    "h2o.ai",
    "monday.com",
];

/// Words for the at-sign that mean nothing else.
pub(super) const AT: &[&str] = &[
    "arobase", "arobaze", "arobaz", "arobas", "aroba", "arrobase", "arrobas", "arobace",
];

/// Ends of addresses that give one away even behind a comma or written as a word.
pub(super) const COMMA_TOP_LEVEL: &[&str] = &["com", "fr", "org", "net", "africa"];
