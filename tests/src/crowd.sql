-- A crowd of validated candidates, made of the temporary table `crowd` (tests/src/crowd.rs).

INSERT INTO auth.users (id, email, password_hash, first_name, last_name, account_type,
    email_verified_at, created_at, updated_at)
SELECT user_id, 'person' || n || '@crowd.yemma.test', '', 'Awa', 'Kouamé', 'candidate',
    validated_at, validated_at, validated_at
FROM crowd;

INSERT INTO candidate.profiles (id, user_id, status, version, completion_percentage,
    draft_since, submission_number, validation_id, submitted_at, submitted_version,
    validated_at, first_name, last_name, phone, city, country, profile_title,
    professional_summary, sector, main_occupation, total_years_of_experience, created_at,
    updated_at)
SELECT profile_id, user_id, 'VALIDATED', 9, 100, validated_at, 1, revision_id, validated_at, 9,
    validated_at, 'Awa', 'Kouamé', '+2250700000001', place, country, title,
    repeat('Une personne rigoureuse et autonome. ', 10), sector, occupation, n % 30,
    validated_at, validated_at
FROM crowd;

WITH experience AS (
    INSERT INTO candidate.experiences (id, profile_id, rank, company, position, start_date,
        current)
    SELECT gen_random_uuid(), profile_id, rank, 'Zyntravo', 'Développeuse', '2015-01-01', false
    FROM crowd, generate_series(1, 3) rank
), education AS (
    INSERT INTO candidate.educations (id, profile_id, rank, diploma, level)
    SELECT gen_random_uuid(), profile_id, 1, 'Master', 'bac_5' FROM crowd
), certification AS (
    INSERT INTO candidate.certifications (id, profile_id, rank, title)
    SELECT gen_random_uuid(), profile_id, 1, 'Réseaux' FROM crowd
), preferences AS (
    INSERT INTO candidate.job_preferences (profile_id, desired_positions, contract_types,
        locations, availability, salary_min, salary_max, salary_currency, salary_period)
    SELECT profile_id, ARRAY[title], ARRAY['permanent'], ARRAY[place], 'immediate', n, n * 2,
        'XOF', 'month' FROM crowd
)
INSERT INTO candidate.skills (profile_id, category, rank, label, level, years)
SELECT profile_id, category, 0, label, level, 4
FROM crowd, LATERAL (VALUES ('technical', skill, 'advanced'), ('tool', 'commun', 'expert'),
    ('language', 'fr', 'C2')) AS item (category, label, level);

INSERT INTO candidate.profile_revisions (id, profile_id, validation_id, number, profile, card,
    expert_opinion, validated_at)
SELECT revision_id, profile_id, revision_id, 1, profile, '{}',
    jsonb_build_object('score_100', 80, 'score_5', 4, 'summary', 'Rigoureuse.',
        'tags', '[]'::jsonb), validated_at
FROM crowd;

INSERT INTO document.documents (id, user_id, profile_id, kind, status, file_name, size, sha256,
    content_type, page_count, key_wrapped, master_key_id, object_key, created_at, settled_at)
SELECT gen_random_uuid(), user_id, profile_id, 'cv', 'available', 'cv.pdf', 10000,
    repeat('0', 64), 'application/pdf', 2, '\x00', 'crowd', 'crowd/' || n, validated_at, validated_at
FROM crowd;

INSERT INTO search.profile_index (profile_id, revision_id, entry, summary, document, terms,
    sector, occupation, country, availability, education_levels, locations, contract_types,
    skills, languages, score, experience_years, salary_min, salary_currency, validated_at)
SELECT profile_id, revision_id,
    jsonb_build_object('profile_id', profile_id, 'profile_title', title, 'sector', sector,
        'occupation', occupation, 'country', country, 'experience_years', n % 30,
        'skills', jsonb_build_array(jsonb_build_object('name', skill, 'level', 'advanced')),
        'tools', '[]'::jsonb, 'languages', '[]'::jsonb, 'locations', jsonb_build_array(place),
        'education_levels', jsonb_build_array('bac_5'), 'certifications', '[]'::jsonb,
        'contract_types', jsonb_build_array('permanent'), 'availability', 'immediate',
        'score_5', 4, 'validated_at', validated_at, 'rule', {rule}),
    repeat('Une personne rigoureuse et autonome. ', 10),
    setweight(search.both_vectors(title), 'A')
        || setweight(search.both_vectors('outil' || n % 37 || ' commun ' || occupation), 'B'),
    ARRAY['sectors:' || sector, 'countries:' || country, 'skills:' || skill,
        'skills:' || skill || '>=1', 'skills:' || skill || '>=2', 'skills:' || skill || '>=3',
        'locations:' || place, 'occupations:' || occupation],
    sector, occupation, country, 'immediate', ARRAY['bac_5'], ARRAY[place], ARRAY['permanent'],
    ARRAY[skill, 'commun'], ARRAY['fr'], n % 500, n % 30, n, 'XOF', validated_at
FROM crowd;

INSERT INTO search.reflections (profile_id, rule) SELECT profile_id, {rule} FROM crowd;

INSERT INTO search.words
SELECT 'metier' || n FROM generate_series(0, 499) n;

INSERT INTO auth.user_roles (user_id, role) SELECT user_id, 'candidate' FROM crowd;

INSERT INTO auth.refresh_tokens (id, session_id, user_id, token_hash, created_at, expires_at)
SELECT gen_random_uuid(), gen_random_uuid(), user_id, uuid_send(user_id), validated_at,
    validated_at + interval '30 days'
FROM crowd;

