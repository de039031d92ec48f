//! The task queue `validation`.

use temporalio_sdk::WorkerOptions;
use workflows::validation::ProfileValidation;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, _house: &House) -> anyhow::Result<()> {
    options.register_workflow::<ProfileValidation>()?;
    Ok(())
}
