-- The chain over the journal: each line holds a SHA-256 over the one before it and over what it stands for, so that
-- nothing of the journal can be changed, left out, put in or put elsewhere without breaking it.

CREATE TABLE link (
    number INTEGER PRIMARY KEY,
    kind   TEXT NOT NULL CHECK (kind IN ('event', 'foreign', 'run started', 'run ended')),
    event  INTEGER NOT NULL,  -- the latest event that the chain has reached with this link
    run    INTEGER,           -- the run that began or ended
    hash   TEXT NOT NULL
);

CREATE TRIGGER link_is_never_changed BEFORE UPDATE ON link
BEGIN
    SELECT RAISE(ABORT, 'the chain is append-only');
END;

CREATE TRIGGER link_is_never_deleted BEFORE DELETE ON link
BEGIN
    SELECT RAISE(ABORT, 'the chain is append-only');
END;

-- A finished run holds the chain's end as of then: a chain that was cut off behind it would look whole by itself.
ALTER TABLE run ADD COLUMN link INTEGER;
ALTER TABLE run ADD COLUMN head TEXT;