INSERT INTO auth.registration_attempts (id, user_id, password_hash, first_name, last_name, locale,
    account_type, requested_at)
SELECT user_id, user_id, '', 'Awa', 'Kouamé', 'fr', 'candidate', validated_at FROM crowd;

INSERT INTO auth.one_time_links (id, user_id, attempt_id, purpose, created_at, used_at)
SELECT gen_random_uuid(), user_id, user_id, 'verify_email', validated_at, validated_at FROM crowd;

INSERT INTO auth.login_history (id, account_key, user_id, network, address, outcome, at)
SELECT gen_random_uuid(), user_id::text, user_id, '192.0.2.0/24', '192.0.2.1', 'succeeded',
    validated_at
FROM crowd;

INSERT INTO candidate.status_changes (id, profile_id, from_status, to_status, cause, validation_id,
    occurred_at)
SELECT gen_random_uuid(), profile_id, 'DRAFT', status, 'crowd', revision_id, validated_at
FROM crowd, unnest(ARRAY['SUBMITTED', 'IN_REVIEW', 'VALIDATED']) AS status;

INSERT INTO admin.validations (id, profile_id, user_id, number, status, submitted_at, grid_version,
    outcome, decided_at, created_at)
SELECT revision_id, profile_id, user_id, 1, 'decided', validated_at, 1, 'validated', validated_at,
    validated_at
FROM crowd;

INSERT INTO admin.document_reviews (validation_id, document_id, outcome, reviewed_by, reviewed_at)
SELECT c.revision_id, d.id, 'accepted', c.user_id, c.validated_at
FROM crowd c JOIN document.documents d USING (profile_id);

INSERT INTO admin.interviews (id, validation_id, status, starts_at, duration_minutes, mode, place,
    scheduled_by, scheduled_at, report, completed_at, created_at)
SELECT gen_random_uuid(), revision_id, 'done', validated_at, 45, 'phone', '+2250700000001',
    user_id, validated_at, 'Entretien clair.', validated_at, validated_at
FROM crowd;

INSERT INTO admin.assessments (validation_id, ratings, tags, summary, score_100, score_5, saved_by,
    saved_at)
SELECT revision_id, '{}', '{}', 'Rigoureuse.', 80, 400, user_id, validated_at FROM crowd;

INSERT INTO events.events (id, type, aggregate, aggregate_id, payload, actor_id, actor_kind,
    correlation_id, causation_id, occurred_at)
SELECT gen_random_uuid(), type, 'profile', profile_id,
    jsonb_build_object('profile_id', profile_id, 'user_id', user_id,
        'validation_id', revision_id), user_id, 'person', gen_random_uuid(), gen_random_uuid(),
    validated_at
FROM crowd, unnest(ARRAY['profile.submitted', 'profile.in_review', 'profile.validated']) AS type;

INSERT INTO events.deliveries (event_id, consumer, state, attempts, available_at, delivered_at)
SELECT id, consumer, 'delivered', 1, occurred_at, occurred_at
FROM events.events, unnest(ARRAY['audit.' || type, 'notifications.' || type]) AS consumer
WHERE aggregate_id IN (SELECT profile_id FROM crowd);

INSERT INTO audit.audit_logs (event_id, action, actor_id, actor_kind, subject, subject_id,
    correlation_id, occurred_at, payload, recorded_at)
SELECT id, type, actor_id, actor_kind, aggregate, aggregate_id, correlation_id, occurred_at,
    payload, occurred_at
FROM events.events WHERE aggregate_id IN (SELECT profile_id FROM crowd);

INSERT INTO audit.access_logs (event_id, action, actor_id, actor_kind, subject, subject_id,
    correlation_id, occurred_at)
SELECT gen_random_uuid(), 'profile.accessed', user_id, 'person', 'profile', profile_id,
    gen_random_uuid(), validated_at
FROM crowd;

INSERT INTO document.document_access (event_id, document_id, profile_id, access, actor_id,
    actor_kind, occurred_at)
SELECT gen_random_uuid(), id, profile_id, 'link', user_id, 'person', created_at
FROM document.documents WHERE profile_id IN (SELECT profile_id FROM crowd);

INSERT INTO notification.notifications (id, user_id, event_id, template, category, params, mailed,
    in_feed, created_at, sent_at)
SELECT gen_random_uuid(), user_id, gen_random_uuid(), 'profile_validated', 'process', '{}', true,
    true, validated_at, validated_at
FROM crowd;

INSERT INTO events.idempotency_keys (caller, key_hash, fingerprint, status, answer, created_at)
SELECT 'user:' || user_id, md5(n::text), '', 202, '{}', validated_at FROM crowd;

INSERT INTO search.openings (company_id, profile_id, period_start, revision_id, opened_by,
    opened_at)
SELECT md5('company' || n % 100)::uuid, profile_id, timestamptz '2026-01-01', revision_id, user_id,
    validated_at
FROM crowd;

-- One in a hundred came back and waits for a reviewer.
INSERT INTO admin.validations (id, profile_id, user_id, number, status, submitted_at, grid_version,
    created_at)
SELECT gen_random_uuid(), profile_id, user_id, 2, 'queued', validated_at, 1, validated_at
FROM crowd WHERE n % 100 = 0;

-- Deliveries that are not due yet, as while Temporal is away.
UPDATE events.deliveries SET state = 'pending', available_at = '2999-01-01', delivered_at = NULL
WHERE consumer LIKE 'notifications.%' AND event_id IN (
    SELECT id FROM events.events WHERE aggregate_id IN (
        SELECT profile_id FROM crowd WHERE n % 20 = 0));
