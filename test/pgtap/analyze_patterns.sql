-- Habits as stored rows: what is looked for, from when on it is stored, how it
-- changes, weakens and goes.
\set QUIET on
SET client_min_messages = warning;
SET DateStyle = 'ISO, YMD';
SET TimeZone = 'UTC';
CREATE EXTENSION IF NOT EXISTS pgtap;
CREATE EXTENSION IF NOT EXISTS btwin;
SELECT plan(95);
CREATE TEMP TABLE attached AS SELECT * FROM btwin.attach('public');
INSERT INTO users (id, behavioral_analysis_enabled, learning_style_profiling_enabled) VALUES ('ann', true, true), ('bob', true, true);

-- identity: learner and slot, in the form of the reference's keys
SELECT matches(btwin._habit_id('ann', 'hours'), '^c[a-z0-9]{24}$', 'an id like any other');
SELECT is(btwin._habit_id('ann', 'hours'), 'c' || left(encode(sha256('hours:ann'), 'hex'), 24), 'of slot and learner, never of what was measured');
SELECT is((SELECT count(DISTINCT btwin._habit_id(l, s)) FROM unnest('{ann,bob}'::text[]) l, unnest('{hours,length,content,curve}'::text[]) s), 8::bigint, 'each has its own');

-- the speed of forgetting: half-life 20 days is usual, a quarter more matters.
-- 40 (20 to 80): spread ln 4 / 3.919928 = 0.353653; (ln 2 - ln 1.25) / 0.353653 = 1.329; Phi = 0.9081
CREATE FUNCTION pg_temp.curve(half_life float8, low float8, high float8, r0 float8 DEFAULT 0.8, k float8 DEFAULT 0.05, n bigint DEFAULT 120)
RETURNS TABLE (slot text, pattern_type text, confidence float8, evidence_count integer, days integer, said jsonb, details jsonb)
LANGUAGE sql AS $$ SELECT * FROM btwin._habits(NULL, NULL, NULL, half_life, low, high, r0, k, n, NULL) $$;
SELECT is(round(btwin._usual_half_life()::numeric, 9), 20.000000000, 'what is assumed of anyone');
SELECT is(concat_ws(' ', slot, pattern_type, round(confidence::numeric, 4), evidence_count, days, said), 'curve FORGETTING_CURVE 0.9081 120 120 {"direction": "longer"}', 'longer than usual') FROM pg_temp.curve(40, 20, 80);
SELECT is(concat_ws(' ', round(confidence::numeric, 4), said), '0.9081 {"direction": "shorter"}', 'as much shorter') FROM pg_temp.curve(10, 5, 20);
SELECT is(round(confidence::numeric, 6), 0.500000, 'a quarter longer: even odds that it matters') FROM pg_temp.curve(25, 20, 31.25);
-- (0 - 0.223144) / 0.113856: z = -1.9599
SELECT is(round(confidence::numeric, 3), 0.025, 'the usual one: a claim that is wrong') FROM pg_temp.curve(20, 16, 25);
-- until 70 % are left: ln(0.8/0.7)/0.05 = 2.67 days
SELECT is(details - '{usualHalfLife,deviation,effect,effect_low,effect_high}'::text[], '{"R0": 0.8, "k": 0.05, "halfLife": 40, "halfLifeLow": 20, "halfLifeHigh": 80, "reviewIntervalDays": 3, "reviewCount": 120}', 'what it keeps')
FROM pg_temp.curve(40, 20, 80);
SELECT is((SELECT string_agg(round((details ->> n)::numeric, 6)::text, ' ') FROM unnest('{usualHalfLife,deviation,effect,effect_low,effect_high}'::text[]) n), '20.000000 100.000000 20.000000 0.000000 60.000000',
          'against the usual, in percent and in days') FROM pg_temp.curve(40, 20, 80);
