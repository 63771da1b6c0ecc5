-- Contacts: every number of each, what they are found by, and files of them that are read in.

-- JSON: what they can be reached by besides `phone` (E.164).
ALTER TABLE contacts ADD COLUMN more_phones TEXT NOT NULL DEFAULT '[]';
-- Name and tags without case and accents; null until a server has written them down.
ALTER TABLE contacts ADD COLUMN name_folded TEXT;
ALTER TABLE contacts ADD COLUMN tags_folded TEXT;
CREATE INDEX contacts_by_name ON contacts (tenant_id, name_folded);
CREATE INDEX contacts_not_folded ON contacts (id) WHERE name_folded IS NULL;

-- Whose a number is, `phone` and the others: one contact's.
CREATE TABLE contact_numbers (
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    number     TEXT   NOT NULL,
    contact_id TEXT   NOT NULL REFERENCES contacts (id) ON DELETE CASCADE,
    PRIMARY KEY (tenant_id, number)
);
CREATE INDEX contact_numbers_by_contact ON contact_numbers (contact_id);
INSERT INTO contact_numbers (tenant_id, number, contact_id)
    SELECT tenant_id, phone, id FROM contacts WHERE phone IS NOT NULL;

CREATE TABLE contact_imports (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant_id   TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: what the file is called and what was read of it, and how its columns are meant.
    sheet       TEXT   NOT NULL,
    plan        TEXT   NOT NULL,
    -- `prepared`, `running`, `done` or `cancelled`.
    state       TEXT   NOT NULL,
    total       BIGINT NOT NULL,
    -- The part that is next.
    next_part   BIGINT NOT NULL,
    done        BIGINT NOT NULL,
    created     BIGINT NOT NULL,
    changed     BIGINT NOT NULL,
    refused     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    finished_at BIGINT
);
CREATE INDEX contact_imports_by_tenant ON contact_imports (tenant_id, id);
CREATE INDEX contact_imports_by_age ON contact_imports (created_at);

-- What is still to be taken in, a few lines at a time.
CREATE TABLE contact_import_parts (
    import_id TEXT   NOT NULL REFERENCES contact_imports (id) ON DELETE CASCADE,
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    number    BIGINT NOT NULL,
    -- JSON.
    lines     TEXT   NOT NULL,
    PRIMARY KEY (import_id, number)
);
CREATE INDEX contact_import_parts_by_tenant ON contact_import_parts (tenant_id);

-- The lines that were not taken, and why.
CREATE TABLE contact_import_refusals (
    import_id TEXT   NOT NULL REFERENCES contact_imports (id) ON DELETE CASCADE,
    tenant_id TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    line      BIGINT NOT NULL,
    reason    TEXT   NOT NULL,
    -- JSON.
    cells     TEXT   NOT NULL,
    PRIMARY KEY (import_id, line)
);
CREATE INDEX contact_import_refusals_by_tenant ON contact_import_refusals (tenant_id);

-- The link to a record is as it was when it was written.
ALTER TABLE crm_writes ADD COLUMN record_url TEXT;

ALTER TABLE contact_numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_numbers FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON contact_numbers USING (switchboard_sees(tenant_id));
ALTER TABLE contact_imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_imports FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON contact_imports USING (switchboard_sees(tenant_id));
ALTER TABLE contact_import_parts ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_import_parts FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON contact_import_parts USING (switchboard_sees(tenant_id));
ALTER TABLE contact_import_refusals ENABLE ROW LEVEL SECURITY;
ALTER TABLE contact_import_refusals FORCE ROW LEVEL SECURITY;
CREATE POLICY of_tenant ON contact_import_refusals USING (switchboard_sees(tenant_id));
