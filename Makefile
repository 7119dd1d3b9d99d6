# btwin: build, install and test. "make help" lists what a person calls.

# These need no PostgreSQL to be there yet: they see to it themselves.
HOUSE = help demo test test-all test-long bench accuracy
.PHONY: $(HOUSE) unit
.DEFAULT_GOAL = all

help:
	@sed -n 's/^#: //p' $(firstword $(MAKEFILE_LIST))

#: make               build
#: make install       install into the PostgreSQL of PG_CONFIG
#: make demo          set up, build, and show the twin of a few learners
#: make demo DATA=X   the same on the data set in folder X
demo:
	@PG_CONFIG='$(PG_CONFIG)' test/harness/with_server examples/demo/run $(if $(DATA),'$(DATA)')

#: make test          set up, build, run all tests (under 20 minutes)
#: make test-all      and every check that CI makes (under 75 minutes)
#: make test-long     what takes longer still; leaves a report in doc/
#: make test STEPS=X  only the steps named, e.g. STEPS="unit regress"
test:
	@PG_CONFIG='$(PG_CONFIG)' test/harness/run test $(STEPS)
test-all:
	@PG_CONFIG='$(PG_CONFIG)' test/harness/run all $(STEPS)
test-long:
	@PG_CONFIG='$(PG_CONFIG)' test/harness/run long $(STEPS)

#: make bench         measure, beside what it is measured against
bench:
	@PG_CONFIG='$(PG_CONFIG)' bench/run

#: make accuracy      how true the answers are: simulated learners, real logs
accuracy:
	@PG_CONFIG='$(PG_CONFIG)' bench/accuracy/run

ifneq ($(filter-out $(HOUSE),$(or $(MAKECMDGOALS),all)),)

EXTENSION = btwin
PG_CONFIG ?= pg_config
# The version stands in the control file alone.
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" btwin.control)

MODULE_big = btwin
# Named one by one: what lies in the folder by chance is not built.
OBJS = \
	src/btwin.o \
	src/answer.o \
	src/check.o \
	src/names.o \
	src/num.o \
	src/special.o \
	src/linalg.o \
	src/draws.o \
	src/rng.o \
	src/state.o \
	src/text.o \
	src/wire.o \
	src/bandit.o \
	src/bandit_math.o \
	src/burnout.o \
	src/burnout_epic5.o \
	src/burnout_math.o \
	src/caller.o \
	src/evaluation.o \
	src/forgetting.o \
	src/forgetting_epic5.o \
	src/forgetting_math.o \
	src/load.o \
	src/load_epic5.o \
	src/load_math.o \
	src/logit.o \
	src/off_policy.o \
	src/pattern.o \
	src/pattern_math.o \
	src/struggle.o \
	src/struggle_math.o

# In the order of their dependencies; the numbers in the names repeat it.
SQL_MODULES = \
	sql/install/00_guard.sql \
	sql/install/02_check.sql \
	sql/install/05_draws.sql \
	sql/install/10_pattern.sql \
	sql/install/11_forgetting.sql \
	sql/install/12_struggle.sql \
	sql/install/13_load.sql \
	sql/install/14_burnout.sql \
	sql/install/15_bandit.sql \
	sql/install/16_evaluation.sql \
	sql/install/17_off_policy.sql \
	sql/install/20_epic5_pattern.sql \
	sql/install/21_epic5_forgetting.sql \
	sql/install/22_epic5_struggle.sql \
	sql/install/23_epic5_load.sql \
	sql/install/24_epic5_burnout.sql \
	sql/install/25_epic5_bandit.sql \
	sql/install/30_domain.sql \
	sql/install/31_attach.sql \
	sql/install/32_window.sql \
	sql/install/33_index_catalog.sql \
	sql/install/34_detach.sql \
	sql/install/40_store.sql \
	sql/install/41_day_states.sql \
	sql/install/42_read.sql \
	sql/install/43_late_change.sql \
	sql/install/44_refresh.sql \
	sql/install/45_verify.sql \
	sql/install/50_bi.sql \
	sql/install/51_bi_activity.sql \
	sql/install/52_bi_learning.sql \
	sql/install/53_bi_server.sql \
	sql/install/54_jobs.sql \
	sql/install/56_doctor.sql \
	sql/install/57_record.sql \
	sql/install/58_privacy.sql \
	sql/install/59_access.sql \
	sql/install/59_answer.sql \
	sql/install/60_secure.sql \
	sql/install/61_api_behaviour.sql \
	sql/install/62_api_study_time.sql \
	sql/install/63_api_recommendation.sql \
	sql/install/64_api_struggle.sql \
	sql/install/65_api_intervention.sql \
	sql/install/66_api_load.sql \
	sql/install/67_api_burnout.sql \
	sql/install/68_api_personalization.sql \
	sql/install/69_api_bandit.sql \
	sql/install/70_api_dashboard.sql \
	sql/install/71_write.sql \
	sql/install/71_write_view.sql \
	sql/install/72_analyze_insight.sql \
	sql/install/72_analyze_pattern.sql \
	sql/install/72_analyze_profile.sql \
	sql/install/72_analyze_recommendation.sql \
	sql/install/72_api_analyze_patterns.sql \
	sql/install/73_analyze_outcome.sql \
	sql/install/73_analyze_struggle.sql \
	sql/install/73_api_intervention_write.sql \
	sql/install/73_api_struggle_write.sql \
	sql/install/74_analyze_burnout.sql \
	sql/install/74_api_calendar_write.sql \
	sql/install/74_api_load_write.sql \
	sql/install/74_api_orchestration.sql \
	sql/install/75_analyze_personalization.sql \
	sql/install/75_analyze_stress.sql \
	sql/install/75_api_personalization_write.sql \
	sql/install/76_api_bandit_write.sql \
	sql/install/77_api_goal_write.sql \
	sql/install/77_api_recommendation_write.sql \
	sql/install/79_analyze.sql \
	sql/install/99_rights.sql

