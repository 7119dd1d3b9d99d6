-- Loads the Open University Learning Analytics Dataset in its published form:
-- the seven CSV files, plain or gzipped, in the folder :folder.
--   psql -v folder=/path/to/oulad -f examples/load_oulad.sql
-- Kuzilek J., Hlosta M., Zdrahal Z., Scientific Data 4:170171 (2017), CC BY 4.0.
-- Mapping, and what the set does not hold: examples/README.md.
\set ON_ERROR_STOP on
\if :{?folder} \else
\warn 'load_oulad.sql: pass the folder: psql -v folder=... -f load_oulad.sql'
\quit
\endif
\set QUIET on
-- grouping millions of clicks within 4 MB goes through files
SET work_mem = '256MB';
CREATE TEMP TABLE oulad_courses (code_module text, code_presentation text, module_presentation_length int);
CREATE TEMP TABLE oulad_assessments (code_module text, code_presentation text, id_assessment int, assessment_type text, date float8, weight float8);
CREATE TEMP TABLE oulad_student_info (code_module text, code_presentation text, id_student int, gender text, region text, highest_education text,
    imd_band text, age_band text, num_of_prev_attempts int, studied_credits int, disability text, final_result text);
CREATE TEMP TABLE oulad_registration (code_module text, code_presentation text, id_student int, date_registration float8, date_unregistration float8);
CREATE TEMP TABLE oulad_submission (id_assessment int, id_student int, date_submitted int, is_banked int, score float8);
CREATE TEMP TABLE oulad_vle (id_site int, code_module text, code_presentation text, activity_type text, week_from float8, week_to float8);
CREATE TEMP TABLE oulad_click (code_module text, code_presentation text, id_student int, id_site int, date int, sum_click int);

-- gzip -dcf passes plain files through
\set copy '\\copy oulad_courses FROM PROGRAM ''gzip -dcf "' :folder '"/courses.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\set copy '\\copy oulad_assessments FROM PROGRAM ''gzip -dcf "' :folder '"/assessments.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\set copy '\\copy oulad_student_info FROM PROGRAM ''gzip -dcf "' :folder '"/studentInfo.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\set copy '\\copy oulad_registration FROM PROGRAM ''gzip -dcf "' :folder '"/studentRegistration.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\set copy '\\copy oulad_submission FROM PROGRAM ''gzip -dcf "' :folder '"/studentAssessment.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\set copy '\\copy oulad_vle FROM PROGRAM ''gzip -dcf "' :folder '"/vle.csv*'' WITH (FORMAT csv, HEADER)'
:copy
\echo loading OULAD clicks (the largest file) ...
\set copy '\\copy oulad_click FROM PROGRAM ''gzip -dcf "' :folder '"/studentVle.csv*'' WITH (FORMAT csv, HEADER)'
:copy

-- plans over tables without statistics would loop for hours
ANALYZE oulad_courses, oulad_assessments, oulad_student_info, oulad_registration, oulad_submission, oulad_vle, oulad_click;

-- The set counts days from the start of the presentation and publishes only its
-- month (B = February, J = October): day 0 is taken as the first of it.
CREATE TEMP TABLE oulad_day0 AS
SELECT code_module, code_presentation,
       make_date(left(code_presentation, 4)::int, CASE right(code_presentation, 1) WHEN 'B' THEN 2 ELSE 10 END, 1) AS day0
FROM oulad_courses;
ANALYZE oulad_day0;

\echo learners and courses ...
INSERT INTO users (id) SELECT DISTINCT 'oulad-' || id_student FROM oulad_student_info ON CONFLICT DO NOTHING;
INSERT INTO courses (id, user_id, name, code, term)
SELECT DISTINCT 'oulad-' || id_student || ':' || code_module || code_presentation, 'oulad-' || id_student,
       code_module || ' ' || code_presentation, code_module, code_presentation
FROM oulad_student_info ON CONFLICT DO NOTHING;

\echo assessments as missions, submissions as reviews ...
INSERT INTO missions (id, user_id, date, status, completed_at, objectives)
SELECT 'oulad-' || r.id_student || ':' || a.id_assessment, 'oulad-' || r.id_student,
       (d.day0 + a.date::int)::timestamp AT TIME ZONE 'UTC',
       CASE WHEN s.id_student IS NULL THEN 'SKIPPED' ELSE 'COMPLETED' END,
       (d.day0 + s.date_submitted)::timestamp AT TIME ZONE 'UTC', '[]'
