-- Cognitive load and the calendar: how hard study is at the moment, how hard it
-- was, and what is known of the learner's calendar.

-- Text for people: in one table, so that it can be translated. Other locales are
-- rows of whoever needs them; they are dumped, the English ones come with the
-- extension.
CREATE TABLE btwin.phrase (
    locale  text NOT NULL,
    key     text NOT NULL,
    phrase  text NOT NULL,
    PRIMARY KEY (locale, key)
);
COMMENT ON TABLE btwin.phrase IS 'Text for people, as answers contain it; key: (locale, key). Rows of further locales may be added, and are dumped';
COMMENT ON COLUMN btwin.phrase.locale IS 'Language; en is there for every key, others are used where the setting btwin.locale names them';
COMMENT ON COLUMN btwin.phrase.key IS 'What is said, and by what';
COMMENT ON COLUMN btwin.phrase.phrase IS 'The text; %s stands where a number comes in';
SELECT pg_catalog.pg_extension_config_dump('btwin.phrase', 'WHERE locale <> ''en''');
GRANT SELECT ON btwin.phrase TO PUBLIC;

CREATE FUNCTION btwin._search_phrases(keys text[]) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $search_phrases$
BEGIN
    RETURN ARRAY(SELECT (SELECT p.phrase FROM btwin.phrase p
                         WHERE p.locale = ANY (ARRAY['en', current_setting('btwin.locale', true)]) AND p.key = k.key
                         ORDER BY p.locale = 'en' LIMIT 1)
                 FROM unnest(_search_phrases.keys) WITH ORDINALITY AS k (key, place) ORDER BY k.place);
END
$search_phrases$;
COMMENT ON FUNCTION btwin._search_phrases(text[]) IS
'Internal: btwin._phrase_texts() where the table has policies, or the role may not simply read it.';

CREATE FUNCTION btwin._phrase_texts(keys text[]) RETURNS text[]
LANGUAGE c STABLE STRICT PARALLEL SAFE
AS 'MODULE_PATHNAME', 'btwin_phrase_texts';
COMMENT ON FUNCTION btwin._phrase_texts(text[]) IS
'Internal: the text of each key, in the language of the setting btwin.locale, else in English; NULL where there is none.';

CREATE FUNCTION btwin._phrases(keys text[]) RETURNS text[]
LANGUAGE c STABLE PARALLEL SAFE
AS 'MODULE_PATHNAME', 'btwin_phrases';
COMMENT ON FUNCTION btwin._phrases(text[]) IS
'Internal: the texts of some keys in their order, each text once.';

CREATE FUNCTION btwin._phrase_rows(keys text[]) RETURNS TABLE (place integer, key text, phrase text)
LANGUAGE sql STABLE PARALLEL SAFE ROWS 5
AS $phrase_rows$
SELECT t.place::pg_catalog.int4, keys[t.place], t.phrase
FROM pg_catalog.unnest(btwin._phrase_texts(keys)) WITH ORDINALITY AS t (phrase, place)
WHERE t.phrase IS NOT NULL
$phrase_rows$;
COMMENT ON FUNCTION btwin._phrase_rows(text[]) IS
'Internal: the texts of some keys, which are all different, and where among them the key stands; no row for a key without a text, or NULL. In the language of the setting btwin.locale, else in English.';

CREATE FUNCTION btwin._phrase_of(key text) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE
RETURN (btwin._phrase_texts(ARRAY[key]))[1];
COMMENT ON FUNCTION btwin._phrase_of(text) IS
'Internal: the text of a key; NULL where there is none.';

