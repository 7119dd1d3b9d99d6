-- runs on: simulator
-- How well the daily burnout risk finds the simulator's episodes, beside the
-- reference's rule, a constant and a naive method.
--
-- Reads the draw in schemas "sim" and "truth"; psql variables: seed, and
-- start, the draw's first day, if it is not 2026-01-05. Every learner has a score
-- for every local day from the first to the last (of the data, or before
-- withdrawal), from the rows up to that day's end; where a method says nothing
-- the score is 0.
--   inside       days of an episode
--   outside      days neither in an episode nor in the 14 days after one
--   auc          chance that a day inside scores higher than one outside
--   alarm        a score that reaches the threshold
--   false alarm  an outside day with an alarm after a day without one
--   threshold    the lowest one from which on upwards there is never more than
--                one false alarm per learner-year of outside days; per method and
--                seed
--   detection    the first day inside an episode with an alarm
--   delay_days   detection minus the episode's first day: 0 is the evening of
--                that day. Median over all detected episodes.
--   missed       share of episodes without detection among those with a visible
--                day, also when the data or the learner end within;
--                missed_of_whole: among those of which 7 days are visible
-- Levels (default only): share of days at MEDIUM or HIGH and above.
-- naive: sum of three z scores of the last 7 days against all days before them:
-- mean load, mean performance (turned round), share of missions skipped.
\set ON_ERROR_STOP on
\set QUIET on
\if :{?start} \else
\set start 2026-01-05
\endif
BEGIN;
SET LOCAL jit = off;
SET LOCAL work_mem = '256MB';
-- what the tables say of each local day
CREATE TEMP TABLE fact ON COMMIT DROP AS
SELECT f.user_id, (at AT TIME ZONE t.time_zone)::date AS day, at, minutes, load, performance, status
FROM (SELECT user_id, started_at, duration_ms / 60000, NULL::float8, NULL::float8, NULL FROM sim.study_sessions
      UNION ALL SELECT user_id, "timestamp", NULL, load_score, NULL, NULL FROM sim.cognitive_load_metrics
      UNION ALL SELECT user_id, date, NULL, NULL, NULL, status FROM sim.missions
      -- an event sent twice is one event
      UNION ALL SELECT * FROM (SELECT DISTINCT ON (event_data ->> 'sessionId') user_id, "timestamp", NULL::float8, NULL::float8, session_performance_score / 100.0::float8, NULL FROM sim.behavioral_events WHERE event_type = 'SESSION_ENDED') AS e) AS f (user_id, at, minutes, load, performance, status)
JOIN sim.learner AS t USING (user_id);
CREATE TEMP TABLE learner ON COMMIT DROP AS
SELECT user_id, :'start'::date + episode_start AS episode_start, :'start'::date + episode_start + episode_days - 1 AS episode_end,
       coalesce(:'start'::date + withdrawn_day, (SELECT max(day) FROM fact WHERE status IS NOT NULL)) AS last_day
FROM truth.learner;
CREATE TEMP TABLE learner_day ON COMMIT DROP AS
SELECT user_id, d::date AS day, episode_start, d BETWEEN episode_start AND episode_end IS TRUE AS inside,
       d BETWEEN episode_start AND episode_end + 14 IS NOT TRUE AS outside
FROM learner, generate_series(:'start'::date::timestamp, last_day::timestamp, '1 day') AS d;
ANALYZE fact, learner, learner_day;

CREATE TEMP TABLE score (method text, user_id text, day date, score float8, level text) ON COMMIT DROP;
INSERT INTO score
SELECT 'default', user_id, r.day, r.score / 100, r.level
FROM (SELECT user_id, btwin.burnout_agg(day, minutes * 60000, load, NULL::float8, (status IS NOT NULL)::int, CASE WHEN status IS NOT NULL THEN (status = 'SKIPPED')::int END,
                                        performance, CASE WHEN status IS NOT NULL THEN (status = 'IN_PROGRESS')::int END, NULL) AS state
      FROM fact GROUP BY user_id) AS twin
JOIN learner USING (user_id), LATERAL btwin.risk_by_day(state, :'start', last_day) AS r;

-- the rule of the reference sees the rows of the last 14 days: slices of all of a learner's
CREATE TEMP TABLE slice ON COMMIT DROP AS
SELECT user_id, day, coalesce(sum(minutes) OVER old, 0)::int AS minutes_old, (sum(minutes) OVER now)::int AS minutes_now,
       coalesce(sum(performance) OVER old, 0)::int AS performance_old, (sum(performance) OVER now)::int AS performance_now,
       coalesce(sum(load) OVER old, 0)::int AS load_old, (sum(load) OVER now)::int AS load_now, coalesce(sum(status) OVER old, 0)::int AS status_old, (sum(status) OVER now)::int AS status_now
