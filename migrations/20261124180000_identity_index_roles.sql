-- Who has this role? Asked when a case is escalated to the whole team.
CREATE INDEX idx_user_roles_role ON auth.user_roles (role, user_id);
