-- Every statement that the ledger speaks, by name. A name stands between dashes; its purpose follows.

-- last_request_id --
-- The highest id ever given out, also to requests that are gone.
SELECT seq FROM sqlite_sequence WHERE name = 'request';

-- insert_request --
-- Enrol one request.
INSERT INTO request (
    id, revision, origin, partner, customer_id, qualification, segment, website, validation_code, state, adopted, sends, answered_sends,
    request_id, correlation_id, predecessor, enrolled_at, submitted_at, answered_at, settled_at, vetting_status,
    vetting_reason, vetting_created_raw, last_look_at, polls, http_status, error_code, error_message, source, row,
    row_json, changed_at, change, change_note, change_run, shown_at, unconfirmed_since
) VALUES (
    :id, :revision, :origin, :partner, :customer_id, :qualification, :segment, :website, :validation_code, :state,
    :adopted, :sends, :answered_sends, :request_id, :correlation_id, :predecessor, :enrolled_at, :submitted_at, :answered_at, :settled_at,
    :vetting_status, :vetting_reason, :vetting_created_raw, :last_look_at, :polls, :http_status, :error_code,
    :error_message, :source, :row, :row_json, :changed_at, :change, :change_note, :change_run, :shown_at,
    :unconfirmed_since
);

-- move_requests --
-- Write what moves change, each unless somebody else has changed its request since. One statement, because the
-- thread that writes lets go of the interpreter for the length of a statement, not of a batch.
UPDATE request
SET revision = new.revision, state = new.state, adopted = new.adopted, sends = new.sends,
    answered_sends = new.answered_sends, request_id = new.request_id, correlation_id = new.correlation_id,
    submitted_at = new.submitted_at, answered_at = new.answered_at, settled_at = new.settled_at,
    vetting_status = new.vetting_status, vetting_reason = new.vetting_reason,
    vetting_created_raw = new.vetting_created_raw, last_look_at = new.last_look_at, shown_at = new.shown_at,
    unconfirmed_since = new.unconfirmed_since, polls = new.polls,
    http_status = new.http_status, error_code = new.error_code, error_message = new.error_message,
    changed_at = new.changed_at, change = new.change, change_note = new.change_note,
    change_run = new.change_run
FROM (
    SELECT
        json_extract(value, '$.id') AS id, json_extract(value, '$.revision') AS revision,
        json_extract(value, '$.state') AS state, json_extract(value, '$.adopted') AS adopted,
        json_extract(value, '$.sends') AS sends, json_extract(value, '$.answered_sends') AS answered_sends,
        json_extract(value, '$.request_id') AS request_id,
        json_extract(value, '$.correlation_id') AS correlation_id,
        json_extract(value, '$.submitted_at') AS submitted_at,
        json_extract(value, '$.answered_at') AS answered_at,
        json_extract(value, '$.settled_at') AS settled_at,
        json_extract(value, '$.vetting_status') AS vetting_status,
        json_extract(value, '$.vetting_reason') AS vetting_reason,
        json_extract(value, '$.vetting_created_raw') AS vetting_created_raw,
        json_extract(value, '$.last_look_at') AS last_look_at, json_extract(value, '$.shown_at') AS shown_at,
        json_extract(value, '$.unconfirmed_since') AS unconfirmed_since, json_extract(value, '$.polls') AS polls,
        json_extract(value, '$.http_status') AS http_status,
        json_extract(value, '$.error_code') AS error_code,
        json_extract(value, '$.error_message') AS error_message,
        json_extract(value, '$.changed_at') AS changed_at, json_extract(value, '$.change') AS change,
        json_extract(value, '$.change_note') AS change_note,
        json_extract(value, '$.change_run') AS change_run
    FROM json_each(:moves)
) AS new
WHERE request.id = new.id AND request.revision = new.revision - 1;

-- replace_content --
-- Give a request that was never sent another content and another row of the input.
UPDATE request
SET revision = :revision, segment = :segment, website = :website, validation_code = :validation_code,
    request_id = :request_id, source = :source, row = :row, row_json = :row_json, changed_at = :changed_at, change = :change,
    change_note = :change_note, change_run = :change_run
WHERE id = :id AND revision = :revision - 1;

-- latest_requests --
-- The latest request of each wish, and whatever is live; the live one last, so that it wins in a dictionary.
SELECT * FROM request AS one
WHERE origin = :origin AND partner = :partner AND (
    state IN ('queued', 'sending', 'in_review')
    OR id = (
        SELECT max(id) FROM request AS other
        WHERE other.origin = one.origin AND other.partner = one.partner
            AND other.customer_id = one.customer_id AND other.qualification = one.qualification
    )
)
ORDER BY state IN ('queued', 'sending', 'in_review'), id;

