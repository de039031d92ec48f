//! The crash test: journeys in play while the servers under them are killed.

mod chaos;
mod checks;
mod journeys;
mod stack;

use std::time::Duration;

use anyhow::Context as _;
use futures::future::join_all;

pub use chaos::Dice;
pub use stack::Stack;

use crate::http::journal::Journal;
use crate::people::{Company, Place, Reviewer};

/// How long a client goes on asking.
const PATIENCE: Duration = Duration::from_secs(120);
/// The password of the administrators.
const STAFF_PASSWORD: &str = "Fromager-immense-au-bord-du-fleuve-41";

/// The people and the journal of a run.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) place: Place,
    pub(crate) journal: Journal,
    pub(crate) reviewer: Reviewer,
    pub(crate) company: Company,
}

/// Plays so many journeys under a seed and checks what is left.
pub async fn survive(seed: u64, count: usize) -> anyhow::Result<()> {
    let stack = Stack::fresh().await?;
    let outcome = play(&stack, seed, count).await;
    stack.stop().await?;
    outcome
}

async fn play(stack: &Stack, seed: u64, count: usize) -> anyhow::Result<()> {
    let run = prepare(stack).await?;
    let quiet = tokio::sync::Notify::new();
    let players = async {
        let plays = (0..count).map(|number| journeys::play(&run, number));
        let outcomes = join_all(plays).await;
        quiet.notify_waiters();
        quiet.notify_one();
        outcomes
    };
    let (outcomes, killed) = tokio::join!(players, chaos::reign(stack, Dice::new(seed), &quiet));
    let killed = killed.context("killing and bringing back")?;
    for (number, outcome) in outcomes.into_iter().enumerate() {
        outcome.with_context(|| format!("journey {number} (killed so far: {killed:?})"))?;
    }
    stack.up().await?;
    checks::everything(stack, &run, killed.len()).await
}

async fn prepare(stack: &Stack) -> anyhow::Result<Run> {
    let journal = Journal::default();
    let place = Place::new(stack.value("YEMMA_API_URL"), stack.value("YEMMA_MAIL_URL"));
    let mut place = place.patient(PATIENCE);
    let email = "reviewer@crash.yemma.test";
    let arguments = ["users", "create", "--email", email, "--role", "admin"];
    crate::app::run_program("yemma-admin", &arguments, &stack.values(), STAFF_PASSWORD).await?;
    place.api = place.api.noting("reviewer", &journal);
    let reviewer = Reviewer::log_in(&place, email, STAFF_PASSWORD).await?;
    place.api = place.api.noting("company", &journal);
    let company = Company::join(&place, "Durable").await?;
    let arguments = [
        "companies",
        "set-plan",
        "--email",
        &company.email,
        "--plan",
        "enterprise",
    ];
    crate::app::run_program("yemma-admin", &arguments, &stack.values(), "").await?;
    Ok(Run {
        place,
        journal,
        reviewer,
        company,
    })
}
