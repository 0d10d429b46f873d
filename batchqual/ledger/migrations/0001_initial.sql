-- The first shape of the ledger. Times are UTC, ISO 8601 with microseconds, so that text order is time order.

CREATE TABLE schema_version (
    version    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL,
    applied_at TEXT NOT NULL
);

-- One row per request: a wish (origin, partner, customer, qualification) with its content and its fate.
CREATE TABLE request (
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
        CHECK (state IN ('queued', 'sending', 'in_review', 'settled', 'refused', 'reverted')),
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
    -- the latest change; the triggers below copy it into the biography
    changed_at          TEXT NOT NULL,
    change              TEXT NOT NULL,
    change_note         TEXT,
    change_run          TEXT,
    -- intent before act: nothing is on its way without a request id and a time
    CHECK (state <> 'sending' OR (sends > 0 AND request_id IS NOT NULL AND submitted_at IS NOT NULL)),
    CHECK (state <> 'queued' OR sends = 0)
);

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
        ELSE sends > 0 AND state IN ('sending', 'in_review', 'settled', 'reverted')
    END;

-- The biography: one line per change of a request. The triggers write it, so no change can be stored without it.
CREATE TABLE event (
    seq            INTEGER PRIMARY KEY AUTOINCREMENT,
    request        INTEGER NOT NULL REFERENCES request (id),
    at             TEXT NOT NULL,
    event          TEXT NOT NULL,
    before         TEXT,
    after          TEXT NOT NULL,
    run_id         TEXT,
    request_id     TEXT,
    correlation_id TEXT,
    http_status    INTEGER,
    error_code     TEXT,
    note           TEXT
);

CREATE INDEX event_by_request ON event (request);

CREATE TRIGGER event_is_never_changed BEFORE UPDATE ON event
BEGIN
    SELECT RAISE(ABORT, 'the event table is append-only');
END;

CREATE TRIGGER event_is_never_deleted BEFORE DELETE ON event
BEGIN
    SELECT RAISE(ABORT, 'the event table is append-only');
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
        new.id, new.changed_at, new.change, old.state, new.state, new.change_run, new.request_id, new.correlation_id,
        new.http_status, new.error_code, new.change_note
    );
END;

-- Until when the service asked everyone of a partner to wait.
CREATE TABLE gate (
    origin       TEXT NOT NULL,
    partner      TEXT NOT NULL,
    closed_until TEXT NOT NULL,
    PRIMARY KEY (origin, partner)
);

-- One row per run, with all that its report needs.
CREATE TABLE run (
    number      INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id      TEXT NOT NULL UNIQUE,
    command     TEXT NOT NULL,
    started_at  TEXT NOT NULL,
    finished_at TEXT,
    exit_code   INTEGER,
    rows_in     INTEGER NOT NULL,
    files       TEXT NOT NULL,
    columns     TEXT NOT NULL,
    facts       TEXT NOT NULL,
    requests    TEXT,
    error       TEXT,
    notices     TEXT
);

CREATE TABLE run_row (
    run      INTEGER NOT NULL REFERENCES run (number),
    position INTEGER NOT NULL,
    row_json TEXT NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;

CREATE TABLE run_verdict (
    run          INTEGER NOT NULL REFERENCES run (number),
    position     INTEGER NOT NULL,
    verdict_json TEXT NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;

-- Requests of earlier sheets that the run looked at: shown apart, outside its totals.
CREATE TABLE run_earlier (
    run          INTEGER NOT NULL REFERENCES run (number),
    position     INTEGER NOT NULL,
    row_json     TEXT NOT NULL,
    verdict_json TEXT NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;
