//! The task queue `documents`.

use activities::documents::DocumentActivities;
use activities::documents::inspection::Inspector;
use anyhow::Context as _;
use temporalio_sdk::WorkerOptions;
use workflows::documents::DocumentIngestion;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, house: &House) -> anyhow::Result<()> {
    let vault = house.vault.clone();
    let vault = vault.context("documents need S3_* and DOCUMENT_MASTER_KEYS")?;
    let scanner = house.scanner.clone();
    let scanner = scanner.context("documents need CLAMAV_ADDRESS")?;
    let inspector = Inspector::of_this_program()?;
    let documents = DocumentActivities::new(house.writer.clone(), vault, scanner, inspector);
    options
        .register_workflow::<DocumentIngestion>()?
        .register_activities(documents);
    Ok(())
}
