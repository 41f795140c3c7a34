"""Every word people read, Chinese and English, in one place. A machine proposes; people and authorities decide; the words say so."""

from __future__ import annotations

from detectors.errors import nearest
from mappings.model import Estimate

WORDS: dict[str, tuple[str, str]] = {
    "title": ("数据出境合规测算报告", "Data export report"),
    "disclaimer": (
        "机器提出建议，由人和主管机关决定；本报告不构成法律意见。",
        "A machine proposes; people and authorities decide. Not legal advice.",
    ),
    "combination": ("组合判断：{what}（{columns}）", "as a whole: {what} ({columns})"),
    "path": ("合规路径", "Path"),
    "path.not_export": ("不属于数据出境", "not an export"),
    "path.no_filing_art3": (
        "不含个人信息或重要数据，无需办理三项程序",
        "no personal information or important data; none of the three procedures",
    ),
    "path.exempt_art4": ("免予三项程序（第四条 过境数据）", "exempt from the three procedures (art. 4, data in transit)"),
    "path.exempt_art5_1": ("免予三项程序（第五条（一） 合同所需）", "exempt from the three procedures (art. 5(1)(1), contract)"),
    "path.exempt_art5_2": ("免予三项程序（第五条（二） 人力资源管理）", "exempt from the three procedures (art. 5(1)(2), HR)"),
    "path.exempt_art5_3": ("免予三项程序（第五条（三） 紧急情况）", "exempt from the three procedures (art. 5(1)(3), emergency)"),
    "path.exempt_ftz": ("免予三项程序（第六条 自贸区清单外）", "exempt from the three procedures (art. 6, off the zone's list)"),
    "path.exempt_art5_4": ("免予三项程序（第五条（四） 不满十万人）", "exempt from the three procedures (art. 5(1)(4), small volume)"),
    "path.gba_standard_contract": ("粤港澳大湾区标准合同", "Greater Bay Area contract"),
    "path.standard_contract_or_certification": ("个人信息出境标准合同或认证", "standard contract or certification"),
    "path.security_assessment": ("申报数据出境安全评估", "security assessment"),
    "path.not_necessary_stop": ("出境必要性未说明，暂停", "necessity not shown; stop"),
    "path.blocked_without_approval": ("未经主管机关批准不得提供", "blocked without approval"),
    "path.needs_review": ("待确认", "to be confirmed"),
    "still_due": ("告知、影响评估等义务仍适用", "notice, impact assessment and other duties still apply"),
    "proposed": ("建议", "proposed"),
    "certain": ("就现有事实而言确定", "settled on the facts given"),
    "possible": ("可能的路径", "possible paths"),
    "missing": ("缺", "open"),
    "flows": ("出境场景", "Flows"),
    "flow": ("出境场景", "flow"),
    "entity": ("数据处理者", "entity"),
    "recipient": ("境外接收方", "recipient"),
    "purpose": ("目的", "purpose"),
    "mode": ("方式", "mode"),
    "mode.transfer": ("传输至境外", "sent abroad"),
    "mode.access_from_abroad": ("境外访问", "accessed from abroad"),
    "mode.access_inside_china": ("境内访问", "accessed inside China"),
    "mode.collected_abroad": ("境外收集", "collected abroad"),
    "mode.saas": ("境外软件服务", "software hosted abroad"),
    "mode.file_or_mail": ("文件或邮件", "files or mail"),
    "mode.own_app": ("自有应用", "own app or site"),
    "claim": ("主张的豁免", "claimed exemption"),
    "claim.none": ("无", "none"),
    "claim.art4": ("第四条", "art. 4"),
    "claim.art5_1": ("第五条（一）", "art. 5(1)(1)"),
    "claim.art5_2": ("第五条（二）", "art. 5(1)(2)"),
    "claim.art5_3": ("第五条（三）", "art. 5(1)(3)"),
    "claim.ftz": ("第六条", "art. 6"),
    "claim.statutory_duty": ("法定职责", "statutory duty"),
    "individuals": ("自然人数（去重）", "individuals (distinct)"),
    "sensitive_individuals": ("其中含敏感个人信息", "of them with sensitive items"),
    "minors": ("其中不满十四周岁", "of them under 14"),
    "people": ("人", "people"),
    "low": ("下限", "low"),
    "best": ("估计", "best"),
    "high": ("上限", "high"),
    "unbounded": ("未知", "unknown"),
    "method": ("方法", "method"),
    "method.exact": ("逐行精确", "exact"),
    "method.declared": ("申报数", "declared"),
    "method.statistics": ("库内统计", "catalogue statistics"),
    "method.unknown": ("未计数", "not counted"),
    "method.row_sample": ("行抽样", "row sample"),
    "method.pushdown": ("库内精确", "counted in the database"),
    "method.hash_sample": ("按值哈希抽样", "value-hash sample"),
    "method.sketch": ("草图估计", "sketch"),
    "because": ("依据", "because"),
    "margin": ("距下一条线", "to the next line"),
    "margin.ordinary": ("再增 {n} 人达到 {line} 人线", "{n} more people to the line of {line}"),
    "margin.sensitive": ("再增 {n} 名敏感信息主体达到 {line} 人线", "{n} more people with sensitive items to the line of {line}"),
    "without": ("减项测算", "without what is not needed"),
    "without.text": ("不出境 {fields} 后：{path}", "without {fields}: {path}"),
    "obligations": ("仍须履行", "still due"),
    "questions": ("待确认的事实（按影响排序）", "Open facts, most effect first"),
    "question.answer": ("若 {answer}：{paths}", "if {answer}: {paths}"),
    "question.how": ("如何得知", "how one knows"),
    "answer.yes": ("是", "yes"),
    "answer.no": ("否", "no"),
    "answer.none": ("无", "none"),
    "answer.notified": ("已被告知", "notified"),
    "fields": ("字段与必要性", "Fields and necessity"),
    "verdict.necessary": ("必要", "necessary"),
    "verdict.not_shown": ("必要性待说明", "not shown"),
    "verdict.finer_than_needed": ("粒度过细", "finer than needed"),
    "verdict.needs_review": ("待确认", "to be confirmed"),
    "tables": ("检测结果", "What was found"),
    "table": ("表", "table"),
    "column": ("字段", "column"),
    "label": ("类别", "label"),
    "category": ("分类", "category"),
    "sensitive": ("敏感", "sensitive"),
    "sensitive.yes": ("敏感", "sensitive"),
    "sensitive.no": ("", ""),
    "sensitive.depends": ("视情形", "depends"),
    "evidence": ("证据", "evidence"),
    "confidence": ("置信度", "confidence"),
    "grade": ("级别", "grade"),
    "tier": ("关联", "tier"),
    "grade.general": ("一般", "general"),
    "grade.important": ("重要（疑似）", "important (candidate)"),
    "grade.core": ("核心（疑似）", "core (candidate)"),
    "tier.core": ("直接", "direct"),
    "tier.weak": ("关联", "related"),
    "tier.audit": ("操作人", "operator"),
    "important": (
        "疑似重要数据（未被告知或公布，无需按重要数据申报）",
        "candidate important data (not notified or published: need not be filed as important data)",
    ),
    "of": ("{matched}/{examined}", "{matched} of {examined}"),
    "rows": ("行", "rows"),
    "drawn": ("抽样", "drawn"),
    "drawn.all rows": ("全部行", "all rows"),
    "drawn.first rows": ("前若干行", "first rows"),
    "drawn.reservoir": ("水塘抽样", "reservoir"),
    "drawn.ranges of the key": ("按主键区间抽样", "ranges of the key"),
    "drawn.TABLESAMPLE BERNOULLI": ("库内随机抽样", "TABLESAMPLE BERNOULLI"),
    "status.scanned": ("已检测", "scanned"),
    "status.metadata_only": ("仅元数据", "names and comments only"),
    "status.partial": ("部分", "partial"),
    "status.carried_over": ("沿用", "carried over"),
    "status.skipped": ("未检测", "skipped"),
    "skipped": ("未检测（原因）", "Skipped"),
    "unresolved": ("未能追溯到字段", "not traced to a column"),
    "exporter": ("年度合计（自1月1日起，按数据处理者）", "The year's count, by entity since 1 January"),
    "nothing": ("未发现个人信息", "no personal information found"),
    "no_flows": ("配置中没有出境场景：仅列检测结果", "no flows are configured: only what was found is listed"),
    "nothing_in": ("在 {n} 个单元格中没有发现", "nothing found in {n} cells"),
    "nothing_bound": ("：95% 置信下密度低于 {d}", ": density below {d} at 95 %"),
    "interrupted": ("扫描被中断，以下为部分结果", "interrupted: what follows is partial"),
    "declared": ("申报数，未经测量", "declared, not measured"),
    "source": ("来源", "source"),
    "sources": ("数据源", "Sources"),
    "verified": ("已核对原文", "verified"),
    "secondary": ("二手来源", "secondary"),
    "recalled": ("待核实", "recalled"),
    "run": ("运行", "Run"),
    "as_of": ("基准日", "as of"),
    "profile": ("敏感标准", "profile"),
    "summary": ("摘要", "Summary"),
    "columns_found": ("{n} 个字段含个人信息，其中 {s} 个敏感", "{n} columns hold personal information, {s} of them sensitive"),
    "search": ("筛选", "filter"),
    "only_found": ("只显示有发现的字段", "only columns with findings"),
    "note.keys": ("用于去重的键：{0}；读取 {1} 行", "keys used: {0}; {1} rows read"),
    "note.keyless": ("{1} 行中 {0} 行没有可用的键", "{0} of {1} rows hold no usable key"),
    "note.placeholders": ("{0} 个单元格为占位或脱敏值，不用于去重", "{0} cells held placeholders or masked values and link nobody"),
    "note.shared": (
        "{0} 个联系方式对应不同姓名或证件，不合并",
        "{0} phones or addresses stand under different names or IDs and do not link them",
    ),
    "note.crowded": ("{0} 个值对应不少于 {1} 个姓名或证件，已剔除", "{0} values stand under {1} or more names or IDs and were cut"),
    "note.conditions_unknown": ("条件无法应用，未计数", "its conditions cannot be applied; not counted"),
    "note.nothing_personal": ("所列字段未发现个人信息", "no personal information was found in its columns"),
    "note.untraced": ("未能追溯到任何已列字段", "nothing of it could be traced to a listed column"),
    "note.metadata_only": ("仅读取名称与注释，未计数", "only names and comments were read; not counted"),
    "note.not_read": ("未能读取：{0}", "not read: {0}"),
    "note.query_conditions": ("查询自身的条件未应用：人数为上限", "the query's own conditions were not applied: at most these persons"),
    "note.partly_unread": ("部分数据未读取", "part of it was not read"),
    "note.overlap_unknown": ("各场景人员可能重叠", "flows may share persons"),
    "note.declared": ("{0} 于 {1} 申报，依据：{2}", "declared by {0} on {1}: {2}"),
    "note.test_rows": ("{1} 行中 {0} 行为测试账号（test_rows），不计", "{0} of {1} rows are test accounts (test_rows) and were left out"),
    "note.queried": (
        "据访问日志实际被查询 {0} 人（{1} 行日志）；上列为可被境外访问人数",
        "really queried by the access log: {0} persons ({1} lines); above, who could be",
    ),
    "note.coarse": (
        "字段填充组合多于 {0} 种：减少一般字段的测算需重新扫描（needs rescan）",
        "more than {0} combinations of filled fields: what dropping ordinary fields changes needs a new scan",
    ),
    "note.by_statistics": ("按库内统计：行数的两倍为上限，未逐行读取", "by catalogue statistics: at most twice the rows, none was read"),
    "note.by_hash_sample": (
        "按值哈希抽样（库内，每 64 个取值计 1 个，95% 区间）：仅一个键，未跨键去重",
        "value-hash sample in the database (one value in 64, 95 % interval): one key, not linked with others",
    ),
    "note.by_pushdown": ("库内精确计数：仅一个键，未跨键去重", "counted in the database: one key, not linked with others"),
    "note.settled": (
        "区间内没有法定界线，不必再计（--exact 可强制逐行关联）",
        "no legal line lies inside the interval: nothing more was read (--exact links every row)",
    ),
    "note.unsettled": (
        "界线 {0} 在区间内；下一步 {1}，约读 {2} 行",
        "the lines {0} lie inside the interval; the next step, {1}, reads about {2} rows",
    ),
    "note.budget_spent": ("计数时间用完（--budget），以下为上限", "the time for counting is spent (--budget): these are bounds"),
    "note.ledger_recorded": ("已记入台账：{0} 共 {1} 人（第 {2} 笔）", "recorded in the ledger: {1} persons for {0} (entry {2})"),
    "note.ledger_not_active": ("场景未启用（status 不是 active），未记入台账", "not recorded: the flow's status is not active"),
    "note.ledger_not_read": ("数据未能完整读取，未记入台账", "not recorded: its data could not be read whole"),
    "note.with_ledger": ("含自1月1日起已出境人员（台账）", "with the persons exported since 1 January by the ledger"),
    "exported": ("台账：自1月1日起已出境", "ledger: exported since 1 January"),
    "no_ledger": (
        "未见台账：以上为可出境人数；此前已出境、其后删除的人不在其中，年度实际人数可能更多或更少",
        "no ledger: these could be exported; people exported earlier and deleted since are not among them, so the year may differ",
    ),
    "exported_exempt": ("豁免场景另计", "exempt flows apart"),
    "stock": ("现存（数据源中现有人数，与出境人数分列）", "Held now (persons in the sources, apart from those exported)"),
    "stock.faces": ("其中人脸等生物识别", "with faces or other biometrics"),
    "stock.reached": ("已达 {n} 人", "{n} reached"),
    "stock.open": ("{n} 人在区间内", "{n} lies inside the interval"),
    "ledger.entry": (
        "{number:>4}  {period:<8}  {flow}  {people} 人，敏感 {sensitive}  {how}  键：{kinds}  {recorded}",
        "{number:>4}  {period:<8}  {flow}  {people} persons, sensitive {sensitive}  {how}  keys: {kinds}  {recorded}",
    ),
    "ledger.total": (
        "{entity} {year}：{people} 人，敏感 {sensitive}（{n} 笔）",
        "{entity} {year}: {people} persons, sensitive {sensitive} ({n} entries)",
    ),
    "ledger.group": ("集团合计 {year}：{people} 人，敏感 {sensitive}", "whole group {year}: {people} persons, sensitive {sensitive}"),
    "ledger.seal": ("末笔封印 {seal}", "seal of the last entry {seal}"),
    "ledger.empty": ("{year} 年台账为空", "the ledger of {year} is empty"),
    "ledger.declared": ("已记入第 {n} 笔", "recorded as entry {n}"),
    "note.reading": ("{0}", "{1}"),
    "kind": ("性质", "kind"),
    "kind.personal_information": ("个人信息", "personal information"),
    "kind.organisation_information": ("组织信息", "organisation"),
    "kind.system_secret": ("系统密钥", "system secret"),
    "kind.important_data_candidate": ("疑似重要数据", "important-data candidate"),
    "origin.value": ("值", "value"),
    "origin.name": ("名称", "name"),
    "origin.comment": ("注释", "comment"),
    "origin.table": ("表", "table"),
    "origin.lineage": ("血缘", "lineage"),
}


def t(key: str, lang: str, **values: object) -> str:
    """The words of a key; the last part of the key where it is not known (a newer report)."""
    pair = WORDS.get(key)
    if pair is None:
        return key.rsplit(".", 1)[-1] if "." in key else nearest(key, WORDS) or key
    text = pair[0] if lang == "zh" else pair[1]
    return text.format(**values) if values else text


def note(text: str, lang: str) -> str:
    """A count's note (`code|argument|...`) in words."""
    code, *arguments = text.split("|")
    pair = WORDS.get(f"note.{code}")
    return (pair[0] if lang == "zh" else pair[1]).format(*arguments) if pair else text


def number(n: int) -> str:
    """1234567 as `1,234,567`."""
    return f"{n:,}"


def persons(e: Estimate, lang: str) -> str:
    """An estimate as people read it: one number when it is exact, else best with its interval."""
    if e.high is None and e.method == "unknown":
        return t("method.unknown", lang)
    if e.low == e.high:
        return number(e.best)
    top = number(e.high) if e.high is not None else t("unbounded", lang)
    return f"{number(e.best)} ({number(e.low)}–{top})"
