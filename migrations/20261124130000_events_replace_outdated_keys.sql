-- A key used again after its 24 hours replaces the outdated answer, whether that was swept or not.
GRANT UPDATE (fingerprint, status, answer, created_at) ON events.idempotency_keys
    TO yemma_api, yemma_worker;
