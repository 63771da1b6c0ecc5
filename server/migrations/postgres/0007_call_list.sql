-- What the call list is filtered by. Calls that go on are few and are looked
-- through; the indexes are for those that are over, so a call is entered into
-- them once, not with every step of its life.

-- The last four digits of the other side's number: what a search for a whole
-- number or for its ending looks up.
ALTER TABLE calls ADD COLUMN number_tail TEXT;

CREATE INDEX calls_by_status ON calls (tenant_id, status, created_at DESC, id DESC) WHERE live = 0;
CREATE INDEX calls_by_type ON calls (tenant_id, call_type, created_at DESC, id DESC) WHERE live = 0;
CREATE INDEX calls_by_direction ON calls (tenant_id, direction, created_at DESC, id DESC)
    WHERE live = 0 AND direction IS NOT NULL;
CREATE INDEX calls_by_agent ON calls (tenant_id, agent_id, created_at DESC, id DESC) WHERE live = 0;
CREATE INDEX calls_by_public_key ON calls (tenant_id, public_key_id, created_at DESC, id DESC)
    WHERE live = 0 AND public_key_id IS NOT NULL;
CREATE INDEX calls_by_number ON calls (tenant_id, number_tail, created_at DESC, id DESC)
    WHERE live = 0 AND number_tail IS NOT NULL;
CREATE INDEX calls_by_reason ON calls (tenant_id, disconnection_reason, created_at DESC, id DESC)
    WHERE live = 0 AND disconnection_reason IS NOT NULL;
CREATE INDEX calls_by_sentiment ON calls (tenant_id, user_sentiment, created_at DESC, id DESC)
    WHERE live = 0 AND user_sentiment IS NOT NULL;
CREATE INDEX calls_by_success ON calls (tenant_id, successful, created_at DESC, id DESC)
    WHERE live = 0 AND successful IS NOT NULL;
CREATE INDEX calls_by_recording ON calls (tenant_id, has_recording, created_at DESC, id DESC)
    WHERE live = 0;
