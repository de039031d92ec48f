//! Nothing that is declared is left half done: read from the sources themselves.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The text of every source file of a crate.
fn sources(name: &str) -> String {
    let mut text = String::new();
    let mut folders = vec![root().join(name).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                text.push_str(&fs::read_to_string(path).unwrap());
            }
        }
    }
    text
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The word that follows each occurrence.
fn words_after(text: &str, before: &str) -> BTreeSet<String> {
    text.split(before)
        .skip(1)
        .map(|rest| {
            let is_part = |c: &char| c.is_alphanumeric() || *c == '_';
            rest.trim_start().chars().take_while(is_part).collect()
        })
        .collect()
}

fn workflows() -> BTreeSet<String> {
    let text = sources("workflows");
    let found: BTreeSet<String> = text
        .split("#[workflow]\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("pub struct "))
        .filter_map(|(_, rest)| rest.split_once(" {"))
        .map(|(name, _)| name.to_owned())
        .collect();
    assert!(found.len() >= 5, "{found:?}");
    found
}

#[test]
fn every_workflow_has_histories_that_a_test_replays() {
    let tests = [
        "candidates",
        "documents",
        "notifications",
        "search",
        "validation",
    ];
    let mut text = String::new();
    for folder in tests {
        for file in fs::read_dir(root().join("tests/it").join(folder)).unwrap() {
            text.push_str(&fs::read_to_string(file.unwrap().path()).unwrap());
        }
    }
    let replayed = words_after(&text, "history(\"");
    for workflow in workflows() {
        let folder = root().join("tests/histories").join(&workflow);
        let histories = fs::read_dir(&folder).map_or(0, Iterator::count);
        assert!(histories > 0, "no history in {}", folder.display());
        assert!(replayed.contains(&workflow), "nobody replays {workflow}");
    }
}

#[test]
fn every_workflow_is_registered_on_a_worker() {
    let registered = words_after(&sources("workers"), "register_workflow::<");
    assert_eq!(workflows(), registered);
}

#[test]
fn every_activity_that_is_declared_is_done() {
    let declared: BTreeSet<String> = sources("workflows")
        .split("activity_definitions! {")
        .skip(1)
        .filter_map(|rest| rest.split_once("\n}"))
        .flat_map(|(block, _)| block.lines().map(str::trim).collect::<Vec<_>>())
        .filter(|line| line.contains(") -> "))
        .filter_map(|line| line.split_once('('))
        .map(|(name, _)| name.to_owned())
        .collect();
    let done: BTreeSet<String> = sources("activities")
        .split("#[activity(definition = ")
        .skip(1)
        .filter_map(|rest| rest.split_once(")]"))
        .filter_map(|(path, _)| path.rsplit("::").next())
        .map(str::to_owned)
        .collect();
    assert!(declared.len() > 20, "{declared:?}");
    assert_eq!(declared, done);
}
