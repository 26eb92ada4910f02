/**
 * Announcements to everybody, and maintenance.
 */
import React, { useState } from 'react';

import type { Page } from '../../../src/base/schemas';

import { useAct } from '../../act';
import { useAdmin } from '../../context';
import { Badge, Button, Failure } from '../../controls';
import { Moment } from '../../format';
import { usePoll } from '../../poll';
import type { Announcement, Maintenance } from '../../schemas';

import { AnnounceDialog, PLACES } from './announce';
import { MaintenanceDialog, MaintenanceState } from './maintenance';

const POLL_MS = 15_000;

export function AnnouncementsView(): JSX.Element {
  const announcements = usePoll<Page<Announcement>>(
    'admin/announcements?limit=200',
    POLL_MS
  );
  const maintenance = usePoll<Maintenance>('admin/maintenance', POLL_MS);
  const [edited, setEdited] = useState<Announcement | 'new'>();
  const [isMaintaining, setMaintaining] = useState(false);
  const error = announcements.error ?? maintenance.error;
  const refresh = () => {
    announcements.refresh();
    maintenance.refresh();
  };
  return (
    <div className="orrery-admin-view">
      <header className="orrery-admin-bar">
        <h1>Announcements</h1>
        <span className="orrery-admin-space" />
        <Button look="accent" onClick={() => setEdited('new')}>
          Announce…
        </Button>
        <Button onClick={() => setMaintaining(true)}>Maintenance…</Button>
      </header>
      <div className="orrery-admin-page">
        {error && <Failure error={error} onRetry={refresh} />}
        {maintenance.value && <MaintenanceState maintenance={maintenance.value} />}
        <Announcements
          items={announcements.value?.items}
          onEdit={setEdited}
          onChange={refresh}
        />
      </div>
      {edited && (
        <AnnounceDialog
          announcement={edited === 'new' ? undefined : edited}
          onDone={refresh}
          onClose={() => setEdited(undefined)}
        />
      )}
      {isMaintaining && maintenance.value && (
        <MaintenanceDialog
          maintenance={maintenance.value}
          onDone={refresh}
          onClose={() => setMaintaining(false)}
        />
      )}
    </div>
  );
}

function Announcements(props: {
  items: readonly Announcement[] | undefined;
  onEdit: (announcement: Announcement) => void;
  onChange: () => void;
}): JSX.Element {
  return (
    <>
      <h2>Announcements</h2>
      {props.items?.length === 0 && (
        <p>
          Nothing is announced. What you announce is shown on the pages that you choose.
        </p>
      )}
      <ul className="orrery-admin-list">
        {props.items?.map(item => (
          <AnnouncementRow
            key={item.id}
            announcement={item}
            onEdit={() => props.onEdit(item)}
            onChange={props.onChange}
          />
        ))}
      </ul>
    </>
  );
}

function AnnouncementRow(props: {
  announcement: Announcement;
  onEdit: () => void;
  onChange: () => void;
}): JSX.Element {
  const { announcement } = props;
  const { api } = useAdmin();
  const act = useAct();
  const path = `admin/announcements/${announcement.id}`;
  const remove = async () => {
    await api.call(path, { method: 'DELETE' });
    props.onChange();
    return 'The announcement is deleted.';
  };
  const end = async () => {
    const { text, level, places, starts } = announcement;
    const ends = new Date().toISOString();
    await api.call(path, {
      method: 'PUT',
      body: { text, level, places, starts, ends }
    });
    props.onChange();
    return 'The announcement is not shown any more.';
  };
  return (
    <li className="orrery-admin-note">
      <p>
        {announcement.is_shown ? (
          <Badge level="good">Shown</Badge>
        ) : (
          <Badge>Not shown now</Badge>
        )}{' '}
        {announcement.level === 'warning' && <Badge level="warning">Warning</Badge>}{' '}
        {PLACES.filter(([place]) => announcement.places.includes(place)).map(
          ([place, label]) => (
            <Badge key={place}>{label}</Badge>
          )
        )}
      </p>
      <p className="orrery-admin-prose">{announcement.text}</p>
      <p className="orrery-quiet">
        {announcement.created_by}, from <Moment when={announcement.starts} /> to{' '}
        <Moment when={announcement.ends} />
      </p>
      <Button onClick={props.onEdit}>Edit…</Button>{' '}
      {announcement.is_shown && <Button onClick={() => act(end)}>End Now</Button>}{' '}
      <Button onClick={() => act(remove)}>Delete</Button>
    </li>
  );
}
