-- Accounts never verified are removed a while after their last registration, which renews the link:
-- the sweep asks for updated_at, and nothing asks for created_at.
-- Answers: which accounts were never verified since that moment, the oldest first?
CREATE INDEX idx_users_updated_at ON auth.users (updated_at) WHERE email_verified_at IS NULL;
DROP INDEX auth.idx_users_created_at;