# Scripts of earlier versions are kept as they were released; those that lead
# from one to the next are built, since they may include whole modules, or
# replace the functions of one.
RELEASES = $(filter-out sql/releases/$(EXTENSION)--$(EXTVERSION).sql,$(wildcard sql/releases/$(EXTENSION)--*.sql))
UPDATES = $(wildcard sql/updates/$(EXTENSION)--*--*.sql)
DATA_built = sql/$(EXTENSION)--$(EXTVERSION).sql $(UPDATES:sql/updates/%=sql/%)
DATA = $(RELEASES)
EXTRA_CLEAN = sql/$(EXTENSION)--*.sql build

# Exact digits on every platform: no contraction into fused operations.
OPTFLAGS ?=
PG_CPPFLAGS = -DBTWIN_VERSION='"$(EXTVERSION)"'
# Only what SQL calls is visible to other libraries. Server 15 leaves the
# export mark empty; later ones define it.
PG_CPPFLAGS += $(if $(findstring PostgreSQL 15,$(shell $(PG_CONFIG) --version)),-DPGDLLEXPORT='__attribute__((visibility("default")))')
PG_CFLAGS = -std=gnu99 -ffp-contract=off -fvisibility=hidden $(OPTFLAGS)
SHLIB_LINK += -lm

# Tests that compare output: input in test/sql, expected output in expected.
REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --load-extension=btwin
ISOLATION = $(patsubst test/specs/%.spec,%,$(sort $(wildcard test/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test --outputdir=. --load-extension=btwin

PGXS := $(shell $(PG_CONFIG) --pgxs)
ifeq ($(PGXS),)
$(error $(PG_CONFIG) knows no PGXS: install the server development files (Debian: postgresql-server-dev-15))
endif
include $(PGXS)

ifeq ($(shell test "$(MAJORVERSION)" -ge 15 2>/dev/null && echo yes),)
$(error btwin needs PostgreSQL 15 or later, $(PG_CONFIG) belongs to $(VERSION))
endif

sql/$(EXTENSION)--$(EXTVERSION).sql: $(SQL_MODULES) btwin.control
	cat $(SQL_MODULES) > $@

$(UPDATES:sql/updates/%=sql/%): sql/%: sql/updates/% $(SQL_MODULES)
	awk '/^-- (include|replace) / { while ((status = (getline line < $$3)) > 0) { if ($$2 == "replace") sub(/^CREATE FUNCTION/, "CREATE OR REPLACE FUNCTION", line); print line } if (status < 0) { print FILENAME ": no file " $$3 > "/dev/stderr"; exit 1 } next } { print }' $< > $@ || { rm -f $@; exit 1; }

$(OBJS): $(wildcard src/*.h) btwin.control

# The mathematics that knows no server, tested by plain programs.
PURE_OBJECTS = $(patsubst src/%.o,build/unit/objects/%.o,$(filter src/num.o src/special.o src/linalg.o %_math.o,$(OBJS)))
UNIT_CFLAGS = -std=gnu99 -O2 -g -Wall -Wextra -Werror -ffp-contract=off -Isrc
#: make unit          build the unit tests (programs in build/unit)
unit: $(patsubst test/unit/%.c,build/unit/%,$(wildcard test/unit/*.c))
build/unit/objects/%.o: src/%.c $(wildcard src/*.h)
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -c -o $@ $<
build/unit/%: test/unit/%.c $(PURE_OBJECTS) $(wildcard test/unit/*.h)
	@mkdir -p $(@D)
	$(CC) $(UNIT_CFLAGS) -o $@ $< $(PURE_OBJECTS) -lm

endif
