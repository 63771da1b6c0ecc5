-- People: where their sessions are, and what a one-time link is for.

-- Where the session began.
ALTER TABLE sessions ADD COLUMN remote_ip TEXT;
ALTER TABLE sessions ADD COLUMN user_agent TEXT;

-- `sign_in` opens a session at once; `invitation` and `reset` lead to a page
-- where the person chooses a password.
ALTER TABLE sign_in_links ADD COLUMN purpose TEXT NOT NULL DEFAULT 'sign_in';
CREATE INDEX sign_in_links_by_user ON sign_in_links (user_id);

-- Null until the person was at the desk once.
ALTER TABLE users ADD COLUMN last_sign_in_at BIGINT;
UPDATE users SET last_sign_in_at =
    (SELECT MAX(s.created_at) FROM sessions s WHERE s.user_id = users.id);
CREATE INDEX users_by_tenant ON users (tenant_id, id);

-- Holds one row, 1, once the first business was set up: of two at once only one
-- can add it.
CREATE TABLE first_setup (
    id      BIGINT NOT NULL PRIMARY KEY,
    done_at BIGINT NOT NULL
);

-- How fast passwords may be tried, over all servers: when the next attempt of
-- an address or for an account comes free, were there no burst.
CREATE TABLE sign_in_attempts (
    name_hash TEXT   NOT NULL PRIMARY KEY,
    free_at   BIGINT NOT NULL
);
CREATE INDEX sign_in_attempts_by_end ON sign_in_attempts (free_at);
