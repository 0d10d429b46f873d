-- The chain stands for the whole line of a request, not for its changes alone; and a look is not told with the answer
-- to the submission before it.

-- Of an event that was its request's latest at the commit: a digest of the request's line as it stood then.
ALTER TABLE link ADD COLUMN line TEXT;

DROP TRIGGER request_has_changed;

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
