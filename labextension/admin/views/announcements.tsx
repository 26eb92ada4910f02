/**
 * Announcements to everybody, and maintenance.
 */
import { Checkbox } from '@jupyter/react-components';
import React, { useId, useState } from 'react';

import type { Page } from '../../src/base/schemas';

import { useAdmin } from '../context';
import { Badge, Button, Failure, LongTextField, Select } from '../controls';
import { Dialog } from '../dialog';
import { Moment } from '../format';
import { usePoll } from '../poll';
import type { Announcement, Level, Maintenance, Place } from '../schemas';
import { asError } from '../tablemodel';

const POLL_MS = 15_000;
const PLACES: readonly (readonly [Place, string])[] = [
  ['login', 'Log-in page'],
  ['spawn', 'Pages of the hub'],
  ['lab', 'Labs']
];

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
        <h2>Announcements</h2>
        {announcements.value?.items.length === 0 && (
          <p>
            Nothing is announced. What you announce is shown on the pages that you
            choose.
          </p>
        )}
        <ul className="orrery-admin-list">
          {announcements.value?.items.map(item => (
            <AnnouncementRow
              key={item.id}
              announcement={item}
              onEdit={() => setEdited(item)}
              onDelete={refresh}
            />
          ))}
        </ul>
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

function MaintenanceState({ maintenance }: { maintenance: Maintenance }): JSX.Element {
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

function AnnouncementRow(props: {
  announcement: Announcement;
  onEdit: () => void;
  onDelete: () => void;
}): JSX.Element {
  const { announcement } = props;
  const { api, toasts } = useAdmin();
  const remove = async () => {
    try {
      await api.call(`admin/announcements/${announcement.id}`, { method: 'DELETE' });
      toasts.info('The announcement is deleted.');
      props.onDelete();
    } catch (error) {
      toasts.error(asError(error));
    }
  };
  const places = PLACES.filter(([place]) => announcement.places.includes(place));
  return (
    <li className="orrery-admin-note">
      <p>
        {announcement.is_shown ? (
          <Badge level="good">Shown</Badge>
        ) : (
          <Badge>Not shown now</Badge>
        )}{' '}
        {announcement.level === 'warning' && <Badge level="warning">Warning</Badge>}{' '}
        {places.map(([place, label]) => (
          <Badge key={place}>{label}</Badge>
        ))}
      </p>
      <p>{announcement.text}</p>
      <p className="orrery-quiet">
        {announcement.created_by}, from <Moment when={announcement.starts} /> to{' '}
        <Moment when={announcement.ends} />
      </p>
      <Button onClick={props.onEdit}>Edit…</Button>{' '}
      <Button onClick={() => void remove()}>Delete</Button>
    </li>
  );
}

/** A moment in the person's own time; empty for none. */
function MomentField(props: {
  label: string;
  value: string | null;
  onChange: (value: string | null) => void;
}): JSX.Element {
  const id = useId();
  const local = props.value ? localInput(new Date(props.value)) : '';
  return (
    <p className="orrery-admin-select">
      <label htmlFor={id}>{props.label}</label>
      <input
        id={id}
        type="datetime-local"
        className="orrery-admin-input"
        value={local}
        onChange={event => {
          const text = event.currentTarget.value;
          props.onChange(text ? new Date(text).toISOString() : null);
        }}
      />
    </p>
  );
}

/** A moment as an input for local time has it. */
export function localInput(moment: Date): string {
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

function AnnounceDialog(props: {
  announcement: Announcement | undefined;
  onDone: () => void;
  onClose: () => void;
}): JSX.Element {
  const { announcement } = props;
  const { api, toasts } = useAdmin();
  const [text, setText] = useState(announcement?.text ?? '');
  const [level, setLevel] = useState<Level>(announcement?.level ?? 'info');
  const [places, setPlaces] = useState<readonly Place[]>(
    announcement?.places ?? ['login']
  );
  const [starts, setStarts] = useState(announcement?.starts ?? null);
  const [ends, setEnds] = useState(announcement?.ends ?? null);
  const save = async () => {
    const path = announcement ? `/${announcement.id}` : '';
    await api.call(`admin/announcements${path}`, {
      method: announcement ? 'PUT' : 'POST',
      body: { text, level, places, starts, ends }
    });
    toasts.info('It is announced.');
    props.onDone();
  };
  return (
    <Dialog
      title={announcement ? 'Edit announcement' : 'Announce something'}
      accept="Announce"
      isReady={text.trim() !== '' && places.length > 0}
      onAccept={save}
      onClose={props.onClose}
    >
      <LongTextField label="Text" value={text} onChange={setText} />
      <p>
        <Select
          label="Level"
          value={level}
          options={[
            ['info', 'Information'],
            ['warning', 'Warning']
          ]}
          onChange={setLevel}
        />
      </p>
      <fieldset className="orrery-admin-choice">
        <legend>Where</legend>
        {PLACES.map(([place, label]) => (
          <Checkbox
            key={place}
            checked={places.includes(place)}
            onChange={event => {
              const { checked } = event.target as unknown as HTMLInputElement;
              setPlaces(known => [
                ...known.filter(other => other !== place),
                ...(checked ? [place] : [])
              ]);
            }}
          >
            {label}
          </Checkbox>
        ))}
      </fieldset>
      <p className="orrery-quiet">
        Whoever reaches the hub can read what its log-in page and its other pages say.
      </p>
      <MomentField label="From" value={starts} onChange={setStarts} />
      <MomentField label="To" value={ends} onChange={setEnds} />
    </Dialog>
  );
}

function MaintenanceDialog(props: {
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
    toasts.info(saved.is_active ? 'No new server starts.' : 'Servers start.');
    props.onDone();
  };
  return (
    <Dialog title="Maintenance" accept="Save" onAccept={save} onClose={props.onClose}>
      <p>Servers that run go on. Nobody can start a new one.</p>
      <Checkbox
        checked={isBlocked}
        onChange={event =>
          setBlocked((event.target as unknown as HTMLInputElement).checked)
        }
      >
        Block new servers
      </Checkbox>
      <LongTextField label="Why" value={message} onChange={setMessage} />
      <MomentField label="From" value={starts} onChange={setStarts} />
      <MomentField label="To" value={ends} onChange={setEnds} />
    </Dialog>
  );
}
