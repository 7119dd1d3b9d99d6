-- The tables as the reference application itself has them (Epic 5 domain model,
-- 1.1 to 1.3): quoted camelCase, enums, timestamp(3) meant as UTC, text keys made
-- by the client, foreign keys to users on some tables only, its own indexes.
-- Created in the current schema; prediction_feedback is missing, as it is there.

CREATE TYPE "ObjectiveComplexity" AS ENUM ('BASIC', 'INTERMEDIATE', 'ADVANCED');
CREATE TYPE "MasteryLevel" AS ENUM ('NOT_STARTED', 'BEGINNER', 'INTERMEDIATE', 'ADVANCED', 'MASTERED');
CREATE TYPE "MissionStatus" AS ENUM ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'SKIPPED');
CREATE TYPE "CardType" AS ENUM ('BASIC', 'CLOZE', 'CLINICAL_REASONING');
CREATE TYPE "ReviewRating" AS ENUM ('AGAIN', 'HARD', 'GOOD', 'EASY');
CREATE TYPE "PromptType" AS ENUM ('EXPLAIN_TO_PATIENT', 'CLINICAL_REASONING', 'CONTROLLED_FAILURE');
CREATE TYPE "CalibrationCategory" AS ENUM ('OVERCONFIDENT', 'UNDERCONFIDENT', 'CALIBRATED', 'UNKNOWN');
CREATE TYPE "ProcessingStatus" AS ENUM ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'EMBEDDING', 'EMBEDDING_FAILED');
CREATE TYPE "EventType" AS ENUM ('MISSION_STARTED', 'MISSION_COMPLETED', 'CARD_REVIEWED', 'VALIDATION_COMPLETED', 'SESSION_STARTED', 'SESSION_ENDED', 'LECTURE_UPLOADED', 'SEARCH_PERFORMED', 'GRAPH_VIEWED', 'RECOMMENDATION_VIEWED', 'RECOMMENDATION_CLICKED', 'RECOMMENDATION_DISMISSED', 'RECOMMENDATION_RATED');
CREATE TYPE "EngagementLevel" AS ENUM ('LOW', 'MEDIUM', 'HIGH');
CREATE TYPE "CompletionQuality" AS ENUM ('RUSHED', 'NORMAL', 'THOROUGH');
CREATE TYPE "BehavioralPatternType" AS ENUM ('OPTIMAL_STUDY_TIME', 'SESSION_DURATION_PREFERENCE', 'CONTENT_TYPE_PREFERENCE', 'PERFORMANCE_PEAK', 'ATTENTION_CYCLE', 'FORGETTING_CURVE');
CREATE TYPE "InsightType" AS ENUM ('STUDY_TIME_OPTIMIZATION', 'SESSION_LENGTH_ADJUSTMENT', 'CONTENT_PREFERENCE', 'RETENTION_STRATEGY');
CREATE TYPE "RecommendationStatus" AS ENUM ('PENDING', 'VIEWED', 'DISMISSED', 'RATED');
CREATE TYPE "RecommendationType" AS ENUM ('STUDY_TIME_OPTIMIZATION', 'SESSION_DURATION_ADJUSTMENT', 'CONTENT_TYPE_BALANCE', 'RETENTION_STRATEGY', 'CONSISTENCY_BUILDING', 'EXPERIMENTAL_SUGGESTION');
CREATE TYPE "ApplicationType" AS ENUM ('AUTO', 'MANUAL', 'REMINDER', 'GOAL');
CREATE TYPE "BehavioralGoalType" AS ENUM ('STUDY_TIME_CONSISTENCY', 'SESSION_DURATION', 'CONTENT_DIVERSIFICATION', 'RETENTION_IMPROVEMENT', 'CUSTOM');
CREATE TYPE "GoalStatus" AS ENUM ('ACTIVE', 'COMPLETED', 'ABANDONED', 'PAUSED');
CREATE TYPE "NotificationType" AS ENUM ('NEW_PATTERN', 'NEW_INSIGHT', 'GOAL_CREATED', 'GOAL_PROGRESS_25', 'GOAL_PROGRESS_50', 'GOAL_PROGRESS_75', 'GOAL_ACHIEVED', 'RECOMMENDATION_AVAILABLE', 'INTERVENTION_SUGGESTED');
CREATE TYPE "NotificationPriority" AS ENUM ('LOW', 'NORMAL', 'HIGH');
CREATE TYPE "InterventionType" AS ENUM ('PREREQUISITE_REVIEW', 'DIFFICULTY_PROGRESSION', 'SPACING_ADJUSTMENT', 'CONTENT_VARIATION', 'BREAK_RECOMMENDATION', 'FOCUS_SESSION', 'CONTENT_FORMAT_ADAPT', 'COGNITIVE_LOAD_REDUCE', 'SPACED_REPETITION_BOOST', 'BREAK_SCHEDULE_ADJUST');
CREATE TYPE "InterventionStatus" AS ENUM ('PENDING', 'IN_PROGRESS', 'COMPLETED', 'SKIPPED', 'FAILED');
CREATE TYPE "PredictionStatus" AS ENUM ('PENDING', 'CONFIRMED', 'FALSE_POSITIVE', 'MISSED', 'DISMISSED', 'RESOLVED');
CREATE TYPE "IndicatorType" AS ENUM ('BEHAVIORAL', 'PERFORMANCE', 'ENGAGEMENT', 'COGNITIVE', 'LOW_RETENTION', 'PREREQUISITE_GAP', 'COMPLEXITY_MISMATCH', 'COGNITIVE_OVERLOAD', 'HISTORICAL_STRUGGLE_PATTERN');
CREATE TYPE "Severity" AS ENUM ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL');
CREATE TYPE "AdaptationType" AS ENUM ('TIMING', 'DURATION', 'DIFFICULTY', 'CONTENT_SELECTION', 'SESSION_STRUCTURE', 'BREAK_SCHEDULING', 'TIME_SHIFT', 'DURATION_CHANGE', 'INTENSITY_ADJUSTMENT', 'FREQUENCY_CHANGE');
CREATE TYPE "BurnoutRiskLevel" AS ENUM ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL');
CREATE TYPE "PersonalizationLevel" AS ENUM ('NONE', 'LOW', 'MEDIUM', 'HIGH');
CREATE TYPE "PersonalizationContext" AS ENUM ('MISSION', 'CONTENT', 'ASSESSMENT', 'SESSION');
CREATE TYPE "ExperimentType" AS ENUM ('AB_TEST', 'MULTIVARIATE', 'MULTI_ARMED_BANDIT');
CREATE TYPE "ExperimentStatus" AS ENUM ('DRAFT', 'ACTIVE', 'COMPLETED', 'CANCELLED');
CREATE TYPE "OutcomeType" AS ENUM ('MISSION_COMPLETED', 'SESSION_COMPLETED', 'ASSESSMENT_COMPLETED', 'CONTENT_ENGAGED');
CREATE TYPE "AchievementType" AS ENUM ('STREAK_MILESTONE', 'OBJECTIVES_COMPLETED', 'CARDS_MASTERED', 'PERFECT_SESSION', 'EARLY_BIRD', 'NIGHT_OWL');
CREATE TYPE "AchievementTier" AS ENUM ('BRONZE', 'SILVER', 'GOLD', 'PLATINUM');
CREATE TYPE "PaceRating" AS ENUM ('TOO_SLOW', 'JUST_RIGHT', 'TOO_FAST');
CREATE TYPE "ContentSourceType" AS ENUM ('LECTURE', 'FIRST_AID', 'EXTERNAL_ARTICLE', 'CONCEPT_NOTE', 'USER_NOTE');

