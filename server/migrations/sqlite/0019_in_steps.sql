-- What takes long is done in steps.

-- The run that takes this one's calls in as well: an account is listed once for all who
-- share it.
ALTER TABLE call_imports ADD COLUMN led_by TEXT;
CREATE INDEX call_imports_led ON call_imports (led_by) WHERE led_by IS NOT NULL;

-- Since when an endpoint is nobody's any more; its log goes after it.
ALTER TABLE webhook_endpoints ADD COLUMN deleted_at BIGINT;
