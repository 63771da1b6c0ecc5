-- Since when the provider may have a message and did not say so (Unix ms): noted before it is
-- handed over, so that one without an answer is looked for before it is sent again.
ALTER TABLE sms_messages ADD COLUMN tried_at BIGINT;