INSERT INTO btwin.phrase (locale, key, phrase) VALUES
    ('en', 'indicator.RESPONSE_LATENCY',        'Answers take longer than usual.'),
    ('en', 'indicator.ERROR_RATE',              'More answers than usual are wrong.'),
    ('en', 'indicator.ENGAGEMENT_DROP',         'There are long pauses.'),
    ('en', 'indicator.PERFORMANCE_DECLINE',     'Results fall in the course of the session.'),
    ('en', 'indicator.DURATION_STRESS',         'The session is long.'),
    ('en', 'load.CRITICAL.1',                   'Take a break of ten minutes now.'),
    ('en', 'load.CRITICAL.2',                   'After the break, only review what you know.'),
    ('en', 'load.CRITICAL.3',                   'Consider ending the session.'),
    ('en', 'load.HIGH.1',                       'Go on with material one level easier.'),
    ('en', 'load.HIGH.2',                       'Pause for 5 minutes in every 20.'),
    ('en', 'load.HIGH.3',                       'Four parts of review to one part of new material.'),
    ('en', 'load.MODERATE.1',                   'Keep the present difficulty.'),
    ('en', 'load.MODERATE.2',                   'Use a hint where an answer does not come.'),
    ('en', 'load.MODERATE.3',                   'Take a break every 30 minutes.'),
    ('en', 'load.RESPONSE_LATENCY.HIGH',        'Take more time to read each question.'),
    ('en', 'load.ERROR_RATE.HIGH',              'Go back to the basics of what went wrong.'),
    ('en', 'load.DURATION_STRESS',              'Take a break of 15 minutes before going on.'),
    ('en', 'load.mean',                         'Measurements averaged: %s.'),
    ('en', 'study_load.volume',                 'Hours of the last week against the last four: %s points.'),
    ('en', 'study_load.performance',            'Results of the last sessions: %s points.'),
    ('en', 'study_load.comprehension',          'Answers to validation questions: %s points.'),
    ('en', 'study_load.stress',                 'Sessions begun and not finished: %s points.'),
    ('en', 'study_load.performance.unknown',    'Results of the last sessions are not known and count as average: %s points.'),
    ('en', 'study_load.comprehension.unknown',  'Answers to validation questions are not known and count as average: %s points.'),
    ('en', 'study_load.advice.CRITICAL',        'The load is critical: rest for a day, then sessions of little more than half the length, with easier material.'),
    ('en', 'study_load.advice.HIGH',            'The load is high: shorten sessions by 40 %, take two more breaks and choose easier material.'),
    ('en', 'study_load.advice.MODERATE',        'The load is moderate: go on as planned.'),
    ('en', 'study_load.advice.LOW',             'The load is low: sessions may be 20 % longer, with harder material.'),
    ('en', 'study_load.advice.LOW.unsure',      'The load seems low, but too little is known to study more: go on as planned.'),
    ('en', 'study_load.advice.unknown',         'Nothing is known of the last four weeks: go on as planned.'),
    ('en', 'study_load.recovery.days_off',      'Take two days off.'),
    ('en', 'study_load.recovery.light',         'For two days only review, 15 to 20 minutes a day.'),
    ('en', 'calendar.not_connected',            'No calendar is connected.'),
    ('en', 'calendar.off',                      'A calendar is connected, its synchronisation is switched off.'),
    ('en', 'calendar.never',                    'A calendar is connected and was not synchronised yet.'),
    ('en', 'calendar.connected',                'A calendar is connected and synchronised.');

-- What a row of cognitive_load_metrics says. Not STRICT and without SET, so that
-- these are inlined.

CREATE FUNCTION btwin._stress_indicators(stored jsonb)
RETURNS TABLE (place bigint, type text, severity text, contribution numeric, document jsonb)
LANGUAGE sql IMMUTABLE PARALLEL SAFE ROWS 2
AS $stress_indicators$
SELECT e.place, e.element OPERATOR(pg_catalog.->>) 'type', e.element OPERATOR(pg_catalog.->>) 'severity', v.contribution,
       pg_catalog.jsonb_build_object('type', e.element OPERATOR(pg_catalog.->>) 'type', 'severity', e.element OPERATOR(pg_catalog.->>) 'severity',
                                     'value', v.value, 'contribution', v.contribution)
FROM pg_catalog.jsonb_array_elements(CASE pg_catalog.jsonb_typeof(stored) WHEN 'array' THEN stored ELSE '[]'::pg_catalog.jsonb END) WITH ORDINALITY AS e (element, place)
CROSS JOIN LATERAL (SELECT CASE pg_catalog.jsonb_typeof(e.element OPERATOR(pg_catalog.->) 'value')
                           WHEN 'number' THEN (e.element OPERATOR(pg_catalog.->) 'value')::pg_catalog.numeric END,
                           CASE pg_catalog.jsonb_typeof(e.element OPERATOR(pg_catalog.->) 'contribution')
                           WHEN 'number' THEN (e.element OPERATOR(pg_catalog.->) 'contribution')::pg_catalog.numeric END) AS v (value, contribution)
WHERE pg_catalog.jsonb_typeof(e.element) OPERATOR(pg_catalog.=) 'object'
$stress_indicators$;
COMMENT ON FUNCTION btwin._stress_indicators(jsonb) IS
'Internal: the elements of a stored array of stress indicators (Epic 5 domain model, 1.5), each as a document with exactly the keys type, severity, value and contribution; no rows for anything else.';

