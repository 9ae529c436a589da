"""Who works for the demo company: units, people, and who is above whom."""

from __future__ import annotations

from identity.right.model import (
    EXECUTIVE,
    JUNIOR_SALES,
    MANAGER,
    MARKETER,
    SENIOR_SALES,
    SERVICE_CLERK,
    SUPERVISOR,
)

UNITS = (
    ("NORTH", "华北大区", "region", "GX"),
    ("BJ", "北京分公司", "branch", "NORTH"),
    ("BJ-SALES", "北京销售部", "department", "BJ"),
    ("SOUTH", "华南大区", "region", "GX"),
    ("SZ", "深圳分公司", "branch", "SOUTH"),
    ("SZ-SALES", "深圳销售部", "department", "SZ"),
    ("CD", "成都分公司", "branch", "SOUTH"),
    ("HZ", "杭州分公司", "branch", "EAST"),
)
"""Code, name, kind, and the code of the unit above; the units of the seeds are there already."""
PEOPLE = (
    ("north.lead", "韩志远", SUPERVISOR, "eve", "NORTH"),
    ("south.lead", "罗海燕", SUPERVISOR, "eve", "SOUTH"),
    ("li.na", "李娜", MANAGER, "sue", "SALES"),
    ("wang.qiang", "王强", MANAGER, "sue", "SALES"),
    ("chen.jie", "陈杰", MANAGER, "sue", "HZ"),
    ("zhao.min", "赵敏", MANAGER, "sue", "HZ"),
    ("liu.yang", "刘洋", MANAGER, "north.lead", "BJ-SALES"),
    ("sun.lei", "孙磊", MANAGER, "north.lead", "BJ-SALES"),
    ("guo.ting", "郭婷", MANAGER, "north.lead", "BJ-SALES"),
    ("he.bin", "何斌", MANAGER, "south.lead", "SZ-SALES"),
    ("lin.xia", "林霞", MANAGER, "south.lead", "SZ-SALES"),
    ("tang.yu", "唐宇", MANAGER, "south.lead", "CD"),
    ("alan.archer", "Alan Archer", MANAGER, "south.lead", "SZ-SALES"),
    ("zhou.wei", "周伟", SENIOR_SALES, "sue", "SALES"),
    ("wu.fang", "吴芳", SENIOR_SALES, "north.lead", "BJ-SALES"),
    ("xu.bo", "徐博", SENIOR_SALES, "south.lead", "SZ-SALES"),
    ("ma.li", "马丽", SENIOR_SALES, "south.lead", "CD"),
    ("zhu.tao", "朱涛", JUNIOR_SALES, "zhou.wei", "SALES"),
    ("hu.jing", "胡静", JUNIOR_SALES, "zhou.wei", "SALES"),
    ("gao.yan", "高艳", JUNIOR_SALES, "wu.fang", "BJ-SALES"),
    ("luo.hao", "罗浩", JUNIOR_SALES, "wu.fang", "BJ-SALES"),
    ("zheng.kai", "郑凯", JUNIOR_SALES, "xu.bo", "SZ-SALES"),
    ("liang.xue", "梁雪", JUNIOR_SALES, "ma.li", "CD"),
    ("xie.jia", "谢佳", MARKETER, "max", "MKT"),
    ("song.wen", "宋文", MARKETER, "max", "MKT"),
    ("fiona.hurst", "Fiona Hurst", MARKETER, "max", "MKT"),
    ("feng.mei", "冯梅", SERVICE_CLERK, "cleo", "SVC"),
    ("deng.chao", "邓超群", SERVICE_CLERK, "cleo", "SVC"),
    ("cao.ying", "曹颖慧", SERVICE_CLERK, "cleo", "SVC"),
    ("peng.gang", "彭刚", SERVICE_CLERK, "cleo", "SVC"),
    ("dong.hua", "董华", EXECUTIVE, "eve", "GX"),
    ("pan.lan", "潘兰", EXECUTIVE, "eve", "GX"),
)
"""Login, name, role, the superior's login, and the unit's code; the demo accounts of the seeds are there already."""
HEADS = {"NORTH": "north.lead", "BJ": "liu.yang", "BJ-SALES": "wu.fang", "SOUTH": "south.lead", "SZ": "he.bin",
         "SZ-SALES": "xu.bo", "CD": "ma.li", "HZ": "chen.jie"}  # fmt: skip
SUPERVISORS = ("sue", "north.lead", "south.lead")
MANAGERS = ("mei", *(login for login, _, role, *_ in PEOPLE if role == MANAGER))
SENIORS = ("sam", *(login for login, _, role, *_ in PEOPLE if role == SENIOR_SALES))
JUNIORS = ("jun", *(login for login, _, role, *_ in PEOPLE if role == JUNIOR_SALES))
MARKETERS = ("max", *(login for login, _, role, *_ in PEOPLE if role == MARKETER))
CLERKS = ("cleo", *(login for login, _, role, *_ in PEOPLE if role == SERVICE_CLERK))
SELLERS = (*MANAGERS, *SENIORS)
ABOVE = {"mei": "sue", "sam": "sue", "jun": "sam"} | {login: above for login, _, _, above, _ in PEOPLE}


def supervisor_of(login: str) -> str:
    """The first supervisor in the line above somebody who sells."""
    while login not in SUPERVISORS:
        login = ABOVE[login]
    return login
