//! `yemma-admin companies set-plan`

use anyhow::Context as _;
use clap::Subcommand;
use store::subscriptions::{company_of, set_plan};
use store::{Context, Store, Writer};
use workflows::identity::rules::normalise_email;

use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Put the company of a person on a plan, from now on.
    SetPlan {
        /// The address of one of its people.
        #[arg(long)]
        email: String,
        /// The plan's code: freemium, pro, enterprise.
        #[arg(long)]
        plan: String,
    },
}

impl Command {
    pub(super) async fn run(self, store: &Store) -> anyhow::Result<()> {
        let Self::SetPlan { email, plan } = self;
        let address = normalise_email(&email).unwrap_or_else(|_| email.clone());
        let company = company_of(store, &address).await?;
        let company = company.with_context(|| format!("{email} belongs to no company"))?;
        let context = Context::system(store.new_id(), None);
        set_plan(&Writer::new(store.clone()), &context, company, &plan).await?;
        say(format_args!("the company of {email} is on the plan {plan}"))
    }
}