CREATE FUNCTION btwin._is_overload(load_score float8, stress_indicators jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $is_overload$
SELECT btwin.load_level(load_score) OPERATOR(pg_catalog.=) 'CRITICAL'
       OR (pg_catalog.jsonb_array_length(pg_catalog.jsonb_path_query_array(stress_indicators, '$[*] ? (@.severity == "HIGH")')) OPERATOR(pg_catalog.>=) 2) IS TRUE
$is_overload$;
COMMENT ON FUNCTION btwin._is_overload(float8, jsonb) IS
'Internal: overload: the load is CRITICAL, or two stress indicators are HIGH.';

-- Load in the session (2.21)

CREATE FUNCTION btwin._current_load(learner text, moment timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $current_load$
DECLARE
    beginning   CONSTANT timestamptz := '2000-01-01 00:00+00';
    since       timestamptz;
    newest      record;
    source      record;
    indicators  jsonb;
    sign_keys   text[];
    advice_keys text[];
    delta       float8;
    level       text;
    is_active   boolean := false;
BEGIN
    -- a week has them as a rule; where it has not, the newest two of all
    FOREACH since IN ARRAY ARRAY[greatest(beginning, moment - interval '168 hours'), beginning] LOOP
        SELECT l.id, l.session_id, l.timestamp, l.load_score, l.stress_indicators,
               CASE WHEN l.confidence_level BETWEEN 0 AND 1 THEN l.confidence_level END AS confidence,
               lead(l.timestamp) OVER w AS previous_at, lead(l.load_score) OVER w AS previous_score
        INTO newest
        FROM btwin.cognitive_load_metrics_window(learner, since, moment) AS l
        WHERE l.load_score BETWEEN 0 AND 100
        WINDOW w AS (ORDER BY l.timestamp DESC, l.id DESC)
        ORDER BY l.timestamp DESC, l.id DESC;     -- INTO takes the first
        EXIT WHEN newest.previous_at IS NOT NULL;
    END LOOP;
    IF newest.id IS NULL THEN
        RETURN jsonb_build_object(
            'load', btwin._score(NULL, NULL, NULL, NULL, 0, 'btwin', 'load-1', moment, NULL, 'no_rows'),
            'load_score', NULL, 'load_level', NULL, 'stress_indicators', '[]'::jsonb, 'timestamp', NULL,
            'trend', NULL, 'trend_delta', NULL, 'trend_reason', 'no_rows', 'session_active', false, 'session_id', NULL,
            'confidence_level', NULL, 'overload_detected', false, 'recommendations', '[]'::jsonb);
    END IF;

    level := btwin.load_level(newest.load_score);
    IF newest.timestamp - newest.previous_at <= interval '24 hours' THEN
        delta := newest.load_score - newest.previous_score;
    END IF;
    SELECT jsonb_agg(i.document ORDER BY i.place), array_agg('indicator.' || i.type ORDER BY i.contribution DESC NULLS LAST, i.place),
           array_agg(CASE WHEN i.type = 'DURATION_STRESS' THEN 'load.DURATION_STRESS' ELSE 'load.' || i.type || '.' || i.severity END ORDER BY i.place)
    INTO indicators, sign_keys, advice_keys
    FROM btwin._stress_indicators(newest.stress_indicators) AS i;
    IF newest.session_id IS NOT NULL THEN
        is_active := EXISTS (SELECT FROM btwin.study_sessions s
                             WHERE s.id = newest.session_id AND s.user_id = learner AND s.started_at < moment
                               AND (s.completed_at IS NULL OR s.completed_at > moment));
    END IF;
    SELECT p.* INTO source FROM btwin.provenance p
    WHERE p.user_id = learner AND p.kind = 'cognitive_load_metrics' AND p.id = newest.id;

    RETURN jsonb_build_object(
        'load', btwin._score(newest.load_score, source.low, source.high, newest.confidence, source.evidence_count,
                             coalesce(source.method, 'application'), source.version, source.computed_for, btwin._phrases(sign_keys)),
        'load_score', newest.load_score,
        'load_level', level,
        'stress_indicators', coalesce(indicators, '[]'),
        'timestamp', newest.timestamp,
        'trend', CASE WHEN delta > 10 THEN 'up' WHEN delta < -10 THEN 'down' WHEN delta IS NOT NULL THEN 'stable' END,
        'trend_delta', delta,
        'trend_reason', CASE WHEN delta IS NULL THEN 'no_history' END,
        'session_active', is_active,
        'session_id', newest.session_id,
        'confidence_level', newest.confidence,
        'overload_detected', btwin._is_overload(newest.load_score, newest.stress_indicators),
        'recommendations', to_jsonb(btwin._phrases(ARRAY['load.' || level || '.1', 'load.' || level || '.2', 'load.' || level || '.3'] || advice_keys)));
END
$current_load$;
COMMENT ON FUNCTION btwin._current_load(text, timestamptz) IS
'Internal: what cognitive_load_current() answers.';

CREATE FUNCTION btwin_api.cognitive_load_current(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $cognitive_load_current$
DECLARE
    moment  timestamptz := btwin._moment(cognitive_load_current.as_of);
    learner text := btwin._caller(cognitive_load_current.user_id);
BEGIN
    RETURN btwin._current_load(learner, moment);
END
$cognitive_load_current$;
COMMENT ON FUNCTION btwin_api.cognitive_load_current(text, timestamptz) IS
'Cognitive load as last measured
user_id: learner, by default the caller. as_of: moment, by default now.
Keys: load (score document, 0 to 100; low and high where the measurement has them), load_score (the same number), load_level (LOW below 40, MODERATE below 60, HIGH below 80, else CRITICAL), stress_indicators (type RESPONSE_LATENCY, ERROR_RATE, ENGAGEMENT_DROP, PERFORMANCE_DECLINE or DURATION_STRESS; severity LOW, MEDIUM or HIGH; value in its unit; contribution 0 to 100), timestamp (of the measurement), trend (up or down by more than 10 points against the measurement before it, else stable), trend_delta (points), trend_reason (why there is no trend: no_history, the measurement before lies more than 24 hours back; no_rows), session_active (its session is not completed), session_id, confidence_level (0 to 1), overload_detected (CRITICAL, or two HIGH indicators), recommendations (texts). Without a measurement load.value is null with reason no_rows.
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 2.21. Reads cognitive_load_metrics, study_sessions, btwin.provenance.';

-- Load over time

CREATE FUNCTION btwin._check_load_range(start_at timestamptz, from_at timestamptz, to_at timestamptz) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
RETURN btwin._check_time('start_at', start_at) AND btwin._check_span(from_at, to_at)
   AND CASE WHEN to_at - from_at > interval '366 days'
            THEN btwin._refuse('PT400', 'out_of_range', 'the range is longer than 366 days', 'Ask for shorter ranges one after the other.', 'start_at')
            ELSE true END;
COMMENT ON FUNCTION btwin._check_load_range(timestamptz, timestamptz, timestamptz) IS
'Internal: PT400 where start_at, if given, is out of range, or the range of loads is empty or longer than 366 days.';

CREATE FUNCTION btwin_api.cognitive_load_history(user_id text DEFAULT NULL, start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL,
    granularity text DEFAULT 'hour', max_rows integer DEFAULT 1000, as_of timestamptz DEFAULT NULL)
RETURNS TABLE (bucket_start timestamptz, bucket_end timestamptz, id text, session_id text, load_score float8, max_load float8, load_level text,
               row_count integer, overload_rows integer, stress_indicators jsonb,
               confidence float8, evidence_count integer, method text, version text, computed_for timestamptz, reason text)
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000 ROWS 100
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
-- buckets and their signs are hashed together, however few the planner expects
SET enable_nestloop = off
SET jit = off
AS $cognitive_load_history$
#variable_conflict use_column
DECLARE
    checked boolean;
    moment  timestamptz := btwin._moment(cognitive_load_history.as_of);
    to_at   timestamptz := coalesce(CASE WHEN btwin._check_time('end_at', cognitive_load_history.end_at) THEN cognitive_load_history.end_at END, moment);
    from_at timestamptz := coalesce(cognitive_load_history.start_at, to_at - interval '168 hours');
    learner text;
    zone    text;
    step    text := cognitive_load_history.granularity;
    most    integer := cognitive_load_history.max_rows;
BEGIN
    checked := btwin._need('granularity', step IS NOT NULL)
           AND btwin._check_one_of('granularity', step, '{raw,hour,day,week}')
           AND btwin._check_max_rows(most, 10000)
           AND btwin._check_load_range(cognitive_load_history.start_at, from_at, to_at);
    to_at := least(to_at, moment);
    learner := btwin._caller(cognitive_load_history.user_id);

    IF step = 'raw' THEN
        RETURN QUERY
        SELECT m.timestamp, m.timestamp, m.id, m.session_id, m.load_score, m.load_score, btwin.load_level(m.load_score),
               1, btwin._is_overload(m.load_score, m.stress_indicators)::int, s.indicators,
               CASE WHEN m.confidence_level BETWEEN 0 AND 1 THEN m.confidence_level END,
               p.evidence_count, coalesce(p.method, 'application'), p.version, p.computed_for, NULL::text
        FROM (SELECT l.* FROM btwin.cognitive_load_metrics_window(learner, from_at, to_at) AS l
              WHERE l.load_score BETWEEN 0 AND 100
              ORDER BY l.timestamp, l.id LIMIT most) AS m
        CROSS JOIN LATERAL (SELECT coalesce(jsonb_agg(i.document ORDER BY i.contribution DESC NULLS LAST, i.place), '[]') AS indicators
                            FROM btwin._stress_indicators(m.stress_indicators) AS i) AS s
        LEFT JOIN btwin.provenance p ON p.user_id = learner AND p.kind = 'cognitive_load_metrics' AND p.id = m.id
        ORDER BY m.timestamp, m.id;
        RETURN;
    END IF;

    zone := btwin._zone(learner);
    RETURN QUERY
    WITH measured AS MATERIALIZED (
        -- a bucket is known by its first day, an hour by its beginning
        SELECT l.*, CASE step WHEN 'hour' THEN date_trunc('hour', l.timestamp, zone)
                              WHEN 'day' THEN d.day::timestamp AT TIME ZONE 'UTC'
                              ELSE (d.day - extract(dow FROM d.day)::int)::timestamp AT TIME ZONE 'UTC' END AS bucket
        FROM btwin.cognitive_load_metrics_window(learner, from_at, to_at) AS l
        CROSS JOIN LATERAL (SELECT (l.timestamp AT TIME ZONE zone)::date AS day) AS d
        WHERE l.load_score BETWEEN 0 AND 100
    ), bucket AS (
        SELECT m.bucket, avg(m.load_score) AS mean, max(m.load_score) AS highest, count(*)::int AS n,
               count(*) FILTER (WHERE btwin._is_overload(m.load_score, m.stress_indicators))::int AS overloads,
               CASE WHEN min(m.session_id) = max(m.session_id) THEN min(m.session_id) END AS session_id,
               avg(m.confidence_level) FILTER (WHERE m.confidence_level BETWEEN 0 AND 1) AS confidence
        FROM measured AS m GROUP BY m.bucket
    ), strongest AS (
        SELECT DISTINCT ON (m.bucket, i.type) m.bucket, i.type, i.contribution, i.document
        FROM measured AS m CROSS JOIN LATERAL btwin._stress_indicators(m.stress_indicators) AS i
        ORDER BY m.bucket, i.type, i.contribution DESC NULLS LAST, m.timestamp, m.id, i.place
    ), signs AS (
        SELECT s.bucket, jsonb_agg(s.document ORDER BY s.contribution DESC NULLS LAST, s.type) AS documents
        FROM strongest AS s GROUP BY s.bucket
    )
    SELECT e.starts, e.ends, NULL::text, b.session_id, b.mean, b.highest, btwin.load_level(b.mean), b.n, b.overloads, coalesce(s.documents, '[]'),
           b.confidence, b.n, 'btwin', 'load-1', moment, NULL::text
    FROM bucket AS b
    LEFT JOIN signs AS s ON s.bucket = b.bucket
    CROSS JOIN LATERAL (SELECT (b.bucket AT TIME ZONE 'UTC')::date AS day) AS d
    CROSS JOIN LATERAL (SELECT CASE step WHEN 'hour' THEN b.bucket ELSE btwin._day_start(d.day, zone) END AS starts,
                               CASE step WHEN 'hour' THEN b.bucket + interval '1 hour'
                                         WHEN 'day' THEN btwin._day_start(d.day + 1, zone)
                                         ELSE btwin._day_start(d.day + 7, zone) END AS ends) AS e
    ORDER BY e.starts LIMIT most;
END
$cognitive_load_history$;
COMMENT ON FUNCTION btwin_api.cognitive_load_history(text, timestamptz, timestamptz, text, integer, timestamptz) IS
'Cognitive load over time
user_id: learner, by default the caller. start_at, end_at: range, by default the 7 days up to as_of; at most 366 days. granularity: raw (each measurement), hour, day, week (of the learner''s clock, a week begins on Sunday). max_rows: 1 to 10000. as_of: moment, by default now.
Rows in the order of bucket_start, id; times without a measurement have none. To go on: start_at = the last bucket_end (raw: the last bucket_start, leaving out ids already seen). A bucket counts its measurements inside the range.
Columns: bucket_start, bucket_end (raw: both the time of the measurement), id (raw only), session_id (raw, or the only one in the bucket), load_score (0 to 100, mean), max_load (0 to 100), load_level (of load_score), row_count, overload_rows (those that are CRITICAL or have two HIGH indicators), stress_indicators (of each type the one with the largest contribution; keys type, severity, value, contribution), confidence (0 to 1, mean), evidence_count, method, version, computed_for, reason (always null).
Errors: PT400 missing_argument, out_of_range, not_allowed_value, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 2.21 and 3.2 (12). Reads cognitive_load_metrics, btwin.provenance, btwin.learner.';

CREATE FUNCTION btwin_api.cognitive_load_summary(user_id text DEFAULT NULL, start_at timestamptz DEFAULT NULL, end_at timestamptz DEFAULT NULL,
    as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $cognitive_load_summary$
DECLARE
    moment  timestamptz := btwin._moment(cognitive_load_summary.as_of);
    to_at   timestamptz := coalesce(CASE WHEN btwin._check_time('end_at', cognitive_load_summary.end_at) THEN cognitive_load_summary.end_at END, moment);
    from_at timestamptz := coalesce(cognitive_load_summary.start_at, to_at - interval '168 hours');
    checked boolean := btwin._check_load_range(cognitive_load_summary.start_at, from_at, to_at);
    learner text := btwin._caller(cognitive_load_summary.user_id);
    until   timestamptz := least(to_at, moment);
    found   record;
BEGIN
    SELECT avg(r.load_score) AS mean, max(r.load_score) AS most, count(*)::int AS n, avg(r.confidence) AS confidence,
           count(*) FILTER (WHERE r.is_high AND (r.goes_on AND r.was_high) IS NOT TRUE)::int AS episodes
    INTO found
    FROM (SELECT l.load_score, l.is_high, CASE WHEN l.confidence_level BETWEEN 0 AND 1 THEN l.confidence_level END AS confidence, lag(l.is_high) OVER w AS was_high,
                 l.session_id = lag(l.session_id) OVER w OR l.timestamp - lag(l.timestamp) OVER w < interval '60 minutes' AS goes_on
          FROM (SELECT m.*, btwin.load_level(m.load_score) = 'CRITICAL' AS is_high
                FROM btwin.cognitive_load_metrics_window(learner, from_at, until) AS m
                WHERE m.load_score BETWEEN 0 AND 100) AS l
          WINDOW w AS (ORDER BY l.timestamp, l.id)) AS r;
    RETURN jsonb_build_object(
        'avg_load', btwin._score(found.mean, NULL, NULL, found.confidence, found.n, 'btwin', 'load-1', moment,
                                 CASE WHEN found.n > 0 THEN ARRAY[format(btwin._phrase_of('load.mean'), found.n)] END, 'no_rows'),
        'max_load', found.most,
        'overload_episodes', found.episodes,
        'total_data_points', found.n,
        'date_range', jsonb_build_object('start', from_at, 'end', to_at));
END
$cognitive_load_summary$;
COMMENT ON FUNCTION btwin_api.cognitive_load_summary(text, timestamptz, timestamptz, timestamptz) IS
'Cognitive load over a range in a few numbers
user_id: learner, by default the caller. start_at, end_at: range, by default the 7 days up to as_of; at most 366 days. as_of: moment, by default now.
Keys: avg_load (score document, 0 to 100: mean of the measurements; no interval, since all there are have been counted), max_load (0 to 100), overload_episodes (runs of CRITICAL measurements in one session, or less than 60 minutes apart), total_data_points, date_range {start, end}. Without a measurement avg_load.value is null with reason no_rows, and max_load is null.
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 3.2 (12). Reads cognitive_load_metrics.';

-- Load from study history (2.22)

CREATE FUNCTION btwin._study_load(learner text, moment timestamptz,
    OUT load jsonb, OUT load_score float8, OUT load_level text, OUT parts jsonb, OUT is_measured boolean)
LANGUAGE plpgsql STABLE PARALLEL SAFE COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $study_load$
DECLARE
    since       timestamptz;
    week_ago    timestamptz := moment - interval '168 hours';
    month_ago   timestamptz := moment - interval '672 hours';
    study       record;
    scores      float8[];
    answers     float8[];
    quality     float8;
    rule        record;
BEGIN
    SELECT coalesce(sum(h.hours), 0) AS month_hours, coalesce(sum(h.hours) FILTER (WHERE h.is_recent), 0) AS week_hours, count(*)::int AS n,
           count(*) FILTER (WHERE h.is_recent)::int AS started, count(*) FILTER (WHERE h.is_recent AND NOT h.is_completed)::int AS abandoned
    INTO study
    FROM (SELECT s.started_at >= week_ago AS is_recent, s.completed_at IS NOT NULL AND s.completed_at <= moment AS is_completed,
                 CASE WHEN s.completed_at <= moment AND s.duration_ms BETWEEN 0 AND 86400000 THEN s.duration_ms / 3600000.0::float8 END AS hours
          FROM btwin.study_sessions_window(learner, month_ago, moment) AS s) AS h;
    -- the last five: as a rule the week has them
    FOREACH since IN ARRAY ARRAY[week_ago, month_ago] LOOP
        scores := ARRAY(SELECT e.session_performance_score::float8
                        FROM btwin.behavioral_events_window(learner, since, moment) AS e
                        WHERE e.event_type = 'SESSION_ENDED' AND e.session_performance_score BETWEEN 0 AND 100
                        ORDER BY e.timestamp DESC, e.id DESC LIMIT 5);
        EXIT WHEN cardinality(scores) = 5;
    END LOOP;
    answers := ARRAY(SELECT r.score FROM btwin.validation_responses_window(learner, week_ago, moment) AS r
                     WHERE r.score BETWEEN 0 AND 1 ORDER BY r.responded_at, r.id);
    IF study.n + cardinality(scores) + cardinality(answers) = 0 THEN
        load := btwin._score(NULL, NULL, NULL, NULL, 0, 'epic5', 'epic5-1', moment, NULL, 'no_rows');
        parts := '{"volume": null, "performance": null, "comprehension": null, "stress": null}';
        is_measured := false;
        RETURN;
    END IF;
    SELECT btwin._plain_number(u.data_quality_score) INTO quality FROM btwin.user_learning_profiles u
    WHERE u.user_id = learner AND u.data_quality_score BETWEEN 0 AND 1;
    SELECT r.* INTO rule
    FROM btwin.epic5_load_modulator(study.week_hours, study.month_hours, scores, answers, study.started, study.abandoned, quality) AS r;
    load_score := rule.load_score;
    load_level := btwin.load_level(load_score);
    is_measured := study.month_hours > 0 AND cardinality(scores) > 0;
    parts := jsonb_build_object(
        'volume', rule.volume,
        'performance', CASE WHEN cardinality(scores) > 0 THEN rule.performance END,
        'comprehension', CASE WHEN cardinality(answers) > 0 THEN rule.comprehension END,
        'stress', CASE WHEN study.started > 0 THEN rule.stress END);
    load := btwin._score(load_score, NULL, NULL, rule.confidence, study.n + cardinality(scores) + cardinality(answers), 'epic5', 'epic5-1', moment,
        (SELECT array_agg(format(t.phrase, round(p.points::numeric, 1)) ORDER BY p.points DESC, p.place)
         FROM (VALUES (1, 0.3 * rule.volume), (2, 0.3 * rule.performance), (3, 0.2 * rule.comprehension), (4, 0.2 * rule.stress)) AS p (place, points)
         JOIN btwin._phrase_rows(ARRAY['study_load.volume',
                                       CASE WHEN cardinality(scores) > 0 THEN 'study_load.performance' ELSE 'study_load.performance.unknown' END,
                                       CASE WHEN cardinality(answers) > 0 THEN 'study_load.comprehension' ELSE 'study_load.comprehension.unknown' END,
                                       'study_load.stress']) AS t ON t.place = p.place));
END
$study_load$;
COMMENT ON FUNCTION btwin._study_load(text, timestamptz) IS
'Internal: load from study history (Epic 5 domain model, 2.22, web) with what it is made of: hours of completed sessions of 28 and of 7 days, the last five results of 28 days, validation of 7 days. is_measured: neither hours nor results are wanting.';

CREATE FUNCTION btwin_api.orchestration_cognitive_load(user_id text DEFAULT NULL, include_trend boolean DEFAULT false, as_of timestamptz DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 1000
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $orchestration_cognitive_load$
DECLARE
    checked boolean;
    moment      timestamptz := btwin._moment(orchestration_cognitive_load.as_of);
    learner     text;
    found       record;
    zone        text;
    today       date;
    trend       jsonb;
    direction   integer;
BEGIN
    checked := btwin._need('include_trend', include_trend IS NOT NULL);
    learner := btwin._caller(orchestration_cognitive_load.user_id);
    found := btwin._study_load(learner, moment);
    IF include_trend THEN
        zone := btwin._zone(learner);
        today := ((moment - interval '1 microsecond') AT TIME ZONE zone)::date;
        SELECT jsonb_agg(jsonb_build_object('day', d.day, 'load_score', m.mean, 'row_count', coalesce(m.n, 0)) ORDER BY d.day) INTO trend
        FROM (SELECT today - back AS day FROM generate_series(0, 6) AS back) AS d
        LEFT JOIN (SELECT (l.timestamp AT TIME ZONE zone)::date AS day, avg(l.load_score) AS mean, count(*) AS n
                   FROM btwin.cognitive_load_metrics_window(learner, btwin._day_start(today - 6, zone), moment) AS l
                   WHERE l.load_score BETWEEN 0 AND 100 GROUP BY 1) AS m ON m.day = d.day;
    END IF;
    -- lack of data never advises to study more
    direction := CASE WHEN found.load_level IN ('HIGH', 'CRITICAL') THEN -1 WHEN found.load_level = 'LOW' AND found.is_measured THEN 1 ELSE 0 END;
    RETURN jsonb_build_object(
        'load', found.load,
        'load_level', found.load_level,
        'parts', found.parts,
        'recommendation', btwin._phrase_of('study_load.advice.' || coalesce(found.load_level, 'unknown')
                                        || CASE WHEN found.load_level = 'LOW' AND NOT found.is_measured THEN '.unsure' ELSE '' END),
        'modulation', jsonb_build_object('duration_factor', CASE direction WHEN 1 THEN 1.2 WHEN -1 THEN 0.6 ELSE 1.0 END,
                                         'extra_breaks', CASE direction WHEN -1 THEN 2 ELSE 0 END,
                                         'content', CASE direction WHEN 1 THEN 'HARDER' WHEN -1 THEN 'EASIER' ELSE 'SAME' END),
        'recovery', CASE WHEN found.load_level = 'CRITICAL' THEN btwin._phrase_of('study_load.recovery.days_off')
                         WHEN found.load_score > 70 THEN btwin._phrase_of('study_load.recovery.light') END,
        'trend', trend);
END
$orchestration_cognitive_load$;
COMMENT ON FUNCTION btwin_api.orchestration_cognitive_load(text, boolean, timestamptz) IS
'Load from study history, and how to adapt the next sessions
user_id: learner, by default the caller. include_trend: with the last 7 days. as_of: moment, by default now.
Keys: load (score document, 0 to 100: 0.3 volume + 0.3 performance + 0.2 comprehension + 0.2 stress, rounded; what is not known counts as average), load_level (LOW below 40, MODERATE below 60, HIGH below 80, else CRITICAL), parts {volume, performance, comprehension, stress} (each 0 to 100, null where nothing is known), recommendation (text), modulation {duration_factor (1.2, 1 or 0.6), extra_breaks, content (HARDER, SAME, EASIER)}, recovery (text above a load of 70, else null), trend (null, or 7 local days, oldest first: day, load_score 0 to 100 or null, row_count). Without a session and a result in 28 days and an answer to validation in 7, load.value is null with reason no_rows and the modulation is none; nor does a low load advise to study more where hours or results are not known.
Errors: PT400 missing_argument, out_of_range, user_required, not_attached; PT403 no_claim, forbidden, analysis_disabled; PT404 unknown_learner.
Source: Epic 5 domain model, 2.22 (web modulator), levels and modulation by 40, 60 and 80. Reads study_sessions, behavioral_events, validation_responses, user_learning_profiles, with the trend cognitive_load_metrics and btwin.learner.';

-- Calendar

CREATE FUNCTION btwin_api.calendar_status(user_id text DEFAULT NULL, as_of timestamptz DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE PARALLEL SAFE SECURITY INVOKER COST 500
SET search_path = pg_catalog, pg_temp
SET plan_cache_mode = force_generic_plan
AS $calendar_status$
DECLARE
    moment  timestamptz := btwin._moment(calendar_status.as_of);
    learner text := btwin._caller(calendar_status.user_id, gated => false);
    found   record;
BEGIN
    SELECT c.id, c.calendar_provider AS provider, c.sync_enabled, CASE WHEN c.last_sync_at <= moment THEN c.last_sync_at END AS synced_at INTO found
    FROM btwin.calendar_integrations c WHERE c.user_id = learner AND c.created_at <= moment;
    RETURN jsonb_build_object(
        'connected', found.id IS NOT NULL,
        'provider', found.provider,
        'last_sync_at', found.synced_at,
        'sync_enabled', coalesce(found.sync_enabled, false),
        'next_sync_at', CASE WHEN found.sync_enabled THEN found.synced_at + interval '1 hour' END,
        'busy_blocks_count', (SELECT count(*) FROM btwin.calendar_busy b
                              WHERE b.user_id = learner AND b.synced_at <= moment AND b.end_at > moment),
        'message', btwin._phrase_of('calendar.' || CASE WHEN found.id IS NULL THEN 'not_connected' WHEN NOT found.sync_enabled THEN 'off'
                                                     WHEN found.synced_at IS NULL THEN 'never' ELSE 'connected' END));
END
$calendar_status$;
COMMENT ON FUNCTION btwin_api.calendar_status(text, timestamptz) IS
'Whether a calendar is connected
user_id: learner, by default the caller. as_of: moment, by default now. Answers also where analysis is switched off.
Keys: connected (boolean), provider (text), last_sync_at, sync_enabled (boolean), next_sync_at (an hour after the last; null while synchronisation is off or there was none), busy_blocks_count (blocks of the calendar that are not over), message (text). Tokens are never shown.
Errors: PT400 out_of_range, user_required, not_attached; PT403 no_claim, forbidden; PT404 unknown_learner.
Source: Epic 5 domain model, 3.2 (16). Reads calendar_integrations, btwin.calendar_busy.';
