"""Guards taken away, one at a time: what the tests have to notice.

A guard that can go without anybody noticing guards nothing. To enter one, add a line to ``MUTANTS``: what it is
called, what stands in whose place, the test that has to fail then, and words of that failure. ``make mutants`` runs
each test without and with its mutant; one that goes on passing is a survivor, and a failure.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

import sqlalchemy as sa

from chassis.database import SQLITE_PRAGMAS
from tests.faults import mutations
from tests.faults.surgery import Instead, always, nothing, operate, value

VARIABLE = "GUANXI_TEST_MUTANT"
"""Names the mutant that all processes of a run are."""


@dataclasses.dataclass(frozen=True)
class Mutant:
    """The code without one of its guards."""

    guard: str
    instead: Mapping[str, Instead]
    """What stands in the place of ``module:Class.name``."""
    caught_by: str
    """File and name of the test that has to fail…"""
    shows: str
    """…and to say this (a regular expression)."""
    also: str = ""
    """Another guard that has to go too, because it would mend what this one lets through."""
    needs_root: bool = False


RECONCILING = "reconciling"
NAIVE = "everything: the consumer of a tutorial"
RELAY, LISTENER, DATABASE = "test_relay_faults.py::", "test_listener_faults.py::", "test_database_faults.py::"
EMBEDDED, SILENT = "test_embedded_faults.py::", "test_silent_faults.py::"
LATE = f"{DATABASE}test_commits_that_come_late_and_with_inverted_ids"
ANY_ORDER = f"{LISTENER}test_a_transport_that_repeats_shuffles_or_loses_does_no_harm"
KILLED = f"{LISTENER}test_a_listener_killed_around_its_commit"
POISON = "test_parking.py::test_a_poisonous_event_is_put_aside_and_only_its_followers_wait"
UNSYNCED = tuple(pragma.replace("FULL", "NORMAL") for pragma in SQLITE_PRAGMAS)

MUTANTS = (
    # who speaks
    Mutant("a change and its event in one commit", {"chassis.transaction:Transaction.commit": mutations.rows_first},
           f"{EMBEDDED}test_a_writer_killed_before_its_commit_keeps_neither_row_nor_event", "outcome:"),
    Mutant("sealed positions", {"chassis.log:DatabaseLog.__init__": mutations.read_by_id,
                                "chassis.relay:seal": mutations.number_by_id}, LATE, "conservation:"),
    Mutant("versions in order within a seal", {"chassis.log:in_version_order": mutations.as_stored},
           LATE, "contiguity:"),
    Mutant("one sealer at a time", {"chassis.log:SEAL_LOCK": value(sa.func.pg_backend_pid())},
           "test_log.py::test_two_sealers_and_many_writers_leave_no_hole_and_no_double", "UniqueViolation"),
    Mutant("the largest event", {"chassis.events:MAX_ENVELOPE_BYTES": value(2**30)},
           "test_parity.py::test_03_bytes_and_not_objects_cross_the_bus[embedded]", "DID NOT RAISE"),
    Mutant("confirms", {"chassis.relay:_Publisher._publish": mutations.publish_and_believe},
           f"{RELAY}test_a_line_cut_with_events_on_it", "conservation:"),
    Mutant("mandatory", {"pika.channel:Channel.basic_publish": mutations.without_mandatory},
           f"{RELAY}test_events_that_no_queue_wants_are_heard_later", "bus_unroutable_total"),
    Mutant("one unconfirmed event per aggregate", {"chassis.window:Window.add": mutations.add_at_once,
                                                   "chassis.window:Window._release": nothing},
           f"{RELAY}test_a_broker_that_refuses_every_third_event", "arrival:"),
    Mutant("refusals", {"chassis.window:Window.refuse": mutations.take_for_confirmed},
           f"{RELAY}test_a_broker_that_refuses_every_third_event", "arrival:"),
    Mutant("the watermark", {"chassis.relay:_published_to": mutations.begin_at_the_end},
           f"{RELAY}test_a_relay_killed_between_any_two_steps", "conservation:"),
    Mutant("the watermark ends before the first gap", {"chassis.window:Window._finish": mutations.jump_ahead},
           "test_window.py::test_the_watermark_is_the_end_of_the_unbroken_beginning", "assert"),
    Mutant("the leader's lock", {"chassis.relay:Leader.acquire": always(True)},
           f"{RELAY}test_a_paused_relay_keeps_its_lock_and_goes_on", "somebody else leads"),
    Mutant("the quarantine", {"chassis.relay:_Publisher._isolate": nothing},
           "test_broker_faults.py::test_an_event_that_the_broker_never_takes_holds_up_no_other", "all to be published"),
    Mutant("no long farewell", {"chassis.relay:_Publisher._say_farewell": nothing},
           "test_broker_faults.py::test_a_broker_without_room_holds_up_nobody_but_the_relay[disk]", "it waits for"),
    # who listens
    Mutant("a cancelled consumer is noticed", {"chassis.amqp:_Session.run": mutations.until_the_channel_closes},
           f"{LISTENER}test_a_queue_deleted_while_it_is_read", "conservation:", also=RECONCILING),
    Mutant("reactions beside the connection", {"chassis.amqp:_Session._feed": mutations.apply_at_once},
           f"{LISTENER}test_a_reaction_that_takes_longer_than_the_heartbeat", "bus_duplicates_total"),
    Mutant("acknowledged after the commit", {"chassis.amqp:_Session._next_batch": mutations.acknowledge_first,
                                             "chassis.amqp:_Session._acknowledge": nothing},
           f"{KILLED}[3-consumer.before_commit]", "conservation:|arrival:"),
    Mutant("a single active consumer", {"chassis.topology:QUORUM": value({"x-queue-type": "quorum"})},
           f"{LISTENER}test_a_standby_takes_over_in_order", "arrival:"),
    Mutant("looking before declaring", {"chassis.declaring:_declared": mutations.declare_blindly},
           "test_topology.py::test_a_worker_goes_on_with_a_queue_that_is_otherwise_than_wanted", "to be ready"),
    Mutant("the inbox", {"chassis.applying:insert_inbox": mutations.insert_and_forget},
           f"{ANY_ORDER}[repeated]", "effects:"),
    Mutant("versions", {"chassis.applying:Work._to_apply": mutations.whatever_comes,
                        "chassis.applying:_in_turn": mutations.as_it_came},
           f"{ANY_ORDER}[shuffled]", "outcome:|order:", also=RECONCILING),
    Mutant("gaps are fetched", {"chassis.consumer:Consumer.fetch_gap": always([])},
           f"{ANY_ORDER}[lossy]", "conservation:", also=RECONCILING),
    Mutant(RECONCILING, {"chassis.reconcile:Reconciler.run_once": nothing},
           f"{LISTENER}test_a_queue_purged_with_a_backlog", "conservation:"),
    Mutant("an outage is no event's fault", {"chassis.consumer:is_outage": always(False)},
           f"{DATABASE}test_a_lock_that_is_held_too_long_is_no_events_fault", "came by redrive"),
    Mutant("tried again in place", {"chassis.consumer:_is_passing": always(False)},
           f"{DATABASE}test_a_lock_that_is_held_too_long_is_no_events_fault", "the second try"),
    Mutant("a batch is taken apart", {"chassis.consumer:Consumer._apply_or_split": mutations.park_the_whole_batch},
           POISON, "assert"),
    Mutant("followers wait", {"chassis.consumer:Consumer._block": nothing}, POISON, "assert"),
    Mutant("the newer build releases", {"chassis.parking:release_understood": always(0)},
           "test_parking.py::test_a_newer_major_waits_for_a_build_that_knows_it", "assert 0 == 1"),
    Mutant("deaths are counted", {"chassis.attempts:Attempts.begin": nothing},
           "test_failure_faults.py::test_an_event_that_kills_is_put_aside_and_no_innocent_one_with_it[read]",
           "assert 10 == "),
    Mutant("the breaker", {"chassis.breaker:Breaker.failed": always(False)},
           "test_failure_faults.py::test_when_everything_fails_the_listener_waits_and_goes_on_by_itself[read]",
           "the listener to pause itself"),
    # clocks, locks, disks
    Mutant("the bookmark moves with the effects", {"chassis.pull:Puller.pull": mutations.bookmark_first},
           f"{EMBEDDED}test_a_listener_killed_around_its_commit[consumer.before_commit]", "conservation:"),
    Mutant("looking without being rung for", {"chassis.pull:IDLE_SECONDS": value(3600)},
           f"{EMBEDDED}test_a_listener_killed_around_its_commit[consumer.after_commit]", "to be dead"),
    Mutant("the database's clock", {"chassis.schedule:clock": mutations.by_our_own_clock},
           "test_schedule.py::test_the_clock_of_the_database_decides_not_that_of_the_process", "assert"),
    Mutant("one worker runs a job", {"chassis.jobs:Scheduler._claim": always(True)},
           "test_jobs.py::test_two_workers_at_the_same_time_run_it_once", "assert"),
    Mutant("the write lock from the beginning", {"chassis.database:_begin_sqlite": mutations.begin_and_see},
           f"{EMBEDDED}test_two_who_write_wait_for_each_other", "does not answer"),
    Mutant("a full disk is an outage", {"chassis.database:_is_outage": always(False)},
           f"{EMBEDDED}test_a_full_disk_refuses_a_request_as_a_whole", "500"),
    Mutant("synced commits", {"chassis.database:SQLITE_PRAGMAS": value(UNSYNCED)},
           f"{EMBEDDED}test_a_power_cut_keeps_what_was_answered_and_nothing_by_halves", "is lost"),
    Mutant("one process on a data folder", {"guanxi.home:Home.lock": nothing},
           f"{EMBEDDED}test_the_second_process_is_refused_until_the_first_is_dead", "DID NOT RAISE"),
    Mutant("a silent broker is noticed", {"chassis.amqp:WE_NOTICE_IT_GONE": value({})},
           f"{SILENT}test_a_broker_that_has_become_a_black_hole", "to be wrong in", needs_root=True),
    Mutant("a silent database is noticed", {"chassis.database:WE_NOTICE_PG_GONE": value({})},
           f"{SILENT}test_a_database_that_has_become_a_black_hole[shelf]", "to be wrong in|timed out", needs_root=True),
    # the control: all of them
    Mutant(NAIVE, {"chassis.consumer:Consumer.take": mutations.take_naively},
           f"{ANY_ORDER}[repeated]", "effects:"),
)  # fmt: skip
BY_GUARD = {mutant.guard: mutant for mutant in MUTANTS}


def take_away(guard: str) -> None:
    """Make this process a mutant. No name is no mutant."""
    if not guard:
        return
    mutant = BY_GUARD[guard]
    take_away(mutant.also)
    for target, instead in mutant.instead.items():
        operate(target, instead)