SELECT is(details ->> 'reviewIntervalDays', '1', 'nothing is reviewed before the next day') FROM pg_temp.curve(40, 20, 80, 0.7);
-- ln(0.95/0.7)/0.05 = 6.1
SELECT is(details ->> 'reviewIntervalDays', '6', 'in whole days') FROM pg_temp.curve(40, 20, 80, 0.95);
SELECT is_empty($$SELECT * FROM pg_temp.curve(40, 20, 80, n => 0)$$, 'no reviews, no habit');
SELECT isnt_empty($$SELECT * FROM pg_temp.curve(40, 20, 80, n => 1)$$, 'one is enough to ask');
SELECT is_empty($$SELECT * FROM pg_temp.curve(40, 40, 40)$$, 'a curve without an interval is none of a learner');
SELECT is_empty($$SELECT * FROM pg_temp.curve(NULL, NULL, NULL)$$, 'no rows, no habits');
SELECT is_empty($$SELECT * FROM pg_temp.curve(0, 0.1, 0.2)$$, 'a half-life of nothing is none');
SELECT is(said ->> 'direction', 'shorter', 'one of half a day is') FROM pg_temp.curve(0.5, 0.25, 1);

-- sessions: 120 days, 4 a day; better by 0.2 from 23 to 2 o'clock, with lectures, and a score that falls by 0.006 a minute beyond 44 (15, 104)
CREATE TEMP TABLE session AS
SELECT date '2026-01-01' + d AS day, h, (ARRAY['lecture', 'flashcard', 'validation', 'clinical_reasoning'])[1 + (d + h) % 4] AS kind, 5 + (('x' || substr(md5('m' || d || ':' || h), 1, 4))::bit(16)::int % 12) * 10 AS minutes,
       0.5 + 0.1 * (('x' || substr(md5('n' || d || ':' || h), 1, 4))::bit(16)::int / 65536.0 - 0.5) AS noise
FROM generate_series(0, 119) d, unnest(ARRAY[(d * 5) % 24, (d * 5 + 7) % 24, (d * 5 + 11) % 24, (d * 5 + 18) % 24]) h;
CREATE TEMP TABLE state AS
SELECT btwin.pattern_agg(h, noise + CASE WHEN h IN (23, 0, 1) THEN 0.2 ELSE 0 END, day) AS hours,
       btwin.pattern_agg(kind, noise + CASE WHEN kind = 'clinical_reasoning' THEN 0.2 ELSE 0 END, day) AS contents,
       btwin.pattern_agg(minutes, 3 * noise - 0.006 * greatest(0, minutes - 44), day) AS lengths,
       btwin.pattern_agg(minutes, 3 * noise - 0.006 * greatest(0, minutes - 15), day) AS short,
       btwin.pattern_agg(minutes + 60, 3 * noise - 0.006 * greatest(0, minutes - 44), day) AS long,
       btwin.pattern_agg(minutes, noise + 0.01 * minutes, day) AS rising,
       btwin.pattern_agg(h, noise, day) AS no_hours, btwin.pattern_agg(kind, noise, day) AS no_contents, btwin.pattern_agg(minutes, noise, day) AS no_lengths
FROM session;
CREATE TEMP TABLE found AS
SELECT h.* FROM state, btwin._habits(hours, lengths, contents, NULL, NULL, NULL, NULL, NULL, NULL, '{"lectures": 0.25, "flashcards": 0.25, "validation": 0.155, "clinicalReasoning": 0.345}') h;
SELECT results_eq('SELECT slot, pattern_type, confidence > 0.95, evidence_count > 50, days BETWEEN 30 AND 120 FROM found ORDER BY slot COLLATE "C"',
    $$VALUES ('content', 'CONTENT_TYPE_PREFERENCE', true, true, true), ('hours', 'OPTIMAL_STUDY_TIME', true, true, true), ('length', 'SESSION_DURATION_PREFERENCE', true, true, true)$$, 'planted habits');
SELECT is(said, '{"startHour": 23, "endHour": 2}', 'three hours, past midnight') FROM found WHERE slot = 'hours';
SELECT is(f.confidence, w.confidence, 'as sure as the family says') FROM found f, state, btwin.best_window(hours, 3, 24, 0) w WHERE f.slot = 'hours';
SELECT is(f.details, jsonb_build_object('hourOfDay', 23, 'sessionCount', w.evidence_count, 'effect', w.effect, 'effect_low', w.effect_low, 'effect_high', w.effect_high, 'shrunkEffect', w.shrunk_effect,
                                        'habitConfidence', w.habit_confidence, 'replication', w.replication), 'hours: what it keeps')
