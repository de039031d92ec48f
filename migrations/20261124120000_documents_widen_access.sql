-- What is known of a document may be read without its content; that is an access as well.
ALTER TABLE document.document_access
    DROP CONSTRAINT ck_document_access_access,
    ADD CONSTRAINT ck_document_access_access
        CHECK (access IN ('metadata', 'link', 'content', 'page'));
