//! The task queue `notifications`.

use activities::notifications::NotificationActivities;
use anyhow::Context as _;
use temporalio_sdk::WorkerOptions;
use workflows::notifications::NotificationDelivery;

use crate::house::House;

pub(super) fn register(options: &mut WorkerOptions, house: &House) -> anyhow::Result<()> {
    let mailer = house.mailer.clone();
    let mailer = mailer.context("notifications need SMTP_URL and SMTP_FROM")?;
    let writer = house.writer.clone();
    let keys = house.keys.clone();
    options
        .register_workflow::<NotificationDelivery>()?
        .register_activities(NotificationActivities::new(
            writer,
            mailer,
            keys,
            &house.public_url,
            house.zone,
        ));
    Ok(())
}
