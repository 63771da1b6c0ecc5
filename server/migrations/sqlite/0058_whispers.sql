-- What a business's staff often tell agents during calls.
CREATE TABLE whispers (
    tenant_id  TEXT   NOT NULL PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    -- JSON: the sentences, in the order they are offered.
    said       TEXT   NOT NULL,
    updated_at BIGINT NOT NULL
);
