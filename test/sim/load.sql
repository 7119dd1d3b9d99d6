-- Loads what simulate wrote into the attached tables of the current
-- search_path, and the truth into schema "truth".
--   psql -v folder=DIR -f test/sim/load.sql
\set ON_ERROR_STOP on
\set QUIET on
\if :{?folder} \else
\warn 'load.sql: pass the folder: psql -v folder=... -f load.sql'
\quit
\endif
-- The files agree with each other: a superuser spares the foreign-key checks.
SELECT rolsuper AS is_superuser FROM pg_catalog.pg_roles WHERE rolname = current_user \gset
\if :is_superuser
SET session_replication_role = replica;
\endif
CREATE SCHEMA IF NOT EXISTS truth;
CREATE TABLE truth.learner (user_id text PRIMARY KEY, sessions_a_week float8, stability_factor float8, half_life_days float8, ability float8,
    episode_start int, episode_days int, withdrawn_day int, time_zone text);
CREATE TABLE truth.habit (user_id text, kind text, exists boolean, effect float8, slot int, new_slot int, change_day int, PRIMARY KEY (user_id, kind));
CREATE TABLE truth.review (review_id text PRIMARY KEY, user_id text, probability float8);
CREATE TABLE truth.objective (user_id text, objective_id text PRIMARY KEY, difficulty float8, prerequisite_mastery float8, probability float8, struggled boolean);
CREATE TABLE truth.arm (user_id text, arm text, mean float8, reversed boolean, PRIMARY KEY (user_id, arm));

\set copy '\\copy users (id, behavioral_analysis_enabled, include_in_analytics) FROM ''' :folder '/users.tsv'''
:copy
\set copy '\\copy courses (id, user_id, name) FROM ''' :folder '/courses.tsv'''
:copy
\set copy '\\copy lectures (id, user_id, course_id, title, file_name, file_url, file_size) FROM ''' :folder '/lectures.tsv'''
:copy
-- there from the beginning: predictions are only for objectives that existed then
ALTER TABLE learning_objectives ALTER COLUMN created_at SET DEFAULT '2000-01-01 00:00+00';
\set copy '\\copy learning_objectives (id, lecture_id, objective, extracted_by, complexity) FROM ''' :folder '/learning_objectives.tsv'''
:copy
ALTER TABLE learning_objectives ALTER COLUMN created_at SET DEFAULT now();
\set copy '\\copy objective_prerequisites (id, objective_id, prerequisite_id) FROM ''' :folder '/objective_prerequisites.tsv'''
:copy
\set copy '\\copy cards (id, course_id, lecture_id, objective_id, front, back, stability, last_reviewed_at, next_review_at, review_count, lapse_count) FROM ''' :folder '/cards.tsv'''
:copy
\set copy '\\copy missions (id, user_id, date, status, estimated_minutes, completed_at, actual_minutes, objectives) FROM ''' :folder '/missions.tsv'''
:copy
\set copy '\\copy study_sessions (id, user_id, started_at, completed_at, duration_ms, reviews_completed, new_cards_studied) FROM ''' :folder '/study_sessions.tsv'''
:copy
\echo reviews ...
\set copy '\\copy reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, stability_before, stability_after) FROM ''' :folder '/reviews.tsv'''
:copy
\set copy '\\copy behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score) FROM ''' :folder '/behavioral_events.tsv'''
:copy
\set copy '\\copy performance_metrics (id, user_id, learning_objective_id, date, retention_score, study_time_ms, review_count, correct_reviews, incorrect_reviews) FROM ''' :folder '/performance_metrics.tsv'''
:copy
\set copy '\\copy cognitive_load_metrics (id, user_id, session_id, load_score, stress_indicators, confidence_level, "timestamp") FROM ''' :folder '/cognitive_load_metrics.tsv'''
:copy
\set copy '\\copy btwin.learner (user_id, time_zone) FROM ''' :folder '/learner.tsv'''
:copy
\echo truth ...
\set copy '\\copy truth.learner FROM ''' :folder '/truth_learner.tsv'''
:copy
\set copy '\\copy truth.habit FROM ''' :folder '/truth_habit.tsv'''
:copy
\set copy '\\copy truth.review FROM ''' :folder '/truth_review.tsv'''
:copy
\set copy '\\copy truth.objective FROM ''' :folder '/truth_objective.tsv'''
:copy
\set copy '\\copy truth.arm FROM ''' :folder '/truth_arm.tsv'''
:copy

-- what messy applications do afterwards: late rows, edits, deletes
\echo late rows, edits and deletes ...
\set copy '\\copy reviews (id, user_id, card_id, session_id, rating, time_spent_ms, reviewed_at, stability_before, stability_after) FROM ''' :folder '/late_reviews.tsv'''
:copy
\set copy '\\copy behavioral_events (id, user_id, event_type, event_data, "timestamp", content_type, session_performance_score) FROM ''' :folder '/late_events.tsv'''
:copy
ANALYZE reviews;
CREATE TEMP TABLE edit (id text, time_spent_ms int);
CREATE TEMP TABLE deletion (id text);
\set copy '\\copy edit FROM ''' :folder '/edits.tsv'''
:copy
\set copy '\\copy deletion FROM ''' :folder '/deletes.tsv'''
:copy
ANALYZE edit, deletion;
UPDATE reviews SET time_spent_ms = edit.time_spent_ms FROM edit WHERE reviews.id = edit.id;
DELETE FROM reviews USING deletion WHERE reviews.id = deletion.id;
DROP TABLE edit, deletion;
RESET session_replication_role;
