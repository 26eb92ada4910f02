/**
 * What servers cost: sums by person, project, pool and month as a table, a chart and a file.
 */
import React, { useMemo } from 'react';

import { parametersOf } from '../../api';
import { useAdmin } from '../../context';
import { Button } from '../../controls';
import { Facts, ListView, queryOf, type IListViewProps } from '../../listview';
import type { Cost } from '../../schemas';
import { useStore } from '../../store';

import { useCurrency } from '../budgets/currency';
import { amountText, moneyText } from '../budgets/words';

import { CostChart } from './chart';
import { groupsOf, labelOf, MEASURES, sinceChoices, type Group } from './sums';

const GROUPS: Record<Group, string> = {
  person: 'Person',
  project: 'Project',
  pool: 'Pool',
  month: 'Month'
};
const BY: readonly (readonly [string, string])[] = [
  ['project', 'Project'],
  ['person', 'Person'],
  ['pool', 'Pool'],
  ['month', 'Month'],
  ['project,month', 'Project and month'],
  ['person,month', 'Person and month'],
  ['pool,month', 'Pool and month'],
  ['person,project', 'Person and project'],
  ['project,pool', 'Project and pool'],
  ['person,project,pool,month', 'All four']
];
/** What narrows the sums beside the choices, from the details of a row. */
const NARROW = ['person', 'project', 'pool'] as const;

function columnsOf(by: string, currency: string): IListViewProps<Cost>['columns'] {
  const groups = groupsOf(by).map(group => ({
    id: group,
    title: GROUPS[group],
    width: 'minmax(120px, 1.5fr)',
    isSortable: true,
    cell: (cost: Cost) => cost[group] || <span className="orrery-quiet">None</span>
  }));
  const measures = MEASURES.map(({ id, title, of }) => ({
    id,
    title,
    width: 'minmax(100px, 1fr)',
    isSortable: true,
    cell: (cost: Cost) => amountText(id, of(cost), currency)
  }));
  return [...groups, ...measures];
}

export function CostsView(): JSX.Element {
  const { api, router } = useAdmin();
  const { params } = useStore(router.route);
  const currency = useCurrency();
  const since = useMemo(() => sinceChoices(new Date()), []);
  const listProps = {
    search: '',
    sort: 'money',
    isDescending: true,
    filters: [
      { name: 'by', label: 'By', initial: 'project', options: BY },
      { name: 'since', label: 'Since', initial: since[0][0], options: since },
      ...NARROW.map(name => ({ name, label: name, initial: '', options: [] }))
    ]
  };
  const query = queryOf(params, listProps);
  const by = String(query.by);
  const address = api.facts.api.replace(/\/api$/, '');
  const filter = Object.fromEntries(
    Object.entries(query).filter(([name]) => name !== 'sort' && name !== 'descending')
  );
  return (
    <>
      <ListView<Cost>
        {...listProps}
        // Another grouping has other rows, of which none is open.
        key={by}
        title="Costs"
        noun={['sum', 'sums']}
        path="budgets/costs"
        columns={columnsOf(by, currency)}
        idOf={cost =>
          JSON.stringify([cost.person, cost.project, cost.pool, cost.month])
        }
        empty="Nothing was used in this time."
        actions={() => (
          // The service says that it is a file, which a browser saves while it arrives.
          <a
            className="orrery-admin-link"
            href={`${address}/admin/costs${parametersOf(filter)}`}
          >
            Export CSV
          </a>
        )}
        details={cost => <Details cost={cost} by={by} currency={currency} />}
      />
      <CostChart query={query} currency={currency} />
    </>
  );
}

function Details(props: { cost: Cost; by: string; currency: string }): JSX.Element {
  const { cost, by, currency } = props;
  const { router } = useAdmin();
  const narrowing = Object.fromEntries(
    NARROW.filter(name => groupsOf(by).includes(name) && isName(cost[name])).map(
      name => [name, cost[name]]
    )
  );
  return (
    <>
      <h2>{labelOf(cost, by)}</h2>
      <Facts
        facts={[
          ...groupsOf(by).map(group => [GROUPS[group], cost[group] || 'None'] as const),
          ['Cost', moneyText(cost.money, currency)],
          ...MEASURES.filter(({ id }) => id !== 'money').map(
            ({ id, title, of }) => [title, amountText(id, of(cost), currency)] as const
          )
        ]}
      />
      {Object.keys(narrowing).length > 0 && (
        <p>
          <Button
            onClick={() => router.narrow({ ...narrowing, by: 'month', sort: 'month' })}
          >
            Show by month
          </Button>
        </p>
      )}
    </>
  );
}

/** Whether it can be asked for: what was removed has a number in parentheses. */
function isName(text: string): boolean {
  return text !== '' && !text.startsWith('(');
}
