-- While a command is in flight its row also says which request it belongs to, so that another
-- request under the same Idempotency-Key is told from the same one asked again.
ALTER TABLE admin.command_inputs ADD COLUMN fingerprint text;
