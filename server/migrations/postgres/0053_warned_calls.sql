-- Calls in which people were warned of something are filtered for, whether or not it flagged them.
CREATE INDEX calls_by_warning ON calls (tenant_id, created_at DESC, id DESC)
    WHERE live = 0 AND warning IS NOT NULL;
