-- A little life in the tables of adoption_fixture.sql: two learners, one chain
-- from course to review, and one row in each table that holds secrets or enums.
-- u1 has a session at 23:30 UTC on 2026-03-09, which is 2026-03-10 in Berlin.
INSERT INTO users ("id", "email", "updatedAt", "name", "passwordHash") VALUES
    ('u1', 'u1@example.org', '2026-01-01', 'One', 'x'),
    ('u2', 'u2@example.org', '2026-01-01', 'Two', 'y');
INSERT INTO courses ("id", "userId", "name", "updatedAt") VALUES
    ('co1', 'u1', 'Anatomy', '2026-01-01'), ('co2', 'u2', 'Anatomy', '2026-01-01');
INSERT INTO lectures ("id", "userId", "courseId", "title", "fileName", "fileUrl", "fileSize", "processingStatus") VALUES
    ('le1', 'u1', 'co1', 'Heart', 'heart.pdf', 'file:///heart.pdf', 1000, 'COMPLETED'),
    ('le2', 'u2', 'co2', 'Heart', 'heart.pdf', 'file:///heart.pdf', 1000, 'EMBEDDING_FAILED');
INSERT INTO learning_objectives ("id", "lectureId", "objective", "extractedBy", "complexity", "masteryLevel") VALUES
    ('ob1', 'le1', 'Valves', 'model', 'BASIC', 'MASTERED'), ('ob2', 'le1', 'Rhythm', 'model', 'ADVANCED', 'BEGINNER');
INSERT INTO objective_prerequisites ("id", "objectiveId", "prerequisiteId") VALUES ('op1', 'ob2', 'ob1');
INSERT INTO missions ("id", "userId", "date", "status", "estimatedMinutes", "objectives") VALUES
    ('mi1', 'u1', '2026-03-09 00:00', 'COMPLETED', 30, '[{"id": "ob1"}]'), ('mi2', 'u2', '2026-03-09 00:00', 'SKIPPED', 30, '[]');
INSERT INTO cards ("id", "courseId", "lectureId", "objectiveId", "front", "back") VALUES ('ca1', 'co1', 'le1', 'ob1', 'front', 'back');
INSERT INTO study_sessions ("id", "userId", "missionId", "startedAt", "completedAt", "durationMs", "objectiveCompletions") VALUES
    ('se1', 'u1', 'mi1', '2026-03-09 23:30:00.123', '2026-03-10 00:10:00', 2400000, '[{"objectiveId": "ob1", "selfAssessment": 4}]'),
    ('se2', 'u2', 'mi2', '2026-03-09 12:00', NULL, NULL, NULL);
INSERT INTO reviews ("id", "userId", "cardId", "sessionId", "rating", "timeSpentMs", "reviewedAt", "difficultyBefore", "stabilityBefore", "difficultyAfter", "stabilityAfter") VALUES
    ('re1', 'u1', 'ca1', 'se1', 'GOOD',  6000, '2026-03-09 23:31:00', 5, 1, 5, 3),
    ('re2', 'u1', 'ca1', 'se1', 'AGAIN', 9000, '2026-03-09 23:59:59.999', 5, 3, 6, 1);
INSERT INTO behavioral_events ("id", "userId", "eventType", "eventData", "timestamp", "completionQuality", "dayOfWeek", "timeOfDay", "clientVersion") VALUES
    ('ev1', 'u1', 'SESSION_STARTED', '{"sessionId": "se1"}', '2026-03-09 23:30:00.123', NULL, 1, 23, '2.1'),
    ('ev2', 'u1', 'SESSION_ENDED', '{"durationMs": 2400000}', '2026-03-10 00:10:00', 'THOROUGH', 2, 0, '2.1'),
    ('ev3', 'u2', 'GRAPH_VIEWED', '{}', '2026-03-09 12:00', 'RUSHED', 1, 12, '2.1');
INSERT INTO behavioral_patterns ("id", "userId", "patternType", "patternData", "confidence", "evidence") VALUES
    ('pa1', 'u1', 'OPTIMAL_STUDY_TIME', '{"hourOfDay": 23}', 0.7, '{"late", "often"}');
INSERT INTO calendar_integrations ("id", "userId", "calendarProvider", "accessToken", "refreshToken") VALUES
    ('in1', 'u1', 'GOOGLE', 'secret access', 'secret refresh');
INSERT INTO burnout_risk_assessments ("id", "userId", "riskScore", "riskLevel", "contributingFactors", "assessmentDate") VALUES
    ('bu1', 'u1', 30.5, 'MEDIUM', '[]', '2026-03-09 02:00');
