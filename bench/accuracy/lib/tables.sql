-- What the scripts of the families write, and nothing else: claims, figures and
-- bars. doc/accuracy.md says what each column means.
CREATE SCHEMA accuracy;
CREATE TABLE accuracy.claim (
    family text NOT NULL, product text NOT NULL, method text NOT NULL, data text NOT NULL,
    seed int NOT NULL, learner text NOT NULL, weight float8 NOT NULL DEFAULT 1 CHECK (weight > 0),
    p float8 NOT NULL CHECK (p BETWEEN 0 AND 1), y boolean NOT NULL);
CREATE TABLE accuracy.figure (
    family text NOT NULL, product text NOT NULL, method text NOT NULL, data text NOT NULL,
    seed int NOT NULL, learner text, figure text NOT NULL, value float8 NOT NULL,
    -- what the value rests on: its weight in the mean; the median counts every row once
    n bigint NOT NULL DEFAULT 1 CHECK (n > 0), summary text NOT NULL DEFAULT 'mean' CHECK (summary IN ('mean', 'median')));
CREATE TABLE accuracy.bar (
    family text NOT NULL, product text NOT NULL, method text NOT NULL, data text NOT NULL,
    figure text NOT NULL, at_least float8, at_most float8,
    -- so many bootstrap errors beyond the bar are chance ("not significantly below")
    errors float8 NOT NULL DEFAULT 0,
    source text NOT NULL, CHECK (at_least IS NOT NULL OR at_most IS NOT NULL),
    PRIMARY KEY (family, product, method, data, figure));
