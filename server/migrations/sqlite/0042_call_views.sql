-- Filters of the call list under a name.
CREATE TABLE call_views (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Whose it is; everybody's of the business without one.
    user_id    TEXT   REFERENCES users (id) ON DELETE CASCADE,
    name       TEXT   NOT NULL,
    -- What follows the question mark of the list's address.
    query      TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX call_views_by_tenant ON call_views (tenant_id, user_id);
CREATE INDEX call_views_by_user ON call_views (user_id);
