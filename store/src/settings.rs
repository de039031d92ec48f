//! How a program learns what it must know: by arguments, by its environment, and secrets by files.
//!
//! Every secret `NAME` may be in a file that `NAME_FILE` names, as orchestrators mount them: what
//! is in the environment is inherited, dumped and listed. Which settings are secrets is said by
//! their type, `SecretString`.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::io::Read as _;
use std::path::Path;

use clap::error::ErrorKind;
use clap::{Arg, ArgMatches, Command, Error, Parser};
use secrecy::SecretString;

/// No secret is longer than this, in bytes.
const LONGEST: u64 = 64 * 1024;

/// Reads a program's configuration from its arguments, its environment and the files of its
/// secrets, or ends the process with the reason. No other process of the same user may look into
/// this one's memory and environment from here on. To be called before anything else.
#[must_use]
pub fn load<C: Parser>() -> C {
    load_from(std::env::args_os().collect())
}

/// The same with arguments of one's own, the first of which is the program's name.
#[must_use]
pub fn load_from<C: Parser>(arguments: Vec<OsString>) -> C {
    let mut command = C::command();
    let configured = keep_private()
        .map_err(|error| Error::raw(ErrorKind::Io, format!("secrets cannot be kept: {error}\n")))
        .and_then(|()| matches(&command, arguments, |name| std::env::var_os(name)))
        .and_then(|matches| C::from_arg_matches(&matches));
    configured.unwrap_or_else(|error| error.format(&mut command).exit())
}

/// Closes this process's memory and environment to every other process of the same user, and
/// leaves no core dump: both hold secrets. Root still sees them.
pub fn keep_private() -> std::io::Result<()> {
    Ok(rustix::process::set_dumpable_behavior(
        rustix::process::DumpableBehavior::NotDumpable,
    )?)
}

/// The arguments and the secrets of a command, `environment` telling of variables that name files.
///
/// # Errors
///
/// When an argument is wrong, when a secret is given twice, or when its file cannot be read.
pub fn matches(
    command: &Command,
    arguments: Vec<OsString>,
    environment: impl Fn(&OsStr) -> Option<OsString>,
) -> Result<ArgMatches, Error> {
    let arguments = with_secrets(command, arguments, &environment)?;
    documented(command.clone()).try_get_matches_from(arguments)
}

/// Whether a setting is a secret.
#[must_use]
pub fn is_secret(argument: &Arg) -> bool {
    argument.get_value_parser().type_id() == TypeId::of::<SecretString>()
}

/// The variable that names the file of a secret.
#[must_use]
pub fn file_variable(secret: &Arg) -> Option<OsString> {
    let mut name = secret.get_env()?.to_owned();
    name.push("_FILE");
    Some(name)
}

/// Says in the help of each secret that a file may hold it.
fn documented(command: Command) -> Command {
    command
        .mut_args(|argument| match file_variable(&argument) {
            Some(file) if is_secret(&argument) => {
                let help = argument.get_help().map(ToString::to_string);
                let file = file.to_string_lossy();
                let help = format!("{} [or in a file: {file}]", help.unwrap_or_default());
                argument.help(help)
            }
            _ => argument,
        })
        .mut_subcommands(documented)
}

/// Puts the secrets that are in files among the arguments, behind the command that they belong to.
fn with_secrets(
    command: &Command,
    mut arguments: Vec<OsString>,
    environment: &impl Fn(&OsStr) -> Option<OsString>,
) -> Result<Vec<OsString>, Error> {
    let (mut command, mut at) = (command, 1);
    loop {
        for secret in command.get_arguments().filter(|it| is_secret(it)) {
            if let Some(given) = from_file(command, secret, environment)? {
                arguments.insert(at.min(arguments.len()), given);
                at += 1;
            }
        }
        let named = arguments
            .get(at)
            .and_then(|name| command.find_subcommand(name));
        match named {
            Some(subcommand) => (command, at) = (subcommand, at + 1),
            None => return Ok(arguments),
        }
    }
}

/// A secret as an argument, if it is in a file.
fn from_file(
    command: &Command,
    secret: &Arg,
    environment: &impl Fn(&OsStr) -> Option<OsString>,
) -> Result<Option<OsString>, Error> {
    let set = |name: &OsStr| environment(name).filter(|value| !value.is_empty());
    let (Some(name), Some(variable), Some(long)) =
        (secret.get_env(), file_variable(secret), secret.get_long())
    else {
        return Ok(None);
    };
    let Some(path) = set(&variable) else {
        return Ok(None);
    };
    let (name, variable) = (name.to_string_lossy(), variable.to_string_lossy());
    let refused = |why: String| Error::raw(ErrorKind::ValueValidation, why).with_cmd(command);
    if set(OsStr::new(name.as_ref())).is_some() {
        let why = format!("{name} and {variable} are both set: give the secret once\n");
        return Err(refused(why));
    }
    let text = read(Path::new(&path)).map_err(|error| {
        let path = Path::new(&path).display();
        refused(format!(
            "{variable} names {path}, which cannot be read: {error}\n"
        ))
    })?;
    Ok(Some(format!("--{long}={text}").into()))
}