FROM (SELECT d.user_id, d.day, count(minutes) AS minutes, count(performance) AS performance, count(load) AS load, count(status) AS status
      FROM learner_day AS d LEFT JOIN fact USING (user_id, day) GROUP BY d.user_id, d.day) AS n
WINDOW now AS (PARTITION BY user_id ORDER BY day), old AS (PARTITION BY user_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 14 PRECEDING);
INSERT INTO score
SELECT 'epic5', user_id, s.day, e.score / 100, NULL
FROM slice AS s
JOIN (SELECT user_id, array_agg(minutes ORDER BY day) FILTER (WHERE minutes IS NOT NULL) AS minutes, array_agg(performance ORDER BY day, at) FILTER (WHERE performance IS NOT NULL) AS performance,
             array_agg(load ORDER BY day, at) FILTER (WHERE load IS NOT NULL) AS loads, array_agg(day ORDER BY day, at) FILTER (WHERE load IS NOT NULL) AS load_days,
             array_agg(status ORDER BY day) FILTER (WHERE status IS NOT NULL) AS statuses FROM fact GROUP BY user_id) AS w USING (user_id)
CROSS JOIN LATERAL btwin.epic5_burnout(coalesce(minutes[minutes_old + 1:minutes_now], '{}'), coalesce(performance[performance_old + 1:performance_now], '{}'),
                                       coalesce(loads[load_old + 1:load_now], '{}'), coalesce(load_days[load_old + 1:load_now], '{}'), coalesce(statuses[status_old + 1:status_now], '{}'),
                                       array_fill(NULL::int, ARRAY[status_now - status_old])) AS e;
INSERT INTO score SELECT 'constant', user_id, day, 0, NULL FROM learner_day;

INSERT INTO score
WITH daily AS (
    SELECT d.user_id, d.day, count(load) AS load_n, coalesce(sum(load), 0) AS load_s, coalesce(sum(load ^ 2), 0) AS load_q,
           count(performance) AS perf_n, coalesce(sum(performance), 0) AS perf_s, coalesce(sum(performance ^ 2), 0) AS perf_q,
           count(status) AS skip_n, count(*) FILTER (WHERE status = 'SKIPPED') AS skip_s
    FROM learner_day AS d LEFT JOIN fact USING (user_id, day) GROUP BY d.user_id, d.day
), summed AS (
    SELECT user_id, day,
           sum(load_n) OVER recent AS load_n, sum(load_s) OVER recent AS load_s, sum(load_n) OVER before AS load_bn, sum(load_s) OVER before AS load_bs, sum(load_q) OVER before AS load_bq,
           sum(perf_n) OVER recent AS perf_n, sum(perf_s) OVER recent AS perf_s, sum(perf_n) OVER before AS perf_bn, sum(perf_s) OVER before AS perf_bs, sum(perf_q) OVER before AS perf_bq,
           sum(skip_n) OVER recent AS skip_n, sum(skip_s) OVER recent AS skip_s, sum(skip_n) OVER before AS skip_bn, sum(skip_s) OVER before AS skip_bs
    FROM daily WINDOW recent AS (PARTITION BY user_id ORDER BY day ROWS BETWEEN 6 PRECEDING AND CURRENT ROW),
                      before AS (PARTITION BY user_id ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND 7 PRECEDING)
)
SELECT 'naive', user_id, day, 1 / (1 + exp(-(
           coalesce(CASE WHEN load_bn >= 5 AND load_n > 0 THEN (load_s / load_n - load_bs / load_bn) / sqrt(greatest(load_bq / load_bn - (load_bs / load_bn) ^ 2, 1) / load_n) END, 0)
         - coalesce(CASE WHEN perf_bn >= 5 AND perf_n > 0 THEN (perf_s / perf_n - perf_bs / perf_bn) / sqrt(greatest(perf_bq / perf_bn - (perf_bs / perf_bn) ^ 2, 0.01) / perf_n) END, 0)
         + coalesce(CASE WHEN skip_bn >= 5 AND skip_n > 0 THEN (skip_s / skip_n - skip_bs / skip_bn) / sqrt((skip_bs + 1) / (skip_bn + 2) * (1 - (skip_bs + 1) / (skip_bn + 2)) / skip_n) END, 0)))), NULL
FROM summed;

-- judged
CREATE TEMP TABLE judged ON COMMIT DROP AS
SELECT m.method, d.user_id, d.day, d.episode_start, d.inside, d.outside, coalesce(s.score, 0) AS score, s.level,
       lag(coalesce(s.score, 0)) OVER (PARTITION BY m.method, d.user_id ORDER BY d.day) AS yesterday,
       lag(s.level) OVER (PARTITION BY m.method, d.user_id ORDER BY d.day) AS level_yesterday
