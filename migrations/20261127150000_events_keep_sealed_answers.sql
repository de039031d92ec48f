-- The answer itself beside what it is made of: status, headers and body as they were sent, sealed
-- under a key that is made of the raw Idempotency-Key. NULL: only the outcome is known, and a
-- repetition makes the answer anew.
ALTER TABLE events.idempotency_keys ADD COLUMN sealed bytea;
-- What is sealed cannot be compressed.
ALTER TABLE events.idempotency_keys ALTER COLUMN sealed SET STORAGE EXTERNAL;
GRANT UPDATE (sealed) ON events.idempotency_keys TO yemma_api, yemma_worker;
