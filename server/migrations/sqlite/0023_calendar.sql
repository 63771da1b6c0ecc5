-- The business's own calendar: what can be booked, with whom, and what is.

CREATE TABLE calendars (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: how far apart slots begin, how far ahead they are offered and the like.
    settings   TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE calendar_services (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: name, duration, buffers, price, who does it.
    service    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX calendar_services_by_tenant ON calendar_services (tenant_id, id);

CREATE TABLE calendar_staff (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: name, hours of their own.
    member     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX calendar_staff_by_tenant ON calendar_staff (tenant_id, id);

CREATE TABLE bookings (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- Six digits, as they are said on the telephone.
    reference  TEXT   NOT NULL,
    -- `held`, `confirmed` or `cancelled`.
    state      TEXT   NOT NULL,
    -- What is held and not confirmed by then is free again.
    held_until BIGINT,
    service_id TEXT   NOT NULL,
    -- What the service and the member of staff were called then.
    service    TEXT   NOT NULL,
    staff_id   TEXT,
    staff      TEXT,
    -- For whom; the number is E.164.
    name       TEXT   NOT NULL,
    phone      TEXT,
    notes      TEXT   NOT NULL,
    -- The call it was made in.
    call_id    TEXT,
    starts_at  BIGINT NOT NULL,
    ends_at    BIGINT NOT NULL,
    -- With the buffers around it.
    busy_from  BIGINT NOT NULL,
    busy_to    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    UNIQUE (tenant_id, reference)
);
CREATE INDEX bookings_by_time ON bookings (tenant_id, starts_at, id);
CREATE INDEX bookings_busy ON bookings (tenant_id, busy_from);
CREATE INDEX bookings_by_phone ON bookings (tenant_id, phone, starts_at);
CREATE INDEX bookings_by_call ON bookings (tenant_id, call_id);
CREATE INDEX bookings_held ON bookings (held_until) WHERE state = 'held';