-- history_of_wish --
-- All requests of one wish, oldest first.
SELECT * FROM request
WHERE origin = :origin AND partner = :partner AND customer_id = :customer_id AND qualification = :qualification
ORDER BY id;

-- requests_in_state --
-- All requests of one partner in one state, oldest first.
SELECT * FROM request WHERE origin = :origin AND partner = :partner AND state = :state ORDER BY id;

-- education_attempts --
-- How many Education requests of one customer may have reached vetting.
SELECT count(*) FROM education_attempt WHERE origin = :origin AND partner = :partner AND customer_id = :customer_id;

-- all_education_attempts --
-- The same for every customer that has any.
SELECT customer_id, count(*) FROM education_attempt WHERE origin = :origin AND partner = :partner GROUP BY customer_id;

-- partners --
-- Everyone whom this ledger has ever served.
SELECT DISTINCT origin, partner FROM request UNION SELECT origin, partner FROM gate
UNION SELECT origin, partner FROM customer_domain
UNION SELECT origin, partner FROM domain_of_nobody ORDER BY origin, partner;

-- counts_by_state --
-- How many requests of one partner stand in each state.
SELECT state, count(*) AS requests FROM request WHERE origin = :origin AND partner = :partner GROUP BY state;

-- events_of_request --
-- The biography of one request, oldest line first.
SELECT * FROM event WHERE request = :id ORDER BY seq;

-- close_gate --
-- Keep a partner's gate closed; a shorter pause never opens it early, unless what stands there is not believed.
INSERT INTO gate (origin, partner, closed_until) VALUES (:origin, :partner, :closed_until)
ON CONFLICT (origin, partner) DO UPDATE SET closed_until =
    CASE WHEN closed_until > :believed THEN excluded.closed_until ELSE max(closed_until, excluded.closed_until) END;

-- gate_closed_until --
-- Until when a partner's gate is closed.
SELECT closed_until FROM gate WHERE origin = :origin AND partner = :partner;

-- keep_domain --
-- Note whose default domain it is, as of now.
INSERT INTO customer_domain (origin, partner, domain, customer_id, name, seen_at)
VALUES (:origin, :partner, :domain, :customer_id, :name, :seen_at)
ON CONFLICT (origin, partner, domain)
DO UPDATE SET customer_id = excluded.customer_id, name = excluded.name, seen_at = excluded.seen_at;

-- doubt_domain --
-- It is that customer's default domain no longer.
UPDATE customer_domain SET seen_at = :seen_at
WHERE origin = :origin AND partner = :partner AND domain = :domain AND customer_id = :customer_id;

-- known_domains --
-- Whose default domains they are, by what was seen since.
SELECT domain, customer_id, name FROM customer_domain
WHERE origin = :origin AND partner = :partner AND seen_at >= :since;

-- keep_domain_of_nobody --
-- Note that it is the default domain of no customer, as of now.
INSERT INTO domain_of_nobody (origin, partner, domain, seen_at) VALUES (:origin, :partner, :domain, :seen_at)
ON CONFLICT (origin, partner, domain) DO UPDATE SET seen_at = excluded.seen_at;

-- forget_domain_of_nobody --
-- It is somebody's now.
DELETE FROM domain_of_nobody WHERE origin = :origin AND partner = :partner AND domain = :domain;

-- domains_of_nobody --
-- Domains that were no customer's, by what was seen since.
SELECT domain FROM domain_of_nobody WHERE origin = :origin AND partner = :partner AND seen_at >= :since;

-- insert_run --
-- A run begins.
INSERT INTO run (run_id, command, started_at, rows_in, files, columns, facts)
VALUES (:run_id, :command, :started_at, 0, :files, :columns, :facts);

-- insert_run_row --
-- One input row of a run.
INSERT INTO run_row (run, position, row_json) VALUES (?, ?, ?);

-- count_run_rows --
-- Note how many rows went in.
UPDATE run SET rows_in = (SELECT count(*) FROM run_row WHERE run = :run) WHERE number = :run;

-- finish_run --
-- A run ends; it can end once.
UPDATE run
SET finished_at = :finished_at, exit_code = :exit_code, requests = :requests, error = :error, notices = :notices
WHERE run_id = :run_id AND finished_at IS NULL;

-- insert_run_verdict --
-- The verdict on one input row of a run.
INSERT INTO run_verdict (run, position, verdict_json) VALUES (?, ?, ?);

-- insert_run_earlier --
-- One request of an earlier sheet that a run looked at.
INSERT INTO run_earlier (run, position, row_json, verdict_json) VALUES (?, ?, ?, ?);

-- run_by_id --
-- One run.
SELECT * FROM run WHERE run_id = :run_id;

-- last_runs --
-- The latest runs, newest first.
SELECT * FROM run ORDER BY number DESC LIMIT :limit;

