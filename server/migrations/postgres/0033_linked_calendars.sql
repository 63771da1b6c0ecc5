-- Calendars people have elsewhere: how they are reached, when they are busy, and which bookings
-- stand in them.
CREATE TABLE calendar_links (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Whose; the business's own otherwise.
    staff_id   TEXT   REFERENCES calendar_staff (id) ON DELETE CASCADE,
    address    TEXT   NOT NULL,
    user_name  TEXT   NOT NULL,
    -- Sealed.
    password   TEXT   NOT NULL,
    -- The chosen one, and what it is called.
    calendar   TEXT,
    name       TEXT,
    -- JSON: the times it is busy, each its beginning and its end (Unix ms).
    busy       TEXT   NOT NULL,
    read_at    BIGINT,
    -- When that was last tried; since when it cannot be read, and why.
    tried_at   BIGINT,
    failed_at  BIGINT,
    reason     TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
-- One for each.
CREATE UNIQUE INDEX calendar_links_by_owner ON calendar_links (tenant_id, COALESCE(staff_id, ''));

CREATE TABLE calendar_writes (
    booking_id TEXT   NOT NULL PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Where its event is; in none otherwise.
    link_id    TEXT   REFERENCES calendar_links (id) ON DELETE SET NULL,
    place      TEXT,
    -- Part of the event's name: some servers keep the names of what was deleted.
    copy       BIGINT NOT NULL,
    -- `waiting`, `written`, `removed` or `parked`.
    state      TEXT   NOT NULL,
    reason     TEXT,
    attempts   BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX calendar_writes_by_tenant ON calendar_writes (tenant_id, booking_id);
CREATE INDEX calendar_writes_by_link ON calendar_writes (link_id);

ALTER TABLE calendar_links ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_links FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON calendar_links USING (switchboard_sees(tenant_id));
ALTER TABLE calendar_writes ENABLE ROW LEVEL SECURITY;
ALTER TABLE calendar_writes FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON calendar_writes USING (switchboard_sees(tenant_id));
