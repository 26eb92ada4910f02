/**
 * The queue: who waits for which devices, why and how long; another place, a pass before all others.
 */
import React, { useState } from 'react';

import { useAct } from '../act';
import { momentColumn, textColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button, TextField } from '../controls';
import { Dialog } from '../dialog';
import { count, Moment } from '../format';
import { Facts, ListView, type IList } from '../listview';
import type { Priority, Ticket, TicketState, WaitRange } from '../schemas';
import type { IColumn } from '../table/column';

const STATES: Record<TicketState, string> = {
  waiting: 'Waits',
  offered: 'Offered',
  claimed: 'Claimed',
  started: 'Started',
  cancelled: 'Cancelled',
  expired: 'Expired',
  failed: 'Failed'
};
const MINUTE = 60;

/** The range of an expected wait in minutes. */
export function waitText(wait: WaitRange | null): string {
  if (!wait) {
    return '–';
  }
  const [low, high] = [wait.low_seconds, wait.high_seconds].map(seconds =>
    Math.ceil(seconds / MINUTE)
  );
  return low === high ? count(high, 'minute') : `${low} to ${count(high, 'minute')}`;
}

const COLUMNS: readonly IColumn<Ticket>[] = [
  textColumn('place', 'Place', ticket => ticket.place, { width: '70px' }),
  textColumn('person', 'Person', ticket => ticket.person),
  textColumn('pool', 'Pool', ticket => ticket.pool_name),
  textColumn('devices', 'Devices', ticket => ticket.devices, { width: '80px' }),
  textColumn('wait', 'Expected', ticket => waitText(ticket.wait)),
  textColumn('cause', 'Why', ticket => ticket.cause?.text, {
    width: 'minmax(160px, 2fr)'
  }),
  momentColumn('created', 'Asked', ticket => ticket.created),
  {
    id: 'state',
    title: 'State',
    width: '110px',
    cell: ticket => <State ticket={ticket} />
  }
];

function State({ ticket }: { ticket: Ticket }): JSX.Element {
  const isBad = ticket.state === 'failed' || ticket.state === 'expired';
  return <Badge level={isBad ? 'bad' : 'plain'}>{STATES[ticket.state]}</Badge>;
}

export function QueueView(): JSX.Element {
  return (
    <ListView<Ticket>
      title="Queue"
      noun={['request', 'requests']}
      path="queue"
      search="Search requests by person"
      sort=""
      seconds={5}
      filters={[
        {
          name: 'ended',
          label: 'Show',
          initial: 'false',
          options: [
            ['false', 'Open'],
            ['true', 'Ended']
          ]
        }
      ]}
      columns={COLUMNS}
      idOf={ticket => String(ticket.id)}
      empty="Nobody waits. What cannot start at once waits here."
      details={(ticket, list) => (
        <Details key={ticket.id} ticket={ticket} list={list} />
      )}
    />
  );
}

type Action = 'move' | 'run' | 'remove';

function Details(props: { ticket: Ticket; list: IList<Ticket> }): JSX.Element {
  const { ticket, list } = props;
  return (
    <>
      <h2>{ticket.person}</h2>
      <Facts
        facts={[
          ['State', <State key="state" ticket={ticket} />],
          ['Pool', ticket.pool_name],
          ['Profile', ticket.profile],
          ['Project', ticket.project ?? 'None'],
          ['Place', ticket.place ?? '–'],
          ['Expected', waitText(ticket.wait)],
          ['Priority', ticket.priority],
          ['Asked', <Moment key="created" when={ticket.created} />],
          ['Offer until', <Moment key="until" when={ticket.claim_until} />],
          ['Missed offers', ticket.missed_offers]
        ]}
      />
      {ticket.cause && (
        <p>
          {ticket.cause.text} {ticket.cause.remedy}
        </p>
      )}
      {ticket.state === 'waiting' && <TicketButtons ticket={ticket} list={list} />}
    </>
  );
}

function TicketButtons(props: { ticket: Ticket; list: IList<Ticket> }): JSX.Element {
  const { ticket, list } = props;
  const { api } = useAdmin();
  const act = useAct();
  const [action, setAction] = useState<Action>();
  const change = (priority: Priority) => async () => {
    const body = { priority };
    const path = `queue/${ticket.id}`;
    list.replace(await api.call<Ticket>(path, { method: 'PATCH', body }));
    list.refresh();
  };
  return (
    <div className="orrery-admin-actions">
      <Button onClick={() => setAction('move')}>Move…</Button>
      <Button disabled={ticket.priority === 'high'} onClick={() => act(change('high'))}>
        High Priority
      </Button>
      <Button onClick={() => setAction('run')}>Run Now…</Button>
      <Button onClick={() => setAction('remove')}>Cancel Request…</Button>
      {action && (
        <ActionDialog
          action={action}
          ticket={ticket}
          onDone={() => list.refresh()}
          onClose={() => setAction(undefined)}
        />
      )}
    </div>
  );
}

const TEXTS: Record<Action, readonly [title: string, accept: string, text: string]> = {
  move: ['Move the request of', 'Move', 'The others of the pool keep their order.'],
  run: [
    'Run now:',
    'Run Now',
    'It passes before all others of its pool. The audit says that you let it.'
  ],
  remove: ['Cancel the request of', 'Cancel Request', 'The person is told of it.']
};

function ActionDialog(props: {
  action: Action;
  ticket: Ticket;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { action, ticket } = props;
  const { api } = useAdmin();
  const [place, setPlace] = useState(String(ticket.place ?? 1));
  const [title, accept, text] = TEXTS[action];
  const act = async () => {
    if (action === 'move') {
      const body = { place: Number(place) };
      await api.call(`queue/${ticket.id}`, { method: 'PATCH', body });
    } else if (action === 'run') {
      await api.call(`queue/${ticket.id}/run-now`, { method: 'POST' });
    } else {
      await api.call(`queue/${ticket.id}`, { method: 'DELETE' });
    }
    props.onDone();
  };
  return (
    <Dialog
      title={`${title} ${ticket.person}`}
      accept={accept}
      isDangerous={action === 'remove'}
      isReady={action !== 'move' || /^[1-9]\d*$/.test(place)}
      onAccept={act}
      onClose={props.onClose}
    >
      <p>{text}</p>
      {action === 'move' && (
        <TextField
          label="Place in the queue of the pool"
          value={place}
          onChange={setPlace}
        />
      )}
    </Dialog>
  );
}
