-- Documents: what was uploaded, where the pipeline has brought it, and who read it.
--
-- The API inserts an upload (always `scanning`) and writes when its owner took it back; status,
-- verdict and page count are the worker's alone.

CREATE SCHEMA document;

CREATE TABLE document.documents (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    user_id uuid NOT NULL,
    kind text NOT NULL,
    experience_id uuid,
    education_id uuid,
    certification_id uuid,

    -- The name as shown, never a key; the type as declared until the content has proved it.
    file_name text NOT NULL,
    content_type text NOT NULL,
    size bigint NOT NULL,
    sha256 text NOT NULL,

    status text NOT NULL DEFAULT 'scanning',
    rejection_code text,
    page_count integer,

    -- Null when the key is destroyed: the document is unreadable for ever.
    key_wrapped bytea,
    master_key_id text NOT NULL,
    -- Null when the object is deleted.
    object_key text,

    created_at timestamptz NOT NULL,
    settled_at timestamptz,
    archived_at timestamptz,

    CONSTRAINT uk_documents_object_key UNIQUE (object_key),
    CONSTRAINT ck_documents_kind CHECK (kind IN (
        'cv', 'work_certificate', 'diploma', 'certificate', 'recommendation_letter',
        'identity_document', 'photo')),
    CONSTRAINT ck_documents_belongs_to
        CHECK (num_nonnulls(experience_id, education_id, certification_id) <= 1),
    CONSTRAINT ck_documents_size CHECK (size > 0),
    CONSTRAINT ck_documents_sha256 CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    CONSTRAINT ck_documents_status
        CHECK (status IN ('scanning', 'available', 'infected', 'rejected')),
    CONSTRAINT ck_documents_settled_at CHECK ((status = 'scanning') = (settled_at IS NULL)),
    CONSTRAINT ck_documents_rejection_code
        CHECK ((status = 'rejected') = (rejection_code IS NOT NULL)),
    -- Available means readable: an object, its key, its pages. Retention erases archived ones.
    CONSTRAINT ck_documents_available CHECK (
        status <> 'available'
        OR (page_count > 0
            AND (archived_at IS NOT NULL
                 OR (object_key IS NOT NULL AND key_wrapped IS NOT NULL)))),
    -- Infected and refused files have lost their key in the statement that named them so.
    CONSTRAINT ck_documents_shredded
        CHECK (status NOT IN ('infected', 'rejected') OR key_wrapped IS NULL)
);
CREATE INDEX idx_documents_profile_id ON document.documents (profile_id, id);
-- Objects of refused files that are still to be deleted.
CREATE INDEX idx_documents_settled_at ON document.documents (settled_at)
    WHERE key_wrapped IS NULL AND object_key IS NOT NULL;

-- One row for each time somebody was given a link, the file or a page.
CREATE TABLE document.document_access (
    event_id uuid PRIMARY KEY,
    document_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    access text NOT NULL,
    page integer,
    actor_id uuid,
    actor_kind text NOT NULL,
    company_id uuid,
    origin_address text,
    origin_user_agent text,
    occurred_at timestamptz NOT NULL,

    CONSTRAINT fk_document_access_document_id
        FOREIGN KEY (document_id) REFERENCES document.documents (id) ON DELETE CASCADE,
    CONSTRAINT ck_document_access_access CHECK (access IN ('link', 'content', 'page'))
);
CREATE INDEX idx_document_access_document_id ON document.document_access (document_id, occurred_at);

GRANT USAGE ON SCHEMA document TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA document TO yemma_api, yemma_worker;

GRANT INSERT (
    id, profile_id, user_id, kind, experience_id, education_id, certification_id, file_name,
    content_type, size, sha256, key_wrapped, master_key_id, object_key, created_at
) ON document.documents TO yemma_api;
GRANT UPDATE (archived_at) ON document.documents TO yemma_api;
GRANT INSERT ON document.document_access TO yemma_api;

GRANT INSERT, UPDATE, DELETE ON document.documents TO yemma_worker;
GRANT INSERT ON document.document_access TO yemma_worker;
