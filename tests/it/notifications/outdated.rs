//! A mail whose cause no longer holds when it is sent is not sent.

use chrono::Duration;
use serde_json::{Value, json};
use store::notifications::{self, NewNotification};
use store::validation::{self, CommandTexts};
use uuid::Uuid;
use workflows::candidates::profile::StepName;
use workflows::events::EventType;
use workflows::notifications::{Template, notification_id};
use workflows::validation::{
    ChangeInterview, Claim, CompleteInterview, InterviewChange, InterviewMode, InterviewOutcome,
    RequestCorrection, Resubmit, ScheduleInterview,
};

use crate::events::support::write;
use crate::validation::stage::Stage;

/// Every text at once: each command takes the one it needs.
fn texts() -> CommandTexts {
    CommandTexts {
        message: Some("Merci de corriger.".to_owned()),
        place: Some("https://meet".to_owned()),
        report: Some("Très bien.".to_owned()),
        ..CommandTexts::default()
    }
}

async fn claimed() -> Stage {
    let stage = Stage::submitted().await;
    stage.open().await;
    let order = stage.order(stage.reviewer, texts(), Claim {}).await;
    let done = validation::claim(&stage.writer, &order).await.unwrap();
    done.unwrap();
    stage
}

/// Whether a mail about these ids, written now, would mislead.
async fn is_outdated(stage: &Stage, template: Template, params: Value) -> bool {
    let cause = EventType::ReminderDue;
    let event_id = write(&stage.writer, cause, "case", stage.id(), params.clone()).await;
    let id = notification_id(event_id, template, stage.candidate);
    let new = NewNotification {
        id,
        user_id: stage.candidate,
        event_id,
        template,
        params,
    };
    notifications::insert(&stage.writer, &[new]).await.unwrap();
    let letter = notifications::letter(&stage.writer, id).await.unwrap();
    letter.unwrap().facts.is_obsolete
}

#[tokio::test]
async fn an_onboarding_is_reminded_of_only_while_the_profile_is_a_draft() {
    let stage = Stage::submitted().await;
    let params = || json!({"profile_id": stage.profile_id, "user_id": stage.candidate});
    assert!(is_outdated(&stage, Template::ReminderOnboarding, params()).await);
    sqlx::query("UPDATE candidate.profiles SET status = 'DRAFT'")
        .execute(&stage.owner)
        .await
        .unwrap();
    assert!(!is_outdated(&stage, Template::ReminderOnboarding, params()).await);
}

async fn ask_for_corrections(stage: &Stage) -> Value {
    let body = RequestCorrection {
        steps: vec![StepName::Skills],
    };
    let order = stage.order(stage.reviewer, texts(), body).await;
    let asked = validation::request_correction(&stage.writer, &order)
        .await
        .unwrap()
        .unwrap();
    json!({
        "validation_id": stage.validation_id,
        "deadline": asked.case.correction_deadline,
    })
}

#[tokio::test]
async fn corrections_are_asked_for_only_while_they_are_awaited() {
    let stage = claimed().await;
    let told = [Template::CorrectionRequested, Template::ReminderCorrection];
    let first = ask_for_corrections(&stage).await;
    for template in told {
        assert!(!is_outdated(&stage, template, first.clone()).await);
    }
    let body = Resubmit {
        profile_id: stage.profile_id,
    };
    let order = stage.order(stage.candidate, texts(), body).await;
    let answered = validation::resubmit(&stage.writer, &order).await.unwrap();
    answered.unwrap();
    for template in told {
        assert!(is_outdated(&stage, template, first.clone()).await);
    }
    let second = ask_for_corrections(&stage).await;
    for template in told {
        assert!(is_outdated(&stage, template, first.clone()).await);
        assert!(!is_outdated(&stage, template, second.clone()).await);
    }
}

/// An event may name a case and one of its interviews: either can make a mail pointless.
#[tokio::test]
async fn what_is_outdated_for_one_reason_stays_so_for_another() {
    let stage = claimed().await;
    let interview_id = schedule(&stage).await;
    let mut asked = ask_for_corrections(&stage).await;
    asked["interview_id"] = json!(interview_id);
    let told = Template::CorrectionRequested;
    assert!(!is_outdated(&stage, told, asked.clone()).await);
    let body = Resubmit {
        profile_id: stage.profile_id,
    };
    let order = stage.order(stage.candidate, texts(), body).await;
    let answered = validation::resubmit(&stage.writer, &order).await.unwrap();
    answered.unwrap();
    assert!(is_outdated(&stage, told, asked).await);
}

async fn schedule(stage: &Stage) -> Uuid {
    let interview_id = stage.id();
    let body = ScheduleInterview {
        interview_id,
        starts_at: stage.store.now() + Duration::hours(1),
        duration_minutes: 30,
        mode: InterviewMode::Video,
    };
    let order = stage.order(stage.reviewer, texts(), body).await;
    let scheduled = validation::schedule_interview(&stage.writer, &order)
        .await
        .unwrap();
    scheduled.unwrap();
    interview_id
}

/// What a reminder of the interview as it stands now says.
async fn reminder_of(stage: &Stage, interview_id: Uuid) -> Value {
    let interview = validation::interview(&stage.store, interview_id)
        .await
        .unwrap()
        .unwrap();
    json!({
        "validation_id": stage.validation_id,
        "interview_id": interview_id,
        "starts_at": interview.starts_at,
    })
}

#[tokio::test]
async fn an_interview_is_reminded_of_only_while_it_is_to_come_at_that_time() {
    let stage = claimed().await;
    let interview_id = schedule(&stage).await;
    let told = [
        Template::ReminderInterview,
        Template::ReminderInterviewReviewer,
    ];
    let first = reminder_of(&stage, interview_id).await;
    for template in told {
        assert!(!is_outdated(&stage, template, first.clone()).await);
    }
    let body = ChangeInterview {
        interview_id,
        change: InterviewChange::Rescheduled {
            starts_at: Some(stage.store.now() + Duration::hours(3)),
            duration_minutes: None,
            mode: None,
        },
    };
    let order = stage.order(stage.reviewer, texts(), body).await;
    let moved = validation::change_interview(&stage.writer, &order)
        .await
        .unwrap();
    moved.unwrap();
    let second = reminder_of(&stage, interview_id).await;
    for template in told {
        assert!(is_outdated(&stage, template, first.clone()).await);
        assert!(!is_outdated(&stage, template, second.clone()).await);
    }
    let body = CompleteInterview {
        interview_id,
        outcome: InterviewOutcome::Done,
    };
    let mut order = stage.order(stage.reviewer, texts(), body).await;
    order.at += Duration::hours(4);
    let done = validation::complete_interview(&stage.writer, &order)
        .await
        .unwrap();
    done.unwrap();
    for template in told {
        assert!(is_outdated(&stage, template, second.clone()).await);
    }
}
