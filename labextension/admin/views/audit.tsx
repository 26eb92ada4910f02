/**
 * Audit: who changed what, what was refused, and whether the record is whole.
 */
import React, { useEffect, useState } from 'react';

import { useAct } from '../act';
import { parametersOf } from '../api';
import { momentColumn, textColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button } from '../controls';
import { Facts, ListView } from '../listview';
import type { ChainState, Entry } from '../schemas';
import { useStore } from '../store';
import type { IColumn } from '../table/column';

const POLL_MS = 1_000;
const OUTCOMES: Record<Entry['outcome'], string> = {
  done: 'Done',
  forbidden: 'Forbidden',
  conflict: 'Conflict',
  too_many: 'Too many'
};

const COLUMNS: readonly IColumn<Entry>[] = [
  momentColumn('when', 'When', entry => entry.when),
  textColumn('who', 'Person', entry => entry.who),
  {
    id: 'what',
    title: 'Action',
    width: 'minmax(160px, 1.5fr)',
    cell: entry => <code>{entry.what}</code>
  },
  textColumn('on', 'On', entry => entry.on, { width: 'minmax(140px, 2fr)' }),
  textColumn('project', 'Project', entry => entry.project),
  {
    id: 'outcome',
    title: 'Outcome',
    width: '110px',
    cell: entry => (
      <Badge level={entry.outcome === 'done' ? 'good' : 'bad'}>
        {OUTCOMES[entry.outcome]}
      </Badge>
    )
  }
];

/** What narrows the list beside the search, from a link of another view. */
const EXTRA = ['project', 'person_id', 'what', 'who'] as const;

export function AuditView(): JSX.Element {
  const { api, router } = useAdmin();
  const { params } = useStore(router.route);
  const extra = EXTRA.filter(name => params[name]);
  return (
    <ListView<Entry>
      title="Audit"
      noun={['entry', 'entries']}
      path="audit"
      search="Search person, action, object, project"
      sort=""
      filters={[
        {
          name: 'outcome',
          label: 'Outcome',
          initial: '',
          options: [['', 'All'], ...Object.entries(OUTCOMES)]
        },
        ...EXTRA.map(name => ({ name, label: name, initial: '', options: [] }))
      ]}
      columns={COLUMNS}
      idOf={entry => String(entry.id)}
      empty="No entry matches."
      actions={(_, { query }) => (
        <>
          {extra.map(name => (
            <Button key={name} onClick={() => router.narrow({ [name]: '' })}>
              {name === 'person_id' ? 'person' : name}: {params[name]} ✕
            </Button>
          ))}
          <Chain />
          <ExportLink
            href={`${api.facts.api.replace(/\/api$/, '')}/admin/audit${parametersOf({ ...query, format: 'csv' })}`}
          />
        </>
      )}
      details={entry => <Details entry={entry} />}
    />
  );
}

/** The service says that it is a file; with `download`, the browser would not ask as for a page, and be refused. */
function ExportLink({ href }: { href: string }): JSX.Element {
  return (
    <a className="orrery-admin-link" href={href}>
      Export CSV
    </a>
  );
}

/** Whether the chain of entries is whole; a verification goes on when the page is closed. */
function Chain(): JSX.Element {
  const { api } = useAdmin();
  const [state, setState] = useState<ChainState>();
  const isRunning = state?.state === 'running';
  useEffect(() => {
    const abort = new AbortController();
    const ask = () =>
      void api
        .call<ChainState>('audit/verification', { signal: abort.signal })
        .then(setState)
        .catch(() => undefined);
    ask();
    const timer = isRunning ? setInterval(ask, POLL_MS) : undefined;
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [api, isRunning]);
  const act = useAct();
  const verify = async () =>
    setState(await api.call<ChainState>('audit/verification', { method: 'POST' }));
  return (
    <>
      <span role="status">{state && <ChainBadge state={state} />}</span>
      <Button disabled={isRunning} onClick={() => act(verify)}>
        Verify
      </Button>
    </>
  );
}

function ChainBadge({ state }: { state: ChainState }): JSX.Element | null {
  const checked = state.checked.toLocaleString('en');
  switch (state.state) {
    case 'unknown':
      return null;
    case 'running':
      return (
        <Badge>
          {checked} of {state.total.toLocaleString('en')} checked
        </Badge>
      );
    case 'intact':
      return <Badge level="good">{checked} entries, none changed or removed</Badge>;
    default:
      return (
        <span title={state.problems.join('\n')}>
          <Badge level="bad">
            {state.state === 'failed'
              ? `Not verified: ${state.problems[0] ?? ''}`
              : `Broken: ${state.problems[0] ?? ''}`}
          </Badge>
        </span>
      );
  }
}

function Details({ entry }: { entry: Entry }): JSX.Element {
  return (
    <>
      <h2>{entry.what}</h2>
      <Facts
        facts={[
          ['When', entry.when],
          ['Person', entry.who],
          ['On', entry.on],
          ['Project', entry.project || '–'],
          ['Outcome', OUTCOMES[entry.outcome]],
          ['Permission', <code key="permission">{entry.permission || '–'}</code>],
          ['Address', entry.address || '–'],
          ['Request', <code key="request">{entry.request_id || '–'}</code>],
          ['Entry', entry.id],
          ['Hash', <code key="hash">{entry.hash}</code>]
        ]}
      />
      {(['before', 'after'] as const).map(
        side =>
          entry[side] && (
            <React.Fragment key={side}>
              <h3>{side === 'before' ? 'Before' : 'After'}</h3>
              <pre tabIndex={0}>{JSON.stringify(entry[side], null, 2)}</pre>
            </React.Fragment>
          )
      )}
    </>
  );
}