FROM learner_day AS d CROSS JOIN (SELECT DISTINCT method FROM score) AS m LEFT JOIN score AS s USING (method, user_id, day);
ANALYZE judged;
CREATE TEMP TABLE threshold ON COMMIT DROP AS
WITH change AS (
    -- a rise on an outside day from yesterday's score to today's is a false alarm of every threshold between
    SELECT method, score AS at, 1 AS step FROM judged WHERE outside AND (yesterday IS NULL OR score > yesterday)
    UNION ALL SELECT method, yesterday, -1 FROM judged WHERE outside AND score > yesterday
), crossing AS (
    SELECT method, at, sum(sum(step)) OVER (PARTITION BY method ORDER BY at DESC) AS alarms FROM change GROUP BY method, at
), worst AS (
    SELECT method, at, max(alarms) OVER (PARTITION BY method ORDER BY at DESC) AS alarms FROM crossing
)
SELECT y.method, coalesce(min(at) FILTER (WHERE alarms <= years), 'infinity') AS at, min(years) AS years
FROM worst RIGHT JOIN (SELECT method, count(*) FILTER (WHERE outside) / 365.25 AS years FROM judged GROUP BY method) AS y USING (method) GROUP BY y.method;
CREATE TEMP TABLE episode ON COMMIT DROP AS
SELECT method, user_id, min(day) FILTER (WHERE score >= at) - min(episode_start) AS delay, count(*) AS visible_days
FROM judged JOIN threshold USING (method) WHERE inside GROUP BY method, user_id;

CREATE TEMP TABLE alarm ON COMMIT DROP AS
SELECT judged.*, score >= at AS alarm, yesterday >= at AS alarm_yesterday, level IN ('MEDIUM', 'HIGH', 'CRITICAL') AS medium, level IN ('HIGH', 'CRITICAL') AS high,
       level_yesterday IN ('MEDIUM', 'HIGH', 'CRITICAL') AS medium_yesterday
FROM judged JOIN threshold USING (method);
INSERT INTO accuracy.figure (family, product, method, data, seed, learner, figure, value, n, summary)
SELECT 'burnout', 'episode', method, 'simulator', :seed, learner, figure, value, n, summary
FROM (SELECT method, NULL AS learner, 'auc' AS figure, btwin.auc_agg(score, inside) AS value, count(*) FILTER (WHERE inside) AS n, 'mean' AS summary FROM judged WHERE inside OR outside GROUP BY method
      UNION ALL SELECT method, user_id, 'delay_days', delay, 1, 'median' FROM episode WHERE delay IS NOT NULL
      UNION ALL SELECT method, user_id, 'missed', (delay IS NULL)::int, 1, 'mean' FROM episode
      UNION ALL SELECT method, user_id, 'missed_of_whole', (delay IS NULL)::int, 1, 'mean' FROM episode WHERE visible_days >= 7
      UNION ALL SELECT method, NULL, f.figure, f.value, f.n, 'mean'
      FROM (SELECT method, count(*) FILTER (WHERE outside) AS outside, 365.25 * count(*) FILTER (WHERE outside AND alarm AND alarm_yesterday IS NOT TRUE) / count(*) FILTER (WHERE outside) AS alarms,
                   avg(alarm::int) FILTER (WHERE outside) AS with_alarm
            FROM alarm GROUP BY method) AS a,
           LATERAL (VALUES ('false_alarms_a_year', alarms, outside), ('outside_with_alarm', with_alarm, outside)) AS f (figure, value, n)
      UNION ALL SELECT method, NULL, f.figure, f.value, f.n, 'mean'
      FROM (SELECT method, avg(coalesce(medium, false)::int) FILTER (WHERE outside) AS medium, avg(coalesce(high, false)::int) FILTER (WHERE outside) AS high, count(*) FILTER (WHERE outside) AS outside,
                   avg(coalesce(medium, false)::int) FILTER (WHERE inside AND day >= episode_start + 7) AS medium_inside, count(*) FILTER (WHERE inside AND day >= episode_start + 7) AS later,
                   avg(coalesce(high, false)::int) FILTER (WHERE inside) AS high_inside, count(*) FILTER (WHERE inside) AS inside,
                   365.25 * count(*) FILTER (WHERE outside AND medium AND medium_yesterday IS NOT TRUE) / count(*) FILTER (WHERE outside) AS mediums
            FROM alarm WHERE method = 'default' GROUP BY method) AS l,
           LATERAL (VALUES ('outside_medium', medium, outside), ('outside_high', high, outside), ('inside_medium_after_a_week', medium_inside, later), ('inside_high', high_inside, inside), ('medium_a_year', mediums, outside)) AS f (figure, value, n)) AS q
WHERE value IS NOT NULL;
INSERT INTO accuracy.bar (family, product, method, data, figure, at_least, at_most, source)
VALUES ('burnout', 'episode', 'default', 'simulator', 'auc', 0.88, NULL, 'doc/burnout.md'),
       ('burnout', 'episode', 'default', 'simulator', 'delay_days', NULL, 7, 'doc/burnout.md'),
       ('burnout', 'episode', 'default', 'simulator', 'missed', NULL, 0.15, 'doc/burnout.md');
COMMIT;
