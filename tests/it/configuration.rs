//! `.env.example` documents every variable that the programs read, as they themselves do.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Arg, Command, CommandFactory};
use secrecy::{ExposeSecret as _, SecretString};
use store::settings;

const HEADER: &str = "\
# Every variable that Yemma's programs read, with its default; written by `make prepare` from their own help.
# A line without a value has no default: give it one. `make demo` writes .stack/env with values that work.
# A secret is given once: by its variable, or by the file that the variable ending in _FILE names.
# RUST_LOG filters the log lines (https://docs.rs/tracing-subscriber), such as RUST_LOG=info,store=debug.
";

/// What the programs say of one variable.
#[derive(Default)]
struct Variable {
    help: String,
    default: Option<String>,
    programs: Vec<&'static str>,
}

#[test]
fn every_variable_is_in_the_example_with_its_meaning() {
    let expected = example();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.env.example");
    if std::env::var_os("YEMMA_WRITE_ENV_EXAMPLE").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == expected,
        ".env.example is not what the programs say: run `make prepare`"
    );
}

fn programs() -> [(&'static str, Command); 3] {
    [
        ("yemma-api", ::api::config::Config::command()),
        ("yemma-worker", workers::config::Config::command()),
        ("yemma-admin", workers::admin::Cli::command()),
    ]
}

/// A new setting that holds a secret is one by its type, and so can come from a file.
#[test]
fn every_secret_is_one_by_its_type_and_may_come_from_a_file() {
    const SECRETS: [&str; 6] = ["KEY", "KEYS", "SECRET", "PASSWORD", "TOKEN", "URL"];
    // Addresses that hold no credentials, and files.
    const OPEN: [&str; 2] = ["API_PUBLIC_URL", "MEILISEARCH_URL"];
    for (program, command) in programs() {
        let mut found = 0;
        for argument in command.get_arguments() {
            let Some(name) = argument.get_env().map(|name| name.to_string_lossy()) else {
                continue;
            };
            let sounds = SECRETS.contains(&name.rsplit('_').next().unwrap());
            let is_secret = settings::is_secret(argument);
            assert!(
                is_secret || OPEN.contains(&name.as_ref()) || !sounds,
                "{program}: {name} is no SecretString"
            );
            assert_eq!(
                is_secret,
                argument.is_hide_env_values_set(),
                "{program}: the value of {name} in the help"
            );
            if is_secret {
                found += 1;
                assert_read_from_its_file(&command, argument);
            }
        }
        assert!(found > 0, "{program} has secrets");
    }
}

fn assert_read_from_its_file(command: &Command, secret: &Arg) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("secret");
    std::fs::write(&path, "from a file\n").unwrap();
    let variable = settings::file_variable(secret).unwrap();
    // What else a program needs is not asked here.
    let lenient = command
        .clone()
        .subcommand_required(false)
        .arg_required_else_help(false)
        .mut_args(|it| it.required(false));
    let matches = settings::matches(&lenient, vec!["program".into()], |name| {
        (name == variable).then(|| path.clone().into_os_string())
    });
    let matches = matches.unwrap_or_else(|error| panic!("{variable:?}: {error}"));
    let read = matches.get_one::<SecretString>(secret.get_id().as_str());
    assert_eq!(read.unwrap().expose_secret(), "from a file", "{variable:?}");
}

fn example() -> String {
    let mut variables: BTreeMap<String, Variable> = BTreeMap::new();
    for (program, command) in programs() {
        for argument in command.get_arguments() {
            note(&mut variables, program, argument);
        }
    }
    let entries: Vec<String> = variables.iter().map(entry).collect();
    format!("{HEADER}\n{}", entries.join("\n"))
}

fn note(variables: &mut BTreeMap<String, Variable>, program: &'static str, argument: &Arg) {
    let Some(name) = argument.get_env() else {
        return;
    };
    let help = argument.get_help().map(ToString::to_string);
    let help = help.unwrap_or_else(|| panic!("{name:?} is not documented"));
    let values = argument.get_default_values().iter();
    let values: Vec<String> = values.map(|v| v.to_string_lossy().into_owned()).collect();
    let variable = variables
        .entry(name.to_string_lossy().into_owned())
        .or_default();
    variable.help = help;
    variable.default = (!values.is_empty()).then(|| values.join(","));
    variable.programs.push(program);
    if settings::is_secret(argument) {
        let file = settings::file_variable(argument).unwrap();
        let file = file.to_string_lossy().into_owned();
        let variable = variables.entry(file).or_default();
        variable.help = format!("A file that holds {}, in its place", name.to_string_lossy());
        variable.programs.push(program);
    }
}

fn entry((name, variable): (&String, &Variable)) -> String {
    format!(
        "# {} ({})\n{name}={}\n",
        variable.help,
        variable.programs.join(", "),
        variable.default.as_deref().unwrap_or_default()
    )
}
