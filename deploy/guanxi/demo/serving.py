"""Requests, complaints and return visits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guanxi.demo import cast, names
from guanxi.demo.plot import Plot
from guanxi.demo.story import HEARD, Thread, do, iso, later, wait

REQUEST, COMPLAINT, VISIT = "/requests/<int:request_id>", "/complaints/<int:complaint_id>", "/visits/<int:visit_id>"


def request(plot: Plot, number: int) -> Thread:
    """Asked, allocated, handled, and how content the customer is; the last ones are under way."""
    chance = plot.story.chance(f"request {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    if number % 6 == 0:
        at = later(plot.story.until - timedelta(days=12), chance, 0, 10)
    yield wait("service-desk", at)
    buyer = plot.a_buyer(chance, at)
    if buyer is None:
        return
    clerk, assignee = chance.choice(cast.CLERKS), buyer.owner if buyer.owner in cast.MANAGERS else "mei"
    supervisor = cast.supervisor_of(assignee)
    question = chance.choice(names.QUESTIONS)
    said = {
        "kind": chance.choice(("咨询", "咨询", "投诉", "建议")),
        "title": question,
        "request_text": f"客户询问：{question}",
    }
    made = yield do("service-desk", "POST /requests", clerk, at, customer_no=buyer.customer_no, **said)
    mine = {"request_id": made["id"]}
    at = later(at, chance, 0.1, 1)
    yield do("service-desk", f"POST {REQUEST}/allocation", supervisor, at, **mine, assignee_id=plot.id_of(assignee))
    for stars in (chance.choices((1, 2, 3, 4, 5), (3, 6, 20, 41, 30))[0], chance.choice((3, 4, 5))):
        at = later(at, chance, 0.1, 3)
        yield do(
            "service-desk", f"POST {REQUEST}/handling", assignee, at, **mine, handling=chance.choice(names.HANDLINGS)
        )
        at = later(at, chance, 0.1, 2)
        answer = {"result": "客户满意" if stars > 2 else "问题仍未解决", "satisfaction": stars}
        yield do("service-desk", f"POST {REQUEST}/feedback", assignee, at, **mine, **answer)
        if stars > 2:
            return


def complaint(plot: Plot, number: int) -> Thread:
    """Entered, assigned, handled, asked about by somebody else, closed."""
    chance = plot.story.chance(f"complaint {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    if number % 5 == 0:
        at = later(plot.story.until - timedelta(days=9), chance, 0, 8)
    yield wait("service-desk", at)
    buyer = plot.a_buyer(chance, at)
    if buyer is None:
        return
    first, second = chance.sample(cast.CLERKS, 2)
    fault = chance.choice(names.FAULTS)
    said = {
        "title": fault,
        "severity": chance.choice(("minor", "serious", "critical")),
        "description": f"客户反映{fault}",
    }
    made = yield do("service-desk", "POST /complaints", first, at, customer_no=buyer.customer_no, **said)
    mine, boss = {"complaint_id": made["id"]}, chance.choice(cast.SUPERVISORS)
    at = later(at, chance, 0.1, 1)
    yield do("service-desk", f"POST {COMPLAINT}/assignment", boss, at, **mine, assignee_id=plot.id_of(second))
    stars = chance.choices((1, 2, 3, 4, 5), (4, 8, 30, 38, 20))[0]
    for content in (stars, 4) if stars < 3 else (stars,):
        at = later(at, chance, 0.2, 3)
        yield do(
            "service-desk", f"POST {COMPLAINT}/handling", second, at, **mine, handling=chance.choice(names.HANDLINGS)
        )
        at = later(at, chance, 0.5, 4)
        answer = {"result": "已解决" if content > 2 else "又出现同样问题", "satisfaction": content}
        yield do("service-desk", f"POST {COMPLAINT}/visit", first, at, **mine, **answer)
    yield do("service-desk", f"POST {COMPLAINT}/closing", boss, later(at, chance, 0.2, 2), **mine)


def visit(plot: Plot, number: int) -> Thread:
    """Planned, sometimes put off, and made."""
    chance = plot.story.chance(f"visit {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    yield wait("service-desk", at)
    owner = chance.choice((*cast.CLERKS, *cast.MANAGERS))
    buyer = plot.a_buyer(chance, at)
    if buyer is None:
        return
    planned = later(at, chance, 5, 25)
    said: dict[str, Any] = {
        "subject": chance.choice(("季度回访", "设备巡检", "满意度调查")),
        "planned_for": iso(planned),
    }
    said |= {"remind_at": iso(planned - timedelta(days=1)), "priority": chance.choice((1, 2, 3, 4, 5))}
    made = yield do("service-desk", "POST /visits", owner, at, customer_no=buyer.customer_no, **said)
    mine = {"visit_id": made["id"]}
    if chance.random() < 0.15:
        deferred = later(planned, chance, 3, 15)
        yield do("service-desk", f"POST {VISIT}/deferral", owner, planned, **mine, planned_for=iso(deferred))
        planned = deferred
    if chance.random() < 0.85:
        answer = {"result": "设备运行正常，客户满意", "satisfaction": chance.choice((3, 4, 4, 5))}
        yield do("service-desk", f"POST {VISIT}/completion", owner, later(planned, chance, 0, 3), **mine, **answer)


def planned_visits(plot: Plot) -> Thread:
    """What the service desk plans by itself after requests and deals: most of it is made."""
    since = plot.story.begins
    while True:
        at = yield HEARD
        page, pages = 0, 1
        while page < pages:
            page += 1
            asked = {"planned_from": iso(since), "planned_to": iso(at), "status": "1"}
            found = yield do("service-desk", "GET /visits", "sue", at, **asked, sort="id", size=100, page=page)
            pages = -(-found["total"] // 100)
            for one in found["items"]:
                if (one["request_id"] or one["deal_id"]) and one["id"] % 10 < 8:
                    plot.story.add(f"planned visit {one['id']}", planned_visit(plot, one, at))
        since = at


def planned_visit(plot: Plot, visit: dict[str, Any], at: datetime) -> Thread:
    """By its owner, or by a supervisor for whoever only sells."""
    chance = plot.story.chance(f"planned visit {visit['id']}")
    owner = plot.logins[visit["owner_id"]]
    who = owner if owner in cast.MANAGERS else cast.supervisor_of(owner)
    answer = {"result": "一切正常", "satisfaction": chance.choice((3, 4, 4, 5, 5))}
    yield do("service-desk", f"POST {VISIT}/completion", who, later(at, chance, 0.2, 9), visit_id=visit["id"], **answer)
