/**
 * Pools: how much of each is used and by whom, and taking no new servers into one.
 */
import React, { useState } from 'react';

import type { Page } from '../../src/base/schemas';

import { useAct } from '../act';
import { None, textColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button, TextField } from '../controls';
import { devicesOf } from '../devicemap';
import { Dialog } from '../dialog';
import { Moment } from '../format';
import { Items } from '../items';
import { Facts, ListView, type IList } from '../listview';
import { usePoll } from '../poll';
import type { Grant, Lease, Pool } from '../schemas';
import type { IColumn } from '../table/column';

const POLL_MS = 5_000;

const COLUMNS: readonly IColumn<Pool>[] = [
  {
    id: 'name',
    title: 'Name',
    width: 'minmax(160px, 2fr)',
    isSortable: true,
    cell: pool => (
      <>
        {pool.name} {pool.is_default && <Badge>Default</Badge>}
      </>
    )
  },
  {
    id: 'device_type',
    title: 'Devices',
    width: 'minmax(120px, 1fr)',
    cell: pool => pool.device_type || <None />
  },
  {
    id: 'used',
    title: 'In use',
    width: '110px',
    cell: pool =>
      pool.total_devices === null
        ? pool.used_devices
        : `${pool.used_devices} of ${pool.total_devices}`
  },
  textColumn('servers', 'Servers', pool => pool.servers, { width: '90px' }),
  {
    id: 'who',
    title: 'Given to',
    width: 'minmax(110px, 1fr)',
    cell: pool => (pool.for_everyone ? 'Everybody' : 'Granted projects')
  },
  {
    id: 'state',
    title: 'State',
    width: '110px',
    cell: pool => <PoolState pool={pool} />
  }
];

function PoolState({ pool }: { pool: Pool }): JSX.Element {
  return pool.is_draining ? (
    <Badge level="warning">Drains</Badge>
  ) : (
    <Badge level="good">Open</Badge>
  );
}

export function PoolsView(): JSX.Element {
  return (
    <ListView<Pool>
      title="Pools"
      noun={['pool', 'pools']}
      path="pools"
      search="Search pools by name"
      sort="position"
      seconds={10}
      columns={COLUMNS}
      idOf={pool => pool.slug}
      empty="No pool is declared: servers start without a choice of hardware. Declare pools in pools.yaml or by the API."
      details={(pool, list) => <Details key={pool.slug} pool={pool} list={list} />}
    />
  );
}

function Details(props: { pool: Pool; list: IList<Pool> }): JSX.Element {
  const { pool, list } = props;
  return (
    <>
      <h2>{pool.name}</h2>
      <p>{pool.description}</p>
      <Facts
        facts={[
          ['State', <PoolState key="state" pool={pool} />],
          ...(pool.is_draining ? ([['Why', pool.drain_reason || '–']] as const) : []),
          ['Devices', pool.device_type || 'None'],
          ['Servers', pool.servers],
          ['Most servers', pool.max_servers ?? 'Any number'],
          ['Devices a person', pool.devices_per_person ?? 'Any number']
        ]}
      />
      <PoolButtons pool={pool} onChange={next => list.replace(next)} />
      <Holders pool={pool} />
      {!pool.for_everyone && <Grants pool={pool} />}
    </>
  );
}

function PoolButtons(props: {
  pool: Pool;
  onChange: (pool: Pool) => void;
}): JSX.Element {
  const { pool } = props;
  const { api } = useAdmin();
  const act = useAct();
  const [isDraining, setDraining] = useState(false);
  const resume = async () => {
    const path = `pools/${pool.slug}/resume`;
    props.onChange(await api.call<Pool>(path, { method: 'POST' }));
    return `${pool.name} takes new servers again.`;
  };
  return (
    <div className="orrery-admin-actions">
      {pool.is_draining ? (
        <Button look="accent" onClick={() => act(resume)}>
          Resume
        </Button>
      ) : (
        <Button onClick={() => setDraining(true)}>Drain…</Button>
      )}
      {isDraining && (
        <DrainDialog
          pool={pool}
          onDone={props.onChange}
          onClose={() => setDraining(false)}
        />
      )}
    </div>
  );
}

function Holders({ pool }: { pool: Pool }): JSX.Element {
  const leases = usePoll<Page<Lease>>(`leases?pool=${pool.slug}&limit=200`, POLL_MS);
  return (
    <>
      <h3>Who holds what</h3>
      {leases.value && (
        <DeviceMap leases={leases.value.items} total={pool.total_devices} />
      )}
      <Items page={leases} keyOf={lease => lease.id} empty="Nobody holds any.">
        {lease => (
          <>
            {lease.user}
            {lease.server && ` (${lease.server})`}{' '}
            <span className="orrery-quiet">
              {lease.profile ?? 'no profile'}, {lease.project ?? 'no project'}, since{' '}
              <Moment when={lease.started_at ?? lease.reserved_at} />
            </span>
          </>
        )}
      </Items>
    </>
  );
}

function Grants({ pool }: { pool: Pool }): JSX.Element {
  const grants = usePoll<Page<Grant>>(`pools/${pool.slug}/grants?limit=200`);
  return (
    <>
      <h3>Granted to</h3>
      <Items page={grants} keyOf={grant => grant.project} empty="No project.">
        {grant => (
          <>
            {grant.name}{' '}
            <span className="orrery-quiet">
              {grant.used_devices} of {grant.devices ?? 'any number'}
            </span>
          </>
        )}
      </Items>
    </>
  );
}

function DeviceMap(props: {
  leases: readonly Lease[];
  total: number | null;
}): JSX.Element | null {
  const devices = devicesOf(props.leases, props.total);
  if (devices.length === 0) {
    return null;
  }
  return (
    <ol className="orrery-admin-devices" aria-label="Devices">
      {devices.map(({ lease }, index) => (
        <li
          key={index}
          data-state={lease?.state ?? 'free'}
          title={lease ? `${lease.user}, ${lease.state}` : 'Free'}
        >
          <span className="orrery-hidden">{lease ? lease.user : 'Free'}</span>
        </li>
      ))}
    </ol>
  );
}

function DrainDialog(props: {
  pool: Pool;
  onDone: (pool: Pool) => void;
  onClose: () => void;
}): JSX.Element {
  const { pool } = props;
  const { api, toasts } = useAdmin();
  const [reason, setReason] = useState('');
  const drain = async () => {
    const body = { reason: reason.trim() };
    props.onDone(
      await api.call<Pool>(`pools/${pool.slug}/drain`, { method: 'POST', body })
    );
    toasts.info(`${pool.name} takes no new servers.`);
  };
  return (
    <Dialog
      title={`Drain ${pool.name}`}
      accept="Drain"
      onAccept={drain}
      onClose={props.onClose}
    >
      <p>
        Servers that run go on. No new one gets a device of this pool until it is
        resumed.
      </p>
      <TextField
        label="Reason, shown to who asks for a device"
        value={reason}
        onChange={setReason}
      />
    </Dialog>
  );
}
