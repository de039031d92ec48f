//! What a hostile file could do with the process that looks into it: nothing. The same attempts
//! are made without the walls first, so that a refusal is the walls' doing.

use std::net::TcpListener;
use std::process::{Command, Output};

/// The program that plays the child.
const CHILD: &str = env!("CARGO_BIN_EXE_inspect-document");

/// The lines of an intruder, run with a secret in its parent's environment within its reach.
fn intrude(walls: &str) -> Vec<(String, String)> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("precious"), b"kept").unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let parent = std::process::id().to_string();
    let output = Command::new(CHILD)
        .args(["try-everything", walls, &parent, &port])
        .arg(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{walls}: {output:?}");
    let lines = String::from_utf8(output.stdout).unwrap();
    let lines = lines.lines().map(|line| line.split_once(": ").unwrap());
    lines
        .map(|(what, outcome)| (what.to_owned(), outcome.to_owned()))
        .collect()
}

#[test]
fn behind_its_walls_a_child_can_do_nothing_but_compute() {
    let (open, walled) = (intrude("open"), intrude("walls"));
    assert_eq!(open.len(), walled.len());
    for ((what, without), (_, with)) in open.iter().zip(&walled) {
        assert_eq!(without, "done", "{what}, without walls");
        assert_eq!(with, "refused", "{what}, behind walls");
    }
}

#[test]
fn the_secrets_of_a_program_are_closed_to_others_of_its_user() {
    let told = |curtain: &str| {
        let program = Command::new(CHILD)
            .args(["keep-a-secret", curtain])
            .env("DB_WORKER_URL", "postgres://worker:secret@127.0.0.1/yemma")
            .output();
        let Output { status, stdout, .. } = program.unwrap();
        assert!(status.success(), "{curtain}");
        String::from_utf8(stdout).unwrap()
    };
    assert_eq!(told("open"), "read", "the attempt is a real one");
    assert_eq!(told("private"), "refused");
}
