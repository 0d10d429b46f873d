-- Domains that rows name beside an ID, and that no customer has as the default domain: what the list said, and when.

CREATE TABLE domain_of_nobody (
    origin  TEXT NOT NULL,
    partner TEXT NOT NULL,
    domain  TEXT NOT NULL,
    seen_at TEXT NOT NULL,
    PRIMARY KEY (origin, partner, domain)
) WITHOUT ROWID;