FROM found f, state, btwin.best_window(hours, 3, 24, 0) w WHERE f.slot = 'hours';
SELECT is(f.evidence_count || ' ' || f.days, w.evidence_count || ' ' || w.days, 'hours: rows and days behind it') FROM found f, state, btwin.best_window(hours, 3, 24, 0) w WHERE f.slot = 'hours';
SELECT is(said, '{"topContentType": "clinical_reasoning"}', 'the kind') FROM found WHERE slot = 'content';
SELECT is(f.confidence, b.confidence, 'content: as sure') FROM found f, state, btwin.best_bucket(contents, 0) b WHERE f.slot = 'content';
-- its share 0.345, a tenth more is 0.445, in whole percent 0.45 (half away from zero)
SELECT is(f.details, jsonb_build_object('sessionCount', b.evidence_count, 'effect', b.effect, 'effect_low', b.effect_low, 'effect_high', b.effect_high, 'shrunkEffect', b.shrunk_effect, 'replication', b.replication,
                                        'contentPreferences', '{"lectures": 0.25, "flashcards": 0.25, "validation": 0.155, "clinicalReasoning": 0.345}'::jsonb, 'effectiveness', 0.345, 'recommendedShare', 0.45), 'content: what it keeps')
FROM found f, state, btwin.best_bucket(contents, 0) b WHERE f.slot = 'content';
SELECT is((SELECT concat_ws(' ', said ->> 'topContentType', details ->> 'effectiveness', details ->> 'recommendedShare')
           FROM (SELECT btwin.pattern_agg(CASE WHEN kind = 'lecture' THEN 'lecture' ELSE 'flashcard' END, noise + CASE WHEN kind = 'lecture' THEN 0.2 ELSE 0 END, day) AS p FROM session) s,
                btwin._habits(NULL, NULL, p, NULL, NULL, NULL, NULL, NULL, NULL, '{"lectures": 0.95, "flashcards": 0.05}')), 'lecture 0.95 1.00', 'shares end at 1');
SELECT is((SELECT concat_ws(' ', said ->> 'topContentType', details ->> 'effectiveness')
           FROM (SELECT btwin.pattern_agg(CASE WHEN kind = 'lecture' THEN 'lecture' ELSE 'flashcard' END, noise - CASE WHEN kind = 'lecture' THEN 0.2 ELSE 0 END, day) AS p FROM session) s,
                btwin._habits(NULL, NULL, p, NULL, NULL, NULL, NULL, NULL, NULL, '{"lectures": 0.95, "flashcards": 0.05}')), 'flashcard 0.05', 'flashcards');
SELECT is((SELECT concat_ws(' ', said ->> 'topContentType', details ->> 'effectiveness')
           FROM (SELECT btwin.pattern_agg(CASE WHEN kind = 'validation' THEN kind ELSE 'flashcard' END, noise + CASE WHEN kind = 'validation' THEN 0.2 ELSE 0 END, day) AS p FROM session) s,
                btwin._habits(NULL, NULL, p, NULL, NULL, NULL, NULL, NULL, NULL, '{"validation": 0.15}')), 'validation 0.15', 'validation goes by its own name');
SELECT is(said, jsonb_build_object('recommendedDuration', 45), 'minutes in steps of five') FROM found WHERE slot = 'length';
SELECT ok(l.limit_at BETWEEN 42.5 AND 47.4, 'near the limit that was planted') FROM state, btwin.best_limit(lengths, 0) l;
SELECT is(concat_ws(' ', f.confidence, f.evidence_count, f.days), concat_ws(' ', l.confidence, l.evidence_count, l.days), 'length: as sure, over all sessions') FROM found f, state, btwin.best_limit(lengths, 0) l WHERE f.slot = 'length';
SELECT is(f.details, jsonb_build_object('limitAt', l.limit_at, 'limitLow', l.limit_low, 'limitHigh', l.limit_high, 'slope', l.slope, 'totalSessionsAnalyzed', 480,
                                        'effect', - l.effect, 'effect_low', - l.effect * l.slope_high / l.slope, 'effect_high', - l.effect * l.slope_low / l.slope), 'length: what it keeps')
