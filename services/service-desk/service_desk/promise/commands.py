"""Changing promises: load, decide, keep, publish."""

from __future__ import annotations

from chassis import dictionary
from chassis.transaction import Transaction
from service_desk.promise.model import ANY, About, Promise, code_of, must_be_in_order


def make_promise(tx: Transaction, about: str, kind: str, answer_minutes: int, settle_minutes: int) -> Promise:
    """Promise something about a kind, for the first time or otherwise than before."""
    must_be_in_order(answer_minutes, settle_minutes)
    if about == About.REQUEST and kind != ANY:
        dictionary.must_be_known(tx, "service type", kind, "/kind")
    promise = tx.find(Promise, code_of(about, kind))
    if promise is None:
        promise = tx.add(Promise.begin(about, kind, answer_minutes, settle_minutes))
        tx.publish(promise.said())
    else:
        tx.publish(promise.make(answer_minutes, settle_minutes))
    return promise
