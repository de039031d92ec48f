//! The journey of `make demo`: played over HTTP on a running Yemma, told as it happens.

mod acts;
mod show;
mod stage;

use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;

pub use show::Show;
use stage::Stage;

use crate::environment::required;
use crate::people::{Company, Place, Reviewer};

/// Plays everything; the first thing that is not as promised ends it.
pub async fn play() -> anyhow::Result<()> {
    let mut stage = Stage::set().await?;
    let candidate = acts::onboarding(&mut stage).await?;
    let case = acts::submission(&mut stage, &candidate).await?;
    acts::correction(&mut stage, &candidate, &case).await?;
    acts::decision(&mut stage, &candidate, &case).await?;
    acts::company(&mut stage, &candidate).await?;
    acts::rejection(&mut stage).await?;
    stage.summary();
    Ok(())
}

impl Stage {
    async fn set() -> anyhow::Result<Self> {
        let api = required("YEMMA_API_URL");
        let place = Place {
            deadline: Duration::from_secs(60),
            ..Place::new(&api, &required("YEMMA_MAIL_URL"))
        };
        let reviewer = Reviewer::log_in(
            &place,
            &required("DEMO_ADMIN_EMAIL"),
            &required("DEMO_ADMIN_PASSWORD"),
        )
        .await
        .context("the demo's reviewer logs in")?;
        let company = Company::log_in(
            &place,
            &required("DEMO_COMPANY_EMAIL"),
            &required("DEMO_COMPANY_PASSWORD"),
        )
        .await
        .context("the demo's company logs in")?;
        let ready = place.api.get("/readyz").await?.expect(200)?;
        let mut show = Show::new();
        show.step(
            "Yemma is up",
            &format!("every dependency answers: {}", ready["status"]),
        );
        show.look("API docs", &format!("{api}/docs"));
        Ok(Self {
            place,
            reviewer,
            company,
            show,
            temporal: format!(
                "{}/namespaces/{}/workflows",
                required("YEMMA_TEMPORAL_UI_URL"),
                required("YEMMA_TEMPORAL_NAMESPACE")
            ),
            mail: required("YEMMA_MAIL_URL"),
            case: json!(null),
            workflows: Vec::new(),
        })
    }
}
