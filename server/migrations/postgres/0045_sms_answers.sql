-- Whether it answers the word by which somebody said that they want no messages, or do again:
-- 1 or nothing. That answer is sent though they want none.
ALTER TABLE sms_messages ADD COLUMN answers BIGINT;
