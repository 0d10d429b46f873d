-- What later runs have to know of the looks before them.

-- When a look last showed an entry of the request.
ALTER TABLE request ADD COLUMN shown_at TEXT;

-- Since when looks have contradicted what the request stands for: one is not believed alone.
ALTER TABLE request ADD COLUMN unconfirmed_since TEXT;

DROP VIEW education_attempt;

-- Education requests that may have reached vetting: ours that left and were not refused, each once however often it
-- was sent; and one that we found and never submitted, once it is denied or gone.
CREATE VIEW education_attempt AS
    SELECT origin, partner, customer_id FROM request
    WHERE qualification = 'Education' AND CASE adopted
        WHEN 1 THEN lower(coalesce(vetting_status, '')) IN ('denied', '(absent)')
        ELSE sends > 0 AND state IN ('sending', 'in_review', 'settled', 'abandoned', 'reverted')
    END;
