-- How fast does a learner forget?
--   psql -v learner=ID -v as_of=MOMENT -f forgetting.sql
-- The curve is fitted to the times between reviews of the same card and their
-- outcomes, drawn towards what learners in this database have in common
-- (population.sql) as far as the learner's own reviews leave it open.
WITH twin AS MATERIALIZED (
    SELECT btwin.forgetting_agg(r.card_id, r.reviewed_at, r.rating <> 'AGAIN') AS curve
    FROM btwin.reviews_window(:'learner', '-infinity', :'as_of') AS r
), fit AS MATERIALIZED (
    SELECT twin.curve, population.prior, c.half_life, c.half_life_low, c.half_life_high, c.evidence_count, c.recalled_count, c.confidence,
           coalesce(c.evidence_count, 0) = 0 AS unknown
    FROM twin LEFT JOIN btwin_demo.population ON true
    CROSS JOIN LATERAL btwin.curve(twin.curve, 0.9, population.prior) AS c
), answer AS (
    SELECT 0 AS place, 'evidence' AS quantity, unknown, format('%s repeats, %s recalled', evidence_count, recalled_count) AS once,
           'confidence ' || round(confidence::numeric, 2) AS thrice
    FROM fit
    UNION ALL
    SELECT 1, 'half-life', fit.unknown,
           format('%s %s (%s to %s)', round((u.factor * half_life)::numeric, 1), u.unit,
                  round((u.factor * half_life_low)::numeric, 1), round((u.factor * half_life_high)::numeric, 1)), NULL
    FROM fit
    CROSS JOIN LATERAL (SELECT CASE WHEN half_life < 1.0 / 12 THEN 1440 WHEN half_life < 2 THEN 24 ELSE 1 END,
                               CASE WHEN half_life < 1.0 / 12 THEN 'minutes' WHEN half_life < 2 THEN 'hours' ELSE 'days' END) AS u (factor, unit)
    UNION ALL
    SELECT 1 + d.place, format('recalled after %s %s', d.days, CASE d.days WHEN 1 THEN 'day' ELSE 'days' END), fit.unknown,
           format('%s %% (%s to %s)', round(100 * btwin.retention(fit.curve, d.days, prior => fit.prior)), round(100 * i.low), round(100 * i.high)),
           format('%s %% (%s to %s)', round(100 * btwin.retention(fit.curve, d.days, 3, prior => fit.prior)), round(100 * j.low), round(100 * j.high))
    FROM fit
    CROSS JOIN unnest(ARRAY[1, 3, 7, 14, 30]) WITH ORDINALITY AS d (days, place)
    CROSS JOIN LATERAL btwin.retention_interval(fit.curve, d.days, prior => fit.prior) AS i
    CROSS JOIN LATERAL btwin.retention_interval(fit.curve, d.days, 3, prior => fit.prior) AS j
)
SELECT quantity,
       CASE WHEN unknown THEN 'unknown: no card was reviewed twice' ELSE once END AS "card seen once (90 % interval)",
       CASE WHEN NOT unknown THEN thrice END AS "recalled 3 times since"
FROM answer
WHERE NOT unknown OR place = 1
ORDER BY place;
