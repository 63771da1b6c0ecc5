-- Accounts elsewhere that people sign in with, by OpenID Connect.
CREATE TABLE identities (
    id        TEXT   NOT NULL PRIMARY KEY,
    tenant_id TEXT   NOT NULL REFERENCES tenants (id),
    user_id   TEXT   NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    -- Together they name the account for ever; an e-mail address may get
    -- another owner.
    issuer    TEXT   NOT NULL,
    subject   TEXT   NOT NULL,
    -- The account's address when it was linked, for people to recognise it.
    email     TEXT,
    linked_at BIGINT NOT NULL
);
-- An account is one person's, and a person has one account of a provider.
CREATE UNIQUE INDEX identities_by_subject ON identities (issuer, subject);
CREATE UNIQUE INDEX identities_by_user ON identities (user_id, issuer);
