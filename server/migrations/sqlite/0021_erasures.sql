-- Somebody to be erased: in steps, by whichever server takes the job, and further from where
-- it stopped. Who it is stays here no longer than that takes.
CREATE TABLE erasures (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- As JSON; null once it is over.
    person       TEXT,
    at_retell    BIGINT NOT NULL,
    -- Who asked for it, as JSON.
    author       TEXT   NOT NULL,
    -- What is gone so far, as JSON.
    progress     TEXT   NOT NULL,
    -- `running`, `done` or `last-admin`.
    state        TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);
CREATE INDEX erasures_by_age ON erasures (created_at);
