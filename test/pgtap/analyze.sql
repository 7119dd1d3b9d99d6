-- The analysis of one learner and of all: when it is due, what it notes, what a
-- failure of one learner does. With steps of its own; those of btwin are tested in
-- analyze_*.sql. Sessions beside each other and crashes: test/t/analyze_crash.pl.
\set QUIET on
SET client_min_messages = warning;
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(47);

SELECT throws_ok('CALL btwin.analyze_all()', 'TW001', NULL, 'before attach');
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public', default_time_zone => 'UTC');
SELECT is((SELECT count(*) FROM btwin.analysis_step s WHERE to_regprocedure(s.function || '(text, timestamptz)') IS NULL), 0::bigint, 'every step is a function');
DELETE FROM btwin.analysis_step;

CREATE TABLE regress_done (learner text, moment timestamptz, step int, run_at timestamptz DEFAULT clock_timestamp());
CREATE TABLE regress_broken (learner text PRIMARY KEY, state text);
CREATE FUNCTION btwin.regress_one(learner text, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.regress_done VALUES (learner, moment, 1);
    RETURN '{"rows": 1}';
END $$;
CREATE FUNCTION btwin.regress_two(learner text, moment timestamptz) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    broken text := (SELECT b.state FROM public.regress_broken b WHERE b.learner = regress_two.learner);
BEGIN
    INSERT INTO public.regress_done VALUES (learner, moment, 2);
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'step two is broken' USING ERRCODE = broken;
    END IF;
    RETURN '{"rows": 2}';
END $$;
INSERT INTO btwin.analysis_step VALUES (20, 'two', 'btwin.regress_two', 'the second'), (10, 'one', 'btwin.regress_one', 'the first');

INSERT INTO users (id, behavioral_analysis_enabled) VALUES ('a', true), ('b', true), ('c', true), ('off', false);
INSERT INTO btwin.learner (user_id, time_zone) VALUES ('b', 'America/New_York'), ('c', 'Asia/Tokyo');

-- one learner
SELECT results_eq($$SELECT a -> 'written', (a ->> 'computed_for')::timestamptz FROM btwin.analyze('a', '2026-03-16 12:00+00') AS a$$,
    $$VALUES ('{"one": {"rows": 1}, "two": {"rows": 2}}'::jsonb, timestamptz '2026-03-16 12:00+00')$$, 'what the steps wrote');
SELECT results_eq('SELECT step, moment FROM regress_done ORDER BY run_at', $$VALUES (1, timestamptz '2026-03-16 12:00+00'), (2, '2026-03-16 12:00+00')$$, 'in the order of their positions');
SELECT results_eq('SELECT user_id, local_day, computed_for, written, failures, failed_at FROM btwin.analysis_state',
    $$VALUES ('a'::text, date '2026-03-16', timestamptz '2026-03-16 12:00+00', '{"one": {"rows": 1}, "two": {"rows": 2}}'::jsonb, 0, NULL::timestamptz)$$, 'and that it was done');
SELECT is((SELECT count(*) FROM btwin.learner_write WHERE user_id = 'a'), 1::bigint, 'in the learner''s turn');
SELECT lives_ok($$SELECT btwin.analyze('a', '2026-03-16 12:00+00')$$, 'on demand as often as it is asked for');
SELECT throws_ok($$SELECT btwin.analyze('off')$$, 'PT403', NULL, 'not where analysis is switched off');
SELECT throws_ok($$SELECT btwin.analyze('nobody')$$, 'PT404', NULL, 'nor for nobody');
SELECT throws_ok($$SELECT btwin.analyze('a', now() + interval '1 hour')$$, 'PT400', NULL, 'nor ahead of time');
INSERT INTO regress_broken VALUES ('a', '22012');
SELECT throws_ok($$SELECT btwin.analyze('a', '2026-03-16 13:00+00')$$, '22012', 'step two is broken', 'a failure is raised');
SELECT is((SELECT computed_for FROM btwin.analysis_state WHERE user_id = 'a'), '2026-03-16 12:00+00', 'and undone');
DELETE FROM regress_broken;
DELETE FROM regress_done;
DELETE FROM btwin.analysis_state;

-- all: 23:30 in UTC is 19:30 in New York, and 08:30 of the next day in Tokyo
CALL btwin.analyze_all(as_of => '2026-03-16 23:30+00') \gset
SELECT is(:'result'::text, 'done: 3 of 3 learners, 0 failed', 'a night');
SELECT is((SELECT string_agg(error, ', ') FROM btwin.analysis_state), NULL, 'without an error');
SELECT results_eq('SELECT learner, count(*) FROM regress_done GROUP BY 1 ORDER BY 1', $$VALUES ('a'::text, 2::bigint), ('b', 2), ('c', 2)$$, 'everybody who allows it, each step once');
SELECT results_eq('SELECT user_id, local_day FROM btwin.analysis_state ORDER BY 1', $$VALUES ('a'::text, date '2026-03-16'), ('b', '2026-03-16'), ('c', '2026-03-17')$$, 'days of their clocks');
SELECT results_eq('SELECT learners, learners_done, learners_failed, outcome, computed_for, finished_at > started_at FROM btwin.analysis_run',
    $$VALUES (3, 3, 0, 'done'::text, timestamptz '2026-03-16 23:30+00', true)$$, 'the run is on record');
SELECT results_eq($$SELECT outcome, n, message FROM btwin.job_run WHERE job = 'analysis'$$, $$VALUES ('done'::text, 3::bigint, 'done: 3 of 3 learners, 0 failed'::text)$$, 'and with the jobs');
CALL btwin.analyze_all(as_of => '2026-03-16 23:50+00') \gset
SELECT is(:'result'::text, 'done: 0 of 0 learners, 0 failed', 'the same night again: nothing is due');
-- 00:10 in UTC is the next day there, 20:10 of the same in New York, 09:10 of the same in Tokyo
CALL btwin.analyze_all(as_of => '2026-03-17 00:10+00') \gset
SELECT is(:'result'::text, 'done: 1 of 1 learners, 0 failed', 'a new day begins where it begins');
SELECT is((SELECT local_day FROM btwin.analysis_state WHERE user_id = 'a'), '2026-03-17', 'first in UTC');
CALL btwin.analyze_all(as_of => '2026-03-17 04:00+00') \gset
SELECT is(:'result'::text, 'done: 1 of 1 learners, 0 failed', 'at four in New York, where it is midnight');
CALL btwin.analyze_all(as_of => '2026-03-16 12:00+00') \gset
SELECT is(:'result'::text, 'done: 0 of 0 learners, 0 failed', 'an earlier day than the last is never due');

-- one who fails
DELETE FROM regress_done;
INSERT INTO regress_broken VALUES ('b', 'XX000');
CALL btwin.analyze_all(batch_size => 2, as_of => '2026-03-18 12:00+00') \gset
SELECT is(:'result'::text, 'done: 2 of 3 learners, 1 failed', 'one who fails is skipped');
SELECT results_eq('SELECT learner, count(*) FROM regress_done GROUP BY 1 ORDER BY 1', $$VALUES ('a'::text, 2::bigint), ('c', 2)$$, 'and undone, the others are not');
SELECT results_eq($$SELECT local_day, failures, failed_at IS NOT NULL, error_code, error FROM btwin.analysis_state WHERE user_id = 'b'$$,
    $$VALUES (date '2026-03-17', 1, true, 'XX000'::text, 'step two is broken'::text)$$, 'noted with the reason');
SELECT results_eq($$SELECT outcome, n FROM btwin.job_run WHERE job = 'analysis' ORDER BY run_id DESC LIMIT 1$$, $$VALUES ('failed'::text, 2::bigint)$$, 'the job says so');
CALL btwin.analyze_all(as_of => '2026-03-18 13:00+00') \gset
SELECT is(:'result'::text, 'done: 0 of 1 learners, 1 failed', 'due again at the next call');
SELECT is((SELECT failures FROM btwin.analysis_state WHERE user_id = 'b'), 2, 'failures are counted');
-- what another session caused is tried a second time within the run
UPDATE regress_broken SET state = '40001';
CALL btwin.analyze_all(as_of => '2026-03-18 14:00+00') \gset
SELECT is(:'result'::text || ', ' || (SELECT failures FROM btwin.analysis_state WHERE user_id = 'b'), 'done: 0 of 1 learners, 1 failed, 4', 'twice where another session was in the way');
UPDATE regress_broken SET state = '55P03';
CALL btwin.analyze_all(as_of => '2026-03-18 14:00+00') \gset
SELECT is((SELECT failures FROM btwin.analysis_state WHERE user_id = 'b'), 6, 'or held a row too long');
UPDATE regress_broken SET state = '40P01';
CALL btwin.analyze_all(as_of => '2026-03-18 14:00+00') \gset
SELECT is((SELECT failures FROM btwin.analysis_state WHERE user_id = 'b'), 8, 'or was in a deadlock with it');
DELETE FROM regress_broken;
CALL btwin.analyze_all(as_of => '2026-03-18 14:30+00') \gset
SELECT is(:'result'::text, 'done: 1 of 1 learners, 0 failed', 'until it is well');
SELECT results_eq($$SELECT local_day, failures, failed_at, error_code, error FROM btwin.analysis_state WHERE user_id = 'b'$$,
    $$VALUES (date '2026-03-18', 0, NULL::timestamptz, NULL::text, NULL::text)$$, 'and nothing is left of it');
INSERT INTO regress_broken VALUES ('fresh', 'XX000');
INSERT INTO users (id) VALUES ('fresh');
CALL btwin.analyze_all(as_of => '2026-03-18 14:30+00') \gset
SELECT results_eq($$SELECT local_day, failures FROM btwin.analysis_state WHERE user_id = 'fresh'$$, $$VALUES (NULL::date, 1)$$, 'one who never was analysed can fail too');
DELETE FROM users WHERE id = 'fresh';
CALL btwin.analyze_all(as_of => '2026-03-18 14:30+00') \gset
SELECT is(:'result'::text, 'done: 0 of 0 learners, 0 failed', 'who is gone is not due');

-- arguments, records
CALL btwin.analyze_all(batch_size => 1, as_of => '2026-03-19 15:00+00') \gset
SELECT is(:'result'::text, 'done: 3 of 3 learners, 0 failed', 'one learner in a transaction');
SELECT is((SELECT pg_get_function_arg_default(p.oid, 1) FROM pg_proc p WHERE p.oid = 'btwin.analyze_all'::regproc), '10', 'ten, where it is not said');
SELECT throws_ok('CALL btwin.analyze_all(batch_size => 0)', '22023', NULL, 'not none');
SELECT throws_ok('CALL btwin.analyze_all(batch_size => NULL)', '22023', NULL, 'nor NULL');
SELECT throws_ok($$CALL btwin.analyze_all(as_of => now() + interval '1 hour')$$, 'PT400', NULL, 'not ahead of time');
SELECT throws_ok('CALL btwin.analyze_all()', '2D000', NULL, 'not within a transaction');
UPDATE btwin.analysis_run SET started_at = now() - interval '91 days';
INSERT INTO btwin.analysis_run (computed_for, started_at, learners) VALUES (now(), now() - interval '89 days', 0), (now(), now() - interval '89 days', 0);
SELECT ok((SELECT btwin.prune_history(90)) > 0, 'old runs are removed');
SELECT is((SELECT count(*) FROM btwin.analysis_run), 2::bigint, 'younger ones are kept');
CALL btwin.analyze_all(as_of => '2026-03-19 15:00+00') \gset
SELECT is((SELECT count(*) FROM btwin.analysis_run WHERE outcome = 'abandoned'), 2::bigint, 'runs that never ended are called so by the next');
SELECT is((SELECT command FROM btwin.job WHERE job = 'analysis'), 'CALL btwin.analyze_all()', 'the job of the night');
SELECT is((SELECT count(*) FROM btwin.export_user('a') AS e WHERE e #> '{btwin,analysis_state}' IS NOT NULL), 1::bigint, 'export_user has the state');
SELECT * FROM finish();