-- last_run_finished_at --
-- When a run last came to its end.
SELECT max(finished_at) AS finished_at FROM run;

-- run_rows --
-- The input rows of a run with their verdicts, where it came to its end.
SELECT position, row_json, verdict_json FROM run_row LEFT JOIN run_verdict USING (run, position)
WHERE run = :run ORDER BY position;

-- run_earlier_rows --
-- What a run looked at besides its input.
SELECT position, row_json, verdict_json FROM run_earlier WHERE run = :run ORDER BY position;

-- note_shown --
-- What was in review when the ledger was brought up to date, and a look had shown before, was shown then. The line of
-- history bears the time of the one before it, so that a copy in memory gets the same chain.
UPDATE request
SET revision = revision + 1, change = :event, change_run = NULL,
    change_note = 'a look had shown it by then',
    shown_at = (
        SELECT max(at) FROM event
        WHERE event.request = request.id AND event = 'looked' AND after = 'in_review'
            AND note IS NOT 'it does not show'
    )
WHERE state = 'in_review' AND EXISTS (
    SELECT 1 FROM event
    WHERE event.request = request.id AND event = 'looked' AND after = 'in_review'
        AND note IS NOT 'it does not show'
);

-- insert_schema_version --
-- Note that a migration was applied.
INSERT INTO schema_version (version, name, applied_at) VALUES (?, ?, ?);

-- schema_version --
-- The newest migration that was applied.
SELECT max(version) AS version FROM schema_version;

-- latest_event --
-- The number of the latest event; 0 where there is none.
SELECT coalesce(max(seq), 0) FROM event;

-- chain_head --
-- The last link of the chain.
SELECT number, kind, event, run, hash, line FROM link ORDER BY number DESC LIMIT 1;

-- unchained_events --
-- Events behind the one that the chain has reached, as one value; behind the latest of a request its line.
SELECT json_group_array(
    json_array(
        seq, request, at, event, before, after, run_id, request_id, correlation_id, http_status, error_code, note,
        json(
            iif(
                seq = (SELECT max(seq) FROM event AS other WHERE other.request = one.request),
                (
                    SELECT json_array(
                        id, revision, origin, partner, customer_id, qualification, segment, website, validation_code, state,
                        adopted, sends, answered_sends, request_id, correlation_id, predecessor, enrolled_at, submitted_at,
                        answered_at, settled_at, vetting_status, vetting_reason, vetting_created_raw, last_look_at, polls,
                        http_status, error_code, error_message, source, row, row_json, changed_at, change, change_note,
                        change_run, shown_at, unconfirmed_since
                    )
                    FROM request WHERE id = one.request
                ),
                NULL
            )
        )
    )
)
FROM (SELECT * FROM event WHERE seq > :event ORDER BY seq LIMIT :limit) AS one;

-- line_of_request --
-- The line of a request, as its digest reads it, if this event is its latest.
SELECT
    id, revision, origin, partner, customer_id, qualification, segment, website, validation_code, state, adopted,
    sends, answered_sends, request_id, correlation_id, predecessor, enrolled_at, submitted_at, answered_at,
    settled_at, vetting_status, vetting_reason, vetting_created_raw, last_look_at, polls, http_status, error_code,
    error_message, source, row, row_json, changed_at, change, change_note, change_run, shown_at, unconfirmed_since
FROM request WHERE id = :request AND NOT EXISTS (SELECT 1 FROM event WHERE request = :request AND seq > :event);

-- append_link --
-- Continue the chain by one link.
INSERT INTO link (number, kind, event, run, hash, line) VALUES (?, ?, ?, ?, ?, ?);

-- append_events --
-- Continue the chain by links for events: the number of each, its hash, and the digest of the request's line.
INSERT INTO link (number, kind, event, run, hash, line)
SELECT
    :first + key, 'event', json_extract(value, '$[0]'), NULL, json_extract(value, '$[1]'), json_extract(value, '$[2]')
FROM json_each(:links);

-- run_started_line --
-- What the chain says of a run's beginning.
SELECT run_id, command, started_at, rows_in, files, columns, facts FROM run WHERE number = :run;

-- run_ended_line --
-- What the chain says of a run's end.
SELECT run_id, finished_at, exit_code, requests, error, notices FROM run WHERE number = :run;

-- lines_of_run_row --
-- The input of a run, as its digest reads it.
SELECT position, row_json FROM run_row WHERE run = :run ORDER BY position;

-- lines_of_run_verdict --
-- The verdicts of a run, as their digest reads them.
SELECT position, verdict_json FROM run_verdict WHERE run = :run ORDER BY position;

-- lines_of_run_earlier --
-- What a run looked at besides its input, as its digest reads it.
SELECT position, row_json, verdict_json FROM run_earlier WHERE run = :run ORDER BY position;

