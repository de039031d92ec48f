-- Pages, from 1, of which there is no picture although the document is available.
ALTER TABLE document.documents
    ADD COLUMN undrawn_pages integer[] NOT NULL DEFAULT '{}';