FROM found f, state, btwin.best_limit(lengths, 0) l WHERE f.slot = 'length';
SELECT ok((details ->> 'effect_low')::float8 > 0 AND (details ->> 'effect_low')::float8 < (details ->> 'effect')::float8 AND (details ->> 'effect')::float8 < (details ->> 'effect_high')::float8, 'what is better is above 0')
FROM found WHERE slot = 'length';
SELECT is((SELECT said FROM btwin._habits(NULL, short, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)), '{"recommendedDuration": 30}', 'never below 30 minutes') FROM state;
SELECT is((SELECT said FROM btwin._habits(NULL, long, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)), '{"recommendedDuration": 90}', 'nor above 90') FROM state;
SELECT is((SELECT count(*) FROM btwin._habits(NULL, rising, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) h WHERE h.confidence >= 0.4), 0::bigint, 'longer is better: no limit') FROM state;
-- the longer and the steeper, the less speaks for a limit: at 1e-321 no number is left for the slope. Where exactly that happens depends on the last digits
CREATE TEMP TABLE steep AS
SELECT (SELECT btwin.pattern_agg(15 + 15 * (i % 4), 0.01 * (i % 4) + 0.003 * ((i * 7) % 5), date '2026-01-01' + i / 4) FROM generate_series(1, n) i) AS p FROM generate_series(625, 655) n;
SELECT ok(bool_or(l.slope = 0 AND l.reason IS NULL) AND bool_or(l.slope < 0), 'a slope of 0') FROM steep, btwin.best_limit(p, 0) l;
SELECT is(max((h.details ->> 'slope')::float8) < 0, true, 'is no limit') FROM steep, btwin._habits(NULL, p, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) h;
SELECT is((SELECT count(*) FROM btwin._habits(no_hours, no_lengths, no_contents, 20, 16, 25, 0.8, 0.05, 100, NULL) h WHERE h.confidence >= 0.6), 0::bigint, 'where nothing was planted, nothing is found') FROM state;
SELECT is((SELECT count(*) FROM btwin._habits(no_hours, no_lengths, no_contents, 20, 16, 25, 0.8, 0.05, 100, NULL) h), 4::bigint, 'though it is looked for') FROM state;

-- steps of a confidence sum to it
SELECT ok(abs((SELECT sum((s ->> 'contribution')::float8) FROM jsonb_array_elements(btwin._habit_steps(f.slot, f.said, f.confidence, hours, contents)) s) - f.confidence) < 1e-9, f.slot || ': steps sum to the confidence')
FROM found f, state ORDER BY f.slot COLLATE "C";
SELECT is((SELECT string_agg(s ->> 'factor', ' ' ORDER BY n) FROM jsonb_array_elements(btwin._habit_steps(f.slot, f.said, f.confidence, hours, contents)) WITH ORDINALITY AS e (s, n)),
          CASE f.slot WHEN 'length' THEN 'prior evidence' ELSE 'prior effect sample_size consistency multiplicity recency' END, f.slot || ': in their order')