-- note_head --
-- Note in a finished run how far the chain goes.
UPDATE run SET link = :link, head = :head WHERE number = :run;

-- run_ends --
-- Every run, and when it came to its end.
SELECT number, finished_at FROM run ORDER BY number;

-- all_links --
-- The chain, from its first link to its last.
SELECT number, kind, event, run, hash, line FROM link ORDER BY number;

-- all_events --
-- All events, as the chain reads them.
SELECT seq, request, at, event, before, after, run_id, request_id, correlation_id, http_status, error_code, note
FROM event ORDER BY seq;

-- owner_of_request --
-- Whose a request is.
SELECT customer_id, qualification FROM request WHERE id = :request;

-- events_near --
-- The events of one request, and those written shortly before and after one.
SELECT request, at, event, before, after, run_id, request_id, correlation_id, http_status, error_code, note
FROM event WHERE request = :request OR seq BETWEEN :event - 100 AND :event + 100;

-- moments_of_request --
-- The times, and the run, that a request knows of itself.
SELECT enrolled_at, submitted_at, answered_at, settled_at, last_look_at, changed_at, change_run FROM request
WHERE id = :request;

-- lives --
-- Every request with each line of its biography, oldest first.
SELECT
    one.id, one.customer_id, one.qualification, one.revision, one.state, one.sends,
    one.changed_at, one.change, one.change_run, one.change_note,
    one.request_id, one.correlation_id, one.http_status, one.error_code,
    line.seq, line.before, line.after,
    line.at, line.event, line.run_id, line.note,
    line.request_id, line.correlation_id, line.http_status, line.error_code
FROM request AS one LEFT JOIN event AS line ON line.request = one.id
ORDER BY one.id, line.seq;

-- wishes_of_two --
-- Wishes with more than one live request: the index that forbids them is gone, or damaged.
SELECT customer_id, qualification, count(*) FROM request NOT INDEXED
WHERE state IN ('queued', 'sending', 'in_review')
GROUP BY origin, partner, customer_id, qualification HAVING count(*) > 1;

-- run_totals --
-- Every run with the numbers of its rows: said, stored, and without a verdict.
SELECT
    number, run_id, finished_at, rows_in,
    (SELECT count(*) FROM run_row WHERE run_row.run = run.number) AS stored,
    (SELECT count(*) FROM run_verdict WHERE run_verdict.run = run.number) AS verdicts,
    (
        SELECT count(*) FROM run_row LEFT JOIN run_verdict USING (run, position)
        WHERE run_row.run = run.number AND verdict_json IS NULL
    ) AS open
FROM run ORDER BY number;

-- outcomes_of_run --
-- How many rows of a run have each outcome; null for a verdict that cannot be read.
SELECT CASE WHEN json_valid(verdict_json) THEN json_extract(verdict_json, '$.outcome') END AS outcome, count(*)
FROM run_verdict WHERE run = :run GROUP BY outcome;

-- run_heads --
-- Every run, the link that was the chain's end when it ended, and whether anything of an end is stored.
SELECT
    run.number, run.run_id, run.finished_at, run.link, run.head, link.hash,
    coalesce(run.link, run.head, exit_code, requests, error, notices) IS NOT NULL
        OR EXISTS (SELECT 1 FROM run_verdict WHERE run_verdict.run = run.number)
        OR EXISTS (SELECT 1 FROM run_earlier WHERE run_earlier.run = run.number) AS ended
FROM run LEFT JOIN link ON link.number = run.link AND link.kind = 'run ended' AND link.run = run.number
ORDER BY run.number;

-- sizes --
-- How many requests, events and runs there are.
SELECT (SELECT count(*) FROM request), (SELECT count(*) FROM event), (SELECT count(*) FROM run);

-- highest_given --
-- The highest number that was ever given out in a table, and the highest that is there.
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0), coalesce((SELECT max(seq) FROM event), 0)
UNION ALL
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'run'), 0), coalesce((SELECT max(number) FROM run), 0)
UNION ALL
SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'request'), 0), coalesce((SELECT max(id) FROM request), 0);

-- schema --
-- Everything that the file is made of, as it was declared.
SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name;

-- link_of_hash --
-- The link with this hash.
SELECT number FROM link WHERE hash = :hash;

-- requests_of_customer --
-- All requests of one customer, oldest first, whoever the partner is.
SELECT * FROM request WHERE customer_id = :customer_id ORDER BY id;

-- requests_of_exchange --
-- Requests that ever bore this request ID or correlation ID.
SELECT * FROM request
WHERE request_id = :identifier OR correlation_id = :identifier
    OR id IN (SELECT request FROM event WHERE request_id = :identifier OR correlation_id = :identifier)
ORDER BY id;
