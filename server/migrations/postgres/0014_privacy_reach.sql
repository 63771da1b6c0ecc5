-- What is kept of a call goes with the call, wherever it is.

-- The call an event tells of; null where it tells of none.
ALTER TABLE outgoing_events ADD COLUMN call_id TEXT;
CREATE INDEX outgoing_events_by_call ON outgoing_events (tenant_id, call_id)
    WHERE call_id IS NOT NULL;
CREATE INDEX outgoing_events_by_tenant_age ON outgoing_events (tenant_id, created_at);

-- Deliveries nobody could assign are deleted by their age alone.
CREATE INDEX webhook_deliveries_unassigned ON webhook_deliveries (received_at)
    WHERE tenant_id IS NULL;
