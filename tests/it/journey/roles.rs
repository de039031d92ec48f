//! What the API's own database role cannot do, whatever the API's code does.

use tests::database::TestDatabase;

#[tokio::test]
async fn the_api_role_can_write_no_status_and_no_audit() {
    let database = TestDatabase::create().await;
    let store = database.store();
    for statement in [
        "UPDATE candidate.profiles SET status = 'VALIDATED'",
        "UPDATE document.documents SET status = 'available'",
        "UPDATE admin.validations SET status = 'decided'",
        "INSERT INTO audit.audit_logs DEFAULT VALUES",
        "DELETE FROM audit.audit_logs",
        "UPDATE events.events SET type = 'x'",
    ] {
        let mut connection = store.connection().await.unwrap();
        let refused = sqlx::query(statement).execute(&mut *connection).await;
        let code = refused.err().and_then(|error| {
            error
                .as_database_error()?
                .code()
                .map(std::borrow::Cow::into_owned)
        });
        assert_eq!(code.as_deref(), Some("42501"), "{statement}");
    }
}
