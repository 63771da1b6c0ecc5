-- The voice an agent speaks with: JSON, see `api::routing::AgentVoice`.
ALTER TABLE agents ADD COLUMN voice TEXT;
-- When somebody last changed the agent at Retell (Unix ms), as of which that is known.
ALTER TABLE agents ADD COLUMN changed_at BIGINT;
