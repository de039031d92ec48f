//! How the queue, a case and the archive are shown.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::Serialize;
use store::validation::{
    CaseDocument, CaseSummary, Correction, HistoryEntry, Interview, RejectedProfile,
    SavedAssessment, WholeCase,
};
use utoipa::ToSchema;
use uuid::Uuid;
use workflows::validation::rules::{Evaluation, Grid, Rating, Score, SlaTargets, evaluate, sla};
use workflows::validation::workflow_id;

use crate::candidates::view::ProfileView;
use crate::state::AppState;

/// The targets of the configuration.
pub(super) fn targets(state: &AppState) -> SlaTargets {
    SlaTargets {
        warning_seconds: state.config.validation.escalation_warning,
        breached_seconds: state.config.validation.escalation_breach,
    }
}

/// A case as the queue shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "QueuedCase", example = json!({
    "id": "0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11", "profile_id": "0199a0b4-9f5e-7cc3-b1f2-3f8f0c5a7e11",
    "profile_title": "Comptable", "status": "queued", "outcome": null,
    "submitted_at": "2026-11-24T08:00:00Z", "age_hours": 3.5, "sla": "ok", "claimed_by": null,
    "claimed_by_name": null, "documents": {"total": 2, "pending": 2},
    "workflow_id": "validation-0199a0b4-9f5e-5cc3-b1f2-3f8f0c5a7e11"
}))]
pub struct QueuedCaseView {
    /// The case.
    id: Uuid,
    /// The profile.
    profile_id: Uuid,
    /// The profile's title.
    profile_title: Option<String>,
    /// `queued`, `claimed`, `awaiting_candidate`, `interview` or `decided`.
    status: &'static str,
    /// How it was closed: `validated`, `rejected`, `lapsed`, `withdrawn` or `erased`.
    outcome: Option<&'static str>,
    /// When it was first submitted.
    submitted_at: DateTime<Utc>,
    /// Hours since then, without the time spent awaiting the candidate.
    age_hours: f64,
    /// `ok`, `warning` or `breached`.
    sla: &'static str,
    /// Who holds it.
    claimed_by: Option<Uuid>,
    /// That reviewer's name.
    claimed_by_name: Option<String>,
    /// The documents that count, and those not reviewed yet.
    documents: DocumentCounts,
    /// The process that leads it.
    workflow_id: String,
}

/// How many documents count.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"total": 2, "pending": 1}))]
pub struct DocumentCounts {
    /// All of them.
    total: i64,
    /// Those not reviewed yet.
    pending: i64,
}

impl QueuedCaseView {
    /// A case against those targets.
    pub(super) fn new(case: CaseSummary, targets: SlaTargets) -> Self {
        Self {
            sla: sla(case.age, targets).as_str(),
            age_hours: hours(case.age),
            workflow_id: workflow_id(case.id),
            id: case.id,
            profile_id: case.profile_id,
            profile_title: case.profile_title,
            status: case.status.as_str(),
            outcome: case.outcome.map(|outcome| outcome.as_str()),
            submitted_at: case.submitted_at,
            claimed_by: case.claimed_by,
            claimed_by_name: case.claimed_by_name,
            documents: DocumentCounts {
                total: case.documents,
                pending: case.documents_pending,
            },
        }
    }
}

/// Hours with two decimals.
fn hours(age: TimeDelta) -> f64 {
    let hundredths = i32::try_from(age.num_seconds() / 36).unwrap_or(i32::MAX);
    f64::from(hundredths) / 100.0
}

/// The whole case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "ValidationCase")]
pub struct CaseView {
    /// As the queue shows it.
    #[serde(flatten)]
    case: CaseHead,
    /// What the candidate wrote.
    profile: ProfileView,
    /// The documents of the profile.
    documents: Vec<CaseDocumentView>,
    /// The counts of the queue.
    document_counts: DocumentCounts,
    /// The interviews, oldest first.
    interviews: Vec<InterviewView>,
    /// The grid, as far as it is filled.
    assessment: Option<AssessmentView>,
    /// The version of the grid that the case began with.
    grid_version: i32,
    /// The last correction request.
    correction: Option<CorrectionView>,
    /// Why it was decided so.
    reason: Option<String>,
    /// Who decided.
    decided_by: Option<Uuid>,
    /// When.
    decided_at: Option<DateTime<Utc>>,
    /// What happened, oldest first.
    history: Vec<HistoryView>,
}

