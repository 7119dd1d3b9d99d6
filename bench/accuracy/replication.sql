-- Do the habits found in the first half of a real log come back in the second?
-- runs on: data
--
-- Scores are residuals: what the learner scored less the mean of all other
-- learners on the same item. Per learner the best bucket of the first half of
-- the rows is taken, whatever its confidence; it comes back when its mean is above that of the
-- learner's other buckets in the second half. The claim is the probability
-- stated for just that (default: column replication). Learners count whose
-- second half has rows in that bucket and in others.
\setenv DATA :data
\set has_lkt `ls "$DATA"/lkt/reviews.csv* >/dev/null 2>&1 && echo true || echo false`
\set has_oulad `ls "$DATA"/oulad_2013/studentAssessment.csv* >/dev/null 2>&1 && echo true || echo false`
CREATE TEMP TABLE answer (data text, product text, learner text, bucket text, day date, at float8, score float8);

\if :has_oulad
CREATE TEMP TABLE assessment (code_module text, code_presentation text, id_assessment int, assessment_type text, date float8, weight float8);
\copy assessment FROM PROGRAM 'gzip -dcf "$DATA"/oulad_2013/assessments.csv*' WITH (FORMAT csv, HEADER)
CREATE TEMP TABLE submission (id_assessment int, id_student int, date_submitted int, is_banked int, score float8);
\copy submission FROM PROGRAM 'gzip -dcf "$DATA"/oulad_2013/studentAssessment.csv*' WITH (FORMAT csv, HEADER)
-- day 0 of a presentation is known by its month only (B February, J October):
-- a weekday is right up to a shift that all of the presentation share
INSERT INTO answer
SELECT 'OULAD', v.product, 'oulad-' || id_student, v.bucket, day, date_submitted, (score - (sum(score) OVER item - score) / nullif(count(*) OVER item - 1, 0)) / 100
FROM (SELECT s.*, a.assessment_type, make_date(left(code_presentation, 4)::int, CASE right(code_presentation, 1) WHEN 'B' THEN 2 ELSE 10 END, 1) + date_submitted AS day
      FROM submission AS s JOIN assessment AS a USING (id_assessment) WHERE is_banked = 0 AND score IS NOT NULL) AS q
-- tutor-marked, computer-marked; an exam is one a course
CROSS JOIN LATERAL (VALUES ('kinds of assessment', assessment_type), ('weekdays', extract(isodow FROM day)::text)) AS v(product, bucket)
WHERE assessment_type <> 'Exam'
WINDOW item AS (PARTITION BY product, id_assessment);
\endif

\if :has_lkt
CREATE TEMP TABLE trial (user_id text, session_id text, item_id text, topic_id text, shown_at timestamptz, answered_at timestamptz, outcome text,
    time_spent_ms int, first_key_ms int, feedback_ms int, input text, phase text, practice_condition text);
\copy trial FROM PROGRAM 'gzip -dcf "$DATA"/lkt/reviews.csv*' WITH (FORMAT csv, HEADER)
WITH asked AS (
    SELECT *, (outcome = 'CORRECT')::int::float8 AS y, floor(extract(epoch FROM shown_at - min(shown_at) OVER (PARTITION BY user_id, session_id)) / 300)::int AS part,
           least(5, count(*) OVER (PARTITION BY user_id, topic_id ORDER BY shown_at ROWS UNBOUNDED PRECEDING) - 1) AS practised
    FROM trial
), residual AS (
    SELECT *, y - (sum(y) OVER item - sum(y) OVER own_item) / nullif(count(*) OVER item - count(*) OVER own_item, 0) AS of_item,
           y - (sum(y) OVER practice - sum(y) OVER own_practice) / nullif(count(*) OVER practice - count(*) OVER own_practice, 0) AS of_practice
    FROM asked WHERE outcome <> 'STUDY'
    WINDOW item AS (PARTITION BY item_id), own_item AS (PARTITION BY item_id, user_id),
           practice AS (PARTITION BY topic_id, practised, phase), own_practice AS (PARTITION BY topic_id, practised, phase, user_id)
)
INSERT INTO answer
SELECT 'LKT', v.product, 'lkt-' || user_id, v.bucket, (shown_at AT TIME ZONE 'UTC')::date, extract(epoch FROM shown_at), v.score
FROM residual CROSS JOIN LATERAL (VALUES ('topics', topic_id, of_item), ('hours', extract(hour FROM shown_at AT TIME ZONE 'UTC')::text, of_item),
    ('5-minute parts of a session', part::text, of_item), ('5-minute parts, practice taken out', part::text, of_practice)) AS v(product, bucket, score);