FROM found f, state ORDER BY f.slot COLLATE "C";
SELECT is((SELECT (s ->> 'value')::float8 FROM jsonb_array_elements(btwin._habit_steps(f.slot, f.said, f.confidence, hours, contents)) s WHERE s ->> 'factor' = 'multiplicity'), 24::float8, 'values of the hours are averaged')
FROM found f, state WHERE f.slot = 'hours';
-- where nothing was planted the hour behind the window may be as good as those in it
SELECT ok(abs((SELECT sum((s ->> 'contribution')::float8) FROM jsonb_array_elements(btwin._habit_steps('hours', jsonb_build_object('startHour', w.window_start), w.confidence, no_hours, NULL)) s) - w.confidence) < 1e-9, 'three hours, and no fourth')
FROM state, btwin.best_window(no_hours, 3, 24, 0) w;
SELECT is(btwin._habit_steps('length', '{}', 0.75, NULL, NULL), '[{"factor": "prior", "value": 0.4, "contribution": 0.4}, {"factor": "evidence", "value": 0.35, "contribution": 0.35}]', 'length: prior of the family, and the rest');
-- before any review the logarithm of the half-life is normal with standard deviation 1: beyond ln 1.25 lie 0.411712
SELECT is((SELECT string_agg(s ->> 'factor' || ' ' || round((s ->> 'value')::numeric, 6) || ' ' || round((s ->> 'contribution')::numeric, 6), ', ' ORDER BY n) FROM jsonb_array_elements(btwin._habit_steps('curve', '{}', 0.75, NULL, NULL)) WITH ORDINALITY AS e (s, n)),
          'prior 0.411712 0.411712, evidence 0.338288 0.338288', 'curve: the same');

-- texts: numbers of the habit, none invented; points in whole ones: 11.49, 3.47, 23.49 (hours), 7.495 (length), 5.49, 2.49, 12.49 (content) are rounded down
CREATE FUNCTION pg_temp.texts(slot text, data jsonb) RETURNS text LANGUAGE sql AS $$
SELECT array_to_string(btwin._habit_texts(slot, data, '{name,evidence,rows,insight.title,insight.description,insight.action,recommendation.title,recommendation.description,recommendation.action}'), '|') $$;
SELECT is(pg_temp.texts('hours', '{"startHour": 0, "endHour": 3, "shrunkEffect": 0.1149, "effect_low": 0.0347, "effect_high": 0.2349, "sessionCount": 31, "days": 29}'),
    'Studies best from 00:00 to 03:00|Sessions begun from 00:00 to 03:00 scored higher than others by 3 to 23 points of 100; 11 are expected to last.|Sessions in these hours: 31; days: 29.|You study best from 00:00 to 03:00|Sessions that you begin from 00:00 to 03:00 score higher: 11 points of 100 are expected to last. Sessions behind this: 31; days: 29.|Put the hardest material between 00:00 and 03:00.|Plan study from 00:00 to 03:00|From 00:00 to 03:00 your sessions score higher than at other hours, by 3 to 23 points of 100.|Begin your next sessions at 00:00.', 'hours: midnight is an hour like others');
SELECT is(pg_temp.texts('length', '{"recommendedDuration": 45, "limitAt": 43.4, "limitLow": 38.6, "limitHigh": 51.5, "slope": -0.007495, "totalSessionsAnalyzed": 180, "days": 110}'),
    'Sessions of up to 45 minutes go best|Beyond 43 minutes (39 to 52) the score falls by 7 points of 100 for every ten minutes.|Sessions: 180; days: 110.|Your sessions go best up to 45 minutes|Beyond 43 minutes your score falls by 7 points of 100 for every ten minutes. Sessions behind this: 180; days: 110.|End a session after 45 minutes, and take a break before the next.|Keep sessions to 45 minutes|Longer sessions cost you 7 points of 100 for every ten minutes beyond 43.|Set the length of your sessions to 45 minutes.', 'length');
SELECT is(pg_temp.texts('content', '{"topContentType": "clinical_reasoning", "shrunkEffect": 0.0549, "effect_low": 0.0249, "effect_high": 0.1249, "sessionCount": 40, "days": 33}'),
    'Does best with clinical reasoning|Sessions with clinical reasoning scored higher than others by 2 to 12 points of 100; 5 are expected to last.|Sessions with it: 40; days: 33.|You do best with clinical reasoning|Sessions with clinical reasoning score higher: 5 points of 100 are expected to last. Sessions behind this: 40; days: 33.|Use clinical reasoning for what is new or hard.|Give clinical reasoning a tenth more of your time|Your sessions with clinical reasoning score higher than those with other content, by 2 to 12 points of 100.|Choose clinical reasoning for your next session.', 'content');
