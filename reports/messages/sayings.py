"""What detectors and connectors write in English, in Chinese: notes of evidence, why something was not read, what to do about it.

They are stored as they were written, so that programs can rely on them; people read them through `told`. {…} stands for what changes from
one to the next: {said} is put into Chinese too, {factor}, {subject}, {thing} and {sure} by their words, everything else stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache

from detectors.labels import labels
from detectors.message import Msg, Word
from detectors.model import Label
from reports.messages.phrases import Phrases
from reports.messages.render import render

EVIDENCE: Mapping[str, str] = {
    "the name says {word}": "字段名含“{word}”",
    "the comment says {word}": "注释含“{word}”",
    "the table looks like: {subject}": "所在的表像是{subject}表",
    "no value looks like it": "没有一个值符合其形式",
    "conflict: the values look like {thing}": "矛盾：值像是{thing}",
    "{word} of a relative": "亲属或联系人的“{word}”",
    "who handled the record": "经办人：记录由谁处理",
    "a system's own key": "系统自身的密钥",
    "key of a person table": "人员表的主键",
    "the name of a person's record": "人员记录的名称",
    "the comment speaks of a person": "注释说的是人",
    "{thing} inside longer text": "较长文本中的{thing}",
    "names of persons in running text ({model})": "行文中的人名（{model}）",
    "addresses in running text ({model})": "行文中的地址（{model}）",
    "points at the key of a person table": "指向人员表的主键",
    "taken from {column}, hashed, still personal information": "取自 {column} 并散列，仍属个人信息",
    "made from {column}, hashed, still personal information": "由 {column} 生成并散列，仍属个人信息",
    "taken from {column}": "取自 {column}",
    "made from {column}": "由 {column} 生成",
    "factor {factor} (Annex G {letter}): the table speaks of {words}; coordinates to {n} decimals":
        "{factor}（附录G {letter}）：表中出现 {words}；坐标精确到小数点后 {n} 位",
    "factor {factor} (Annex G {letter}): the table speaks of {words}": "{factor}（附录G {letter}）：表中出现 {words}",
    "would confirm or refute: {what}": "可证实或排除：{what}",
    "stop and ask first: {what}": "先停止处理并询问：{what}",
    "threshold {id}: {said}; {source} [{sure}]": "门槛 {id}：{said}；{source}［{sure}］",
    "extent of the sample: {x} km by {y} km at most": "样本范围：至多 {x} × {y} 公里",
    "resolution in time: about {n} days": "时间分辨率：约 {n} 天",
    "resolution in time: about {n} hours": "时间分辨率：约 {n} 小时",
    "resolution in time: about {n} minutes": "时间分辨率：约 {n} 分钟",
    "resolution in time: about {n} seconds": "时间分辨率：约 {n} 秒",
    "clinical data: listed from 100 000 persons on (Beijing free-trade-zone list 2024, secondary); would confirm or refute: {what}":
        "诊疗数据：达到 10 万人时列入清单（北京自贸区负面清单2024，二手来源）；可证实或排除：{what}",
    ">= 10,000,000 power users: important; >= 100,000,000: core": "用电用户 1000 万户以上为重要，1 亿户以上为核心",
    "precise coordinates of important facilities, real-time control commands: any": "重要设施的精确坐标、实时控制指令：不论数量",
    "sequences of more than 500 persons: security review": "500 人以上的测序数据：安全审查",
    "diagnosis data of >= 100,000 persons": "10 万人以上的诊断数据",
    "health records of >= 100,000 persons": "10 万人以上的健康档案",
    "geography, people or vehicle flow near sensitive areas: any": "敏感区域周边的地理、人流、车流：不论数量",
    "flows of a prefecture-level area over >= 30 days": "地级市区域累计 30 日以上的流量",
    "larger than 1:5,000 and continuous coverage > 25 km2: state secret": "大于 1:5000 且连续覆盖超过 25 平方公里：国家秘密",
    "contours at <= 20 m on 1:5,000-1:100,000: state secret": "1:5000 至 1:10 万、等高距不大于 20 米的等高线：国家秘密",
    "{why} ({by}, until {day})": "{why}（{by}，至 {day}）",
    "sparse": "稀疏",
    "too few to tell": "不同取值过少，难以判断",
}
SUBJECTS: Mapping[str, str] = {
    "person": "人员", "organisation": "组织", "product": "商品", "order": "订单", "log": "日志", "dictionary": "字典",
}
ENTITIES: Mapping[str, str] = {"column": "字段", "table": "表", "view": "视图", "flow": "场景"}
SURE: Mapping[str, str] = {"verified": "已核对原文", "secondary": "二手来源", "recalled": "待核实"}
SAMPLES: Mapping[str, str] = {
    "all rows": "全部行",
    "first rows": "前若干行",
    "reservoir": "水塘抽样",
    "reservoir over the first {n} rows": "前 {n} 行的水塘抽样",
    "reservoir over the first {n} rows of {m} of {of} files, drawn at random": "{of} 个文件中随机 {m} 个、前 {n} 行的水塘抽样",
    "random rows of {n} of {of} row groups": "{of} 个行组中 {n} 个的随机行",
    "rows whose places hash smallest": "按行位置散列抽样",
    "ranges of the key": "按主键区间抽样",
    "hash of the row's number": "按行号散列抽样",
    "rand() of every row": "逐行随机抽样",
    "rand() of the first {n} rows": "前 {n} 行中随机抽样",
    "the latest partition": "最近的分区",
    "{n} of {of} partitions": "{of} 个分区中的 {n} 个",
    "granules by their hash": "按数据粒散列抽样",
    "SAMPLE": "库内抽样（SAMPLE）",
    "SAMPLE {how}": "库内抽样（SAMPLE {how}）",
    "TABLESAMPLE of tablets": "库内抽样（按 tablet）",
    "TABLESAMPLE of blocks": "库内抽样（按数据块）",
    "TABLESAMPLE BERNOULLI": "库内逐行随机抽样",
    "TABLESAMPLE {how}": "库内抽样（TABLESAMPLE {how}）",
}
REASONS: Mapping[str, str] = {
    "permission denied": "没有权限",
    "wrong user or password": "用户名或密码错误",
    "host cannot be reached": "无法连接主机",
    "no such database": "没有这个数据库",
    "locked by another session": "被其他会话锁定",
    "table or database is locked": "表或数据库被锁定",
    "time limit reached": "超过时间限制",
    "no answer within the time limit": "在时间限制内没有响应",
    "all connections of this source stayed in use": "该数据源的连接一直被占用",
    "more bytes than allowed would be billed": "计费字节数将超过上限",
    "the table is read by partition only": "该表只能按分区读取",
    "connection lost": "连接中断",
    "gone since it was listed": "列出后已不存在",
    "not a database file of this kind, or damaged": "不是此类数据库文件，或已损坏",
    "file cannot be opened": "文件无法打开",
    "cannot be read": "无法读取",
    "cannot be read (wrong encoding)": "无法读取（编码不符）",
    "cannot be read ({kind})": "无法读取（{kind}）",
    "cannot be opened ({kind})": "无法打开（{kind}）",
    "its definition cannot be read": "视图定义无法读取",
    "no column of it can be seen": "看不到任何字段",
    "its columns cannot be read": "字段无法读取",
    "text is not in the encoding the database declares": "文本与数据库声明的编码不符",
    "the source could not be opened": "数据源无法打开",
    "no table \"{name}\"": "没有表“{name}”",
    "no such file": "没有这个文件",
    "no such file, folder or match": "没有这个文件、文件夹或匹配项",
    "the file is gone": "文件已不存在",
    "the file changed while it was read": "读取时文件有改动",
    "does not fit into memory": "内存放不下",
    "grows to more than {n} times its size": "解压后超过原大小的 {n} 倍",
    "would grow to more than {n} times its size": "解压后将超过原大小的 {n} 倍",
    "not a complete zip archive": "zip 压缩包不完整",
    "encrypted in the archive": "在压缩包内已加密",
    "an archive inside an archive": "压缩包内的压缩包",
    "compressed in a way that is not known here": "压缩方式不支持",
    "not a complete Parquet file": "Parquet 文件不完整",
    "not a complete ORC file": "ORC 文件不完整",
    "not a complete Feather or Arrow file": "Feather 或 Arrow 文件不完整",
    "broken compression": "压缩数据已损坏",
    "binary, not text": "是二进制，不是文本",
    "not an Avro file": "不是 Avro 文件",
    "not a file of records": "不是由记录组成的文件",
    "not JSON": "不是 JSON",
    "not JSON in UTF-8": "不是 UTF-8 编码的 JSON",
    "no Delta table": "不是 Delta 表",
    "no Iceberg table": "不是 Iceberg 表",
    "no such catalogue": "没有这个目录库",
    "the catalogue is not described": "未说明目录库",
    "{n} catalogues are in this database": "该数据库中有 {n} 个目录库",
    "rows were deleted by equality, which pyiceberg does not read": "有按等值删除的行，pyiceberg 不能读取",
    "the workbook has a password": "工作簿有密码",
    "not a readable workbook": "工作簿无法读取",
    "not a readable XLSX workbook": "XLSX 工作簿无法读取",
    "no such data dictionary": "没有这个数据字典",
    "no headings for table and column": "没有表名和字段名的列标题",
    "a dictionary has no rows": "数据字典没有数据行",
    "{said}; the other files are read": "{said}；其他文件已读取",
    "{said}; the other files were read": "{said}；其他文件已读取",
    "{said}; {n} of {of} files are missing from the table": "{said}；表的 {of} 个文件中缺 {n} 个",
    "none of {n} members: {said}": "{n} 张分表均未读取：{said}",
    "{n} of {of} members could not be read, {name}: {said}": "{of} 张分表中 {n} 张未能读取，{name}：{said}",
    "its shards may share persons": "各分表的人员可能重叠",
    "\"where\" cannot test {what} on a column of type {kind}": "where 不能在 {kind} 类型的字段上比较 {what}",
    "where: no column \"{name}\" in {table}": "where：{table} 中没有字段“{name}”",
    "the credentials have expired": "凭证已过期",
    "no credentials": "没有凭证",
    "no such profile": "没有这个配置档",
    "wrong key, secret or token": "密钥或令牌错误",
    "no such bucket": "没有这个存储桶",
    "a key does not belong in a URL": "URL 中不应有密钥",
    "the options do not suit {scheme}:// ({kind})": "选项不适用于 {scheme}://（{kind}）",
    "option \"{name}\" is not a JSON object": "选项“{name}”不是 JSON 对象",
    "Hadoop's client library cannot be loaded": "无法加载 Hadoop 客户端库",
    "the metastore cannot be reached": "无法连接元数据库（metastore）",
    "the metastore refuses to list its databases": "元数据库（metastore）拒绝列出数据库",
    "the metastore refuses to list its tables": "元数据库（metastore）拒绝列出表",
    "the metastore cannot tell its columns": "元数据库（metastore）不能给出其字段",
    "the metastore holds no columns of it; {provider} does": "元数据库（metastore）中没有其字段，字段在 {provider} 中",
    "connection to the metastore lost, or time limit reached": "与元数据库（metastore）的连接中断或超时",
    "not a Hive metastore: no table TBLS": "不是 Hive 元数据库：没有 TBLS 表",
    "\"{url}\" is read on a Spark cluster": "“{url}”须在 Spark 集群上读取",
    "\"{url}\" is neither a URL nor a path": "“{url}”既不是 URL 也不是路径",
    "not a database URL": "不是数据库 URL",
    "no SQL dialect \"{name}\"": "没有 SQL 方言“{name}”",
    "no authentication \"{name}\"": "没有认证方式“{name}”",
    "\"{name}\" is no setting that can be made": "“{name}”不是可以设置的项",
    "rows stay on the cluster": "数据行留在集群上",
    "the Spark engine needs a cluster": "Spark 引擎需要集群",
    "Spark needs Java": "Spark 需要 Java",
    "the Spark engine needs {package}": "Spark 引擎需要 {package}",
    "this catalogue needs {package}": "该目录库需要 {package}",
    "this metastore_auth needs {package}": "该 metastore_auth 需要 {package}",
    "XLS, XLSB and ODS need python-calamine": "XLS、XLSB、ODS 需要 python-calamine",
    "\"{name}\" is no master": "“{name}”不是 master 地址",
    "the Spark master cannot be reached": "无法连接 Spark master",
    "the Spark session was lost": "Spark 会话中断",
    "the Spark job failed ({kind})": "Spark 作业失败（{kind}）",
    "no worker took a job within {n} seconds": "{n} 秒内没有工作节点接受作业",
    "missing on the workers: {names}": "工作节点上缺少：{names}",
    "the workers have another Python than this one": "工作节点的 Python 版本不同",
    "the workers have other detectors or text models than this machine": "工作节点的检测器或文本模型与本机不同",
    "a worker process died": "工作进程意外结束",
    "internal error, {kind}": "内部错误（{kind}）",
    "raised {kind}; its findings are missing": "出错（{kind}），缺少其检测结果",
    "neither a dbt manifest nor OpenLineage events": "既不是 dbt manifest 也不是 OpenLineage 事件",
    "{n} of its tables are in no source ({some})": "其中 {n} 张表不在任何数据源中（{some}）",
    "{n} bytes, more than {most}": "{n} 字节，超过 {most}",
    "{entity} \"{name}\" is ambiguous": "{entity}“{name}”有多个匹配",
    "no {entity} \"{name}\" was found": "没有找到{entity}“{name}”",
    "the query could not be parsed; list its fields instead": "查询语句无法解析，请改列字段",
    "output \"{name}\" of the query could not be traced to a column": "查询输出“{name}”未能追溯到字段",
    "\"{name}\" of the query is no column of a listed table": "查询中的“{name}”不是已列表的字段",
    "{what} needs {package}": "{what} 需要 {package}",
}
REMEDIES: Mapping[str, str] = {
    "scan again": "重新扫描",
    "scan again later": "稍后重新扫描",
    "scan again when nobody writes to it": "在没有写入时重新扫描",
    "scan again, raise timeout: in the configuration, or name the metastore's database":
        "重新扫描，或调高配置中的 timeout:，或改用元数据库自身的数据库",
    "raise timeout: in the configuration": "调高配置中的 timeout:",
    "raise connections: in the configuration": "调高配置中的 connections:",
    "raise maximum_bytes_billed in options:": "调高 options: 中的 maximum_bytes_billed",
    "see if the server is overloaded, or raise timeout:": "检查服务器是否过载，或调高 timeout:",
    "check the user and the password's environment variable": "检查用户和存放密码的环境变量",
    "check host, port and firewall": "检查主机、端口和防火墙",
    "check the endpoint, the network and the firewall": "检查 endpoint、网络和防火墙",
    "check host, port and metastore_auth: NOSASL, PLAIN or KERBEROS": "检查主机、端口和 metastore_auth：NOSASL、PLAIN 或 KERBEROS",
    "check the name at the end of the URL": "检查 URL 末尾的名称",
    "check the name after s3://": "检查 s3:// 之后的名称",
    "check the environment variables they come from": "检查其来源的环境变量",
    "check AWS_PROFILE and the option profile": "检查 AWS_PROFILE 和选项 profile",
    "check the file": "检查文件",
    "check the path": "检查路径",
    "check path and permissions": "检查路径和权限",
    "check the permissions": "检查权限",
    "check its user and rights": "检查其用户和权限",
    "check rights on it": "检查对它的权限",
    "check the path; relative paths start where you stand": "检查路径；相对路径从当前文件夹算起",
    "relative paths start where you stand, or at chujing.yaml": "相对路径从当前文件夹或 chujing.yaml 所在处算起",
    "GRANT SELECT on it to this account": "授予本账号 SELECT 权限",
    "GRANT SELECT ON {what} TO {account}": "授予 {account} 对 {what} 的 SELECT 权限",
    "GRANT SELECT": "授予 SELECT 权限",
    "grant listing and reading, nothing more, to this account": "只授予本账号列出和读取的权限",
    "grant its partition metadata": "授予其分区元数据的权限",
    "try the same SELECT under this account": "用本账号试行同一 SELECT",
    "repair or drop the view": "修复或删除该视图",
    "DESCRIBE it: its format's classes may be missing": "试行 DESCRIBE：可能缺少其格式的类",
    "DESCRIBE it; name a metastore: to list it from there": "试行 DESCRIBE，或用 metastore: 从元数据库列出",
    "name the metastore's own database": "指定元数据库自身的数据库",
    "name its folder as a source of its own, or leave it to the listing of the source's URL":
        "将其文件夹另列为数据源，或由数据源自身的 URL 列出",
    "scan it from an export": "导出后再扫描",
    "copy the file again": "重新复制文件",
    "unpack it with its password": "用密码解压",
    "unpack the outer one": "先解压外层",
    "unpack it yourself if you trust it": "若可信，请自行解压",
    "pack it again with Deflate": "用 Deflate 重新压缩",
    "was it moved while scanning?": "是否在扫描时被移动？",
    "is the suffix right?": "后缀是否正确？",
    "is the file complete and what its name says?": "文件是否完整，内容是否与后缀相符？",
    "have its files the same columns?": "各文件的列是否相同？",
    "it may be truncated; write it again": "可能不完整，请重新写出",
    "it may be truncated, or of Feather version 1; write it again": "可能不完整，或为 Feather 第 1 版，请重新写出",
    "one Avro record a row is needed": "每行须为一条 Avro 记录",
    "UTF-8 JSON lines are needed": "须为 UTF-8 编码、每行一个 JSON",
    "one JSON object a line": "每行一个 JSON 对象",
    "write it as UTF-8": "改用 UTF-8 编码",
    "write it in smaller row groups": "改用较小的行组写出",
    "the folder above _delta_log is meant": "应指定 _delta_log 的上一级文件夹",
    "the folder above metadata/ is meant, or a metadata.json": "应指定 metadata/ 的上一级文件夹或 metadata.json",
    "iceberg+sql:///absolute/path/catalog.db, or options: uri": "写作 iceberg+sql:///绝对路径/catalog.db，或用 options: uri",
    "options: uri, type, warehouse": "在 options: 中写明 uri、type、warehouse",
    "options: catalog, one of {names}": "在 options: 中写明 catalog，可选：{names}",
    "rewrite the data files of the table": "重写该表的数据文件",
    "open and save it again, without a password": "去掉密码后重新保存",
    "open and save it again; is its suffix right?": "打开后重新保存；后缀是否正确？",
    "save it without one": "去掉密码后保存",
    "name them table, column, comment, type (or 表名, 字段名, 注释, 类型)": "列标题写作 表名、字段名、注释、类型",
    "state declared counts in the flow": "在场景中填写申报人数（declared）",
    "their rows are linked instead": "改为逐行关联",
    "write the value as the column holds it": "按字段中的写法填写值",
    "renew the token, or log in to the profile again": "更新令牌，或重新登录",
    "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or secrets: in chujing.yaml":
        "设置 AWS_PROFILE，或 AWS_ACCESS_KEY_ID 与 AWS_SECRET_ACCESS_KEY，或在 chujing.yaml 中写 secrets:",
    "secrets: {key: {env: NAME}, secret: {env: NAME}}": "改用 secrets: {key: {env: NAME}, secret: {env: NAME}}",
    "set JAVA_HOME, HADOOP_HOME and CLASSPATH, or use webhdfs://": "设置 JAVA_HOME、HADOOP_HOME、CLASSPATH，或改用 webhdfs://",
    "see the documentation of fsspec for their names": "选项名称见 fsspec 文档",
    "is the driver installed?": "是否已安装驱动？",
    "pip install it": "用 pip 安装",
    "pip install {packages} in the workers' Python (PYSPARK_PYTHON, spark.pyspark.python), or ship an environment with spark.archives":
        "在工作节点的 Python（PYSPARK_PYTHON、spark.pyspark.python）中安装：pip install {packages}，或用 spark.archives 分发环境",
    "pip install {package}": "请安装：pip install {package}",
    "auth: {names}": "可选：auth: {names}",
    "letters, digits, dots; a value of one line without ;": "名称只用字母、数字、点；值为一行且不含分号",
    "e.g. {example}": "例如 {example}",
    "known: {names}": "已知：{names}",
    "one of: {names}": "可选：{names}",
    "Did you mean \"{name}\"?": "是否为“{name}”？",
    "chujing scan --engine spark --master spark://host:7077": "运行：chujing scan --engine spark --master spark://host:7077",
    "--master {address}": "写明 --master {address}",
    "this needs the local engine": "须用本地引擎",
    "is it running, and its port open from here?": "是否在运行，端口是否可达？",
    "is the master still running? scan again to go on": "master 是否仍在运行？重新扫描即可继续",
    "are workers registered, and do they have a core and memory free?": "工作节点是否已注册，是否有空闲的核与内存？",
    "install a JRE, version 17 or later, and set JAVA_HOME": "安装 JRE 17 或更高版本，并设置 JAVA_HOME",
    "set PYSPARK_PYTHON to Python {version} on the workers": "在工作节点上将 PYSPARK_PYTHON 设为 Python {version}",
    "the application's log on the cluster says more": "详见集群上的应用日志",
    "install the same plug-ins and models on the workers, or start without them": "在工作节点安装相同的插件与模型，或不使用它们",
    "run again with --jobs 1, or give the machine more memory": "用 --jobs 1 重新运行，或增加内存",
    "please report it with this word": "请将此词报告给我们",
    "mend or remove it": "修复或移除",
    "a dbt manifest.json or OpenLineage events are needed": "须为 dbt 的 manifest.json 或 OpenLineage 事件",
    "lineage: [target/manifest.json, events.ndjson]": "写作 lineage: [target/manifest.json, events.ndjson]",
    "scan them too, or ignore this": "一并扫描，或忽略",
    "name the part that matters": "指定相关的部分",
    "candidates in it are missing": "其中的候选缺失",
}


def told(text: str, lang: str) -> str:
    """What a detector or a connector wrote, in the language of the reader; as it stands where its words are not known.

    >>> told("crm/a.csv: binary, not text; the other files are read", "zh")
    'crm/a.csv：是二进制，不是文本；其他文件已读取'
    """
    if not text:
        return ""
    if isinstance(text, Msg | Word):
        return render(text, lang)
    if lang == "zh":
        return _chinese(text) or text
    return _titled(text, "en") or text


@lru_cache(1 << 16)
def _chinese(text: str) -> str:
    """The Chinese of a text; empty where it is not known."""
    known = _phrases()
    return known.said(text) or known.after_place(text) or known.with_remedy(text) or _titled(text, "zh")


@cache
def _phrases() -> Phrases:
    return Phrases({**EVIDENCE, **SAMPLES, **REASONS, **REMEDIES}, _BLANKS)


def _titled(text: str, lang: str) -> str:
    """`手机号码 mobile number (sparse)`, the title of a detector in both languages: in one of them; empty for anything else."""
    m = _DOUBTED.fullmatch(text)
    assert m is not None
    title = _title(m["title"].removesuffix(INSIDE), lang)
    if lang == "en" and title and m["title"].endswith(INSIDE):
        title += INSIDE
    if not m["doubt"]:
        return title
    title = title or m["title"]
    return f"{title}（{_chinese(m['doubt'])}）" if lang == "zh" else f"{title} ({m['doubt']})"


def _title(text: str, lang: str) -> str:
    """The title of a detector, given in either language or in both; empty for one that is not installed here."""
    known = _titles().get(text)
    return known[0 if lang == "zh" else 1] if known is not None else ""


@cache
def _titles() -> Mapping[str, tuple[str, str]]:
    from detectors.registry import value_detectors

    found: dict[str, tuple[str, str]] = {}
    for d in value_detectors():
        found |= dict.fromkeys((d.title, d.title_en, f"{d.title} {d.title_en}"), (d.title, d.title_en))
    return found


def _factor(name: str) -> str:
    info = labels().get(Label(f"important.{name}"))
    return info.zh if info is not None else name


_BLANKS: Mapping[str, Callable[[str], str]] = {
    "said": lambda text: _chinese(text) or text,
    "thing": lambda text: _title(text, "zh") or text,
    "factor": _factor,
    "entity": lambda word: ENTITIES.get(word, word),
    "subject": lambda word: SUBJECTS.get(word, word),
    "sure": lambda word: SURE.get(word, word),
    "letter": str.upper,
}
INSIDE = " inside longer text"
_DOUBTED = re.compile(r"(?P<title>.+?)(?: \((?P<doubt>sparse|too few to tell)\))?", re.DOTALL)
