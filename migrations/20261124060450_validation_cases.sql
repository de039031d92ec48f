-- Validation: the case of each submission, what reviewers recorded in it, and the rejected archive.
--
-- The API writes one fact here, the grid as it is filled (and with it the moment of the last
-- action, which renews the claim). Everything else is written by the activities of a case.

-- A new version is a new row: a case keeps the version it began with.
CREATE TABLE admin.assessment_grids (
    version integer CONSTRAINT pk_assessment_grids PRIMARY KEY,
    categories jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- The default grid, the same as `workflows::validation::rules::default_grid`; a test compares them.
INSERT INTO admin.assessment_grids (version, categories) VALUES (1, $json$[
    {"code": "technical", "label_fr": "Compétences techniques", "label_en": "Technical skills", "weight": 30, "criteria": [
        {"code": "technical_knowledge", "label_fr": "Connaissances du métier", "label_en": "Knowledge of the trade"},
        {"code": "technical_practice", "label_fr": "Maîtrise pratique", "label_en": "Practical command"},
        {"code": "tools", "label_fr": "Maîtrise des outils", "label_en": "Command of the tools"},
        {"code": "problem_solving", "label_fr": "Résolution de problèmes", "label_en": "Problem solving"}]},
    {"code": "experience", "label_fr": "Expérience", "label_en": "Experience", "weight": 25, "criteria": [
        {"code": "relevance", "label_fr": "Pertinence du parcours", "label_en": "Relevance of the career"},
        {"code": "responsibility", "label_fr": "Niveau de responsabilité", "label_en": "Level of responsibility"},
        {"code": "results", "label_fr": "Résultats obtenus", "label_en": "Results achieved"}]},
    {"code": "behavioural", "label_fr": "Savoir-être", "label_en": "Behaviour", "weight": 20, "criteria": [
        {"code": "communication", "label_fr": "Communication", "label_en": "Communication"},
        {"code": "teamwork", "label_fr": "Esprit d'équipe", "label_en": "Teamwork"},
        {"code": "reliability", "label_fr": "Fiabilité", "label_en": "Reliability"}]},
    {"code": "motivation", "label_fr": "Motivation", "label_en": "Motivation", "weight": 15, "criteria": [
        {"code": "career_plan", "label_fr": "Projet professionnel", "label_en": "Career plan"},
        {"code": "commitment", "label_fr": "Engagement", "label_en": "Commitment"}]},
    {"code": "potential", "label_fr": "Potentiel", "label_en": "Potential", "weight": 10, "criteria": [
        {"code": "learning", "label_fr": "Capacité d'apprentissage", "label_en": "Ability to learn"},
        {"code": "leadership", "label_fr": "Leadership", "label_en": "Leadership"}]}
]$json$);

CREATE TABLE admin.validations (
    id uuid CONSTRAINT pk_validations PRIMARY KEY,
    profile_id uuid NOT NULL,
    user_id uuid NOT NULL,
    number integer NOT NULL,
    status text NOT NULL DEFAULT 'queued',
    submitted_at timestamptz NOT NULL,
    grid_version integer NOT NULL,

    claimed_by uuid,
    claimed_at timestamptz,
    last_action_at timestamptz,

    -- The open correction request; the time spent awaiting the candidate before it.
    waiting_since timestamptz,
    waited_seconds bigint NOT NULL DEFAULT 0,
    correction_steps text[],
    correction_message text,
    correction_requested_at timestamptz,
    correction_deadline timestamptz,

    outcome text,
    reason text,
    decided_by uuid,
    decided_at timestamptz,
    resubmission_open_at timestamptz,
    created_at timestamptz NOT NULL,

    CONSTRAINT fk_validations_grid_version
        FOREIGN KEY (grid_version) REFERENCES admin.assessment_grids (version),
    CONSTRAINT ck_validations_status
        CHECK (status IN ('queued', 'claimed', 'awaiting_candidate', 'interview', 'decided')),
    CONSTRAINT ck_validations_outcome
        CHECK (outcome IN ('validated', 'rejected', 'lapsed', 'withdrawn', 'erased')),
    CONSTRAINT ck_validations_decided CHECK ((status = 'decided') = (outcome IS NOT NULL)),
    CONSTRAINT ck_validations_waiting
        CHECK ((status = 'awaiting_candidate') = (waiting_since IS NOT NULL)),
    CONSTRAINT ck_validations_claim CHECK (
        (claimed_by IS NULL) = (claimed_at IS NULL)
        AND (status NOT IN ('claimed', 'interview') OR claimed_by IS NOT NULL)
        AND (status <> 'queued' OR claimed_by IS NULL)
    )
);
-- The queue, oldest first.
CREATE INDEX idx_validations_submitted_at ON admin.validations (submitted_at, id)
    WHERE status <> 'decided';
CREATE INDEX idx_validations_status ON admin.validations (status, submitted_at, id);
CREATE INDEX idx_validations_claimed_by ON admin.validations (claimed_by, submitted_at, id)
    WHERE claimed_by IS NOT NULL;
-- A profile has at most one open case.
CREATE UNIQUE INDEX uk_validations_profile_id ON admin.validations (profile_id)
    WHERE status <> 'decided';
CREATE INDEX idx_validations_profile_id ON admin.validations (profile_id, number);

-- One row for each document that counts: those available at a submission or resubmission, and
-- whatever else was reviewed. No outcome yet: pending.
CREATE TABLE admin.document_reviews (
    validation_id uuid NOT NULL,
    document_id uuid NOT NULL,
    outcome text,
    reason text,
    reviewed_by uuid,
    reviewed_at timestamptz,
    -- When a correction request told the candidate; reviewing again takes it back.
    correction_requested_at timestamptz,

    CONSTRAINT pk_document_reviews PRIMARY KEY (validation_id, document_id),
    CONSTRAINT fk_document_reviews_validation_id
        FOREIGN KEY (validation_id) REFERENCES admin.validations (id) ON DELETE CASCADE,
    CONSTRAINT ck_document_reviews_outcome
        CHECK (outcome IN ('accepted', 'refused', 'replacement_requested')),
    CONSTRAINT ck_document_reviews_reviewed
        CHECK ((outcome IS NULL) = (reviewed_by IS NULL) AND (outcome IS NULL) = (reviewed_at IS NULL))
);
CREATE INDEX idx_document_reviews_document_id ON admin.document_reviews (document_id);

CREATE TABLE admin.interviews (
    id uuid CONSTRAINT pk_interviews PRIMARY KEY,
    validation_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'scheduled',
    starts_at timestamptz NOT NULL,
    duration_minutes integer NOT NULL,
    mode text NOT NULL,
    place text NOT NULL,
    -- RFC 5545 SEQUENCE: raised by each change, so that a calendar takes the newest.
    sequence integer NOT NULL DEFAULT 0,
    scheduled_by uuid NOT NULL,
    -- When it was put at this time: reminders that were due before are not sent.
    scheduled_at timestamptz NOT NULL,
    report text,
    completed_at timestamptz,
    created_at timestamptz NOT NULL,

    CONSTRAINT fk_interviews_validation_id
        FOREIGN KEY (validation_id) REFERENCES admin.validations (id) ON DELETE CASCADE,
    CONSTRAINT ck_interviews_status
        CHECK (status IN ('scheduled', 'cancelled', 'done', 'no_show')),
    CONSTRAINT ck_interviews_mode CHECK (mode IN ('video', 'phone', 'on_site')),
    CONSTRAINT ck_interviews_duration_minutes CHECK (duration_minutes BETWEEN 1 AND 1440)
);
CREATE INDEX idx_interviews_validation_id ON admin.interviews (validation_id, starts_at);

CREATE TABLE admin.assessments (
    validation_id uuid CONSTRAINT pk_assessments PRIMARY KEY,
    ratings jsonb NOT NULL,
    tags text[] NOT NULL,
    summary text,
    -- Whole hundredths; none until every criterion is rated.
    score_100 integer,
    score_5 integer,
    saved_by uuid NOT NULL,
    saved_at timestamptz NOT NULL,

    CONSTRAINT fk_assessments_validation_id
        FOREIGN KEY (validation_id) REFERENCES admin.validations (id) ON DELETE CASCADE
);

CREATE TABLE admin.rejected_profiles (
    validation_id uuid CONSTRAINT pk_rejected_profiles PRIMARY KEY,
    profile_id uuid NOT NULL,
    user_id uuid NOT NULL,
    reason text NOT NULL,
    rejected_by uuid NOT NULL,
    rejected_at timestamptz NOT NULL,
    resubmission_open_at timestamptz NOT NULL
);
CREATE INDEX idx_rejected_profiles_profile_id ON admin.rejected_profiles (profile_id);
CREATE INDEX idx_rejected_profiles_rejected_at
    ON admin.rejected_profiles (rejected_at, validation_id);

-- The history of a case.
CREATE INDEX idx_events_validation_id ON events.events ((payload ->> 'validation_id'), id)
    WHERE payload ? 'validation_id';

GRANT SELECT ON ALL TABLES IN SCHEMA admin TO yemma_api, yemma_worker;
GRANT INSERT, UPDATE, DELETE
    ON admin.validations, admin.document_reviews, admin.interviews, admin.assessments,
       admin.assessment_grids, admin.rejected_profiles
    TO yemma_worker;
GRANT INSERT, UPDATE ON admin.assessments TO yemma_api;
GRANT UPDATE (last_action_at) ON admin.validations TO yemma_api;
