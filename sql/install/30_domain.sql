-- The data model, declared once as data: the tables of the learning platform
-- that btwin reads and writes (Epic 5 domain model, 1.1 to 1.6).
--
-- Creating, adopting, adapter views, window functions, indexes and doc/domain.md
-- are derived from these rows; nothing else in btwin lists a column. The rows
-- belong to the extension: they hold names and rules, never a learner's data.
--
-- To add a column: one row in domain_column (at the end of its table's list,
-- created tables keep the order), its value list in domain_enum, its foreign
-- key in domain_reference; then make the document anew (doc/domain.sql).

CREATE TABLE btwin.domain_type (
    type_class  text PRIMARY KEY,
    created_as  text NOT NULL,
    shown_as    text NOT NULL,
    accepted    text[] NOT NULL,
    needed      text NOT NULL,
    comment     text NOT NULL
);
COMMENT ON TABLE btwin.domain_type IS
'The classes of column types: what attach creates, what adapter views show, what an adopted column may be (Epic 5 domain model, section 0)';
COMMENT ON COLUMN btwin.domain_type.type_class IS 'Name of the class';
COMMENT ON COLUMN btwin.domain_type.created_as IS 'Type of a column in a table that attach creates';
COMMENT ON COLUMN btwin.domain_type.shown_as IS 'Type of the column in adapter views and window functions';
COMMENT ON COLUMN btwin.domain_type.accepted IS 'Types an adopted column may have, as format_type writes them without length; the class enum also accepts any enum';
COMMENT ON COLUMN btwin.domain_type.needed IS 'The same in words, for error messages';
COMMENT ON COLUMN btwin.domain_type.comment IS 'Meaning';

INSERT INTO btwin.domain_type (type_class, created_as, shown_as, accepted, needed, comment) VALUES
    ('id',         'text',             'text',                     '{text, character varying}',                               'text or varchar',                         'Key of a row; uuid and integer keys are not adopted'),
    ('text',       'text',             'text',                     '{text, character varying}',                               'text or varchar',                         'Text'),
    ('enum',       'text',             'text',                     '{text, character varying}',                               'an enum, text or varchar',                'One of a list of values; created as text with CHECK'),
    ('integer',    'integer',          'integer',                  '{integer, smallint}',                                     'integer or smallint',                     'Whole number'),
    ('float',      'double precision', 'double precision',         '{double precision, real, numeric}',                       'double precision, real or numeric',       'Number; created columns refuse NaN and infinity'),
    ('boolean',    'boolean',          'boolean',                  '{boolean}',                                               'boolean',                                 'Truth value'),
    ('moment',     'timestamptz',      'timestamp with time zone', '{timestamp without time zone, timestamp with time zone}', 'timestamp (meant as UTC) or timestamptz', 'Point in time; created columns refuse infinity'),
    ('json',       'jsonb',            'jsonb',                    '{jsonb, json}',                                           'jsonb or json',                           'Document'),
    ('text_array', 'text[]',           'text[]',                   '{text[], character varying[]}',                           'text[] or varchar[]',                     'List of texts');

CREATE TABLE btwin.domain_enum (
    enum_name   text PRIMARY KEY,
    allowed     text[] NOT NULL
);
COMMENT ON TABLE btwin.domain_enum IS
'The lists of allowed values, in their order of declaration (Epic 5 domain model, 1.1)';
COMMENT ON COLUMN btwin.domain_enum.enum_name IS 'Name of the list; PredictionFeedbackType is the list of the service contract, the only one its table knows';
COMMENT ON COLUMN btwin.domain_enum.allowed IS 'Values in order';

INSERT INTO btwin.domain_enum (enum_name, allowed) VALUES
    ('ObjectiveComplexity',    '{BASIC, INTERMEDIATE, ADVANCED}'),
    ('MasteryLevel',           '{NOT_STARTED, BEGINNER, INTERMEDIATE, ADVANCED, MASTERED}'),
    ('MissionStatus',          '{PENDING, IN_PROGRESS, COMPLETED, SKIPPED}'),
    ('CardType',               '{BASIC, CLOZE, CLINICAL_REASONING}'),
    ('ReviewRating',           '{AGAIN, HARD, GOOD, EASY}'),
    ('PromptType',             '{EXPLAIN_TO_PATIENT, CLINICAL_REASONING, CONTROLLED_FAILURE}'),
    ('CalibrationCategory',    '{OVERCONFIDENT, UNDERCONFIDENT, CALIBRATED, UNKNOWN}'),
    ('ProcessingStatus',       '{PENDING, PROCESSING, COMPLETED, FAILED, EMBEDDING, EMBEDDING_FAILED}'),
    ('EventType',              '{MISSION_STARTED, MISSION_COMPLETED, CARD_REVIEWED, VALIDATION_COMPLETED, SESSION_STARTED, SESSION_ENDED, LECTURE_UPLOADED, SEARCH_PERFORMED, GRAPH_VIEWED, RECOMMENDATION_VIEWED, RECOMMENDATION_CLICKED, RECOMMENDATION_DISMISSED, RECOMMENDATION_RATED}'),
    ('EngagementLevel',        '{LOW, MEDIUM, HIGH}'),
    ('CompletionQuality',      '{RUSHED, NORMAL, THOROUGH}'),
    ('BehavioralPatternType',  '{OPTIMAL_STUDY_TIME, SESSION_DURATION_PREFERENCE, CONTENT_TYPE_PREFERENCE, PERFORMANCE_PEAK, ATTENTION_CYCLE, FORGETTING_CURVE}'),
    ('InsightType',            '{STUDY_TIME_OPTIMIZATION, SESSION_LENGTH_ADJUSTMENT, CONTENT_PREFERENCE, RETENTION_STRATEGY}'),
    ('RecommendationStatus',   '{PENDING, VIEWED, DISMISSED, RATED}'),
    ('RecommendationType',     '{STUDY_TIME_OPTIMIZATION, SESSION_DURATION_ADJUSTMENT, CONTENT_TYPE_BALANCE, RETENTION_STRATEGY, CONSISTENCY_BUILDING, EXPERIMENTAL_SUGGESTION}'),
    ('ApplicationType',        '{AUTO, MANUAL, REMINDER, GOAL}'),
    ('BehavioralGoalType',     '{STUDY_TIME_CONSISTENCY, SESSION_DURATION, CONTENT_DIVERSIFICATION, RETENTION_IMPROVEMENT, CUSTOM}'),
    ('GoalStatus',             '{ACTIVE, COMPLETED, ABANDONED, PAUSED}'),
    ('NotificationType',       '{NEW_PATTERN, NEW_INSIGHT, GOAL_CREATED, GOAL_PROGRESS_25, GOAL_PROGRESS_50, GOAL_PROGRESS_75, GOAL_ACHIEVED, RECOMMENDATION_AVAILABLE, INTERVENTION_SUGGESTED}'),
    ('NotificationPriority',   '{LOW, NORMAL, HIGH}'),
    ('InterventionType',       '{PREREQUISITE_REVIEW, DIFFICULTY_PROGRESSION, SPACING_ADJUSTMENT, CONTENT_VARIATION, BREAK_RECOMMENDATION, FOCUS_SESSION, CONTENT_FORMAT_ADAPT, COGNITIVE_LOAD_REDUCE, SPACED_REPETITION_BOOST, BREAK_SCHEDULE_ADJUST}'),
    ('InterventionStatus',     '{PENDING, IN_PROGRESS, COMPLETED, SKIPPED, FAILED}'),
    ('PredictionStatus',       '{PENDING, CONFIRMED, FALSE_POSITIVE, MISSED, DISMISSED, RESOLVED}'),
    ('PredictionFeedbackType', '{HELPFUL, NOT_HELPFUL, INACCURATE, INTERVENTION_GOOD, INTERVENTION_BAD}'),
    ('IndicatorType',          '{BEHAVIORAL, PERFORMANCE, ENGAGEMENT, COGNITIVE, LOW_RETENTION, PREREQUISITE_GAP, COMPLEXITY_MISMATCH, COGNITIVE_OVERLOAD, HISTORICAL_STRUGGLE_PATTERN}'),
    ('Severity',               '{LOW, MEDIUM, HIGH, CRITICAL}'),
    ('AdaptationType',         '{TIMING, DURATION, DIFFICULTY, CONTENT_SELECTION, SESSION_STRUCTURE, BREAK_SCHEDULING, TIME_SHIFT, DURATION_CHANGE, INTENSITY_ADJUSTMENT, FREQUENCY_CHANGE}'),
    ('BurnoutRiskLevel',       '{LOW, MEDIUM, HIGH, CRITICAL}'),
    ('PersonalizationLevel',   '{NONE, LOW, MEDIUM, HIGH}'),
    ('PersonalizationContext', '{MISSION, CONTENT, ASSESSMENT, SESSION}'),
    ('ExperimentType',         '{AB_TEST, MULTIVARIATE, MULTI_ARMED_BANDIT}'),
    ('ExperimentStatus',       '{DRAFT, ACTIVE, COMPLETED, CANCELLED}'),
    ('OutcomeType',            '{MISSION_COMPLETED, SESSION_COMPLETED, ASSESSMENT_COMPLETED, CONTENT_ENGAGED}'),
    ('AchievementType',        '{STREAK_MILESTONE, OBJECTIVES_COMPLETED, CARDS_MASTERED, PERFECT_SESSION, EARLY_BIRD, NIGHT_OWL}'),
    ('AchievementTier',        '{BRONZE, SILVER, GOLD, PLATINUM}'),
    ('PaceRating',             '{TOO_SLOW, JUST_RIGHT, TOO_FAST}'),
    ('ContentSourceType',      '{LECTURE, FIRST_AID, EXTERNAL_ARTICLE, CONCEPT_NOTE, USER_NOTE}');

CREATE TABLE btwin.domain_table (
    table_name      name PRIMARY KEY,
    position        integer GENERATED ALWAYS AS IDENTITY,
    learner_column  name,
    learner_via     name,
    moment_column   name,
    written         boolean NOT NULL,
    comment         text NOT NULL,
    CHECK (learner_column IS NULL OR learner_via IS NULL)
);
COMMENT ON TABLE btwin.domain_table IS
'The tables of the data model, each after the tables it refers to (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_table.table_name IS 'Name of the table, of its adapter view and, with _window, of its window function';
COMMENT ON COLUMN btwin.domain_table.position IS 'Order: a table stands after those its foreign keys name';
COMMENT ON COLUMN btwin.domain_table.learner_column IS 'Column that holds the learner''s id; NULL: none, see learner_via';
COMMENT ON COLUMN btwin.domain_table.learner_via IS 'Column whose foreign key leads to the table that knows the learner; NULL with learner_column NULL: rows belong to no learner';
COMMENT ON COLUMN btwin.domain_table.moment_column IS 'The moment that gives a row its day; NULL: settings and things without a day. A table with a user_id and a moment has a window function';
COMMENT ON COLUMN btwin.domain_table.written IS 'btwin writes to the table, so an adopted enum must know every allowed value';
COMMENT ON COLUMN btwin.domain_table.comment IS 'What a row is';

