-- Search: the embedded engine's entries, the words it corrects typing errors by, and which profiles
-- each company opened.
--
-- An entry is anonymous by construction: it is written from a type that has no field for a name, a
-- contact or an employer.

CREATE SCHEMA search;

-- Both are trusted extensions: the owner of the database may create them.
CREATE EXTENSION IF NOT EXISTS unaccent WITH SCHEMA public;
CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

-- French without accents. It stems worse than `french` where an accent tells an ending
-- ("recherchées"), so texts are indexed and asked for by both.
CREATE TEXT SEARCH CONFIGURATION search.french_unaccent (COPY = pg_catalog.french);
ALTER TEXT SEARCH CONFIGURATION search.french_unaccent
    ALTER MAPPING FOR hword, hword_part, word WITH public.unaccent, pg_catalog.french_stem;
ALTER TEXT SEARCH CONFIGURATION search.french_unaccent
    ALTER MAPPING FOR numhword, numword WITH public.unaccent, pg_catalog.simple;

-- The two vectors of one text.
CREATE FUNCTION search.both_vectors(content text) RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT to_tsvector('pg_catalog.french', content)
        || to_tsvector('search.french_unaccent', content)
$$;

-- What a person typed: every group must be met, by any of its alternatives (the word, its synonyms
-- and its corrections). Each alternative is asked for in both vectors; one of several words is a
-- phrase. A group of stop words alone asks for nothing.
CREATE FUNCTION search.text_query(groups jsonb) RETURNS tsquery
LANGUAGE plpgsql IMMUTABLE SET client_min_messages = warning AS $$
DECLARE
    whole tsquery := ''::tsquery;
    part tsquery;
    alternatives jsonb;
    alternative text;
BEGIN
    FOR alternatives IN SELECT jsonb_array_elements(groups) LOOP
        part := ''::tsquery;
        FOR alternative IN SELECT jsonb_array_elements_text(alternatives) LOOP
            part := part
                || phraseto_tsquery('pg_catalog.french', alternative)
                || phraseto_tsquery('search.french_unaccent', alternative);
        END LOOP;
        whole := whole && part;
    END LOOP;
    RETURN whole;
END $$;

CREATE TABLE search.profile_index (
    profile_id uuid CONSTRAINT pk_profile_index PRIMARY KEY,
    revision_id uuid NOT NULL,
    entry jsonb NOT NULL,
    summary text NOT NULL,
    document tsvector NOT NULL,
    -- What filters ask for: `<filter>:<value>`, values without case and accents; of a skill or a
    -- language also `<value>>=<level>` for each level up to the person's.
    terms text[] NOT NULL,

    -- What facets count, as it is shown.
    sector text,
    occupation text,
    country text,
    availability text,
    education_levels text[] NOT NULL,
    locations text[] NOT NULL,
    contract_types text[] NOT NULL,
    skills text[] NOT NULL,
    languages text[] NOT NULL,

    -- Whole hundredths of the score out of 5.
    score integer NOT NULL,
    experience_years integer NOT NULL,
    -- The least the person asks for, a month, in the currency's minor unit.
    salary_min bigint,
    salary_currency text,
    validated_at timestamptz NOT NULL
);
CREATE INDEX idx_profile_index_document ON search.profile_index USING gin (document);
CREATE INDEX idx_profile_index_terms ON search.profile_index USING gin (terms);
CREATE INDEX idx_profile_index_score
    ON search.profile_index (score DESC, validated_at DESC, profile_id);
CREATE INDEX idx_profile_index_experience_years
    ON search.profile_index (experience_years DESC, score DESC, profile_id);
CREATE INDEX idx_profile_index_validated_at
    ON search.profile_index (validated_at DESC, profile_id);
CREATE INDEX idx_profile_index_salary_currency
    ON search.profile_index (salary_currency, salary_min);

-- Every word of every entry, without case and accents: a word typed that is none of them is taken
-- for the nearest.
CREATE TABLE search.words (
    word text CONSTRAINT pk_words PRIMARY KEY
);
CREATE INDEX idx_words_word ON search.words USING gin (word public.gin_trgm_ops);

-- The words that share enough of their letter triples with one that is not known; a caller keeps
-- those within a few keystrokes of it. The threshold is lower than the default of 0.3, which loses
-- two letters typed in the wrong order in a word of six.
CREATE FUNCTION search.nearest_words(typed text) RETURNS SETOF text
LANGUAGE sql STABLE SET pg_trgm.similarity_threshold = 0.2 AS $$
    SELECT word FROM search.words
    WHERE word OPERATOR(public.%) typed
    ORDER BY public.similarity(word, typed) DESC, word
    LIMIT 30
$$;

-- One consultation each: a profile is opened once by a company in a period of its quota.
CREATE TABLE search.openings (
    company_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    period_start timestamptz NOT NULL,
    revision_id uuid NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL,

    CONSTRAINT pk_openings PRIMARY KEY (company_id, profile_id, period_start)
);
CREATE INDEX idx_openings_profile_id ON search.openings (profile_id, opened_at);

GRANT USAGE ON SCHEMA search TO yemma_api, yemma_worker;
GRANT SELECT ON ALL TABLES IN SCHEMA search TO yemma_api, yemma_worker;
GRANT INSERT ON search.openings TO yemma_api;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA search TO yemma_worker;
