-- A verdict no longer takes the key with it: the key goes in a step of its own, once the verdict
-- stands. Until then the status alone keeps a refused file from being read.
ALTER TABLE document.documents
    DROP CONSTRAINT ck_documents_shredded,
    -- The figure that a file was refused for: pages, pixels or seconds, and the most that is taken.
    ADD COLUMN rejection_found bigint,
    ADD COLUMN rejection_limit bigint,
    ADD COLUMN rejection_width bigint,
    ADD COLUMN rejection_height bigint,
    ADD CONSTRAINT ck_documents_rejection_figures CHECK (
        num_nonnulls(rejection_found, rejection_limit) IN (0, 2)
        AND num_nonnulls(rejection_width, rejection_height) IN (0, 2)
        AND (rejection_found IS NULL OR status = 'rejected')
        AND (rejection_width IS NULL OR rejection_found IS NOT NULL));

DROP INDEX document.idx_documents_settled_at;
-- Refused files whose key or object is still to go; the object goes last.
CREATE INDEX idx_documents_settled_at ON document.documents (settled_at)
    WHERE status IN ('infected', 'rejected') AND object_key IS NOT NULL;
-- What waits for its verdict, and since when.
CREATE INDEX idx_documents_scanning ON document.documents (created_at) WHERE status = 'scanning';

-- Answers: which document was wrapped last by this master key?
CREATE INDEX idx_documents_master_key_id ON document.documents (master_key_id, id)
    WHERE key_wrapped IS NOT NULL;

-- What each master key was when it was first used, so that other bytes under the same id are
-- noticed before anything is sealed under them. A keyed digest: it tells nothing of the key.
CREATE TABLE document.master_keys (
    id text PRIMARY KEY,
    check_value bytea NOT NULL,
    first_used_at timestamptz NOT NULL,

    CONSTRAINT ck_master_keys_check_value CHECK (octet_length(check_value) = 32)
);
GRANT SELECT, INSERT ON document.master_keys TO yemma_api, yemma_worker;