/// The fields of the queue that a whole case shows under the same names.
#[derive(Debug, Serialize, ToSchema)]
pub struct CaseHead {
    /// The case.
    id: Uuid,
    /// The profile.
    profile_id: Uuid,
    /// The profile's title.
    profile_title: Option<String>,
    /// `queued`, `claimed`, `awaiting_candidate`, `interview` or `decided`.
    status: &'static str,
    /// How it was closed.
    outcome: Option<&'static str>,
    /// When it was first submitted.
    submitted_at: DateTime<Utc>,
    /// Hours since then, without the time spent awaiting the candidate.
    age_hours: f64,
    /// `ok`, `warning` or `breached`.
    sla: &'static str,
    /// Who holds it.
    claimed_by: Option<Uuid>,
    /// That reviewer's name.
    claimed_by_name: Option<String>,
    /// The process that leads it.
    workflow_id: String,
}

impl CaseView {
    /// The case as it stands today, with the grid that it began with.
    pub(super) fn new(
        whole: WholeCase,
        grid: &Grid,
        targets: SlaTargets,
        today: NaiveDate,
    ) -> Self {
        let head = QueuedCaseView::new(whole.summary, targets);
        Self {
            document_counts: head.documents,
            case: CaseHead {
                id: head.id,
                profile_id: head.profile_id,
                profile_title: head.profile_title,
                status: head.status,
                outcome: head.outcome,
                submitted_at: head.submitted_at,
                age_hours: head.age_hours,
                sla: head.sla,
                claimed_by: head.claimed_by,
                claimed_by_name: head.claimed_by_name,
                workflow_id: head.workflow_id,
            },
            profile: ProfileView::new(whole.profile, today),
            documents: whole.documents.into_iter().map(Into::into).collect(),
            interviews: whole.interviews.into_iter().map(Into::into).collect(),
            assessment: whole
                .assessment
                .map(|saved| AssessmentView::new(grid, saved)),
            grid_version: whole.grid_version,
            correction: whole.correction.map(Into::into),
            reason: whole.reason,
            decided_by: whole.decided_by,
            decided_at: whole.decided_at,
            history: whole.history.into_iter().map(Into::into).collect(),
        }
    }
}

/// A document of the case.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CaseDocument")]
pub struct CaseDocumentView {
    /// The document.
    id: Uuid,
    /// What it is.
    kind: String,
    /// `scanning`, `available`, `infected`, `rejected` or `archived`.
    status: String,
    /// Its cleaned name.
    file_name: String,
    /// Bytes.
    size: i64,
    /// Pages, once available.
    page_count: Option<i32>,
    /// The experience, education or certification it proves.
    belongs_to: Option<Uuid>,
    /// Whether it counts for the decision.
    counts: bool,
    /// What a reviewer said of it.
    review: Option<CaseReviewView>,
}

/// What a reviewer said of a document.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CaseDocumentReview")]
pub struct CaseReviewView {
    /// `accepted`, `refused` or `replacement_requested`.
    outcome: &'static str,
    /// Why.
    reason: Option<String>,
    /// Who.
    reviewed_by: Option<Uuid>,
    /// When.
    reviewed_at: Option<DateTime<Utc>>,
}

impl From<CaseDocument> for CaseDocumentView {
    fn from(document: CaseDocument) -> Self {
        Self {
            id: document.id,
            kind: document.kind,
            status: document.status,
            file_name: document.file_name,
            size: document.size,
            page_count: document.page_count,
            belongs_to: document.belongs_to,
            counts: document.counts,
            review: document.review.map(|review| CaseReviewView {
                outcome: review.outcome.as_str(),
                reason: review.reason,
                reviewed_by: review.reviewed_by,
                reviewed_at: review.reviewed_at,
            }),
        }
    }
}

/// An interview.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Interview")]
pub struct InterviewView {
    /// The interview.
    id: Uuid,
    /// `scheduled`, `cancelled`, `done` or `no_show`.
    status: &'static str,
    /// When it begins.
    starts_at: DateTime<Utc>,
    /// How long it lasts.
    duration_minutes: i32,
    /// `video`, `phone` or `on_site`.
    mode: &'static str,
    /// A link, a number or an address.
    place: String,
    /// What came of it.
    report: Option<String>,
    /// When that was written.
    completed_at: Option<DateTime<Utc>>,
}

impl From<Interview> for InterviewView {
    fn from(interview: Interview) -> Self {
        Self {
            id: interview.id,
            status: interview.status.as_str(),
            starts_at: interview.starts_at,
            duration_minutes: interview.duration_minutes,
            mode: interview.mode.as_str(),
            place: interview.place,
            report: interview.report,
            completed_at: interview.completed_at,
        }
    }
}

