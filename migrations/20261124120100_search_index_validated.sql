-- Who of those that a search found is still validated?
CREATE INDEX idx_profiles_validated ON candidate.profiles (id) WHERE status = 'VALIDATED';
