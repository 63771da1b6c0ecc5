-- Call-backs: visitors who ask to be telephoned, now or at a time.

-- A JSON list of ISO 3166-1 alpha-2 codes; empty for the business's own country.
ALTER TABLE public_keys ADD COLUMN countries TEXT NOT NULL DEFAULT '[]';
-- What happens while the business is closed: `call`, `callback` or `closed`.
ALTER TABLE public_keys ADD COLUMN out_of_hours TEXT NOT NULL DEFAULT 'call';
-- How many call-backs may be asked for within 24 hours.
ALTER TABLE public_keys ADD COLUMN callbacks_per_day BIGINT NOT NULL DEFAULT 50;

CREATE TABLE callbacks (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    public_key_id TEXT   NOT NULL,
    -- SHA-256 of the form it was asked with: sent twice, it is one request.
    form_hash     TEXT   NOT NULL,
    -- `pending` (now), `scheduled`, `calling`, `placed`, `failed` or `cancelled`.
    state         TEXT   NOT NULL,
    -- Which list it is in: 0 waits, 1 failed, 2 is over.
    section       BIGINT NOT NULL,
    name          TEXT   NOT NULL,
    -- E.164.
    phone         TEXT   NOT NULL,
    agent_id      TEXT   NOT NULL,
    -- The number to call from, where the page names one (E.164).
    from_number   TEXT,
    language      TEXT,
    page_url      TEXT,
    -- JSON objects: what goes along with the call.
    variables     TEXT   NOT NULL,
    metadata      TEXT   NOT NULL,
    -- What the visitor agreed to, as it was shown.
    consent       TEXT   NOT NULL,
    -- When it is to be placed.
    due_at        BIGINT NOT NULL,
    -- Counts how often it was begun: one job for each.
    round         BIGINT NOT NULL,
    -- When the call was begun to be placed.
    calling_since BIGINT,
    call_id       TEXT,
    -- Why it failed, a problem's slug.
    problem       TEXT,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    UNIQUE (tenant_id, form_hash)
);
-- A number waits once.
CREATE UNIQUE INDEX callbacks_waiting ON callbacks (tenant_id, phone) WHERE section = 0;
CREATE INDEX callbacks_by_phone ON callbacks (tenant_id, phone, created_at);
CREATE INDEX callbacks_by_key ON callbacks (tenant_id, public_key_id, created_at);
CREATE INDEX callbacks_by_age ON callbacks (tenant_id, created_at);
CREATE INDEX callbacks_todo ON callbacks (tenant_id, due_at, id) WHERE section < 2;
CREATE INDEX callbacks_over ON callbacks (tenant_id, id) WHERE section = 2;
