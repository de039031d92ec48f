-- The outbox: events, their deliveries and the answers kept under an Idempotency-Key.

CREATE SCHEMA events;

-- Append-only. Payloads hold ids, codes and statuses, never personal data.
CREATE TABLE events.events (
    id uuid CONSTRAINT pk_events PRIMARY KEY,
    type text NOT NULL,
    aggregate text NOT NULL,
    aggregate_id uuid NOT NULL,
    payload jsonb NOT NULL,
    actor_id uuid,
    actor_kind text NOT NULL CHECK (actor_kind IN ('anonymous', 'person', 'service', 'system')),
    origin_address text,
    origin_user_agent text,
    correlation_id uuid NOT NULL,
    causation_id uuid,
    occurred_at timestamptz NOT NULL
);
-- Whether a command is done: an event that it caused exists.
CREATE INDEX idx_events_causation_id ON events.events (causation_id) WHERE causation_id IS NOT NULL;
CREATE INDEX idx_events_correlation_id ON events.events (correlation_id);
-- The timeline of one thing.
CREATE INDEX idx_events_aggregate_id ON events.events (aggregate_id, occurred_at);

CREATE TABLE events.deliveries (
    event_id uuid NOT NULL CONSTRAINT fk_deliveries_event_id REFERENCES events.events (id),
    consumer text NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'leased', 'delivered', 'dead')),
    attempts integer NOT NULL DEFAULT 0,
    available_at timestamptz NOT NULL,
    leased_until timestamptz,
    last_error text,
    delivered_at timestamptz,
    CONSTRAINT pk_deliveries PRIMARY KEY (event_id, consumer)
);
-- What the relay looks for: pending rows that are due, leases that ran out. Small, for delivered
-- rows are not in it.
CREATE INDEX idx_deliveries_available_at ON events.deliveries (available_at)
    WHERE state IN ('pending', 'leased');
CREATE INDEX idx_deliveries_dead ON events.deliveries (event_id) WHERE state = 'dead';

CREATE FUNCTION events.wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('yemma_events', '');
    RETURN NULL;
END $$;
CREATE TRIGGER wake_relay AFTER INSERT ON events.deliveries
    FOR EACH STATEMENT EXECUTE FUNCTION events.wake_relay();

CREATE TABLE events.idempotency_keys (
    caller text NOT NULL,
    key_hash text NOT NULL,
    fingerprint text NOT NULL,
    status integer NOT NULL,
    answer jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (caller, key_hash)
);
CREATE INDEX idx_idempotency_keys_created_at ON events.idempotency_keys (created_at);

GRANT USAGE ON SCHEMA events TO yemma_api, yemma_worker;
GRANT SELECT, INSERT ON events.events TO yemma_api, yemma_worker;
GRANT SELECT, INSERT ON events.deliveries TO yemma_api;
GRANT SELECT, INSERT, UPDATE ON events.deliveries TO yemma_worker;
-- A super admin's replay of a dead letter: the row goes back to the relay.
GRANT UPDATE (state, attempts, available_at, leased_until) ON events.deliveries TO yemma_api;
GRANT SELECT, INSERT ON events.idempotency_keys TO yemma_api;
GRANT SELECT, INSERT, DELETE ON events.idempotency_keys TO yemma_worker;
