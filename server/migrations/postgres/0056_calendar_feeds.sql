-- By what the address is known at which a calendar reads what is booked with them (SHA-256,
-- hexadecimal); none was given out where there is nothing.
ALTER TABLE calendar_staff ADD COLUMN feed_hash TEXT;

CREATE UNIQUE INDEX calendar_staff_feeds ON calendar_staff (feed_hash) WHERE feed_hash IS NOT NULL;
