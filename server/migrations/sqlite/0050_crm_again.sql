-- How often there was more to tell of a call that a CRM was told of, or is about to be.
ALTER TABLE crm_writes ADD COLUMN news BIGINT NOT NULL DEFAULT 0;

-- What the app of a business was granted in its CRM.
CREATE TABLE crm_grants (
    tenant_id     TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- Sealed JSON: the tokens.
    tokens        TEXT   NOT NULL,
    -- When they are over, where the CRM says so.
    over_at       BIGINT,
    -- Why there are no further ones: somebody has to grant it anew.
    refused       TEXT,
    -- Until when a server renews them: nobody else does.
    claimed_until BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL
);