SELECT is(pg_temp.texts('curve', '{"direction": "shorter", "halfLife": 9.6, "halfLifeLow": 5.4, "halfLifeHigh": 17.5, "usualHalfLife": 20.1, "reviewIntervalDays": 4, "reviewCount": 300}'),
    'Forgets sooner than usual|Half of what is known is forgotten in 10 days (5 to 18); usual are 20.|Reviews: 300.|You forget sooner than usual|Half of what you know is forgotten in 10 days; usual are 20. Reviews behind this: 300.|Review more often: days until the next review, at most: 4.|Review more often|You lose half of what you know in 10 days (5 to 18), sooner than usual.|Days until a review, at most: 4.', 'forgetting sooner');
SELECT is(pg_temp.texts('curve', '{"direction": "longer", "halfLife": 40, "halfLifeLow": 30, "halfLifeHigh": 50, "usualHalfLife": 20, "reviewIntervalDays": 12, "reviewCount": 300}'),
    'Remembers longer than usual|Half of what is known is forgotten in 40 days (30 to 50); usual are 20.|Reviews: 300.|You remember longer than usual|Half of what you know is forgotten in 40 days; usual are 20. Reviews behind this: 300.|Review less often: days until the next review: 12.|Review less often|You lose half of what you know in 40 days (30 to 50), later than usual: time for new material.|Days until a review: 12.', 'and later');

-- The life of a stored habit. One of a known confidence: half-life 25 exp(0.2 z) with spread 0.2 gives Phi(z).
-- Phi(z) = 0.39, 0.41, 0.59, 0.61 at -0.27932, -0.22754, 0.22754, 0.27932; 0.655 at 0.39886, 0.662 at 0.41793; 0.9 at 1.28155
CREATE FUNCTION pg_temp.store(z float8, at timestamptz, n bigint DEFAULT 100, longer boolean DEFAULT true) RETURNS text LANGUAGE sql AS $$
SELECT concat_ws(' ', s.created, s.updated, s.weakened, s.removed)
FROM (SELECT CASE WHEN longer THEN 25 * exp(0.2 * z) ELSE 16 * exp(-0.2 * z) END AS h) x,
     btwin._store_habits('ann', at, NULL, NULL, NULL, h, h * exp(-0.2 * 1.959963984540054), h * exp(0.2 * 1.959963984540054), 0.8, 0.05, n, NULL) s $$;
