-- One row for each Idempotency-Key in flight: the same request asked again finds its command here.
-- Once the command was carried out or refused the row is gone, and the key's answer, if a change
-- was made, is in events.idempotency_keys; so a refusal is never kept, and a key used again after
-- its 24 hours is a new command.
ALTER TABLE admin.command_inputs ADD COLUMN slot text;
-- Answers: which command is in flight for this caller and key?
CREATE UNIQUE INDEX uk_command_inputs_slot ON admin.command_inputs (slot);
