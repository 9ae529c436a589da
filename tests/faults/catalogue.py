"""The fault catalogue: what can go wrong, and what has to come of it. The tests name their faults by these numbers."""

from __future__ import annotations

import dataclasses


@dataclasses.dataclass(frozen=True)
class Fault:
    """One thing that can go wrong. ``not_run`` says why there is no result, where there is none."""

    what: str
    expected: str
    not_run: str = ""


FAULTS: dict[int, Fault] = {
    1: Fault(
        "The broker is killed while events are on their way",
        "Every confirmed event is there; the relay sends again from its watermark",
    ),
    2: Fault(
        "The connection is reset after the publish, before the confirm",
        "Sent again: two copies, one effect",
    ),
    3: Fault(
        "Half-open connection: the broker has become a black hole",
        "Noticed by the system's timers within seconds, not by heartbeats within minutes",
    ),
    4: Fault(
        "An operator closes all connections",
        "Reconnect with jitter, no loss",
    ),
    5: Fault(
        "No queue wants an event",
        "Counted, not an error; whoever listens later reads it from the log",
    ),
    6: Fault(
        "The queue is deleted while it is read",
        "Noticed, declared again, and what it held is fetched",
    ),
    7: Fault(
        "The queue is purged with a backlog",
        "Fetched from the log; nothing lost",
    ),
    8: Fault(
        "The queue exists with other arguments",
        "Told as a difference; the worker goes on",
    ),
    9: Fault(
        "The queue is full and refuses",
        "The relay tries again and keeps the order of each aggregate",
    ),
    10: Fault(
        "An event larger than allowed",
        "Refused when it is said; if it slips through, set aside while the others flow",
    ),
    11: Fault(
        "The broker's disk alarm",
        "Requests go on, listeners go on, the relay says so and drains afterwards",
    ),
    12: Fault(
        "The broker's memory alarm",
        "The same",
    ),
    13: Fault(
        "The broker's patience with an unacknowledged message ends",
        "The closed channel is noticed; the second delivery has no effect",
    ),
    14: Fault(
        "A reaction takes longer than the heartbeat",
        "No disconnect",
    ),
    15: Fault(
        "A listener is killed after its commit, before the acknowledgement",
        "Delivered again, one effect",
    ),
    16: Fault(
        "A listener is killed before its commit",
        "Rolled back, delivered again, one effect",
    ),
    17: Fault(
        "The active one of two listeners dies",
        "The standby takes over in order",
    ),
    18: Fault(
        "The relay is killed after the confirm, before noting it",
        "At most a window of repeats, no effect twice",
    ),
    19: Fault(
        "The relay is killed between sealing and sending",
        "Sent after the restart; positions without a hole",
    ),
    20: Fault(
        "Two relays at once",
        "Positions unique and contiguous; only repeats",
    ),
    21: Fault(
        "The leading relay is paused",
        "No second leader; the standby tells how old the unsent events are",
    ),
    22: Fault(
        "Database sessions are ended",
        "All begin again by themselves",
    ),
    23: Fault(
        "The database server crashes",
        "What was answered is kept and heard; nothing else",
    ),
    24: Fault(
        "A listener's database is away",
        "It waits; nothing is put aside, no try is counted",
    ),
    25: Fault(
        "A database's disk is full",
        "Requests are refused as a whole (503), listeners wait and go on",
    ),
    26: Fault(
        "Deadlock, lock timeout",
        "Tried again in place, not put aside",
    ),
    27: Fault(
        "A transaction commits late or out of order",
        "Sealed in the next round; nobody skips it",
    ),
    28: Fault(
        "A transaction stays open, here or in another database",
        "Sealing goes on",
    ),
    29: Fault(
        "Ids inverted inside an aggregate",
        "The order of versions is kept",
    ),
    30: Fault(
        "Everything is delivered up to three times",
        "One effect each",
    ),
    31: Fault(
        "Delivered out of order",
        "What is missing is fetched, what is late changes nothing; same outcome",
    ),
    32: Fault(
        "Deliveries are lost in silence",
        "Found by the next version or by reconciling",
    ),
    33: Fault(
        "An event whose reaction fails",
        "Put aside; only its followers wait; tried on a schedule, then dead; redriven in order",
    ),
    34: Fault(
        "An event that kills the process",
        "Put aside as a crash loop; no innocent with it",
    ),
    35: Fault(
        "Bytes that are no event",
        "Kept, dead at once; the queue moves on",
    ),
    36: Fault(
        "A newer version, an unknown type, an unknown field",
        "The newer one waits for a newer build, which takes it by itself; the rest is ignored",
    ),
    37: Fault(
        "The broker comes back empty",
        "Topology made again, what it held is fetched",
    ),
    38: Fault(
        "A producer's database comes back from an older backup",
        "Its new life is told apart from the old one; extra events are reported",
    ),
    39: Fault(
        "A listener's database comes back from a backup",
        "It reads again from where it is; nothing twice",
    ),
    40: Fault(
        "Clocks that differ, jump or go back",
        "The database's clock decides what is due; no lag is negative; nobody orders by time",
    ),
    41: Fault(
        "A hundred thousand events wait for a slow listener",
        "Requests as quick as before; drained in minutes",
        "begun and broken off in the last run: two cores shared with other work, at a load of 25 to 40",
    ),
    42: Fault(
        "One link is broken: to the broker, to the database, to another's log",
        "Only its owner is worse off, and says which link",
    ),
    43: Fault(
        "A cluster of three brokers falls apart; a node dies",
        "The minority confirms nothing, the majority goes on, no confirmed event is lost",
    ),
    44: Fault(
        "A slow line",
        "The window keeps the throughput; no reconnect",
    ),
    45: Fault(
        "Password changed, virtual host gone, permission taken",
        "Said in the broker's words; no tight loop; recovers",
    ),
    46: Fault(
        "Old and new build side by side",
        "Handed over in order; what only the new one understands waits for it",
    ),
    47: Fault(
        "Stopped politely, again and again, under load",
        "In time; nothing lost, nothing even repeated",
    ),
    48: Fault(
        "A redrive interrupted, repeated, twice at once",
        "Each event applied once",
    ),
    49: Fault(
        "A rebuild under traffic and faults",
        "The rebuilt tables equal the live ones",
    ),
    50: Fault(
        "A long flow: started twice, answers late, unknown or refused, compensation failing",
        "One instance, late deadlines ignored, stuck ones told, books balance",
    ),
    51: Fault(
        "A wake-up is lost",
        "Half a second later at most",
    ),
    52: Fault(
        "No more files, no more database connections",
        "Worse off, says so, does not spin, recovers",
    ),
    53: Fault(
        "Power cut in embedded mode",
        "The files open, the log has no hole, what was answered is there, listeners go on",
    ),
    54: Fault(
        "Two processes on one data folder; the first dies",
        "One at a time; the second may when the first is dead",
    ),
    55: Fault(
        "Everything at once",
        "All promises",
    ),
}
