"""Names that nobody has: people, companies, products and words for the demo company, made from small lists."""

from __future__ import annotations

from random import Random

SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任沈"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玉兰建国志红梅晓雪文博思远嘉怡子涵雨欣浩然俊凯婷佳宁海波"
ENGLISH = ("Alan", "Beth", "Carl", "Dora", "Evan", "Fiona", "Glen", "Helen", "Ivan", "Joan", "Kurt", "Lena")
FAMILY = ("Archer", "Bolton", "Carver", "Dalton", "Ellery", "Fenwick", "Garland", "Hurst", "Ingram", "Jarvis")
CITIES = {
    "北京": "北京", "天津": "华北", "石家庄": "华北", "太原": "华北", "沈阳": "东北", "大连": "东北", "长春": "东北",
    "哈尔滨": "东北", "上海": "华东", "南京": "华东", "苏州": "华东", "杭州": "华东", "宁波": "华东", "合肥": "华东",
    "青岛": "华东", "广州": "华南", "深圳": "华南", "厦门": "华南", "武汉": "华中", "长沙": "华中", "郑州": "中南",
    "成都": "西部", "重庆": "西部", "西安": "西部", "昆明": "西部",
}  # fmt: skip
"""City and the region that the dictionary has it in."""
CODES = {"北京": "010", "上海": "021", "天津": "022", "重庆": "023", "广州": "020", "深圳": "0755", "南京": "025"}
FIRST = "宏远鑫瑞恒泰华盛金康永德中信安顺博达天利新东嘉"
SECOND = "图通源丰隆昌和兴业诚祥润泽峰科创能联辉"
TRADES = ("机电", "泵业", "阀门", "水处理", "化工", "制药设备", "环保", "供水", "食品机械", "工程")
HARBOURS = ("Harbour", "Northgate", "Silverline", "Eastwood", "Bluewater", "Stonebridge", "Oakfield", "Redhill",
            "Whitmore", "Fairview", "Kingsway", "Westport", "Ashford", "Glenmore")  # fmt: skip
LINES = ("Pumps", "Trading", "Process", "Water", "Marine", "Supplies", "Works", "Valves")
COMPANIES = len(CITIES) * len(FIRST) * len(SECOND)
SCATTER = 7919
"""A prime: companies of neighbouring numbers are in other cities and have other names."""
EVERY = 97
"""One company in so many has an English name."""
POSITIONS = ("采购经理", "设备主管", "总经理", "工程师", "生产经理", "财务主管", "采购员", "项目经理")
PRODUCTS = (
    ("离心泵", "台", 3200), ("不锈钢离心泵", "台", 5800), ("多级泵", "台", 7600), ("潜水泵", "台", 2400),
    ("计量泵", "台", 4300), ("隔膜泵", "台", 3900), ("螺杆泵", "台", 8800), ("真空泵", "台", 12500),
    ("球阀", "个", 260), ("闸阀", "个", 340), ("蝶阀", "个", 420), ("止回阀", "个", 310),
    ("电磁阀", "个", 580), ("减压阀", "个", 760), ("机械密封", "套", 180), ("轴承", "套", 95),
    ("变频控制柜", "台", 9600), ("压力表", "个", 75), ("流量计", "台", 2100), ("过滤器", "个", 640),
)  # fmt: skip
"""Name, unit, and a price to begin with."""
WAREHOUSES = ("上海仓", "深圳仓", "天津仓")
TALKS = ("电话回访", "现场拜访", "产品演示", "商务洽谈", "技术交流", "展会见面", "合同沟通", "样机试用")
TODOS = ("了解需求和预算", "现场勘查工况", "演示样机", "提交技术方案", "报价", "与决策人见面", "签订试用协议")
RESULTS = ("客户认可方案", "预算已确认", "需要补充参数", "试用效果良好", "价格还需再谈", "对方同意签约")
REASONS = ("价格太高", "项目取消", "预算冻结", "交货期太长", "改用其他方案", "联系人离职")
COMPETITORS = ("凌波泵业", "卓流机械", "Meridian Flow", "北辰阀门")
QUESTIONS = ("泵的扬程是否够用", "如何更换机械密封", "能否提供备件清单", "安装尺寸图", "变频柜如何调试", "保修期多长")
FAULTS = ("运行噪音大", "密封漏水", "到货数量不符", "外壳有划痕", "电机过热", "发票信息有误")
HANDLINGS = ("已电话指导客户处理", "已安排工程师上门", "已寄出备件", "已发送资料", "已更换部件并试机")
ROUNDS = ("苏州工业园走访", "重点客户季度拜访", "老客户回访周", "新区客户开拓", "备件推广走访")
VISITS = ("新客户拜访", "例行拜访", "售后拜访")


def person(chance: Random) -> str:
    """Mostly Chinese, now and then English."""
    if chance.random() < 0.08:
        return f"{chance.choice(ENGLISH)} {chance.choice(FAMILY)}"
    return chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))


def company(number: int) -> tuple[str, str, str]:
    """Name, city and region of the company of this number; no two numbers below ``COMPANIES`` have the same name."""
    if number % EVERY == EVERY - 1:
        first, line = divmod(number // EVERY, len(LINES))
        return f"{HARBOURS[first % len(HARBOURS)]} {LINES[line]} Ltd", "上海", "华东"
    rest, place = divmod(number * SCATTER % COMPANIES, len(CITIES))
    second, first = divmod(rest, len(FIRST))
    city = list(CITIES)[place]
    return f"{city}{FIRST[first]}{SECOND[second]}{TRADES[number % len(TRADES)]}有限公司", city, CITIES[city]


def telephone(number: int, city: str) -> str:
    """No telephone rings: the exchange 5550 is ours."""
    return f"{CODES.get(city, '0511')}-5550{number:04d}"


def mobile(number: int) -> str:
    return f"1390000{number:04d}"
