-- People: accounts, roles as data, sessions, links and the history of logins.

CREATE SCHEMA auth;

CREATE TABLE auth.users (
    id uuid CONSTRAINT pk_users PRIMARY KEY,
    -- Kept in lower case; the index below holds whatever a hand writes here.
    email text NOT NULL,
    password_hash text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    locale text NOT NULL DEFAULT 'fr' CHECK (locale IN ('fr', 'en')),
    account_type text NOT NULL CHECK (account_type IN ('candidate', 'company', 'staff')),
    -- The company that verification creates; nothing afterwards.
    company_name text,
    terms_accepted_at timestamptz,
    email_verified_at timestamptz,
    suspended_at timestamptz,
    -- When its owner was last told that somebody registered this address again.
    registration_notice_at timestamptz,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX uk_users_email ON auth.users (lower(email));
-- What the sweep of accounts never verified looks for.
CREATE INDEX idx_users_created_at ON auth.users (created_at) WHERE email_verified_at IS NULL;

CREATE TABLE auth.roles (
    name text CONSTRAINT pk_roles PRIMARY KEY,
    permissions text[] NOT NULL
);

CREATE TABLE auth.user_roles (
    user_id uuid NOT NULL CONSTRAINT fk_user_roles_user_id REFERENCES auth.users (id) ON DELETE CASCADE,
    role text NOT NULL CONSTRAINT fk_user_roles_role REFERENCES auth.roles (name),
    CONSTRAINT pk_user_roles PRIMARY KEY (user_id, role)
);

-- A session is the family of refresh tokens that began with one login.
CREATE TABLE auth.refresh_tokens (
    id uuid CONSTRAINT pk_refresh_tokens PRIMARY KEY,
    session_id uuid NOT NULL,
    user_id uuid NOT NULL CONSTRAINT fk_refresh_tokens_user_id REFERENCES auth.users (id) ON DELETE CASCADE,
    company_id uuid,
    token_hash bytea NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    revoked_at timestamptz
);
CREATE UNIQUE INDEX uk_refresh_tokens_token_hash ON auth.refresh_tokens (token_hash);
CREATE INDEX idx_refresh_tokens_session_id ON auth.refresh_tokens (session_id);
CREATE INDEX idx_refresh_tokens_user_id ON auth.refresh_tokens (user_id) WHERE revoked_at IS NULL;

-- A link's token is made from its row's id, so nothing secret is at rest.
CREATE TABLE auth.one_time_links (
    id uuid CONSTRAINT pk_one_time_links PRIMARY KEY,
    user_id uuid NOT NULL CONSTRAINT fk_one_time_links_user_id REFERENCES auth.users (id) ON DELETE CASCADE,
    purpose text NOT NULL CHECK (purpose IN ('verify_email')),
    created_at timestamptz NOT NULL,
    -- Set once, by the activity that first sends the link.
    expires_at timestamptz,
    used_at timestamptz,
    voided_at timestamptz
);
CREATE INDEX idx_one_time_links_user_id ON auth.one_time_links (user_id);

-- Every attempt to log in: what slows guessing down, and what a person can look through.
CREATE TABLE auth.login_history (
    id uuid CONSTRAINT pk_login_history PRIMARY KEY,
    -- A keyed digest of the address that was typed, known or not.
    account_key text NOT NULL,
    user_id uuid,
    -- The network the attempt came from: /24 of IPv4, /56 of IPv6.
    network cidr NOT NULL,
    address inet NOT NULL,
    user_agent text,
    outcome text NOT NULL CHECK (outcome IN ('failed', 'succeeded', 'refused')),
    at timestamptz NOT NULL
);
CREATE INDEX idx_login_history_account_key ON auth.login_history (account_key, at);
CREATE INDEX idx_login_history_network ON auth.login_history (network, at) WHERE outcome = 'failed';
CREATE INDEX idx_login_history_user_id ON auth.login_history (user_id, at);

-- What workflows::identity::rules says of a fresh platform; from here on it is data.
INSERT INTO auth.roles (name, permissions) VALUES
    ('candidate', ARRAY[
        'account.read_own', 'account.edit_own', 'profile.read_own', 'profile.edit_own', 'onboarding.read_own',
        'profile.submit_own', 'timeline.read_own', 'viewers.read_own', 'document.upload_own',
        'document.read_own', 'document.delete_own', 'document.link', 'document.preview',
        'notification.read_own', 'notification.mark_own'
    ]),
    ('company_admin', ARRAY[
        'account.read_own', 'account.edit_own', 'search.profiles', 'search.open_profile',
        'search.read_profile', 'document.link', 'document.preview', 'subscription.read_own',
        'notification.read_own', 'notification.mark_own'
    ]),
    ('recruiter', ARRAY[
        'account.read_own', 'account.edit_own', 'search.profiles', 'search.open_profile',
        'search.read_profile', 'document.link', 'document.preview', 'subscription.read_own',
        'notification.read_own', 'notification.mark_own'
    ]),
    ('admin', ARRAY[
        'account.read_own', 'account.edit_own', 'profile.read_any', 'document.link', 'document.preview',
        'case.list', 'case.read', 'case.claim', 'case.release', 'case.review_document',
        'case.request_correction', 'case.schedule_interview', 'case.change_interview',
        'case.complete_interview', 'case.assess', 'case.decide', 'case.preview_card', 'grid.read',
        'rejected_profile.list', 'rejected_profile.reactivate', 'dead_letter.list', 'notification.read_own',
        'notification.mark_own'
    ]),
    ('super_admin', ARRAY[
        'account.read_own', 'account.edit_own', 'case.list', 'grid.read', 'dead_letter.list',
        'dead_letter.replay', 'notification.read_own', 'notification.mark_own'
    ]),
    ('internal', ARRAY[
        'profile.read_any', 'document.link'
    ]);

GRANT USAGE ON SCHEMA auth TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA auth TO yemma_api, yemma_worker;
-- No suspension: that is no fact of the person's own.
GRANT INSERT (id, email, password_hash, first_name, last_name, locale, account_type, company_name,
              terms_accepted_at, created_at, updated_at) ON auth.users TO yemma_api;
GRANT UPDATE (password_hash, first_name, last_name, locale, account_type, company_name,
              terms_accepted_at, email_verified_at, registration_notice_at, updated_at)
    ON auth.users TO yemma_api;
GRANT INSERT ON auth.user_roles, auth.refresh_tokens, auth.one_time_links, auth.login_history TO yemma_api;
GRANT UPDATE ON auth.refresh_tokens, auth.one_time_links TO yemma_api;
GRANT UPDATE (outcome) ON auth.login_history TO yemma_api;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA auth TO yemma_worker;
