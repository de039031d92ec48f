-- Companies and their people.

CREATE SCHEMA company;

CREATE TABLE company.companies (
    id uuid CONSTRAINT pk_companies PRIMARY KEY,
    legal_name text NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

CREATE TABLE company.recruiters (
    user_id uuid CONSTRAINT pk_recruiters PRIMARY KEY,
    created_at timestamptz NOT NULL
);

CREATE TABLE company.company_recruiters (
    company_id uuid NOT NULL CONSTRAINT fk_company_recruiters_company_id REFERENCES company.companies (id),
    user_id uuid NOT NULL CONSTRAINT fk_company_recruiters_user_id REFERENCES company.recruiters (user_id),
    -- A role of auth.roles; another schema, so no foreign key.
    role text NOT NULL CHECK (role IN ('company_admin', 'recruiter')),
    joined_at timestamptz NOT NULL,
    removed_at timestamptz,
    CONSTRAINT pk_company_recruiters PRIMARY KEY (company_id, user_id)
);
CREATE INDEX idx_company_recruiters_user_id ON company.company_recruiters (user_id) WHERE removed_at IS NULL;

GRANT USAGE ON SCHEMA company TO yemma_api, yemma_worker;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA company TO yemma_api, yemma_worker;
