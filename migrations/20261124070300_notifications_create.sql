-- What people are told. A row is one cause, one template and one person; the mail and the line of
-- the feed are two views of it. Params are ids and codes: names, reasons and links are read from
-- their own tables when the mail is made.

CREATE SCHEMA notification;

CREATE TABLE notification.notifications (
    id uuid CONSTRAINT pk_notifications PRIMARY KEY,
    user_id uuid NOT NULL,
    event_id uuid NOT NULL,
    template text NOT NULL,
    category text NOT NULL,
    params jsonb NOT NULL,
    mailed boolean NOT NULL,
    in_feed boolean NOT NULL,
    created_at timestamptz NOT NULL,
    read_at timestamptz,
    sent_at timestamptz,
    failed_at timestamptz,
    failure text,
    message_id text
);
-- The feed, newest first (ids are not ordered by time, so the two together are).
CREATE INDEX idx_notifications_user_id ON notification.notifications (user_id, created_at, id)
    WHERE in_feed;
CREATE INDEX idx_notifications_unread ON notification.notifications (user_id)
    WHERE in_feed AND read_at IS NULL;
CREATE INDEX idx_notifications_event_id ON notification.notifications (event_id);

GRANT USAGE ON SCHEMA notification TO yemma_api, yemma_worker;
GRANT SELECT ON notification.notifications TO yemma_api;
GRANT UPDATE (read_at) ON notification.notifications TO yemma_api;
GRANT SELECT, INSERT, UPDATE, DELETE ON notification.notifications TO yemma_worker;
