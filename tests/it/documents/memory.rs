//! Uploads pass through the API; they are never held by it.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use futures::future::try_join_all;
use tests::app::{Program, play};
use tests::files::TestFile;
use tests::people::{Candidate, Persona};

/// What 33 uploads of 10 MB at once may add to the API's memory.
const MOST_ADDED_KILOBYTES: u64 = 48 * 1024;
const PEOPLE: usize = 11;
/// How long a client goes on asking.
const PATIENCE: Duration = Duration::from_secs(60);
/// As many as an account may have on their way.
const UPLOADS_EACH: usize = 3;

/// The most memory that a program has ever had resident, in kilobytes.
fn peak(program: &Program) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", program.id()))?;
    status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.split_whitespace().next())
        .context("the peak is told")?
        .parse()
        .context("a number")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_large_uploads_at_once_take_little_memory() {
    play(async |app| {
        let mut people = Vec::new();
        for _ in 0..=PEOPLE {
            let mut person = Candidate::join(&app.place, Persona::new()).await?;
            // Programs built for tests are slow: some are asked to come again, as a client does.
            person.client = person.client.patient(PATIENCE);
            people.push(person);
        }
        let mut content = b"%PDF-1.7\n".to_vec();
        content.resize(10_000_000, b'%');
        let file = TestFile::new("long.pdf", "application/pdf", content);
        // The last one pays for what is set up once.
        people[PEOPLE].upload("cv", &file).await?.expect(202)?;
        let before = peak(&app.api)?;
        let uploads = (0..PEOPLE * UPLOADS_EACH).map(|number| {
            let person = &people[number % PEOPLE];
            let file = &file;
            async move { person.upload("diploma", file).await?.expect(202) }
        });
        let taken = try_join_all(uploads).await?;
        ensure!(taken.len() == PEOPLE * UPLOADS_EACH);
        let added = peak(&app.api)?.saturating_sub(before);
        ensure!(
            added < MOST_ADDED_KILOBYTES,
            "33 uploads of 10 MB took {added} kB"
        );
        Ok(())
    })
    .await;
}
