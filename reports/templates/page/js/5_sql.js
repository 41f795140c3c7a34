// A read-only query that shows twenty rows, for the reader to run under their own rights; this page never runs it.
const BACKTICK = /^(mysql|mariadb|tidb|oceanbase|hive|spark|databricks|impala|bigquery|clickhouse|clickhousedb|starrocks|doris|delta)/;
const TOP = /^(mssql|sqlserver|synapse|sybase)/;
const FETCH = /^(oracle|db2|ibm_db_sa|derby)/;
const LIMITED = /^(postgres|cockroach|redshift|sqlite|duckdb|snowflake|trino|presto|vertica|greenplum|kingbase|opengauss|gaussdb|dm|hana|crate|materialize)/;

const SHARDS = /\{[0-9YMDH_-]+\}$/, SPAN = /\{([0-9]+)-[0-9]+\}$/;  // user_{00-63} is read by its first

function identifier(kind, name) {
  if (TOP.test(kind)) return '[' + name.replaceAll(']', ']]') + ']';
  if (/^bigquery/.test(kind)) return '`' + name.replace(/[\\`]/g, '\\$&') + '`';
  return BACKTICK.test(kind) ? '`' + name.replaceAll('`', '``') + '`' : '"' + name.replaceAll('"', '""') + '"';
}

// the query, or null where the source answers none
function query(i) {
  const id = tableId(i).split('/').map(unquoted);
  const [, kind] = D.sources[D.tables[TABLE_OF[i]][0]] || ['', ''];
  if (![BACKTICK, TOP, FETCH, LIMITED].some(x => x.test(kind))) return null;
  const tail = C.key[i] ? S[C.key[i]] : quoted(S[C.name[i]]);
  const column = identifier(kind, unquoted(tail.split(/\.|\[/)[0]) || unquoted(tail));
  const table = id.slice(1).map(part => identifier(kind, part.replace(SPAN, '$1'))).join('.');
  const where = '\nFROM ' + table + '\nWHERE ' + column + ' IS NOT NULL';
  if (TOP.test(kind)) return 'SELECT TOP (20) ' + column + where + ';';
  return 'SELECT ' + column + where + (FETCH.test(kind) ? '\nFETCH FIRST 20 ROWS ONLY;' : '\nLIMIT 20;');
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch (e) {
    const area = el('textarea', {readonly: true, style: 'position:fixed;opacity:0'});
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
  say(word('page.copied'));
}

function sqlPart(i) {
  const text = query(i), [, , address] = D.sources[D.tables[TABLE_OF[i]][0]] || ['', '', ''];
  if (text === null) {
    return el('section', {}, el('h4', {}, word('page.rows')), el('p', {}, word('page.rows.file') + ' '),
      el('p', {}, el('code', {}, foreign(address, 200, true)), ' · ', el('code', {}, foreign(S[C.name[i]], 80, true))));
  }
  return el('section', {}, el('h4', {}, word('page.rows')), el('p.soft', {}, word('page.rows.sql')),
    SHARDS.test(unquoted(tableId(i))) ? el('p.soft', {}, word('page.rows.shards')) : '',
    el('pre.sql', {tabindex: 0}, text), el('button', {type: 'button', onclick: () => copy(text)}, word('page.copy')));
}
