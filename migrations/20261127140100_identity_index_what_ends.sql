-- Answers: which tokens go on, of this person or this session? An end touches those alone. The index
-- that this replaces, idx_refresh_tokens_user_id, goes with the next release.
CREATE INDEX idx_refresh_tokens_live ON auth.refresh_tokens (user_id, session_id)
    WHERE used_at IS NULL AND revoked_at IS NULL;
-- Answers: which tokens ended before that moment, the oldest first?
CREATE INDEX idx_refresh_tokens_ended_at ON auth.refresh_tokens ((least(expires_at, revoked_at)));
-- Answers: which links were used or voided before that moment, the oldest first?
CREATE INDEX idx_one_time_links_ended_at ON auth.one_time_links ((least(used_at, voided_at)))
    WHERE least(used_at, voided_at) IS NOT NULL;
-- Answers: which logins are older than that, the oldest first?
CREATE INDEX idx_login_history_at ON auth.login_history (at);
-- Answers: when was this account last logged into from this network?
CREATE INDEX idx_login_history_succeeded ON auth.login_history (account_key, network, at)
    WHERE outcome = 'succeeded';
