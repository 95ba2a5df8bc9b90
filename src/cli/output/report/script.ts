/**
 * What the report does when it is read: the tree, the search, and the list for the printer.
 *
 * Accounts become elements only when somebody looks at them, so that 10,000 of them cost nothing. Names reach the page through textContent alone.
 * It is kept readable, because an auditor may want to know what the page does. No backtick and no backslash may appear in it.
 */
export const SCRIPT = `
(function () {
  'use strict';
  var data = JSON.parse(document.getElementById('data').textContent);
  var PAGE = 100;
  var OPEN_UP_TO = 200;
  var STATUSES = [
    { word: 'not opted out', look: 'bad' },
    { word: 'unknown', look: 'doubt' },
    { word: 'opted out', look: 'good' },
  ];
  var INACTIVE = 3;
  var WHY = {
    replaced: 'replaced by a policy further down',
    peer: 'a policy attached earlier to the same target wins',
    locked: 'a policy above does not let it be changed',
    container: 'a policy above does not let entries be added',
  };
  var EVIDENCE = {
    effective: 'AWS’s own answer for this account',
    computed: 'computed from the policies and the tree',
    path: 'computed, and AWS’s answer for another account with the same policies agrees',
  };

  /* The tree. Parents come before their children, and depth tells whose child a unit is. */
  var units = data.units.map(function (row) {
    return { id: row[0], name: row[1], depth: row[2], path: row[1], children: [], accounts: [], counts: [0, 0, 0, 0] };
  });
  var roots = [];
  var above = [];
  units.forEach(function (unit) {
    above.length = unit.depth;
    var parent = above[unit.depth - 1];
    unit.parent = parent;
    if (parent) {
      parent.children.push(unit);
      unit.path = parent.path + ' / ' + unit.name;
    } else {
      roots.push(unit);
    }
    above.push(unit);
  });

  var accounts = [];
  data.accounts.forEach(function (row) {
    var detail = data.details[row[4]];
    add({ id: row[0], name: row[1], unit: units[row[2]], status: row[3], detail: detail, reason: detail.reason });
  });
  data.inactive.forEach(function (row) {
    add({ id: row[0], name: row[1], unit: units[row[2]], status: INACTIVE, reason: 'not judged: the account is ' + row[3], state: row[3] });
  });
  units.forEach(function (unit) { unit.accounts.sort(function (a, b) { return a.status - b.status; }); });
  function add(account) {
    accounts.push(account);
    account.unit.accounts.push(account);
    for (var unit = account.unit; unit; unit = unit.parent) unit.counts[account.status] += 1;
  }

  /* Elements. */
  function make(tag, className, text) {
    var element = document.createElement(tag);
    if (className) element.className = className;
    if (text !== undefined) element.textContent = text;
    return element;
  }
  function append(parent) {
    for (var i = 1; i < arguments.length; i++) if (arguments[i]) parent.appendChild(arguments[i]);
    return parent;
  }
  function badge(status, text) {
    return make('span', 'badge ' + (STATUSES[status] ? STATUSES[status].look : 'none'), text);
  }
  function statusOf(account) {
    return STATUSES[account.status] ? STATUSES[account.status].word : account.state.toLowerCase();
  }
  function number(value) { return value.toLocaleString('en-US'); }
  function whenOpened(details, fill) {
    var filled = false;
    function run() {
      if (filled || !details.open) return;
      filled = true;
      fill();
    }
    details.addEventListener('toggle', run);
    return run;
  }

  /* One account. */
  function accountItem(account, withPath) {
    var item = make('li');
    var details = make('details', 'account');
    append(item, append(details, append(make('summary'),
      append(make('span'), badge(account.status, statusOf(account))),
      make('span', 'name', account.name),
      make('span', 'id', account.id),
      make('span', 'reason', account.reason),
      withPath ? make('span', 'path', account.unit.path) : undefined)));
    whenOpened(details, function () { append(details, accountBody(account, withPath)); });
    return item;
  }
  function accountBody(account, withPath) {
    var body = make('div', 'body');
    if (!withPath) append(body, make('p', 'soft', account.unit.path));
    var detail = account.detail;
    if (!detail) return body;
    append(body, make('p', '', 'Evidence: ' + (EVIDENCE[detail.evidence] || 'none to be had')));
    if (detail.decisions && detail.decisions.length > 0) {
      append(body, make('h3', '', 'What decided it'), decisionTable(detail.decisions));
    }
    if (detail.effective) {
      append(body, make('h3', '', 'AWS’s answer (DescribeEffectivePolicy)'), make('pre', '', JSON.stringify(detail.effective, null, 2)));
    }
    if (detail.policyIds.length > 0) append(body, make('p', '', 'Policies attached to the account itself: ' + detail.policyIds.join(', ')));
    return body;
  }
  function decisionTable(decisions) {
    var table = make('table', 'decisions');
    var head = make('tr');
    ['Service', 'Setting', 'Decided by', 'Without effect'].forEach(function (title) {
      var cell = make('th', '', title);
      cell.scope = 'col';
      append(head, cell);
    });
    var rows = make('tbody');
    decisions.forEach(function (decision) {
      var name = make('th', '', decision.key === 'default' ? 'default (all others)' : decision.key);
      name.scope = 'row';
      var winner = decision.winner;
      var losers = make('td');
      decision.overruled.forEach(function (loser) {
        append(losers, make('div', '', loser.setting + ' by ' + loser.policy + ' on ' + loser.level + ': ' + (WHY[loser.why] || loser.why)));
      });
      append(rows, append(make('tr'), name,
        make('td', '', winner ? winner.setting : 'not set'),
        make('td', '', (winner ? winner.policy + ' on ' + winner.level : 'nothing') + (decision.certain ? '' : ' (not certain by the rules alone)')),
        losers));
    });
    return append(make('div', 'scroll'), append(table, append(make('thead'), head), rows));
  }

  /* A list that grows by the page. */
  function listOf(members, withPath, label) {
    var holder = make('div');
    var list = make('ul', 'accounts');
    list.setAttribute('aria-label', label);
    var shown = 0;
    var more = make('button');
    more.type = 'button';
    function grow() {
      var first;
      members.slice(shown, shown + PAGE).forEach(function (account) {
        var item = accountItem(account, withPath);
        first = first || item;
        append(list, item);
      });
      shown = Math.min(shown + PAGE, members.length);
      if (shown < members.length) {
        more.textContent = 'Show ' + number(Math.min(PAGE, members.length - shown)) + ' more of ' + number(members.length);
        append(holder, more);
      } else if (more.parentNode) {
        more.parentNode.removeChild(more);
      }
      return first;
    }
    more.addEventListener('click', function () {
      var first = grow();
      if (first) first.querySelector('summary').focus();
    });
    append(holder, list);
    grow();
    return holder;
  }

  /* The tree. */
  var treeOpened = 0;
  function unitElement(unit) {
    var details = make('details', 'unit');
    var summary = append(make('summary'), make('span', '', unit.name), make('span', 'id', unit.id));
    unit.counts.forEach(function (count, status) {
      if (count > 0) append(summary, document.createTextNode(' '), badge(status, number(count) + ' ' + (STATUSES[status] ? STATUSES[status].word : 'not judged')));
    });
    append(details, summary);
    var fill = whenOpened(details, function () {
      var body = make('div', 'body');
      if (unit.accounts.length > 0) append(body, listOf(unit.accounts, false, 'Accounts directly in ' + unit.name));
      unit.children.forEach(function (child) { append(body, unitElement(child)); });
      if (!body.firstChild) append(body, make('p', 'soft', 'No accounts.'));
      append(details, body);
    });
    /* What needs somebody is open from the start, as long as that is not everything. */
    var here = Math.min(unit.accounts.length, PAGE);
    if (!unit.parent || (unit.counts[0] + unit.counts[1] > 0 && treeOpened + here <= OPEN_UP_TO)) {
      treeOpened += here;
      details.open = true;
      fill();
    }
    return details;
  }

  /* Search. */
  var view = document.getElementById('accounts-view');
  var status = document.getElementById('accounts-status');
  var box = document.getElementById('filter');
  var everything = document.getElementById('expand');
  function chosen() {
    var radio = document.querySelector('input[name=status]:checked');
    return radio ? Number(radio.value) : -1;
  }
  function hay(account) {
    if (!account.hay) account.hay = [account.id, account.name, account.unit.path, account.unit.id, statusOf(account), account.reason].join(' ').toLowerCase();
    return account.hay;
  }
  function matching() {
    var words = box.value.toLowerCase().split(' ').filter(Boolean);
    var wanted = chosen();
    return accounts.filter(function (account) {
      return (wanted < 0 || account.status === wanted) && words.every(function (word) { return hay(account).indexOf(word) >= 0; });
    });
  }
  function filtered() { return box.value.trim() !== '' || chosen() >= 0; }
  function render() {
    view.textContent = '';
    treeOpened = 0;
    if (!filtered()) {
      roots.forEach(function (root) { append(view, unitElement(root)); });
      status.textContent = number(accounts.length) + (accounts.length === 1 ? ' account' : ' accounts');
      everything.hidden = false;
      return;
    }
    everything.hidden = true;
    /* Every word has to be there; where they stand together is most likely what was meant. */
    var phrase = box.value.trim().toLowerCase();
    function rank(account) { return (hay(account).indexOf(phrase) >= 0 ? 0 : STATUSES.length + 1) + account.status; }
    var found = matching().sort(function (a, b) { return rank(a) - rank(b); });
    status.textContent = found.length === 0 ? 'No account matches' : number(found.length) + ' of ' + number(accounts.length) + ' accounts match';
    if (found.length > 0) append(view, listOf(found, true, 'Matching accounts'));
  }
  var timer;
  box.addEventListener('input', function () {
    clearTimeout(timer);
    timer = setTimeout(render, 120);
  });
  /* The box tells of a change when it is left: rendering again then would close what the reader has just opened. */
  document.getElementById('tools').addEventListener('change', function (event) { if (event.target !== box) render(); });
  document.getElementById('tools').addEventListener('submit', function (event) { event.preventDefault(); });

  /* Opens every unit, level by level; the accounts in them still come by the page. */
  everything.addEventListener('click', function () {
    var open = everything.getAttribute('aria-pressed') !== 'true';
    everything.setAttribute('aria-pressed', String(open));
    everything.textContent = open ? 'Collapse all OUs' : 'Expand all OUs';
    if (open) {
      (function expand(parent) {
        parent.querySelectorAll(':scope > details.unit').forEach(function (details) {
          details.open = true;
          details.dispatchEvent(new Event('toggle'));
          details.querySelectorAll(':scope > .body').forEach(expand);
        });
      })(view);
    } else {
      view.querySelectorAll('details.unit details.unit').forEach(function (details) { details.open = false; });
    }
  });

  /* Paper shows every account that is looked for, and every policy. */
  var paper = document.getElementById('accounts-print');
  var opened = [];
  addEventListener('beforeprint', function () {
    var rows = make('tbody');
    var list = filtered() ? matching() : accounts;
    list.slice().sort(function (a, b) { return a.status - b.status; }).forEach(function (account) {
      append(rows, append(make('tr'), make('td', '', statusOf(account)), make('td', 'id', account.id), make('td', '', account.name),
        make('td', '', account.unit.path), make('td', '', account.reason)));
    });
    var head = make('tr');
    ['Status', 'Account', 'Name', 'Where', 'Why'].forEach(function (title) { append(head, make('th', '', title)); });
    paper.textContent = '';
    if (filtered()) append(paper, make('p', '', 'Only accounts that match the filter on the page: ' + number(list.length) + ' of ' + number(accounts.length) + '.'));
    append(paper, append(make('table'), append(make('thead'), head), rows));
    document.querySelectorAll('details.policy').forEach(function (details) {
      if (details.open) return;
      details.open = true;
      opened.push(details);
    });
  });
  addEventListener('afterprint', function () {
    paper.textContent = '';
    opened.forEach(function (details) { details.open = false; });
    opened = [];
  });

  document.getElementById('tools').hidden = false;
  render();
})();
`;
