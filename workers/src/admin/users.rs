//! `yemma-admin users create`, `suspend` and `restore`

use std::io::Read;

use anyhow::{Context as _, anyhow, bail};
use clap::{Subcommand, ValueEnum};
use secrecy::{ExposeSecret, SecretString};
use store::identity::{self, NewStaff, StaffStanding, create_staff};
use store::secrets::Passwords;
use store::{Context, Store, Writer};
use workflows::identity::rules::{Role, normalise_email};

use super::say;

/// More than any password has.
const LONGEST_INPUT: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Create an account of the staff, or give an existing one the role; its password is read
    /// from standard input and set only when the account is created.
    Create {
        /// The address.
        #[arg(long)]
        email: String,
        /// What it may do.
        #[arg(long)]
        role: StaffRole,
        /// First name; by default the address's local part.
        #[arg(long)]
        first_name: Option<String>,
        /// Last name.
        #[arg(long, default_value = "Yemma")]
        last_name: String,
    },
    /// Suspend an account and end its sessions.
    Suspend {
        /// The address.
        #[arg(long)]
        email: String,
    },
    /// Lift an account's suspension.
    Restore {
        /// The address.
        #[arg(long)]
        email: String,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
#[value(rename_all = "snake_case")]
pub(super) enum StaffRole {
    /// Reviews profiles.
    Admin,
    /// Runs the platform.
    SuperAdmin,
}

impl Command {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        match self {
            Self::Create {
                email,
                role,
                first_name,
                last_name,
            } => create(store, &email, role, first_name, last_name).await,
            Self::Suspend { email } => suspend(store, &email, true).await,
            Self::Restore { email } => suspend(store, &email, false).await,
        }
    }
}

fn one_spelling(email: &str) -> anyhow::Result<String> {
    normalise_email(email).map_err(|_| anyhow!("{email:?} is no email address"))
}

async fn create(
    store: &Store,
    email: &str,
    role: StaffRole,
    first_name: Option<String>,
    last_name: String,
) -> anyhow::Result<()> {
    let email = one_spelling(email)?;
    let local_part = email.split('@').next().unwrap_or_default().to_owned();
    let first_name = first_name.unwrap_or(local_part);
    let password = read_password()?;
    let passwords = Passwords::new(1)?;
    let own = [email.as_str(), &first_name, &last_name];
    if let Some(problem) = passwords.judge(&password, &own).await? {
        bail!("the password is refused: {}", problem.message_en());
    }
    let password = passwords.hash(&password).await?;
    let staff = NewStaff {
        email,
        password,
        first_name,
        last_name,
        role: role.known(),
    };
    let context = Context::system(store.new_id(), None);
    let standing = create_staff(store, &context, &staff)
        .await
        .context("no account was created")?;
    let said = match standing {
        StaffStanding::Created => "created",
        StaffStanding::Granted => "has the role now, its password is unchanged",
        StaffStanding::Unchanged => "was there already, nothing changed",
    };
    say(format_args!("{} ({}): {said}", staff.email, staff.role))
}

/// Suspends an account, or lifts its suspension.
async fn suspend(store: &Store, email: &str, suspended: bool) -> anyhow::Result<()> {
    let email = one_spelling(email)?;
    let known = identity::credentials(store, &email).await?;
    let user_id = known
        .with_context(|| format!("{email} has no account"))?
        .person
        .id;
    let (writer, context) = (
        Writer::new(store.clone()),
        Context::system(store.new_id(), None),
    );
    let (changed, said) = if suspended {
        let changed = identity::suspend(&writer, &context, user_id).await?;
        (changed, "suspended, every session is over")
    } else {
        let changed = identity::lift_suspension(&writer, &context, user_id).await?;
        (changed, "may log in again")
    };
    let said = if changed {
        said
    } else {
        "was so already, nothing changed"
    };
    say(format_args!("{email}: {said}"))
}

impl StaffRole {
    fn known(self) -> Role {
        match self {
            Self::Admin => Role::Admin,
            Self::SuperAdmin => Role::SuperAdmin,
        }
    }
}

/// Standard input without the end of its line.
fn read_password() -> anyhow::Result<SecretString> {
    let mut text = String::new();
    std::io::stdin()
        .lock()
        .take(LONGEST_INPUT)
        .read_to_string(&mut text)?;
    let password = SecretString::from(text.trim_end_matches(['\r', '\n']).to_owned());
    if password.expose_secret().is_empty() {
        bail!("give the password on standard input");
    }
    Ok(password)
}
