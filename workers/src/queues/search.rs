//! The task queue `search`.

use std::sync::Arc;

use activities::search::SearchActivities;
use temporalio_sdk::WorkerOptions;
use workflows::search::SearchIndexing;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, house: &House) -> anyhow::Result<()> {
    let search = SearchActivities::new(house.writer.clone(), Arc::clone(&house.index));
    options
        .register_workflow::<SearchIndexing>()?
        .register_activities(search);
    Ok(())
}
