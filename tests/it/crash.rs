//! It survives: journeys go on while the servers under them are killed.

use std::time::Duration;

/// Plays `YEMMA_CRASH_JOURNEYS` journeys (10) under `YEMMA_CRASH_SEED` (drawn).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn journeys_survive_the_death_of_every_server() {
    let count = number("YEMMA_CRASH_JOURNEYS").unwrap_or(10);
    let seed = number("YEMMA_CRASH_SEED")
        .unwrap_or_else(|| u64::from_be_bytes(store::clock::random_bytes()));
    println!("YEMMA_CRASH_SEED={seed} YEMMA_CRASH_JOURNEYS={count}");
    let limit = Duration::from_secs(180 + 20 * count);
    let play = tests::crash::survive(seed, usize::try_from(count).unwrap());
    tokio::time::timeout(limit, play)
        .await
        .unwrap_or_else(|_| panic!("not done within {limit:?} (YEMMA_CRASH_SEED={seed})"))
        .unwrap_or_else(|error| panic!("YEMMA_CRASH_SEED={seed}: {error:#}"));
}

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}