\endif
DELETE FROM answer WHERE score IS NULL;

CREATE TEMP TABLE history AS
SELECT *, row_number() OVER w <= count(*) OVER l / 2 AS first
FROM answer WINDOW w AS (PARTITION BY data, product, learner ORDER BY at, bucket), l AS (PARTITION BY data, product, learner);
CREATE TEMP TABLE later AS
SELECT data, product, learner, bucket, avg(score) > (sum(sum(score)) OVER whole - sum(score)) / nullif(sum(count(*)) OVER whole - count(*), 0) AS y
FROM history WHERE NOT first GROUP BY 1, 2, 3, 4 WINDOW whole AS (PARTITION BY data, product, learner);

CREATE TEMP TABLE naive AS
SELECT data, product, learner, bucket, n, s / n AS mean, (s / n - (ws - s) / (whole - n))
       / nullif(sqrt(greatest(0, ss - s ^ 2 / n + (wss - ss) - (ws - s) ^ 2 / (whole - n)) / nullif(whole - 2, 0) * (1 / n + 1 / (whole - n))), 0) AS z
FROM (SELECT data, product, learner, bucket, count(*)::float8 AS n, sum(score) AS s, sum(score ^ 2) AS ss, (sum(count(*)) OVER whole)::float8 AS whole, sum(sum(score)) OVER whole AS ws, sum(sum(score ^ 2)) OVER whole AS wss
      FROM history WHERE first GROUP BY 1, 2, 3, 4 WINDOW whole AS (PARTITION BY data, product, learner)) AS a
WHERE whole > n;
CREATE TEMP TABLE best AS
SELECT 'default' AS method, data, product, learner, b.bucket, b.replication AS p
FROM (SELECT data, product, learner, btwin.pattern_agg(bucket, score, day) AS s FROM history WHERE first GROUP BY 1, 2, 3) AS q, btwin.best_bucket(s, 0) AS b
WHERE b.bucket IS NOT NULL
UNION ALL
-- the largest z, its one-sided probability (logistic approximation, error below 0.01)
(SELECT DISTINCT ON (data, product, learner) 'naive', data, product, learner, bucket, coalesce(1 / (1 + exp(-1.702 * least(greatest(z, -30), 30))), 0.5)
 FROM naive ORDER BY data, product, learner, z DESC NULLS LAST, bucket COLLATE "C")
UNION ALL
-- the reference: the best mean of buckets with 5 rows, else 3, else any; confidence by their number
(SELECT DISTINCT ON (data, product, learner) 'epic5', data, product, learner, bucket, btwin.epic5_count_confidence(n::bigint)
 FROM (SELECT *, max(n) OVER (PARTITION BY data, product, learner) AS most FROM naive) AS q
 WHERE n >= CASE WHEN most >= 5 THEN 5 WHEN most >= 3 THEN 3 ELSE 1 END ORDER BY data, product, learner, mean DESC, bucket COLLATE "C");
INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT 'replication', product, method, data, :seed, learner, p, y FROM best JOIN later USING (data, product, learner, bucket) WHERE y IS NOT NULL;

-- the same learners apart whom nothing in btwin was chosen on
CREATE TEMP TABLE split (learner text, part text);
\copy split FROM PROGRAM 'cat "$DATA"/baselines/splits/lkt_users.csv 2>/dev/null || true' WITH (FORMAT csv, HEADER)
INSERT INTO accuracy.claim (family, product, method, data, seed, learner, p, y)
SELECT family, product, method, data || ', held out', seed, c.learner, p, y
FROM accuracy.claim AS c JOIN split ON c.learner = 'lkt-' || split.learner WHERE split.part = 'test' AND family = 'replication';

INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, errors, source)
SELECT 'replication', product, 'default', data, v.* FROM (SELECT DISTINCT product, data FROM answer) AS a
CROSS JOIN (VALUES ('brier_difference', NULL::float8, 0.01::float8, 0, 'no worse than a constant by 0.01'), ('bias', -0.1, 0.1, 0, 'mean stated confidence')) AS v;