CREATE FUNCTION pg_temp.history() RETURNS text LANGUAGE sql AS $$
SELECT string_agg(change || ' ' || coalesce(round(confidence::numeric, 3)::text, '-'), ', ' ORDER BY changed_at) FROM btwin.pattern_history WHERE user_id = 'ann' $$;
CREATE FUNCTION pg_temp.version() RETURNS text LANGUAGE sql AS $$ SELECT string_agg(concat_ws(' ', p.ctid, p.xmin, v.ctid), ',') FROM behavioral_patterns p JOIN btwin.provenance v ON v.id = p.id $$;
\set t '''2026-03-02 12:00:00.123456+00''::timestamptz'
SELECT is(pg_temp.store(0.22754, :t), '0 0 0 0', 'a confidence of 0.59 is not stored');
SELECT is(pg_temp.store(0.27932, :t), '1 0 0 0', 'one of 0.61 is');
SELECT is(concat_ws('|', id = btwin._habit_id('ann', 'curve'), pattern_type, pattern_name, round(confidence::numeric, 4), evidence, occurrence_count, first_detected_at, last_seen_at, detected_at, pattern_data ->> 'slot', pattern_data ->> 'days',
                   pattern_data ->> 'direction', jsonb_array_length(pattern_data -> 'contributions')),
          't|FORGETTING_CURVE|Remembers longer than usual|0.6100|{"Half of what is known is forgotten in 26 days (18 to 39); usual are 20.","Reviews: 100."}|100|2026-03-02 12:00:00.123+00|2026-03-02 12:00:00.123+00|2026-03-02 12:00:00.123+00|curve|100|longer|2',
          'the row; times in milliseconds') FROM behavioral_patterns;
SELECT is(concat_ws('|', method, version, computed_for, evidence_count, low, high), 'btwin|pattern-1|2026-03-02 12:00:00.123456+00|100', 'where it comes from') FROM btwin.provenance WHERE kind = 'behavioral_patterns';
SELECT is(concat_ws('|', change, pattern_type, pattern_name, round(h.confidence::numeric, 4), h.evidence_count, changed_at, method, version, h.pattern_data - 'evidence' = p.pattern_data, h.pattern_data -> 'evidence' = to_jsonb(p.evidence)),
          'CREATED|FORGETTING_CURVE|Remembers longer than usual|0.6100|100|2026-03-02 12:00:00.123456+00|btwin|pattern-1|t|t', 'its history') FROM btwin.pattern_history h JOIN behavioral_patterns p USING (pattern_type, pattern_name);
SELECT results_eq('SELECT notification_type, title, message, priority, related_entity_type, related_entity_id, created_at FROM insight_notifications',
    $$VALUES ('NEW_PATTERN', 'A habit was found', 'Remembers longer than usual', 'NORMAL', 'pattern', btwin._habit_id('ann', 'curve'), '2026-03-02 12:00:00.123+00'::timestamptz)$$, 'the learner is told');
SELECT pg_temp.version() AS before \gset
SELECT is(pg_temp.store(0.27932, :t + interval '30 days') || ' ' || (pg_temp.version() = :'before'), '0 0 0 0 true', 'the same rows a month later: nothing is written');
SELECT is(pg_temp.store(0.39886, :t + interval '1 day', 110) || ' ' || (pg_temp.version() = :'before'), '0 0 0 0 true', '0.045 more and other rows: within a week it can wait');
SELECT is(pg_temp.store(0.27932, :t + interval '167 hours 59 minutes', 101), '0 0 0 0', 'up to the end of the week');
SELECT is(pg_temp.store(0.27932, :t + interval '168 hours', 101) || ' ' || pg_temp.history(), '0 1 0 0 CREATED 0.610, UPDATED 0.610', 'then it is told');
SELECT is(concat_ws(' ', last_seen_at, first_detected_at, v.computed_for, v.evidence_count, occurrence_count, evidence[2]), '2026-03-09 12:00:00.123+00 2026-03-02 12:00:00.123+00 2026-03-09 12:00:00.123456+00 101 101 Reviews: 101.', 'and seen then')
FROM behavioral_patterns p JOIN btwin.provenance v ON v.id = p.id;
SELECT is(pg_temp.store(0.41793, :t + interval '192 hours', 102), '0 1 0 0', '0.052 more: at once');
SELECT is(pg_temp.store(0.41793, :t + interval '193 hours', 102, false), '0 1 0 0', 'as sure, of the contrary');
SELECT results_eq('SELECT pattern_name FROM behavioral_patterns', ARRAY['Forgets sooner than usual'], 'the same pattern says something else');
SELECT is((SELECT count(*) FROM insight_notifications), 1::bigint, 'a change is no news');
SELECT is(pg_temp.store(0.22754, :t + interval '194 hours', 103), '0 0 1 0', 'below 0.6 it is no longer found');
SELECT is(concat_ws(' ', round(confidence::numeric, 2), last_seen_at), '0.59 2026-03-10 13:00:00.123+00', 'and not seen') FROM behavioral_patterns;
SELECT is(pg_temp.store(0.27932, :t + interval '195 hours', 104), '0 1 0 0', 'a small step over 0.6 is told at once');
SELECT is(pg_temp.store(-0.22754, :t + interval '196 hours', 105), '0 0 1 0', 'at 0.41 it is still kept');
UPDATE btwin.provenance SET version = 'pattern-0' WHERE user_id = 'ann' AND kind = 'behavioral_patterns';
SELECT is(pg_temp.store(-0.22754, :t + interval '197 hours', 105), '0 0 1 0', 'another rule: everything is written again');
SELECT is(pg_temp.store(-0.27932, :t + interval '198 hours', 106), '0 0 0 1', 'at 0.39 it goes');
SELECT is(pg_temp.history(), 'CREATED 0.610, UPDATED 0.610, UPDATED 0.662, UPDATED 0.662, WEAKENED 0.590, UPDATED 0.610, WEAKENED 0.410, WEAKENED 0.410, REMOVED 0.390', 'all of it is told');
SELECT is((SELECT count(*) FROM behavioral_patterns) + (SELECT count(*) FROM btwin.provenance), 0::bigint, 'the row is gone');
SELECT is(pg_temp.store(1.28155, :t + interval '200 hours', 107), '1 0 0 0', 'it is found again');
SELECT results_eq('SELECT id FROM behavioral_patterns', $$VALUES (btwin._habit_id('ann', 'curve'))$$, 'and is the same one');
SELECT is((SELECT concat_ws(' ', s.created, s.updated, s.weakened, s.removed) FROM btwin._store_habits('ann', :t + interval '201 hours', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL) s), '0 0 0 1', 'without rows it goes');
SELECT is((SELECT concat_ws(' ', change, coalesce(confidence::text, '-'), pattern_name) FROM btwin.pattern_history ORDER BY changed_at DESC LIMIT 1), 'REMOVED - Remembers longer than usual', 'and nobody knows how sure it is');
SELECT is(pg_temp.store(1.28155, :t + interval '201 hours 1 second', 107) || '|' || pg_temp.store(0.84162, :t + interval '201 hours 2 seconds', 108) || '|' || pg_temp.store(0.6, :t + interval '201 hours 3 seconds', 109),
          '1 0 0 0|0 1 0 0|0 1 0 0', 'from 0.9 down to 0.8, told; and to 0.73');
SELECT is(pg_temp.store(-0.9, :t + interval '201 hours 4 seconds', 109), '0 0 0 1', 'and out');
SELECT pg_temp.store(1.28155, '2026-03-10 21:30+00', 108);
SELECT is(description, 'what its rows make of it', 'explain_pattern has words for it') FROM btwin_api.explain_pattern('ann', btwin._habit_id('ann', 'curve'), '2026-03-10 21:30+00') WHERE factor = 'evidence';
SELECT is(pg_temp.store(-0.9, '2026-03-10 21:40+00', 109), '0 0 0 1', 'and out again');
-- one moment, one row
SELECT is(pg_temp.store(1.28155, :t + interval '202 hours', 107) || ' ' || pg_temp.store(0.27932, :t + interval '202 hours', 108), '1 0 0 0 0 1 0 0', 'created, and changed at the same moment');
SELECT is((SELECT string_agg(change || ' ' || round(confidence::numeric, 2), ',') FROM btwin.pattern_history WHERE changed_at = :t + interval '202 hours'), 'CREATED 0.61', 'is created as it was left');
SELECT is(pg_temp.store(-0.27932, :t + interval '202 hours', 108), '0 0 0 1', 'or it is removed');
SELECT results_eq($$SELECT change FROM btwin.pattern_history WHERE changed_at = '2026-03-10 22:00:00.123456+00'$$, ARRAY['REMOVED'], 'at the end of the moment');
-- rows of the application are not touched
INSERT INTO behavioral_patterns (id, user_id, pattern_type, pattern_name, pattern_data, confidence) VALUES ('a1', 'ann', 'FORGETTING_CURVE', 'theirs', '{"slot": "curve"}', 0.9);
SELECT is(pg_temp.store(-0.27932, :t + interval '203 hours', 108), '0 0 0 0', 'patterns of the application');
SELECT results_eq('SELECT id FROM behavioral_patterns', ARRAY['a1'], 'stay');
-- what are the same rows: last digits do not tell them apart, a step of Phi(1.2845) - Phi(1.28155) = 0.00295 * 0.1755 = 0.0005 does
SELECT is(pg_temp.store(1.28155, :t + interval '300 hours', 107), '1 0 0 0', 'once more');
UPDATE behavioral_patterns SET confidence = confidence + 1e-10 WHERE id = btwin._habit_id('ann', 'curve');
SELECT is(pg_temp.store(1.28155, :t + interval '500 hours', 107) || '|' || pg_temp.store(1.2845, :t + interval '500 hours', 107), '0 0 0 0|0 1 0 0', 'digits, and a step, after a week');
SELECT * FROM finish();
