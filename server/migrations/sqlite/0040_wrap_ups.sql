-- What people say of calls: how each came out, tags, and a note.

-- The name of one of the business's dispositions, as it was when it was given.
ALTER TABLE calls ADD COLUMN disposition TEXT;
CREATE INDEX calls_by_disposition ON calls (tenant_id, disposition, created_at DESC, id DESC)
    WHERE live = 0 AND disposition IS NOT NULL;

-- How a business's calls can come out.
CREATE TABLE dispositions (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: all of them, and whether one is required.
    said       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE wrap_ups (
    call_id    TEXT   NOT NULL PRIMARY KEY REFERENCES calls (id) ON DELETE CASCADE,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- As it was typed.
    note       TEXT   NOT NULL,
    -- JSON: as `call_tags` has them, in the order they were given.
    tags       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

-- The calls with a tag, in the order of the call list.
CREATE TABLE call_tags (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    tag        TEXT   NOT NULL,
    -- The call's.
    created_at BIGINT NOT NULL,
    call_id    TEXT   NOT NULL REFERENCES calls (id) ON DELETE CASCADE,
    PRIMARY KEY (tenant_id, tag, created_at, call_id)
);
CREATE INDEX call_tags_by_call ON call_tags (call_id);
