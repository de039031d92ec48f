-- What the relay and the operators look for in the outbox.
--
-- The lanes of the relay claim by service, so that a backlog behind one dependency that is away
-- (a hundred thousand rows that wait for Temporal) is not in the way of the others. A leased row
-- keeps the end of its lease in `available_at`: one range finds the due and the abandoned.

CREATE INDEX idx_deliveries_service ON events.deliveries (split_part(consumer, '.', 1), available_at)
    WHERE state IN ('pending', 'leased');
DROP INDEX events.idx_deliveries_available_at;

-- A dead letter is addressed by one id in `/admin/dead-letters/{id}/replay`.
ALTER TABLE events.deliveries ADD COLUMN dead_letter_id uuid;
CREATE UNIQUE INDEX uk_deliveries_dead_letter_id ON events.deliveries (dead_letter_id)
    WHERE dead_letter_id IS NOT NULL;
