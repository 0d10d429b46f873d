-- Customers that rows name by their default domain: what the partner's customer list said, and when.

CREATE TABLE customer_domain (
    origin      TEXT NOT NULL,
    partner     TEXT NOT NULL,
    domain      TEXT NOT NULL,
    customer_id TEXT NOT NULL CHECK (customer_id <> ''),
    name        TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    PRIMARY KEY (origin, partner, domain)
) WITHOUT ROWID;

-- A row whose customer is not looked up yet is nobody's wish.
CREATE TRIGGER request_has_a_customer BEFORE INSERT ON request WHEN new.customer_id = ''
BEGIN
    SELECT RAISE(ABORT, 'a request needs its customer');
END;
