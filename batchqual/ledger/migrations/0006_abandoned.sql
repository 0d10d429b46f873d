-- A request whose fate nobody knows can be given up, so that another one for its wish may follow. SQLite cannot change
-- a check: the table is made anew (SQLite docs, ALTER TABLE, "Making Other Kinds Of Table Schema Changes").

DROP VIEW education_attempt;

CREATE TABLE request_anew (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    revision            INTEGER NOT NULL,
    origin              TEXT NOT NULL,
    partner             TEXT NOT NULL,
    customer_id         TEXT NOT NULL,
    qualification       TEXT NOT NULL,
    segment             TEXT,
    website             TEXT,
    validation_code     TEXT,
    state               TEXT NOT NULL
        CHECK (state IN ('queued', 'sending', 'in_review', 'settled', 'refused', 'abandoned', 'reverted')),
    adopted             INTEGER NOT NULL CHECK (adopted IN (0, 1)),
    sends               INTEGER NOT NULL CHECK (sends BETWEEN 0 AND 3),
    answered_sends      INTEGER NOT NULL CHECK (answered_sends BETWEEN 0 AND sends),
    request_id          TEXT,
    correlation_id      TEXT,
    predecessor         INTEGER REFERENCES request (id),
    enrolled_at         TEXT NOT NULL,
    submitted_at        TEXT,
    answered_at         TEXT,
    settled_at          TEXT,
    vetting_status      TEXT,
    vetting_reason      TEXT,
    vetting_created_raw TEXT,
    last_look_at        TEXT,
    polls               INTEGER NOT NULL CHECK (polls >= 0),
    http_status         INTEGER,
    error_code          TEXT,
    error_message       TEXT,
    source              TEXT NOT NULL,
    row                 INTEGER NOT NULL,
    row_json            TEXT NOT NULL,
    -- the latest change; the triggers copy it into the biography
    changed_at          TEXT NOT NULL,
    change              TEXT NOT NULL,
    change_note         TEXT,
    change_run          TEXT,
    -- intent before act: nothing is on its way without a request id and a time
    CHECK (state NOT IN ('sending', 'abandoned') OR (sends > 0 AND request_id IS NOT NULL AND submitted_at IS NOT NULL)),
    CHECK (state <> 'queued' OR sends = 0)
);

INSERT INTO request_anew SELECT * FROM request;

-- the highest number that was ever given out, by which a cut is found
DELETE FROM sqlite_sequence WHERE name = 'request_anew';
INSERT INTO sqlite_sequence (name, seq) SELECT 'request_anew', seq FROM sqlite_sequence WHERE name = 'request';

DROP TABLE request;
ALTER TABLE request_anew RENAME TO request;

CREATE INDEX request_by_wish ON request (origin, partner, customer_id, qualification);

-- Never twice: a second live request for one wish cannot be stored.
CREATE UNIQUE INDEX one_live_request_per_wish ON request (origin, partner, customer_id, qualification)
    WHERE state IN ('queued', 'sending', 'in_review');

-- Education requests that may have reached vetting: ours that left and were not refused, each once however often it
-- was sent; and a denial that we found and never submitted.
CREATE VIEW education_attempt AS
    SELECT origin, partner, customer_id FROM request
    WHERE qualification = 'Education' AND CASE adopted
        WHEN 1 THEN lower(coalesce(vetting_status, '')) = 'denied'
        ELSE sends > 0 AND state IN ('sending', 'in_review', 'settled', 'abandoned', 'reverted')
    END;

CREATE TRIGGER request_is_new AFTER INSERT ON request
BEGIN
    INSERT INTO event (
        request, at, event, before, after, run_id, request_id, correlation_id, http_status, error_code, note
    ) VALUES (
        new.id, new.changed_at, new.change, NULL, new.state, new.change_run, new.request_id, new.correlation_id,
        new.http_status, new.error_code, new.change_note
    );
END;

CREATE TRIGGER request_has_changed AFTER UPDATE ON request
BEGIN
    INSERT INTO event (
        request, at, event, before, after, run_id, request_id, correlation_id, http_status, error_code, note
    ) VALUES (
        new.id, new.changed_at, new.change, old.state, new.state, new.change_run,
        iif(new.change = 'looked', NULL, new.request_id),
        iif(new.change = 'looked', NULL, new.correlation_id),
        iif(new.change = 'looked', NULL, new.http_status),
        iif(new.change = 'looked' AND new.error_code IS old.error_code, NULL, new.error_code),
        new.change_note
    );
END;

CREATE TRIGGER request_has_a_customer BEFORE INSERT ON request WHEN new.customer_id = ''
BEGIN
    SELECT RAISE(ABORT, 'a request needs its customer');
END;
