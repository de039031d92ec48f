-- The texts of commands and where they came from, until the command's activity takes them:
-- free text and network addresses never enter a workflow's history. Read by no screen.

CREATE SCHEMA admin;

CREATE TABLE admin.command_inputs (
    id uuid CONSTRAINT pk_command_inputs PRIMARY KEY,
    actor_id uuid,
    origin_address text,
    origin_user_agent text,
    texts jsonb NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX idx_command_inputs_created_at ON admin.command_inputs (created_at);

GRANT USAGE ON SCHEMA admin TO yemma_api, yemma_worker;
GRANT SELECT, INSERT ON admin.command_inputs TO yemma_api;
GRANT SELECT, DELETE ON admin.command_inputs TO yemma_worker;