INSERT INTO btwin.domain_table (table_name, learner_column, learner_via, moment_column, written, comment) VALUES
    ('users',                          'id',      NULL,           NULL,              false, 'Learners: the settings btwin honours. Other columns of the application are not touched.'),
    ('courses',                        'user_id', NULL,           NULL,              false, 'Courses. A course is the topic: topic_id is courses.id, its name the topic area.'),
    ('lectures',                       'user_id', NULL,           NULL,              false, 'Uploaded lectures of a course.'),
    ('learning_objectives',            NULL,      'lecture_id',   NULL,              false, 'What is to be learned, extracted from lectures. The learner is the owner of the lecture.'),
    ('objective_prerequisites',        NULL,      'objective_id', NULL,              false, 'Which objective must come before which.'),
    ('missions',                       'user_id', NULL,           'date',            true,  'Planned study: one mission is one plan for one day.'),
    ('cards',                          NULL,      'course_id',    NULL,              false, 'Flash cards. The learner is the owner of the course.'),
    ('study_sessions',                 'user_id', NULL,           'started_at',      false, 'Study sessions.'),
    ('reviews',                        'user_id', NULL,           'reviewed_at',     false, 'Reviews of cards.'),
    ('validation_prompts',             NULL,      NULL,           NULL,              false, 'Questions that validate understanding; they belong to no learner.'),
    ('validation_responses',           'user_id', NULL,           'responded_at',    false, 'Answers to validation prompts. Epic 5 selects them through the session.'),
    ('exams',                          'user_id', NULL,           'date',            false, 'Examination dates; there is no result column.'),
    ('performance_metrics',            'user_id', NULL,           'date',            false, 'One row per learner, objective and day.'),
    ('mission_feedback',               'user_id', NULL,           'submitted_at',    false, 'What learners said about missions.'),
    ('mission_streaks',                'user_id', NULL,           NULL,              false, 'Current and longest streak, one row per learner.'),
    ('achievements',                   'user_id', NULL,           'earned_at',       false, 'Achievements earned.'),
    ('content_recommendations',        'user_id', NULL,           'created_at',      false, 'Content offered to the learner (not the behavioural recommendations).'),
    ('recommendation_feedback',        'user_id', NULL,           'created_at',      false, 'Ratings of content recommendations.'),
    ('behavioral_events',              'user_id', NULL,           'timestamp',       false, 'Append-only event log.'),
    ('behavioral_patterns',            'user_id', NULL,           'last_seen_at',    true,  'Patterns found by analysis.'),
    ('behavioral_insights',            'user_id', NULL,           'created_at',      true,  'Insights composed from patterns.'),
    ('insight_patterns',               NULL,      'insight_id',   NULL,              true,  'Which insight was composed from which pattern.'),
    ('user_learning_profiles',         'user_id', NULL,           NULL,              true,  'The profile personalization acts on, one row per learner.'),
    ('personalization_preferences',    'user_id', NULL,           NULL,              true,  'What the learner wants personalized, one row per learner.'),
    ('personalization_configs',        'user_id', NULL,           'activated_at',    true,  'Configurations of personalization, one active per learner and context.'),
    ('personalization_effectiveness',  'user_id', NULL,           'start_date',      true,  'Effect of a configuration over a period.'),
    ('personalization_experiments',    'user_id', NULL,           'start_date',      true,  'Experiments.'),
    ('experiment_assignments',         'user_id', NULL,           'assigned_at',     true,  'Which learner got which variant.'),
    ('personalization_outcomes',       'user_id', NULL,           'timestamp',       true,  'Outcomes of missions, sessions and assessments.'),
    ('cognitive_load_metrics',         'user_id', NULL,           'timestamp',       true,  'Cognitive load as measured.'),
    ('burnout_risk_assessments',       'user_id', NULL,           'assessment_date', true,  'Burnout assessments.'),
    ('recommendations',                'user_id', NULL,           'created_at',      true,  'Behavioural recommendations.'),
    ('applied_recommendations',        'user_id', NULL,           'applied_at',      true,  'Recommendations acted upon, with figures before and after.'),
    ('behavioral_goals',               'user_id', NULL,           'created_at',      true,  'Goals.'),
    ('struggle_predictions',           'user_id', NULL,           'prediction_date', true,  'Predicted struggles.'),
    ('struggle_indicators',            'user_id', NULL,           'detected_at',     true,  'Signs of struggle.'),
    ('intervention_recommendations',   'user_id', NULL,           'created_at',      true,  'Interventions proposed.'),
    ('prediction_feedback',            'user_id', NULL,           'submitted_at',    true,  'What learners said about predictions.'),
    ('study_schedule_recommendations', 'user_id', NULL,           'created_at',      true,  'Study times recommended.'),
    ('schedule_adaptations',           'user_id', NULL,           'applied_at',      true,  'Changes made to the schedule.'),
    ('calendar_integrations',          'user_id', NULL,           NULL,              true,  'Connected calendar, one row per learner.'),
    ('session_orchestration_plans',    'user_id', NULL,           'created_at',      true,  'Plans of sessions.'),
    ('stress_response_patterns',       'user_id', NULL,           'detected_at',     true,  'Stress patterns.'),
    ('insight_notifications',          'user_id', NULL,           'created_at',      true,  'Notifications.');

CREATE TABLE btwin.domain_column (
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    position        integer GENERATED ALWAYS AS IDENTITY,
    column_name     name NOT NULL,
    reference_name  name NOT NULL,
    type_class      text NOT NULL REFERENCES btwin.domain_type,
    enum_name       text REFERENCES btwin.domain_enum,
    not_null        boolean NOT NULL,
    may_be_unknown  boolean NOT NULL DEFAULT false,
    default_value   text,
    minimum         double precision,
    maximum         double precision,
    unit            text,
    secret          boolean NOT NULL,
    comment         text NOT NULL,
    PRIMARY KEY (table_name, column_name),
    UNIQUE (table_name, reference_name),
    CHECK ((type_class = 'enum') = (enum_name IS NOT NULL)),
    CHECK (minimum IS NULL AND maximum IS NULL OR type_class IN ('integer', 'float', 'text'))
);
COMMENT ON TABLE btwin.domain_column IS
'The columns of the data model (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_column.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_column.position IS 'Order within the table';
COMMENT ON COLUMN btwin.domain_column.column_name IS 'Name in created tables, adapter views and window functions';
COMMENT ON COLUMN btwin.domain_column.reference_name IS 'Name in the reference application''s own spelling, accepted in adopted tables';
COMMENT ON COLUMN btwin.domain_column.type_class IS 'Class of the type';
COMMENT ON COLUMN btwin.domain_column.enum_name IS 'List of allowed values, for the class enum';
COMMENT ON COLUMN btwin.domain_column.not_null IS 'The reference always has a value, and created columns are NOT NULL unless may_be_unknown';
COMMENT ON COLUMN btwin.domain_column.may_be_unknown IS 'Created columns allow NULL although the reference does not: logs of other sources do not know it';
COMMENT ON COLUMN btwin.domain_column.default_value IS 'Default of created columns, an SQL expression; NULL: none';
COMMENT ON COLUMN btwin.domain_column.minimum IS 'Smallest allowed value of created columns; NULL: unbounded';
COMMENT ON COLUMN btwin.domain_column.maximum IS 'Largest allowed value of created columns, of a text its length in characters; NULL: unbounded';
COMMENT ON COLUMN btwin.domain_column.unit IS 'Unit; score and probability are dimensionless';
COMMENT ON COLUMN btwin.domain_column.secret IS 'Never shown by adapter views and window functions';
COMMENT ON COLUMN btwin.domain_column.comment IS 'Meaning';

-- Every table has a key of its own. The default of created tables has the form
-- the reference's clients use, c and 24 of a-z0-9, and 90 random bits.
INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, not_null, default_value, secret, comment)
SELECT t.table_name, 'id', 'id', 'id', true,
       '''c'' || substr(replace(gen_random_uuid()::text, ''-'', ''''), 1, 24)',
       false, CASE t.table_name WHEN 'users' THEN 'Learner' ELSE 'Key' END
