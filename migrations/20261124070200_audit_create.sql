-- The audit trail: one row for each event, and the part of it that tells who saw what of whom.
--
-- Append-only, enforced by the grants: the relay inserts, nobody updates or deletes.

CREATE SCHEMA audit;

CREATE TABLE audit.audit_logs (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_audit_logs PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT uk_audit_logs_event_id UNIQUE,
    action text NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    origin_address text,
    origin_user_agent text,
    correlation_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    payload jsonb NOT NULL,
    recorded_at timestamptz NOT NULL
);
CREATE INDEX idx_audit_logs_actor_id ON audit.audit_logs (actor_id, id) WHERE actor_id IS NOT NULL;
CREATE INDEX idx_audit_logs_subject_id ON audit.audit_logs (subject_id, id);
CREATE INDEX idx_audit_logs_occurred_at ON audit.audit_logs (occurred_at);

-- Every access to a profile or a document.
CREATE TABLE audit.access_logs (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_access_logs PRIMARY KEY,
    event_id uuid NOT NULL CONSTRAINT uk_access_logs_event_id UNIQUE,
    action text NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    origin_address text,
    origin_user_agent text,
    correlation_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL
);
CREATE INDEX idx_access_logs_subject_id ON audit.access_logs (subject_id, id);
CREATE INDEX idx_access_logs_actor_id ON audit.access_logs (actor_id, id) WHERE actor_id IS NOT NULL;

GRANT USAGE ON SCHEMA audit TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA audit TO yemma_api, yemma_worker;
GRANT INSERT ON ALL TABLES IN SCHEMA audit TO yemma_worker;
