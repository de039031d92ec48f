//! Plans and subscriptions as a company sees them.

use store::Context;
use store::subscriptions::{SetPlanError, plans, set_plan, standing};
use tests::database::TestDatabase;
use tests::search::company;
use uuid::Uuid;
use workflows::subscriptions::Quota;

#[tokio::test]
async fn the_plans_are_those_of_the_product() {
    let database = TestDatabase::create().await;
    let plans = plans(&database.store()).await.unwrap();
    let codes: Vec<&str> = plans.iter().map(|plan| plan.code.as_str()).collect();
    assert_eq!(codes, ["freemium", "pro", "enterprise"]);
    let price = |plan: usize, currency: &str, interval: &str| {
        plans[plan]
            .prices
            .iter()
            .find(|p| p.currency == currency && p.interval.as_str() == interval)
            .map(|p| p.amount)
    };
    assert_eq!(price(0, "EUR", "month"), Some(0));
    assert_eq!(price(1, "EUR", "month"), Some(4_900));
    assert_eq!(price(1, "XOF", "month"), Some(32_000));
    assert_eq!(price(2, "EUR", "year"), Some(199_000));
    assert_eq!(price(2, "XOF", "year"), Some(1_300_000));
    assert!(plans[2].documents_included && !plans[1].documents_included);
    for plan in &plans {
        for month in plan
            .prices
            .iter()
            .filter(|p| p.interval.as_str() == "month")
        {
            let year = plan
                .prices
                .iter()
                .find(|p| p.interval.as_str() == "year" && p.currency == month.currency);
            assert!(year.is_none_or(|year| year.amount == month.amount * 10));
        }
    }
}

#[tokio::test]
async fn a_plan_change_keeps_the_anchor() {
    let database = TestDatabase::create().await;
    let (owner, store, writer) = (database.owner().await, database.store(), database.writer());
    let company = company(&owner, "freemium", store.now()).await;
    let before = standing(&store, company).await.unwrap().unwrap();
    let limit = |standing: &store::subscriptions::Standing| {
        standing
            .quotas
            .iter()
            .map(|q| (q.quota, q.limit))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        limit(&before),
        [
            (Quota::Consultations, Some(10)),
            (Quota::Searches, Some(50)),
            (Quota::Seats, Some(1))
        ]
    );
    let context = Context::system(store.new_id(), None);
    set_plan(&writer, &context, company, "enterprise")
        .await
        .unwrap();
    set_plan(&writer, &context, company, "enterprise")
        .await
        .unwrap();
    let after = standing(&store, company).await.unwrap().unwrap();
    assert_eq!(after.quota_period, before.quota_period);
    assert!(after.documents_included && after.quotas.iter().all(|q| q.limit.is_none()));
    let changes: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM events.events WHERE type = 'subscription.changed'",
    )
    .fetch_one(&owner)
    .await
    .unwrap();
    assert_eq!(changes, 1);
}

#[tokio::test]
async fn what_does_not_exist_is_refused() {
    let database = TestDatabase::create().await;
    let (owner, store, writer) = (database.owner().await, database.store(), database.writer());
    let company = company(&owner, "freemium", store.now()).await;
    let context = Context::system(store.new_id(), None);
    let unknown = set_plan(&writer, &context, company, "gold").await;
    assert!(matches!(unknown, Err(SetPlanError::UnknownPlan)));
    let nobody = set_plan(&writer, &context, Uuid::from_u128(1), "pro").await;
    assert!(matches!(nobody, Err(SetPlanError::NoSubscription)));
    assert!(
        standing(&store, Uuid::from_u128(1))
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn the_api_role_cannot_change_a_subscription() {
    let database = TestDatabase::create().await;
    let (owner, store) = (database.owner().await, database.store());
    company(&owner, "freemium", store.now()).await;
    let mut connection = store.connection().await.unwrap();
    for statement in [
        "UPDATE subscription.subscriptions SET status = 'active'",
        "UPDATE subscription.subscriptions SET plan_code = 'enterprise'",
        "DELETE FROM subscription.quota_usage",
        "UPDATE subscription.quotas SET quota_limit = NULL",
        "UPDATE search.openings SET opened_by = company_id",
        "DELETE FROM search.profile_index",
    ] {
        let refused = sqlx::query(statement)
            .execute(&mut *connection)
            .await
            .unwrap_err();
        let code = refused
            .as_database_error()
            .and_then(|e| e.code())
            .map(|c| c.into_owned());
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}