FROM btwin.domain_table t ORDER BY t.position;

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, not_null, secret, comment)
SELECT t.table_name, 'user_id', 'userId', 'id', true, false, 'Learner'
FROM btwin.domain_table t WHERE t.learner_column = 'user_id' ORDER BY t.position;

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('users', 'email',                            'email',                         'text',    NULL, false, NULL,       NULL, NULL, NULL,      false, 'Address, unique where known'),
    ('users', 'auto_generate_missions',           'autoGenerateMissions',          'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'Missions may be generated for this learner'),
    ('users', 'default_mission_minutes',          'defaultMissionMinutes',         'integer', NULL, true,  '50',       0,    NULL, 'minutes', false, 'Length of a mission when nothing is known'),
    ('users', 'mission_difficulty',               'missionDifficulty',             'text',    NULL, true,  '''AUTO''', NULL, NULL, NULL,      false, 'Wanted difficulty, AUTO lets the system choose'),
    ('users', 'preferred_study_time',             'preferredStudyTime',            'text',    NULL, false, NULL,       NULL, NULL, NULL,      false, 'Time of day the learner named, free text'),
    ('users', 'include_in_analytics',             'includeInAnalytics',            'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: counted in no cohort and no BI view'),
    ('users', 'performance_tracking_enabled',     'performanceTrackingEnabled',    'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'Performance rows may be kept'),
    ('users', 'last_mission_adaptation',          'lastMissionAdaptation',         'moment',  NULL, false, NULL,       NULL, NULL, NULL,      false, 'When missions were last adapted'),
    ('users', 'behavioral_analysis_enabled',      'behavioralAnalysisEnabled',     'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: no analysis of this learner at all'),
    ('users', 'learning_style_profiling_enabled', 'learningStyleProfilingEnabled', 'boolean', NULL, true,  'true',     NULL, NULL, NULL,      false, 'False: no exposure mix'),
    ('users', 'share_anonymized_patterns',        'shareAnonymizedPatterns',       'boolean', NULL, true,  'false',    NULL, NULL, NULL,      false, 'Shown as the flag shared in cohort views, gates nothing else'),
    ('users', 'share_peer_calibration_data',      'sharePeerCalibrationData',      'boolean', NULL, true,  'false',    NULL, NULL, NULL,      false, 'Calibration may be compared with peers'),
    ('users', 'created_at',                       'createdAt',                     'moment',  NULL, true,  'now()',    NULL, NULL, NULL,      false, 'When the account was created'),
    ('users', 'updated_at',                       'updatedAt',                     'moment',  NULL, true,  'now()',    NULL, NULL, NULL,      false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('courses', 'name',       'name',      'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Name, the topic area'),
    ('courses', 'code',       'code',      'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Course code'),
    ('courses', 'term',       'term',      'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Term'),
    ('courses', 'color',      'color',     'text',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Display colour'),
    ('courses', 'created_at', 'createdAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When the course was created'),
    ('courses', 'updated_at', 'updatedAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('lectures', 'course_id',         'courseId',         'id',         NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Course'),
    ('lectures', 'title',             'title',            'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Title'),
    ('lectures', 'file_name',         'fileName',         'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Name of the file'),
    ('lectures', 'file_url',          'fileUrl',          'text',       NULL,               true,  NULL,          NULL, NULL, NULL,    false, 'Where the file is kept'),
    ('lectures', 'file_size',         'fileSize',         'integer',    NULL,               true,  NULL,          0,    NULL, 'bytes', false, 'Size of the file'),
    ('lectures', 'processing_status', 'processingStatus', 'enum',       'ProcessingStatus', true,  '''PENDING''', NULL, NULL, NULL,    false, 'State of the extraction'),
    ('lectures', 'uploaded_at',       'uploadedAt',       'moment',     NULL,               true,  'now()',       NULL, NULL, NULL,    false, 'When it was uploaded'),
    ('lectures', 'week_number',       'weekNumber',       'integer',    NULL,               false, NULL,          NULL, NULL, NULL,    false, 'Week of the course'),
    ('lectures', 'topic_tags',        'topicTags',        'text_array', NULL,               true,  '''{}''',      NULL, NULL, NULL,    false, 'Tags');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('learning_objectives', 'lecture_id',          'lectureId',        'id',         NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'Lecture, and through it the learner'),
    ('learning_objectives', 'objective',           'objective',        'text',       NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'What is to be learned'),
    ('learning_objectives', 'is_high_yield',       'isHighYield',      'boolean',    NULL,                  true,  'false',            NULL, NULL, NULL,    false, 'Often examined'),
    ('learning_objectives', 'extracted_by',        'extractedBy',      'text',       NULL,                  true,  NULL,               NULL, NULL, NULL,    false, 'What extracted it'),
    ('learning_objectives', 'created_at',          'createdAt',        'moment',     NULL,                  true,  'now()',            NULL, NULL, NULL,    false, 'When it was extracted'),
    ('learning_objectives', 'complexity',          'complexity',       'enum',       'ObjectiveComplexity', true,  '''INTERMEDIATE''', NULL, NULL, NULL,    false, 'Complexity'),
    ('learning_objectives', 'board_exam_tags',     'boardExamTags',    'text_array', NULL,                  true,  '''{}''',           NULL, NULL, NULL,    false, 'Examination tags'),
    ('learning_objectives', 'page_start',          'pageStart',        'integer',    NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'First page'),
    ('learning_objectives', 'page_end',            'pageEnd',          'integer',    NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'Last page'),
    ('learning_objectives', 'last_studied_at',     'lastStudiedAt',    'moment',     NULL,                  false, NULL,               NULL, NULL, NULL,    false, 'When it was last studied'),
    ('learning_objectives', 'mastery_level',       'masteryLevel',     'enum',       'MasteryLevel',        true,  '''NOT_STARTED''',  NULL, NULL, NULL,    false, 'Mastery as the application keeps it; mutable, never a feature of a model'),
    ('learning_objectives', 'total_study_time_ms', 'totalStudyTimeMs', 'integer',    NULL,                  true,  '0',                0,    NULL, 'ms',    false, 'Time studied so far'),
    ('learning_objectives', 'weakness_score',      'weaknessScore',    'float',      NULL,                  true,  '0.5',              0,    1,    'score', false, 'Higher is weaker; mutable, never a feature of a model');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('objective_prerequisites', 'objective_id',    'objectiveId',    'id',    NULL, true, NULL,  NULL, NULL, NULL, false, 'The objective that needs another one'),
    ('objective_prerequisites', 'prerequisite_id', 'prerequisiteId', 'id',    NULL, true, NULL,  NULL, NULL, NULL, false, 'The objective needed before it'),
    ('objective_prerequisites', 'strength',        'strength',       'float', NULL, true, '1.0', NULL, NULL, NULL, false, 'Strength of the need; no rule of Epic 5 reads it');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('missions', 'date',                       'date',                     'moment',  NULL,            true,  'now()',       NULL, NULL, NULL,      false, 'Day the mission is planned for, gives the row its day'),
    ('missions', 'status',                     'status',                   'enum',    'MissionStatus', true,  '''PENDING''', NULL, NULL, NULL,      false, 'State'),
    ('missions', 'estimated_minutes',          'estimatedMinutes',         'integer', NULL,            true,  NULL,          0,    NULL, 'minutes', false, 'Planned length'),
    ('missions', 'completed_at',               'completedAt',              'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'When it was completed'),
    ('missions', 'review_card_count',          'reviewCardCount',          'integer', NULL,            true,  '0',           0,    NULL, 'cards',   false, 'Cards to review'),
    ('missions', 'new_content_count',          'newContentCount',          'integer', NULL,            true,  '0',           0,    NULL, 'cards',   false, 'New cards'),
    ('missions', 'actual_minutes',             'actualMinutes',            'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Length it took'),
    ('missions', 'completed_objectives_count', 'completedObjectivesCount', 'integer', NULL,            true,  '0',           0,    NULL, NULL,      false, 'Objectives completed'),
    ('missions', 'objectives',                 'objectives',               'json',    NULL,            true,  NULL,          NULL, NULL, NULL,      false, 'Array of the planned objectives, sheet 1.5'),
    ('missions', 'difficulty_rating',          'difficultyRating',         'integer', NULL,            false, NULL,          1,    5,    NULL,      false, 'Rating by the learner'),
    ('missions', 'success_score',              'successScore',             'float',   NULL,            false, NULL,          0,    1,    'score',   false, 'Success of the mission'),
    ('missions', 'recommended_start_time',     'recommendedStartTime',     'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'Recommended start'),
    ('missions', 'actual_start_time',          'actualStartTime',          'moment',  NULL,            false, NULL,          NULL, NULL, NULL,      false, 'Start'),
    ('missions', 'session_performance_score',  'sessionPerformanceScore',  'float',   NULL,            false, NULL,          0,    100,  'score',   false, 'Performance in the session'),
    ('missions', 'recommended_duration',       'recommendedDuration',      'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Recommended length'),
    ('missions', 'actual_duration',            'actualDuration',           'integer', NULL,            false, NULL,          0,    NULL, 'minutes', false, 'Length');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('cards', 'course_id',        'courseId',       'id',      NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Course, and through it the learner'),
    ('cards', 'lecture_id',       'lectureId',      'id',      NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Lecture'),
    ('cards', 'objective_id',     'objectiveId',    'id',      NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Objective'),
    ('cards', 'front',            'front',          'text',    NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Question'),
    ('cards', 'back',             'back',           'text',    NULL,       true,  NULL,        NULL, NULL, NULL,          false, 'Answer'),
    ('cards', 'card_type',        'cardType',       'enum',    'CardType', true,  '''BASIC''', NULL, NULL, NULL,          false, 'Kind of card'),
    ('cards', 'created_at',       'createdAt',      'moment',  NULL,       true,  'now()',     NULL, NULL, NULL,          false, 'When it was made'),
    ('cards', 'difficulty',       'difficulty',     'float',   NULL,       true,  '0',         0,    10,   NULL,          false, 'Difficulty on the scheduler''s scale; mutable'),
    ('cards', 'stability',        'stability',      'float',   NULL,       true,  '0',         0,    NULL, 'days',        false, 'Stability; mutable, recomputed from reviews where a model needs it'),
    ('cards', 'retrievability',   'retrievability', 'float',   NULL,       true,  '0',         0,    1,    'probability', false, 'Recall probability when last computed'),
    ('cards', 'last_reviewed_at', 'lastReviewedAt', 'moment',  NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Last review'),
    ('cards', 'next_review_at',   'nextReviewAt',   'moment',  NULL,       false, NULL,        NULL, NULL, NULL,          false, 'Next review'),
    ('cards', 'review_count',     'reviewCount',    'integer', NULL,       true,  '0',         0,    NULL, NULL,          false, 'Reviews so far'),
    ('cards', 'lapse_count',      'lapseCount',     'integer', NULL,       true,  '0',         0,    NULL, NULL,          false, 'Lapses so far');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('study_sessions', 'mission_id',              'missionId',             'id',      NULL, false, NULL,    NULL, NULL, NULL, false, 'Mission'),
    ('study_sessions', 'started_at',              'startedAt',             'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'Start, gives the row its day'),
    ('study_sessions', 'completed_at',            'completedAt',           'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'End; null while active, or abandoned'),
    ('study_sessions', 'duration_ms',             'durationMs',            'integer', NULL, false, NULL,    0,    NULL, 'ms', false, 'Length'),
    ('study_sessions', 'reviews_completed',       'reviewsCompleted',      'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'Reviews done'),
    ('study_sessions', 'new_cards_studied',       'newCardsStudied',       'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'New cards studied'),
    ('study_sessions', 'session_notes',           'sessionNotes',          'text',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Notes of the learner'),
    ('study_sessions', 'current_objective_index', 'currentObjectiveIndex', 'integer', NULL, true,  '0',     0,    NULL, NULL, false, 'Objective being studied'),
    ('study_sessions', 'mission_objectives',      'missionObjectives',     'json',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Objectives of the mission, copied'),
    ('study_sessions', 'objective_completions',   'objectiveCompletions',  'json',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Array of completions with self assessment 1-5, sheet 1.5');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('reviews', 'card_id',           'cardId',           'id',      NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Card'),
    ('reviews', 'session_id',        'sessionId',        'id',      NULL,           false, NULL,    NULL, NULL, NULL,   false, 'Session'),
    ('reviews', 'rating',            'rating',           'enum',    'ReviewRating', true,  NULL,    NULL, NULL, NULL,   false, 'Rating; GOOD and EASY are good reviews, AGAIN a lapse'),
    ('reviews', 'time_spent_ms',     'timeSpentMs',      'integer', NULL,           true,  NULL,    0,    NULL, 'ms',   false, 'Answer time'),
    ('reviews', 'reviewed_at',       'reviewedAt',       'moment',  NULL,           true,  'now()', NULL, NULL, NULL,   false, 'When, gives the row its day'),
    ('reviews', 'difficulty_before', 'difficultyBefore', 'float',   NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Scheduler difficulty before'),
    ('reviews', 'stability_before',  'stabilityBefore',  'float',   NULL,           true,  NULL,    0,    NULL, 'days', false, 'Stability before'),
    ('reviews', 'difficulty_after',  'difficultyAfter',  'float',   NULL,           true,  NULL,    NULL, NULL, NULL,   false, 'Scheduler difficulty after'),
    ('reviews', 'stability_after',   'stabilityAfter',   'float',   NULL,           true,  NULL,    0,    NULL, 'days', false, 'Stability after');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('validation_prompts', 'prompt_text',          'promptText',          'text',       NULL,         true,  NULL,     NULL, NULL, NULL, false, 'Question'),
    ('validation_prompts', 'prompt_type',          'promptType',          'enum',       'PromptType', true,  NULL,     NULL, NULL, NULL, false, 'Kind'),
    ('validation_prompts', 'concept_name',         'conceptName',         'text',       NULL,         true,  NULL,     NULL, NULL, NULL, false, 'Concept asked for'),
    ('validation_prompts', 'expected_criteria',    'expectedCriteria',    'text_array', NULL,         true,  '''{}''', NULL, NULL, NULL, false, 'What a good answer holds'),
    ('validation_prompts', 'created_at',           'createdAt',           'moment',     NULL,         true,  'now()',  NULL, NULL, NULL, false, 'When it was written'),
    ('validation_prompts', 'objective_id',         'objectiveId',         'id',         NULL,         false, NULL,     NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('validation_prompts', 'prompt_data',          'promptData',          'json',       NULL,         false, NULL,     NULL, NULL, NULL, false, 'Further data'),
    ('validation_prompts', 'difficulty_level',     'difficultyLevel',     'float',      NULL,         false, '0.5',    NULL, NULL, NULL, false, 'Difficulty'),
    ('validation_prompts', 'times_used',           'timesUsed',           'integer',    NULL,         true,  '0',      0,    NULL, NULL, false, 'How often asked'),
    ('validation_prompts', 'last_used_at',         'lastUsedAt',          'moment',     NULL,         false, NULL,     NULL, NULL, NULL, false, 'When last asked'),
    ('validation_prompts', 'discrimination_index', 'discriminationIndex', 'float',      NULL,         false, '0.5',    NULL, NULL, NULL, false, 'Discrimination');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('validation_responses', 'prompt_id',                 'promptId',                'id',      NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Prompt'),
    ('validation_responses', 'session_id',                'sessionId',               'id',      NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Session'),
    ('validation_responses', 'user_answer',               'userAnswer',              'text',    NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Answer'),
    ('validation_responses', 'ai_evaluation',             'aiEvaluation',            'text',    NULL,                  true,  NULL,    NULL, NULL, NULL,    false, 'Evaluation as text'),
    ('validation_responses', 'score',                     'score',                   'float',   NULL,                  true,  NULL,    0,    1,    'score', false, 'Score'),
    ('validation_responses', 'confidence',                'confidence',              'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Confidence'),
    ('validation_responses', 'pre_assessment_confidence', 'preAssessmentConfidence', 'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Confidence before answering'),
    ('validation_responses', 'responded_at',              'respondedAt',             'moment',  NULL,                  true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('validation_responses', 'confidence_level',          'confidenceLevel',         'integer', NULL,                  false, NULL,    1,    5,    NULL,    false, 'Confidence in five steps'),
    ('validation_responses', 'calibration_delta',         'calibrationDelta',        'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Stated confidence minus score'),
    ('validation_responses', 'calibration_category',      'calibrationCategory',     'enum',    'CalibrationCategory', false, NULL,    NULL, NULL, NULL,    false, 'Calibration'),
    ('validation_responses', 'detailed_feedback',         'detailedFeedback',        'json',    NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Feedback'),
    ('validation_responses', 'reflection_notes',          'reflectionNotes',         'text',    NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Notes of the learner'),
    ('validation_responses', 'skipped',                   'skipped',                 'boolean', NULL,                  true,  'false', NULL, NULL, NULL,    false, 'Not answered'),
    ('validation_responses', 'updated_at',                'updatedAt',               'moment',  NULL,                  false, 'now()', NULL, NULL, NULL,    false, 'Last change'),
    ('validation_responses', 'initial_difficulty',        'initialDifficulty',       'float',   NULL,                  false, NULL,    NULL, NULL, NULL,    false, 'Difficulty first offered');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('exams', 'name',            'name',           'text',       NULL, true, NULL,     NULL, NULL, NULL, false, 'Name'),
    ('exams', 'date',            'date',           'moment',     NULL, true, NULL,     NULL, NULL, NULL, false, 'When it takes place'),
    ('exams', 'course_id',       'courseId',       'id',         NULL, true, NULL,     NULL, NULL, NULL, false, 'Course'),
    ('exams', 'coverage_topics', 'coverageTopics', 'text_array', NULL, true, '''{}''', NULL, NULL, NULL, false, 'Topics covered'),
    ('exams', 'created_at',      'createdAt',      'moment',     NULL, true, 'now()',  NULL, NULL, NULL, false, 'When it was entered'),
    ('exams', 'updated_at',      'updatedAt',      'moment',     NULL, true, 'now()',  NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('performance_metrics', 'learning_objective_id', 'learningObjectiveId', 'id',      NULL, true, NULL,    NULL, NULL, NULL,    false, 'Objective'),
    ('performance_metrics', 'date',                  'date',                'moment',  NULL, true, 'now()', NULL, NULL, NULL,    false, 'Day, midnight local to the writer'),
    ('performance_metrics', 'retention_score',       'retentionScore',      'float',   NULL, true, NULL,    0,    1,    'score', false, 'Retention'),
    ('performance_metrics', 'study_time_ms',         'studyTimeMs',         'integer', NULL, true, NULL,    0,    NULL, 'ms',    false, 'Time studied'),
    ('performance_metrics', 'review_count',          'reviewCount',         'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews'),
    ('performance_metrics', 'correct_reviews',       'correctReviews',      'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews rated GOOD or EASY'),
    ('performance_metrics', 'incorrect_reviews',     'incorrectReviews',    'integer', NULL, true, NULL,    0,    NULL, NULL,    false, 'Reviews rated AGAIN or HARD'),
    ('performance_metrics', 'created_at',            'createdAt',           'moment',  NULL, true, 'now()', NULL, NULL, NULL,    false, 'When it was written');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('mission_feedback', 'mission_id',              'missionId',              'id',      NULL,         true,  NULL,    NULL, NULL, NULL, false, 'Mission'),
    ('mission_feedback', 'helpfulness_rating',      'helpfulnessRating',      'integer', NULL,         true,  NULL,    1,    5,    NULL, false, 'Helpfulness'),
    ('mission_feedback', 'relevance_score',         'relevanceScore',         'integer', NULL,         true,  NULL,    NULL, NULL, NULL, false, 'Relevance'),
    ('mission_feedback', 'pace_rating',             'paceRating',             'enum',    'PaceRating', true,  NULL,    NULL, NULL, NULL, false, 'Pace'),
    ('mission_feedback', 'improvement_suggestions', 'improvementSuggestions', 'text',    NULL,         false, NULL,    NULL, NULL, NULL, false, 'Suggestions'),
    ('mission_feedback', 'submitted_at',            'submittedAt',            'moment',  NULL,         true,  'now()', NULL, NULL, NULL, false, 'When');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('mission_streaks', 'current_streak',      'currentStreak',     'integer', NULL, true,  '0',  0,    NULL, 'days', false, 'Current streak'),
    ('mission_streaks', 'longest_streak',      'longestStreak',     'integer', NULL, true,  '0',  0,    NULL, 'days', false, 'Longest streak'),
    ('mission_streaks', 'last_completed_date', 'lastCompletedDate', 'moment',  NULL, false, NULL, NULL, NULL, NULL,   false, 'Day of the last completed mission');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('achievements', 'type',        'type',        'enum',   'AchievementType', true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('achievements', 'name',        'name',        'text',   NULL,              true,  NULL,         NULL, NULL, NULL, false, 'Name'),
    ('achievements', 'description', 'description', 'text',   NULL,              true,  NULL,         NULL, NULL, NULL, false, 'Description'),
    ('achievements', 'tier',        'tier',        'enum',   'AchievementTier', true,  '''BRONZE''', NULL, NULL, NULL, false, 'Tier'),
    ('achievements', 'earned_at',   'earnedAt',    'moment', NULL,              true,  'now()',      NULL, NULL, NULL, false, 'When'),
    ('achievements', 'metadata',    'metadata',    'json',   NULL,              false, NULL,         NULL, NULL, NULL, false, 'Further data');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('content_recommendations', 'recommended_content_id', 'recommendedContentId', 'id',     NULL,                   true,  NULL,          NULL, NULL, NULL, false, 'Content offered'),
    ('content_recommendations', 'source_content_id',      'sourceContentId',      'id',     NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Content it was derived from'),
    ('content_recommendations', 'score',                  'score',                'float',  NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Score of the recommender'),
    ('content_recommendations', 'reasoning',              'reasoning',            'text',   NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Why'),
    ('content_recommendations', 'status',                 'status',               'enum',   'RecommendationStatus', true,  '''PENDING''', NULL, NULL, NULL, false, 'State'),
    ('content_recommendations', 'context_type',           'contextType',          'text',   NULL,                   false, NULL,          NULL, NULL, NULL, false, 'Where it was shown'),
    ('content_recommendations', 'context_id',             'contextId',            'id',     NULL,                   false, NULL,          NULL, NULL, NULL, false, 'What it was shown beside'),
    ('content_recommendations', 'source_type',            'sourceType',           'enum',   'ContentSourceType',    false, NULL,          NULL, NULL, NULL, false, 'Kind of the content'),
    ('content_recommendations', 'created_at',             'createdAt',            'moment', NULL,                   true,  'now()',       NULL, NULL, NULL, false, 'When offered'),
    ('content_recommendations', 'viewed_at',              'viewedAt',             'moment', NULL,                   false, NULL,          NULL, NULL, NULL, false, 'When viewed'),
    ('content_recommendations', 'dismissed_at',           'dismissedAt',          'moment', NULL,                   false, NULL,          NULL, NULL, NULL, false, 'When dismissed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('recommendation_feedback', 'recommendation_id', 'recommendationId', 'id',      NULL, true,  NULL,    NULL, NULL, NULL, false, 'Content recommendation'),
    ('recommendation_feedback', 'rating',            'rating',           'integer', NULL, false, NULL,    1,    5,    NULL, false, 'Rating'),
    ('recommendation_feedback', 'feedback_text',     'feedbackText',     'text',    NULL, false, NULL,    NULL, NULL, NULL, false, 'Comment'),
    ('recommendation_feedback', 'helpful',           'helpful',          'boolean', NULL, false, NULL,    NULL, NULL, NULL, false, 'Found helpful'),
    ('recommendation_feedback', 'created_at',        'createdAt',        'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'When');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_events', 'event_type',                'eventType',               'enum',    'EventType',         true,  NULL,    NULL, NULL, NULL,    false, 'Kind of event'),
    ('behavioral_events', 'event_data',                'eventData',               'json',    NULL,                true,  NULL,    NULL, NULL, NULL,    false, 'Keys read: durationMs, completed, engagementScore 0-1, hasDiagram, retention 0-1, objectiveIds, sessionId'),
    ('behavioral_events', 'timestamp',                 'timestamp',               'moment',  NULL,                true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('behavioral_events', 'completion_quality',        'completionQuality',       'enum',    'CompletionQuality', false, NULL,    NULL, NULL, NULL,    false, 'Quality of the completion'),
    ('behavioral_events', 'content_type',              'contentType',             'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'lecture, flashcard, validation, clinical_reasoning'),
    ('behavioral_events', 'day_of_week',               'dayOfWeek',               'integer', NULL,                false, NULL,    0,    6,    NULL,    false, 'As the application wrote it: 0 is Sunday or Monday; never trusted, weekdays are computed'),
    ('behavioral_events', 'difficulty_level',          'difficultyLevel',         'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Difficulty'),
    ('behavioral_events', 'engagement_level',          'engagementLevel',         'enum',    'EngagementLevel',   false, NULL,    NULL, NULL, NULL,    false, 'Engagement'),
    ('behavioral_events', 'session_performance_score', 'sessionPerformanceScore', 'integer', NULL,                false, NULL,    0,    100,  'score', false, 'Performance'),
    ('behavioral_events', 'time_of_day',               'timeOfDay',               'integer', NULL,                false, NULL,    0,    23,   'hour',  false, 'As the application wrote it, in an unknown time zone; never trusted, hours are computed'),
    ('behavioral_events', 'experiment_phase',          'experimentPhase',         'text',    NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Phase of a single-case experiment'),
    ('behavioral_events', 'randomization_seed',        'randomizationSeed',       'integer', NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Seed of that experiment'),
    ('behavioral_events', 'context_metadata_id',       'contextMetadataId',       'id',      NULL,                false, NULL,    NULL, NULL, NULL,    false, 'Row of the research table context_metadata, which btwin does not read');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_patterns', 'pattern_type',      'patternType',     'enum',       'BehavioralPatternType', true,  NULL,     NULL, NULL, NULL,    false, 'Kind'),
    ('behavioral_patterns', 'pattern_data',      'patternData',     'json',       NULL,                    true,  NULL,     NULL, NULL, NULL,    false, 'Data by kind, sheet 2.1'),
    ('behavioral_patterns', 'confidence',        'confidence',      'float',      NULL,                    true,  NULL,     0,    1,    'score', false, 'Confidence'),
    ('behavioral_patterns', 'first_detected_at', 'firstDetectedAt', 'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'First seen'),
    ('behavioral_patterns', 'last_seen_at',      'lastSeenAt',      'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'Last seen, gives the row its day'),
    ('behavioral_patterns', 'pattern_name',      'patternName',     'text',       NULL,                    false, NULL,     NULL, NULL, NULL,    false, 'Name'),
    ('behavioral_patterns', 'evidence',          'evidence',        'text_array', NULL,                    true,  '''{}''', NULL, NULL, NULL,    false, 'Evidence in words'),
    ('behavioral_patterns', 'occurrence_count',  'occurrenceCount', 'integer',    NULL,                    true,  '0',      0,    NULL, NULL,    false, 'How often seen'),
    ('behavioral_patterns', 'detected_at',       'detectedAt',      'moment',     NULL,                    true,  'now()',  NULL, NULL, NULL,    false, 'Same as first_detected_at');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_insights', 'insight_type',              'insightType',              'enum',    'InsightType', true,  NULL,    NULL, NULL, NULL,    false, 'Kind'),
    ('behavioral_insights', 'title',                     'title',                    'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'Title'),
    ('behavioral_insights', 'description',               'description',              'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'Description'),
    ('behavioral_insights', 'actionable_recommendation', 'actionableRecommendation', 'text',    NULL,          true,  NULL,    NULL, NULL, NULL,    false, 'What to do'),
    ('behavioral_insights', 'confidence',                'confidence',               'float',   NULL,          true,  NULL,    0,    1,    'score', false, 'Confidence'),
    ('behavioral_insights', 'created_at',                'createdAt',                'moment',  NULL,          true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('behavioral_insights', 'acknowledged_at',           'acknowledgedAt',           'moment',  NULL,          false, NULL,    NULL, NULL, NULL,    false, 'When acknowledged; null is open'),
    ('behavioral_insights', 'applied',                   'applied',                  'boolean', NULL,          true,  'false', NULL, NULL, NULL,    false, 'Acted upon');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('insight_patterns', 'insight_id', 'insightId', 'id', NULL, true, NULL, NULL, NULL, NULL, false, 'Insight, and through it the learner'),
    ('insight_patterns', 'pattern_id', 'patternId', 'id', NULL, true, NULL, NULL, NULL, NULL, false, 'Pattern');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('user_learning_profiles', 'preferred_study_times',         'preferredStudyTimes',         'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Array of weekday, hours and effectiveness, sheet 1.5'),
    ('user_learning_profiles', 'average_session_duration',      'averageSessionDuration',      'integer', NULL, true, NULL,    0,    NULL, 'minutes', false, 'Mean session'),
    ('user_learning_profiles', 'optimal_session_duration',      'optimalSessionDuration',      'integer', NULL, true, NULL,    15,   180,  'minutes', false, 'Best session: analysis writes 30 to 90, a learner may set 15 to 180'),
    ('user_learning_profiles', 'content_preferences',           'contentPreferences',          'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Shares by content type, sheet 1.5'),
    ('user_learning_profiles', 'learning_style_profile',        'learningStyleProfile',        'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Exposure mix and stress data, sheet 1.5'),
    ('user_learning_profiles', 'personalized_forgetting_curve', 'personalizedForgettingCurve', 'json',    NULL, true, NULL,    NULL, NULL, NULL,      false, 'Forgetting curve, sheet 1.5'),
    ('user_learning_profiles', 'last_analyzed_at',              'lastAnalyzedAt',              'moment',  NULL, true, 'now()', NULL, NULL, NULL,      false, 'Last analysis'),
    ('user_learning_profiles', 'data_quality_score',            'dataQualityScore',            'float',   NULL, true, '0.0',   0,    1,    'score',   false, 'Quality of the data behind the profile');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_preferences', 'personalization_level',              'personalizationLevel',             'enum',       'PersonalizationLevel', true,  '''MEDIUM''', NULL, NULL, NULL, false, 'How much'),
    ('personalization_preferences', 'auto_adapt_enabled',                 'autoAdaptEnabled',                 'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Adapt without asking'),
    ('personalization_preferences', 'mission_personalization_enabled',    'missionPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Missions'),
    ('personalization_preferences', 'content_personalization_enabled',    'contentPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Content'),
    ('personalization_preferences', 'assessment_personalization_enabled', 'assessmentPersonalizationEnabled', 'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Assessments'),
    ('personalization_preferences', 'session_personalization_enabled',    'sessionPersonalizationEnabled',    'boolean',    NULL,                   true,  'true',       NULL, NULL, NULL, false, 'Sessions'),
    ('personalization_preferences', 'disabled_features',                  'disabledFeatures',                 'text_array', NULL,                   true,  '''{}''',     NULL, NULL, NULL, false, 'Features switched off'),
    ('personalization_preferences', 'created_at',                         'createdAt',                        'moment',     NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'When written first'),
    ('personalization_preferences', 'updated_at',                         'updatedAt',                        'moment',     NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'Last change'),
    ('personalization_preferences', 'last_reset_at',                      'lastResetAt',                      'moment',     NULL,                   false, NULL,         NULL, NULL, NULL, false, 'Last reset');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_configs', 'preferences_id',             'preferencesId',             'id',      NULL,                     true,  NULL,    NULL, NULL, NULL,    false, 'Preferences'),
    ('personalization_configs', 'context',                    'context',                   'enum',    'PersonalizationContext', true,  NULL,    NULL, NULL, NULL,    false, 'Context'),
    ('personalization_configs', 'strategy_variant',           'strategyVariant',           'text',    NULL,                     true,  NULL,    NULL, NULL, NULL,    false, 'Strategy: pattern_heavy, prediction_heavy, balanced, conservative'),
    ('personalization_configs', 'mission_personalization',    'missionPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is MISSION'),
    ('personalization_configs', 'content_personalization',    'contentPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is CONTENT'),
    ('personalization_configs', 'assessment_personalization', 'assessmentPersonalization', 'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is ASSESSMENT'),
    ('personalization_configs', 'session_personalization',    'sessionPersonalization',    'json',    NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'Parameters, where the context is SESSION'),
    ('personalization_configs', 'effectiveness_score',        'effectivenessScore',        'float',   NULL,                     false, NULL,    0,    100,  'score', false, 'Effectiveness'),
    ('personalization_configs', 'confidence_score',           'confidenceScore',           'float',   NULL,                     true,  '0.7',   0,    1,    'score', false, 'Confidence'),
    ('personalization_configs', 'times_selected',             'timesSelected',             'integer', NULL,                     true,  '0',     0,    NULL, NULL,    false, 'Times chosen by the bandit'),
    ('personalization_configs', 'total_reward',               'totalReward',               'float',   NULL,                     true,  '0',     NULL, NULL, NULL,    false, 'Sum of rewards'),
    ('personalization_configs', 'avg_reward',                 'avgReward',                 'float',   NULL,                     true,  '0',     NULL, NULL, NULL,    false, 'Mean reward'),
    ('personalization_configs', 'is_active',                  'isActive',                  'boolean', NULL,                     true,  'true',  NULL, NULL, NULL,    false, 'In force'),
    ('personalization_configs', 'activated_at',               'activatedAt',               'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'When put in force, gives the row its day'),
    ('personalization_configs', 'deactivated_at',             'deactivatedAt',             'moment',  NULL,                     false, NULL,    NULL, NULL, NULL,    false, 'When taken out of force'),
    ('personalization_configs', 'created_at',                 'createdAt',                 'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'When written first'),
    ('personalization_configs', 'updated_at',                 'updatedAt',                 'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,    false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_effectiveness', 'config_id',                    'configId',                   'id',      NULL, true,  NULL,    NULL, NULL, NULL,          false, 'Configuration'),
    ('personalization_effectiveness', 'start_date',                   'startDate',                  'moment',  NULL, true,  NULL,    NULL, NULL, NULL,          false, 'Start, gives the row its day'),
    ('personalization_effectiveness', 'end_date',                     'endDate',                    'moment',  NULL, true,  NULL,    NULL, NULL, NULL,          false, 'End'),
    ('personalization_effectiveness', 'retention_improvement',        'retentionImprovement',       'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'performance_improvement',      'performanceImprovement',     'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'completion_rate_change',       'completionRateChange',       'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'engagement_change',            'engagementChange',           'float',   NULL, false, NULL,    NULL, NULL, 'percent',     false, 'Against the baseline'),
    ('personalization_effectiveness', 'sample_size',                  'sampleSize',                 'integer', NULL, true,  NULL,    0,    NULL, NULL,          false, 'Data points'),
    ('personalization_effectiveness', 'correlation',                  'correlation',                'float',   NULL, false, NULL,    -1,   1,    NULL,          false, 'Pearson correlation'),
    ('personalization_effectiveness', 'p_value',                      'pValue',                     'float',   NULL, false, NULL,    0,    1,    'probability', false, 'Of the correlation'),
    ('personalization_effectiveness', 'confidence_interval',          'confidenceInterval',         'json',    NULL, false, NULL,    NULL, NULL, NULL,          false, 'lower and upper, 95 %'),
    ('personalization_effectiveness', 'composite_score',              'compositeScore',             'float',   NULL, true,  NULL,    0,    100,  'score',       false, 'Composite'),
    ('personalization_effectiveness', 'is_statistically_significant', 'isStatisticallySignificant', 'boolean', NULL, true,  'false', NULL, NULL, NULL,          false, 'Significant'),
    ('personalization_effectiveness', 'calculated_at',                'calculatedAt',               'moment',  NULL, true,  'now()', NULL, NULL, NULL,          false, 'When calculated');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_experiments', 'preferences_id',           'preferencesId',           'id',      NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Preferences'),
    ('personalization_experiments', 'experiment_name',          'experimentName',          'text',    NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Name'),
    ('personalization_experiments', 'experiment_type',          'experimentType',          'enum',    'ExperimentType',         true,  '''AB_TEST''', NULL, NULL, NULL,          false, 'Kind'),
    ('personalization_experiments', 'context',                  'context',                 'enum',    'PersonalizationContext', true,  NULL,          NULL, NULL, NULL,          false, 'Context'),
    ('personalization_experiments', 'variants',                 'variants',                'json',    NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'Variants with weights, sheet 1.5'),
    ('personalization_experiments', 'assigned_variant',         'assignedVariant',         'text',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Variant'),
    ('personalization_experiments', 'status',                   'status',                  'enum',    'ExperimentStatus',       true,  '''ACTIVE''',  NULL, NULL, NULL,          false, 'State'),
    ('personalization_experiments', 'start_date',               'startDate',               'moment',  NULL,                     true,  'now()',       NULL, NULL, NULL,          false, 'Start, gives the row its day'),
    ('personalization_experiments', 'end_date',                 'endDate',                 'moment',  NULL,                     true,  NULL,          NULL, NULL, NULL,          false, 'End'),
    ('personalization_experiments', 'min_participants',         'minParticipants',         'integer', NULL,                     true,  '20',          0,    NULL, NULL,          false, 'Participants needed'),
    ('personalization_experiments', 'min_duration',             'minDuration',             'integer', NULL,                     true,  '14',          0,    NULL, 'days',        false, 'Days needed'),
    ('personalization_experiments', 'current_participants',     'currentParticipants',     'integer', NULL,                     true,  '0',           0,    NULL, NULL,          false, 'Participants'),
    ('personalization_experiments', 'variant_metrics',          'variantMetrics',          'json',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Figures by variant'),
    ('personalization_experiments', 'winning_variant',          'winningVariant',          'text',    NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'Winner'),
    ('personalization_experiments', 'statistical_significance', 'statisticalSignificance', 'float',   NULL,                     false, NULL,          0,    1,    'probability', false, 'p-value'),
    ('personalization_experiments', 'created_at',               'createdAt',               'moment',  NULL,                     true,  'now()',       NULL, NULL, NULL,          false, 'When created'),
    ('personalization_experiments', 'completed_at',             'completedAt',             'moment',  NULL,                     false, NULL,          NULL, NULL, NULL,          false, 'When completed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('experiment_assignments', 'experiment_id', 'experimentId', 'id',     NULL, true,  NULL,    NULL, NULL, NULL, false, 'Experiment'),
    ('experiment_assignments', 'variant_id',    'variantId',    'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Variant'),
    ('experiment_assignments', 'assigned_at',   'assignedAt',   'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('experiment_assignments', 'metrics',       'metrics',      'json',   NULL, false, NULL,    NULL, NULL, NULL, false, 'Figures');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('personalization_outcomes', 'config_id',               'configId',               'id',      NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Configuration, without a foreign key'),
    ('personalization_outcomes', 'outcome_type',            'outcomeType',            'enum',    'OutcomeType',            true,  NULL,    NULL, NULL, NULL,      false, 'Kind'),
    ('personalization_outcomes', 'context',                 'context',                'enum',    'PersonalizationContext', true,  NULL,    NULL, NULL, NULL,      false, 'Context'),
    ('personalization_outcomes', 'timestamp',               'timestamp',              'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,      false, 'When, gives the row its day'),
    ('personalization_outcomes', 'retention_score',         'retentionScore',         'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Retention'),
    ('personalization_outcomes', 'performance_score',       'performanceScore',       'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Performance'),
    ('personalization_outcomes', 'completion_rate',         'completionRate',         'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Completion'),
    ('personalization_outcomes', 'engagement_score',        'engagementScore',        'float',   NULL,                     false, NULL,    0,    1,    'score',   false, 'Engagement'),
    ('personalization_outcomes', 'session_duration',        'sessionDuration',        'integer', NULL,                     false, NULL,    0,    NULL, 'minutes', false, 'Length'),
    ('personalization_outcomes', 'content_type',            'contentType',            'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Content type'),
    ('personalization_outcomes', 'difficulty_level',        'difficultyLevel',        'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Difficulty'),
    ('personalization_outcomes', 'personalization_applied', 'personalizationApplied', 'boolean', NULL,                     true,  'false', NULL, NULL, NULL,      false, 'Personalization was in force'),
    ('personalization_outcomes', 'strategy_variant',        'strategyVariant',        'text',    NULL,                     false, NULL,    NULL, NULL, NULL,      false, 'Strategy');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('cognitive_load_metrics', 'session_id',        'sessionId',        'id',     NULL, false, NULL,    NULL, NULL, NULL,    false, 'Session, without a foreign key'),
    ('cognitive_load_metrics', 'load_score',        'loadScore',        'float',  NULL, true,  NULL,    0,    100,  'score', false, 'Load: below 40 LOW, 60 MODERATE, 80 HIGH, else CRITICAL'),
    ('cognitive_load_metrics', 'stress_indicators', 'stressIndicators', 'json',   NULL, true,  NULL,    NULL, NULL, NULL,    false, 'Array of type, severity, value, contribution, sheet 1.5'),
    ('cognitive_load_metrics', 'confidence_level',  'confidenceLevel',  'float',  NULL, true,  NULL,    0,    1,    'score', false, 'Confidence'),
    ('cognitive_load_metrics', 'timestamp',         'timestamp',        'moment', NULL, true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('burnout_risk_assessments', 'risk_score',           'riskScore',           'float',      NULL,               true,  NULL,     0,    100,  'score', false, 'Risk'),
    ('burnout_risk_assessments', 'risk_level',           'riskLevel',           'enum',       'BurnoutRiskLevel', true,  NULL,     NULL, NULL, NULL,    false, 'Level'),
    ('burnout_risk_assessments', 'contributing_factors', 'contributingFactors', 'json',       NULL,               true,  NULL,     NULL, NULL, NULL,    false, 'Array of factor, score, percentage, severity, sheet 1.5'),
    ('burnout_risk_assessments', 'warning_signals',      'warningSignals',      'json',       NULL,               false, NULL,     NULL, NULL, NULL,    false, 'Array of signals, sheet 1.5'),
    ('burnout_risk_assessments', 'recommendations',      'recommendations',     'text_array', NULL,               true,  '''{}''', NULL, NULL, NULL,    false, 'Recommendations in words'),
    ('burnout_risk_assessments', 'confidence',           'confidence',          'float',      NULL,               true,  '0.7',    0,    1,    'score', false, 'Confidence'),
    ('burnout_risk_assessments', 'assessment_date',      'assessmentDate',      'moment',     NULL,               true,  'now()',  NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('burnout_risk_assessments', 'intervention_applied', 'interventionApplied', 'boolean',    NULL,               true,  'false',  NULL, NULL, NULL,    false, 'An intervention followed'),
    ('burnout_risk_assessments', 'intervention_id',      'interventionId',      'id',         NULL,               false, NULL,     NULL, NULL, NULL,    false, 'That intervention');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('recommendations', 'recommendation_type',    'recommendationType',   'enum',       'RecommendationType',   true,  NULL,          NULL, NULL, NULL,    false, 'Kind'),
    ('recommendations', 'title',                  'title',                'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'Title'),
    ('recommendations', 'description',            'description',          'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'Description'),
    ('recommendations', 'actionable_text',        'actionableText',       'text',       NULL,                   true,  NULL,          NULL, NULL, NULL,    false, 'What to do'),
    ('recommendations', 'confidence',             'confidence',           'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Confidence'),
    ('recommendations', 'estimated_impact',       'estimatedImpact',      'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Expected effect'),
    ('recommendations', 'ease_of_implementation', 'easeOfImplementation', 'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Ease'),
    ('recommendations', 'user_readiness',         'userReadiness',        'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Readiness'),
    ('recommendations', 'priority_score',         'priorityScore',        'float',      NULL,                   true,  NULL,          0,    1,    'score', false, 'Priority'),
    ('recommendations', 'status',                 'status',               'enum',       'RecommendationStatus', true,  '''PENDING''', NULL, NULL, NULL,    false, 'State; application is carried by applied_at'),
    ('recommendations', 'source_pattern_ids',     'sourcePatternIds',     'text_array', NULL,                   true,  '''{}''',      NULL, NULL, NULL,    false, 'Patterns it came from'),
    ('recommendations', 'source_insight_ids',     'sourceInsightIds',     'text_array', NULL,                   true,  '''{}''',      NULL, NULL, NULL,    false, 'Insights it came from'),
    ('recommendations', 'created_at',             'createdAt',            'moment',     NULL,                   true,  'now()',       NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('recommendations', 'applied_at',             'appliedAt',            'moment',     NULL,                   false, NULL,          NULL, NULL, NULL,    false, 'When applied'),
    ('recommendations', 'dismissed_at',           'dismissedAt',          'moment',     NULL,                   false, NULL,          NULL, NULL, NULL,    false, 'When dismissed');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('applied_recommendations', 'recommendation_id', 'recommendationId', 'id',     NULL,              true,  NULL,    NULL, NULL, NULL,    false, 'Recommendation'),
    ('applied_recommendations', 'application_type',  'applicationType',  'enum',   'ApplicationType', true,  NULL,    NULL, NULL, NULL,    false, 'How applied'),
    ('applied_recommendations', 'baseline_metrics',  'baselineMetrics',  'json',   NULL,              true,  NULL,    NULL, NULL, NULL,    false, 'Figures before'),
    ('applied_recommendations', 'current_metrics',   'currentMetrics',   'json',   NULL,              false, NULL,    NULL, NULL, NULL,    false, 'Figures after'),
    ('applied_recommendations', 'effectiveness',     'effectiveness',    'float',  NULL,              false, NULL,    -1,   1,    'score', false, 'Effect; the reference clips a decline to 0, btwin keeps its sign'),
    ('applied_recommendations', 'applied_at',        'appliedAt',        'moment', NULL,              true,  'now()', NULL, NULL, NULL,    false, 'When, gives the row its day'),
    ('applied_recommendations', 'evaluated_at',      'evaluatedAt',      'moment', NULL,              false, NULL,    NULL, NULL, NULL,    false, 'When evaluated');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('behavioral_goals', 'goal_type',        'goalType',        'enum',   'BehavioralGoalType', true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('behavioral_goals', 'title',            'title',           'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Title'),
    ('behavioral_goals', 'description',      'description',     'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Description'),
    ('behavioral_goals', 'target_metric',    'targetMetric',    'text',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'peakHourSessionsPerWeek, avgSessionDuration, varkBalanceScore, retentionHalfLifeDays, custom'),
    ('behavioral_goals', 'current_value',    'currentValue',    'float',  NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Now, unit of the metric'),
    ('behavioral_goals', 'target_value',     'targetValue',     'float',  NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Target, unit of the metric'),
    ('behavioral_goals', 'deadline',         'deadline',        'moment', NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Deadline, 1 to 90 days ahead when set'),
    ('behavioral_goals', 'status',           'status',          'enum',   'GoalStatus',         true,  '''ACTIVE''', NULL, NULL, NULL, false, 'State'),
    ('behavioral_goals', 'progress_history', 'progressHistory', 'json',   NULL,                 true,  NULL,         NULL, NULL, NULL, false, 'Array of date, value, note; the first is the baseline'),
    ('behavioral_goals', 'completed_at',     'completedAt',     'moment', NULL,                 false, NULL,         NULL, NULL, NULL, false, 'When reached'),
    ('behavioral_goals', 'created_at',       'createdAt',       'moment', NULL,                 true,  'now()',      NULL, NULL, NULL, false, 'When set, gives the row its day'),
    ('behavioral_goals', 'updated_at',       'updatedAt',       'moment', NULL,                 true,  'now()',      NULL, NULL, NULL, false, 'Last change');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('struggle_predictions', 'learning_objective_id',          'learningObjectiveId',          'id',      NULL,               true,  NULL,          NULL, NULL, NULL,          false, 'Objective'),
    ('struggle_predictions', 'topic_id',                       'topicId',                      'id',      NULL,               false, NULL,          NULL, NULL, NULL,          false, 'Course'),
    ('struggle_predictions', 'predicted_struggle_probability', 'predictedStruggleProbability', 'float',   NULL,               true,  NULL,          0,    1,    'probability', false, 'Probability; predicted means at least 0.5'),
    ('struggle_predictions', 'prediction_confidence',          'predictionConfidence',         'float',   NULL,               true,  NULL,          0,    1,    'score',       false, 'Confidence'),
    ('struggle_predictions', 'prediction_status',              'predictionStatus',             'enum',    'PredictionStatus', true,  '''PENDING''', NULL, NULL, NULL,          false, 'State; RESOLVED is a true negative'),
    ('struggle_predictions', 'feature_vector',                 'featureVector',                'json',    NULL,               false, NULL,          NULL, NULL, NULL,          false, 'Features by name, sheet 2.11'),
    ('struggle_predictions', 'struggling_factors',             'strugglingFactors',            'json',    NULL,               true,  NULL,          NULL, NULL, NULL,          false, 'indicators and confidence'),
    ('struggle_predictions', 'prediction_date',                'predictionDate',               'moment',  NULL,               true,  'now()',       NULL, NULL, NULL,          false, 'Date predicted for, gives the row its day'),
    ('struggle_predictions', 'predicted_at',                   'predictedAt',                  'moment',  NULL,               true,  'now()',       NULL, NULL, NULL,          false, 'When predicted'),
    ('struggle_predictions', 'acknowledged_at',                'acknowledgedAt',               'moment',  NULL,               false, NULL,          NULL, NULL, NULL,          false, 'When acknowledged'),
    ('struggle_predictions', 'actual_outcome',                 'actualOutcome',                'boolean', NULL,               false, NULL,          NULL, NULL, NULL,          false, 'True: struggled'),
    ('struggle_predictions', 'actual_outcome_recorded_at',     'actualOutcomeRecordedAt',      'moment',  NULL,               false, NULL,          NULL, NULL, NULL,          false, 'When the outcome was recorded'),
    ('struggle_predictions', 'intervention_applied',           'interventionApplied',          'boolean', NULL,               true,  'false',       NULL, NULL, NULL,          false, 'An intervention followed'),
    ('struggle_predictions', 'intervention_id',                'interventionId',               'id',      NULL,               false, NULL,          NULL, NULL, NULL,          false, 'That intervention');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('struggle_indicators', 'learning_objective_id', 'learningObjectiveId', 'id',     NULL,            true,  NULL,    NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('struggle_indicators', 'prediction_id',         'predictionId',        'id',     NULL,            false, NULL,    NULL, NULL, NULL, false, 'Prediction'),
    ('struggle_indicators', 'indicator_type',        'indicatorType',       'enum',   'IndicatorType', true,  NULL,    NULL, NULL, NULL, false, 'Kind'),
    ('struggle_indicators', 'severity',              'severity',            'enum',   'Severity',      true,  NULL,    NULL, NULL, NULL, false, 'Severity'),
    ('struggle_indicators', 'context',               'context',             'json',   NULL,            false, NULL,    NULL, NULL, NULL, false, 'Circumstances'),
    ('struggle_indicators', 'detected_at',           'detectedAt',          'moment', NULL,            true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('intervention_recommendations', 'prediction_id',         'predictionId',       'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Prediction'),
    ('intervention_recommendations', 'intervention_type',     'interventionType',   'enum',    'InterventionType',   true,  NULL,          NULL, NULL, NULL, false, 'Kind'),
    ('intervention_recommendations', 'description',           'description',        'text',    NULL,                 true,  NULL,          NULL, NULL, NULL, false, 'Description'),
    ('intervention_recommendations', 'reasoning',             'reasoning',          'text',    NULL,                 true,  NULL,          NULL, NULL, NULL, false, 'Why'),
    ('intervention_recommendations', 'priority',              'priority',           'integer', NULL,                 true,  NULL,          1,    10,   NULL, false, 'Priority, 10 is first'),
    ('intervention_recommendations', 'status',                'status',             'enum',    'InterventionStatus', true,  '''PENDING''', NULL, NULL, NULL, false, 'State; IN_PROGRESS once applied'),
    ('intervention_recommendations', 'related_objective_id',  'relatedObjectiveId', 'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Objective, without a foreign key'),
    ('intervention_recommendations', 'applied_to_mission_id', 'appliedToMissionId', 'id',      NULL,                 false, NULL,          NULL, NULL, NULL, false, 'Mission adapted, without a foreign key'),
    ('intervention_recommendations', 'applied_at',            'appliedAt',          'moment',  NULL,                 false, NULL,          NULL, NULL, NULL, false, 'When applied'),
    ('intervention_recommendations', 'acknowledged_at',       'acknowledgedAt',     'moment',  NULL,                 false, NULL,          NULL, NULL, NULL, false, 'When acknowledged'),
    ('intervention_recommendations', 'created_at',            'createdAt',          'moment',  NULL,                 true,  'now()',       NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('prediction_feedback', 'prediction_id',   'predictionId',   'id',      NULL,                     true,  NULL,    NULL, NULL, NULL,         false, 'Prediction'),
    ('prediction_feedback', 'feedback_type',   'feedbackType',   'enum',    'PredictionFeedbackType', true,  NULL,    NULL, NULL, NULL,         false, 'Kind'),
    ('prediction_feedback', 'actual_struggle', 'actualStruggle', 'boolean', NULL,                     true,  NULL,    NULL, NULL, NULL,         false, 'True: did struggle'),
    ('prediction_feedback', 'helpfulness',     'helpfulness',    'integer', NULL,                     false, NULL,    1,    5,    NULL,         false, 'Helpfulness'),
    ('prediction_feedback', 'comments',        'comments',       'text',    NULL,                     false, NULL,    NULL, 1000, 'characters', false, 'Comment'),
    ('prediction_feedback', 'submitted_at',    'submittedAt',    'moment',  NULL,                     true,  'now()', NULL, NULL, NULL,         false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('study_schedule_recommendations', 'recommended_schedule', 'recommendedSchedule', 'json',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'startTime, duration in minutes, performanceScore 0-100'),
    ('study_schedule_recommendations', 'reasoning',            'reasoning',           'text',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'Why'),
    ('study_schedule_recommendations', 'created_at',           'createdAt',           'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('study_schedule_recommendations', 'applied_at',           'appliedAt',           'moment', NULL, false, NULL,    NULL, NULL, NULL, false, 'When applied');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('schedule_adaptations', 'adaptation_type',    'adaptationType',    'enum',   'AdaptationType', true, NULL,    NULL, NULL, NULL, false, 'Kind'),
    ('schedule_adaptations', 'adaptation_details', 'adaptationDetails', 'json',   NULL,             true, NULL,    NULL, NULL, NULL, false, 'reason with oldValue and newValue, or with changes'),
    ('schedule_adaptations', 'applied_at',         'appliedAt',         'moment', NULL,             true, 'now()', NULL, NULL, NULL, false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('calendar_integrations', 'calendar_provider', 'calendarProvider', 'text',    NULL, true,  NULL,    NULL, NULL, NULL, false, 'GOOGLE; OUTLOOK and ICAL announced'),
    ('calendar_integrations', 'access_token',      'accessToken',      'text',    NULL, true,  NULL,    NULL, NULL, NULL, true,  'Secret of the connection'),
    ('calendar_integrations', 'refresh_token',     'refreshToken',     'text',    NULL, false, NULL,    NULL, NULL, NULL, true,  'Secret of the connection'),
    ('calendar_integrations', 'expires_at',        'expiresAt',        'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'When the access token ends'),
    ('calendar_integrations', 'last_sync_at',      'lastSyncAt',       'moment',  NULL, false, NULL,    NULL, NULL, NULL, false, 'Last synchronisation'),
    ('calendar_integrations', 'sync_enabled',      'syncEnabled',      'boolean', NULL, true,  'true',  NULL, NULL, NULL, false, 'Synchronise'),
    ('calendar_integrations', 'created_at',        'createdAt',        'moment',  NULL, true,  'now()', NULL, NULL, NULL, false, 'When connected');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('session_orchestration_plans', 'mission_id', 'missionId', 'id',     NULL, false, NULL,    NULL, NULL, NULL, false, 'Mission, without a foreign key'),
    ('session_orchestration_plans', 'plan_data',  'planData',  'json',   NULL, true,  NULL,    NULL, NULL, NULL, false, 'plannedStartTime and the plan'),
    ('session_orchestration_plans', 'created_at', 'createdAt', 'moment', NULL, true,  'now()', NULL, NULL, NULL, false, 'When, gives the row its day'),
    ('session_orchestration_plans', 'applied_at', 'appliedAt', 'moment', NULL, false, NULL,    NULL, NULL, NULL, false, 'When applied');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('stress_response_patterns', 'pattern_data', 'patternData', 'json',   NULL, true, NULL,    NULL, NULL, NULL,    false, 'type and further data'),
    ('stress_response_patterns', 'confidence',   'confidence',  'float',  NULL, true, NULL,    0,    1,    'score', false, 'Confidence'),
    ('stress_response_patterns', 'detected_at',  'detectedAt',  'moment', NULL, true, 'now()', NULL, NULL, NULL,    false, 'When, gives the row its day');

INSERT INTO btwin.domain_column (table_name, column_name, reference_name, type_class, enum_name, not_null, default_value, minimum, maximum, unit, secret, comment) VALUES
    ('insight_notifications', 'notification_type',   'notificationType',  'enum',   'NotificationType',     true,  NULL,         NULL, NULL, NULL, false, 'Kind'),
    ('insight_notifications', 'title',               'title',             'text',   NULL,                   true,  NULL,         NULL, NULL, NULL, false, 'Title'),
    ('insight_notifications', 'message',             'message',           'text',   NULL,                   true,  NULL,         NULL, NULL, NULL, false, 'Text'),
    ('insight_notifications', 'priority',            'priority',          'enum',   'NotificationPriority', true,  '''NORMAL''', NULL, NULL, NULL, false, 'Priority'),
    ('insight_notifications', 'related_entity_id',   'relatedEntityId',   'id',     NULL,                   false, NULL,         NULL, NULL, NULL, false, 'What it is about'),
    ('insight_notifications', 'related_entity_type', 'relatedEntityType', 'text',   NULL,                   false, NULL,         NULL, NULL, NULL, false, 'goal, pattern or insight'),
    ('insight_notifications', 'read_at',             'readAt',            'moment', NULL,                   false, NULL,         NULL, NULL, NULL, false, 'When read'),
    ('insight_notifications', 'created_at',          'createdAt',         'moment', NULL,                   true,  'now()',      NULL, NULL, NULL, false, 'When, gives the row its day');

-- Created tables also take logs that other systems kept, and what such a log
-- does not know stays NULL: nothing is invented to fill a column.
UPDATE btwin.domain_column d SET may_be_unknown = true
FROM (VALUES
    ('lectures',            'file_name'),
    ('lectures',            'file_url'),
    ('lectures',            'file_size'),
    ('learning_objectives', 'extracted_by'),
    ('missions',            'estimated_minutes'),
    ('cards',               'back'),
    ('cards',               'difficulty'),
    ('cards',               'stability'),
    ('cards',               'retrievability'),
    ('reviews',             'time_spent_ms'),
    ('reviews',             'difficulty_before'),
    ('reviews',             'stability_before'),
    ('reviews',             'difficulty_after'),
    ('reviews',             'stability_after')
) AS u (table_name, column_name)
WHERE d.table_name = u.table_name AND d.column_name = u.column_name;

CREATE TABLE btwin.domain_reference (
    table_name      name NOT NULL,
    column_name     name NOT NULL,
    referenced      name NOT NULL REFERENCES btwin.domain_table,
    on_delete       text NOT NULL CHECK (on_delete IN ('CASCADE', 'SET NULL', 'NO ACTION')),
    PRIMARY KEY (table_name, column_name),
    FOREIGN KEY (table_name, column_name) REFERENCES btwin.domain_column
);
COMMENT ON TABLE btwin.domain_reference IS
'The foreign keys of created tables; each refers to the id of the other table (Epic 5 domain model, 1.2 to 1.4)';
COMMENT ON COLUMN btwin.domain_reference.table_name IS 'Table that refers';
COMMENT ON COLUMN btwin.domain_reference.column_name IS 'Column that refers';
COMMENT ON COLUMN btwin.domain_reference.referenced IS 'Table referred to';
COMMENT ON COLUMN btwin.domain_reference.on_delete IS 'What happens to the row when the other one is deleted';

-- A learner's rows go with the learner. The reference has this key on some of
-- its tables only and keeps orphans in the others.
INSERT INTO btwin.domain_reference (table_name, column_name, referenced, on_delete)
SELECT t.table_name, 'user_id', 'users', 'CASCADE'
FROM btwin.domain_table t WHERE t.learner_column = 'user_id' ORDER BY t.position;

-- Where the reference names no action: an optional key is emptied, a needed one
-- refuses. What leads to the learner (learner_via) always goes with the learner.
INSERT INTO btwin.domain_reference (table_name, column_name, referenced, on_delete) VALUES
    ('lectures',                      'course_id',             'courses',                     'CASCADE'),
    ('learning_objectives',           'lecture_id',            'lectures',                    'CASCADE'),
    ('objective_prerequisites',       'objective_id',          'learning_objectives',         'CASCADE'),
    ('objective_prerequisites',       'prerequisite_id',       'learning_objectives',         'CASCADE'),
    ('cards',                         'course_id',             'courses',                     'CASCADE'),
    ('cards',                         'lecture_id',            'lectures',                    'SET NULL'),
    ('cards',                         'objective_id',          'learning_objectives',         'SET NULL'),
    ('study_sessions',                'mission_id',            'missions',                    'SET NULL'),
    ('reviews',                       'card_id',               'cards',                       'CASCADE'),
    ('reviews',                       'session_id',            'study_sessions',              'SET NULL'),
    ('validation_responses',          'prompt_id',             'validation_prompts',          'CASCADE'),
    ('validation_responses',          'session_id',            'study_sessions',              'SET NULL'),
    ('exams',                         'course_id',             'courses',                     'CASCADE'),
    ('performance_metrics',           'learning_objective_id', 'learning_objectives',         'CASCADE'),
    ('mission_feedback',              'mission_id',            'missions',                    'NO ACTION'),
    ('recommendation_feedback',       'recommendation_id',     'content_recommendations',     'CASCADE'),
    ('insight_patterns',              'insight_id',            'behavioral_insights',         'CASCADE'),
    ('insight_patterns',              'pattern_id',            'behavioral_patterns',         'CASCADE'),
    ('personalization_configs',       'preferences_id',        'personalization_preferences', 'CASCADE'),
    ('personalization_effectiveness', 'config_id',             'personalization_configs',     'CASCADE'),
    ('personalization_experiments',   'preferences_id',        'personalization_preferences', 'CASCADE'),
    ('experiment_assignments',        'experiment_id',         'personalization_experiments', 'CASCADE'),
    ('applied_recommendations',       'recommendation_id',     'recommendations',             'CASCADE'),
    ('struggle_predictions',          'learning_objective_id', 'learning_objectives',         'NO ACTION'),
    ('struggle_indicators',           'prediction_id',         'struggle_predictions',        'SET NULL'),
    ('intervention_recommendations',  'prediction_id',         'struggle_predictions',        'SET NULL'),
    ('prediction_feedback',           'prediction_id',         'struggle_predictions',        'CASCADE');

CREATE TABLE btwin.domain_unique (
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    columns         name[] NOT NULL,
    PRIMARY KEY (table_name, columns)
);
COMMENT ON TABLE btwin.domain_unique IS
'The unique keys of created tables beside the id (Epic 5 domain model, 1.2 and 1.3)';
COMMENT ON COLUMN btwin.domain_unique.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_unique.columns IS 'Columns that are unique together';

INSERT INTO btwin.domain_unique (table_name, columns) VALUES
    ('users',                       '{email}'),
    ('objective_prerequisites',     '{objective_id, prerequisite_id}'),
    ('performance_metrics',         '{user_id, learning_objective_id, date}'),
    ('mission_streaks',             '{user_id}'),
    ('insight_patterns',            '{insight_id, pattern_id}'),
    ('user_learning_profiles',      '{user_id}'),
    ('personalization_preferences', '{user_id}'),
    ('experiment_assignments',      '{experiment_id, user_id}'),
    ('calendar_integrations',       '{user_id}');

CREATE TABLE btwin.domain_index (
    index_name      name PRIMARY KEY,
    number          integer UNIQUE,
    table_name      name NOT NULL REFERENCES btwin.domain_table,
    columns         name[] NOT NULL,
    descending      name[] NOT NULL,
    include         name[] NOT NULL,
    purpose         text NOT NULL,
    claim           text,
    origin          text NOT NULL CHECK (origin IN ('report', 'report note', 'completion', 'additional')),
    note            text
);
COMMENT ON TABLE btwin.domain_index IS
'The indexes btwin wants: the 27 of the reference report (16 it names, one its endpoint notes name, ten that complete its count) and the additional ones its window functions need (Epic 5 domain model, 1.6)';
COMMENT ON COLUMN btwin.domain_index.index_name IS 'Name attach gives to the index; it lies in the schema of its table';
COMMENT ON COLUMN btwin.domain_index.number IS 'Number in the list of 27; NULL: additional';
COMMENT ON COLUMN btwin.domain_index.table_name IS 'Table';
COMMENT ON COLUMN btwin.domain_index.columns IS 'Key columns in order';
COMMENT ON COLUMN btwin.domain_index.descending IS 'Key columns sorted downwards';
COMMENT ON COLUMN btwin.domain_index.include IS 'Columns carried beside the key';
COMMENT ON COLUMN btwin.domain_index.purpose IS 'What it serves';
COMMENT ON COLUMN btwin.domain_index.claim IS 'What the reference report claims: speed-up of the query, for single columns with its word on selectivity; NULL: no claim';
COMMENT ON COLUMN btwin.domain_index.origin IS 'report: in its tables; report note: in its endpoint notes; completion: completes the count of 27; additional: needed by a window function';
COMMENT ON COLUMN btwin.domain_index.note IS 'What a reader should know';

INSERT INTO btwin.domain_index (number, index_name, table_name, columns, descending, include, purpose, claim, origin, note) VALUES
    (1,  'btwin_behavioral_patterns_type_confidence',          'behavioral_patterns',           '{user_id, pattern_type, confidence}',                          '{}',                '{}',                        'filtered pattern queries',            '92 %',                     'report',      NULL),
    (2,  'btwin_behavioral_patterns_last_seen',                'behavioral_patterns',           '{user_id, last_seen_at}',                                      '{}',                '{}',                        'recent patterns',                     '88 %',                     'report',      NULL),
    (3,  'btwin_recommendations_status_priority',              'recommendations',               '{user_id, status, priority_score}',                            '{}',                '{}',                        'active ranking',                      '90 %',                     'report',      'The report speaks of behavioral_insights, which has neither column.'),
    (4,  'btwin_recommendations_created',                      'recommendations',               '{user_id, created_at}',                                        '{}',                '{}',                        'chronological feed',                  '85 %',                     'report',      'The report speaks of behavioral_insights; that table has an additional index of this form.'),
    (5,  'btwin_struggle_predictions_status_probability',      'struggle_predictions',          '{user_id, prediction_status, predicted_struggle_probability}', '{}',                '{}',                        'high-risk queries',                   '94 %',                     'report',      NULL),
    (6,  'btwin_struggle_predictions_topic_date',              'struggle_predictions',          '{user_id, topic_id, prediction_date}',                         '{}',                '{}',                        'per-topic tracking',                  '87 %',                     'report',      NULL),
    (7,  'btwin_personalization_configs_context_active',       'personalization_configs',       '{user_id, context, is_active}',                                '{}',                '{}',                        'active configuration',                '91 %',                     'report',      NULL),
    (8,  'btwin_personalization_configs_reward',               'personalization_configs',       '{user_id, avg_reward}',                                        '{}',                '{}',                        'bandit selection',                    '89 %',                     'report',      NULL),
    (9,  'btwin_behavioral_events_type_time',                  'behavioral_events',             '{user_id, event_type, timestamp}',                             '{}',                '{}',                        'event queries',                       '86 %',                     'report',      NULL),
    (10, 'btwin_behavioral_events_day_of_week',                'behavioral_events',             '{user_id, day_of_week}',                                       '{}',                '{}',                        'weekday analysis',                    '83 %',                     'report',      'Created because the report names it. btwin computes weekdays from the time in the learner''s zone and never reads this column, so it is expected to stay unused.'),
    (11, 'btwin_behavioral_events_time_of_day',                'behavioral_events',             '{user_id, time_of_day}',                                       '{}',                '{}',                        'hour analysis',                       '84 %',                     'report',      'Created because the report names it. btwin computes hours from the time in the learner''s zone and never reads this column, so it is expected to stay unused.'),
    (12, 'btwin_cognitive_load_metrics_score',                 'cognitive_load_metrics',        '{load_score}',                                                 '{}',                '{}',                        'high load across learners',           'selectivity medium, 65 %', 'report',      NULL),
    (13, 'btwin_burnout_risk_assessments_level',               'burnout_risk_assessments',      '{risk_level}',                                                 '{}',                '{}',                        'filter after fetch',                  'selectivity low, 45 %',    'report',      'Low selectivity: kept because the report names it.'),
    (14, 'btwin_struggle_predictions_topic',                   'struggle_predictions',          '{topic_id}',                                                   '{}',                '{}',                        'predictions of a topic',              'selectivity high, 78 %',   'report',      'Rarely useful without the learner: kept because the report names it.'),
    (15, 'btwin_learning_objectives_weakness',                 'learning_objectives',           '{weakness_score}',                                             '{}',                '{}',                        'weakest objectives',                  'selectivity medium, 68 %', 'report',      NULL),
    (16, 'btwin_behavioral_goals_deadline',                    'behavioral_goals',              '{deadline}',                                                   '{}',                '{}',                        'goals that end soon',                 'selectivity high, 72 %',   'report',      NULL),
    (17, 'btwin_intervention_recommendations_status_priority', 'intervention_recommendations',  '{user_id, status, priority}',                                  '{priority}',        '{}',                        'interventions',                       NULL,                       'report note', NULL),
    (18, 'btwin_behavioral_events_time',                       'behavioral_events',             '{user_id, timestamp}',                                         '{timestamp}',       '{}',                        'feature extraction, window of a day', NULL,                       'completion',  NULL),
    (19, 'btwin_struggle_predictions_status_date',             'struggle_predictions',          '{user_id, prediction_status, prediction_date}',                '{prediction_date}', '{}',                        'alerts, accuracy windows',            NULL,                       'completion',  NULL),
    (20, 'btwin_cognitive_load_metrics_time',                  'cognitive_load_metrics',        '{user_id, timestamp}',                                         '{timestamp}',       '{}',                        'current load, history, burnout',      NULL,                       'completion',  NULL),
    (21, 'btwin_burnout_risk_assessments_date',                'burnout_risk_assessments',      '{user_id, assessment_date}',                                   '{assessment_date}', '{risk_level}',              'latest assessment, recovery',         NULL,                       'completion',  NULL),
    (22, 'btwin_behavioral_goals_status_deadline',             'behavioral_goals',              '{user_id, status, deadline}',                                  '{}',                '{}',                        'dashboard',                           NULL,                       'completion',  NULL),
    (23, 'btwin_personalization_effectiveness_period',         'personalization_effectiveness', '{user_id, start_date, end_date}',                              '{}',                '{}',                        'effectiveness',                       NULL,                       'completion',  NULL),
    (24, 'btwin_study_sessions_started',                       'study_sessions',                '{user_id, started_at}',                                        '{started_at}',      '{}',                        'all analyzers',                       NULL,                       'completion',  NULL),
    (25, 'btwin_performance_metrics_date',                     'performance_metrics',           '{user_id, date}',                                              '{date}',            '{retention_score}',         'burnout, struggle reduction',         NULL,                       'completion',  NULL),
    (26, 'btwin_missions_date_status',                         'missions',                      '{user_id, date, status}',                                      '{date}',            '{}',                        'burnout, next mission',               NULL,                       'completion',  NULL),
    (27, 'btwin_reviews_reviewed',                             'reviews',                       '{user_id, reviewed_at}',                                       '{reviewed_at}',     '{rating, stability_after}', 'forgetting curve, lapse rate',        NULL,                       'completion',  NULL);

-- A window function needs (learner, moment) in front. The 27 provide it for some.
INSERT INTO btwin.domain_index (index_name, table_name, columns, descending, include, purpose, origin)
SELECT 'btwin_' || t.table_name || '_moment', t.table_name, ARRAY[t.learner_column, t.moment_column],
       '{}', '{}', 'window function btwin.' || t.table_name || '_window', 'additional'
FROM btwin.domain_table t
WHERE t.learner_column = 'user_id' AND t.moment_column IS NOT NULL
  AND NOT EXISTS (SELECT FROM btwin.domain_index i
                  WHERE i.table_name = t.table_name
                    AND i.columns[1:2] = ARRAY[t.learner_column, t.moment_column])
ORDER BY t.position;

-- attach runs with the rights of its caller and reads the model.
GRANT SELECT ON btwin.domain_type, btwin.domain_enum, btwin.domain_table, btwin.domain_column,
                btwin.domain_reference, btwin.domain_unique, btwin.domain_index TO PUBLIC;
