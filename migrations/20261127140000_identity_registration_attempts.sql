-- An address that nobody verified may be registered any number of times. Each attempt has its own
-- password, names and links: whoever completes one gets the account with what they sent themselves.
CREATE TABLE auth.registration_attempts (
    id uuid CONSTRAINT pk_registration_attempts PRIMARY KEY,
    user_id uuid NOT NULL
        CONSTRAINT fk_registration_attempts_user_id REFERENCES auth.users (id) ON DELETE CASCADE,
    password_hash text NOT NULL,
    first_name text NOT NULL,
    last_name text NOT NULL,
    locale text NOT NULL CHECK (locale IN ('fr', 'en')),
    account_type text NOT NULL CHECK (account_type IN ('candidate', 'company')),
    company_name text,
    terms_accepted_at timestamptz,
    -- When it was last sent, or asked another mail for: repetitions and removal count from here.
    requested_at timestamptz NOT NULL
);
CREATE INDEX idx_registration_attempts_user_id ON auth.registration_attempts (user_id);
-- Answers: which attempts has nobody completed for long, the oldest first?
CREATE INDEX idx_registration_attempts_requested_at ON auth.registration_attempts (requested_at);

-- The attempt that a link completes; nothing once the address is verified.
ALTER TABLE auth.one_time_links ADD COLUMN attempt_id uuid
    CONSTRAINT fk_one_time_links_attempt_id REFERENCES auth.registration_attempts (id) ON DELETE CASCADE;
CREATE INDEX idx_one_time_links_attempt_id ON auth.one_time_links (attempt_id) WHERE attempt_id IS NOT NULL;

-- Whoever waits to be verified has made one attempt, which the account's own row says so far.
INSERT INTO auth.registration_attempts
    (id, user_id, password_hash, first_name, last_name, locale, account_type, company_name,
     terms_accepted_at, requested_at)
SELECT id, id, password_hash, first_name, last_name, locale, account_type, company_name,
    terms_accepted_at, updated_at
FROM auth.users WHERE email_verified_at IS NULL AND account_type <> 'staff';
UPDATE auth.one_time_links link SET attempt_id = attempt.id
FROM auth.registration_attempts attempt
WHERE attempt.user_id = link.user_id AND link.purpose = 'verify_email';

GRANT SELECT, INSERT, DELETE ON auth.registration_attempts TO yemma_api;
GRANT UPDATE (requested_at) ON auth.registration_attempts TO yemma_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON auth.registration_attempts TO yemma_worker;
