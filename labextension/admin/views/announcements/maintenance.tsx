/**
 * Maintenance: whether new servers may start.
 */
import React, { useState } from 'react';

import { useAdmin } from '../../context';
import { Badge, LongTextField } from '../../controls';
import { Dialog } from '../../dialog';
import { CheckField, MomentField } from '../../fields';
import { Moment } from '../../format';
import type { Maintenance } from '../../schemas';

export function MaintenanceState(props: { maintenance: Maintenance }): JSX.Element {
  const { maintenance } = props;
  const { is_active: isActive, blocks_spawns: isSet, starts, ends } = maintenance;
  return (
    <section aria-label="Maintenance">
      <h2>Maintenance</h2>
      <p>
        {isActive ? (
          <Badge level="warning">No new server starts</Badge>
        ) : (
          <Badge level="good">Servers start</Badge>
        )}{' '}
        {maintenance.message}
      </p>
      {isSet && !isActive && starts && Date.parse(starts) > Date.now() && (
        <p>
          New servers are blocked <Moment when={starts} />.
        </p>
      )}
      {isActive && ends && (
        <p>
          It ends <Moment when={ends} />.
        </p>
      )}
    </section>
  );
}

export function MaintenanceDialog(props: {
  maintenance: Maintenance;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { maintenance } = props;
  const { api, toasts } = useAdmin();
  const [isBlocked, setBlocked] = useState(maintenance.blocks_spawns);
  const [message, setMessage] = useState(maintenance.message);
  const [starts, setStarts] = useState(maintenance.starts);
  const [ends, setEnds] = useState(maintenance.ends);
  const save = async () => {
    const body = { blocks_spawns: isBlocked, message, starts, ends };
    const saved = await api.call<Maintenance>('admin/maintenance', {
      method: 'PUT',
      body
    });
    toasts.info(
      saved.is_active
        ? 'Maintenance is on: no new server starts.'
        : 'Maintenance is off: servers start.'
    );
    props.onDone();
  };
  return (
    <Dialog title="Maintenance" accept="Save" onAccept={save} onClose={props.onClose}>
      <p>Servers that run go on. Nobody can start a new one.</p>
      <CheckField label="Block new servers" value={isBlocked} onChange={setBlocked} />
      <LongTextField label="Reason" value={message} onChange={setMessage} />
      <MomentField label="From" value={starts} onChange={setStarts} />
      <MomentField label="To" value={ends} onChange={setEnds} />
    </Dialog>
  );
}
