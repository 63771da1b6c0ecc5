-- How long the first attempt at an entry took (µs), where that went well and nothing came
-- after it: then it is in no log. It was made at `processed_at`.
ALTER TABLE webhook_deliveries ADD COLUMN took_us BIGINT;