/// The text of a secret's file, without the end of its line.
fn read(path: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    std::fs::File::open(path)?
        .take(LONGEST)
        .read_to_string(&mut text)?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(std::io::Error::other("it is empty"));
    }
    Ok(secret.to_owned())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use clap::{Args, CommandFactory as _, FromArgMatches as _, Subcommand};
    use secrecy::ExposeSecret as _;

    use super::*;

    #[derive(Debug, Parser)]
    struct Program {
        /// The key.
        #[arg(long, env = "SETTINGS_TEST_KEY", hide_env_values = true, global = true)]
        key: Option<SecretString>,
        #[command(flatten)]
        mail: Mail,
        #[command(subcommand)]
        command: Option<Verb>,
    }

    #[derive(Args, Debug)]
    struct Mail {
        /// The server.
        #[arg(long, env = "SETTINGS_TEST_MAIL", hide_env_values = true)]
        mail: SecretString,
    }

    #[derive(Debug, Subcommand)]
    enum Verb {
        Serve {
            /// The address.
            #[arg(long, env = "SETTINGS_TEST_ADDRESS", hide_env_values = true)]
            address: SecretString,
        },
    }

    fn parse(arguments: &[&str], variables: &[(&str, &str)]) -> Result<Program, Error> {
        let variables: BTreeMap<_, _> = variables
            .iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)))
            .collect();
        let arguments = arguments.iter().map(OsString::from).collect();
        let matches = matches(&Program::command(), arguments, |name| {
            variables.get(name).cloned()
        })?;
        Program::from_arg_matches(&matches)
    }

    fn file(text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        std::fs::write(&path, text).unwrap();
        let path = path.to_string_lossy().into_owned();
        (folder, path)
    }

    #[test]
    fn a_secret_is_read_from_its_file_wherever_its_setting_belongs() {
        let (_folder, path) = file("pass=word -- with a \"quote\"\n");
        let program = parse(
            &["program", "serve"],
            &[
                ("SETTINGS_TEST_KEY_FILE", &path),
                ("SETTINGS_TEST_MAIL_FILE", &path),
                ("SETTINGS_TEST_ADDRESS_FILE", &path),
            ],
        )
        .unwrap();
        let text = "pass=word -- with a \"quote\"";
        assert_eq!(program.key.unwrap().expose_secret(), text);
        assert_eq!(program.mail.mail.expose_secret(), text);
        let Some(Verb::Serve { address }) = program.command else {
            panic!("a command");
        };
        assert_eq!(address.expose_secret(), text);
    }

    #[test]
    fn a_secret_that_is_given_twice_or_cannot_be_read_is_refused_without_being_told() {
        let (_folder, path) = file("hunter2");
        let twice = [
            ("SETTINGS_TEST_KEY", "hunter2"),
            ("SETTINGS_TEST_KEY_FILE", &path),
        ];
        let (_other, empty) = file("\n");
        for (arguments, variables, why) in [
            (&["program"][..], &twice[..], "are both set"),
            (
                &["program", "--mail=x", "--key=hunter2"],
                &twice[1..],
                "multiple times",
            ),
            (
                &["program"],
                &[("SETTINGS_TEST_KEY_FILE", "/nowhere/at/all")],
                "/nowhere/at/all, which cannot be read",
            ),
            (
                &["program"],
                &[("SETTINGS_TEST_KEY_FILE", &empty)],
                "it is empty",
            ),
        ] {
            let error = parse(arguments, variables).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn empty_variables_are_not_set() {
        let variables = [("SETTINGS_TEST_KEY_FILE", ""), ("SETTINGS_TEST_KEY", "")];
        assert!(
            parse(&["program", "--mail=x"], &variables)
                .unwrap()
                .key
                .is_none()
        );
    }

    #[test]
    fn the_help_of_a_secret_names_its_file() {
        let help = documented(Program::command())
            .render_long_help()
            .to_string();
        assert!(help.contains("SETTINGS_TEST_KEY_FILE"), "{help}");
    }
}
