-- Whether somebody is called by nobody here: 1 or 0.
ALTER TABLE contacts ADD COLUMN do_not_call BIGINT NOT NULL DEFAULT 0;
