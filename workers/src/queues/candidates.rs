//! The task queue `candidates`.

use activities::candidates::CandidateActivities;
use temporalio_sdk::WorkerOptions;
use workflows::candidates::CandidateOnboarding;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, house: &House) -> anyhow::Result<()> {
    options
        .register_workflow::<CandidateOnboarding>()?
        .register_activities(CandidateActivities::new(house.writer.clone()));
    Ok(())
}
