-- Keys: more of what a public key allows, secret API keys, answers that are
-- given again for an `Idempotency-Key`, and the contacts they are used for.

-- What the key is called among the staff; visitors see `title`.
ALTER TABLE public_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
UPDATE public_keys SET name = title;
-- A JSON list of `voice` and `callback`.
ALTER TABLE public_keys ADD COLUMN modes TEXT NOT NULL DEFAULT '["voice"]';
-- Null for no limit.
ALTER TABLE public_keys ADD COLUMN minutes_per_day BIGINT;
ALTER TABLE public_keys ADD COLUMN max_concurrent BIGINT;
-- JSON: see `keys::SealedCaptcha`. Null without one.
ALTER TABLE public_keys ADD COLUMN captcha TEXT;
-- Its secret, sealed.
ALTER TABLE public_keys ADD COLUMN captcha_secret TEXT;
-- A JSON object the panel is given as it is.
ALTER TABLE public_keys ADD COLUMN appearance TEXT NOT NULL DEFAULT '{}';
-- The first of the keys that replaced each other: their calls count together.
ALTER TABLE public_keys ADD COLUMN family TEXT NOT NULL DEFAULT '';
UPDATE public_keys SET family = id;
ALTER TABLE public_keys ADD COLUMN expires_at BIGINT;
ALTER TABLE public_keys ADD COLUMN replaced_by TEXT;
ALTER TABLE public_keys ADD COLUMN last_used_at BIGINT;
CREATE INDEX public_keys_by_family ON public_keys (tenant_id, family);

-- The calls of a key today, and those going on.
CREATE INDEX calls_by_key ON calls (public_key_id, created_at) WHERE public_key_id IS NOT NULL;
CREATE INDEX calls_live_by_key ON calls (public_key_id) WHERE live = 1;

-- A call that is about to be started takes its place before Retell is asked,
-- so that servers cannot together start more than a key allows.
CREATE TABLE call_reservations (
    id            TEXT   NOT NULL PRIMARY KEY,
    tenant_id     TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    family        TEXT   NOT NULL,
    -- A server that died does not keep the place.
    expires_at    BIGINT NOT NULL
);
CREATE INDEX call_reservations_by_family ON call_reservations (tenant_id, family);

CREATE TABLE api_keys (
    id           TEXT   NOT NULL PRIMARY KEY,
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name         TEXT   NOT NULL,
    -- SHA-256 of the secret, which is as random as the hash.
    secret_hash  TEXT   NOT NULL UNIQUE,
    -- The last four characters of the secret.
    hint         TEXT   NOT NULL,
    -- A JSON list, see `keys::ApiScope`.
    scopes       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    created_by   TEXT,
    expires_at   BIGINT,
    revoked_at   BIGINT,
    replaced_by  TEXT,
    last_used_at BIGINT
);
CREATE INDEX api_keys_by_tenant ON api_keys (tenant_id, id);

-- An answer that is given again to the same request under the same key.
CREATE TABLE idempotent_answers (
    tenant_id    TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    key          TEXT   NOT NULL,
    -- SHA-256 of the method, the address and the body.
    request_hash TEXT   NOT NULL,
    -- Which attempt works on it, and until when it is believed to.
    attempt      TEXT   NOT NULL,
    locked_until BIGINT NOT NULL,
    -- Null while it is worked on.
    status       BIGINT,
    -- Sealed: an answer may hold the access to a call.
    answer       TEXT,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE INDEX idempotent_answers_by_expiry ON idempotent_answers (expires_at);

CREATE TABLE contacts (
    id         TEXT   NOT NULL PRIMARY KEY,
    tenant_id  TEXT   NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    -- E.164.
    phone      TEXT,
    name       TEXT   NOT NULL,
    email      TEXT,
    -- An IETF language tag.
    language   TEXT,
    vip        BIGINT NOT NULL,
    notes      TEXT   NOT NULL,
    -- A JSON object of the business's own fields.
    fields     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX contacts_by_phone ON contacts (tenant_id, phone);
CREATE INDEX contacts_by_email ON contacts (tenant_id, email);
CREATE INDEX contacts_list ON contacts (tenant_id, id);