/// The grid as it is filled.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "Assessment")]
pub struct AssessmentView {
    /// Ratings and comments, each `{criterion, rating, comment}`.
    #[schema(value_type = Vec<Object>)]
    ratings: Vec<Rating>,
    /// Behavioural tags.
    tags: Vec<String>,
    /// The summary.
    summary: Option<String>,
    /// Whether it suffices for a decision.
    complete: bool,
    /// JSON pointers: `/ratings/{criterion}` and `/summary`.
    missing: Vec<String>,
    /// Out of 100; `null` until every criterion is rated.
    score_100: Option<f64>,
    /// Out of 5; `null` until every criterion is rated.
    score_5: Option<f64>,
    /// Who saved it.
    saved_by: Uuid,
    /// When.
    saved_at: DateTime<Utc>,
}

impl AssessmentView {
    fn new(grid: &Grid, saved: SavedAssessment) -> Self {
        let evaluation = evaluate(grid, &saved.assessment);
        Self {
            ratings: saved.assessment.ratings,
            tags: saved.assessment.tags,
            summary: saved.assessment.summary,
            complete: evaluation.complete,
            missing: evaluation.missing,
            score_100: saved.score_100.map(Score::as_f64),
            score_5: saved.score_5.map(Score::as_f64),
            saved_by: saved.saved_by,
            saved_at: saved.saved_at,
        }
    }
}

/// How far an assessment has come.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "AssessmentProgress", example = json!({
    "complete": false, "missing": ["/ratings/tools", "/summary"], "score_100": null, "score_5": null
}))]
pub struct EvaluationView {
    /// Whether it suffices for a decision.
    complete: bool,
    /// JSON pointers: `/ratings/{criterion}` and `/summary`.
    missing: Vec<String>,
    /// Out of 100; `null` until every criterion is rated.
    score_100: Option<f64>,
    /// Out of 5; `null` until every criterion is rated.
    score_5: Option<f64>,
}

impl From<Evaluation> for EvaluationView {
    fn from(evaluation: Evaluation) -> Self {
        Self {
            complete: evaluation.complete,
            missing: evaluation.missing,
            score_100: evaluation.score_100.map(Score::as_f64),
            score_5: evaluation.score_5.map(Score::as_f64),
        }
    }
}

/// A correction request.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CorrectionRequest")]
pub struct CorrectionView {
    /// What the candidate was asked.
    message: String,
    /// The steps that are open; none once it was answered.
    steps: Vec<String>,
    /// When.
    requested_at: DateTime<Utc>,
    /// When the answer is due; absent once it came.
    deadline: Option<DateTime<Utc>>,
}

impl From<Correction> for CorrectionView {
    fn from(correction: Correction) -> Self {
        Self {
            message: correction.message,
            steps: correction.steps,
            requested_at: correction.requested_at,
            deadline: correction.deadline,
        }
    }
}

/// One thing that happened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "CaseHistoryEntry")]
pub struct HistoryView {
    /// The event.
    id: Uuid,
    /// Its type, such as `case.claimed`.
    event: String,
    /// When.
    at: DateTime<Utc>,
    /// Who.
    actor_id: Option<Uuid>,
    /// `person`, `service`, `system` or `anonymous`.
    actor_kind: String,
    /// Ids, codes and times.
    #[schema(value_type = Object)]
    details: serde_json::Value,
}

impl From<HistoryEntry> for HistoryView {
    fn from(entry: HistoryEntry) -> Self {
        Self {
            id: entry.id,
            event: entry.event,
            at: entry.at,
            actor_id: entry.actor_id,
            actor_kind: entry.actor_kind,
            details: entry.details,
        }
    }
}

/// A profile in the rejected archive.
#[derive(Debug, Serialize, ToSchema)]
#[schema(title = "RejectedProfile")]
pub struct RejectedProfileView {
    /// The profile.
    profile_id: Uuid,
    /// The profile's title.
    profile_title: Option<String>,
    /// The case that rejected it.
    validation_id: Uuid,
    /// Why.
    reason: String,
    /// Who decided.
    rejected_by: Uuid,
    /// When.
    rejected_at: DateTime<Utc>,
    /// When the candidate may come back.
    resubmission_open_at: DateTime<Utc>,
}

impl From<RejectedProfile> for RejectedProfileView {
    fn from(rejected: RejectedProfile) -> Self {
        Self {
            profile_id: rejected.profile_id,
            profile_title: rejected.profile_title,
            validation_id: rejected.validation_id,
            reason: rejected.reason,
            rejected_by: rejected.rejected_by,
            rejected_at: rejected.rejected_at,
            resubmission_open_at: rejected.resubmission_open_at,
        }
    }
}
