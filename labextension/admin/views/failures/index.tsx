/**
 * Failures: servers that did not start, or ended by themselves, with their causes.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';

import { BulkButton } from '../../bulk';
import { momentColumn, textColumn } from '../../columns';
import { useAdmin } from '../../context';
import { Button } from '../../controls';
import { ListView, type IFilter } from '../../listview';
import { usePoll } from '../../poll';
import type { Failure, Pool } from '../../schemas';
import { useStore } from '../../store';
import type { IColumn } from '../../table/column';

import { Causes } from './causes';
import { Details, State } from './details';
import { CAUSES, detailOf, STAGES } from './words';

/** Of the causes in the list, the short name; the detail is on hover. */
function Cause({ failure }: { failure: Failure }): JSX.Element {
  return (
    <span title={detailOf(failure) || failure.cause.text}>
      {CAUSES[failure.cause.kind]}
    </span>
  );
}

const COLUMNS: readonly IColumn<Failure>[] = [
  momentColumn('at', 'When', failure => failure.at, { isSortable: true }),
  textColumn('person', 'Person', failure => failure.person, { isSortable: true }),
  textColumn('server', 'Server', failure => failure.server || 'Default'),
  {
    id: 'kind',
    title: 'Cause',
    width: 'minmax(140px, 1.5fr)',
    isSortable: true,
    cell: failure => <Cause failure={failure} />
  },
  textColumn('stage', 'Failed', failure => STAGES[failure.stage]),
  textColumn('pool', 'Pool', failure => failure.pool, { isSortable: true }),
  textColumn('profile', 'Profile', failure => failure.profile),
  textColumn('node', 'Node', failure => failure.node, { isSortable: true }),
  {
    id: 'state',
    title: 'State',
    width: '100px',
    cell: failure => <State failure={failure} />
  }
];

/** What other views narrow the list by, beside its own choices. */
const EXTRA = ['person', 'profile'] as const;

const FILTERS: readonly IFilter[] = [
  {
    name: 'state',
    label: 'State',
    initial: 'open',
    options: [
      ['open', 'Open'],
      ['handled', 'Handled'],
      ['all', 'All']
    ]
  },
  {
    name: 'hours',
    label: 'When',
    initial: '',
    options: [
      ['', 'Any time'],
      ['1', 'Last hour'],
      ['24', 'Last day'],
      ['168', 'Last week']
    ]
  },
  {
    name: 'kind',
    label: 'Cause',
    initial: '',
    options: [['', 'All'], ...Object.entries(CAUSES)]
  },
  {
    name: 'stage',
    label: 'Failed',
    initial: '',
    options: [['', 'Anywhere'], ...Object.entries(STAGES)]
  },
  ...EXTRA.map(name => ({ name, label: name, initial: '', options: [] }))
];

export function FailuresView(): JSX.Element {
  const { router } = useAdmin();
  const { params } = useStore(router.route);
  const pools = usePoll<Page<Pool>>('pools?limit=200').value?.items ?? [];
  const byPool: IFilter = {
    name: 'pool',
    label: 'Pool',
    initial: '',
    options: [['', 'All'], ...pools.map(({ slug, name }) => [slug, name] as const)]
  };
  return (
    <ListView<Failure>
      title="Failures"
      noun={['failure', 'failures']}
      path="failures"
      search="Search person, server, node, detail"
      sort="at"
      isDescending
      seconds={30}
      filters={[...FILTERS, byPool]}
      columns={COLUMNS}
      idOf={failure => String(failure.id)}
      empty="No server failed. One that does not start, or ends by itself, is here with its cause."
      canSelect
      actions={(selection, list) => (
        <>
          {EXTRA.filter(name => params[name]).map(name => (
            <Button key={name} onClick={() => router.narrow({ [name]: '' })}>
              {name}: {params[name]} ✕
            </Button>
          ))}
          <Causes query={list.query} />
          <BulkButton
            action="failures.handle"
            label="Mark as Handled…"
            targets={selection.map(({ id }) => String(id))}
            noun={['failure', 'failures']}
            onStart={() => list.clear()}
          />
        </>
      )}
      details={(failure, list) => (
        <Details key={failure.id} failure={failure} list={list} />
      )}
    />
  );
}
