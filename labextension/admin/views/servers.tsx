/**
 * Servers that run now, of everybody.
 */
import React, { useState } from 'react';

import { segment } from '../api';
import { BulkButton } from '../bulk';
import { momentColumn, textColumn } from '../columns';
import { useAdmin } from '../context';
import { Badge, Button } from '../controls';
import { Dialog } from '../dialog';
import { Moment } from '../format';
import { Facts, ListView, type IList } from '../listview';
import type { RunningServer } from '../schemas';
import type { IColumn } from '../table/column';

const STATES: Record<RunningServer['state'], string> = {
  ready: 'Running',
  starting: 'Starting',
  stopping: 'Stopping'
};

const COLUMNS: readonly IColumn<RunningServer>[] = [
  textColumn('user', 'Person', server => server.user, {
    width: 'minmax(140px, 1.5fr)',
    isSortable: true
  }),
  textColumn(
    'server',
    'Server',
    server => server.display_name || server.name || 'Default'
  ),
  textColumn('project', 'Project', server => server.project, { isSortable: true }),
  textColumn('pool', 'Pool', server => server.pool),
  textColumn('profile', 'Profile', server => server.profile),
  momentColumn('started', 'Started', server => server.started, { isSortable: true }),
  momentColumn('last_activity', 'Last active', server => server.last_activity, {
    isSortable: true
  }),
  {
    id: 'state',
    title: 'State',
    width: '90px',
    isSortable: true,
    cell: server => <State server={server} />
  }
];

function State({ server }: { server: RunningServer }): JSX.Element {
  return (
    <Badge level={server.state === 'ready' ? 'good' : 'warning'}>
      {STATES[server.state]}
    </Badge>
  );
}

export function ServersView(): JSX.Element {
  return (
    <ListView<RunningServer>
      title="Servers"
      noun={['server', 'servers']}
      path="admin/servers"
      search="Search servers by person, name, project"
      sort="user"
      seconds={10}
      filters={[
        {
          name: 'state',
          label: 'State',
          initial: '',
          options: [['', 'All'], ...Object.entries(STATES)]
        }
      ]}
      columns={COLUMNS}
      idOf={server => server.id}
      empty="No server runs."
      canSelect
      actions={(selection, list) => (
        <BulkButton
          action="servers.stop"
          label="Stop…"
          targets={selection.map(({ id }) => id)}
          noun={['server', 'servers']}
          onStart={() => list.clear()}
        />
      )}
      details={(server, list) => (
        <Details key={server.id} server={server} list={list} />
      )}
    />
  );
}

function Details(props: {
  server: RunningServer;
  list: IList<RunningServer>;
}): JSX.Element {
  const { server, list } = props;
  const { api, toasts } = useAdmin();
  const [isStopping, setStopping] = useState(false);
  const stop = async () => {
    await api.call(`admin/servers/${segment(server.user)}`, {
      method: 'DELETE',
      query: { server: server.name }
    });
    toasts.info(`Stopping the server of ${server.user}.`);
    list.refresh();
  };
  return (
    <>
      <h2>{server.user}</h2>
      <Facts
        facts={[
          ['Server', server.display_name || server.name || 'Default'],
          ['State', <State key="state" server={server} />],
          ['Project', server.project ?? 'None'],
          ['Profile', server.profile || 'None'],
          ['Started', <Moment key="started" when={server.started} />],
          ['Last active', <Moment key="active" when={server.last_activity} />]
        ]}
      />
      <div className="orrery-admin-actions">
        <Button look="error" onClick={() => setStopping(true)}>
          Stop…
        </Button>
      </div>
      {isStopping && (
        <Dialog
          title={`Stop the server of ${server.user}`}
          accept="Stop"
          isDangerous
          onAccept={stop}
          onClose={() => setStopping(false)}
        >
          <p>Its kernels end and what is not saved is lost. Files stay.</p>
        </Dialog>
      )}
    </>
  );
}
