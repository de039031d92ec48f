-- Entries of the index alone, of {people} validated profiles (tests/src/crowd.rs).

CREATE TEMPORARY TABLE entries AS
SELECT n, gen_random_uuid() AS id FROM generate_series(1, {people}) n;

INSERT INTO candidate.profiles (id, user_id, status, draft_since, validated_at, created_at, updated_at)
SELECT id, id, 'VALIDATED', now(), now(), now(), now() FROM entries;

INSERT INTO search.profile_index (profile_id, revision_id, entry, summary, document, terms,
    sector, occupation, country, availability, education_levels, locations, contract_types,
    skills, languages, score, experience_years, salary_min, salary_currency, validated_at)
SELECT id, id,
    jsonb_build_object('profile_id', id, 'profile_title', 'Métier' || n % 500, 'sector', 's' || n % 20,
        'experience_years', n % 30, 'skills', jsonb_build_array(jsonb_build_object('name', 'k' || n % 200)),
        'tools', '[]'::jsonb, 'languages', '[]'::jsonb, 'locations', '[]'::jsonb,
        'education_levels', '[]'::jsonb, 'certifications', '[]'::jsonb, 'contract_types', '[]'::jsonb,
        'score_5', 4, 'validated_at', now(), 'rule', {rule}),
    repeat('Une personne rigoureuse et autonome. ', 10),
    setweight(to_tsvector('simple', 'metier' || n % 500), 'A'),
    ARRAY['sectors:s' || n % 20, 'countries:c' || n % 15, 'skills:k' || n % 200],
    's' || n % 20, 'o' || n % 100, 'c' || n % 15, 'immediate', ARRAY['bac_5'], ARRAY['l' || n % 50],
    ARRAY['permanent'], ARRAY['k' || n % 200, 'commun'], ARRAY['fr'], n % 500, n % 30, n, 'XOF',
    timestamptz '2026-01-01' + n * interval '1 minute'
FROM entries;

DROP TABLE entries;
