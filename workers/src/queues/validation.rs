//! The task queue `validation`.

use activities::validation::ValidationActivities;
use temporalio_sdk::WorkerOptions;
use workflows::validation::ProfileValidation;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, house: &House) -> anyhow::Result<()> {
    options
        .register_workflow::<ProfileValidation>()?
        .register_activities(ValidationActivities::new(house.writer.clone()));
    Ok(())
}
