//! One change of a case: its row is locked, the command is asked whether it was done before, the
//! rules are asked again, and the change, its events and the kept answer are one transaction.

use chrono::{DateTime, SubsecRound, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{PgConnection, Postgres, Transaction};
use uuid::Uuid;
use workflows::candidates::profile::{ProfileStatus, StepName};
use workflows::commands::{Command, Refusal};
use workflows::events::EventType;
use workflows::validation::{
    Case, CaseChanged, CaseCommand, CaseOutcome, CaseStatus, ScheduledInterview, ValidationTiming,
    Wanted,
};

use crate::commands;
use crate::context::Context;
use crate::database::Writer;
use crate::error::{StoreError, code};
use crate::events::{self, NewEvent};
use crate::idempotency;

/// The free texts of a command on a case, as they wait in `admin.command_inputs`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandTexts {
    /// Why a document or a profile is refused.
    pub reason: Option<String>,
    /// What the candidate is asked to correct.
    pub message: Option<String>,
    /// Where an interview takes place.
    pub place: Option<String>,
    /// What came of an interview.
    pub report: Option<String>,
}

/// What a command on a case comes to: its outcome, or the refusal.
pub type CommandOutcome = Result<Result<CaseChanged, Refusal>, StoreError>;

/// Why a command stops before it changes anything.
pub(super) enum Stop {
    /// The rules refuse it.
    Refused(Refusal),
    /// It was done before; this is how things stand.
    Done(CaseChanged),
    /// The store failed.
    Failed(StoreError),
}

impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<sqlx::Error> for Stop {
    fn from(error: sqlx::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// The outcome as the activities see it.
pub(super) fn outcome(result: Result<CaseChanged, Stop>) -> CommandOutcome {
    match result {
        Ok(changed) | Err(Stop::Done(changed)) => Ok(Ok(changed)),
        Err(Stop::Refused(refusal)) => Ok(Err(refusal)),
        Err(Stop::Failed(error)) => Err(error),
    }
}

/// A case's row, locked or about to be written.
#[derive(Clone, Debug)]
pub(super) struct CaseRow {
    pub id: Uuid,
    pub profile_id: Uuid,
    pub user_id: Uuid,
    pub grid_version: i32,
    pub claimed_at: Option<DateTime<Utc>>,
    pub correction_steps: Option<Vec<String>>,
    pub correction_message: Option<String>,
    pub correction_requested_at: Option<DateTime<Utc>>,
    pub reason: Option<String>,
    pub decided_by: Option<Uuid>,
    pub decided_at: Option<DateTime<Utc>>,
    pub resubmission_open_at: Option<DateTime<Utc>>,
    pub case: Case,
    pub profile_status: ProfileStatus,
}

impl CaseRow {
    /// The ids that every event of a case carries.
    pub fn payload(&self, more: &Value) -> Value {
        let mut payload = json!({
            "validation_id": self.id,
            "profile_id": self.profile_id,
            "user_id": self.user_id,
        });
        if let (Some(payload), Some(more)) = (payload.as_object_mut(), more.as_object()) {
            payload.extend(more.clone());
        }
        payload
    }

    /// An event about the case itself.
    pub fn event(&self, event_type: EventType, more: &Value) -> NewEvent {
        NewEvent::new(event_type, "case", self.id, self.payload(more))
    }

    /// Takes note of a reviewer's action, which renews the claim.
    pub fn touch(&mut self, at: DateTime<Utc>) {
        self.case.last_action_at = self.case.last_action_at.max(Some(at));
    }

    /// Puts the status where the facts are.
    pub fn settle_status(&mut self) {
        self.case.status = self.case.derived_status();
    }

    /// Ends the waiting for the candidate, if there is any: the time counts no more.
    pub fn stop_waiting(&mut self, at: DateTime<Utc>) {
        if let Some(since) = self.case.waiting_since.take() {
            let waited = u64::try_from((at - since).num_seconds()).unwrap_or(0);
            self.case.waited_seconds += waited;
        }
        self.case.correction_deadline = None;
        self.correction_steps = None;
    }

    /// Closes the case.
    pub fn close(&mut self, outcome: CaseOutcome, at: DateTime<Utc>) {
        self.stop_waiting(at);
        self.case.outcome = Some(outcome);
        self.decided_at = Some(at);
    }

    /// The case after a commit, for the process.
    pub fn changed(self) -> CaseChanged {
        CaseChanged {
            case: self.case,
            profile_status: self.profile_status,
        }
    }
}

/// Locks a case until the transaction ends.
pub(super) async fn lock(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Option<CaseRow>, StoreError> {
    sqlx::query!(
        "SELECT id FROM admin.validations WHERE id = $1 FOR UPDATE",
        validation_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    find(connection, validation_id).await
}

/// A case as it is now, or as it was locked.
pub(super) async fn find(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Option<CaseRow>, StoreError> {
    let row = sqlx::query!(
        r#"SELECT v.id, v.profile_id, v.user_id, v.status, v.submitted_at, v.grid_version,
                  v.claimed_by, v.claimed_at, v.last_action_at, v.waiting_since, v.waited_seconds,
                  v.correction_steps, v.correction_message, v.correction_requested_at,
                  v.correction_deadline, v.outcome, v.reason, v.decided_by, v.decided_at,
                  v.resubmission_open_at,
                  (SELECT p.status FROM candidate.profiles p WHERE p.id = v.profile_id)
                      AS profile_status
           FROM admin.validations v WHERE v.id = $1"#,
        validation_id,
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else {
        return Ok(None);
    };
    let interviews = scheduled_interviews(connection, validation_id).await?;
    Ok(Some(CaseRow {
        id: row.id,
        profile_id: row.profile_id,
        user_id: row.user_id,
        grid_version: row.grid_version,
        claimed_at: row.claimed_at,
        correction_steps: row.correction_steps,
        correction_message: row.correction_message,
        correction_requested_at: row.correction_requested_at,
        reason: row.reason,
        decided_by: row.decided_by,
        decided_at: row.decided_at,
        resubmission_open_at: row.resubmission_open_at,
        case: Case {
            status: code(
                "admin.validations.status",
                &row.status,
                CaseStatus::from_code,
            )?,
            claimed_by: row.claimed_by,
            last_action_at: row.last_action_at,
            submitted_at: row.submitted_at,
            waiting_since: row.waiting_since,
            waited_seconds: u64::try_from(row.waited_seconds).unwrap_or(0),
            correction_deadline: row.correction_deadline,
            interviews,
            outcome: row
                .outcome
                .map(|outcome| {
                    code(
                        "admin.validations.outcome",
                        &outcome,
                        CaseOutcome::from_code,
                    )
                })
                .transpose()?,
        },
        profile_status: match row.profile_status {
            Some(status) => code(
                "candidate.profiles.status",
                &status,
                ProfileStatus::from_code,
            )?,
            None => ProfileStatus::Archived,
        },
    }))
}

pub(super) async fn scheduled_interviews(
    connection: &mut PgConnection,
    validation_id: Uuid,
) -> Result<Vec<ScheduledInterview>, StoreError> {
    let rows = sqlx::query!(
        r#"SELECT id, starts_at, starts_at + make_interval(mins => duration_minutes) AS "ends_at!",
                  scheduled_at
           FROM admin.interviews WHERE validation_id = $1 AND status = 'scheduled'
           ORDER BY starts_at, id"#,
        validation_id,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ScheduledInterview {
            id: row.id,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            scheduled_at: row.scheduled_at,
        })
        .collect())
}

/// Writes a case back, if it still stands where it was locked.
pub(super) async fn write(
    connection: &mut PgConnection,
    row: &CaseRow,
    stood: CaseStatus,
) -> Result<(), StoreError> {
    let case = &row.case;
    let done = sqlx::query!(
        "UPDATE admin.validations SET
            status = $3, claimed_by = $4, claimed_at = $5, last_action_at = $6,
            waiting_since = $7, waited_seconds = $8, correction_steps = $9,
            correction_message = $10, correction_requested_at = $11, correction_deadline = $12,
            outcome = $13, reason = $14, decided_by = $15, decided_at = $16,
            resubmission_open_at = $17
         WHERE id = $1 AND status = $2",
        row.id,
        stood.as_str(),
        case.status.as_str(),
        case.claimed_by,
        row.claimed_at,
        case.last_action_at,
        case.waiting_since,
        i64::try_from(case.waited_seconds).unwrap_or(i64::MAX),
        row.correction_steps.as_deref(),
        row.correction_message,
        row.correction_requested_at,
        case.correction_deadline,
        case.outcome.map(CaseOutcome::as_str),
        row.reason,
        row.decided_by,
        row.decided_at,
        row.resubmission_open_at,
    )
    .execute(connection)
    .await?;
    match done.rows_affected() {
        1 => Ok(()),
        _ => Err(StoreError::inconsistent(
            "admin.validations",
            "a locked case moved",
        )),
    }
}

/// A command in its transaction, allowed and not done yet.
pub(super) struct Turn<'a> {
    pub writer: &'a Writer,
    pub tx: Transaction<'static, Postgres>,
    pub context: Context,
    pub texts: CommandTexts,
    pub row: CaseRow,
    /// The process's time, in the microseconds that PostgreSQL keeps.
    pub at: DateTime<Utc>,
    pub actor: Uuid,
    stood: CaseStatus,
}

impl<'a> Turn<'a> {
    /// Locks the case, asks whether the command was done, then asks the rules.
    pub async fn begin<B: Sync>(
        writer: &'a Writer,
        order: &CaseCommand<B>,
        wanted: impl Into<Wanted>,
    ) -> Result<Self, Stop> {
        let command: &Command<B> = &order.command;
        let at = order.at.trunc_subsecs(6);
        let mut tx = writer.begin().await?;
        let row = lock(&mut tx, order.validation_id)
            .await?
            .ok_or_else(|| Refusal::new("case_not_found"))?;
        if events::caused_by(&mut tx, command.id).await? {
            return Err(Stop::Done(row.changed()));
        }
        row.case.allows(wanted, command.actor_id, Some(at))?;
        // A resubmission comes from the candidate's own route, which has no text to put aside: null.
        let (context, texts) = commands::take::<Option<CommandTexts>, _>(&mut tx, command)
            .await?
            .ok_or_else(|| Refusal::new("command_expired"))?;
        Ok(Self {
            writer,
            tx,
            context,
            texts: texts.unwrap_or_default(),
            stood: row.case.status,
            row,
            at,
            actor: command.actor_id,
        })
    }

    /// Writes events of the change.
    pub async fn tell(&mut self, events: Vec<NewEvent>) -> Result<Vec<Uuid>, StoreError> {
        events::append_all(&mut self.tx, self.writer, &self.context, events).await
    }

    /// Writes the case, keeps the answer under the caller's key, commits, and tells how the case
    /// stands now. The answer's `status` is the case's, unless it names the profile's.
    pub async fn finish(mut self, status: u16, answer: &Value) -> Result<CaseChanged, Stop> {
        self.row.settle_status();
        write(&mut self.tx, &self.row, self.stood).await?;
        let mut kept = json!({"status": self.row.case.status.to_string()});
        if let (Some(kept), Some(answer)) = (kept.as_object_mut(), answer.as_object()) {
            kept.extend(answer.clone());
        }
        let answer = self.row.payload(&kept);
        idempotency::record(&mut self.tx, self.writer, &self.context, status, answer).await?;
        let row = lock(&mut self.tx, self.row.id)
            .await?
            .ok_or_else(|| StoreError::inconsistent("admin.validations", "a locked case left"))?;
        self.tx.commit().await.map_err(StoreError::from)?;
        Ok(row.changed())
    }
}

/// A text that the command cannot do without; it was swept when nobody took it in a day.
pub(super) fn required(text: Option<String>) -> Result<String, Refusal> {
    text.ok_or_else(|| Refusal::new("command_expired"))
}

/// The names of steps, as the column holds them.
pub(super) fn step_names(steps: &[StepName]) -> Vec<String> {
    steps.iter().map(|step| step.as_str().to_owned()).collect()
}

/// A duration of the configuration.
pub(super) fn seconds(count: u64) -> chrono::TimeDelta {
    chrono::TimeDelta::seconds(i64::try_from(count.min(u64::from(u32::MAX))).unwrap_or_default())
}

/// When a candidate rejected at that moment may come back.
pub(super) fn resubmission_opens(at: DateTime<Utc>, timing: &ValidationTiming) -> DateTime<Utc> {
    at + seconds(timing.resubmission_delay)
}
