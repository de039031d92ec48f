//! `.env.example` documents every variable that the programs read, as they themselves do.

use std::collections::BTreeMap;
use std::path::Path;

use clap::{Arg, CommandFactory};

const HEADER: &str = "\
# Every variable that Yemma's programs read, with its default; written by `make prepare` from their own help.
# A line without a value has no default: give it one. `make demo` writes .stack/env with values that work.
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

fn example() -> String {
    let mut variables: BTreeMap<String, Variable> = BTreeMap::new();
    let programs = [
        ("yemma-api", ::api::config::Config::command()),
        ("yemma-worker", workers::config::Config::command()),
        ("yemma-admin", workers::admin::Cli::command()),
    ];
    for (program, command) in programs {
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
}

fn entry((name, variable): (&String, &Variable)) -> String {
    format!(
        "# {} ({})\n{name}={}\n",
        variable.help,
        variable.programs.join(", "),
        variable.default.as_deref().unwrap_or_default()
    )
}
