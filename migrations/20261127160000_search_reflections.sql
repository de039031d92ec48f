-- Search: the version of the rule by which each validated profile was cleared for the index, or was last
-- told to be. Entries of an older rule are made again, a batch at a time, without anything being edited.

CREATE TABLE search.reflections (
    profile_id uuid CONSTRAINT pk_reflections PRIMARY KEY,
    rule integer NOT NULL
);
-- Which profiles are there of an older rule?
CREATE INDEX idx_reflections_rule ON search.reflections (rule);

-- What is in the index was made before rules had versions.
INSERT INTO search.reflections (profile_id, rule)
SELECT id, 0 FROM candidate.profiles WHERE status = 'VALIDATED';

GRANT SELECT, INSERT, UPDATE, DELETE ON search.reflections TO yemma_worker;
