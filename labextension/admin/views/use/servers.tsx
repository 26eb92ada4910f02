/**
 * What running servers hold and use, and which will be stopped because they are idle, and when.
 */
import React from 'react';

import type { Page } from '../../../src/base/schemas';

import { momentColumn, textColumn } from '../../columns';
import { useAdmin } from '../../context';
import { Badge, Button } from '../../controls';
import { Moment } from '../../format';
import { Facts, ListView } from '../../listview';
import { usePoll } from '../../poll';
import type { Pool, ServerUse } from '../../schemas';
import type { IColumn } from '../../table/column';

import { cpuText, deviceText, memoryText, ofText, STATES } from './words';

const COLUMNS: readonly IColumn<ServerUse>[] = [
  textColumn('person', 'Person', server => server.person, { isSortable: true }),
  textColumn('server', 'Server', server => server.server || 'Default'),
  textColumn('pool', 'Pool', server => server.pool, { isSortable: true }),
  textColumn('devices', 'Devices', server => server.devices || '', { width: '80px' }),
  textColumn('device_use', 'Devices used', server =>
    server.devices ? deviceText(server.device_permille) : ''
  ),
  textColumn('cpu', 'CPUs used', server =>
    ofText(server.used_cpu_millis, server.cpu_millis, cpuText)
  ),
  textColumn(
    'memory',
    'Memory used',
    server => ofText(server.used_memory_mib, server.memory_mib, memoryText),
    { width: 'minmax(130px, 1fr)' }
  ),
  momentColumn('idle', 'Idle since', server => server.idle_since, { isSortable: true }),
  momentColumn('cull', 'Stopped', server => server.cull_at),
  {
    id: 'state',
    title: 'State',
    width: '100px',
    cell: server => <State server={server} />
  }
];

function State({ server }: { server: ServerUse }): JSX.Element {
  const level = { in_use: 'good', idle: 'warning', unknown: 'plain' } as const;
  return <Badge level={level[server.state]}>{STATES[server.state]}</Badge>;
}

export function UseView(): JSX.Element {
  const pools = usePoll<Page<Pool>>('pools?limit=200').value?.items ?? [];
  return (
    <ListView<ServerUse>
      title="Use"
      noun={['server', 'servers']}
      path="culling/servers"
      search="Search servers by person and name"
      sort="idle"
      seconds={30}
      filters={[
        {
          name: 'pool',
          label: 'Pool',
          initial: '',
          options: [
            ['', 'All'],
            ...pools.map(({ slug, name }) => [slug, name] as const)
          ]
        }
      ]}
      columns={COLUMNS}
      idOf={server => String(server.id)}
      empty="No server holds anything of a pool."
      details={server => <Details key={server.id} server={server} />}
    />
  );
}

function Details({ server }: { server: ServerUse }): JSX.Element {
  const { router } = useAdmin();
  return (
    <>
      <h2>{server.person}</h2>
      <Facts
        facts={[
          ['Server', server.server || 'Default'],
          ['State', <State key="state" server={server} />],
          ['Pool', server.pool || 'None'],
          ['Project', server.project || 'None'],
          ['Runs since', <Moment key="since" when={server.since} />],
          ['Devices', server.devices || 'None'],
          ['Devices used', server.devices ? deviceText(server.device_permille) : '–'],
          ['CPUs used', ofText(server.used_cpu_millis, server.cpu_millis, cpuText)],
          [
            'Memory used',
            ofText(server.used_memory_mib, server.memory_mib, memoryText)
          ],
          ['Idle since', <Moment key="idle" when={server.idle_since} />],
          ['Stopped', <Moment key="cull" when={server.cull_at} />],
          ['Warned', server.is_warned ? 'Yes' : 'No'],
          ['Put off', server.extensions]
        ]}
      />
      {server.device_note && <p className="orrery-quiet">{server.device_note}</p>}
      <div className="orrery-admin-actions">
        <Button onClick={() => router.open('servers', { q: server.person })}>
          Show in Servers
        </Button>
      </div>
    </>
  );
}
