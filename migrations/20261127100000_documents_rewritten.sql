SET lock_timeout = '5s';

-- Bytes of the file that is handed out instead of the uploaded one, where the inspection took
-- something out; null where the upload itself is handed out.
ALTER TABLE document.documents ADD COLUMN rewritten_size bigint CHECK (rewritten_size > 0);
