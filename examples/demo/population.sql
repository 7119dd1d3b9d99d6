-- What learners have in common in how they forget, estimated once from at most
-- 200 of them (the more they answered the better): forgetting.sql and
-- struggle.sql draw a learner's own curve towards it. Not a row where nobody
-- saw a card twice.
CREATE SCHEMA IF NOT EXISTS btwin_demo;
DROP TABLE IF EXISTS btwin_demo.population;
CREATE TABLE btwin_demo.population (prior btwin.forgetting_prior);
INSERT INTO btwin_demo.population
SELECT prior
FROM (SELECT btwin.forgetting_prior_agg(one.curve) AS prior
      FROM (SELECT r.user_id FROM btwin.reviews AS r GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT 200) AS learner
      CROSS JOIN LATERAL (SELECT btwin.forgetting_agg(r.card_id, r.reviewed_at, r.rating <> 'AGAIN') AS curve
                          FROM btwin.reviews_window(learner.user_id, '-infinity', 'infinity') AS r) AS one
      WHERE btwin.evidence_count(one.curve) > 0) AS estimate
WHERE prior IS NOT NULL;