FROM oulad_registration r
JOIN oulad_assessments a USING (code_module, code_presentation)
JOIN oulad_day0 d USING (code_module, code_presentation)
LEFT JOIN oulad_submission s ON s.id_assessment = a.id_assessment AND s.id_student = r.id_student AND s.is_banked = 0
WHERE a.date IS NOT NULL
  AND (r.date_unregistration IS NULL OR r.date_unregistration > a.date)
  -- a result carried over from an earlier attempt was not due again
  AND NOT EXISTS (SELECT FROM oulad_submission b
                  WHERE b.id_assessment = a.id_assessment AND b.id_student = r.id_student AND b.is_banked = 1)
ON CONFLICT DO NOTHING;

INSERT INTO cards (id, course_id, front)
SELECT DISTINCT 'oulad-' || s.id_student || ':' || a.id_assessment, 'oulad-' || s.id_student || ':' || a.code_module || a.code_presentation,
       a.assessment_type || ' ' || a.id_assessment
FROM oulad_submission s JOIN oulad_assessments a USING (id_assessment)
JOIN oulad_student_info i ON (i.id_student, i.code_module, i.code_presentation) = (s.id_student, a.code_module, a.code_presentation)
WHERE s.is_banked = 0 AND s.score IS NOT NULL
ON CONFLICT DO NOTHING;
ANALYZE cards;
INSERT INTO reviews (id, user_id, card_id, rating, reviewed_at)
SELECT 'oulad-' || s.id_student || ':' || s.id_assessment, 'oulad-' || s.id_student, 'oulad-' || s.id_student || ':' || s.id_assessment,
       CASE WHEN s.score < 40 THEN 'AGAIN' WHEN s.score < 60 THEN 'HARD' WHEN s.score < 80 THEN 'GOOD' ELSE 'EASY' END,
       (d.day0 + s.date_submitted)::timestamp AT TIME ZONE 'UTC'
FROM oulad_submission s JOIN oulad_assessments a USING (id_assessment)
JOIN oulad_day0 d USING (code_module, code_presentation)
JOIN cards c ON c.id = 'oulad-' || s.id_student || ':' || s.id_assessment
WHERE s.is_banked = 0 AND s.score IS NOT NULL
ON CONFLICT DO NOTHING;

\echo active days as sessions, clicks as events ...
-- one session per learner and day, also for those who study two modules
INSERT INTO study_sessions (id, user_id, started_at, completed_at)
SELECT 'oulad-' || id_student || ':' || day, 'oulad-' || id_student, day::timestamp AT TIME ZONE 'UTC', day::timestamp AT TIME ZONE 'UTC'
FROM (SELECT DISTINCT c.id_student, d.day0 + c.date AS day
      FROM oulad_click c JOIN oulad_day0 d USING (code_module, code_presentation)) active
ON CONFLICT DO NOTHING;

INSERT INTO behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type)
SELECT 'oulad-' || id_student || ':' || day || ':' || module || ':' || activity_type, 'oulad-' || id_student, 'SEARCH_PERFORMED',
       jsonb_build_object('module', module, 'activityType', activity_type, 'clicks', clicks),
       day::timestamp AT TIME ZONE 'UTC',
       CASE WHEN activity_type IN ('oucontent', 'resource', 'page', 'url', 'subpage', 'htmlactivity', 'folder', 'sharedsubpage', 'dualpane') THEN 'lecture'
            WHEN activity_type IN ('quiz', 'externalquiz', 'questionnaire', 'repeatactivity') THEN 'validation' END
FROM (SELECT c.id_student, d.day0 + c.date AS day, c.code_module || c.code_presentation AS module, v.activity_type, sum(c.sum_click) AS clicks
      FROM oulad_click c
      JOIN oulad_day0 d USING (code_module, code_presentation)
      JOIN oulad_vle v USING (id_site)
      GROUP BY 1, 2, 3, 4) clicks
ON CONFLICT DO NOTHING;

SELECT (SELECT count(DISTINCT id_student) FROM oulad_student_info) AS learners,
       (SELECT count(*) FROM oulad_click) AS click_rows,
       (SELECT count(*) FROM study_sessions WHERE id LIKE 'oulad-%') AS active_days,
       (SELECT count(*) FROM behavioral_events WHERE id LIKE 'oulad-%') AS events,
       (SELECT count(*) FROM reviews WHERE id LIKE 'oulad-%') AS submissions;
DROP TABLE oulad_courses, oulad_assessments, oulad_student_info, oulad_registration, oulad_submission, oulad_vle, oulad_click, oulad_day0;
RESET work_mem;
