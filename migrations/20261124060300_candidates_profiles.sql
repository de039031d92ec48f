-- Candidates: the profile as it is edited, what was validated of it, and the history of its status.
--
-- The status, and everything that a change of status writes, is out of reach of yemma_api: it may
-- insert a draft (the defaults are the draft) and update the fields a person fills in.

CREATE SCHEMA candidate;

CREATE TABLE candidate.profiles (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,

    status text NOT NULL DEFAULT 'DRAFT',
    version bigint NOT NULL DEFAULT 1,
    completion_percentage integer NOT NULL DEFAULT 0,
    draft_since timestamptz NOT NULL,
    submission_number integer NOT NULL DEFAULT 0,
    validation_id uuid,
    submitted_at timestamptz,
    submitted_version bigint,
    validated_at timestamptz,
    rejected_at timestamptz,
    resubmission_open_at timestamptz,
    open_correction_steps text[],

    -- Each consent: what was answered, to which version of the text, when.
    terms_of_use_accepted boolean,
    terms_of_use_version text,
    terms_of_use_at timestamptz,
    processing_of_personal_data_accepted boolean,
    processing_of_personal_data_version text,
    processing_of_personal_data_at timestamptz,
    permission_to_verify_accepted boolean,
    permission_to_verify_version text,
    permission_to_verify_at timestamptz,

    first_name text,
    last_name text,
    date_of_birth date,
    gender text,
    nationality text,
    phone text,
    address text,
    city text,
    country text,
    profile_title text,
    professional_summary text,
    sector text,
    main_occupation text,
    total_years_of_experience integer,
    photo_document_id uuid,

    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,

    CONSTRAINT uk_profiles_user_id UNIQUE (user_id),
    CONSTRAINT ck_profiles_status
        CHECK (status IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'VALIDATED', 'REJECTED', 'ARCHIVED')),
    CONSTRAINT ck_profiles_completion_percentage CHECK (completion_percentage BETWEEN 0 AND 100),
    CONSTRAINT ck_profiles_version CHECK (version > 0),
    CONSTRAINT ck_profiles_submission_number CHECK (submission_number >= 0),
    CONSTRAINT ck_profiles_open_correction_steps
        CHECK (open_correction_steps IS NULL OR status = 'IN_REVIEW')
);

CREATE TABLE candidate.profile_revisions (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    validation_id uuid NOT NULL,
    number integer NOT NULL,
    profile jsonb NOT NULL,
    card jsonb NOT NULL,
    expert_opinion jsonb NOT NULL,
    validated_at timestamptz NOT NULL,
    withdrawn_at timestamptz,

    CONSTRAINT fk_profile_revisions_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE,
    CONSTRAINT uk_profile_revisions_profile_id UNIQUE (profile_id, number),
    CONSTRAINT uk_profile_revisions_validation_id UNIQUE (validation_id)
);

-- `rank` is the order in which the person gave the items.
CREATE TABLE candidate.experiences (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    rank integer NOT NULL,
    company text,
    sector text,
    position text,
    contract_type text,
    start_date date,
    end_date date,
    current boolean,
    missions text,
    achievements text,

    CONSTRAINT fk_experiences_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE
);
CREATE INDEX idx_experiences_profile_id ON candidate.experiences (profile_id, rank);

CREATE TABLE candidate.educations (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    rank integer NOT NULL,
    diploma text,
    institution text,
    country text,
    start_year integer,
    graduation_year integer,
    level text,

    CONSTRAINT fk_educations_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE
);
CREATE INDEX idx_educations_profile_id ON candidate.educations (profile_id, rank);

CREATE TABLE candidate.certifications (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    rank integer NOT NULL,
    title text,
    issuer text,
    year integer,
    expiry date,
    credential_id text,
    verification_url text,

    CONSTRAINT fk_certifications_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE
);
CREATE INDEX idx_certifications_profile_id ON candidate.certifications (profile_id, rank);

-- One row for each skill of any kind: `label` is a name, or the code of a behavioural skill or a
-- language.
CREATE TABLE candidate.skills (
    profile_id uuid NOT NULL,
    category text NOT NULL,
    rank integer NOT NULL,
    label text,
    level text,
    years integer,

    CONSTRAINT pk_skills PRIMARY KEY (profile_id, category, rank),
    CONSTRAINT fk_skills_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE,
    CONSTRAINT ck_skills_category
        CHECK (category IN ('technical', 'behavioural', 'tool', 'language'))
);

CREATE TABLE candidate.job_preferences (
    profile_id uuid PRIMARY KEY,
    desired_positions text[] NOT NULL DEFAULT '{}',
    contract_types text[] NOT NULL DEFAULT '{}',
    target_sectors text[] NOT NULL DEFAULT '{}',
    locations text[] NOT NULL DEFAULT '{}',
    mobility text,
    availability text,
    salary_min bigint,
    salary_max bigint,
    salary_currency text,
    salary_period text,

    CONSTRAINT fk_job_preferences_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE
);

-- The history a candidate reads; written with each change of status. The birth of the draft is
-- profiles.created_at.
CREATE TABLE candidate.status_changes (
    id uuid PRIMARY KEY,
    profile_id uuid NOT NULL,
    from_status text NOT NULL,
    to_status text NOT NULL,
    cause text NOT NULL,
    validation_id uuid,
    occurred_at timestamptz NOT NULL,

    CONSTRAINT fk_status_changes_profile_id
        FOREIGN KEY (profile_id) REFERENCES candidate.profiles (id) ON DELETE CASCADE
);
CREATE INDEX idx_status_changes_profile_id ON candidate.status_changes (profile_id, id);

GRANT USAGE ON SCHEMA candidate TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA candidate TO yemma_api, yemma_worker;

GRANT INSERT (
    id, user_id, first_name, last_name, completion_percentage, draft_since, created_at, updated_at)
    ON candidate.profiles TO yemma_api;
GRANT UPDATE (
    version, completion_percentage, updated_at,
    terms_of_use_accepted, terms_of_use_version, terms_of_use_at,
    processing_of_personal_data_accepted, processing_of_personal_data_version,
    processing_of_personal_data_at,
    permission_to_verify_accepted, permission_to_verify_version, permission_to_verify_at,
    first_name, last_name, date_of_birth, gender, nationality, phone, address, city, country,
    profile_title, professional_summary, sector, main_occupation, total_years_of_experience,
    photo_document_id
) ON candidate.profiles TO yemma_api;
GRANT INSERT, UPDATE, DELETE
    ON candidate.experiences, candidate.educations, candidate.certifications, candidate.skills,
       candidate.job_preferences
    TO yemma_api;

GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA candidate TO yemma_worker;
