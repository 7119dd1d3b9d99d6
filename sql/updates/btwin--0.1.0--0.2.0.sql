\echo Use "ALTER EXTENSION btwin UPDATE TO '0.2.0'" to load this file. \quit
-- include sql/install/50_bi.sql
-- include sql/install/51_bi_activity.sql
-- include sql/install/52_bi_learning.sql
-- include sql/install/53_bi_server.sql
-- include sql/install/54_jobs.sql
-- include sql/install/56_doctor.sql
-- include sql/install/57_record.sql
-- include sql/install/58_privacy.sql
-- include sql/install/59_access.sql
