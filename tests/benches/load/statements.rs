//! The store's own statements, as `make prepare` has written them down: the bare handlers run these
//! and no others.

use std::fs;
use std::path::Path;

use serde_json::Value;

/// The one checked statement of the store that begins and ends so.
pub fn statement(beginning: &str, end: &str) -> &'static str {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../store/.sqlx");
    let mut found: Vec<String> = fs::read_dir(folder)
        .expect("the statements of the store")
        .map(|file| text(&file.expect("a statement").path()))
        .filter(|text| text.starts_with(beginning) && text.ends_with(end))
        .collect();
    assert_eq!(found.len(), 1, "{beginning} … {end}: {found:#?}");
    found.remove(0).leak()
}

fn text(path: &Path) -> String {
    let data = fs::read(path).expect("a statement");
    let data: Value = serde_json::from_slice(&data).expect("a statement in JSON");
    data["query"].as_str().expect("its text").to_owned()
}
