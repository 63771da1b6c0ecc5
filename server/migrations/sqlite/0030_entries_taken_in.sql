-- What comes in touches no index but those by which it is told apart and found when it is
-- due: the others have it once it was worked off. What is done is most of all, and found by
-- its order alone.
DROP INDEX webhook_deliveries_by_state;
CREATE INDEX webhook_deliveries_by_state ON webhook_deliveries (state, id)
    WHERE state <> 'done' AND due_at IS NULL;
DROP INDEX webhook_deliveries_by_tenant_state;
CREATE INDEX webhook_deliveries_by_tenant_state ON webhook_deliveries (tenant_id, state, id)
    WHERE tenant_id IS NOT NULL AND state <> 'done';
DROP INDEX webhook_deliveries_by_age;
CREATE INDEX webhook_deliveries_by_age ON webhook_deliveries (tenant_id, received_at)
    WHERE due_at IS NULL;
DROP INDEX webhook_deliveries_unassigned;
CREATE INDEX webhook_deliveries_unassigned ON webhook_deliveries (received_at)
    WHERE tenant_id IS NULL AND due_at IS NULL;