CREATE TABLE users (
    "id" TEXT NOT NULL,
    "email" TEXT,
    "autoGenerateMissions" BOOLEAN NOT NULL DEFAULT true,
    "defaultMissionMinutes" INTEGER NOT NULL DEFAULT 50,
    "missionDifficulty" TEXT NOT NULL DEFAULT 'AUTO',
    "preferredStudyTime" TEXT,
    "includeInAnalytics" BOOLEAN NOT NULL DEFAULT true,
    "performanceTrackingEnabled" BOOLEAN NOT NULL DEFAULT true,
    "lastMissionAdaptation" TIMESTAMP(3),
    "behavioralAnalysisEnabled" BOOLEAN NOT NULL DEFAULT true,
    "learningStyleProfilingEnabled" BOOLEAN NOT NULL DEFAULT true,
    "shareAnonymizedPatterns" BOOLEAN NOT NULL DEFAULT false,
    "sharePeerCalibrationData" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "name" TEXT,
    "passwordHash" TEXT,
    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "users_email_key" ON users ("email");

CREATE TABLE courses (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "code" TEXT,
    "term" TEXT,
    "color" TEXT,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "courses_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "courses_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "courses_userId_idx" ON courses ("userId");

CREATE TABLE lectures (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "courseId" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "fileName" TEXT NOT NULL,
    "fileUrl" TEXT NOT NULL,
    "fileSize" INTEGER NOT NULL,
    "processingStatus" "ProcessingStatus" NOT NULL DEFAULT 'PENDING',
    "uploadedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "weekNumber" INTEGER,
    "topicTags" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    CONSTRAINT "lectures_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "lectures_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "lectures_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES courses ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "lectures_userId_idx" ON lectures ("userId");
CREATE INDEX "lectures_courseId_idx" ON lectures ("courseId");
CREATE INDEX "lectures_processingStatus_idx" ON lectures ("processingStatus");

CREATE TABLE learning_objectives (
    "id" TEXT NOT NULL,
    "lectureId" TEXT NOT NULL,
    "objective" TEXT NOT NULL,
    "isHighYield" BOOLEAN NOT NULL DEFAULT false,
    "extractedBy" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "complexity" "ObjectiveComplexity" NOT NULL DEFAULT 'INTERMEDIATE',
    "boardExamTags" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "pageStart" INTEGER,
    "pageEnd" INTEGER,
    "lastStudiedAt" TIMESTAMP(3),
    "masteryLevel" "MasteryLevel" NOT NULL DEFAULT 'NOT_STARTED',
    "totalStudyTimeMs" INTEGER NOT NULL DEFAULT 0,
    "weaknessScore" DOUBLE PRECISION NOT NULL DEFAULT 0.5,
    CONSTRAINT "learning_objectives_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "learning_objectives_lectureId_fkey" FOREIGN KEY ("lectureId") REFERENCES lectures ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "learning_objectives_lectureId_idx" ON learning_objectives ("lectureId");
CREATE INDEX "learning_objectives_isHighYield_idx" ON learning_objectives ("isHighYield");
CREATE INDEX "learning_objectives_complexity_idx" ON learning_objectives ("complexity");
CREATE INDEX "learning_objectives_masteryLevel_idx" ON learning_objectives ("masteryLevel");
CREATE INDEX "learning_objectives_weaknessScore_idx" ON learning_objectives ("weaknessScore");

CREATE TABLE objective_prerequisites (
    "id" TEXT NOT NULL,
    "objectiveId" TEXT NOT NULL,
    "prerequisiteId" TEXT NOT NULL,
    "strength" DOUBLE PRECISION NOT NULL DEFAULT 1.0,
    CONSTRAINT "objective_prerequisites_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "objective_prerequisites_objectiveId_fkey" FOREIGN KEY ("objectiveId") REFERENCES learning_objectives ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "objective_prerequisites_prerequisiteId_fkey" FOREIGN KEY ("prerequisiteId") REFERENCES learning_objectives ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "objective_prerequisites_objectiveId_prerequisiteId_key" ON objective_prerequisites ("objectiveId", "prerequisiteId");
CREATE INDEX "objective_prerequisites_objectiveId_idx" ON objective_prerequisites ("objectiveId");
CREATE INDEX "objective_prerequisites_prerequisiteId_idx" ON objective_prerequisites ("prerequisiteId");

CREATE TABLE missions (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "date" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "status" "MissionStatus" NOT NULL DEFAULT 'PENDING',
    "estimatedMinutes" INTEGER NOT NULL,
    "completedAt" TIMESTAMP(3),
    "reviewCardCount" INTEGER NOT NULL DEFAULT 0,
    "newContentCount" INTEGER NOT NULL DEFAULT 0,
    "actualMinutes" INTEGER,
    "completedObjectivesCount" INTEGER NOT NULL DEFAULT 0,
    "objectives" JSONB NOT NULL,
    "difficultyRating" INTEGER,
    "successScore" DOUBLE PRECISION,
    "recommendedStartTime" TIMESTAMP(3),
    "actualStartTime" TIMESTAMP(3),
    "sessionPerformanceScore" DOUBLE PRECISION,
    "recommendedDuration" INTEGER,
    "actualDuration" INTEGER,
    "generatedBy" TEXT,
    CONSTRAINT "missions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "missions_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "missions_userId_idx" ON missions ("userId");
CREATE INDEX "missions_date_idx" ON missions ("date");
CREATE INDEX "missions_status_idx" ON missions ("status");

CREATE TABLE cards (
    "id" TEXT NOT NULL,
    "courseId" TEXT NOT NULL,
    "lectureId" TEXT,
    "objectiveId" TEXT,
    "front" TEXT NOT NULL,
    "back" TEXT NOT NULL,
    "cardType" "CardType" NOT NULL DEFAULT 'BASIC',
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "difficulty" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "stability" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "retrievability" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "lastReviewedAt" TIMESTAMP(3),
    "nextReviewAt" TIMESTAMP(3),
    "reviewCount" INTEGER NOT NULL DEFAULT 0,
    "lapseCount" INTEGER NOT NULL DEFAULT 0,
    CONSTRAINT "cards_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "cards_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES courses ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "cards_lectureId_fkey" FOREIGN KEY ("lectureId") REFERENCES lectures ("id") ON DELETE SET NULL ON UPDATE CASCADE,
    CONSTRAINT "cards_objectiveId_fkey" FOREIGN KEY ("objectiveId") REFERENCES learning_objectives ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "cards_courseId_idx" ON cards ("courseId");
CREATE INDEX "cards_nextReviewAt_idx" ON cards ("nextReviewAt");

CREATE TABLE study_sessions (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "missionId" TEXT,
    "startedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completedAt" TIMESTAMP(3),
    "durationMs" INTEGER,
    "reviewsCompleted" INTEGER NOT NULL DEFAULT 0,
    "newCardsStudied" INTEGER NOT NULL DEFAULT 0,
    "sessionNotes" TEXT,
    "currentObjectiveIndex" INTEGER NOT NULL DEFAULT 0,
    "missionObjectives" JSONB,
    "objectiveCompletions" JSONB,
    CONSTRAINT "study_sessions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "study_sessions_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "study_sessions_missionId_fkey" FOREIGN KEY ("missionId") REFERENCES missions ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "study_sessions_userId_idx" ON study_sessions ("userId");
CREATE INDEX "study_sessions_startedAt_idx" ON study_sessions ("startedAt");

CREATE TABLE reviews (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "cardId" TEXT NOT NULL,
    "sessionId" TEXT,
    "rating" "ReviewRating" NOT NULL,
    "timeSpentMs" INTEGER NOT NULL,
    "reviewedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "difficultyBefore" DOUBLE PRECISION NOT NULL,
    "stabilityBefore" DOUBLE PRECISION NOT NULL,
    "difficultyAfter" DOUBLE PRECISION NOT NULL,
    "stabilityAfter" DOUBLE PRECISION NOT NULL,
    CONSTRAINT "reviews_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "reviews_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "reviews_cardId_fkey" FOREIGN KEY ("cardId") REFERENCES cards ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "reviews_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES study_sessions ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "reviews_userId_idx" ON reviews ("userId");
CREATE INDEX "reviews_cardId_idx" ON reviews ("cardId");
CREATE INDEX "reviews_reviewedAt_idx" ON reviews ("reviewedAt");

CREATE TABLE validation_prompts (
    "id" TEXT NOT NULL,
    "promptText" TEXT NOT NULL,
    "promptType" "PromptType" NOT NULL,
    "conceptName" TEXT NOT NULL,
    "expectedCriteria" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "objectiveId" TEXT,
    "promptData" JSONB,
    "difficultyLevel" DOUBLE PRECISION DEFAULT 0.5,
    "timesUsed" INTEGER NOT NULL DEFAULT 0,
    "lastUsedAt" TIMESTAMP(3),
    "discriminationIndex" DOUBLE PRECISION DEFAULT 0.5,
    CONSTRAINT "validation_prompts_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "validation_prompts_objectiveId_idx" ON validation_prompts ("objectiveId");
CREATE INDEX "validation_prompts_difficultyLevel_idx" ON validation_prompts ("difficultyLevel");

CREATE TABLE validation_responses (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "promptId" TEXT NOT NULL,
    "sessionId" TEXT,
    "userAnswer" TEXT NOT NULL,
    "aiEvaluation" TEXT NOT NULL,
    "score" DOUBLE PRECISION NOT NULL,
    "confidence" DOUBLE PRECISION,
    "preAssessmentConfidence" DOUBLE PRECISION,
    "respondedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confidenceLevel" INTEGER,
    "calibrationDelta" DOUBLE PRECISION,
    "calibrationCategory" "CalibrationCategory",
    "detailedFeedback" JSONB,
    "reflectionNotes" TEXT,
    "skipped" BOOLEAN NOT NULL DEFAULT false,
    "updatedAt" TIMESTAMP(3),
    "initialDifficulty" DOUBLE PRECISION,
    CONSTRAINT "validation_responses_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "validation_responses_promptId_fkey" FOREIGN KEY ("promptId") REFERENCES validation_prompts ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "validation_responses_sessionId_fkey" FOREIGN KEY ("sessionId") REFERENCES study_sessions ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "validation_responses_promptId_idx" ON validation_responses ("promptId");
CREATE INDEX "validation_responses_respondedAt_idx" ON validation_responses ("respondedAt");
CREATE INDEX "validation_responses_sessionId_idx" ON validation_responses ("sessionId");
CREATE INDEX "validation_responses_userId_idx" ON validation_responses ("userId");
CREATE INDEX "validation_responses_userId_respondedAt_idx" ON validation_responses ("userId", "respondedAt");

CREATE TABLE exams (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "date" TIMESTAMP(3) NOT NULL,
    "courseId" TEXT NOT NULL,
    "coverageTopics" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "exams_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "exams_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "exams_courseId_fkey" FOREIGN KEY ("courseId") REFERENCES courses ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "exams_userId_date_idx" ON exams ("userId", "date");
CREATE INDEX "exams_courseId_idx" ON exams ("courseId");

CREATE TABLE performance_metrics (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "learningObjectiveId" TEXT NOT NULL,
    "date" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retentionScore" DOUBLE PRECISION NOT NULL,
    "studyTimeMs" INTEGER NOT NULL,
    "reviewCount" INTEGER NOT NULL,
    "correctReviews" INTEGER NOT NULL,
    "incorrectReviews" INTEGER NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "performance_metrics_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "performance_metrics_learningObjectiveId_fkey" FOREIGN KEY ("learningObjectiveId") REFERENCES learning_objectives ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "performance_metrics_userId_learningObjectiveId_date_key" ON performance_metrics ("userId", "learningObjectiveId", "date");
CREATE INDEX "performance_metrics_userId_date_idx" ON performance_metrics ("userId", "date");
CREATE INDEX "performance_metrics_learningObjectiveId_idx" ON performance_metrics ("learningObjectiveId");

CREATE TABLE mission_feedback (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "missionId" TEXT NOT NULL,
    "helpfulnessRating" INTEGER NOT NULL,
    "relevanceScore" INTEGER NOT NULL,
    "paceRating" "PaceRating" NOT NULL,
    "improvementSuggestions" TEXT,
    "submittedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "mission_feedback_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mission_feedback_missionId_fkey" FOREIGN KEY ("missionId") REFERENCES missions ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);

CREATE TABLE mission_streaks (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "currentStreak" INTEGER NOT NULL DEFAULT 0,
    "longestStreak" INTEGER NOT NULL DEFAULT 0,
    "lastCompletedDate" TIMESTAMP(3),
    CONSTRAINT "mission_streaks_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "mission_streaks_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "mission_streaks_userId_key" ON mission_streaks ("userId");

CREATE TABLE achievements (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "type" "AchievementType" NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "tier" "AchievementTier" NOT NULL DEFAULT 'BRONZE',
    "earnedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "metadata" JSONB,
    CONSTRAINT "achievements_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "achievements_userId_fkey" FOREIGN KEY ("userId") REFERENCES users ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE content_recommendations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "recommendedContentId" TEXT NOT NULL,
    "sourceContentId" TEXT,
    "score" DOUBLE PRECISION,
    "reasoning" TEXT,
    "status" "RecommendationStatus" NOT NULL DEFAULT 'PENDING',
    "contextType" TEXT,
    "contextId" TEXT,
    "sourceType" "ContentSourceType",
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "viewedAt" TIMESTAMP(3),
    "dismissedAt" TIMESTAMP(3),
    CONSTRAINT "content_recommendations_pkey" PRIMARY KEY ("id")
);

CREATE TABLE recommendation_feedback (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "recommendationId" TEXT NOT NULL,
    "rating" INTEGER,
    "feedbackText" TEXT,
    "helpful" BOOLEAN,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "recommendation_feedback_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "recommendation_feedback_recommendationId_fkey" FOREIGN KEY ("recommendationId") REFERENCES content_recommendations ("id") ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE TABLE behavioral_events (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "eventType" "EventType" NOT NULL,
    "eventData" JSONB NOT NULL,
    "timestamp" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completionQuality" "CompletionQuality",
    "contentType" TEXT,
    "dayOfWeek" INTEGER,
    "difficultyLevel" TEXT,
    "engagementLevel" "EngagementLevel",
    "sessionPerformanceScore" INTEGER,
    "timeOfDay" INTEGER,
    "experimentPhase" TEXT,
    "randomizationSeed" INTEGER,
    "contextMetadataId" TEXT,
    "clientVersion" TEXT,
    CONSTRAINT "behavioral_events_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "behavioral_events_userId_idx" ON behavioral_events ("userId");
CREATE INDEX "behavioral_events_eventType_idx" ON behavioral_events ("eventType");
CREATE INDEX "behavioral_events_timestamp_idx" ON behavioral_events ("timestamp");
CREATE INDEX "behavioral_events_userId_eventType_timestamp_idx" ON behavioral_events ("userId", "eventType", "timestamp");
CREATE INDEX "behavioral_events_userId_dayOfWeek_idx" ON behavioral_events ("userId", "dayOfWeek");
CREATE INDEX "behavioral_events_userId_timeOfDay_idx" ON behavioral_events ("userId", "timeOfDay");
CREATE INDEX "behavioral_events_experimentPhase_idx" ON behavioral_events ("experimentPhase");
CREATE INDEX "behavioral_events_contextMetadataId_idx" ON behavioral_events ("contextMetadataId");

CREATE TABLE behavioral_patterns (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "patternType" "BehavioralPatternType" NOT NULL,
    "patternData" JSONB NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "firstDetectedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lastSeenAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "patternName" TEXT,
    "evidence" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "occurrenceCount" INTEGER NOT NULL DEFAULT 0,
    "detectedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "behavioral_patterns_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "behavioral_patterns_userId_idx" ON behavioral_patterns ("userId");
CREATE INDEX "behavioral_patterns_patternType_idx" ON behavioral_patterns ("patternType");
CREATE INDEX "behavioral_patterns_confidence_idx" ON behavioral_patterns ("confidence");
CREATE INDEX "behavioral_patterns_occurrenceCount_idx" ON behavioral_patterns ("occurrenceCount");
CREATE INDEX "behavioral_patterns_detectedAt_idx" ON behavioral_patterns ("detectedAt");
CREATE INDEX "behavioral_patterns_userId_patternType_confidence_idx" ON behavioral_patterns ("userId", "patternType", "confidence");
CREATE INDEX "behavioral_patterns_userId_lastSeenAt_idx" ON behavioral_patterns ("userId", "lastSeenAt");

CREATE TABLE behavioral_insights (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "insightType" "InsightType" NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "actionableRecommendation" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledgedAt" TIMESTAMP(3),
    "applied" BOOLEAN NOT NULL DEFAULT false,
    CONSTRAINT "behavioral_insights_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "behavioral_insights_createdAt_idx" ON behavioral_insights ("createdAt");
CREATE INDEX "behavioral_insights_acknowledgedAt_idx" ON behavioral_insights ("acknowledgedAt");

CREATE TABLE insight_patterns (
    "id" TEXT NOT NULL,
    "insightId" TEXT NOT NULL,
    "patternId" TEXT NOT NULL,
    CONSTRAINT "insight_patterns_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "insight_patterns_insightId_fkey" FOREIGN KEY ("insightId") REFERENCES behavioral_insights ("id") ON DELETE CASCADE ON UPDATE CASCADE,
    CONSTRAINT "insight_patterns_patternId_fkey" FOREIGN KEY ("patternId") REFERENCES behavioral_patterns ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "insight_patterns_insightId_patternId_key" ON insight_patterns ("insightId", "patternId");
CREATE INDEX "insight_patterns_insightId_idx" ON insight_patterns ("insightId");
CREATE INDEX "insight_patterns_patternId_idx" ON insight_patterns ("patternId");

CREATE TABLE user_learning_profiles (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "preferredStudyTimes" JSONB NOT NULL,
    "averageSessionDuration" INTEGER NOT NULL,
    "optimalSessionDuration" INTEGER NOT NULL,
    "contentPreferences" JSONB NOT NULL,
    "learningStyleProfile" JSONB NOT NULL,
    "personalizedForgettingCurve" JSONB NOT NULL,
    "lastAnalyzedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "dataQualityScore" DOUBLE PRECISION NOT NULL DEFAULT 0.0,
    CONSTRAINT "user_learning_profiles_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "user_learning_profiles_userId_key" ON user_learning_profiles ("userId");

CREATE TABLE personalization_preferences (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "personalizationLevel" "PersonalizationLevel" NOT NULL DEFAULT 'MEDIUM',
    "autoAdaptEnabled" BOOLEAN NOT NULL DEFAULT true,
    "missionPersonalizationEnabled" BOOLEAN NOT NULL DEFAULT true,
    "contentPersonalizationEnabled" BOOLEAN NOT NULL DEFAULT true,
    "assessmentPersonalizationEnabled" BOOLEAN NOT NULL DEFAULT true,
    "sessionPersonalizationEnabled" BOOLEAN NOT NULL DEFAULT true,
    "disabledFeatures" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    "lastResetAt" TIMESTAMP(3),
    CONSTRAINT "personalization_preferences_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "personalization_preferences_userId_key" ON personalization_preferences ("userId");

CREATE TABLE personalization_configs (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "preferencesId" TEXT NOT NULL,
    "context" "PersonalizationContext" NOT NULL,
    "strategyVariant" TEXT NOT NULL,
    "missionPersonalization" JSONB,
    "contentPersonalization" JSONB,
    "assessmentPersonalization" JSONB,
    "sessionPersonalization" JSONB,
    "effectivenessScore" DOUBLE PRECISION,
    "confidenceScore" DOUBLE PRECISION NOT NULL DEFAULT 0.7,
    "timesSelected" INTEGER NOT NULL DEFAULT 0,
    "totalReward" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "avgReward" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "isActive" BOOLEAN NOT NULL DEFAULT true,
    "activatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deactivatedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "personalization_configs_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "personalization_configs_preferencesId_fkey" FOREIGN KEY ("preferencesId") REFERENCES personalization_preferences ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "personalization_configs_context_idx" ON personalization_configs ("context");
CREATE INDEX "personalization_configs_strategyVariant_idx" ON personalization_configs ("strategyVariant");
CREATE INDEX "personalization_configs_isActive_idx" ON personalization_configs ("isActive");
CREATE INDEX "personalization_configs_userId_idx" ON personalization_configs ("userId");
CREATE INDEX "personalization_configs_userId_context_isActive_idx" ON personalization_configs ("userId", "context", "isActive");
CREATE INDEX "personalization_configs_userId_avgReward_idx" ON personalization_configs ("userId", "avgReward");

CREATE TABLE personalization_effectiveness (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "configId" TEXT NOT NULL,
    "startDate" TIMESTAMP(3) NOT NULL,
    "endDate" TIMESTAMP(3) NOT NULL,
    "retentionImprovement" DOUBLE PRECISION,
    "performanceImprovement" DOUBLE PRECISION,
    "completionRateChange" DOUBLE PRECISION,
    "engagementChange" DOUBLE PRECISION,
    "sampleSize" INTEGER NOT NULL,
    "correlation" DOUBLE PRECISION,
    "pValue" DOUBLE PRECISION,
    "confidenceInterval" JSONB,
    "compositeScore" DOUBLE PRECISION NOT NULL,
    "isStatisticallySignificant" BOOLEAN NOT NULL DEFAULT false,
    "calculatedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "personalization_effectiveness_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "personalization_effectiveness_configId_fkey" FOREIGN KEY ("configId") REFERENCES personalization_configs ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "personalization_effectiveness_configId_idx" ON personalization_effectiveness ("configId");
CREATE INDEX "personalization_effectiveness_startDate_endDate_idx" ON personalization_effectiveness ("startDate", "endDate");

CREATE TABLE personalization_experiments (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "preferencesId" TEXT NOT NULL,
    "experimentName" TEXT NOT NULL,
    "experimentType" "ExperimentType" NOT NULL DEFAULT 'AB_TEST',
    "context" "PersonalizationContext" NOT NULL,
    "variants" JSONB NOT NULL,
    "assignedVariant" TEXT,
    "status" "ExperimentStatus" NOT NULL DEFAULT 'ACTIVE',
    "startDate" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "endDate" TIMESTAMP(3) NOT NULL,
    "minParticipants" INTEGER NOT NULL DEFAULT 20,
    "minDuration" INTEGER NOT NULL DEFAULT 14,
    "currentParticipants" INTEGER NOT NULL DEFAULT 0,
    "variantMetrics" JSONB,
    "winningVariant" TEXT,
    "statisticalSignificance" DOUBLE PRECISION,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "completedAt" TIMESTAMP(3),
    CONSTRAINT "personalization_experiments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "personalization_experiments_preferencesId_fkey" FOREIGN KEY ("preferencesId") REFERENCES personalization_preferences ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "personalization_experiments_context_idx" ON personalization_experiments ("context");
CREATE INDEX "personalization_experiments_status_idx" ON personalization_experiments ("status");
CREATE INDEX "personalization_experiments_startDate_endDate_idx" ON personalization_experiments ("startDate", "endDate");

CREATE TABLE experiment_assignments (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "experimentId" TEXT NOT NULL,
    "variantId" TEXT NOT NULL,
    "assignedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "metrics" JSONB,
    CONSTRAINT "experiment_assignments_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "experiment_assignments_experimentId_fkey" FOREIGN KEY ("experimentId") REFERENCES personalization_experiments ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE UNIQUE INDEX "experiment_assignments_experimentId_userId_key" ON experiment_assignments ("experimentId", "userId");
CREATE INDEX "experiment_assignments_experimentId_idx" ON experiment_assignments ("experimentId");
CREATE INDEX "experiment_assignments_userId_idx" ON experiment_assignments ("userId");

CREATE TABLE personalization_outcomes (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "configId" TEXT,
    "outcomeType" "OutcomeType" NOT NULL,
    "context" "PersonalizationContext" NOT NULL,
    "timestamp" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retentionScore" DOUBLE PRECISION,
    "performanceScore" DOUBLE PRECISION,
    "completionRate" DOUBLE PRECISION,
    "engagementScore" DOUBLE PRECISION,
    "sessionDuration" INTEGER,
    "contentType" TEXT,
    "difficultyLevel" TEXT,
    "personalizationApplied" BOOLEAN NOT NULL DEFAULT false,
    "strategyVariant" TEXT,
    CONSTRAINT "personalization_outcomes_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "personalization_outcomes_userId_idx" ON personalization_outcomes ("userId");
CREATE INDEX "personalization_outcomes_outcomeType_idx" ON personalization_outcomes ("outcomeType");
CREATE INDEX "personalization_outcomes_timestamp_idx" ON personalization_outcomes ("timestamp");
CREATE INDEX "personalization_outcomes_configId_idx" ON personalization_outcomes ("configId");

CREATE TABLE cognitive_load_metrics (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "sessionId" TEXT,
    "loadScore" DOUBLE PRECISION NOT NULL,
    "stressIndicators" JSONB NOT NULL,
    "confidenceLevel" DOUBLE PRECISION NOT NULL,
    "timestamp" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "cognitive_load_metrics_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "cognitive_load_metrics_sessionId_idx" ON cognitive_load_metrics ("sessionId");
CREATE INDEX "cognitive_load_metrics_loadScore_idx" ON cognitive_load_metrics ("loadScore");
CREATE INDEX "cognitive_load_metrics_timestamp_idx" ON cognitive_load_metrics ("timestamp");

CREATE TABLE burnout_risk_assessments (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "riskScore" DOUBLE PRECISION NOT NULL,
    "riskLevel" "BurnoutRiskLevel" NOT NULL,
    "contributingFactors" JSONB NOT NULL,
    "warningSignals" JSONB,
    "recommendations" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "confidence" DOUBLE PRECISION NOT NULL DEFAULT 0.7,
    "assessmentDate" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "interventionApplied" BOOLEAN NOT NULL DEFAULT false,
    "interventionId" TEXT,
    CONSTRAINT "burnout_risk_assessments_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "burnout_risk_assessments_riskLevel_idx" ON burnout_risk_assessments ("riskLevel");
CREATE INDEX "burnout_risk_assessments_assessmentDate_idx" ON burnout_risk_assessments ("assessmentDate");

CREATE TABLE recommendations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "recommendationType" "RecommendationType" NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "actionableText" TEXT NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "estimatedImpact" DOUBLE PRECISION NOT NULL,
    "easeOfImplementation" DOUBLE PRECISION NOT NULL,
    "userReadiness" DOUBLE PRECISION NOT NULL,
    "priorityScore" DOUBLE PRECISION NOT NULL,
    "status" "RecommendationStatus" NOT NULL DEFAULT 'PENDING',
    "sourcePatternIds" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "sourceInsightIds" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "appliedAt" TIMESTAMP(3),
    "dismissedAt" TIMESTAMP(3),
    CONSTRAINT "recommendations_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "recommendations_recommendationType_idx" ON recommendations ("recommendationType");
CREATE INDEX "recommendations_priorityScore_idx" ON recommendations ("priorityScore");
CREATE INDEX "recommendations_status_idx" ON recommendations ("status");
CREATE INDEX "recommendations_userId_idx" ON recommendations ("userId");
CREATE INDEX "recommendations_userId_status_priorityScore_idx" ON recommendations ("userId", "status", "priorityScore");
CREATE INDEX "recommendations_userId_createdAt_idx" ON recommendations ("userId", "createdAt");

CREATE TABLE applied_recommendations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "recommendationId" TEXT NOT NULL,
    "applicationType" "ApplicationType" NOT NULL,
    "baselineMetrics" JSONB NOT NULL,
    "currentMetrics" JSONB,
    "effectiveness" DOUBLE PRECISION,
    "appliedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "evaluatedAt" TIMESTAMP(3),
    CONSTRAINT "applied_recommendations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "applied_recommendations_recommendationId_fkey" FOREIGN KEY ("recommendationId") REFERENCES recommendations ("id") ON DELETE CASCADE ON UPDATE CASCADE
);
CREATE INDEX "applied_recommendations_userId_idx" ON applied_recommendations ("userId");
CREATE INDEX "applied_recommendations_recommendationId_idx" ON applied_recommendations ("recommendationId");
CREATE INDEX "applied_recommendations_applicationType_idx" ON applied_recommendations ("applicationType");

CREATE TABLE behavioral_goals (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "goalType" "BehavioralGoalType" NOT NULL,
    "title" TEXT NOT NULL,
    "description" TEXT NOT NULL,
    "targetMetric" TEXT NOT NULL,
    "currentValue" DOUBLE PRECISION NOT NULL,
    "targetValue" DOUBLE PRECISION NOT NULL,
    "deadline" TIMESTAMP(3) NOT NULL,
    "status" "GoalStatus" NOT NULL DEFAULT 'ACTIVE',
    "progressHistory" JSONB NOT NULL,
    "completedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updatedAt" TIMESTAMP(3) NOT NULL,
    CONSTRAINT "behavioral_goals_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "behavioral_goals_deadline_idx" ON behavioral_goals ("deadline");
CREATE INDEX "behavioral_goals_status_idx" ON behavioral_goals ("status");

CREATE TABLE struggle_predictions (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "learningObjectiveId" TEXT NOT NULL,
    "topicId" TEXT,
    "predictedStruggleProbability" DOUBLE PRECISION NOT NULL,
    "predictionConfidence" DOUBLE PRECISION NOT NULL,
    "predictionStatus" "PredictionStatus" NOT NULL DEFAULT 'PENDING',
    "featureVector" JSONB,
    "strugglingFactors" JSONB NOT NULL,
    "predictionDate" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "predictedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "acknowledgedAt" TIMESTAMP(3),
    "actualOutcome" BOOLEAN,
    "actualOutcomeRecordedAt" TIMESTAMP(3),
    "interventionApplied" BOOLEAN NOT NULL DEFAULT false,
    "interventionId" TEXT,
    CONSTRAINT "struggle_predictions_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "struggle_predictions_learningObjectiveId_fkey" FOREIGN KEY ("learningObjectiveId") REFERENCES learning_objectives ("id") ON DELETE RESTRICT ON UPDATE CASCADE
);
CREATE INDEX "struggle_predictions_learningObjectiveId_idx" ON struggle_predictions ("learningObjectiveId");
CREATE INDEX "struggle_predictions_topicId_idx" ON struggle_predictions ("topicId");
CREATE INDEX "struggle_predictions_predictedStruggleProbability_idx" ON struggle_predictions ("predictedStruggleProbability");
CREATE INDEX "struggle_predictions_predictionStatus_idx" ON struggle_predictions ("predictionStatus");
CREATE INDEX "struggle_predictions_predictionDate_idx" ON struggle_predictions ("predictionDate");
CREATE INDEX "struggle_predictions_userId_idx" ON struggle_predictions ("userId");
CREATE INDEX "struggle_predictions_userId_predictionStatus_predictedStruggleP" ON struggle_predictions ("userId", "predictionStatus", "predictedStruggleProbability");
CREATE INDEX "struggle_predictions_userId_topicId_predictionDate_idx" ON struggle_predictions ("userId", "topicId", "predictionDate");

CREATE TABLE struggle_indicators (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "learningObjectiveId" TEXT NOT NULL,
    "predictionId" TEXT,
    "indicatorType" "IndicatorType" NOT NULL,
    "severity" "Severity" NOT NULL,
    "context" JSONB,
    "detectedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "struggle_indicators_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "struggle_indicators_predictionId_fkey" FOREIGN KEY ("predictionId") REFERENCES struggle_predictions ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "struggle_indicators_userId_idx" ON struggle_indicators ("userId");
CREATE INDEX "struggle_indicators_learningObjectiveId_idx" ON struggle_indicators ("learningObjectiveId");
CREATE INDEX "struggle_indicators_predictionId_idx" ON struggle_indicators ("predictionId");
CREATE INDEX "struggle_indicators_indicatorType_idx" ON struggle_indicators ("indicatorType");
CREATE INDEX "struggle_indicators_severity_idx" ON struggle_indicators ("severity");

CREATE TABLE intervention_recommendations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "predictionId" TEXT,
    "interventionType" "InterventionType" NOT NULL,
    "description" TEXT NOT NULL,
    "reasoning" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "status" "InterventionStatus" NOT NULL DEFAULT 'PENDING',
    "relatedObjectiveId" TEXT,
    "appliedToMissionId" TEXT,
    "appliedAt" TIMESTAMP(3),
    "acknowledgedAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "intervention_recommendations_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "intervention_recommendations_predictionId_fkey" FOREIGN KEY ("predictionId") REFERENCES struggle_predictions ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
CREATE INDEX "intervention_recommendations_predictionId_idx" ON intervention_recommendations ("predictionId");
CREATE INDEX "intervention_recommendations_priority_idx" ON intervention_recommendations ("priority");
CREATE INDEX "intervention_recommendations_status_idx" ON intervention_recommendations ("status");

CREATE TABLE study_schedule_recommendations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "recommendedSchedule" JSONB NOT NULL,
    "reasoning" TEXT NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "appliedAt" TIMESTAMP(3),
    CONSTRAINT "study_schedule_recommendations_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "study_schedule_recommendations_userId_idx" ON study_schedule_recommendations ("userId");
CREATE INDEX "study_schedule_recommendations_appliedAt_idx" ON study_schedule_recommendations ("appliedAt");

CREATE TABLE schedule_adaptations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "adaptationType" "AdaptationType" NOT NULL,
    "adaptationDetails" JSONB NOT NULL,
    "appliedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "schedule_adaptations_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "schedule_adaptations_userId_idx" ON schedule_adaptations ("userId");

CREATE TABLE calendar_integrations (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "calendarProvider" TEXT NOT NULL,
    "accessToken" TEXT NOT NULL,
    "refreshToken" TEXT,
    "expiresAt" TIMESTAMP(3),
    "lastSyncAt" TIMESTAMP(3),
    "syncEnabled" BOOLEAN NOT NULL DEFAULT true,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "calendar_integrations_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "calendar_integrations_userId_key" ON calendar_integrations ("userId");

CREATE TABLE session_orchestration_plans (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "missionId" TEXT,
    "planData" JSONB NOT NULL,
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "appliedAt" TIMESTAMP(3),
    CONSTRAINT "session_orchestration_plans_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "session_orchestration_plans_userId_idx" ON session_orchestration_plans ("userId");
CREATE INDEX "session_orchestration_plans_missionId_idx" ON session_orchestration_plans ("missionId");

CREATE TABLE stress_response_patterns (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "patternData" JSONB NOT NULL,
    "confidence" DOUBLE PRECISION NOT NULL,
    "detectedAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "stress_response_patterns_pkey" PRIMARY KEY ("id")
);

CREATE TABLE insight_notifications (
    "id" TEXT NOT NULL,
    "userId" TEXT NOT NULL,
    "notificationType" "NotificationType" NOT NULL,
    "title" TEXT NOT NULL,
    "message" TEXT NOT NULL,
    "priority" "NotificationPriority" NOT NULL DEFAULT 'NORMAL',
    "relatedEntityId" TEXT,
    "relatedEntityType" TEXT,
    "readAt" TIMESTAMP(3),
    "createdAt" TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "insight_notifications_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "insight_notifications_userId_idx" ON insight_notifications ("userId");
CREATE INDEX "insight_notifications_notificationType_idx" ON insight_notifications ("notificationType");
CREATE INDEX "insight_notifications_readAt_idx" ON insight_notifications ("readAt");
