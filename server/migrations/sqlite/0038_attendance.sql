-- Who of the staff listens to a call that goes on.
CREATE TABLE call_listeners (
    -- The name Retell gave them in the call.
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    call_id    TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    since      BIGINT NOT NULL,
    -- When their page was last heard of.
    seen_at    BIGINT NOT NULL
);
CREATE INDEX call_listeners_by_call ON call_listeners (tenant_id, call_id);
CREATE INDEX call_listeners_by_age ON call_listeners (seen_at);

-- Who speaks in a call instead of its agent: one person, for good.
CREATE TABLE call_take_overs (
    call_id    TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- The name they listened by.
    listener   TEXT   NOT NULL,
    user_id    TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- When Retell was asked to switch, and when it did: nothing where nobody knows.
    asked_at   BIGINT NOT NULL,
    done_at    BIGINT
);
CREATE INDEX call_take_overs_by_tenant ON call_take_overs (tenant_id, call_id);
