"""Campaigns, leads, opportunities, deals and tasks."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from random import Random
from typing import Any

from guanxi.demo import cast, names
from guanxi.demo.buying import an_order
from guanxi.demo.plot import Buyer, Plot, Running
from guanxi.demo.story import HEARD, Part, Thread, do, iso, later, wait

KINDS = ("促销", "展会", "研讨会", "邮件", "广告")
SOURCES = ("广告", "推销电话", "员工介绍", "外部介绍", "在线商场", "合作伙伴", "交易会", "web下载", "聊天")
STAGES = ("qualification", "needs-analysis", "value-proposition", "decision-makers", "proposal", "negotiation")
CAMPAIGN, LEAD, DEAL = "/campaigns/<int:campaign_id>", "/leads/<int:lead_id>", "/deals/<int:deal_id>"
CHANCE = "/opportunities/<int:opportunity_id>"
PLAN = "/marketing-plans/<int:marketing_plan_id>"


@dataclasses.dataclass(frozen=True)
class Sale:
    """A deal under way; ``buyer`` is the customer that came of a lead with it, and buys when it is won."""

    owner: str
    deal_id: int
    buyer: Buyer | None = None


def campaign(plot: Plot, number: int) -> Thread:
    """Planned, approved, run, paid for, answered, judged; the last ones still run or wait."""
    chance = plot.story.chance(f"campaign {number}")
    span = (plot.story.until - plot.story.begins) / plot.size.campaigns
    owner, at = chance.choice(cast.MARKETERS), later(plot.story.begins + span * number, chance, 1, 9)
    yield wait("marketing", at)
    product, _, _ = names.PRODUCTS[number % len(names.PRODUCTS)]
    begins, ends = at + timedelta(days=14), at + timedelta(days=chance.randrange(40, 80))
    said = {
        "name": f"{begins.year}年{begins.month}月{product}{KINDS[number % len(KINDS)]}",
        "kind": KINDS[number % len(KINDS)],
        "starts_on": f"{begins:%Y-%m-%d}",
        "ends_on": f"{ends:%Y-%m-%d}",
        "budget": f"{chance.randrange(20, 120) * 1000}.00",
        "target_responses": chance.randrange(40, 200),
    }
    made = yield do("marketing", "POST /campaigns", owner, at, **said)
    mine = {"campaign_id": made["id"]}
    at = later(at, chance, 1, 3)
    yield do("marketing", f"POST {CAMPAIGN}/submission", owner, at, **mine)
    at = later(at, chance, 1, 4)
    if number % 7 == 6:
        yield do("marketing", f"POST {CAMPAIGN}/rejection", "sue", at, **mine, note="预算过高，请调整")
        at = later(at, chance, 1, 2)
        yield do("marketing", f"POST {CAMPAIGN}/submission", owner, at, **mine)
        at = later(at, chance, 1, 2)
    yield do("marketing", f"POST {CAMPAIGN}/approval", chance.choice(cast.SUPERVISORS), at, **mine)
    yield do("marketing", f"POST {CAMPAIGN}/start", owner, max(begins, at), **mine)
    plot.campaigns.append(Running(made["id"], max(begins, at), ends))
    yield from _life_of(plot, owner, made["id"], (max(begins, at), ends), chance)


def _life_of(plot: Plot, owner: str, campaign_id: int, during: tuple[datetime, datetime], chance: Random) -> Part:
    mine, (begins, ends) = {"campaign_id": campaign_id}, during
    moments = sorted(begins + (ends - begins) * chance.random() for _ in range(22))
    for place, at in enumerate(moments):
        if place % 5 == 0:
            amount = f"{chance.randrange(2, 18) * 500}.00"
            said = {"description": chance.choice(("场地", "印刷", "礼品", "广告投放")), "amount": amount}
            yield do("marketing", f"POST {CAMPAIGN}/costs", owner, at, **mine, **said, spent_on=f"{at:%Y-%m-%d}")
        elif place % 2:
            buyer = plot.a_buyer(chance, at)
            if buyer:
                member = {"kind": "customer", "reference": buyer.customer_no, "name": buyer.name}
                yield do("marketing", f"POST {CAMPAIGN}/members", owner, at, **mine, **member)
        else:
            answers = {"channel": chance.choice(("电话", "网站", "现场")), "number": chance.randrange(1, 15)}
            yield do("marketing", f"POST {CAMPAIGN}/responses", owner, at, **mine, **answers)
    yield do(
        "marketing",
        "POST /campaigns/<int:record_id>/remarks",
        owner,
        ends,
        record_id=campaign_id,
        text="反响不错，明年继续",
    )
    yield do("marketing", f"POST {CAMPAIGN}/finish", owner, ends + timedelta(hours=3), **mine)
    judged = {"evaluation": "达到预期，线索质量较好", "score": chance.choice((3, 4, 4, 5))}
    yield do("marketing", f"POST {CAMPAIGN}/evaluation", owner, later(ends, chance, 30, 40), **mine, **judged)


def lead(plot: Plot, number: int) -> Thread:
    """Somebody may become a customer, and is called until it is clear."""
    chance = plot.story.chance(f"lead {number}")
    company, city, _ = names.company(2_500 + number)
    owner, at = chance.choice((*cast.JUNIORS, *cast.MARKETERS, *cast.SELLERS)), later(plot.moment(chance), chance, 0, 1)
    yield wait("marketing", at)
    said = {"full_name": names.person(chance), "company": company, "source": chance.choice(SOURCES)}
    said |= {
        "phone": names.telephone(number, city),
        "mobile": names.mobile(number),
        "job": chance.choice(names.POSITIONS),
    }
    made = yield do("marketing", "POST /leads", owner, at, **said)
    mine = {"lead_id": made["id"]}
    running = plot.a_campaign(chance, at)
    if running and chance.random() < 0.6:
        yield do("marketing", f"POST {LEAD}/campaigns", owner, at, **mine, campaign_id=running)
    if owner not in cast.SELLERS and chance.random() < 0.6:
        at, heir = later(at, chance, 1, 5), chance.choice(cast.SELLERS)
        yield do("marketing", f"POST {LEAD}/transfer", "sue", at, **mine, owner_id=plot.id_of(heir))
        owner = heir
    yield from _called(plot, owner, mine, later(at, chance, 0.5, 8), chance)


def _called(plot: Plot, owner: str, mine: dict[str, Any], at: datetime, chance: Random) -> Part:
    if chance.random() < 0.15:
        return  # nobody got round to it
    if chance.random() < 0.5:
        yield do("marketing", f"POST {LEAD}/attempt", owner, at, **mine)
        if chance.random() < 0.1:
            return  # nor reached anybody
        at = later(at, chance, 1, 6)
    again = later(at, chance, 5, 40)
    said = {"summary": chance.choice(names.TALKS), "next_contact_on": f"{again:%Y-%m-%d}"}
    yield do("marketing", f"POST {LEAD}/contact", owner, at, **mine, **said, status=chance.choice((3, 3, 2, 7)))
    if chance.random() < 0.3:
        yield do(
            "marketing",
            "POST /leads/<int:record_id>/remarks",
            owner,
            at,
            record_id=mine["lead_id"],
            text="对方对价格敏感",
        )
    at, fate = later(again, chance, 0, 3), chance.random()
    if fate < 0.4:
        reason = {"status": chance.choice((4, 5)), "reason": chance.choice(names.REASONS)}
        yield do("marketing", f"POST {LEAD}/rejection", owner, at, **mine, **reason)
    elif fate < 0.75 and owner in cast.SELLERS:
        yield from _converted(plot, owner, mine, at, chance)


def _converted(plot: Plot, owner: str, mine: dict[str, Any], at: datetime, chance: Random) -> Part:
    wanted = {}
    if chance.random() < 0.65:
        expected = at + timedelta(days=chance.randrange(40, 120))
        product = chance.choice(names.PRODUCTS)[0]
        amount = f"{chance.randrange(8, 240) * 500}.00"
        wanted = {"deal": {"name": f"{product}采购", "amount": amount, "expected_on": f"{expected:%Y-%m-%d}"}}
    yield do("marketing", f"POST {LEAD}/conversion", owner, at, **mine, **wanted)
    heard_at = yield HEARD
    found = yield do("marketing", f"GET {LEAD}", owner, heard_at, **mine)
    if found["customer_no"] is None:
        return
    buyer = Buyer(
        found["customer_no"], found["company"], owner, heard_at, heard_at, chance.uniform(50, 105), plot.story.until
    )
    if found["deal_id"]:
        yield from stages(plot, Sale(owner, found["deal_id"], buyer), heard_at, chance)
    else:
        _buys(plot, buyer, heard_at, chance)


def _buys(plot: Plot, buyer: Buyer, at: datetime, chance: Random) -> None:
    buyer.next_order = later(at, chance, 5, 40)
    plot.buyers.append(buyer)


def deal(plot: Plot, number: int) -> Thread:
    """With a customer whom we know, or with somebody new."""
    chance = plot.story.chance(f"deal {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    yield wait("marketing", at)
    buyer = plot.a_buyer(chance, at, cast.SELLERS) if number % 8 else None
    owner = buyer.owner if buyer else chance.choice(cast.SELLERS)
    who: dict[str, Any] = (
        {"customer_no": buyer.customer_no} if buyer else {"customer_name": names.company(5_000 + number)[0]}
    )
    if buyer and buyer.contact_id:
        who["contact_id"] = buyer.contact_id
    expected = at + timedelta(days=chance.randrange(40, 130))
    said = {
        "name": f"{chance.choice(names.PRODUCTS)[0]}{chance.choice(('采购', '改造项目', '年度框架', '备件'))}",
        "amount": f"{chance.randrange(8, 400) * 500}.00",
        "expected_on": f"{expected:%Y-%m-%d}",
        "kind": "已有业务" if buyer else "新业务",
        "source": chance.choice(SOURCES),
    }
    running = plot.a_campaign(chance, at)
    made = yield do(
        "marketing", "POST /deals", owner, at, **who, **said, **({"campaign_id": running} if running else {})
    )
    yield from stages(plot, Sale(owner, made["id"]), at, chance)


def stages(plot: Plot, sale: Sale, at: datetime, chance: Random) -> Part:
    """Through the stages, to the end or not yet; a customer who comes of it buys."""
    mine, owner = {"deal_id": sale.deal_id}, sale.owner
    last = chance.choices(range(1, len(STAGES)), (5, 10, 15, 25, 45))[0]
    for stage in STAGES[1 : last + 1]:
        at = later(at, chance, 4, 25)
        yield do("marketing", f"POST {DEAL}/stage", owner, at, **mine, stage=stage)
        if chance.random() < 0.15:
            yield do(
                "marketing",
                "POST /deals/<int:record_id>/remarks",
                owner,
                at,
                record_id=sale.deal_id,
                text=chance.choice(names.RESULTS),
            )
    at = later(at, chance, 4, 25)
    if last == len(STAGES) - 1 or chance.random() < 0.3:
        yield do("marketing", f"POST {DEAL}/win", owner, at, **mine)
        if sale.buyer:
            yield from _bought(plot, sale.buyer, at, chance)
        return
    lost = {"reason": chance.choice(names.REASONS)}
    if chance.random() < 0.4:
        lost["competitor"] = chance.choice(names.COMPETITORS)
    yield do("marketing", f"POST {DEAL}/loss", owner, at, **mine, **lost)


def _bought(plot: Plot, buyer: Buyer, at: datetime, chance: Random) -> Part:
    yield from an_order(buyer, later(at, chance, 0.5, 4), chance)
    _buys(plot, buyer, later(at, chance, 60, 90), chance)


def opportunity(plot: Plot, number: int) -> Thread:
    """Met, assigned, developed by a plan; won, stopped, or still under way."""
    chance = plot.story.chance(f"opportunity {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    yield wait("marketing", at)
    name = names.company(4_000 + number)[0]
    owner = chance.choice(cast.MANAGERS)
    supervisor = cast.supervisor_of(owner)
    said = {
        "customer_name": name,
        "title": f"{chance.choice(names.PRODUCTS)[0]}需求",
        "success_rate": chance.choice((20, 30, 40, 50)),
        "description": "客户主动询价，需要进一步了解",
        "source": chance.choice(SOURCES),
        "contact_name": names.person(chance),
        "contact_phone": names.telephone(number, "上海"),
        "product": chance.choice(names.PRODUCTS)[0],
        "amount": f"{chance.randrange(10, 300) * 500}.00",
        "heat": chance.choice(("hot", "warm", "cold")),
    }
    made = yield do("marketing", "POST /opportunities", chance.choice((owner, supervisor)), at, **said)
    if chance.random() < 0.07:
        return
    at = later(at, chance, 0.5, 4)
    mine = {"opportunity_id": made["id"]}
    yield do("marketing", f"POST {CHANCE}/assignment", supervisor, at, **mine, assignee_id=plot.id_of(owner))
    at = yield from _developed(owner, mine, at, chance)
    fate = number % 7
    if fate < 3:
        yield do("marketing", f"POST {CHANCE}/win", owner, at, **mine)
        heard_at = yield HEARD
        found = yield do("marketing", f"GET {CHANCE}", owner, heard_at, **mine)
        if found["customer_no"]:
            buyer = Buyer(
                found["customer_no"], name, owner, heard_at, heard_at, chance.uniform(45, 105), plot.story.until
            )
            yield from _bought(plot, buyer, heard_at, chance)
    elif fate < 5:
        yield do("marketing", f"POST {CHANCE}/failure", owner, at, **mine, reason=chance.choice(names.REASONS))


def _developed(owner: str, mine: dict[str, Any], at: datetime, chance: Random) -> Part:
    """Plan items and what came of them; the moment of the last one."""
    for todo in chance.sample(names.TODOS, chance.choice((2, 3))):
        planned = later(at, chance, 3, 14)
        said = {"planned_for": iso(planned), "todo": todo}
        item = yield do("marketing", f"POST {CHANCE}/plan", owner, at, **mine, **said)
        done = later(planned, chance, 0, 4)
        result = chance.choice(names.RESULTS)
        yield do(
            "marketing",
            f"POST {CHANCE}/plan/<int:item_id>/execution",
            owner,
            done,
            **mine,
            item_id=item["id"],
            result=result,
        )
        at = later(done, chance, 0.2, 3)
    yield do(
        "marketing",
        f"POST {CHANCE}/progress",
        owner,
        at,
        **mine,
        success_rate=chance.choice((50, 60, 70, 80)),
        note="进展顺利",
    )
    return later(at, chance, 2, 20)


def task(plot: Plot, number: int) -> Thread:
    """Something to do about a customer; most of it is done, some of it late, some never."""
    chance = plot.story.chance(f"task {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    if number % 4 == 0:
        at = later(plot.story.until - timedelta(days=16), chance, 0, 14)
    yield wait("marketing", at)
    owner = chance.choice((*cast.SELLERS, *cast.CLERKS))
    buyer = plot.a_buyer(chance, at)
    due = later(at, chance, 2, 20)
    said = {"title": chance.choice(names.TODOS), "due_at": iso(due)}
    about = {"about": "customer", "about_id": buyer.customer_no} if buyer else {}
    giver = "sue" if number % 5 == 0 else owner
    made = yield do("marketing", "POST /tasks", giver, at, **said, **about, owner_id=plot.id_of(owner))
    if chance.random() < 0.8:
        yield do(
            "marketing", "POST /tasks/<int:task_id>/completion", owner, later(at, chance, 1, 16), task_id=made["id"]
        )


def marketing_plan(plot: Plot, number: int) -> Thread:
    """A round of visits: submitted, now and then sent back, approved, carried out with check-ins, and judged."""
    chance = plot.story.chance(f"marketing plan {number}")
    at = later(plot.moment(chance), chance, 0, 1)
    if number % 4 == 0:
        at = later(plot.story.until - timedelta(days=14), chance, 0, 12)
    yield wait("marketing", at)
    owner = chance.choice(cast.SELLERS)
    first = later(at, chance, 4, 9)
    days = {"starts_on": f"{first:%Y-%m-%d}", "ends_on": f"{first + timedelta(days=3):%Y-%m-%d}"}
    said = {"title": chance.choice(names.ROUNDS), "kind": "visit", "sub_kind": chance.choice(names.VISITS)}
    goal = f"拜访{chance.randrange(4, 9)}家客户，拿到{chance.randrange(1, 4)}张订单"
    cost = f"{chance.randrange(3, 30) * 100}.00"
    made = yield do("marketing", "POST /marketing-plans", owner, at, **said, **days, goal=goal, cost=cost)
    mine, boss = {"marketing_plan_id": made["id"]}, cast.supervisor_of(owner)
    yield do("marketing", f"POST {PLAN}/submission", owner, at + timedelta(hours=1), **mine)
    if number % 5 == 1:
        back = {"note": "请写明预期成果"}
        yield do("marketing", f"POST {PLAN}/rejection", boss, at + timedelta(hours=2), **mine, **back)
        yield do("marketing", f"POST {PLAN}/submission", owner, at + timedelta(hours=3), **mine)
    yield do("marketing", f"POST {PLAN}/approval", boss, at + timedelta(hours=4), **mine)
    yield from _carried_out(plot, mine, owner, first, chance)


def _carried_out(plot: Plot, mine: dict[str, Any], owner: str, first: datetime, chance: Random) -> Part:
    for day in range(3):
        place = {"latitude": f"{31.2 + chance.random() / 5:.6f}", "longitude": f"{121.4 + chance.random() / 5:.6f}"}
        said = {"kind": "arrival", "region": "华东", "note": "客户在场"}
        yield do("marketing", f"POST {PLAN}/check-ins", owner, first + timedelta(days=day), **mine, **said, **place)
    ends = first + timedelta(days=2, hours=3)
    yield do("marketing", f"POST {PLAN}/finish", owner, ends, **mine)
    reached = {"result": "签单略低于预期", "achievement": chance.randrange(60, 120)}
    yield do("marketing", f"PUT {PLAN}/feedback", owner, ends + timedelta(hours=1), **mine, **reached)
    if plot.story.chance(f"judged {mine}").random() < 0.9:
        yield do("marketing", f"POST {PLAN}/feedback/submission", owner, ends + timedelta(hours=2), **mine)
