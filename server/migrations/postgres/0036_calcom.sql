-- The business's account at Cal.com, and what is booked there.
CREATE TABLE calcom_connections (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    base_url   TEXT   NOT NULL,
    -- Sealed JSON: the key, and the secret of its webhooks.
    secrets    TEXT   NOT NULL,
    -- What the account is called there.
    account    TEXT,
    updated_at BIGINT NOT NULL
);

CREATE TABLE calcom_bookings (
    booking_id  TEXT   NOT NULL PRIMARY KEY REFERENCES bookings (id) ON DELETE CASCADE,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    event_type  BIGINT NOT NULL,
    -- What the booking is known by there; not yet while its time is only held.
    uid         TEXT,
    -- What keeps its time meanwhile.
    reservation TEXT,
    -- When it was sent of which nobody knows whether it is booked.
    sent_at     BIGINT
);
CREATE UNIQUE INDEX calcom_bookings_by_uid ON calcom_bookings (tenant_id, uid) WHERE uid IS NOT NULL;

-- Whether whoever is booked has yet to agree.
ALTER TABLE bookings ADD COLUMN pending BIGINT NOT NULL DEFAULT 0;

ALTER TABLE calcom_connections ENABLE ROW LEVEL SECURITY;
ALTER TABLE calcom_connections FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON calcom_connections USING (switchboard_sees(tenant_id));
ALTER TABLE calcom_bookings ENABLE ROW LEVEL SECURITY;
ALTER TABLE calcom_bookings FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON calcom_bookings USING (switchboard_sees(tenant_id));
